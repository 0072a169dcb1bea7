//! The part of a pump that moves bytes which nobody wants to see.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use super::{Lull, Stopped, Tap, Until, Way};
use crate::mover::{Broken, Choice, Moved, Mover};
use crate::stream::{Reader, Stream, Writer};

/// A way whose bytes nobody sees.
#[derive(Debug)]
pub(super) struct Unseen {
    mover: Mover,
    /// What came beside bytes that have gone on, and is yet to be told.
    news: Option<Result<Moved, Broken>>,
}

impl Unseen {
    /// Unless somebody wants to see them.
    pub(super) fn begin(from: &Reader, to: &Writer, way: Way, tap: &impl Tap) -> Option<Self> {
        let of_bytes = !from.keeps_messages() && !to.keeps_messages();
        let unseen = of_bytes && !tap.watches(way);
        unseen.then(|| Self { mover: Mover::between(from, to, Choice::Cheapest), news: None })
    }

    /// Moves what can be moved now; ready once there are news. Cancel-safe.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        (from, to): (&mut Reader, &mut Writer),
        (tap, way): (&impl Tap, Way),
    ) -> Poll<()> {
        loop {
            match ready!(self.mover.poll(cx, from, to)) {
                Ok(Moved::Bytes { taken, given }) => tap.passed(way, taken, given),
                news => {
                    self.news = Some(news);
                    return Poll::Ready(());
                }
            }
        }
    }

    /// Moves them all, from what is still to be told on.
    pub(super) async fn pass(
        mut self,
        from: &mut Reader,
        to: &mut Writer,
        way: Way,
        (tap, lull): (&impl Tap, &Lull),
    ) -> Result<Until, Stopped> {
        loop {
            let moved = match self.news.take() {
                Some(news) => news,
                None => poll_fn(|cx| self.mover.poll(cx, from, to)).await,
            };
            match moved {
                Ok(Moved::Bytes { taken, given }) => {
                    tap.passed(way, taken, given);
                    lull.moved();
                }
                Ok(Moved::Told(text)) => {
                    tap.told(way, text);
                    tap.settled().await;
                }
                Ok(Moved::End(words)) => return Ok(Until::End(words)),
                Err(Broken::Source(error)) => return Err(Stopped::Broke { way, error }),
                Err(Broken::Target(error)) => {
                    lull.ended();
                    tap.refused(way, &error);
                    return Ok(Until::Refused);
                }
            }
        }
    }
}

/// Where nobody wants to see either way's bytes, moves them for as long as there is nothing else
/// to tell of. It is a small future of its own: how many conversations are relayed at once
/// is a question of how little of each a wake touches.
pub(super) async fn both(
    left: &mut Stream,
    right: &mut Stream,
    tap: &impl Tap,
) -> (Option<Unseen>, Option<Unseen>) {
    let mut rightward = Unseen::begin(&left.reader, &right.writer, Way::Right, tap);
    let mut leftward = Unseen::begin(&right.reader, &left.writer, Way::Left, tap);
    if let (Some(there), Some(back)) = (&mut rightward, &mut leftward) {
        poll_fn(|cx| {
            let to_right = (&mut left.reader, &mut right.writer);
            let to_left = (&mut right.reader, &mut left.writer);
            match (
                there.poll(cx, to_right, (tap, Way::Right)),
                back.poll(cx, to_left, (tap, Way::Left)),
            ) {
                (Poll::Pending, Poll::Pending) => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
    }
    (rightward, leftward)
}
