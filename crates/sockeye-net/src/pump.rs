//! The pump: bytes from either of two streams to the other, half-closes passed on, until
//! both have ended. Whoever wants to see them is a [`Tap`]; as soon as it does not, a
//! [`Mover`](crate::mover::Mover) moves them.

mod unseen;

use std::io::{self, ErrorKind};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::came::{Came, Kind};
use crate::pump::unseen::Unseen;
use crate::stream::{Reader, Stream, Writer};
use crate::whole::End;

/// Which way bytes go through a pump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the left stream to the right one.
    Right,
    /// From the right stream to the left one.
    Left,
}

/// Whether bytes may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// They may, with all that was held.
    Yes,
    /// Not yet: they are held, and judged again with what comes next.
    Hold,
    /// They may not, and nothing more may: the pump stops.
    Never,
}

/// Somebody who sees what a pump moves. The pump waits for it.
pub trait Tap: Sync {
    /// Whether the bytes of that way are to be shown, by [`Tap::moved`]. Once they are not,
    /// they will not be again.
    fn watches(&self, way: Way) -> bool;
    /// Unseen, so many bytes came from the way's source, and so many have gone on to its target.
    fn passed(&self, way: Way, taken: usize, given: usize);
    /// One recv of ours from the way's source, before it goes on; of that kind if it is a
    /// whole message.
    fn moved(&self, way: Way, bytes: &[u8], kind: Option<Kind>) -> Pass;
    /// Something that the transport of the way's source tells.
    fn told(&self, way: Way, text: String);
    /// So many bytes have gone on to the way's target.
    fn delivered(&self, way: Way, bytes: usize);
    /// The way's source has ended, with these words at parting; the end is passed on next.
    fn ended(&self, way: Way, words: Option<String>);
    /// The way's target takes no more; what it still says is passed on all the same.
    fn refused(&self, way: Way, error: &io::Error);
    /// Returns once the tap has taken all that it was told.
    fn settled(&self) -> impl Future<Output = ()> + Send;
}

/// How a pump stopped.
#[derive(Debug)]
pub enum Stopped {
    /// Both ways ended.
    Ended,
    /// The tap let something not pass.
    Barred,
    /// The source of a way broke (a RST, say); the other stream is to be cut likewise.
    Broke {
        /// The way.
        way: Way,
        /// Why.
        error: io::Error,
    },
}

/// How long a stream without half-close is listened to after the other one's end: until it has
/// been silent for so long.
const LULL: Duration = Duration::from_secs(2);

/// What the two ways know of each other, so that a stream without half-close is closed after
/// the other side's end only once its answers have come.
#[derive(Debug)]
pub struct Lull {
    /// When something came last, either way. Guards nothing else.
    last: Mutex<Instant>,
    /// A way has ended.
    end: Notify,
}

impl Default for Lull {
    fn default() -> Self {
        Self { last: Mutex::new(Instant::now()), end: Notify::new() }
    }
}

impl Lull {
    /// Something came.
    pub fn moved(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// A way has ended.
    pub fn ended(&self) {
        self.end.notify_one();
    }

    /// The source of a way has ended. Where its target cannot be told of that alone, returns
    /// once the other way has ended, or nothing has come for a while. Cancel-safe.
    pub async fn wait(&self, from: &Reader, to: &Writer) {
        if to.end() == End::OneWay || from.end() != End::OneWay {
            return;
        }
        self.moved();
        loop {
            let due = *self.last.lock().unwrap_or_else(PoisonError::into_inner) + LULL;
            if Instant::now() >= due {
                return;
            }
            tokio::select! {
                () = sleep_until(due) => {}
                () = self.end.notified() => return,
            }
        }
    }
}

/// Moves bytes both ways until both have ended or one broke. `most` is the largest recv,
/// in bytes. A stream whose end would end both ways, or is not told, is listened to for a
/// while after the other's end: the answer may be on its way. Not cancel-safe: bytes read and
/// not yet written are lost with it.
pub async fn pump(left: &mut Stream, right: &mut Stream, tap: &impl Tap, most: usize) -> Stopped {
    let (there, back) = unseen::both(left, right, tap).await;
    let lull = Lull::default();
    let (to_right, to_left) = (&mut right.writer, &mut left.writer);
    let there = one_way(&mut left.reader, to_right, Way::Right, (tap, &lull), (there, most));
    let back = one_way(&mut right.reader, to_left, Way::Left, (tap, &lull), (back, most));
    match tokio::try_join!(there, back) {
        Ok(((), ())) => Stopped::Ended,
        Err(stopped) => stopped,
    }
}

async fn one_way(
    from: &mut Reader,
    to: &mut Writer,
    way: Way,
    (tap, lull): (&impl Tap, &Lull),
    (unseen, most): (Option<Unseen>, usize),
) -> Result<(), Stopped> {
    let begun = match unseen {
        Some(unseen) => Until::Unwatched(unseen),
        None => seen(from, to, way, (tap, lull), most).await?,
    };
    let until = match begun {
        Until::Unwatched(unseen) => unseen.pass(from, to, way, (tap, lull)).await?,
        until => until,
    };
    let Until::End(words) = until else {
        // A target that takes no more may still say something; one that never does ends the pump.
        return if to.is_mute() { Err(Stopped::Ended) } else { Ok(()) };
    };
    tap.settled().await;
    tap.ended(way, words);
    lull.wait(from, to).await;
    lull.ended();
    // A target that is gone has taken what it wanted; a file may be too large.
    if let Err(error) = to.finish().await
        && !matches!(error.kind(), ErrorKind::NotConnected | ErrorKind::BrokenPipe)
    {
        tap.refused(way, &error);
    }
    // Who is not told of the end does not end either.
    if to.end() == End::Untold { Err(Stopped::Ended) } else { Ok(()) }
}

/// Up to where a way has come.
enum Until {
    /// The source's end, and its words at parting.
    End(Option<String>),
    /// Nobody wants to see more.
    Unwatched(Unseen),
    /// The target takes no more.
    Refused,
}

/// Moves bytes that the tap sees.
async fn seen(
    from: &mut Reader,
    to: &mut Writer,
    way: Way,
    (tap, lull): (&impl Tap, &Lull),
    most: usize,
) -> Result<Until, Stopped> {
    let mut held = Vec::new();
    loop {
        if held.is_empty()
            && let Some(unseen) = Unseen::begin(from, to, way, tap)
        {
            return Ok(Until::Unwatched(unseen));
        }
        let came = from.recv(most).await.map_err(|error| Stopped::Broke { way, error })?;
        let (bytes, kind) = match came {
            Came::Bytes(bytes) => (bytes, None),
            Came::Message(bytes, kind) => (bytes, Some(kind)),
            Came::Told(text) => {
                tap.told(way, text);
                tap.settled().await;
                continue;
            }
            Came::End(words) => {
                let whole = give(&mut held, to, way, (tap, lull)).await;
                return Ok(if whole { Until::End(words) } else { Until::Refused });
            }
        };
        let pass = tap.moved(way, &bytes, kind);
        if pass == Pass::Never {
            return Err(Stopped::Barred);
        }
        held.push((bytes, kind));
        if pass == Pass::Hold {
            continue;
        }
        lull.moved();
        if !give(&mut held, to, way, (tap, lull)).await {
            return Ok(Until::Refused);
        }
        tap.settled().await;
    }
}

/// Gives all that is held; false once the target takes no more.
async fn give(
    held: &mut Vec<(Vec<u8>, Option<Kind>)>,
    to: &mut Writer,
    way: Way,
    (tap, lull): (&impl Tap, &Lull),
) -> bool {
    for (part, kind) in held.drain(..) {
        let mut rest = part.as_slice();
        while !rest.is_empty() || kind.is_some() {
            let count = match to.send(rest, kind).await {
                Ok(count) => count,
                Err(error) => {
                    lull.ended();
                    tap.refused(way, &error);
                    return false;
                }
            };
            // Told as it goes: a pump that is stopped in between knows what had gone.
            tap.delivered(way, count);
            rest = rest.get(count..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
        }
    }
    true
}
