//! Where a read ends in the middle of a character. Not which encoding it is in: that is
//! `guess`.

use encoding_rs::DecoderResult;
use encoding_rs::Encoding;
use encoding_rs::ISO_2022_JP;
use std::borrow::Cow;

/// The longest unfinished character: three bytes of a four-byte one.
const LONGEST_TAIL: usize = 3;
/// What every escape sequence of ISO-2022-JP begins with.
const ESCAPE: u8 = 0x1B;
/// Bytes of an escape sequence of ISO-2022-JP.
const ESCAPE_LENGTH: usize = 3;

/// A read that is text, but for the character that it ends in the middle of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The whole characters.
    pub(crate) text: String,
    /// Bytes of the unfinished character at the end, 0 to 3.
    pub(crate) held: usize,
}

/// Cuts the reads of one stream in one encoding.
#[derive(Debug)]
pub(crate) struct Cutter {
    encoding: &'static Encoding,
    /// The last escape sequence, which tells how the next read begins: ISO-2022-JP only,
    /// the one encoding of the standard with a state between characters.
    shift: Vec<u8>,
}

impl Cutter {
    pub(crate) fn new(encoding: &'static Encoding) -> Self {
        Self { encoding, shift: Vec::new() }
    }

    /// `bytes` follow the whole characters of the cut before. None: malformed, and the
    /// state is forgotten.
    pub(crate) fn cut(&mut self, bytes: &[u8]) -> Option<Cut> {
        if self.encoding != ISO_2022_JP {
            return cut(self.encoding, bytes);
        }
        let mut shifted = std::mem::take(&mut self.shift);
        // Two sequences in a row would be malformed.
        if bytes.first() == Some(&ESCAPE) {
            shifted.clear();
        }
        shifted.extend_from_slice(bytes);
        let cut = cut(self.encoding, &shifted)?;
        shifted.truncate(shifted.len().saturating_sub(cut.held));
        if let Some(last) = shifted.iter().rposition(|&byte| byte == ESCAPE) {
            self.shift = shifted.into_iter().skip(last).take(ESCAPE_LENGTH).collect();
        }
        Some(cut)
    }
}

/// The whole characters of `bytes` in `encoding`, and how many bytes at the end could
/// still become one. None if `bytes` are malformed whatever follows. A byte order mark is
/// a character like any other.
pub(crate) fn cut(encoding: &'static Encoding, bytes: &[u8]) -> Option<Cut> {
    if let Some(text) = whole(encoding, bytes) {
        return Some(Cut { text, held: 0 });
    }
    let text = begun(encoding, bytes)?;
    let held = (1..=LONGEST_TAIL).find(|&held| {
        let (characters, _) = bytes.split_at(bytes.len().saturating_sub(held));
        whole(encoding, characters).is_some()
    })?;
    Some(Cut { text, held })
}

/// `bytes` as text; none if they are malformed or end within a character.
pub(crate) fn whole(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(Cow::into_owned)
}

/// The whole characters of `bytes`, which may end within one; none if they are malformed.
fn begun(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len())?;
    let mut text = String::with_capacity(room);
    let (end, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, false);
    (end == DecoderResult::InputEmpty).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::Cut;
    use super::Cutter;
    use super::cut;
    use encoding_rs::BIG5;
    use encoding_rs::EUC_JP;
    use encoding_rs::Encoding;
    use encoding_rs::GB18030;
    use encoding_rs::GBK;
    use encoding_rs::ISO_2022_JP;
    use encoding_rs::SHIFT_JIS;
    use encoding_rs::UTF_8;
    use encoding_rs::UTF_16BE;
    use encoding_rs::UTF_16LE;

    fn held(encoding: &'static Encoding, bytes: &[u8]) -> Option<(String, usize)> {
        cut(encoding, bytes).map(|Cut { text, held }| (text, held))
    }

    #[test]
    fn holds_back_the_bytes_of_an_unfinished_character() {
        for (encoding, bytes, text, tail) in [
            (GBK, &b"a\xC4\xE3\xBA"[..], "a你", 1),
            (GB18030, b"\x94\x39\xFC", "", 3),
            (GB18030, b"\xC4\xE3\x94\x39", "你", 2),
            (BIG5, b"\xA7\x41\xA6", "你", 1),
            (SHIFT_JIS, b"\x93\xFA\x96", "日", 1),
            (EUC_JP, b"\xC6\xFC\x8F\xB0", "日", 2),
            (UTF_8, b"a\xF0\x9F\x98", "a", 3),
            (UTF_16LE, b"\x60\x4F\x3D\xD8\x00", "你", 3),
            (UTF_16BE, b"\x4F\x60\xD8\x3D", "你", 2),
            (GBK, b"", "", 0),
            (GBK, b"\xC4\xE3", "你", 0),
        ] {
            assert_eq!(held(encoding, bytes), Some((text.into(), tail)), "{}", encoding.name());
        }
    }

    #[test]
    fn refuses_what_nothing_can_make_whole() {
        for (encoding, bytes) in [
            (GBK, &b"\xFF"[..]),
            (GBK, b"\xC4\x20a"),
            (GB18030, b"\x94\x39\xFC\x20"),
            (SHIFT_JIS, b"\x93\x20\x93"),
            (UTF_8, b"\xC4\xE3\xBA\xC3"),
            (UTF_8, b"\xED\xA0"),
            (UTF_16LE, b"\x00\xDC"),
        ] {
            assert_eq!(held(encoding, bytes), None, "{}", encoding.name());
        }
    }

    #[test]
    fn a_byte_order_mark_stays() {
        assert_eq!(held(UTF_8, b"\xEF\xBB\xBFa"), Some(("\u{FEFF}a".into(), 0)));
        assert_eq!(held(GBK, b"\xFF\xFEa\0"), None);
    }

    #[test]
    fn keeps_the_shift_of_iso_2022_jp_between_reads() {
        let bytes = b"a\x1B$BF|K\\\x1B(Bb";
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let mut cutter = Cutter::new(ISO_2022_JP);
                let mut text = String::new();
                let mut waiting = Vec::new();
                for read in [&bytes[..first], &bytes[first..second], &bytes[second..]] {
                    waiting.extend_from_slice(read);
                    let cut = cutter.cut(&waiting).expect("text");
                    text.push_str(&cut.text);
                    waiting.drain(..waiting.len() - cut.held);
                }
                assert_eq!((text.as_str(), waiting.len()), ("a日本b", 0), "{first} {second}");
            }
        }
    }
}
