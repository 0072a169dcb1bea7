//! What crossed the wire: packets in, conversations out. Pure but for [`live`]: no socket, no
//! file, no clock; each packet comes with its time. Everything in a packet is its sender's claim, and memory
//! is bounded: so many conversations, so many bytes out of order in each.

pub mod line;
pub mod watched;
mod way;
pub mod taken;
mod flow;
pub mod summary;
pub mod flows;
pub mod rulers;
pub mod joined;
pub mod scope;
pub mod places;
pub mod live;

use std::fmt;

use sockeye_tape::event::{Close, Dir, Open};

use crate::capture::summary::Summary;

/// What a packet was to its conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The conversation's number, from 1.
    pub number: u64,
    /// The conversation begins with it. Its `local` end is the caller's.
    pub opened: Option<Open>,
    /// A conversation that ended for this one to begin: between the same ends, or the one
    /// that was silent longest when there were too many.
    pub displaced: Option<Summary>,
    /// Out: from the caller to the called.
    pub dir: Dir,
    /// The packet in words: a stable form.
    pub text: String,
    /// Where in its direction's stream its bytes lie, where it has any.
    pub extent: Option<Extent>,
    /// The bytes that are now known in their order, this packet's or earlier ones'.
    pub pieces: Vec<Piece>,
    /// The conversation closes with it.
    pub closed: Option<Close>,
    /// It is one of the handshake's or of the close's.
    pub step: bool,
}

/// Where bytes lie in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The offset of the first.
    pub off: u64,
    /// How many there are.
    pub len: u64,
}

/// Bytes of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The offset of the first: more than the end of the piece before where some were lost.
    pub off: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What is remarkable about a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It has been seen before, or fills a gap later than the network would mix up.
    Retransmission,
    /// It fills a gap that was there for a moment.
    OutOfOrder,
    /// So many bytes before it have not been seen.
    Gap(u64),
    /// So many bytes before it were acknowledged, and never seen: the capture missed them.
    Unseen(u64),
    /// It asks whether the other side is still there (RFC 9293, 3.8.4).
    KeepAlive,
    /// Its sender has no room.
    ZeroWindow,
    /// It acknowledges once more what was acknowledged (RFC 5681, section 2).
    DuplicateAck(u32),
    /// So many of its bytes were not captured.
    Cut(u32),
    /// So many bytes out of order were given up.
    GivenUp(u64),
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retransmission => f.write_str("[retransmission]"),
            Self::OutOfOrder => f.write_str("[out of order]"),
            Self::Gap(bytes) => write!(f, "[{bytes} bytes before it not seen]"),
            Self::Unseen(bytes) => write!(f, "[{bytes} bytes before it not captured]"),
            Self::KeepAlive => f.write_str("[keep-alive]"),
            Self::ZeroWindow => f.write_str("[zero window]"),
            Self::DuplicateAck(count) => write!(f, "[duplicate ack {count}]"),
            Self::Cut(bytes) => write!(f, "[{bytes} bytes cut off by the capture]"),
            Self::GivenUp(bytes) => write!(f, "[{bytes} bytes out of order given up]"),
        }
    }
}

#[cfg(test)]
mod tests;
