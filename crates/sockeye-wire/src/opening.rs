//! What a stream of bytes begins with, where its first bytes tell: TLS on a plain port,
//! say. It is a guess made for people; nothing is decided by it.

/// A protocol that is known by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// A TLS client's hello (RFC 8446, section 4: a handshake record, then type 1).
    TlsHello,
    /// A TLS alert: what a TLS server says to a plain client.
    TlsAlert,
}

/// What the first bytes of a stream show; none where they show nothing that is known.
pub fn opening(first: &[u8]) -> Option<Opening> {
    match first {
        [0x16, 3, 0..=4, _, _, 1, ..] => Some(Opening::TlsHello),
        // Two bytes in all: a level and a description.
        [0x15, 3, 0..=4, 0, 2, 1 | 2, _] => Some(Opening::TlsAlert),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_hello_and_an_alert_and_nothing_by_less() {
        assert_eq!(opening(&[0x16, 3, 1, 2, 0, 1, 0]), Some(Opening::TlsHello));
        assert_eq!(opening(&[0x15, 3, 3, 0, 2, 2, 70]), Some(Opening::TlsAlert));
        for bytes in [&b""[..], b"\x16\x03", b"GET / HTTP/1.1", &[0x16, 3, 1, 2, 0, 2]] {
            assert_eq!(opening(bytes), None);
        }
    }
}
