//! What passed a sieve, kept small: an event takes four bytes; where frames are among them, each
//! takes sixteen. What else there is to know of one is in the reel.

use std::collections::VecDeque;
use std::ops::Range;

use crate::short::Short;

/// Hits that are kept: as many as a reel of the workbench keeps events. Beyond it the oldest are
/// dropped, and counted as such.
pub const MOST: usize = 10_000_000;

/// Something that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// An event, by its number.
    Event(u64),
    /// A frame.
    Frame(Frame),
}

/// A frame that passed. Its conversation, direction and time are those of its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The read or write in which it was complete.
    pub number: u64,
    /// Offset of its first byte in its direction's stream.
    pub off: u64,
    /// How many bytes of the stream it takes (at most `u32::MAX` are told).
    pub len: u64,
    /// False: a piece of a longer one, or broken in itself.
    pub whole: bool,
}

/// Hits, numbered from 0 on; each keeps its number. Invariant: those in front of which events
/// are forgotten go, so that no hit in the front lies before `base`.
#[derive(Debug)]
pub(crate) struct Hits {
    kept: Kept,
    /// How many are gone.
    dropped: u64,
    /// The lowest event that the reel kept when it was last asked.
    base: u64,
}

#[derive(Debug)]
enum Kept {
    Events(VecDeque<Short>),
    Mixed(VecDeque<Slot>),
}

/// An event, or a frame and where it lies: `place` holds its offset above two marks.
#[derive(Clone, Copy, Debug)]
struct Slot {
    place: u64,
    number: Short,
    len: u32,
}

const IS_FRAME: u64 = 1;
const IS_WHOLE: u64 = 2;
const MARKS: u32 = 2;

impl Hits {
    /// Events alone.
    pub(crate) fn of_events() -> Self {
        Self { kept: Kept::Events(VecDeque::new()), dropped: 0, base: 0 }
    }

    /// Frames, and events between them.
    pub(crate) fn of_frames() -> Self {
        Self { kept: Kept::Mixed(VecDeque::new()), dropped: 0, base: 0 }
    }

    /// The number of the next one.
    pub(crate) fn total(&self) -> u64 {
        self.dropped + self.len() as u64
    }

    /// The lowest number of one that is kept.
    pub(crate) fn first(&self) -> u64 {
        self.dropped
    }

    /// An event has passed.
    pub(crate) fn event(&mut self, number: u64) {
        let number = Short::of(number);
        match &mut self.kept {
            Kept::Events(events) => events.push_back(number),
            Kept::Mixed(slots) => slots.push_back(Slot { place: 0, number, len: 0 }),
        }
        self.bound();
    }

    /// A frame has passed, where frames may.
    pub(crate) fn frame(&mut self, frame: Frame) {
        let Kept::Mixed(slots) = &mut self.kept else { return };
        let whole = if frame.whole { IS_WHOLE } else { 0 };
        slots.push_back(Slot {
            place: frame.off << MARKS | whole | IS_FRAME,
            number: Short::of(frame.number),
            len: u32::try_from(frame.len).unwrap_or(u32::MAX),
        });
        self.bound();
    }

    /// Those of these numbers that are kept, each with its number.
    pub(crate) fn range(&self, range: Range<u64>) -> impl Iterator<Item = (u64, Hit)> {
        let len = self.len();
        let place = |number: u64| {
            usize::try_from(number.saturating_sub(self.dropped)).unwrap_or(usize::MAX).min(len)
        };
        let places = place(range.start)..place(range.end.max(range.start));
        let first = self.dropped + places.start as u64;
        (first..).zip(places.filter_map(|place| self.at(place)))
    }

    /// The reel has forgotten the events before `first`.
    pub(crate) fn forget(&mut self, first: u64) {
        self.base = first;
        let gone = |number: Short| number.is_before(first);
        let count = match &mut self.kept {
            Kept::Events(events) => leave(events, |number| gone(*number)),
            Kept::Mixed(slots) => leave(slots, |slot| gone(slot.number)),
        };
        self.dropped += count;
    }

    fn len(&self) -> usize {
        match &self.kept {
            Kept::Events(events) => events.len(),
            Kept::Mixed(slots) => slots.len(),
        }
    }

    fn at(&self, place: usize) -> Option<Hit> {
        match &self.kept {
            Kept::Events(events) => events.get(place).map(|at| Hit::Event(at.whole(self.base))),
            Kept::Mixed(slots) => slots.get(place).map(|slot| slot.hit(self.base)),
        }
    }

    fn bound(&mut self) {
        if self.len() > MOST {
            match &mut self.kept {
                Kept::Events(events) => drop(events.pop_front()),
                Kept::Mixed(slots) => drop(slots.pop_front()),
            }
            self.dropped += 1;
        }
    }
}

impl Slot {
    fn hit(self, base: u64) -> Hit {
        let number = self.number.whole(base);
        if self.place & IS_FRAME == 0 {
            return Hit::Event(number);
        }
        let whole = self.place & IS_WHOLE != 0;
        Hit::Frame(Frame { number, off: self.place >> MARKS, len: u64::from(self.len), whole })
    }
}

/// Drops from the front what is gone; returns how many that were.
fn leave<T>(kept: &mut VecDeque<T>, gone: impl Fn(&T) -> bool) -> u64 {
    let count = kept.iter().take_while(|one| gone(one)).count();
    kept.drain(..count);
    if kept.capacity() > 64 * 1024 && kept.len() < kept.capacity() / 4 {
        kept.shrink_to(kept.len() * 2);
    }
    count as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_million_events_take_40_megabytes_and_frames_160() {
        assert_eq!((size_of::<Short>(), size_of::<Slot>()), (4, 16));
    }

    #[test]
    fn every_hit_comes_back_as_it_was() {
        let mut hits = Hits::of_frames();
        let frame = Frame { number: 7, off: 1 << 40, len: 1 << 20, whole: true };
        let broken = Frame { number: 9, off: 3, len: 0, whole: false };
        hits.frame(frame);
        hits.event(8);
        hits.frame(broken);
        let all: Vec<_> = hits.range(0..9).collect();
        assert_eq!(all, [(0, Hit::Frame(frame)), (1, Hit::Event(8)), (2, Hit::Frame(broken))]);
        hits.forget(8);
        let rest: Vec<_> = hits.range(0..9).collect();
        assert_eq!(rest, [(1, Hit::Event(8)), (2, Hit::Frame(broken))]);
        assert_eq!((hits.first(), hits.total()), (1, 3));
    }

    #[test]
    fn a_hit_beyond_the_limit_drops_the_oldest() {
        let mut hits = Hits::of_events();
        for number in 0..MOST as u64 + 2 {
            hits.event(number);
        }
        assert_eq!((hits.first(), hits.total()), (2, MOST as u64 + 2));
        assert_eq!(hits.range(0..3).collect::<Vec<_>>(), [(2, Hit::Event(2))]);
    }
}
