//! How far a transfer has come, as a line now and then.

use std::time::Duration;

use sockeye_text::units::Size;
use sockeye_workbench::led::Led;

/// How long between two lines: a short transfer has none.
const EVERY: Duration = Duration::from_secs(5);

/// Tells how far a transfer has come.
#[derive(Debug)]
pub(crate) struct Progress {
    next: Duration,
    total: Option<u64>,
}

impl Progress {
    /// A transfer that begins now; `total` bytes where that is known.
    pub(crate) fn new(led: &Led, total: Option<u64>) -> Self {
        Self { next: led.journal().clock().now() + EVERY, total }
    }

    /// So many bytes have gone over.
    pub(crate) fn at(&mut self, led: &Led, done: u64) {
        let now = led.journal().clock().now();
        if now < self.next {
            return;
        }
        self.next = now + EVERY;
        match self.total {
            Some(total) => led.say(format!("{} of {}", Size(done), Size(total))),
            None => led.say(format!("{} so far", Size(done))),
        }
    }
}
