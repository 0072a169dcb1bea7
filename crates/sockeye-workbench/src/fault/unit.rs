//! What goes through faults: units, and what ends a direction; and what comes of it.

use sockeye_net::came::Kind;
use sockeye_text::units::Size;

/// A piece of what one side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) bytes: Vec<u8>,
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
const OVERHEAD: usize = 64;

impl Unit {
    /// For a line about it: `frame 3, 18 B`.
    pub(super) fn shown(&self) -> String {
        format!("{} {}, {}", self.noun, self.number, Size(self.bytes.len() as u64))
    }

    /// Takes the first `count` bytes off.
    pub(super) fn split_off_front(&mut self, count: usize) -> Self {
        let rest = self.bytes.split_off(count.min(self.bytes.len()));
        let bytes = std::mem::replace(&mut self.bytes, rest);
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

    pub(super) fn without_bytes(&self) -> Self {
        Self { bytes: Vec::new(), ..*self }
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
            Self::Unit(unit) => unit.bytes.len() + OVERHEAD,
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
