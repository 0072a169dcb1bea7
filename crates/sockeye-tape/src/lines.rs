//! Lines of a file that nobody has checked, in bounded memory. Only where lines end; what
//! they say is not looked at.

use std::io;
use std::io::BufRead;

/// How the next line ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// With a line feed, which is left out.
    Whole,
    /// With the end of the file.
    Cut,
    /// Longer than the limit: it was read over.
    TooLong,
    /// As `TooLong`, and the file ended before it did.
    TooLongCut,
    /// There is no more.
    End,
}

/// Lines, one after the other.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    source: R,
    limit: usize,
    /// The line's number, from 1; 0 before the first.
    pub(crate) number: u64,
    /// How many bytes of the file the line took, without its end.
    pub(crate) length: u64,
    /// The line; empty if it was too long.
    pub(crate) text: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `source`; none of more than `limit` bytes is kept in memory.
    pub(crate) fn new(source: R, limit: usize) -> Self {
        Self { source, limit, number: 0, length: 0, text: Vec::new() }
    }

    /// Reads the next line into `text`.
    pub(crate) fn advance(&mut self) -> io::Result<Found> {
        self.read(u64::MAX)
    }

    /// Reads the first line into `text`. One that is too long is not read over, as none may
    /// follow that anybody wants: a device's never ends.
    pub(crate) fn first(&mut self) -> io::Result<Found> {
        self.read(self.limit as u64)
    }

    /// Reads until the line's end, or until more than `most` bytes of it have come.
    fn read(&mut self, most: u64) -> io::Result<Found> {
        self.text.clear();
        self.length = 0;
        let mut ended = false;
        while !ended && self.length <= most {
            let (taken, end) = self.take()?;
            if taken == 0 {
                break;
            }
            ended = end;
        }
        if self.length == 0 && !ended {
            return Ok(Found::End);
        }
        self.number += 1;
        Ok(match (self.length > self.limit as u64, ended) {
            (false, true) => Found::Whole,
            (false, false) => Found::Cut,
            (true, true) => Found::TooLong,
            (true, false) => Found::TooLongCut,
        })
    }

    /// Takes what the source has at hand, up to the line's end. How many bytes (none: the
    /// file has ended), and whether the line has ended with them.
    fn take(&mut self) -> io::Result<(usize, bool)> {
        let buffered = loop {
            match self.source.fill_buf() {
                Ok(buffered) => break buffered,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        let end = buffered.iter().position(|&byte| byte == b'\n');
        let part = end.and_then(|end| buffered.get(..end)).unwrap_or(buffered);
        self.length += part.len() as u64;
        if self.length <= self.limit as u64 {
            self.text.extend_from_slice(part);
        } else {
            self.text = Vec::new();
        }
        let taken = part.len() + usize::from(end.is_some());
        self.source.consume(taken);
        Ok((taken, end.is_some()))
    }
}

#[cfg(test)]
mod tests {
    use super::Found;
    use super::Lines;
    use proptest::prelude::any;
    use proptest::prelude::proptest;
    use std::io::BufReader;
    use std::io::Read;

    #[test]
    fn tells_a_whole_line_from_one_that_is_cut_or_too_long() {
        let source = &b"one\n\nfour and more\nfine\nfour and"[..];
        let mut lines = Lines::new(BufReader::with_capacity(2, source), 4);
        let mut found = Vec::new();
        loop {
            let how = lines.advance().unwrap();
            found.push((how, lines.number, lines.length, lines.text.clone()));
            assert!(lines.text.capacity() <= 16);
            if how == Found::End {
                break;
            }
        }
        assert_eq!(
            found,
            [
                (Found::Whole, 1, 3, b"one".to_vec()),
                (Found::Whole, 2, 0, Vec::new()),
                (Found::TooLong, 3, 13, Vec::new()),
                (Found::Whole, 4, 4, b"fine".to_vec()),
                (Found::TooLongCut, 5, 8, Vec::new()),
                (Found::End, 5, 0, Vec::new()),
            ]
        );
    }

    #[test]
    fn a_first_line_that_never_ends_is_not_read_to_its_end() {
        let source = std::io::repeat(b'x').take(1_000_000);
        let mut lines = Lines::new(BufReader::with_capacity(16, source), 100);
        assert_eq!(lines.first().unwrap(), Found::TooLongCut);
        assert!(lines.source.get_ref().limit() > 999_800);
        let mut lines = Lines::new(&b"x\ny"[..], 100);
        assert_eq!((lines.first().unwrap(), lines.text.as_slice()), (Found::Whole, &b"x"[..]));
        assert_eq!((lines.advance().unwrap(), lines.number), (Found::Cut, 2));
    }

    proptest! {
        #[test]
        fn lines_put_together_again_are_the_file(
            file in proptest::collection::vec(proptest::prelude::prop_oneof![
                proptest::prelude::Just(b'\n'), any::<u8>(),
            ], 0..200),
            buffer in 1usize..40,
        ) {
            let mut lines = Lines::new(BufReader::with_capacity(buffer, &file[..]), usize::MAX);
            let mut again = Vec::new();
            loop {
                match lines.advance().unwrap() {
                    Found::Whole => {
                        again.extend_from_slice(&lines.text);
                        again.push(b'\n');
                    }
                    Found::Cut => again.extend_from_slice(&lines.text),
                    Found::End => break,
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(again, file);
        }
    }
}
