//! The way to the person who watches: bytes for stdout and lines for stderr, in one
//! order, through a queue with a budget. The printing itself is the binary's.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

/// The most bytes that may wait for stdout.
const BUDGET: usize = 1 << 20;

/// Something to print.
#[derive(Debug)]
pub enum Print {
    /// Bytes for stdout, as they are.
    Data(Vec<u8>),
    /// A line for stderr, without its end.
    Say(String),
    /// Nothing more comes.
    End,
}

/// The sending side: cheap to clone.
#[derive(Clone, Debug)]
pub struct Screen {
    queue: UnboundedSender<Print>,
    budget: Arc<Semaphore>,
    lossy: bool,
    closed: CancellationToken,
}

/// The printing side.
#[derive(Debug)]
pub struct Printed {
    queue: UnboundedReceiver<Print>,
    budget: Arc<Semaphore>,
    closed: CancellationToken,
}

/// A screen and its printing side. With `lossy` (a terminal that somebody may have
/// stopped) the talk never waits for it: what does not fit is dropped and counted by the
/// caller; without it (a pipe, a file) the talk waits and nothing is lost.
pub fn screen(lossy: bool) -> (Screen, Printed) {
    let (sender, receiver) = unbounded_channel();
    let budget = Arc::new(Semaphore::new(BUDGET));
    let closed = CancellationToken::new();
    (
        Screen { queue: sender, budget: Arc::clone(&budget), lossy, closed: closed.clone() },
        Printed { queue: receiver, budget, closed },
    )
}

impl Screen {
    /// A line for stderr. Never waits.
    pub fn say(&self, line: impl Into<String>) {
        // Nobody reads any more: the run is ending.
        drop(self.queue.send(Print::Say(line.into())));
    }

    /// Nothing more will be printed; what was given before still is.
    pub fn end(&self) {
        drop(self.queue.send(Print::End));
    }

    /// Bytes for stdout; returns how many were dropped. Waits for room unless lossy.
    /// Cancel-safe: a cancelled call has printed nothing.
    pub async fn print(&self, bytes: Vec<u8>) -> usize {
        let size = bytes.len();
        let price = u32::try_from(size.min(BUDGET)).unwrap_or(u32::MAX);
        let permit = if self.lossy {
            self.budget.try_acquire_many(price).ok()
        } else {
            self.budget.acquire_many(price).await.ok()
        };
        match permit {
            Some(permit) => {
                permit.forget();
                drop(self.queue.send(Print::Data(bytes)));
                0
            }
            None => size,
        }
    }

    /// Cancelled once stdout is closed: nothing more can be printed.
    pub fn closed(&self) -> &CancellationToken {
        &self.closed
    }
}

impl Printed {
    /// The next thing to print; none after the end. Blocks the thread.
    pub fn take(&mut self) -> Option<Print> {
        self.queue.blocking_recv().filter(|print| !matches!(print, Print::End))
    }

    /// Gives the room of printed bytes back.
    pub fn done(&self, bytes: usize) {
        self.budget.add_permits(bytes.min(BUDGET));
    }

    /// Stdout takes no more: whoever waits for room is told.
    pub fn give_up(&self) {
        self.budget.close();
        self.closed.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lossy_screen_drops_what_does_not_fit_and_says_how_much() {
        let (screen, mut printed) = screen(true);
        assert_eq!(screen.print(vec![1; BUDGET]).await, 0);
        assert_eq!(screen.print(vec![2; 10]).await, 10);
        let freed = tokio::task::spawn_blocking(move || {
            let Some(Print::Data(bytes)) = printed.take() else {
                return printed;
            };
            printed.done(bytes.len());
            printed
        });
        let _printed = freed.await.unwrap();
        assert_eq!(screen.print(vec![3; 10]).await, 0);
    }

    #[tokio::test]
    async fn a_closed_stdout_frees_whoever_waits() {
        let (screen, printed) = screen(false);
        assert_eq!(screen.print(vec![1; BUDGET]).await, 0);
        printed.give_up();
        assert_eq!(screen.print(vec![2; 10]).await, 10);
        assert!(screen.closed().is_cancelled());
    }
}
