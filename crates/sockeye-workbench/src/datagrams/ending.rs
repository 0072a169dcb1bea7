//! How conversations over one datagram socket end: silence, a word, an operator, a script
//! that is over; and what time brings before that.

use std::sync::Arc;
use std::time::Duration;

use sockeye_tape::event::{By, How, Role, What};

use super::{Guest, Hall};
use crate::closing::{Closing, Count, Failure, LastLook};
use crate::journal::worth_telling;

/// At the end so many are told of by a line each, and the others by their number.
const MOST_LINES: usize = 10;

impl Hall<'_> {
    pub(super) fn close_kicked(&mut self) {
        let kicks = self.roster.kicks();
        if std::mem::replace(&mut self.kicks, kicks) == kicks {
            return;
        }
        let kicked =
            |(number, guest): (&u64, &Guest<'_>)| guest.kicked.is_cancelled().then_some(*number);
        let numbers: Vec<u64> = self.peers.iter().filter_map(kicked).collect();
        for number in numbers {
            self.close(number, How::Fin, "closed by its operator");
        }
    }

    pub(super) fn deadline(&mut self) -> Option<Duration> {
        let plan = &self.terms.plan;
        if let Some(limit) = plan.idle_timeout
            && self.silence.is_none()
        {
            self.silence = self.peers.values().map(|guest| guest.last + limit).min();
        }
        let quit = plan.quit_after.zip(self.finished).map(|(limit, at)| at + limit);
        // Only a script waits for something: a datagram is whole when it comes.
        let script = plan
            .playing
            .as_ref()
            .and_then(|_| self.peers.values().filter_map(|guest| guest.exchange.deadline()).min());
        [self.silence, quit, script].into_iter().flatten().min()
    }

    pub(super) async fn time_is_up(&mut self) {
        let now = self.journal.clock().now();
        self.tick(now).await;
        let plan = Arc::clone(&self.terms.plan);
        if let Some((limit, at)) = plan.quit_after.zip(self.finished)
            && now >= at + limit
        {
            return match limit {
                Duration::ZERO => self.close_all(How::Fin, "all is sent"),
                _ => self.close_all(How::Timer, &format!("`-q`: {limit:?} after the end of input")),
            };
        }
        let Some(limit) = plan.idle_timeout else {
            return;
        };
        if self.silence.is_some_and(|at| now < at) {
            return;
        }
        self.silence = None;
        let silent: Vec<u64> = self
            .peers
            .iter()
            .filter(|(_, guest)| now >= guest.last + limit)
            .map(|(number, _)| *number)
            .collect();
        for number in silent {
            self.close(number, How::Timer, &format!("silent for {limit:?}"));
        }
    }

    /// What is due in the exchanges by now: a script goes on, say.
    async fn tick(&mut self, now: Duration) {
        let due = |(number, guest): (&u64, &Guest<'_>)| {
            guest.exchange.deadline().is_some_and(|at| now >= at).then_some(*number)
        };
        let numbers: Vec<u64> = self.peers.iter().filter_map(due).collect();
        for number in numbers {
            let mut acts = Vec::new();
            if let Some(guest) = self.peers.get_mut(&number) {
                guest.exchange.tick(now, &mut acts);
            }
            self.act(number, &mut acts, None).await;
        }
    }

    pub(super) fn dismiss_stalest(&mut self) {
        let last = |number| self.peers.get(&number).map(|guest| guest.last);
        let Some(number) = self.stale.take(last) else {
            return;
        };
        let why = "silent for longest, and there were too many";
        if let Some(closing) = self.part_with(number, How::Timer, why) {
            self.dismissed += 1;
            let times = self.dismissed;
            if worth_telling(times) {
                self.journal.say(format!("#{number} {closing} (dismissal {times})"));
            }
        }
    }

    pub(super) fn close_all(&mut self, how: How, why: &str) {
        let mut numbers: Vec<u64> = self.peers.keys().copied().collect();
        numbers.sort_unstable();
        let more = numbers.split_off(numbers.len().min(MOST_LINES));
        for number in numbers {
            self.close(number, how, why);
        }
        let count = more.len();
        for number in more {
            self.part_with(number, how, why);
        }
        if count > 0 {
            self.journal.say(format!("and {count} more peers: {why}"));
        }
        if self.result.is_none() {
            let now = self.journal.clock().now();
            self.result = Some(hall_never_used(now, self.opened));
        }
    }

    pub(super) fn close(&mut self, number: u64, how: How, why: &str) {
        let Some(closing) = self.part_with(number, how, why) else {
            return;
        };
        if self.terms.role == Role::Accept {
            self.journal.say(format!("#{number} {closing}"));
        }
        if self.terms.role == Role::Dial || self.terms.first_alone {
            self.result.get_or_insert(closing);
        }
    }

    /// Ends one, and leaves it to the caller to tell of it.
    fn part_with(&mut self, number: u64, how: How, why: &str) -> Option<Closing> {
        let guest = self.peers.remove(&number)?;
        self.senders.remove(&(guest.address, guest.ear));
        if self.stale.is_littered(self.peers.len()) {
            self.stale.sweep(|number| self.peers.contains_key(&number));
        }
        self.end_turns(number);
        let met = guest.met;
        let mut failure = guest.failure;
        if let Some((fails, text)) = guest.exchange.verdict() {
            if fails {
                failure.get_or_insert(Failure::differing(text.clone()));
            }
            self.journal.tell(number, text);
        }
        let closing = Closing {
            by: By::Us,
            how,
            why: Some(why.to_owned()),
            count: guest.count,
            framed: guest.exchange.is_framed(),
            lasted: self.journal.clock().now().saturating_sub(guest.opened),
            met,
            failure,
            last_look: LastLook::default(),
            moved: None,
        };
        self.journal.record(number, What::Close(closing.event()));
        Some(closing)
    }
}

pub(super) fn hall_never_used(now: Duration, opened: Duration) -> Closing {
    Closing {
        by: By::Us,
        how: How::Fin,
        why: Some("stopped".to_owned()),
        count: Count::default(),
        framed: false,
        lasted: now.saturating_sub(opened),
        met: false,
        failure: None,
        last_look: LastLook::default(),
        moved: None,
    }
}
