//! What goes through faults: units, and what ends a direction; and what comes of it.

use std::ops::{Deref, DerefMut};

use sockeye_net::came::Kind;
use sockeye_text::units::Size;

/// Bytes whose first ones are taken off without moving the others, so that a read falls into
/// pieces of a byte in a time that grows with its length alone.
#[derive(Clone, Debug)]
pub(super) struct Bytes {
    all: Vec<u8>,
    /// Never beyond the end.
    start: usize,
}

impl Bytes {
    /// Takes the first `count` off, or all.
    fn split_off_front(&mut self, count: usize) -> Self {
        let count = count.min(self.len());
        let front = self.get(..count).unwrap_or_default().to_vec();
        self.start += count;
        front.into()
    }

    pub(super) fn extend_from_slice(&mut self, more: &[u8]) {
        self.all.extend_from_slice(more);
    }

    pub(super) fn into_vec(mut self) -> Vec<u8> {
        if self.start == 0 { self.all } else { self.all.split_off(self.start) }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(all: Vec<u8>) -> Self {
        Self { all, start: 0 }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.all.get(self.start..).unwrap_or_default()
    }
}

impl DerefMut for Bytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.all.get_mut(self.start..).unwrap_or_default()
    }
}

/// A piece of what one side said.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) bytes: Bytes,
    /// Of a transport that keeps messages apart.
    pub(super) kind: Option<Kind>,
    /// Which unit of its direction, from 1; 0 for bytes that belong to none.
    pub(super) number: u64,
    /// Where its first byte stood in its direction.
    pub(super) off: u64,
    /// So many of the bytes that were read are accounted for by it: none by a copy.
    pub(super) counts: usize,
    /// Whether it is a second one of the same.
    pub(super) copy: bool,
    /// What such a unit is called.
    pub(super) noun: &'static str,
}

/// What an item beside its bytes is taken to weigh: empty ones shall not be for nothing.
pub(super) const OVERHEAD: usize = 64;

impl Unit {
    /// For a line about it: `frame 3, 18 B`.
    pub(super) fn shown(&self) -> String {
        format!("{} {}, {}", self.noun, self.number, Size(self.bytes.len() as u64))
    }

    pub(super) fn weight(&self) -> usize {
        self.bytes.len() + OVERHEAD
    }

    /// Takes the first `count` bytes off.
    pub(super) fn split_off_front(&mut self, count: usize) -> Self {
        let bytes = self.bytes.split_off_front(count);
        let counts = self.counts.min(bytes.len());
        self.counts -= counts;
        let front = Self { bytes, counts, ..self.without_bytes() };
        self.off += front.bytes.len() as u64;
        front
    }

    /// The same, one more time.
    pub(super) fn copied(&self) -> Self {
        Self { copy: true, counts: 0, ..self.clone() }
    }

    fn without_bytes(&self) -> Self {
        Self { bytes: Vec::new().into(), ..*self }
    }

    /// A message whose text is no text any more goes as binary: no transport takes it else.
    pub(super) fn keeps_its_kind(mut self) -> Self {
        if self.kind == Some(Kind::Text) && std::str::from_utf8(&self.bytes).is_err() {
            self.kind = Some(Kind::Binary);
        }
        self
    }
}

/// What stands in a direction's queue.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// Bytes.
    Unit(Unit),
    /// The end; ours where a fault made it.
    End(Option<String>),
    /// Both sides get a FIN.
    Close(String),
}

impl Item {
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Unit(unit) => unit.weight(),
            Self::End(_) | Self::Close(_) => OVERHEAD,
        }
    }
}

/// What is to be done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// These bytes go on.
    Write {
        /// The bytes.
        bytes: Vec<u8>,
        /// The kind of message, where kinds are kept apart.
        kind: Option<Kind>,
        /// So many of the bytes taken are accounted for by them.
        counts: usize,
    },
    /// So many of the bytes taken will not go on.
    Lost(usize),
    /// The end goes on; by which fault, if it was made here.
    End(Option<String>),
    /// Both sides get a FIN, by this fault.
    Close(String),
    /// Both sides get a RST, by this fault.
    Reset(String),
    /// A fault struck.
    Told(String),
}

/// What a stage lets out.
#[derive(Debug, Default)]
pub(super) struct Out {
    /// To the next stage.
    pub(super) items: Vec<Item>,
    /// At once: losses, resets, what is told.
    pub(super) acts: Vec<Act>,
}

impl Out {
    pub(super) fn tell(&mut self, text: String) {
        self.acts.push(Act::Told(text));
    }

    pub(super) fn lose(&mut self, item: &Item) {
        if let Item::Unit(unit) = item
            && unit.counts > 0
        {
            self.acts.push(Act::Lost(unit.counts));
        }
    }
}
