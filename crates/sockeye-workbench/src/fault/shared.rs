//! The faults of a relay, which can be changed while it runs.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sockeye_wire::framing::Framing;
use tokio::sync::watch;

use crate::fault::seed::Place;
use crate::fault::show::list;
use crate::fault::stream::Disturber;
use crate::fault::{Dir, Fault};

/// The set in force, and the seed of all draws. Shared by the relay's conversations.
#[derive(Debug)]
pub struct Faults {
    seed: u64,
    subjects: AtomicU64,
    set: watch::Sender<Arc<[Fault]>>,
}

impl Faults {
    /// These faults from the start.
    pub fn new(faults: Vec<Fault>, seed: u64) -> Self {
        Self { seed, subjects: AtomicU64::new(0), set: watch::Sender::new(faults.into()) }
    }

    /// Other faults, for all that is read from now on. What is already held goes out by the
    /// old ones; what is stalled by one that is gone is freed.
    pub fn set(&self, faults: Vec<Fault>) {
        self.set.send_replace(faults.into());
    }

    /// The faults in force.
    pub fn current(&self) -> Arc<[Fault]> {
        Arc::clone(&self.set.borrow())
    }

    /// The seed: the same one gives the same faults.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The next conversation. Its number decides its draws: ask in the order of arrival.
    pub fn subject(self: &Arc<Self>) -> Subject {
        let ordinal = self.subjects.fetch_add(1, Ordering::Relaxed) + 1;
        Subject { faults: Arc::clone(self), ordinal }
    }
}

impl fmt::Display for Faults {
    /// Those in force, as they are read again; nothing where there are none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&list(&self.current()))
    }
}

/// A conversation that is disturbed.
#[derive(Clone, Debug)]
pub struct Subject {
    faults: Arc<Faults>,
    ordinal: u64,
}

/// What a direction's disturber needs.
#[derive(Debug)]
pub struct Disturbed {
    /// The faults at work.
    pub disturber: Disturber,
    /// Tells of other faults.
    pub changes: watch::Receiver<Arc<[Fault]>>,
}

impl Subject {
    /// The faults of one direction, at work. `noun` is what a read is called where no framing
    /// finds frames.
    pub fn disturbed(&self, dir: Dir, framing: Option<&Framing>, noun: &'static str) -> Disturbed {
        let mut changes = self.faults.set.subscribe();
        let faults = Arc::clone(&changes.borrow_and_update());
        let place = Place { seed: self.faults.seed, ordinal: self.ordinal, dir };
        Disturbed { disturber: Disturber::new(&faults, place, framing, noun), changes }
    }
}
