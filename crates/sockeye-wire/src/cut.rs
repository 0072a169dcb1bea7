//! What a look at the waiting bytes finds. Places are counted from the first
//! waiting byte: only the deframer knows the stream.

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No whole frame yet; the first `drop` bytes belong to none.
    Nothing {
        /// Bytes that can go.
        drop: usize,
    },
    /// A frame.
    Frame(Cut),
}

impl Found {
    /// All bytes are part of a frame that has not ended.
    pub(crate) const UNFINISHED: Self = Self::Nothing { drop: 0 };
}

/// A frame, and which bytes to cut off for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Bytes before the frame that belong to none.
    pub(crate) skip: usize,
    /// Bytes of the frame, header and delimiter included.
    pub(crate) len: usize,
    pub(crate) payload: Vec<u8>,
    pub(crate) tag: Option<u16>,
    pub(crate) whole: bool,
}

impl Cut {
    /// A whole frame that begins at once and takes `len` bytes.
    pub(crate) fn whole(len: usize, payload: Vec<u8>) -> Self {
        Self { skip: 0, len, payload, tag: None, whole: true }
    }
}
