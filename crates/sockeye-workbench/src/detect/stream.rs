//! What was heard of one direction: bytes, and where each read ended. What they mean is not
//! known here.

use std::time::Duration;

/// The most bytes of a direction that are looked at: 1 MiB.
pub const LOOK: usize = 1 << 20;

/// The most reads of a direction that are looked at.
const READS: usize = 1 << 16;

/// One direction of a talk.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    bytes: Vec<u8>,
    reads: Vec<Read>,
    total: u64,
}

/// Where a read ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    /// When it came, since the start of the talk.
    pub(crate) at: Duration,
    /// Offset after its last byte.
    pub(crate) end: usize,
    /// Whether the other side spoke next.
    pub(crate) turn: bool,
}

impl Stream {
    /// Takes one read; of what is beyond [`LOOK`] the size is counted.
    pub fn push(&mut self, at: Duration, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let room = if self.reads.len() < READS { LOOK - self.bytes.len() } else { 0 };
        let taken = bytes.get(..room).unwrap_or(bytes);
        if !taken.is_empty() {
            self.bytes.extend_from_slice(taken);
            self.reads.push(Read { at, end: self.bytes.len(), turn: false });
        }
    }

    /// The other side speaks now.
    pub fn turn(&mut self) {
        if let Some(last) = self.reads.last_mut() {
            last.turn = true;
        }
    }

    /// How many bytes came in all.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many of them are looked at.
    pub fn looked(&self) -> usize {
        self.bytes.len()
    }

    /// Whether more came than is looked at.
    pub(crate) fn goes_on(&self) -> bool {
        self.total > self.bytes.len() as u64
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn reads(&self) -> &[Read] {
        &self.reads
    }

    /// The reads that are smaller than the largest.
    pub(crate) fn smaller(&self) -> impl Iterator<Item = Read> {
        let mut from = 0;
        let sized = move |read: &Read| (*read, read.end - std::mem::replace(&mut from, read.end));
        let sized: Vec<(Read, usize)> = self.reads.iter().map(sized).collect();
        let most = sized.iter().map(|(_, size)| *size).max().unwrap_or(0);
        sized.into_iter().filter(move |(_, size)| *size < most).map(|(read, _)| read)
    }

    /// Each read with its bytes.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (Duration, &[u8])> {
        let mut from = 0;
        self.reads.iter().map(move |read| {
            let piece = self.bytes.get(from..read.end).unwrap_or_default();
            from = read.end;
            (read.at, piece)
        })
    }

    /// The offsets at which a turn ended, the end of the stream left out.
    pub(crate) fn turns(&self) -> impl Iterator<Item = usize> {
        let last = self.bytes.len();
        self.reads.iter().filter(move |read| read.turn && read.end < last).map(|read| read.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_at_no_more_than_its_limit_and_counts_the_rest() {
        let mut stream = Stream::default();
        stream.push(Duration::ZERO, &vec![0; LOOK - 1]);
        stream.push(Duration::ZERO, b"abc");
        stream.push(Duration::ZERO, b"d");
        assert_eq!((stream.looked(), stream.total()), (LOOK, LOOK as u64 + 3));
        assert!(stream.goes_on());
        assert_eq!(
            stream.pieces().map(|(_, piece)| piece.len()).collect::<Vec<_>>(),
            [LOOK - 1, 1]
        );
    }

    #[test]
    fn a_turn_is_where_the_other_side_spoke_next() {
        let mut stream = Stream::default();
        stream.turn();
        stream.push(Duration::ZERO, b"ab");
        stream.turn();
        stream.push(Duration::ZERO, b"c");
        stream.turn();
        assert_eq!(stream.turns().collect::<Vec<_>>(), [2]);
    }
}
