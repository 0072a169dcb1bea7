//! The bytes that came and belong to no frame yet, with their place in the
//! stream. It does not know what a frame is.
//!
//! What is consumed is dropped at the next push, by one copy of what is left:
//! whoever takes all whole frames out after each push leaves less than one push,
//! so that no byte is copied twice.

/// A buffer with more room than this is given back when it is not needed.
const KEEP: usize = 64 << 10;

/// A queue of bytes at a known place in a stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting {
    bytes: Vec<u8>,
    /// How many of `bytes` are consumed; at most their number.
    start: usize,
    /// Offset in the stream of the first byte that is not consumed.
    offset: u64,
}

impl Waiting {
    pub(crate) fn push(&mut self, more: &[u8]) {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
            let need = self.bytes.len() + more.len();
            if self.bytes.capacity() > KEEP && need < self.bytes.capacity() / 4 {
                self.bytes.shrink_to(need.max(KEEP));
            }
        }
        self.bytes.extend_from_slice(more);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// Offset in the stream of the first of [`Self::bytes`].
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Offset in the stream of what will be pushed next.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.len() as u64
    }

    /// Drops the first `count` bytes, or all if they are fewer.
    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.len());
        self.start += count;
        self.offset += count as u64;
        if self.start == self.bytes.len() {
            self.bytes.clear();
            self.start = 0;
            if self.bytes.capacity() > KEEP {
                self.bytes = Vec::new();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::KEEP;
    use super::Waiting;

    #[test]
    fn consumed_bytes_move_the_offset_and_are_gone() {
        let mut waiting = Waiting::default();
        waiting.push(b"abcdef");
        waiting.consume(2);
        waiting.push(b"gh");
        assert_eq!(waiting.bytes(), b"cdefgh");
        assert_eq!((waiting.offset(), waiting.end()), (2, 8));
    }

    #[test]
    fn consuming_moves_no_byte() {
        let mut waiting = Waiting::default();
        waiting.push(b"abcdef");
        let last = std::ptr::from_ref(waiting.bytes().last().unwrap());
        waiting.consume(5);
        assert_eq!(std::ptr::from_ref(&waiting.bytes()[0]), last);
    }

    #[test]
    fn consuming_more_than_there_is_consumes_what_there_is() {
        let mut waiting = Waiting::default();
        waiting.push(b"abc");
        waiting.consume(9);
        assert_eq!((waiting.len(), waiting.offset()), (0, 3));
    }

    #[test]
    fn an_idle_buffer_holds_no_memory() {
        assert_eq!(Waiting::default().bytes.capacity(), 0);
        let mut waiting = Waiting::default();
        waiting.push(&vec![0; KEEP * 4]);
        waiting.consume(KEEP * 4);
        assert_eq!(waiting.bytes.capacity(), 0);
    }

    #[test]
    fn a_large_buffer_shrinks_when_little_is_left() {
        let mut waiting = Waiting::default();
        waiting.push(&vec![0; KEEP * 16]);
        waiting.consume(KEEP * 16 - 1);
        waiting.push(b"a");
        assert!(waiting.bytes.capacity() <= KEEP * 2);
        assert_eq!(waiting.bytes(), b"\0a");
    }
}
