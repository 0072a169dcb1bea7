//! JSON values one after another in a stream, with or without white space
//! between them. What a value looks like inside is told elsewhere.

use crate::cut::Cut;
use crate::cut::Found;
use crate::error::FrameError;
use crate::json::Flaw;
use crate::json::NESTING_MAX;
use crate::json::Scanner;
use crate::json::spaces;

/// Finds JSON values.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    scanner: Scanner,
    max: usize,
}

impl Values {
    pub(crate) fn new(max: usize) -> Self {
        Self { scanner: Scanner::default(), max }
    }

    /// `offset` is the place of `bytes` in the stream.
    pub(crate) fn find(&mut self, bytes: &[u8], offset: u64) -> Result<Found, FrameError> {
        let skip = if self.scanner.is_fresh() { spaces(bytes) } else { 0 };
        let offset = offset + skip as u64;
        let value = bytes.get(skip..).unwrap_or_default();
        // One byte more than the limit, to see a number's end.
        let window = value.get(..=self.max).unwrap_or(value);
        match self.scanner.scan(window) {
            Ok(Some(len)) if len <= self.max => {
                let payload = value.get(..len).unwrap_or_default().to_vec();
                self.scanner = Scanner::default();
                Ok(Found::Frame(Cut { skip, ..Cut::whole(len, payload) }))
            }
            Ok(None) if value.len() <= self.max => Ok(Found::Nothing { drop: skip }),
            Ok(_) => Err(FrameError::Endless { offset, limit: self.max }),
            Err(Flaw { at, expected: Some(expected) }) => {
                Err(FrameError::Malformed { offset: offset + at as u64, expected })
            }
            Err(Flaw { at, expected: None }) => {
                Err(FrameError::TooDeep { offset: offset + at as u64, limit: NESTING_MAX })
            }
        }
    }

    /// The stream ended, and ends a number or word with it.
    pub(crate) fn finish(&mut self, bytes: &[u8]) -> Found {
        if !self.scanner.is_ended(bytes) {
            return Found::UNFINISHED;
        }
        self.scanner = Scanner::default();
        Found::Frame(Cut::whole(bytes.len(), bytes.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::NESTING_MAX;
    use super::Values;
    use crate::error::FrameError;
    use crate::json::one_value;

    #[test]
    fn refuses_nesting_deeper_than_the_limit_where_it_goes_over() {
        let fits = [vec![b'['; NESTING_MAX], vec![b']'; NESTING_MAX]].concat();
        assert_eq!(one_value(&fits), Ok(2 * NESTING_MAX));
        let deep = vec![b'['; NESTING_MAX + 1];
        let error = FrameError::TooDeep { offset: 5 + NESTING_MAX as u64, limit: NESTING_MAX };
        assert_eq!(Values::new(1 << 20).find(&deep, 5), Err(error));
    }
}
