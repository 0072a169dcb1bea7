//! What one recv brings, whatever the transport: bytes, a whole message, news of the
//! transport itself, or the peer's end.

/// What one recv brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// Bytes of a stream, as one recv returned them; never empty.
    Bytes(Vec<u8>),
    /// One whole message of a transport that keeps messages apart; may be empty.
    Message(Vec<u8>, Kind),
    /// Something that the transport tells: a round trip, a port unplugged.
    Told(String),
    /// The peer's end, and its words at parting where the transport has such.
    End(Option<String>),
}

/// The same of a stream of bytes, which are in the space that was lent for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filled {
    /// So many bytes, never none.
    Bytes(usize),
    /// As [`Came::Told`].
    Told(String),
    /// As [`Came::End`].
    End(Option<String>),
}

impl Filled {
    /// Of a read without news of its own: nothing is the end.
    pub(crate) fn of(count: usize) -> Self {
        if count == 0 { Self::End(None) } else { Self::Bytes(count) }
    }
}

/// The two kinds of messages (RFC 6455, section 5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// Any bytes.
    Binary,
}

/// What TLS says of an end without its own (RFC 8446, section 6.1).
pub(crate) const NO_CLOSE_NOTIFY: &str = "no TLS close_notify";
/// What is said of a WebSocket's end without a close frame (RFC 6455, 7.1.5).
pub(crate) const NO_CLOSE_FRAME: &str =
    "no close frame (1006): what came last may have been cut off";

/// Whether the peer's words at parting say that what came last may have been cut off: its
/// transport has an end of its own, and that did not come.
pub fn may_be_cut(words: &str) -> bool {
    [NO_CLOSE_NOTIFY, NO_CLOSE_FRAME].contains(&words)
}
