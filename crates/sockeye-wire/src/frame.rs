//! A frame: one message as it was found in a stream. How it is found is not
//! told here.

/// One message, and where in the stream it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Offset of its first byte in the stream, header and delimiter included.
    pub off: u64,
    /// How many bytes of the stream it takes, header and delimiter included.
    /// What lies between two frames (noise before a head, white space between
    /// JSON values, idle delimiters) belongs to none.
    pub len: u64,
    /// What was meant: without header, delimiter and stuffing.
    pub payload: Vec<u8>,
    /// The transaction id of Modbus TCP.
    pub tag: Option<u16>,
    /// False: not a whole message. A piece of a line (or of a burst) that is
    /// longer than the framing's `max`: each of its pieces is marked, and the
    /// last line piece is the one whose `len` is more than its payload's length.
    /// Or a COBS or SLIP frame whose stuffing is broken: `payload` is then the
    /// bytes between the delimiters, as they stood.
    pub whole: bool,
}
