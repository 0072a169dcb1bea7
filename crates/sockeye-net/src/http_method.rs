//! How a request over HTTP begins, for who looks whether a caller speaks it.

/// The methods that are in use (RFC 9110, section 9; PATCH: RFC 5789).
pub const METHODS: [&str; 9] =
    ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"];

/// What follows a method and its blank; none where the bytes do not begin so.
pub fn after_method(bytes: &[u8]) -> Option<&[u8]> {
    METHODS.iter().find_map(|method| bytes.strip_prefix(method.as_bytes())?.strip_prefix(b" "))
}

/// Whether the bytes are the beginning of a method, or the whole of one.
pub fn begins_method(bytes: &[u8]) -> bool {
    METHODS.iter().any(|method| method.as_bytes().starts_with(bytes))
}

#[cfg(test)]
mod tests {
    use super::{after_method, begins_method};

    #[test]
    fn a_method_is_whole_with_its_blank() {
        assert_eq!(after_method(b"GET /x"), Some(b"/x".as_slice()));
        assert_eq!([after_method(b"GET"), after_method(b"GETS /")], [None, None]);
        assert!(begins_method(b"") && begins_method(b"PO") && begins_method(b"PUT"));
        assert!(!begins_method(b"PUT ") && !begins_method(b"get"));
    }
}
