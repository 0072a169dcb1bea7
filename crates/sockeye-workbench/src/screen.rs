//! The way to the person who watches: bytes for stdout and lines for stderr, in one
//! order, through a queue with a budget. The printing itself is the binary's.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

/// The most bytes of a piece that is handed over at once.
pub const PIECE: usize = 256 * 1024;
/// The most pieces that may wait for stdout.
const PIECES: usize = 16;
/// What a piece costs.
const PRICE: u32 = 1;

/// Something to print.
#[derive(Debug)]
pub enum Print {
    /// Bytes for stdout, as they are.
    Data(Vec<u8>),
    /// A line for stderr, without its end.
    Say(String),
    /// A line for stderr that the next thing said there may take the place of.
    Live(String),
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
    hurry: CancellationToken,
}

/// Room for one piece.
#[derive(Debug)]
pub struct Room<'s> {
    permit: SemaphorePermit<'s>,
    queue: &'s UnboundedSender<Print>,
}

impl Room<'_> {
    /// Prints the piece. Never waits.
    pub fn print(self, bytes: Vec<u8>) {
        self.permit.forget();
        drop(self.queue.send(Print::Data(bytes)));
    }
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
    let budget = Arc::new(Semaphore::new(PIECES));
    let closed = CancellationToken::new();
    (
        Screen {
            queue: sender,
            budget: Arc::clone(&budget),
            lossy,
            closed: closed.clone(),
            hurry: CancellationToken::new(),
        },
        Printed { queue: receiver, budget, closed },
    )
}

impl Screen {
    /// A line for stderr. Never waits.
    pub fn say(&self, line: impl Into<String>) {
        // Nobody reads any more: the run is ending.
        drop(self.queue.send(Print::Say(line.into())));
    }

    /// A line for stderr whose place the next may take. Never waits.
    pub fn live(&self, line: impl Into<String>) {
        drop(self.queue.send(Print::Live(line.into())));
    }

    /// Nothing more will be printed; what was given before still is.
    pub fn end(&self) {
        drop(self.queue.send(Print::End));
    }

    /// Waits for room for one piece of at most [`PIECE`] bytes. None: there is none, and the
    /// piece is lost (a terminal that is stopped, a stdout that is closed, a run that must
    /// end). Cancel-safe: the room of a cancelled call is free again.
    pub async fn room(&self) -> Option<Room<'_>> {
        let permit = if self.lossy {
            self.budget.try_acquire_many(PRICE).ok()
        } else {
            tokio::select! {
                biased;
                permit = self.budget.acquire_many(PRICE) => permit.ok(),
                () = self.hurry.cancelled() => None,
            }
        };
        permit.map(|permit| Room { permit, queue: &self.queue })
    }

    /// From now on nobody waits for the screen: the run must end.
    pub fn hurry(&self) {
        self.hurry.cancel();
    }

    /// Returns once nobody is to wait for the screen any more.
    pub async fn must_end(&self) {
        self.hurry.cancelled().await;
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

    /// The same, as far as it is there by now. The end is told as such.
    pub fn take_now(&mut self) -> Option<Print> {
        self.queue.try_recv().ok()
    }

    /// The same where nothing may block. Cancel-safe.
    pub async fn next(&mut self) -> Option<Print> {
        self.queue.recv().await.filter(|print| !matches!(print, Print::End))
    }

    /// Gives the room of a printed piece back.
    pub fn done(&self) {
        self.budget.add_permits(1);
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

    async fn fill(screen: &Screen) {
        for _ in 0..PIECES {
            screen.room().await.unwrap().print(vec![1]);
        }
    }

    #[tokio::test]
    async fn a_lossy_screen_has_no_room_while_it_is_full() {
        let (screen, mut printed) = screen(true);
        fill(&screen).await;
        assert!(screen.room().await.is_none());
        let freed = tokio::task::spawn_blocking(move || {
            assert!(matches!(printed.take(), Some(Print::Data(_))));
            printed.done();
            printed
        });
        let _printed = freed.await.unwrap();
        assert!(screen.room().await.is_some());
    }

    #[tokio::test]
    async fn a_closed_stdout_and_a_run_that_must_end_free_whoever_waits() {
        let (screen, printed) = super::screen(false);
        fill(&screen).await;
        printed.give_up();
        assert!(screen.room().await.is_none());
        assert!(screen.closed().is_cancelled());
        let (screen, _printed) = super::screen(false);
        fill(&screen).await;
        screen.hurry();
        assert!(screen.room().await.is_none());
    }
}
