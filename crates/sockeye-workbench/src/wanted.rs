//! What is looked for in messages and in streams: a text, `hex:…`, or `re:…`.

use std::fmt;
use std::str::FromStr;

use regex::bytes::{Regex, RegexBuilder};
use sockeye_text::encoding::Encoding;
use sockeye_text::hex::{self, HexError};

use crate::message::without_end;

/// The most memory that a pattern may take once it is compiled, in bytes.
const PATTERN: usize = 1 << 20;

/// Something that is looked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// As it was written.
    text: String,
    pub(crate) what: What,
}

/// What it is.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A text.
    Text(String),
    /// `hex:`.
    Bytes(Vec<u8>),
    /// `re:`.
    Pattern(Regex),
}

/// What cannot be looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WantedError {
    /// Nothing.
    #[error("there is nothing to look for")]
    Empty,
    /// A bad `hex:`.
    #[error(transparent)]
    Hex(#[from] HexError),
    /// A bad `re:`.
    #[error("{0}")]
    Pattern(String),
}

impl FromStr for Wanted {
    type Err = WantedError;

    fn from_str(text: &str) -> Result<Self, WantedError> {
        let what = match text.split_once(':') {
            Some(("hex", digits)) => What::Bytes(hex::decode(digits)?),
            Some(("re", pattern)) => What::Pattern(
                RegexBuilder::new(pattern)
                    .size_limit(PATTERN)
                    .build()
                    .map_err(|error| WantedError::Pattern(error.to_string()))?,
            ),
            Some(("text", rest)) => What::Text(rest.to_owned()),
            _ => What::Text(text.to_owned()),
        };
        match text {
            "" => Err(WantedError::Empty),
            text => Ok(Self { text: text.to_owned(), what }),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Wanted {
    /// Whether the message is the one meant: a text or `hex:` is the whole message (a line
    /// end after it does not count), a `re:` is found anywhere in its text.
    pub fn matches(&self, message: &[u8], encoding: Encoding) -> bool {
        match &self.what {
            What::Bytes(bytes) => message == bytes.as_slice(),
            What::Text(text) => {
                let message = without_end(message);
                message == text.as_bytes()
                    || encoding.decode(message).is_some_and(|read| read == *text)
            }
            What::Pattern(pattern) => {
                pattern.is_match(message)
                    || encoding
                        .decode(message)
                        .is_some_and(|text| pattern.is_match(text.as_bytes()))
            }
        }
    }

    /// Where the first place that has it ends, in bytes of a stream; none in no bytes. A
    /// `re:` that only the decoded text has takes all of it.
    pub fn found(&self, bytes: &[u8], encoding: Encoding) -> Option<usize> {
        if bytes.is_empty() {
            return None;
        }
        match &self.what {
            What::Bytes(wanted) => end_of(wanted, bytes),
            What::Text(text) => {
                let encoded = encoding.encode(text).ok().and_then(|text| end_of(&text, bytes));
                let plain = end_of(text.as_bytes(), bytes);
                encoded.into_iter().chain(plain).min()
            }
            What::Pattern(pattern) => match pattern.find(bytes) {
                Some(place) => Some(place.end()),
                None => encoding
                    .decode(bytes)
                    .filter(|text| pattern.is_match(text.as_bytes()))
                    .map(|_| bytes.len()),
            },
        }
    }
}

fn end_of(wanted: &[u8], bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, wanted).map(|place| place + wanted.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(wanted: &str, bytes: &[u8], encoding: &str) -> Option<usize> {
        let encoding = encoding.parse().unwrap();
        wanted.parse::<Wanted>().unwrap().found(bytes, encoding)
    }

    #[test]
    fn the_first_place_of_a_stream_is_found() {
        assert_eq!(found("OK", b"..OK OK", "auto"), Some(4));
        assert_eq!(found("hex:0D 0A", b"OK\r\n", "auto"), Some(4));
        assert_eq!(found("re:[0-9]+", b"v 17 ", "auto"), Some(4));
        assert_eq!(found("OK", b"O", "auto"), None);
        assert_eq!(found("re:", b"", "auto"), None, "nothing has come");
    }

    #[test]
    fn a_text_is_found_in_the_encoding_and_in_utf_8() {
        assert_eq!(found("好", b"\xC4\xE3\xBA\xC3", "gbk"), Some(4));
        assert_eq!(found("好", "你好".as_bytes(), "gbk"), Some(6));
        assert_eq!(found("re:^你.$", b"\xC4\xE3\xBA\xC3", "gbk"), Some(4));
    }

    #[test]
    fn nothing_and_nonsense_are_refused() {
        assert_eq!("".parse::<Wanted>().unwrap_err(), WantedError::Empty);
        assert!("hex:A".parse::<Wanted>().is_err());
        assert!("re:(".parse::<Wanted>().is_err());
    }
}
