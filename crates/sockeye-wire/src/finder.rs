//! One finder for each framing. A finder sees the waiting bytes from the front,
//! remembers what it has looked at, and says what to cut off.

use std::time::Duration;

use crate::bracketed::Bracketed;
use crate::counted::Counted;
use crate::counted::Header;
use crate::cut::Found;
use crate::delimited::Delimited;
use crate::delimited::End;
use crate::error::FrameError;
use crate::framing::Framing;
use crate::framing::Rule;
use crate::stuffed::Stuffed;
use crate::stuffed::Stuffing;
use crate::timed::Timed;
use crate::values::Values;

/// The finder of a framing.
#[derive(Clone, Debug)]
pub(crate) enum Finder {
    Timed(Timed),
    Delimited(Delimited),
    Counted(Counted),
    Bracketed(Bracketed),
    Values(Values),
    Stuffed(Stuffed),
}

impl Finder {
    pub(crate) fn new(framing: Framing) -> Self {
        let max = framing.max();
        match framing.into_rule() {
            Rule::Raw => Self::Timed(Timed::new(None, max)),
            Rule::Gap(gap) => Self::Timed(Timed::new(Some(gap), max)),
            Rule::Lines => Self::Delimited(Delimited::new(End::Line, max)),
            Rule::Crlf => Self::Delimited(Delimited::new(End::Crlf, max)),
            Rule::Delimiter(end) => Self::Delimited(Delimited::new(End::Marker(end), max)),
            Rule::Length(field) => Self::Counted(Counted::new(Header::Field(field), max)),
            Rule::LengthAscii => Self::Counted(Counted::new(Header::Ascii, max)),
            Rule::LengthVarint => Self::Counted(Counted::new(Header::Varint, max)),
            Rule::Fixed(size) => Self::Counted(Counted::new(Header::Same(size), max)),
            Rule::ModbusTcp => Self::Counted(Counted::new(Header::Mbap, max)),
            Rule::HeadTail { head, tail } => Self::Bracketed(Bracketed::new(head, tail, max)),
            Rule::Json => Self::Values(Values::new(max)),
            Rule::Cobs => Self::Stuffed(Stuffed::new(Stuffing::Cobs, max)),
            Rule::Slip => Self::Stuffed(Stuffed::new(Stuffing::Slip, max)),
        }
    }

    /// `count` more bytes wait since `at`.
    pub(crate) fn arrive(&mut self, at: Duration, count: usize) {
        if let Self::Timed(timed) = self {
            timed.arrive(at, count);
        }
    }

    pub(crate) fn tick(&mut self, at: Duration) {
        if let Self::Timed(timed) = self {
            timed.tick(at);
        }
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        match self {
            Self::Timed(timed) => timed.deadline(),
            _ => None,
        }
    }

    /// Looks at the waiting bytes; the first of them has this offset in the
    /// stream.
    pub(crate) fn find(&mut self, bytes: &[u8], offset: u64) -> Result<Found, FrameError> {
        match self {
            Self::Timed(timed) => Ok(timed.find(bytes, offset)),
            Self::Delimited(delimited) => Ok(delimited.find(bytes)),
            Self::Counted(counted) => counted.find(bytes, offset),
            Self::Bracketed(bracketed) => bracketed.find(bytes, offset),
            Self::Values(values) => values.find(bytes, offset),
            Self::Stuffed(stuffed) => stuffed.find(bytes, offset),
        }
    }

    /// What the end of the stream makes a frame of, once `find` finds none.
    pub(crate) fn finish(&mut self, bytes: &[u8], offset: u64) -> Found {
        match self {
            Self::Timed(timed) => {
                timed.finish();
                timed.find(bytes, offset)
            }
            Self::Delimited(delimited) => delimited.finish(bytes),
            Self::Values(values) => values.finish(bytes),
            Self::Counted(_) | Self::Bracketed(_) | Self::Stuffed(_) => Found::UNFINISHED,
        }
    }

    /// Whether a stream that ends here ends between two frames.
    pub(crate) fn is_between(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Stuffed(stuffed) => stuffed.is_between(bytes),
            _ => bytes.is_empty(),
        }
    }
}
