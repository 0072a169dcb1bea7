//! What bytes of unknown encoding are: UTF-8, GB18030, or no text. A rule, not a
//! statistic: few bytes are told as surely as many. Never used for what is sent.

use crate::cut::Cut;
use crate::cut::cut;
use encoding_rs::GB18030;
use unicode_properties::GeneralCategory;
use unicode_properties::UnicodeGeneralCategory;

/// The first character that takes three bytes of UTF-8: from here on UTF-8 is no accident.
/// Of the common characters of GBK one in five is, by itself, a shorter one of UTF-8.
const FIRST_OF_THREE_BYTES: char = '\u{800}';

/// One whole message: UTF-8, else GB18030 if every character of it is one that is in use.
/// None if it is neither.
pub(crate) fn whole(bytes: &[u8]) -> Option<String> {
    match str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(_) => gb18030(bytes).filter(|cut| cut.held == 0).map(|cut| cut.text),
    }
}

/// What a stream's characters beyond ASCII have been so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Nothing,
    Utf8,
    Gb18030,
}

/// Guesses at the reads of one stream.
#[derive(Debug)]
pub(crate) struct Guess {
    seen: Seen,
}

impl Guess {
    pub(crate) fn new() -> Self {
        Self { seen: Seen::Nothing }
    }

    /// `bytes` follow the whole characters of the cut before. UTF-8 goes first; in a
    /// stream that has been GB18030, GB18030 does, unless the UTF-8 is no accident. A lone
    /// unfinished character of GB18030 is not believed in a stream that has been UTF-8.
    /// None: neither.
    pub(crate) fn cut(&mut self, bytes: &[u8]) -> Option<Cut> {
        let utf8 = utf8(bytes);
        let sure =
            utf8.as_ref().is_some_and(|cut| cut.text.contains(|ch| ch >= FIRST_OF_THREE_BYTES));
        let seen = self.seen;
        let utf8 = utf8.map(|cut| (Seen::Utf8, cut));
        let gb18030 = || {
            gb18030(bytes)
                .filter(|cut| seen != Seen::Utf8 || cut.held == 0 || !cut.text.is_ascii())
                .map(|cut| (Seen::Gb18030, cut))
        };
        let (guess, cut) = if seen == Seen::Gb18030 && !sure {
            gb18030().or(utf8)
        } else {
            utf8.or_else(gb18030)
        }?;
        if !cut.text.is_ascii() {
            self.seen = guess;
        }
        Some(cut)
    }

    /// The stream ended with `held` kept back. What UTF-8 began is not taken for GB18030.
    pub(crate) fn end(&self, held: &[u8]) -> Option<String> {
        match self.seen {
            Seen::Utf8 if !held.is_empty() => None,
            _ => whole(held),
        }
    }
}

fn utf8(bytes: &[u8]) -> Option<Cut> {
    let text = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            let (characters, _) = bytes.split_at(error.valid_up_to());
            str::from_utf8(characters).ok()?
        }
        Err(_) => return None,
    };
    Some(Cut { text: text.to_owned(), held: bytes.len() - text.len() })
}

/// GB18030 has a code for every code point, so that much which is no text decodes; only
/// characters that are in use are believed.
fn gb18030(bytes: &[u8]) -> Option<Cut> {
    cut(GB18030, bytes).filter(|cut| cut.text.chars().all(in_use))
}

/// Neither unassigned, nor for private use, nor a C1 control.
fn in_use(ch: char) -> bool {
    match ch.general_category() {
        GeneralCategory::Unassigned | GeneralCategory::PrivateUse => false,
        GeneralCategory::Control => ch.is_ascii(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::Guess;
    use super::whole;
    use crate::cut::Cut;
    use encoding_rs::GB18030;

    fn gb18030(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    fn cut(guess: &mut Guess, bytes: &[u8]) -> Option<(String, usize)> {
        guess.cut(bytes).map(|Cut { text, held }| (text, held))
    }

    #[test]
    fn reads_short_words_in_gbk_and_in_utf_8() {
        for word in [
            "你好", "温度", "联通", "报警", "开机", "湿度", "正常", "错误", "连接", "断开", "设备",
            "电压",
        ] {
            assert_eq!(whole(&gb18030(word)).as_deref(), Some(word));
            assert_eq!(whole(word.as_bytes()).as_deref(), Some(word));
        }
        assert_eq!(
            whole(&gb18030("温度: 25.5\u{3000}℃\0\r\n")).as_deref(),
            Some("温度: 25.5\u{3000}℃\0\r\n")
        );
    }

    #[test]
    fn reads_gb18030_beyond_gbk() {
        for text in ["😀❤\u{FE0F}", "𠀀㐀", "ཀ é"] {
            assert_eq!(whole(&gb18030(text)).as_deref(), Some(text));
        }
    }

    #[test]
    fn is_no_text_unless_every_byte_is() {
        for bytes in [
            &b"\xFF\xFE"[..],
            b"caf\xE9",
            b"\xC4\xE3\xBA",
            b"\x94\x39\xFC",
            b"\x81\x03\x02\x00\x64",
        ] {
            assert_eq!(whole(bytes), None, "{bytes:X?}");
        }
    }

    #[test]
    fn believes_no_character_that_is_not_in_use() {
        for ch in ['\u{378}', '\u{E000}', '\u{FFFE}', '\u{85}', '\u{9F}', '\u{10FFFF}', '\u{E0080}']
        {
            let bytes = gb18030(&format!("你{ch}好"));
            assert!(GB18030.decode_without_bom_handling_and_without_replacement(&bytes).is_some());
            assert_eq!(whole(&bytes), None, "{ch:?}");
        }
    }

    #[test]
    fn holds_a_cut_character_of_gb18030_in_the_first_read() {
        let mut guess = Guess::new();
        assert_eq!(cut(&mut guess, b"\xB1\xA8\xBE"), Some(("报".into(), 1)));
        assert_eq!(cut(&mut guess, b"\xBE\xAF\x94\x39\xFC"), Some(("警".into(), 3)));
        assert_eq!(cut(&mut guess, b"\x94\x39\xFC\x36"), Some(("😀".into(), 0)));
        assert_eq!(cut(&mut Guess::new(), b"\xB1"), Some((String::new(), 1)));
    }

    #[test]
    fn holds_no_lone_byte_of_gb18030_in_a_stream_of_utf_8() {
        let mut guess = Guess::new();
        assert_eq!(cut(&mut guess, "你".as_bytes()), Some(("你".into(), 0)));
        assert_eq!(cut(&mut guess, b"a\xB1"), None);
    }

    /// 模 in GBK is ģ in UTF-8.
    #[test]
    fn goes_on_with_gb18030_where_utf_8_may_be_an_accident() {
        let mut guess = Guess::new();
        assert_eq!(cut(&mut guess, b"\xC4\xA3"), Some(("ģ".into(), 0)));
        assert_eq!(cut(&mut guess, &gb18030("你好")), Some(("你好".into(), 0)));
        assert_eq!(cut(&mut guess, b"\xC4\xA3"), Some(("模".into(), 0)));
    }

    #[test]
    fn goes_back_to_utf_8_where_it_is_no_accident() {
        let mut guess = Guess::new();
        assert_eq!(cut(&mut guess, &gb18030("你好")), Some(("你好".into(), 0)));
        assert_eq!(cut(&mut guess, "你好".as_bytes()), Some(("你好".into(), 0)));
        assert_eq!(cut(&mut guess, "ģ".as_bytes()), Some(("ģ".into(), 0)));
    }

    #[test]
    fn an_end_within_utf_8_is_no_gb18030() {
        let mut guess = Guess::new();
        assert_eq!(cut(&mut guess, "你好".as_bytes()), Some(("你好".into(), 0)));
        assert_eq!(cut(&mut guess, b"\xE4\xBD"), Some((String::new(), 2)));
        assert_eq!(guess.end(b"\xE4\xBD"), None);
        assert_eq!(guess.end(b""), Some(String::new()));
        assert_eq!(Guess::new().end(b"\xE4\xBD").as_deref(), Some("浣"));
    }

    proptest::proptest! {
        #[test]
        fn any_utf_8_is_read_as_utf_8(text: String) {
            proptest::prop_assert_eq!(whole(text.as_bytes()), Some(text));
        }

        #[test]
        fn any_bytes_are_text_or_not(bytes: Vec<u8>) {
            if let Some(text) = whole(&bytes) {
                // The standard reads 80 and A3 A0 as characters that it writes otherwise.
                let written = GB18030.encode(&text).0.into_owned();
                let again = GB18030.decode_without_bom_handling(&written).0;
                proptest::prop_assert!(text.as_bytes() == bytes || again == text);
            }
        }
    }
}
