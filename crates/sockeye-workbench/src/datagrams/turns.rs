//! Datagram conversations in turn: our turn with each peer, and the typed line that takes it.

use sockeye_tape::event::{How, Role};

use super::Hall;
use crate::lines::Fetched;
use crate::plan::Turns;

impl Hall<'_> {
    pub(super) fn begin_turns(&self, number: u64) {
        if let Some(turns) = &self.terms.plan.turns {
            turns.lines.enter(number);
        }
    }

    pub(super) fn end_turns(&self, number: u64) {
        let Some(turns) = &self.terms.plan.turns else {
            return;
        };
        let lost = turns.lines.leave(number);
        if lost > 0 {
            self.journal.say(format!("#{number} has left: {lost} lines for it were not sent"));
        }
    }

    pub(super) fn want_line(&self, number: u64) {
        if let Some(turns) = &self.terms.plan.turns {
            // Who asks for too much at once gets fewer answers: datagrams may be lost anyway.
            turns.lines.want(number);
        }
    }

    /// A line that a conversation wanted; none: the input has ended.
    pub(super) async fn typed(&mut self, number: u64, line: Option<Vec<u8>>) {
        let mut acts = Vec::new();
        if let Some(guest) = self.peers.get_mut(&number) {
            match line {
                Some(line) => guest.exchange.say(line, &mut acts),
                None => guest.exchange.say_farewell(&mut acts),
            }
        }
        self.act(number, &mut acts, None).await;
        // What could not be sent is not answered either.
        let failed = self.peers.get(&number).is_some_and(|guest| guest.failure.is_some());
        if failed && self.terms.role == Role::Dial {
            self.close(number, How::Error, "it could not be sent");
        }
    }

    pub(super) fn tell(&self, number: u64, message: &[u8]) {
        let accepted = self.terms.role == Role::Accept;
        let peer = self.peers.get(&number).filter(|_| accepted);
        let from = peer.map(|guest| guest.address.to_string());
        self.journal.message(number, from.as_deref(), message, self.terms.plan.tells);
    }

    /// Whether a refusal by the network means that what is waited for will not come.
    pub(super) fn awaits_answer(&self) -> bool {
        let plan = &self.terms.plan;
        plan.expect.is_some() || plan.turns.is_some() || plan.ends_after.is_some()
    }
}

/// The next line that any conversation wants. Cancel-safe.
pub(super) async fn typed(turns: Option<&Turns>) -> Fetched {
    match turns {
        Some(turns) => turns.lines.fetch(None).await,
        None => std::future::pending().await,
    }
}
