//! What many clients came to: counted in one place while they are at it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::bench::histogram::Histogram;
use crate::bench::request::Wrong;
use crate::clock::Clock;

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Count {
    /// How long each right answer took.
    pub times: Histogram,
    /// Answers that were not those expected.
    pub wrong: u64,
    /// Datagrams that nothing came back for in time.
    pub lost: u64,
    /// Datagrams that answered once more what was answered before.
    pub doubled: u64,
    /// Connections that could not be made, broke, or were closed before the answer was whole.
    pub failed: u64,
    /// The first thing that went wrong.
    pub why: Option<String>,
    /// The right answers of each client.
    pub of_each: Vec<u64>,
}

impl Count {
    /// The fewest answers that one client got.
    pub fn fewest(&self) -> u64 {
        self.of_each.iter().copied().min().unwrap_or(0)
    }

    /// The most that one client got.
    pub fn most(&self) -> u64 {
        self.of_each.iter().copied().max().unwrap_or(0)
    }

    /// Clients that got no right answer while the time ran. (Once it is up the others hang up,
    /// and a server that serves one at a time gets to them.)
    pub fn starved(&self) -> u64 {
        self.of_each.iter().filter(|answers| **answers == 0).count() as u64
    }
}

/// Whether a client asks on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It does.
    On,
    /// The time is up.
    End,
}

/// Clients at work.
#[derive(Debug)]
pub(crate) struct Crowd {
    clock: Clock,
    /// Guards the count; nothing is awaited under it.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    count: Count,
    start: Duration,
    end: Duration,
}

impl Crowd {
    /// So many clients, none of which has been answered.
    pub(crate) fn of(clients: usize, clock: Clock) -> Self {
        let count = Count { of_each: vec![0; clients], ..Count::default() };
        Self {
            clock,
            state: Mutex::new(State { count, start: Duration::ZERO, end: Duration::MAX }),
        }
    }

    /// The time.
    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    /// From now on it is measured, for so long: answers that come later do not count.
    pub(crate) fn begin(&self, time: Duration) {
        let now = self.now();
        let mut state = self.state();
        (state.start, state.end) = (now, now + time);
    }

    /// Nothing that comes later counts. Returns how long it was measured.
    pub(crate) fn stop(&self) -> Duration {
        let now = self.now();
        let mut state = self.state();
        state.end = now.min(state.end);
        state.end.saturating_sub(state.start)
    }

    /// A whole answer came, asked for at `since`.
    pub(crate) fn answered(
        &self,
        client: usize,
        since: Duration,
        now: Duration,
        judged: Result<(), Wrong>,
    ) -> Then {
        let mut state = self.state();
        let counts = now <= state.end;
        let count = &mut state.count;
        if let Err(wrong) = judged {
            count.wrong += 1;
            count.why.get_or_insert_with(|| format!("an answer is wrong: {wrong}"));
        } else if let Some(own) = count.of_each.get_mut(client).filter(|_| counts) {
            *own += 1;
            count.times.record(now.saturating_sub(since));
        }
        if counts { Then::On } else { Then::End }
    }

    /// Nothing came back within the time that an answer has.
    pub(crate) fn lost(&self) -> Then {
        let now = self.now();
        let mut state = self.state();
        state.count.lost += 1;
        if now <= state.end { Then::On } else { Then::End }
    }

    /// An answer came once more.
    pub(crate) fn doubled(&self) {
        self.state().count.doubled += 1;
    }

    /// A connection failed, or was closed too early. Of what happens once the time is up,
    /// nothing is counted.
    pub(crate) fn failed(&self, why: impl FnOnce() -> String) -> Then {
        let now = self.now();
        let mut state = self.state();
        if now > state.end {
            return Then::End;
        }
        state.count.failed += 1;
        state.count.why.get_or_insert_with(why);
        Then::On
    }

    /// What has been counted by now, looked at in place.
    pub(crate) fn look<R>(&self, at: impl FnOnce(&Count) -> R) -> R {
        at(&self.state().count)
    }

    /// What was counted; nothing is left.
    pub(crate) fn taken(&self) -> Count {
        std::mem::take(&mut self.state().count)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
