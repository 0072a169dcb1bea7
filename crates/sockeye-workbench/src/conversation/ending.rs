//! The ways in which a conversation ends: either side's end, a timer, a break, a word; and
//! what is still done after that.

use std::future::poll_fn;
use std::io;
use std::time::Duration;

use sockeye_net::came::Came;
use sockeye_net::error::Code;
use sockeye_net::gone::Gone;
use sockeye_net::mover::{Broken, Moved};
use sockeye_net::whole::End;
use sockeye_tape::event::{By, How, What};

use super::input::Input;
use super::{OurEnd, Over, PeersEnd, Talk};
use crate::closing::{Closing, Failure, Fate, LastLook, Parting};
use crate::plan::{AfterOurEnd, AfterPeersEnd};

/// How long a peer that reads nothing may hold up an end that we decided on.
const PARTING: Duration = Duration::from_secs(5);
/// How long a peer that has no half-close may take to answer our end.
const FAREWELL: Duration = Duration::from_secs(1);

/// How much of what a peer still says is taken at parting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// One recv.
    One,
    /// All, to its end.
    End,
}

impl Talk<'_> {
    pub(super) fn peer_ends(&mut self, words: Option<String>) {
        self.peer_ended = PeersEnd::Came;
        self.mark_end(By::Peer, How::Fin);
        if let Some((By::Peer, How::Fin, unsaid @ None)) = &mut self.first {
            *unsaid = words;
        }
    }

    pub(super) fn after_peers_end(&mut self) {
        if self.owes() {
            return;
        }
        let sends_on = self.terms.plan.after_peers_end == AfterPeersEnd::SendOn;
        // What ends both ways leaves nobody to send to.
        let ends_both = self.stream.writer.end() == End::BothWays;
        if self.exchange.plays_on() && !ends_both {
            return;
        }
        if !sends_on || !self.terms.input.is_open() || ends_both {
            self.our_end = self.our_end.due();
        }
    }

    /// Our own end, once nothing waits to be sent; the close, once both ends are there.
    pub(super) async fn finish_if_due(&mut self) {
        if self.our_end == OurEnd::Due && self.outbox.is_empty() && !self.may_finish() {
            return;
        }
        if self.our_end == OurEnd::Due && self.outbox.is_empty() {
            self.our_end = OurEnd::Sent;
            self.finished = true;
            self.mark_end(By::Us, How::Fin);
            if let Err(error) = self.stream.writer.finish().await
                && self.peer_ended == PeersEnd::Open
                && Code::of(&error) != Code::Reset
                && error.kind() != io::ErrorKind::NotConnected
            {
                self.broken("send to", &error);
            }
        }
        if self.peer_ended == PeersEnd::Taken && self.our_end == OurEnd::Sent {
            self.done = true;
        }
    }

    /// Whether our end can be told now. Where it would end the peer's way too, it waits for
    /// the peer's end, or for a limit.
    fn may_finish(&mut self) -> bool {
        if self.stream.writer.end() == End::OneWay || self.peer_ended == PeersEnd::Taken {
            return true;
        }
        if self.exchange.plays_on() {
            // The rest of the script is still to come.
            return false;
        }
        if self.terms.plan.after_our_end == AfterOurEnd::Part {
            self.end(By::Us, How::Fin, Some("all is sent".to_owned()));
        } else if self.ended.is_none() {
            self.ended = Some(self.journal.clock().now());
            if self.terms.plan.expect.is_some() {
                return false;
            }
            self.journal.say(format!(
                "note: `{}:` has no half-close: after the end of our input it goes on until \
                 the peer's end (`-q SECS` bounds that)",
                self.stream.facts.proto
            ));
        }
        false
    }

    pub(super) fn time_is_up(&mut self) {
        let now = self.journal.clock().now();
        let mut acts = Vec::new();
        self.exchange.tick(now, &mut acts);
        self.act(acts);
        let plan = &self.terms.plan;
        if let Some(limit) = plan.idle_timeout.filter(|limit| now >= self.last + *limit) {
            return self.end(By::Us, How::Timer, Some(format!("silent for {limit:?}")));
        }
        if let Some((limit, ended)) = plan.quit_after.zip(self.ended)
            && now >= ended + limit
        {
            return self.end(By::Us, How::Timer, Some(format!("`-q`: {limit:?} after the end")));
        }
        if self.last_words.is_some_and(|until| now >= until) {
            self.done = true;
            return;
        }
        if self.asks() && self.stream.gone() == Gone::Yes {
            self.our_end = self.our_end.due();
        }
    }

    /// The peer takes no more. What it still says is read, for a while.
    pub(super) fn write_failed(&mut self, error: &io::Error) {
        let lost = self.waiting;
        self.outbox.clear();
        self.waiting = 0;
        self.our_end = OurEnd::Sent;
        let mut failure = Failure::broken("send to", &self.peer(), error);
        failure.text = format!("{}; {lost} bytes were not sent", failure.text);
        let how = if failure.code == Code::Reset { How::Rst } else { How::Error };
        self.mark_end(By::Peer, how);
        self.failure.get_or_insert(failure);
        self.last_words = Some(self.journal.clock().now() + PARTING);
        self.done = self.peer_ended == PeersEnd::Taken;
    }

    pub(super) fn peer(&self) -> String {
        self.stream.facts.peer_endpoint()
    }

    pub(super) fn broken(&mut self, doing: &str, error: &io::Error) {
        let failure = Failure::broken(doing, &self.peer(), error);
        let how = if failure.code == Code::Reset { How::Rst } else { How::Error };
        self.failure.get_or_insert(failure);
        self.end(By::Peer, how, None);
    }

    pub(super) fn mark_end(&mut self, by: By, how: How) {
        self.ended.get_or_insert(self.journal.clock().now());
        self.first.get_or_insert((by, how, None));
    }

    /// Ends the conversation as soon as what waits has been sent.
    pub(super) fn end(&mut self, by: By, how: How, why: Option<String>) {
        self.mark_end(by, how);
        // Who began it stays; what ended the wait for the other side is worth a word.
        if let Some((_, _, unsaid @ None)) = &mut self.first {
            *unsaid = why;
        }
        self.done = true;
    }

    /// What waits goes out (bounded in time), then our end, then what has already come
    /// is taken, so that the close is a FIN and not a RST.
    pub(super) async fn part(&mut self) {
        if self.first.as_ref().is_some_and(|(_, how, _)| *how == How::Rst) {
            return;
        }
        let parting = async {
            while let Some((front, kind)) = self.outbox.front() {
                let front = front.get(self.written..).unwrap_or_default();
                match self.stream.writer.send(front, *kind).await {
                    Ok(count) => self.wrote(count),
                    Err(_) => return,
                }
            }
            if self.send_rest().await.is_err() {
                return;
            }
            if self.our_end != OurEnd::Sent {
                self.finished = true;
                // The peer may be gone by now: then there is nobody to tell.
                drop(self.stream.writer.finish().await);
            }
        };
        if tokio::time::timeout(PARTING, parting).await.is_err() {
            let text = format!("`{}` did not take the last {} bytes", self.peer(), self.waiting);
            let hint = Some("it may read slowly: end it later, or wait longer".to_owned());
            self.failure.get_or_insert(Failure { code: Code::Timeout, text, hint });
            self.stream.writer.abort();
            self.fate = Fate::Lost;
        }
        if self.is_not_taking() {
            let text = format!("`{}` did not take what stdin still holds", self.peer());
            let hint = Some("it may read slowly: end it later, or wait longer".to_owned());
            self.failure.get_or_insert(Failure { code: Code::Timeout, text, hint });
        }
        if self.peer_ended == PeersEnd::Open {
            // Not waiting at all still takes what is there. A WebSocket's end is answered.
            let (patience, until) = if self.stream.writer.keeps_messages() {
                (FAREWELL, Until::End)
            } else {
                (Duration::ZERO, Until::One)
            };
            drop(tokio::time::timeout(patience, self.take_last_words(until)).await);
        }
    }

    /// What was taken to be sent, and has not gone, goes out.
    pub(super) async fn send_rest(&mut self) -> io::Result<()> {
        while let Some(mover) = self.terms.input.outward().filter(|mover| mover.held() > 0) {
            let writer = &mut self.stream.writer;
            match poll_fn(|cx| mover.poll_give(cx, writer)).await {
                Ok(Moved::Bytes { given, .. }) => self.count_out(given),
                Ok(Moved::Told(_) | Moved::End(_)) => {}
                Err(Broken::Source(error) | Broken::Target(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// What has come by now or, where our end ends both ways, what comes before the peer's.
    async fn take_last_words(&mut self, until: Until) {
        if matches!(self.terms.input, Input::Straight(_)) {
            return self.take_straight().await;
        }
        let number = self.terms.number;
        loop {
            let size = self.terms.plan.read_size(self.reads);
            let (bytes, kind) = match self.stream.reader.recv(size).await {
                Ok(Came::Bytes(bytes)) => (bytes, None),
                Ok(Came::Message(bytes, kind)) => (bytes, Some(kind)),
                Ok(Came::Told(_)) => continue,
                Ok(Came::End(_)) | Err(_) => return,
            };
            self.count.bytes_in += bytes.len() as u64;
            let what = What::In { bytes: bytes.as_slice().into(), from: None };
            self.journal.record(number, what);
            if kind.is_some() {
                self.count.frames_in += 1;
                self.journal.end_message(&bytes, kind);
            }
            if until == Until::One {
                return;
            }
        }
    }

    /// A child that has been talked to to its end has time to finish its work; one whose
    /// conversation was cut has not. A child that fails makes the conversation fail.
    pub(super) async fn end_child(&mut self) {
        let whole = self.peer_ended == PeersEnd::Taken && !self.terms.stop.is_cancelled();
        if whole {
            let exit = tokio::select! {
                exit = self.stream.reader.exit() => exit,
                () = self.terms.stop.cancelled() => None,
            };
            let failure =
                exit.and_then(|exit| Failure::of_child(&self.stream.facts.peer.to_string(), &exit));
            self.failure = self.failure.take().or(failure);
        }
        self.stream.reader.end_child().await;
    }

    pub(super) async fn over(&mut self) -> Over {
        self.end_turns();
        let peers_end = self.peer_ended == PeersEnd::Taken;
        let parting = Parting { our_end: self.finished, peers_end, fate: self.fate };
        let last_look = LastLook::at(&self.stream, parting);
        self.end_child().await;
        if let Some((fails, text)) = self.exchange.verdict() {
            if fails {
                let failure = Failure::differing(text.clone());
                self.failure.get_or_insert(failure);
            }
            self.journal.tell(self.terms.number, text);
        }
        let (by, how, why) = self.first.take().unwrap_or((By::Us, How::Fin, None));
        let closing = Closing {
            by,
            how,
            why,
            count: self.count,
            framed: self.exchange.is_framed(),
            lasted: self.journal.clock().now().saturating_sub(self.opened),
            met: self.met,
            failure: self.failure.take(),
            last_look,
            moved: self.terms.input.straight().map(|straight| straight.means()),
        };
        self.journal.record(self.terms.number, What::Close(closing.event()));
        self.journal.settle().await;
        Over {
            peer: self.stream.facts.peer.clone(),
            closing,
            input: std::mem::take(&mut self.terms.input),
        }
    }
}
