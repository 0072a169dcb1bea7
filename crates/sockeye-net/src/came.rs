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

/// The two kinds of messages (RFC 6455, section 5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// Any bytes.
    Binary,
}
