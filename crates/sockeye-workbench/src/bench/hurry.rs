//! Work that is not waited for without end: it ends by itself, or once it stands still.

use std::time::Duration;

use tokio::time::sleep;

/// How often in that time it is looked at.
const LOOKS: u32 = 10;

/// What the work comes to; none if what it counts as its progress stood still for `idle`.
pub(crate) async fn unless_idle<T>(
    idle: Duration,
    progress: impl Fn() -> u64,
    work: impl Future<Output = T>,
) -> Option<T> {
    let still = async {
        let (mut before, mut looks) = (progress(), 0);
        while looks < LOOKS {
            sleep(idle / LOOKS).await;
            let now = progress();
            looks = if now == before { looks + 1 } else { 0 };
            before = now;
        }
    };
    tokio::select! {
        biased;
        () = still => None,
        done = work => Some(done),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use tokio::time::Instant;

    use super::*;

    const IDLE: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn what_stands_still_is_given_up_and_what_goes_on_is_not() {
        let start = Instant::now();
        assert_eq!(unless_idle(IDLE, || 7, pending::<()>()).await, None);
        assert_eq!(start.elapsed(), IDLE);
        let moved = Cell::new(0);
        let work = async {
            for _ in 0..10 {
                sleep(IDLE * 8 / 10).await;
                moved.set(moved.get() + 1);
            }
            "done"
        };
        assert_eq!(unless_idle(IDLE, || moved.get(), work).await, Some("done"));
    }
}
