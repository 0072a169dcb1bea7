//! Where the frames of one direction lie, so that those of a read can be looked up.

use std::collections::VecDeque;

use crate::lens::Bracket;
use crate::short::Short;

/// Frames of one direction, in the order of the stream.
#[derive(Debug, Default)]
pub(crate) struct Places {
    places: VecDeque<Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    off: u64,
    number: Short,
    len: u32,
}

impl Places {
    /// Remembers a frame that was complete in the event `number`. One that lies before the
    /// last (a tape may say anything) is not.
    pub(crate) fn push(&mut self, number: u64, off: u64, len: u64) {
        let after = self.places.back().is_none_or(|last| last.end() <= off);
        if let (true, Ok(len)) = (after && len > 0, u32::try_from(len)) {
            self.places.push_back(Place { off, number: Short::of(number), len });
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Those in this part of the stream.
    pub(crate) fn touching(&self, off: u64, len: u64, most: usize) -> Vec<Bracket> {
        let end = off.saturating_add(len);
        let begin = self.places.partition_point(|place| place.end() <= off);
        let touching = self.places.range(begin..).take_while(|place| place.off < end).take(most);
        touching
            .map(|place| {
                let from = place.off.max(off);
                Bracket {
                    from: from - off,
                    len: place.end().min(end) - from,
                    before: place.off < off,
                    after: place.end() > end,
                }
            })
            .collect()
    }

    /// Forgets those complete before the event `first`; returns how many.
    pub(crate) fn forget(&mut self, first: u64) -> usize {
        let count = self.places.partition_point(|place| place.number.is_before(first));
        self.drop_oldest(count)
    }

    /// Forgets so many; returns how many there were.
    pub(crate) fn drop_oldest(&mut self, count: usize) -> usize {
        let count = count.min(self.places.len());
        self.places.drain(..count);
        if self.places.is_empty() {
            self.places = VecDeque::new();
        }
        count
    }
}

impl Place {
    fn end(&self) -> u64 {
        self.off.saturating_add(u64::from(self.len))
    }
}
