//! Text as bytes in an encoding of the Encoding Standard. Not the guess of one: what is
//! sent is never guessed.

use encoding_rs::EncoderResult;
use encoding_rs::Encoding;
use encoding_rs::REPLACEMENT;
use encoding_rs::UTF_8;
use encoding_rs::UTF_16BE;
use encoding_rs::UTF_16LE;

/// Least room for what is encoded: an escape sequence and a character at once fit.
const ROOM: usize = 16;

/// The first character of a text that an encoding does not have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lacking {
    pub(crate) ch: char,
    /// From 1, in characters.
    pub(crate) column: usize,
}

/// `text` in `encoding`, without a byte order mark, and never with a replacement.
pub(crate) fn encode(encoding: &'static Encoding, text: &str) -> Result<Vec<u8>, Lacking> {
    // Where a page asks for UTF-16 the standard writes UTF-8: not what a device expects.
    if encoding == UTF_8 {
        Ok(text.as_bytes().to_vec())
    } else if encoding == UTF_16LE {
        Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
    } else if encoding == UTF_16BE {
        Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect())
    } else if encoding == REPLACEMENT
        && let Some(ch) = text.chars().next()
    {
        Err(Lacking { ch, column: 1 })
    } else {
        mapped(encoding, text)
    }
}

/// By the standard's own encoder.
fn mapped(encoding: &'static Encoding, text: &str) -> Result<Vec<u8>, Lacking> {
    let mut encoder = encoding.new_encoder();
    let mut bytes = Vec::new();
    let mut rest = text;
    loop {
        bytes.reserve(rest.len().max(ROOM));
        let (end, read) =
            encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
        (_, rest) = rest.split_at(read);
        match end {
            EncoderResult::InputEmpty => return Ok(bytes),
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(reported) => {
                let (until, _) = text.split_at(text.len() - rest.len());
                // The encoder reports U+FFFD for a control that it cannot take.
                let ch = until.chars().next_back().unwrap_or(reported);
                return Err(Lacking { ch, column: until.chars().count() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lacking;
    use super::encode;
    use crate::cut::whole;
    use encoding_rs::Encoding;
    use encoding_rs::REPLACEMENT;

    fn named(label: &str) -> &'static Encoding {
        Encoding::for_label(label.as_bytes()).expect("a label")
    }

    #[test]
    fn encodes_as_the_tables_say() {
        for (label, text, bytes) in [
            ("utf-8", "你A", &b"\xE4\xBD\xA0A"[..]),
            ("gbk", "你A", b"\xC4\xE3A"),
            ("gb18030", "😀A", b"\x94\x39\xFC\x36A"),
            ("big5", "你A", b"\xA7\x41A"),
            ("shift_jis", "日A", b"\x93\xFAA"),
            ("utf-16le", "你A", b"\x60\x4FA\0"),
            ("utf-16be", "你A", b"\x4F\x60\0A"),
            ("iso-2022-jp", "日A", b"\x1B$BF|\x1B(BA"),
        ] {
            assert_eq!(encode(named(label), text).as_deref(), Ok(bytes), "{label}");
            assert_eq!(whole(named(label), bytes).as_deref(), Some(text), "{label}");
        }
    }

    #[test]
    fn names_the_first_character_that_is_lacking() {
        for (label, text, ch, column) in [
            ("gbk", "温\u{E5E5}", '\u{E5E5}', 2),
            ("shift_jis", "日本\n😀x😀", '😀', 4),
            ("windows-1252", "é温", '温', 2),
            ("iso-2022-jp", "ab\x1Bc", '\x1B', 3),
            ("big5", &format!("{}é", "你".repeat(5000)), 'é', 5001),
        ] {
            assert_eq!(encode(named(label), text), Err(Lacking { ch, column }), "{label}");
        }
    }

    #[test]
    fn an_encoding_that_stands_for_none_lacks_everything() {
        assert_eq!(encode(REPLACEMENT, "a"), Err(Lacking { ch: 'a', column: 1 }));
        assert_eq!(encode(REPLACEMENT, ""), Ok(vec![]));
    }

    #[test]
    fn room_for_a_text_that_grows_is_found() {
        // Each character shifts in and out of ASCII: eight bytes for four.
        let text = "a日".repeat(1000);
        let bytes = encode(named("iso-2022-jp"), &text).expect("can be written");
        assert_eq!(whole(named("iso-2022-jp"), &bytes), Some(text));
    }
}
