//! Writing by hand the parts of a JSON line: numbers, strings, bytes. This is what the
//! talk waits for while it is recorded, so no tree of values is built. Reading is not
//! done here.

use std::borrow::Cow;
use std::fmt::Arguments;
use std::io::Write;
use std::str;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sockeye_text::safe;

/// Appends what `format_args!` describes.
pub(crate) fn put(line: &mut Vec<u8>, what: Arguments<'_>) {
    line.write_fmt(what).expect("a Vec takes every byte");
}

/// Appends `,"name":"text"`.
pub(crate) fn field(line: &mut Vec<u8>, name: &str, text: &str) {
    put(line, format_args!(",\"{name}\":"));
    string(line, text);
}

/// Appends `,"s":"…"` if the bytes are text, else `,"b":"…"` with them in base64
/// (RFC 4648, section 4).
pub(crate) fn bytes(line: &mut Vec<u8>, bytes: &[u8]) {
    if let Some(text) = as_text(bytes) {
        line.reserve(bytes.len() + 16);
        field(line, "s", text);
        return;
    }
    line.extend_from_slice(b",\"b\":\"");
    let start = line.len();
    // Four symbols for three bytes, rounded up: exactly what is written below.
    line.resize(start + bytes.len().div_ceil(3) * 4, b'=');
    let room = line.get_mut(start..).unwrap_or_default();
    let written = STANDARD.encode_slice(bytes, room).expect("the room is exact");
    line.truncate(start + written);
    line.push(b'"');
}

/// The bytes as text, if they are UTF-8 without control characters (C0, DEL, C1) but
/// line ends and tabs.
fn as_text(bytes: &[u8]) -> Option<&str> {
    // Block by block without an early end inside a block, so that it is vectorised;
    // binary is recognised in its first block.
    let blocks = || bytes.chunks(256);
    if blocks().any(|block| block.iter().fold(false, |found, &byte| found | is_control(byte))) {
        return None;
    }
    let text = str::from_utf8(bytes).ok()?;
    // In UTF-8 the C1 controls are C2 80 to C2 9F.
    let c1 = |pair: &[u8]| matches!(pair, [0xC2, 0x80..=0x9F]);
    if blocks().any(|block| block.contains(&0xC2)) && bytes.windows(2).any(c1) {
        return None;
    }
    Some(text)
}

fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0B | 0x0C | 0x0E..=0x1F | 0x7F)
}

/// Appends `"text"`. Beyond what JSON asks for (RFC 8259, section 7), characters that a
/// terminal would obey or a reader could not see are written as `\u202e` too: the value
/// is the same, and a tape or `--json` on a terminal is harmless.
pub(crate) fn string(line: &mut Vec<u8>, text: &str) {
    line.push(b'"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_notable) {
        let (plain, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        line.extend_from_slice(plain.as_bytes());
        let mut chars = tail.chars();
        if let Some(ch) = chars.next() {
            character(line, ch);
        }
        rest = chars.as_str();
    }
    line.extend_from_slice(rest.as_bytes());
    line.push(b'"');
}

/// Whether a character that begins with this byte may need escaping. Continuation bytes
/// and the first bytes of the large scripts (Latin, Cyrillic, CJK, Hangul) do not.
fn is_notable(byte: u8) -> bool {
    match byte {
        b'"' | b'\\' | 0x7F => true,
        _ if byte < 0x20 => true,
        0x20..=0xC1 | 0xC3..=0xCC | 0xD0..=0xD7 | 0xE4..=0xEA => false,
        _ => true,
    }
}

fn character(line: &mut Vec<u8>, ch: char) {
    match ch {
        '"' => line.extend_from_slice(b"\\\""),
        '\\' => line.extend_from_slice(b"\\\\"),
        '\n' => line.extend_from_slice(b"\\n"),
        '\r' => line.extend_from_slice(b"\\r"),
        '\t' => line.extend_from_slice(b"\\t"),
        _ => {
            let mut utf8 = [0; 4];
            let same: &str = ch.encode_utf8(&mut utf8);
            match safe::one_line(same) {
                Cow::Borrowed(_) => line.extend_from_slice(same.as_bytes()),
                Cow::Owned(_) => escape(line, ch),
            }
        }
    }
}

fn escape(line: &mut Vec<u8>, ch: char) {
    let mut utf16 = [0; 2];
    for unit in ch.encode_utf16(&mut utf16) {
        put(line, format_args!("\\u{unit:04x}"));
    }
}

#[cfg(test)]
mod tests {
    use super::as_text;
    use super::bytes;
    use super::string;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::any;
    use proptest::prelude::proptest;

    fn quoted(text: &str) -> String {
        let mut line = Vec::new();
        string(&mut line, text);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn text_is_utf8_without_controls_but_line_ends_and_tabs() {
        for text in ["", "a\r\n\tb", "温度", "é", "\u{A0}", "\u{202E}"] {
            assert_eq!(as_text(text.as_bytes()), Some(text));
        }
        for other in ["\0", "\x1B[2J", "\x7F", "\u{80}", "a\u{9F}", "\x0B"] {
            assert_eq!(as_text(other.as_bytes()), None, "{other:?}");
        }
        assert_eq!(as_text(b"\xE4\xBD"), None);
        let mut far = vec![b'a'; 1000];
        far.extend_from_slice("\u{85}".as_bytes());
        assert_eq!(as_text(&far), None);
    }

    #[test]
    fn escapes_what_json_and_a_terminal_ask_for() {
        assert_eq!(quoted("a\"\\\n\r\tb"), r#""a\"\\\n\r\tb""#);
        assert_eq!(quoted("\x1B\x7F\u{9B}\0"), r#""\u001b\u007f\u009b\u0000""#);
        assert_eq!(quoted("x\u{202E}y\u{200B}\u{FEFF}"), r#""x\u202ey\u200b\ufeff""#);
        assert_eq!(quoted("\u{E0041}"), r#""\udb40\udc41""#);
        assert_eq!(quoted("温度 ключ é 😀、カ"), "\"温度 ключ é 😀、カ\"");
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_its_string(text in any::<String>()) {
            let line = quoted(&text);
            assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
            assert!(!line.chars().any(char::is_control));
        }

        #[test]
        fn text_is_told_as_the_standard_library_would(data in "[a-c\0-\x7f\u{7e}-\u{a1}\u{2020}]{0,40}") {
            let plain = data.chars().all(|ch| matches!(ch, '\n' | '\r' | '\t') || !ch.is_control());
            assert_eq!(as_text(data.as_bytes()).is_some(), plain);
        }

        #[test]
        fn bytes_that_are_no_text_are_base64(tail in any::<Vec<u8>>()) {
            let data = [&[0][..], &tail].concat();
            let mut line = Vec::new();
            bytes(&mut line, &data);
            let expected = format!(",\"b\":\"{}\"", STANDARD.encode(&data));
            assert_eq!(line, expected.as_bytes());
        }
    }
}
