//! The run's clock: made once by the binary and handed down, so that nothing below asks
//! for the time behind its caller's back.

use std::time::Duration;

use tokio::time::Instant;

/// Time since the start of the run. Monotonic: the wall clock may jump.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that shows zero at `start`.
    pub fn since(start: Instant) -> Self {
        Self { start }
    }

    /// Time since the start.
    pub fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Returns at that time; never without one. Cancel-safe.
    pub async fn until(self, at: Option<Duration>) {
        match at {
            Some(at) => tokio::time::sleep_until(self.instant(at)).await,
            None => std::future::pending().await,
        }
    }

    /// The instant at which the clock shows `at`.
    pub fn instant(&self, at: Duration) -> Instant {
        self.start + at
    }
}
