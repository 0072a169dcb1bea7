//! Frames that end at a delimiter: lines, CR LF, bytes of the user's choice.
//! A frame over the limit is given out in pieces, never refused.

use memchr::memchr;
use memchr::memmem;

use crate::cut::Cut;
use crate::cut::Found;

/// What ends a frame.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// LF, with one CR before it.
    Line,
    /// CR LF.
    Crlf,
    /// Other bytes, not empty.
    Marker(Vec<u8>),
}

impl End {
    /// The most bytes that it takes.
    fn longest(&self) -> usize {
        match self {
            Self::Line | Self::Crlf => 2,
            Self::Marker(marker) => marker.len(),
        }
    }

    /// Sizes of the first frame in `bytes` without its end and with it, looked
    /// for from `from` on.
    fn find(&self, bytes: &[u8], from: usize) -> Option<(usize, usize)> {
        let rest = bytes.get(from..)?;
        let (marker, found) = match self {
            Self::Line => {
                let after = memchr(b'\n', rest)? + from + 1;
                let line = bytes.get(..after - 1)?;
                return Some((line.strip_suffix(b"\r").unwrap_or(line).len(), after));
            }
            Self::Crlf => (2, memmem::find(rest, b"\r\n")),
            Self::Marker(marker) => (marker.len(), memmem::find(rest, marker)),
        };
        let size = found? + from;
        Some((size, size + marker))
    }
}

/// Finds frames by their ends.
#[derive(Clone, Debug)]
pub(crate) struct Delimited {
    end: End,
    max: usize,
    /// How many of the waiting bytes were looked at in vain.
    scanned: usize,
    /// A piece of the present frame was given out.
    continuing: bool,
}

impl Delimited {
    pub(crate) fn new(end: End, max: usize) -> Self {
        Self { end, max, scanned: 0, continuing: false }
    }

    pub(crate) fn find(&mut self, bytes: &[u8]) -> Found {
        // The end of a frame that is not too long lies within these.
        let reach = self.max.saturating_add(self.end.longest());
        let window = bytes.get(..reach).unwrap_or(bytes);
        let from = (self.scanned + 1).saturating_sub(self.end.longest());
        if let Some((size, len)) = self.end.find(window, from)
            && size <= self.max
        {
            let whole = !std::mem::take(&mut self.continuing);
            return self.give(bytes, size, len, whole);
        }
        if bytes.len() < reach {
            self.scanned = bytes.len();
            return Found::UNFINISHED;
        }
        self.continuing = true;
        self.give(bytes, self.max, self.max, false)
    }

    /// The stream ended: a last line needs no end, other frames do.
    pub(crate) fn finish(&mut self, bytes: &[u8]) -> Found {
        if bytes.is_empty() || !matches!(self.end, End::Line) {
            return Found::UNFINISHED;
        }
        let size = bytes.len().min(self.max);
        let last = size == bytes.len();
        let whole = last && !self.continuing;
        self.continuing = !last;
        self.give(bytes, size, size, whole)
    }

    fn give(&mut self, bytes: &[u8], size: usize, len: usize, whole: bool) -> Found {
        self.scanned = 0;
        let payload = bytes.get(..size).unwrap_or_default().to_vec();
        Found::Frame(Cut { whole, ..Cut::whole(len, payload) })
    }
}

#[cfg(test)]
mod tests {
    use super::Delimited;
    use super::End;
    use crate::cut::Cut;
    use crate::cut::Found;

    #[test]
    fn what_was_looked_at_is_not_looked_at_again() {
        let mut lines = Delimited::new(End::Line, 100);
        assert_eq!(lines.find(b"aaaa"), Found::UNFINISHED);
        // An LF put where it has looked before: it is not seen.
        assert_eq!(lines.find(b"a\naaa"), Found::UNFINISHED);
        assert_eq!(lines.find(b"a\naaa\n"), Found::Frame(Cut::whole(6, b"a\naaa".to_vec())));
    }

    #[test]
    fn a_delimiter_that_is_cut_anywhere_is_found() {
        for cut in 0..=4 {
            let mut marker = Delimited::new(End::Marker(b"abcd".to_vec()), 100);
            let bytes = b"xabcd";
            assert_eq!(marker.find(&bytes[..cut]), Found::UNFINISHED);
            let frame = Found::Frame(Cut::whole(5, b"x".to_vec()));
            assert_eq!(marker.find(bytes), frame, "cut at {cut}");
        }
    }

    #[test]
    fn a_line_at_the_limit_is_whole_with_either_end() {
        for (line, len) in [(&b"abcd\n"[..], 5), (b"abcd\r\n", 6)] {
            let mut lines = Delimited::new(End::Line, 4);
            assert_eq!(lines.find(line), Found::Frame(Cut::whole(len, b"abcd".to_vec())));
        }
    }
}
