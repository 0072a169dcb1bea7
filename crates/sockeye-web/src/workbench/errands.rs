//! What a run was told to do over a while: sequences, and files on their way. Each can be
//! looked at and stopped; the last ones that ended are still told of.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::workbench::refusal::Refusal;

/// So many may be under way in a run.
const AT_ONCE: usize = 16;

/// So many that ended are told of.
const ENDED: usize = 20;

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// Steps, once or again and again.
    Steps,
    /// A file in pieces; it is counted in bytes.
    File,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is under way.
    Running,
    /// All was done.
    Done,
    /// Something that was expected did not come.
    Missed,
    /// The user, or the end of the run, stopped it.
    Stopped,
    /// It could not go on.
    Failed,
}

/// One of them, as a page sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Errand {
    /// Its number in its run.
    pub sequence: u64,
    /// What it is.
    pub what: What,
    /// How far it has come.
    pub state: State,
    /// So many times, or bytes, are done.
    pub done: u64,
    /// Of so many; none: until it is stopped.
    pub times: Option<u64>,
    /// What it is at.
    pub at: Option<String>,
    /// Why it ended as it did.
    pub why: Option<String>,
}

/// Those of a run.
#[derive(Debug, Default)]
pub struct Errands {
    /// Guards the list alone; nothing is awaited under it.
    list: Mutex<BTreeMap<u64, (Errand, CancellationToken)>>,
    next: AtomicU64,
    changes: AtomicU64,
}

/// One under way: whoever runs it tells how far it has come. Dropped, it is over.
#[derive(Debug)]
pub struct Ticket {
    errands: Arc<Errands>,
    /// Its number.
    pub number: u64,
    /// Cancelled when it is to stop.
    pub stop: CancellationToken,
}

impl Errands {
    /// Begins one; `stop` ends it with its run.
    pub fn begin(
        self: &Arc<Self>,
        what: What,
        times: Option<u64>,
        stop: CancellationToken,
    ) -> Result<Ticket, Refusal> {
        let mut list = self.list();
        let running = list.values().filter(|(errand, _)| errand.state == State::Running).count();
        if running >= AT_ONCE {
            let text = format!("{AT_ONCE} sequences and files are under way in this run");
            return Err(Refusal::too_many(text).hint("stop one of them, or wait for its end"));
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let errand = Errand {
            sequence: number,
            what,
            state: State::Running,
            done: 0,
            times,
            at: None,
            why: None,
        };
        list.insert(number, (errand, stop.clone()));
        drop(list);
        self.changed();
        Ok(Ticket { errands: Arc::clone(self), number, stop })
    }

    /// Stops one; false where there is none of that number.
    pub fn stop(&self, number: u64) -> bool {
        let list = self.list();
        let Some((_, stop)) = list.get(&number) else { return false };
        stop.cancel();
        true
    }

    /// As a page sees them, by number.
    pub fn shown(&self) -> Vec<Errand> {
        self.list().values().map(|(errand, _)| errand.clone()).collect()
    }

    /// How often something of them has changed.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// The oldest that are over are told of no more.
    fn forget(&self) {
        let mut list = self.list();
        let over = |(errand, _): &(Errand, CancellationToken)| errand.state != State::Running;
        let many = list.values().filter(|entry| over(entry)).count().saturating_sub(ENDED);
        let old: Vec<u64> =
            list.iter().filter(|(_, entry)| over(entry)).map(|(n, _)| *n).take(many).collect();
        for number in old {
            list.remove(&number);
        }
    }

    fn list(&self) -> MutexGuard<'_, BTreeMap<u64, (Errand, CancellationToken)>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Tells how far it has come.
    pub fn tell(&self, change: impl FnOnce(&mut Errand)) {
        if let Some((errand, _)) = self.errands.list().get_mut(&self.number) {
            change(errand);
        }
        self.errands.changed();
    }

    /// It is over.
    pub fn end(self, state: State, why: Option<String>) {
        self.tell(|errand| {
            errand.state = state;
            errand.why = why;
        });
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.tell(|errand| {
            if errand.state == State::Running {
                errand.state = State::Stopped;
            }
        });
        self.errands.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(errands: &Arc<Errands>) -> Result<Ticket, Refusal> {
        errands.begin(What::Steps, Some(3), CancellationToken::new())
    }

    #[test]
    fn one_that_is_dropped_was_stopped_and_one_that_ended_says_how() {
        let errands = Arc::new(Errands::default());
        let (first, second) = (begin(&errands).unwrap(), begin(&errands).unwrap());
        assert!(errands.stop(first.number) && first.stop.is_cancelled());
        drop(first);
        second.end(State::Missed, Some("no answer".into()));
        let states: Vec<State> = errands.shown().iter().map(|errand| errand.state).collect();
        assert_eq!(states, [State::Stopped, State::Missed]);
        assert!(!errands.stop(9));
    }

    #[test]
    fn many_may_be_begun_one_after_the_other_and_few_at_once() {
        let errands = Arc::new(Errands::default());
        for _ in 0..100 {
            drop(begin(&errands).unwrap());
        }
        assert_eq!(errands.shown().len(), ENDED);
        let running: Vec<_> = (0..AT_ONCE).map(|_| begin(&errands).unwrap()).collect();
        assert_eq!(begin(&errands).unwrap_err().status.as_u16(), 503);
        drop(running);
    }
}
