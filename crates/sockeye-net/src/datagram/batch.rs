//! Datagrams by the batch: what came together, and what is to go together. The space that
//! they come into is lent by the thread for as long as the batch lives, so that a waiting
//! socket holds none.

use std::cell::Cell;

use crate::datagram::{Ear, Sender};

/// The bytes between the beginnings of two datagrams in the space: room for any UDP datagram,
/// and no multiple of a page, so that their beginnings do not meet in the processor's cache.
pub(super) const STRIDE: usize = 65_536 + 64;
/// Room for the most that come together. What is never written to takes no memory.
const ROOM: usize = STRIDE * 64;

/// How many datagrams pass a system call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// As many as there are (Linux, UDP); elsewhere one.
    #[default]
    Together,
    /// One: what every system can.
    Singly,
}

/// A datagram of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Came<'b> {
    /// What it carried.
    pub bytes: &'b [u8],
    /// Who sent it.
    pub from: &'b Sender,
    /// Where it came to.
    pub ear: Ear,
}

/// Datagrams that came together, in their order; at least one.
#[derive(Debug)]
pub struct Batch {
    space: Space,
    ear: Ear,
}

/// A datagram that is to go.
#[derive(Clone, Copy, Debug)]
pub struct Parcel<'b> {
    /// What it carries.
    pub bytes: &'b [u8],
    /// Its receiver, if not the peer that was dialled.
    pub to: Option<&'b Sender>,
}

#[derive(Debug, Default)]
struct Space {
    bytes: Vec<u8>,
    stride: usize,
    slots: Vec<Slot>,
}

/// A datagram, or a run of them.
#[derive(Debug)]
pub(super) struct Slot {
    /// How many bytes.
    pub(super) len: usize,
    /// Who sent it.
    pub(super) from: Sender,
    /// Of a run: how long each is, save the last.
    pub(super) each: Option<usize>,
}

thread_local! {
    static SPACE: Cell<Option<Space>> = const { Cell::new(None) };
}

impl Batch {
    /// An empty one, with room for datagrams of `stride` bytes.
    pub(super) fn lend(ear: Ear, stride: usize) -> Self {
        let mut space = SPACE.take().unwrap_or_default();
        if space.bytes.is_empty() {
            space.bytes = vec![0; ROOM];
        }
        space.stride = stride.clamp(1, ROOM);
        Self { space, ear }
    }

    /// The space to be filled, how far the beginnings in it are apart, and where what fills
    /// it is told.
    pub(super) fn parts(&mut self) -> (&mut [u8], usize, &mut Vec<Slot>) {
        let Space { bytes, stride, slots } = &mut self.space;
        (bytes, *stride, slots)
    }

    /// How many reads made it; a run of datagrams that the kernel left together is one.
    pub fn reads(&self) -> usize {
        self.space.slots.len()
    }

    /// The datagrams, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = Came<'_>> {
        let Space { bytes, stride, slots } = &self.space;
        slots.iter().zip(bytes.chunks_exact(*stride)).flat_map(|(slot, bytes)| {
            let bytes = bytes.get(..slot.len).unwrap_or_default();
            // An empty datagram is one too.
            let (first, rest) = match slot.each {
                Some(each) => bytes.split_at_checked(each).unwrap_or((bytes, &[])),
                None => (bytes, &[][..]),
            };
            let rest = rest.chunks(slot.each.unwrap_or(1));
            let came = |bytes| Came { bytes, from: &slot.from, ear: self.ear };
            std::iter::once(first).chain(rest).map(came)
        })
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let mut space = std::mem::take(&mut self.space);
        space.slots.clear();
        // A thread keeps one space; none while it ends.
        SPACE.try_with(|own| own.set(Some(space))).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_the_datagrams_that_it_is_made_of() {
        let mut batch = Batch::lend(Ear::default(), STRIDE);
        let (space, _, slots) = batch.parts();
        space.iter_mut().zip(b"aabbc").for_each(|(to, from)| *to = *from);
        for (len, each) in [(5, Some(2)), (0, None), (0, Some(2)), (4, Some(4)), (3, Some(4))] {
            slots.push(Slot { len, from: Sender::Unnamed, each });
        }
        let came: Vec<usize> = batch.iter().map(|came| came.bytes.len()).collect();
        assert_eq!(came, [2, 2, 1, 0, 0, 4, 3]);
        let first: Vec<_> = batch.iter().take(3).map(|came| came.bytes).collect();
        assert_eq!(first, [&b"aa"[..], b"bb", b"c"]);
    }

    #[test]
    fn a_batch_that_is_gone_leaves_nothing_to_the_next_but_its_space() {
        let mut batch = Batch::lend(Ear::default(), STRIDE);
        batch.parts().2.push(Slot { len: 1, from: Sender::Unnamed, each: None });
        let other = Batch::lend(Ear::default(), STRIDE);
        drop(batch);
        assert_eq!(Batch::lend(Ear::default(), STRIDE).iter().count(), 0);
        drop(other);
    }
}
