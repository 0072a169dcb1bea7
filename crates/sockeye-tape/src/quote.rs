//! Writing by hand the parts of a JSON line: numbers, strings, bytes. This is what the
//! talk waits for while it is recorded, so no tree of values is built. Reading is not
//! done here.

use std::borrow::Cow;
use std::fmt::Arguments;
use std::io::Write;
use std::str;

use sockeye_text::safe;

use crate::notable::BLOCK;
use crate::notable::is_notable;
use crate::notable::unusual;
use crate::symbols;

/// Appends what `format_args!` describes.
pub(crate) fn put(line: &mut Vec<u8>, what: Arguments<'_>) {
    line.write_fmt(what).expect("a Vec takes every byte");
}

/// Appends `,"name":"text"`.
pub(crate) fn field(line: &mut Vec<u8>, name: &str, text: &str) {
    line.extend_from_slice(b",\"");
    line.extend_from_slice(name.as_bytes());
    line.extend_from_slice(b"\":");
    string(line, text);
}

/// Appends a number in decimal digits. `format_args!` does the same in three times the time, and
/// every event has two of them.
pub(crate) fn number(line: &mut Vec<u8>, number: u64) {
    let start = line.len();
    let mut rest = number;
    loop {
        line.push(b'0' + u8::try_from(rest % 10).unwrap_or_default());
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    line.get_mut(start..).unwrap_or_default().reverse();
}

/// Appends `,"s":"…"` if the bytes are text, UTF-8 without control characters (C0, DEL, C1)
/// but line ends and tabs; else `,"b":"…"` with them in base64.
pub(crate) fn bytes(line: &mut Vec<u8>, bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        let start = line.len();
        line.reserve(bytes.len() + 16);
        line.extend_from_slice(b",\"s\":");
        if quoted(line, text, char::is_control) {
            return;
        }
        line.truncate(start);
    }
    line.extend_from_slice(b",\"b\":\"");
    symbols::write(line, bytes);
    line.push(b'"');
}

/// Appends `"text"`. Beyond what JSON asks for (RFC 8259, section 7), characters that a
/// terminal would obey or a reader could not see are written as `\u202e` too: the value
/// is the same, and a tape or `--json` on a terminal is harmless.
pub(crate) fn string(line: &mut Vec<u8>, text: &str) {
    quoted(line, text, |_| false);
}

/// The same up to a character that is refused, which ends it with false. Every control
/// character is asked about, but line ends and tabs, and some others.
fn quoted(line: &mut Vec<u8>, text: &str, refused: impl Fn(char) -> bool) -> bool {
    line.push(b'"');
    let mut rest = text;
    while !rest.is_empty() {
        if rest.as_bytes().first().is_some_and(u8::is_ascii) {
            let done = blocks(line, rest.as_bytes());
            rest = rest.get(done..).unwrap_or_default();
        }
        let plain = rest.bytes().position(is_notable).unwrap_or(rest.len());
        let (plain, tail) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        line.extend_from_slice(plain.as_bytes());
        let mut chars = tail.chars();
        let Some(ch) = chars.next() else { break };
        if let Some(pair) = u8::try_from(ch).ok().and_then(pair) {
            line.extend_from_slice(pair);
        } else if refused(ch) {
            return false;
        } else {
            character(line, ch);
        }
        rest = chars.as_str();
    }
    line.push(b'"');
    true
}

/// Appends the ASCII at the beginning as far as it is whole blocks, up to a control character
/// that has no escape of two; says how many bytes that were.
fn blocks(line: &mut Vec<u8>, text: &[u8]) -> usize {
    let (blocks, _) = text.as_chunks::<BLOCK>();
    for (nth, block) in blocks.iter().enumerate() {
        let mut marks = unusual(block);
        if marks == 0 {
            line.extend_from_slice(block);
            continue;
        }
        let mut done = 0;
        while marks != 0 {
            let at = marks.trailing_zeros() as usize;
            marks &= marks - 1;
            append(line, block, done, at);
            let Some(pair) = block.get(at).copied().and_then(pair) else {
                return nth * BLOCK + at;
            };
            line.extend_from_slice(pair);
            done = at + 1;
        }
        line.extend_from_slice(block.get(done..).unwrap_or_default());
    }
    blocks.len() * BLOCK
}

/// Appends the bytes from `begin` to `end` of a block. In dense JSON they are few: eight, and
/// those too many taken back, are appended faster than as many as there are.
fn append(line: &mut Vec<u8>, block: &[u8; BLOCK], begin: usize, end: usize) {
    match block.get(begin..).and_then(<[u8]>::first_chunk::<8>) {
        Some(word) if end - begin <= word.len() => {
            let len = line.len() + end - begin;
            line.extend_from_slice(word);
            line.truncate(len);
        }
        _ => line.extend_from_slice(block.get(begin..end).unwrap_or_default()),
    }
}

/// Those that have an escape of two characters, and are text all the same.
fn pair(byte: u8) -> Option<&'static [u8; 2]> {
    match byte {
        b'"' => Some(b"\\\""),
        b'\\' => Some(b"\\\\"),
        b'\n' => Some(b"\\n"),
        b'\r' => Some(b"\\r"),
        b'\t' => Some(b"\\t"),
        _ => None,
    }
}

fn character(line: &mut Vec<u8>, ch: char) {
    let mut utf8 = [0; 4];
    let same: &str = ch.encode_utf8(&mut utf8);
    match safe::one_line(same) {
        Cow::Borrowed(_) => line.extend_from_slice(same.as_bytes()),
        Cow::Owned(_) => escape(line, ch),
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
    use super::bytes;
    use super::character;
    use super::number;
    use super::pair;
    use super::string;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::any;
    use proptest::prelude::proptest;
    use std::str;

    fn quoted(text: &str) -> String {
        let mut line = Vec::new();
        string(&mut line, text);
        String::from_utf8(line).unwrap()
    }

    /// As text if it is written so.
    fn as_text(data: &[u8]) -> Option<String> {
        let mut line = Vec::new();
        bytes(&mut line, data);
        let string = str::from_utf8(&line).unwrap().strip_prefix(",\"s\":")?;
        Some(serde_json::from_str(string).unwrap())
    }

    #[test]
    fn text_is_utf8_without_controls_but_line_ends_and_tabs() {
        for text in ["", "a\r\n\tb", "温度", "é", "\u{A0}", "\u{202E}"] {
            assert_eq!(as_text(text.as_bytes()).as_deref(), Some(text));
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
            assert_eq!(as_text(data.as_bytes()), plain.then_some(data));
        }

        #[test]
        fn a_number_is_written_as_the_standard_library_would(any in any::<u64>(), by in 0u32..64) {
            let mut line = b"1".to_vec();
            number(&mut line, any >> by);
            assert_eq!(line, format!("1{}", any >> by).as_bytes());
        }

        #[test]
        fn a_long_text_is_written_in_blocks_as_character_by_character(
            text in "[ -~\n\t\"é温\u{202e}\u{1b}]{0,300}",
        ) {
            let mut line = b"\"".to_vec();
            for ch in text.chars() {
                match u8::try_from(ch).ok().and_then(pair) {
                    Some(pair) => line.extend(pair),
                    None => character(&mut line, ch),
                }
            }
            line.push(b'"');
            assert_eq!(quoted(&text).as_bytes(), line);
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
