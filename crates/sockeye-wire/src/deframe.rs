//! From a stream to frames: bytes and times go in, frames come out. It reads
//! nothing itself and has no clock.

use std::time::Duration;

use crate::cut::Cut;
use crate::cut::Found;
use crate::error::FrameError;
use crate::finder::Finder;
use crate::frame::Frame;
use crate::framing::Framing;
use crate::waiting::Waiting;

/// Finds the frames of one direction of a stream.
///
/// After each [`push`](Self::push) and [`tick`](Self::tick), call
/// [`next_frame`](Self::next_frame) until it gives none; then what is kept is one
/// unfinished frame, never more than the framing's limit and its delimiters. No
/// memory is held before the first byte comes, and none is taken for a length
/// that was only announced.
#[derive(Clone, Debug)]
pub struct Deframer {
    finder: Finder,
    waiting: Waiting,
    failed: Option<FrameError>,
}

impl Deframer {
    /// At the beginning of a stream.
    pub fn new(framing: Framing) -> Self {
        Self { finder: Finder::new(framing), waiting: Waiting::default(), failed: None }
    }

    /// Takes the `bytes` that one read returned, `at` this time since a start of
    /// the caller's choice. After an error they are dropped.
    pub fn push(&mut self, at: Duration, bytes: &[u8]) {
        if self.failed.is_none() {
            self.finder.arrive(at, bytes.len());
            self.waiting.push(bytes);
        }
    }

    /// The next frame, if one is there. An error is final, because the stream
    /// cannot be brought in step again: each later call gives the same one.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        match self.finder.find(self.waiting.bytes(), self.waiting.offset()) {
            Ok(found) => Ok(self.take(found)),
            Err(error) => self.fail(error),
        }
    }

    /// When a silence will have ended a frame: the time at which `gap` wants
    /// [`tick`](Self::tick). No other framing wants it.
    pub fn deadline(&self) -> Option<Duration> {
        self.finder.deadline()
    }

    /// It is `at`, and no bytes came since the last push.
    pub fn tick(&mut self, at: Duration) {
        self.finder.tick(at);
    }

    /// The stream has ended; call it until it gives no frame. `lines`, `raw` and
    /// `gap` give what is left, `json` a number or word that the end ends, the
    /// others refuse a frame that is not whole.
    pub fn finish(&mut self) -> Result<Option<Frame>, FrameError> {
        if let Some(frame) = self.next_frame()? {
            return Ok(Some(frame));
        }
        let found = self.finder.finish(self.waiting.bytes(), self.waiting.offset());
        if let Some(frame) = self.take(found) {
            return Ok(Some(frame));
        }
        if self.finder.is_between(self.waiting.bytes()) {
            return Ok(None);
        }
        let (began, offset) = (self.waiting.offset(), self.waiting.end());
        self.fail(FrameError::MidFrame { offset, began })
    }

    /// How many bytes of an unfinished frame are kept, its header included.
    pub fn pending(&self) -> usize {
        self.waiting.len()
    }

    fn take(&mut self, found: Found) -> Option<Frame> {
        let cut: Cut = match found {
            Found::Nothing { drop } => {
                self.waiting.consume(drop);
                return None;
            }
            Found::Frame(cut) => cut,
        };
        self.waiting.consume(cut.skip);
        let off = self.waiting.offset();
        self.waiting.consume(cut.len);
        Some(Frame {
            off,
            len: cut.len as u64,
            payload: cut.payload,
            tag: cut.tag,
            whole: cut.whole,
        })
    }

    fn fail<T>(&mut self, error: FrameError) -> Result<T, FrameError> {
        self.waiting = Waiting::default();
        self.failed = Some(error.clone());
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Deframer;
    use crate::error::FrameError;

    fn deframer(framing: &str) -> Deframer {
        Deframer::new(framing.parse().unwrap())
    }

    fn payloads(deframer: &mut Deframer) -> Vec<Vec<u8>> {
        let next = || deframer.next_frame().unwrap().map(|frame| frame.payload);
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn frames_of_many_reads_lie_where_they_lie_in_the_stream() {
        let mut lines = deframer("lines");
        let mut places = Vec::new();
        for read in ["a\nb", "b\r", "\n\n"] {
            lines.push(Duration::ZERO, read.as_bytes());
            while let Some(frame) = lines.next_frame().unwrap() {
                places.push((frame.off, frame.len, frame.payload));
            }
        }
        assert_eq!(places, [(0, 2, b"a".to_vec()), (2, 4, b"bb".to_vec()), (6, 1, Vec::new())]);
    }

    #[test]
    fn an_error_is_final_and_keeps_nothing() {
        let mut counted = deframer("len:u8,max=2");
        counted.push(Duration::ZERO, &[1, b'a', 3, b'b']);
        assert_eq!(counted.next_frame().unwrap().unwrap().payload, b"a");
        let error = FrameError::TooLong { offset: 2, length: 3, limit: 2 };
        assert_eq!(counted.next_frame(), Err(error.clone()));
        counted.push(Duration::ZERO, &[1, b'a']);
        assert_eq!(counted.pending(), 0);
        assert_eq!(counted.next_frame(), Err(error.clone()));
        assert_eq!(counted.finish(), Err(error));
    }

    #[test]
    fn the_end_inside_a_frame_says_where_both_are() {
        let mut counted = deframer("len:u8");
        counted.push(Duration::ZERO, &[1, b'a', 3, b'b']);
        assert_eq!(counted.finish().unwrap().unwrap().payload, b"a");
        let error = counted.finish().unwrap_err();
        assert_eq!(error, FrameError::MidFrame { offset: 4, began: 2 });
        assert_eq!(error.to_string(), "closed in mid-frame at offset 4: the frame began at 2");
    }

    #[test]
    fn a_gap_ends_a_frame_by_its_tick() {
        let mut gap = deframer("gap:20ms");
        gap.push(Duration::from_millis(5), b"ab");
        gap.push(Duration::from_millis(10), b"c");
        assert_eq!(payloads(&mut gap), Vec::<Vec<u8>>::new());
        let deadline = gap.deadline().unwrap();
        assert_eq!(deadline, Duration::from_millis(30));
        gap.tick(deadline);
        assert_eq!(payloads(&mut gap), [b"abc"]);
    }

    #[test]
    fn a_line_over_the_limit_comes_in_pieces_that_are_marked() {
        let mut lines = deframer("lines,max=4");
        lines.push(Duration::ZERO, b"abcdefghi\nj\n");
        let next = || lines.next_frame().unwrap();
        let frames: Vec<_> = std::iter::from_fn(next).collect();
        let pieces: Vec<_> =
            frames.iter().map(|frame| (frame.payload.as_slice(), frame.whole)).collect();
        assert_eq!(pieces, [(&b"abcd"[..], false), (b"efgh", false), (b"i", false), (b"j", true)]);
        assert_eq!(frames[2].len, 2);
    }

    #[test]
    fn what_is_kept_of_an_endless_line_stays_below_the_limit() {
        let mut lines = deframer("lines");
        for _ in 0..160 {
            lines.push(Duration::ZERO, &b"a".repeat(64 << 10));
            while lines.next_frame().unwrap().is_some() {}
            assert!(lines.pending() <= (64 << 10) + 1);
        }
    }

    #[test]
    fn a_hundred_thousand_frames_in_one_push_all_come_out() {
        let mut lines = deframer("lines");
        lines.push(Duration::ZERO, &b"\n".repeat(100_000));
        assert_eq!(payloads(&mut lines).len(), 100_000);
        assert_eq!(lines.pending(), 0);
    }
}
