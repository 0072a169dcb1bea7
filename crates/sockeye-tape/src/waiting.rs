//! What the boundary view keeps back: blocks whose frames may still be told, and what
//! happened after them, in order and bounded. Nothing is drawn here.

use std::collections::VecDeque;

use crate::event::Dir;
use crate::gutter::Stamp;
use crate::reading::Alone;
use crate::remark::Remark;
use crate::segment::Extent;

/// The most items that wait.
const ITEMS: usize = 64;

/// The most bytes that wait, but for the last item.
const BYTES: usize = 1024 * 1024;

/// Something to draw.
#[derive(Debug)]
pub(crate) struct Item {
    /// When it happened, and in which conversation.
    pub(crate) at: Stamp,
    /// What it is.
    pub(crate) what: Shown,
}

/// What is to be drawn.
#[derive(Debug)]
pub(crate) enum Shown {
    /// A read or a write.
    Block(Block),
    /// A frame whose bytes have all been drawn before it was found.
    Late(Dir, Extent),
    /// A line.
    Remark(Remark),
}

/// A read or a write, and what is known of its frames.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) dir: Dir,
    pub(crate) bytes: Vec<u8>,
    /// The offset of its first byte: in the stream, or 0 in a datagram.
    pub(crate) off: u64,
    /// The peer of the datagram.
    pub(crate) who: Option<String>,
    pub(crate) alone: Alone,
    pub(crate) frames: Vec<Extent>,
    /// Whether the next read or write of its direction has come.
    pub(crate) closed: bool,
}

/// Items in the order in which they happened.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    items: VecDeque<Item>,
    bytes: usize,
}

impl Waiting {
    /// Takes something to draw. A block closes the one before it in its direction.
    pub(crate) fn push(&mut self, item: Item) {
        if let Shown::Block(new) = &item.what {
            let same = |old: &&mut Block| old.dir == new.dir;
            if let Some(old) = blocks(&mut self.items, item.at.c).find(same) {
                old.closed = true;
            }
        }
        self.bytes += item.weight();
        self.items.push_back(item);
    }

    /// Gives a frame to the blocks that hold bytes of it. False: none does.
    pub(crate) fn frame(&mut self, c: u64, dir: Dir, frame: Extent) -> bool {
        let mut taken = false;
        for block in blocks(&mut self.items, c).filter(|block| block.dir == dir) {
            if block.holds(frame) {
                taken = true;
                block.take(frame);
            }
            // The blocks before it hold earlier bytes, or are datagrams of their own.
            if block.off <= frame.off {
                break;
            }
        }
        taken
    }

    /// The next item, once it is complete, or if too much waits.
    pub(crate) fn due(&mut self) -> Option<Item> {
        let open = |item: &Item| matches!(&item.what, Shown::Block(block) if !block.closed);
        if self.items.front().is_some_and(open) && self.items.len() <= ITEMS && !self.is_heavy() {
            return None;
        }
        self.next()
    }

    /// The next item, complete or not.
    pub(crate) fn next(&mut self) -> Option<Item> {
        let item = self.items.pop_front()?;
        self.bytes -= item.weight();
        Some(item)
    }

    fn is_heavy(&self) -> bool {
        let last = self.items.back().map_or(0, Item::weight);
        self.bytes - last > BYTES
    }
}

impl Item {
    fn weight(&self) -> usize {
        match &self.what {
            Shown::Block(block) => block.bytes.len(),
            Shown::Remark(remark) => remark.text.len(),
            Shown::Late(..) => 0,
        }
    }
}

impl Block {
    fn holds(&self, frame: Extent) -> bool {
        let end = self.off.saturating_add(self.bytes.len() as u64);
        let empty = frame.len == 0 && frame.off >= self.off && frame.off <= end;
        empty || (frame.off < end && frame.end() > self.off)
    }

    /// A tape may claim frames without end; honest ones are no more than the bytes, but
    /// for empty ones.
    fn take(&mut self, frame: Extent) {
        if self.frames.len() <= 2 * self.bytes.len() {
            self.frames.push(frame);
        }
    }
}

/// The blocks of a conversation, the latest first.
fn blocks(items: &mut VecDeque<Item>, c: u64) -> impl Iterator<Item = &mut Block> {
    items.iter_mut().rev().filter(move |item| item.at.c == c).filter_map(|item| {
        match &mut item.what {
            Shown::Block(block) => Some(block),
            Shown::Late(..) | Shown::Remark(_) => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::Block;
    use super::ITEMS;
    use super::Item;
    use super::Shown;
    use super::Stamp;
    use super::Waiting;
    use crate::event::Dir;
    use crate::reading::Alone;
    use crate::remark::Remark;
    use crate::segment::Extent;
    use std::time::Duration;

    fn block(c: u64, dir: Dir, off: u64, len: usize) -> Item {
        let (bytes, frames) = (vec![0; len], Vec::new());
        let block = Block { dir, bytes, off, who: None, alone: Alone::No, frames, closed: false };
        Item { at: Stamp { t: Duration::ZERO, c }, what: Shown::Block(block) }
    }

    fn remark(c: u64) -> Item {
        let text = "note".to_owned();
        Item {
            at: Stamp { t: Duration::ZERO, c },
            what: Shown::Remark(Remark { text, loud: false }),
        }
    }

    fn frames(item: Option<Item>) -> Vec<(u64, u64)> {
        match item.unwrap().what {
            Shown::Block(block) => {
                block.frames.iter().map(|frame| (frame.off, frame.len)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_block_waits_for_the_next_of_its_conversation_and_direction_only() {
        let mut waiting = Waiting::default();
        waiting.push(block(1, Dir::In, 0, 5));
        waiting.push(block(1, Dir::Out, 0, 5));
        waiting.push(block(2, Dir::In, 0, 5));
        waiting.push(remark(1));
        assert!(waiting.due().is_none());
        waiting.push(block(1, Dir::In, 5, 5));
        assert!(waiting.due().is_some());
        assert!(waiting.due().is_none());
        assert_eq!(std::iter::from_fn(|| waiting.next()).count(), 4);
        assert_eq!(waiting.bytes, 0);
    }

    #[test]
    fn a_frame_goes_to_every_block_that_holds_bytes_of_it() {
        let mut waiting = Waiting::default();
        waiting.push(block(1, Dir::In, 0, 5));
        waiting.push(block(1, Dir::In, 5, 5));
        waiting.push(block(2, Dir::In, 0, 5));
        assert!(waiting.frame(1, Dir::In, Extent { off: 2, len: 6 }));
        assert!(waiting.frame(1, Dir::In, Extent { off: 8, len: 2 }));
        assert!(!waiting.frame(1, Dir::In, Extent { off: 10, len: 2 }));
        assert!(!waiting.frame(1, Dir::Out, Extent { off: 0, len: 2 }));
        assert_eq!(frames(waiting.next()), [(2, 6)]);
        assert_eq!(frames(waiting.next()), [(2, 6), (8, 2)]);
        assert_eq!(frames(waiting.next()), []);
    }

    #[test]
    fn what_waits_is_bounded_in_number_and_in_bytes() {
        let mut waiting = Waiting::default();
        waiting.push(block(1, Dir::In, 0, 5));
        let mut drawn = 0;
        for _ in 0..10 * ITEMS {
            waiting.push(remark(1));
            drawn += std::iter::from_fn(|| waiting.due()).count();
            assert!(waiting.items.len() <= ITEMS);
        }
        assert!(drawn > 9 * ITEMS);
        let mut waiting = Waiting::default();
        for c in 0..10 {
            waiting.push(block(c, Dir::In, 0, 300_000));
            while waiting.due().is_some() {}
            assert!(waiting.bytes <= super::BYTES + 300_000);
        }
    }

    #[test]
    fn a_tape_cannot_make_a_block_grow_with_frames_that_are_none() {
        let mut waiting = Waiting::default();
        waiting.push(block(1, Dir::In, 0, 5));
        for _ in 0..1000 {
            waiting.frame(1, Dir::In, Extent { off: 1, len: 0 });
        }
        assert!(frames(waiting.next()).len() <= 11);
    }
}
