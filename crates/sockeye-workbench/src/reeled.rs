//! A reel that one run records and several look at. Whoever records waits for the file;
//! whoever watches is told that it grew, and is never waited for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sockeye_tape::error::TapeError;
use sockeye_tape::event::Event;
use sockeye_tape::reel::Reel;
use sockeye_tape::reel::reading::Reading;
use tokio::sync::watch;

/// A shared reel: cheap to clone.
#[derive(Clone, Debug)]
pub struct Reeled {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Held for as long as one event is recorded, or what waits is written out.
    reel: Mutex<Reel>,
    /// How many events can be read, the forgotten ones included.
    grew: watch::Sender<u64>,
}

impl Reeled {
    /// Shares a reel.
    pub fn new(reel: Reel) -> Self {
        let grew = watch::Sender::new(reel.reading().len());
        Self { shared: Arc::new(Shared { reel: Mutex::new(reel), grew }) }
    }

    /// Appends an event, see [`Reel::record`]. It can be read after [`Reeled::flush`].
    pub fn record(&self, event: &Event<'_>) -> Result<u64, TapeError> {
        self.reel().record(event)
    }

    /// Writes out what waits, and tells the watchers.
    pub fn flush(&self) -> Result<(), TapeError> {
        let mut reel = self.reel();
        let flushed = reel.flush();
        let len = reel.reading().len();
        drop(reel);
        self.shared.grew.send_if_modified(|known| {
            let grew = len > *known;
            *known = len.max(*known);
            grew
        });
        flushed
    }

    /// A handle to read by: it sees what has been flushed.
    pub fn reading(&self) -> Reading {
        self.reel().reading()
    }

    /// Is told how many events can be read, whenever there are more.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.shared.grew.subscribe()
    }

    /// The reel itself, for as long as the guard lives: whoever records waits meanwhile.
    pub fn reel(&self) -> MutexGuard<'_, Reel> {
        self.shared.reel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
