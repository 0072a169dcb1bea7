//! What the index of a reel knows of one event without reading it again.

use std::fmt;
use std::ops::Range;

use crate::event::Dir;
use crate::event::Event;
use crate::event::What;

/// What kind of event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// [`What::Open`].
    Open,
    /// [`What::In`].
    In,
    /// [`What::Out`].
    Out,
    /// [`What::Frame`].
    Frame,
    /// [`What::Close`].
    Close,
    /// [`What::Fault`].
    Fault,
    /// [`What::Note`].
    Note,
    /// [`What::Error`].
    Error,
}

/// One event in the index: 48 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where in the file its line begins.
    pub at: u64,
    /// Offset of its first byte in the stream of its conversation and direction: of a read or
    /// write as counted here, of a frame as the frame says; of anything else 0.
    pub off: u64,
    /// When, in nanoseconds since the start of the tape.
    pub t: u64,
    /// The number of the conversation.
    pub c: u64,
    /// How many bytes the read, the write or the frame has (at most `u32::MAX` are told).
    pub len: u32,
    /// How long its line is, its end included.
    pub size: u32,
    /// What kind of event.
    pub kind: Kind,
    /// The direction of a read, a write or a frame.
    pub dir: Option<Dir>,
}

impl Kind {
    /// The kind of an event.
    pub fn of(what: &What<'_>) -> Self {
        match what {
            What::Open(_) => Self::Open,
            What::In { .. } => Self::In,
            What::Out { .. } => Self::Out,
            What::Frame { .. } => Self::Frame,
            What::Close(_) => Self::Close,
            What::Fault { .. } => Self::Fault,
            What::Note { .. } => Self::Note,
            What::Error { .. } => Self::Error,
        }
    }

    /// Whether it carries bytes: a read or a write.
    pub fn has_bytes(self) -> bool {
        matches!(self, Self::In | Self::Out)
    }
}

impl fmt::Display for Kind {
    /// The word that a tape uses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::In => "in",
            Self::Out => "out",
            Self::Frame => "frame",
            Self::Close => "close",
            Self::Fault => "fault",
            Self::Note => "note",
            Self::Error => "error",
        })
    }
}

impl Entry {
    /// The entry of an event whose line lies `at`. Where its bytes lie in their stream is not
    /// known to it.
    pub(crate) fn of(event: &Event<'_>, at: Range<u64>) -> Self {
        let (dir, off, len) = match &event.what {
            What::In { bytes, .. } => (Some(Dir::In), 0, bytes.len() as u64),
            What::Out { bytes, .. } => (Some(Dir::Out), 0, bytes.len() as u64),
            What::Frame { dir, off, len } => (Some(*dir), *off, *len),
            _ => (None, 0, 0),
        };
        Self {
            at: at.start,
            off,
            t: u64::try_from(event.t.as_nanos()).unwrap_or(u64::MAX),
            c: event.c,
            len: u32::try_from(len).unwrap_or(u32::MAX),
            size: u32::try_from(at.end - at.start).unwrap_or(u32::MAX),
            kind: Kind::of(&event.what),
            dir,
        }
    }

    /// Where its line ends.
    pub(crate) fn end(&self) -> u64 {
        self.at + u64::from(self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::Entry;

    #[test]
    fn a_million_entries_take_less_than_64_mebibytes() {
        assert!(size_of::<Entry>() <= 48);
    }
}
