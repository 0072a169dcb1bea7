//! What goes out to datagram peers: at once, or as answers that go together. An answer waits
//! for others only while nothing is watched, so that whoever watches sees each after what it
//! answers.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::datagram::Sender;
use sockeye_net::datagram::batch::Parcel;
use sockeye_net::error::Code;
use sockeye_tape::event::{Role, What};
use sockeye_text::cause::plain;

use super::Hall;
use crate::exchange::Act;

/// So many answers, or so many bytes of them, wait at most.
const MOST_WAITING: usize = 64;
const MOST_BYTES: usize = 1024 * 1024;

/// An answer that goes out with others.
#[derive(Debug)]
pub(super) struct Waiting {
    number: u64,
    bytes: Vec<u8>,
    to: Sender,
}

impl Hall<'_> {
    /// Whether something is to be done before the next datagram of a batch is looked at.
    pub(super) fn must_settle(&self) -> bool {
        self.journal.is_watched() || !self.fresh.is_empty()
    }

    /// Whether an answer may go out after the rest of its batch was looked at: where nobody
    /// could tell, and nothing ends by it.
    pub(super) fn may_wait(&self) -> bool {
        self.terms.role == Role::Accept
            && self.terms.plan.until.is_none()
            && !self.journal.is_watched()
    }

    /// Whether the answers that wait are to be sent before this is done.
    pub(super) fn comes_after_answers(&self, act: &Act) -> bool {
        if self.waiting.is_empty() {
            return false;
        }
        match act {
            Act::Send(..) => {
                let bytes: usize = self.waiting.iter().map(|waiting| waiting.bytes.len()).sum();
                !self.may_wait() || self.waiting.len() >= MOST_WAITING || bytes >= MOST_BYTES
            }
            Act::Frame(..) => false,
            _ => true,
        }
    }

    pub(super) fn let_wait(&mut self, number: u64, bytes: Vec<u8>, answer_to: Option<&Sender>) {
        let to = answer_to.or(self.peers.get(&number).map(|guest| &guest.address)).cloned();
        self.waiting.extend(to.map(|to| Waiting { number, bytes, to }));
    }

    /// The answers that wait go out, each to the one whom it answers. What cannot be sent to
    /// one is told of, and the others' go on.
    pub(super) async fn send_waiting(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let mut rest = waiting.as_slice();
        while let Some(first) = rest.first() {
            let parcels: Vec<_> = rest
                .iter()
                .map(|Waiting { bytes, to, .. }| Parcel { bytes, to: Some(to) })
                .collect();
            let patience = self.peers.get(&first.number).map(|guest| Arc::clone(&guest.patience));
            let sending = patience.unwrap_or_default();
            let count = match sending.send(&self.socket, &parcels).await {
                Ok(count) => count.max(1),
                Err(error) => {
                    self.unsent(first.number, Some(&first.to), &error);
                    rest = rest.get(1..).unwrap_or_default();
                    continue;
                }
            };
            let now = self.journal.clock().now();
            for sent in rest.iter().take(count) {
                self.went(now, sent);
            }
            rest = rest.get(count..).unwrap_or_default();
        }
        self.waiting = waiting;
        self.waiting.clear();
    }

    fn went(&mut self, now: Duration, sent: &Waiting) {
        self.journal.tally().went(sent.bytes.len());
        let Some(guest) = self.peers.get_mut(&sent.number) else {
            return;
        };
        guest.last = now;
        guest.count.bytes_out += sent.bytes.len() as u64;
        let mut acts = std::mem::take(&mut self.acts);
        guest.exchange.datagram_sent(now, &sent.bytes, &mut acts);
        let frames = acts.drain(..).filter(|act| matches!(act, Act::Frame(..)));
        guest.count.frames_out += frames.count() as u64;
        self.acts = acts;
    }

    fn unsent(&mut self, number: u64, to: Option<&Sender>, error: &io::Error) {
        let shown = to.or(self.socket.peer()).map(ToString::to_string).unwrap_or_default();
        let text = format!("cannot send to `{shown}`: {}", plain(error));
        let code = code_of(error);
        self.journal.record(number, What::Note { text: text.clone() });
        if self.terms.role == Role::Dial {
            return self.fail(number, code, text);
        }
        if let Some(text) = self.unsent.told(&text) {
            self.fail(number, code, text);
        }
    }

    /// Sends one datagram; returns why the conversation ends by it, if it does.
    pub(super) async fn send(
        &mut self,
        number: u64,
        bytes: &[u8],
        answer_to: Option<&Sender>,
    ) -> Option<&'static str> {
        let guest = self.peers.get_mut(&number)?;
        let accepted = self.terms.role == Role::Accept;
        let to = answer_to.filter(|to| accepted || Some(*to) != self.socket.peer());
        let to = if accepted { to.or(Some(&guest.address)) } else { to };
        // One that does not take its answers must not hold the others up.
        let sent = match self.terms.role {
            Role::Dial => self.socket.send(bytes, to).await,
            Role::Accept => {
                let parcel = Parcel { bytes, to };
                guest.patience.send(&self.socket, &[parcel]).await.map(|_| ())
            }
        };
        if let Err(error) = sent {
            let to = to.cloned();
            self.unsent(number, to.as_ref(), &error);
            return None;
        }
        let now = self.journal.clock().now();
        guest.last = now;
        guest.count.bytes_out += bytes.len() as u64;
        self.journal.tally().went(bytes.len());
        if self.journal.is_watched() {
            let shown = to.or(self.socket.peer()).map(ToString::to_string);
            self.journal.record(number, What::Out { bytes: bytes.into(), to: shown });
        }
        let mut acts = Vec::new();
        guest.exchange.datagram_sent(now, bytes, &mut acts);
        let mut ends = None;
        for act in acts {
            match act {
                Act::Frame(dir, off, len) => {
                    guest.count.frames_out += 1;
                    self.journal.record(number, What::Frame { dir, off, len });
                }
                Act::End(why) => ends = Some(why),
                _ => {}
            }
        }
        ends
    }
}

fn code_of(error: &io::Error) -> Code {
    if error.kind() == io::ErrorKind::InvalidInput { Code::Limit } else { Code::of(error) }
}
