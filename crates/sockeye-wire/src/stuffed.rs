//! COBS and SLIP frames in a stream. The delimiter cannot occur in a frame, so
//! the stream is in step again after each: a frame whose stuffing is broken is
//! given out as it stood, marked as not whole.

use memchr::memchr;

use crate::cut::Cut;
use crate::cut::Found;
use crate::error::FrameError;
use crate::stuffing::END;
use crate::stuffing::uncobs;
use crate::stuffing::unslip;

/// Which stuffing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stuffing {
    /// COBS: 00 after each frame.
    Cobs,
    /// SLIP: END before and after each frame; between two, one may serve both.
    Slip,
}

/// Finds frames by their delimiters and unstuffs them.
#[derive(Clone, Debug)]
pub(crate) struct Stuffed {
    stuffing: Stuffing,
    max: usize,
    /// How many of the waiting bytes were looked at in vain.
    scanned: usize,
}

impl Stuffed {
    pub(crate) fn new(stuffing: Stuffing, max: usize) -> Self {
        Self { stuffing, max, scanned: 0 }
    }

    /// `offset` is the place of `bytes` in the stream.
    pub(crate) fn find(&mut self, bytes: &[u8], offset: u64) -> Result<Found, FrameError> {
        let delimiter = match self.stuffing {
            Stuffing::Cobs => 0,
            Stuffing::Slip => END,
        };
        let idle = match self.scanned {
            0 => bytes.iter().take_while(|byte| **byte == delimiter).count(),
            _ => self.led(bytes),
        };
        // Of the ENDs before a SLIP frame the last one is its own.
        let led = idle.min(usize::from(self.stuffing == Stuffing::Slip));
        let skip = idle - led;
        let frame = bytes.get(skip..).unwrap_or_default();
        let reach = led.saturating_add(self.max).saturating_add(1);
        let window = frame.get(..reach).unwrap_or(frame);
        let from = self.scanned.max(led);
        let rest = window.get(from..).unwrap_or_default();
        if let Some(found) = memchr(delimiter, rest) {
            self.scanned = 0;
            let end = from + found;
            let stuffed = window.get(led..end).unwrap_or_default();
            return Ok(Found::Frame(Cut { skip, ..self.cut(end + 1, stuffed) }));
        }
        if frame.len() >= reach {
            return Err(FrameError::Endless { offset: offset + skip as u64, limit: self.max });
        }
        self.scanned = if frame.len() > led { frame.len() } else { 0 };
        Ok(Found::Nothing { drop: skip })
    }

    /// Whether the stream ended between two frames.
    pub(crate) fn is_between(&self, bytes: &[u8]) -> bool {
        bytes.len() == self.led(bytes)
    }

    /// How many delimiters of its own stand before the frame that has begun.
    fn led(&self, bytes: &[u8]) -> usize {
        usize::from(self.stuffing == Stuffing::Slip && bytes.first() == Some(&END))
    }

    fn cut(&self, len: usize, stuffed: &[u8]) -> Cut {
        let payload = match self.stuffing {
            Stuffing::Cobs => uncobs(stuffed),
            Stuffing::Slip => unslip(stuffed),
        };
        let whole = payload.is_some();
        Cut { whole, ..Cut::whole(len, payload.unwrap_or_else(|| stuffed.to_vec())) }
    }
}

#[cfg(test)]
mod tests {
    use super::Stuffed;
    use super::Stuffing;
    use crate::cut::Cut;
    use crate::cut::Found;
    use crate::error::FrameError;

    #[test]
    fn idle_delimiters_are_dropped_but_for_the_one_that_begins_a_frame() {
        let mut slip = Stuffed::new(Stuffing::Slip, 10);
        assert_eq!(slip.find(b"\xC0\xC0\xC0", 0), Ok(Found::Nothing { drop: 2 }));
        assert!(slip.is_between(b"\xC0"));
        assert_eq!(slip.find(b"\xC0\xC0a", 2), Ok(Found::Nothing { drop: 1 }));
        assert!(!slip.is_between(b"\xC0a"));
        let frame = Found::Frame(Cut::whole(3, b"a".to_vec()));
        assert_eq!(slip.find(b"\xC0a\xC0", 3), Ok(frame));
        let mut cobs = Stuffed::new(Stuffing::Cobs, 10);
        assert_eq!(cobs.find(&[0, 0], 0), Ok(Found::Nothing { drop: 2 }));
    }

    #[test]
    fn what_was_looked_at_is_not_looked_at_again() {
        let mut cobs = Stuffed::new(Stuffing::Cobs, 10);
        assert_eq!(cobs.find(&[2, 9], 0), Ok(Found::UNFINISHED));
        // A 00 put where it has looked before: it is not seen.
        assert_eq!(cobs.find(&[2, 0, 9], 0), Ok(Found::UNFINISHED));
    }

    #[test]
    fn refuses_a_frame_longer_than_the_limit() {
        let error = FrameError::Endless { offset: 1, limit: 2 };
        let mut slip = Stuffed::new(Stuffing::Slip, 2);
        assert_eq!(slip.find(b"\xC0\xC0abc", 0), Err(error));
        let mut fits = Stuffed::new(Stuffing::Slip, 3);
        assert_eq!(fits.find(b"\xC0\xC0abc", 0), Ok(Found::Nothing { drop: 1 }));
    }
}
