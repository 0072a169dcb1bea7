//! Paths as an endpoint writes them: what has a meaning of its own there stands as `%XX`
//! (RFC 3986, 2.1). Not for hosts, options or commands, which have no such form.

use sockeye_text::safe::one_line;

use crate::endpoint_error::EndpointError;

/// A path with its `%XX` read. A NUL and what is not UTF-8 are refused.
pub(crate) fn decoded(text: &str) -> Result<String, EndpointError> {
    let fail = |why: &str| EndpointError::new(text, why);
    if text.contains('#') {
        return Err(fail("`#` in a path is written %23"));
    }
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let Some((byte, rest)) = leading_byte(part) else {
            let found: String = part.chars().take(2).collect();
            let why = format!("after `%` stand two hex digits, not `{found}`");
            return Err(fail(&why).hinting("`%` itself is written %25"));
        };
        bytes.push(byte);
        bytes.extend_from_slice(rest.as_bytes());
    }
    if bytes.contains(&0) {
        return Err(fail("a NUL cannot be part of it"));
    }
    String::from_utf8(bytes).map_err(|_| fail("the path is not UTF-8"))
}

/// The byte of two hex digits, and what follows them. (`from_str_radix` alone would take
/// a sign as well.)
fn leading_byte(part: &str) -> Option<(u8, &str)> {
    let (digits, rest) = part.split_at_checked(2)?;
    let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let byte = hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten()?;
    Some((byte, rest))
}

/// A path with `%`, `?` and `#` as `%XX`, and so with whatever a terminal would obey or a
/// reader could not see: the text goes into ready lines and errors.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let mut space = [0; 4];
        let one: &str = c.encode_utf8(&mut space);
        if matches!(c, '%' | '?' | '#') || one_line(one) != one {
            out.extend(one.bytes().map(|byte| format!("%{byte:02X}")));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_only_what_has_a_meaning_or_cannot_be_seen() {
        assert_eq!(encoded("/a b/é你@:&=+~"), "/a b/é你@:&=+~");
        assert_eq!(encoded("/50%?#"), "/50%25%3F%23");
        assert_eq!(encoded("/\x1b[2J\n\u{202e}"), "/%1B[2J%0A%E2%80%AE");
    }

    #[test]
    fn reads_small_and_large_hex_digits() {
        assert_eq!(decoded("/a%3f%3F%e4%bd%a0").unwrap(), "/a??你");
    }

    #[test]
    fn says_what_stands_where_hex_digits_should() {
        for (text, found) in [("/a%zz", "`zz`"), ("/a%", "``"), ("/%+1", "`+1`"), ("%4é", "`4é`")]
        {
            let error = decoded(text).unwrap_err().to_string();
            assert!(error.ends_with(&format!("two hex digits, not {found}")), "{error}");
        }
    }

    #[test]
    fn refuses_a_nul_and_what_is_not_utf_8() {
        assert!(decoded("/a%00").unwrap_err().to_string().contains("NUL"));
        assert!(decoded("/a%FF").unwrap_err().to_string().contains("not UTF-8"));
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back_as_the_same(text in "[^\0]{0,40}") {
            let written = encoded(&text);
            proptest::prop_assert_eq!(one_line(&written), written.as_str());
            proptest::prop_assert_eq!(decoded(&written), Ok(text));
        }
    }
}
