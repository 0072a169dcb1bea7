//! What is known of both sides of a lesson, as their journals tell it: each move with its
//! bytes, each line that is said. The newest are kept, the oldest forgotten.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sockeye_tape::event::{By, Event, How, What};
use sockeye_text::safe::one_line;
use sockeye_workbench::journal::Journal;
use tokio::sync::Notify;

use crate::catalogue::Transport;
use crate::explain::Explainer;
use crate::lesson::said;
use crate::lesson::step::{Side, Sign, Tongue};

/// How many moves and lines are kept, of each side.
const KEPT: usize = 300;
/// How many bytes of a move are kept.
const BYTES: usize = 128;
/// How many characters of a line are kept.
const LONGEST: usize = 400;
/// How many conversations' offsets are known at once.
const OFFSETS: usize = 64;

/// A recv, a send, or the beginning or end of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// Its number among the moves of both sides.
    pub n: u64,
    /// During which step it happened.
    pub at: usize,
    /// Nanoseconds on that side's clock.
    pub t: u64,
    /// In which conversation of that side.
    pub c: u64,
    /// `open`, `in`, `out` or `close`.
    pub kind: &'static str,
    /// Where its first byte stands in its direction's stream.
    pub off: u64,
    /// How many bytes.
    pub len: usize,
    /// The first of them, in base64.
    pub data: String,
    /// Of an open: the peer; of a close: why.
    pub text: String,
}

/// A line that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// During which step.
    pub at: usize,
    /// The line, safe to show.
    pub text: String,
}

/// What one side has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    opened: u64,
    heard: u64,
    closed: u64,
}

/// What has been done when a step begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    server: Count,
    client: Count,
}

#[derive(Debug, Default)]
struct Page {
    count: Count,
    moves: VecDeque<Move>,
    lines: VecDeque<Line>,
    /// Bytes in and out of each conversation so far.
    offsets: HashMap<u64, (u64, u64)>,
}

#[derive(Debug, Default)]
struct Book {
    next: u64,
    at: usize,
    server: Page,
    client: Page,
    over: bool,
}

/// The notes of a lesson.
#[derive(Debug)]
pub(super) struct Notes {
    transport: Transport,
    tongue: Tongue,
    /// Guards the book alone; never held while anything is awaited.
    book: Mutex<Book>,
    changed: Notify,
}

impl Notes {
    /// Of programs over that transport, in that language.
    pub(super) fn new(transport: Transport, tongue: Tongue) -> Self {
        Self { transport, tongue, book: Mutex::default(), changed: Notify::new() }
    }

    /// From now on everything on that journal is noted, and explained where an explainer is
    /// given.
    pub(super) fn follow(
        self: &Arc<Self>,
        side: Side,
        journal: &Journal,
        explain: Option<Explainer>,
    ) {
        let (mine, mut explain) = (Arc::clone(self), explain);
        journal.explain(Box::new(move |event| {
            mine.event(side, event);
            explain.as_mut().map(|explainer| explainer.event(event)).unwrap_or_default()
        }));
        let mine = Arc::clone(self);
        journal.overhear(Box::new(move |line| mine.line(side, line)));
    }

    /// The moves and lines of a side, as far as they are kept.
    pub(super) fn of(&self, side: Side) -> (Vec<Move>, Vec<Line>) {
        let book = self.book();
        let page = book.page(side);
        (page.moves.iter().cloned().collect(), page.lines.iter().cloned().collect())
    }

    /// A step begins.
    pub(super) fn begin(&self, at: usize) -> Mark {
        let mut book = self.book();
        book.at = at;
        Mark { server: book.server.count, client: book.client.count }
    }

    /// The server has ended.
    pub(super) fn over(&self) {
        self.book().over = true;
        self.changed.notify_waiters();
    }

    /// Whether the server has ended.
    pub(super) fn is_over(&self) -> bool {
        self.book().over
    }

    /// Returns once the sign has been seen since the mark. Cancel-safe.
    pub(super) async fn seen(&self, sign: Sign, since: Mark) {
        self.until(|| self.book().shows(sign, since)).await;
    }

    /// Returns once that is so; it is asked whenever something has been noted or stirred.
    /// Cancel-safe.
    pub(super) async fn until(&self, so: impl Fn() -> bool) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if so() {
                return;
            }
            changed.await;
        }
    }

    /// Something has changed that is not noted here.
    pub(super) fn stir(&self) {
        self.changed.notify_waiters();
    }

    fn event(&self, side: Side, event: &Event<'_>) {
        let mut book = self.book();
        let (n, at) = (book.next, book.at);
        let page = book.page_mut(side);
        let (kind, off, bytes, text): (_, _, &[u8], _) = match &event.what {
            What::Open(open) => {
                page.count.opened += 1;
                if page.offsets.len() < OFFSETS {
                    page.offsets.insert(event.c, (0, 0));
                }
                ("open", 0, &[], open.peer.clone())
            }
            What::In { bytes, from } => {
                page.count.heard += 1;
                let off = page.offset(event.c, bytes.len(), 0).0;
                ("in", off, bytes.as_ref(), from.clone().unwrap_or_default())
            }
            What::Out { bytes, to } => {
                let off = page.offset(event.c, 0, bytes.len()).1;
                ("out", off, bytes.as_ref(), to.clone().unwrap_or_default())
            }
            What::Close(close) => {
                page.count.closed += 1;
                page.offsets.remove(&event.c);
                ("close", 0, &[], ended(close.by, close.how).to_owned())
            }
            _ => return,
        };
        let t = u64::try_from(event.t.as_nanos()).unwrap_or(u64::MAX);
        let data = STANDARD.encode(bytes.get(..BYTES).unwrap_or(bytes));
        let text = one_line(&text).into_owned();
        let one = Move { n, at, t, c: event.c, kind, off, len: bytes.len(), data, text };
        keep(&mut page.moves, one);
        book.next += 1;
        drop(book);
        self.changed.notify_waiters();
    }

    fn line(&self, side: Side, text: &str) {
        let Some(text) = said::shown(text, self.transport, self.tongue) else { return };
        let text = one_line(&text).chars().take(LONGEST).collect();
        let mut book = self.book();
        let at = book.at;
        keep(&mut book.page_mut(side).lines, Line { at, text });
        drop(book);
        self.changed.notify_waiters();
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn page(&self, side: Side) -> &Page {
        match side {
            Side::Server => &self.server,
            Side::Client => &self.client,
        }
    }

    fn page_mut(&mut self, side: Side) -> &mut Page {
        match side {
            Side::Server => &mut self.server,
            Side::Client => &mut self.client,
        }
    }

    fn shows(&self, sign: Sign, since: Mark) -> bool {
        let both = |side| match side {
            Side::Server => (self.server.count, since.server),
            Side::Client => (self.client.count, since.client),
        };
        let closed = |side| both(side).0.closed > both(side).1.closed;
        match sign {
            Sign::Done => true,
            Sign::Opened(side) => both(side).0.opened > both(side).1.opened,
            Sign::Heard(side, times) => both(side).0.heard >= both(side).1.heard + times,
            Sign::Closed(side) => closed(side),
            Sign::Parted => closed(Side::Server) && closed(Side::Client),
            Sign::Over => self.over,
        }
    }
}

impl Page {
    /// Where the next bytes of a conversation stand, in and out; then they are counted.
    fn offset(&mut self, number: u64, came: usize, went: usize) -> (u64, u64) {
        let Some(offsets) = self.offsets.get_mut(&number) else { return (0, 0) };
        let before = *offsets;
        offsets.0 += came as u64;
        offsets.1 += went as u64;
        before
    }
}

fn ended(by: By, how: How) -> &'static str {
    match (by, how) {
        (By::Peer, How::Fin) => "the peer closed",
        (By::Peer, How::Rst) => "the peer reset it",
        (_, How::Timer) => "the time was up",
        (By::Peer, _) => "it broke",
        (By::Us, _) => "we closed",
    }
}

fn keep<T>(queue: &mut VecDeque<T>, one: T) {
    if queue.len() >= KEPT {
        queue.pop_front();
    }
    queue.push_back(one);
}

/// How long the effect of a step is waited for before the lesson goes on without it.
pub(super) const PATIENCE: Duration = Duration::from_secs(4);
