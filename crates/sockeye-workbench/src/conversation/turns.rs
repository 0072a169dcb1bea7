//! Both sides in turn: our own turn, the typed line that takes it, and what is told of the
//! peer's.

use sockeye_tape::event::Role;

use super::{OurEnd, PeersEnd, Talk};
use crate::plan::Turns;

impl Talk<'_> {
    pub(super) fn begin_turns(&mut self) {
        if let Some(turns) = &self.terms.plan.turns {
            turns.lines.enter(self.terms.number);
        }
    }

    pub(super) fn end_turns(&mut self) {
        let Some(turns) = &self.terms.plan.turns else {
            return;
        };
        let number = self.terms.number;
        let lost = turns.lines.leave(number);
        if lost > 0 {
            self.journal.say(format!("#{number} has left: {lost} lines for it were not sent"));
        }
    }

    /// It is our turn.
    pub(super) fn want_line(&mut self) {
        let turns = self.terms.plan.turns.as_ref();
        if turns.is_some_and(|turns| turns.lines.want(self.terms.number)) {
            self.wants += 1;
        }
    }

    /// A line that was wanted; none: the input has ended.
    pub(super) fn typed(&mut self, line: Option<Vec<u8>>) {
        self.wants = self.wants.saturating_sub(1);
        let mut acts = Vec::new();
        match line {
            Some(line) => self.exchange.say(line, &mut acts),
            None => self.exchange.say_farewell(&mut acts),
        }
        self.act(acts);
        if self.peer_ended == PeersEnd::Taken && !self.owes() {
            self.our_end = self.our_end.due();
        }
    }

    /// Whether a caller that has ended its side may still wait for its answer.
    pub(super) fn owes(&self) -> bool {
        self.wants > 0 && self.terms.role == Role::Accept && self.our_end == OurEnd::Open
    }

    pub(super) fn tell(&self, message: &[u8]) {
        if let Some(turns) = &self.terms.plan.turns {
            turns.lines.heard();
        }
        let accepted = self.terms.role == Role::Accept;
        let from = accepted.then(|| self.stream.facts.peer.to_string());
        self.journal.message(self.terms.number, from.as_deref(), message, self.terms.plan.tells);
    }
}

/// The next typed line for this conversation. Cancel-safe.
pub(super) async fn typed(turns: Option<&Turns>, number: u64) -> Option<Vec<u8>> {
    match turns {
        Some(turns) => turns.lines.fetch(Some(number)).await.1,
        None => std::future::pending().await,
    }
}
