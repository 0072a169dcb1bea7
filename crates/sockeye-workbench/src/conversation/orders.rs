//! What a conversation is told to do: to send, to end, to say how things stand.

use sockeye_net::came::Kind;
use sockeye_net::error::Code;
use sockeye_net::tcp_info::TcpInfo;

use super::{OurEnd, PeersEnd, Talk};
use crate::closing::Failure;
use crate::fares::Fares;
use crate::roster::{Addressed, Order};

impl Talk<'_> {
    pub(super) fn post(&mut self, bytes: Vec<u8>, kind: Option<Kind>) {
        // Nothing is a message too, where messages are kept apart.
        let something = !bytes.is_empty() || self.stream.writer.keeps_messages();
        if something && self.our_end != OurEnd::Sent {
            self.waiting += bytes.len();
            self.outbox.push_back((bytes, kind));
        }
    }

    pub(super) fn obey(&mut self, order: Option<Addressed>) {
        match order {
            Some((_, Order::Send(payload))) => match self.exchange.seal(payload) {
                Ok(bytes) => self.post(bytes, None),
                Err(error) => self.not_sent(&error.to_string()),
            },
            Some((_, Order::Broken { text })) => {
                self.not_sent(&text);
                self.our_end = self.our_end.due();
            }
            Some((_, Order::Raw(bytes))) => self.post(bytes, None),
            Some((_, Order::Finish { empty: true })) | None if self.terms.plan.keep_open => {
                self.terms.input.end();
                if self.peer_ended == PeersEnd::Taken {
                    self.our_end = OurEnd::Due;
                }
            }
            Some((_, Order::Finish { .. })) | None => self.our_end = OurEnd::Due,
            Some((_, Order::Info)) => self.inform(),
            Some((_, Order::Control(control))) => {
                if let Err(error) = self.stream.writer.control(control) {
                    self.not_sent(&sockeye_text::cause::plain(&error));
                }
            }
        }
    }

    /// Something that was to be sent cannot be.
    pub(super) fn not_sent(&mut self, why: &str) {
        let text = format!("not sent: {why}");
        if self.terms.plan.forgiving {
            return self.journal.say(text);
        }
        self.failure.get_or_insert(Failure::new(Code::Usage, text));
    }

    /// How the connection fares, for whoever asked every conversation.
    pub(super) fn answer(&mut self) {
        let questions = self.attendant.questions();
        let line = questions.want_lines()
            && TcpInfo::of(&self.stream).is_some()
            && self.attendant.take_place();
        if !line && !questions.want_fares() {
            return;
        }
        let fares = Fares::of_stream(self.terms.number, &self.stream);
        if let Some(line) = fares.line().filter(|_| line) {
            self.journal.say(line);
        }
        questions.answer(&[fares]);
    }

    pub(super) fn inform(&self) {
        for line in Fares::of_stream(self.terms.number, &self.stream).lines() {
            self.journal.say(line);
        }
    }
}
