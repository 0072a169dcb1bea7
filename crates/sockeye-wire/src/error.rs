//! The errors of this floor, by who must act: whoever wrote a framing or a
//! checksum down, the peer whose stream does not obey its framing, and whoever
//! wants a payload sent that a framing cannot carry.
//!
//! No text here is safe to show by itself: words from a user are kept as given.

use sockeye_text::nearest::nearest;

/// A framing or a checksum that was written down wrong: the user must act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpellingError {
    /// A name or an option that does not exist.
    #[error("unknown {what} `{word}`{}", said(.nearest.as_deref()))]
    Unknown {
        /// What was looked for: `framing`, `length`, `checksum`, `option`.
        what: &'static str,
        /// The word as it was written.
        word: String,
        /// The known name that is nearest, if one is near.
        nearest: Option<String>,
    },
    /// A value that cannot be read, or that is out of range.
    #[error("cannot read `{given}`: {expected}")]
    Value {
        /// The part as it was written, with its name.
        given: String,
        /// What should stand there.
        expected: String,
    },
}

impl SpellingError {
    pub(crate) fn unknown(what: &'static str, word: &str, known: &[&str]) -> Self {
        let nearest = nearest(word, known.iter().copied()).map(str::to_owned);
        Self::Unknown { what, word: word.to_owned(), nearest }
    }
}

/// A stream that does not obey its framing: the peer must act. Offsets count
/// bytes from the beginning of the stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A length that is announced is over the limit. Nothing was allocated for it.
    #[error("frame at offset {offset} has length {length}, over the limit of {limit}")]
    TooLong {
        /// Where the frame begins.
        offset: u64,
        /// The length it says it has, the length field left out.
        length: u128,
        /// The longest that is allowed, in bytes.
        limit: usize,
    },
    /// A length is below zero, or below the least that its framing allows, once
    /// it is adjusted.
    #[error(
        "frame at offset {offset} has length {length}, below the least of {least} (limit {limit})"
    )]
    TooShort {
        /// Where the frame begins.
        offset: u64,
        /// The length after adjusting.
        length: i128,
        /// The least that makes sense, in bytes.
        least: usize,
        /// The longest that is allowed, in bytes.
        limit: usize,
    },
    /// No end was found within the limit.
    #[error("frame at offset {offset} has no end within the limit of {limit} bytes")]
    Endless {
        /// Where the frame begins.
        offset: u64,
        /// The longest that is allowed, in bytes.
        limit: usize,
    },
    /// JSON arrays and objects stand in each other deeper than the limit.
    #[error("JSON at offset {offset} is nested deeper than {limit}")]
    TooDeep {
        /// Where the bracket stands that is one too many.
        offset: u64,
        /// The deepest that is allowed.
        limit: usize,
    },
    /// A byte that the framing does not allow where it stands.
    #[error("no frame at offset {offset}: expected {expected}")]
    Malformed {
        /// Where the byte stands.
        offset: u64,
        /// What should stand there.
        expected: &'static str,
    },
    /// The stream ended inside a frame.
    #[error("closed in mid-frame at offset {offset}: the frame began at {began}")]
    MidFrame {
        /// Where the stream ended.
        offset: u64,
        /// Where the frame began.
        began: u64,
    },
}

/// A payload that a framing cannot carry: whoever sends must act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnframeError {
    /// The payload holds the delimiter, or would make one with what follows it.
    #[error("the payload cannot be sent as `{framing}`: its byte {at} would end the frame early")]
    Delimiter {
        /// The framing's spelling.
        framing: String,
        /// Where in the payload, from 0.
        at: usize,
    },
    /// The payload's length is not one that the framing can carry.
    #[error("the payload cannot be sent as `{framing}`: its length is {length}, not {}", sizes(*least, *most))]
    Length {
        /// The framing's spelling.
        framing: String,
        /// The payload's length in bytes (`cobs`, `slip`: once encoded).
        length: usize,
        /// The least it can carry.
        least: usize,
        /// The most it can carry.
        most: usize,
    },
    /// The payload is not one JSON value.
    #[error("the payload cannot be sent as `json`: it is not one JSON value at byte {at}")]
    NotJson {
        /// Where in the payload, from 0.
        at: usize,
    },
}

fn sizes(least: usize, most: usize) -> String {
    match most {
        usize::MAX => format!("{least} or more"),
        _ if least == most => least.to_string(),
        _ => format!("{least} to {most}"),
    }
}

fn said(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("; the nearest is `{nearest}`"))
}
