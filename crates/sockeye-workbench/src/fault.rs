//! Faults: what a relay disturbs on purpose. Here is what they are; how they are written is
//! in [`read`], what they do to a direction of bytes in [`stream`].

pub mod seed;
mod show;
pub mod read;
mod aim;
mod held;
mod strike;
mod swap;
mod line;
mod turn;
mod chain;
mod forming;
pub mod unit;
pub mod stream;
pub mod shared;
pub mod typed;
pub mod datagram;
pub mod pump;

use std::time::Duration;

/// So many faults go together at most.
pub const MOST: usize = 32;

/// What stands between two pieces of a split unless said otherwise: without a gap the kernel
/// joins them.
pub const GAP: Duration = Duration::from_millis(2);

/// One fault: what is done, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is done.
    pub kind: Kind,
    /// In one direction only.
    pub dir: Option<Dir>,
    /// At which units.
    pub on: On,
    /// Only at the first so many of them, of each conversation and direction.
    pub first: Option<u64>,
    /// At so many of them, drawn.
    pub p: Option<Percent>,
    /// In so many conversations, drawn.
    pub share: Option<Percent>,
}

/// What a fault does. A unit is a frame where there is a framing, a datagram or a message
/// where there are such, else a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Pieces of `size` bytes, `spread` more or less, each a write of its own.
    Split {
        /// Bytes, at least 1.
        size: u64,
        /// More or less; a piece has at least 1 byte.
        spread: u64,
        /// Between two pieces.
        gap: Duration,
    },
    /// Held so long after the first held byte, then written in one piece.
    Coalesce(Duration),
    /// Each unit, and the end, goes on so much later; the order is kept.
    Delay {
        /// So much.
        time: Duration,
        /// More or less, drawn for each.
        spread: Duration,
    },
    /// No faster than this.
    Rate(Rate),
    /// Units are lost.
    Drop(Percent),
    /// Units go on twice.
    Dup(Percent),
    /// Units go on after the one that follows them.
    Reorder(Percent),
    /// One bit of so many bytes is flipped; without a number, of one byte of each unit.
    Corrupt(Option<Percent>),
    /// After so many bytes both sides get a FIN. They are counted from the first unit that it
    /// strikes; a fault that strikes all of them, from the start.
    Cut(u64),
    /// Both sides get a RST, so long after a unit that does not go on.
    Rst(Duration),
    /// The end is told, so long after a unit, although the sender goes on.
    HalfClose(Duration),
    /// Nothing passes. One of all units begins by itself, once; others at each unit that they
    /// strike, which is held too.
    Stall {
        /// For so long; none: until the fault is taken away.
        time: Option<Duration>,
        /// What follows.
        then: Then,
    },
    /// The end goes on so much later.
    SlowClose(Duration),
    /// Datagrams are cut to so many bytes.
    Size(u64),
}

/// The direction of bytes in a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dir {
    /// From the one who called, A, to B.
    Up,
    /// Back.
    Down,
}

/// At which units a fault can strike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum On {
    /// At all.
    #[default]
    All,
    /// At the unit of this number, from 1.
    Nth(u64),
    /// At those that hold these bytes.
    Match(Vec<u8>),
}

/// What follows a stall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Then {
    /// It goes on, with all that was held.
    #[default]
    GoOn,
    /// Both sides are closed.
    Close,
}

/// A share of a hundred, in millionths of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

impl Percent {
    /// All of them.
    pub const ALL: Self = Self(1_000_000);

    /// So many millionths; none if more than all.
    pub fn of_millionths(count: u32) -> Option<Self> {
        (count <= Self::ALL.0).then_some(Self(count))
    }

    /// In millionths.
    pub fn millionths(self) -> u32 {
        self.0
    }
}

/// How fast, in the unit in which it was said. Never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// Bits per second.
    Bits(u64),
    /// Bytes per second.
    Bytes(u64),
}

impl Rate {
    /// Bits per second, at least 1.
    pub fn bits(self) -> u64 {
        match self {
            Self::Bits(bits) => bits.max(1),
            Self::Bytes(bytes) => bytes.saturating_mul(8).max(1),
        }
    }

    /// How long so many bytes take.
    pub fn takes(self, bytes: usize) -> Duration {
        let bits = bytes as u128 * 8;
        let nanoseconds = bits * 1_000_000_000 / u128::from(self.bits());
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

/// What a fault is put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// Streams.
    Streams,
    /// Datagrams.
    Datagrams,
}

impl Fault {
    /// Such a fault in both directions, at all units of all conversations.
    pub fn new(kind: Kind) -> Self {
        Self { kind, dir: None, on: On::All, first: None, p: None, share: None }
    }

    /// Whether it means something to that carrier: a datagram has no end and no pieces, a
    /// stream has no datagrams.
    pub fn fits(&self, carrier: Carrier) -> bool {
        match self.kind {
            Kind::Split { .. }
            | Kind::Coalesce(_)
            | Kind::Cut(_)
            | Kind::Rst(_)
            | Kind::HalfClose(_)
            | Kind::SlowClose(_)
            | Kind::Stall { then: Then::Close, .. } => carrier == Carrier::Streams,
            Kind::Size(_) => carrier == Carrier::Datagrams,
            _ => true,
        }
    }
}
