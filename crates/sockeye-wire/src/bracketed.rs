//! Frames between a head and a tail. What stands before a head is noise and is
//! left out; a head inside a frame is payload.

use memchr::memmem;

use crate::cut::Cut;
use crate::cut::Found;
use crate::error::FrameError;

/// Finds frames by their heads and tails.
#[derive(Clone, Debug)]
pub(crate) struct Bracketed {
    head: Vec<u8>,
    tail: Vec<u8>,
    max: usize,
    /// The waiting bytes begin with a head.
    inside: bool,
    /// How many bytes after that head were looked at in vain.
    scanned: usize,
}

impl Bracketed {
    pub(crate) fn new(head: Vec<u8>, tail: Vec<u8>, max: usize) -> Self {
        Self { head, tail, max, inside: false, scanned: 0 }
    }

    /// `offset` is the place of `bytes` in the stream.
    pub(crate) fn find(&mut self, bytes: &[u8], offset: u64) -> Result<Found, FrameError> {
        let noise = if self.inside { Some(0) } else { memmem::find(bytes, &self.head) };
        let Some(skip) = noise else {
            let drop = bytes.len() - self.begun(bytes);
            return Ok(Found::Nothing { drop });
        };
        self.inside = true;
        let head = self.head.len();
        let body = bytes.get(skip + head..).unwrap_or_default();
        // The tail of a frame that is not too long lies within these.
        let reach = self.max.saturating_add(self.tail.len());
        let window = body.get(..reach).unwrap_or(body);
        let from = (self.scanned + 1).saturating_sub(self.tail.len());
        let rest = window.get(from..).unwrap_or_default();
        if let Some(found) = memmem::find(rest, &self.tail) {
            let size = from + found;
            self.inside = false;
            self.scanned = 0;
            let payload = window.get(..size).unwrap_or_default().to_vec();
            let len = head + size + self.tail.len();
            return Ok(Found::Frame(Cut { skip, ..Cut::whole(len, payload) }));
        }
        if body.len() >= reach {
            return Err(FrameError::Endless { offset: offset + skip as u64, limit: self.max });
        }
        self.scanned = window.len();
        Ok(Found::Nothing { drop: skip })
    }

    /// How many of the last bytes could be the beginning of a head.
    fn begun(&self, bytes: &[u8]) -> usize {
        let begins =
            |size: &usize| self.head.get(..*size).is_some_and(|part| bytes.ends_with(part));
        (1..self.head.len()).rev().find(begins).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::Bracketed;
    use crate::cut::Cut;
    use crate::cut::Found;
    use crate::error::FrameError;

    fn bracketed(max: usize) -> Bracketed {
        Bracketed::new(b"<<".to_vec(), b">>".to_vec(), max)
    }

    #[test]
    fn noise_is_dropped_but_for_what_may_begin_a_head() {
        let mut finder = bracketed(10);
        assert_eq!(finder.find(b"noise", 0), Ok(Found::Nothing { drop: 5 }));
        assert_eq!(finder.find(b"noise<", 5), Ok(Found::Nothing { drop: 5 }));
        assert_eq!(finder.find(b"<<a", 10), Ok(Found::UNFINISHED));
        let frame = Found::Frame(Cut::whole(6, b"ab".to_vec()));
        assert_eq!(finder.find(b"<<ab>>", 10), Ok(frame));
    }

    #[test]
    fn what_was_looked_at_is_not_looked_at_again() {
        let mut finder = bracketed(10);
        assert_eq!(finder.find(b"<<abcd", 0), Ok(Found::UNFINISHED));
        // A tail put where it has looked before: it is not seen.
        assert_eq!(finder.find(b"<<>>cde", 0), Ok(Found::UNFINISHED));
    }

    #[test]
    fn refuses_a_frame_longer_than_the_limit_where_it_began() {
        let error = FrameError::Endless { offset: 11, limit: 2 };
        assert_eq!(bracketed(2).find(b"x<<abc>", 10), Err(error));
        assert!(bracketed(3).find(b"x<<abc>>", 10).is_ok());
    }
}
