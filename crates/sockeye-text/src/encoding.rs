//! How bytes become text and text becomes bytes. Not how text is made safe to show: that
//! is `safe`.

use crate::cut;
use crate::cut::Cutter;
use crate::guess;
use crate::guess::Guess;
use crate::label::LabelError;
use crate::label::named;
use crate::safe::one_line;
use crate::write;
use crate::write::Lacking;
use encoding_rs::UTF_8;
use std::fmt::Display;
use std::fmt::Formatter;
use std::str::FromStr;
use thiserror::Error;

/// How bytes become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Read as UTF-8; what is not UTF-8 as GB18030, if it is that whole; else no text.
    /// Written as UTF-8: a guess never changes what is sent.
    #[default]
    Auto,
    /// One of the [Encoding Standard](https://encoding.spec.whatwg.org/).
    Named(&'static encoding_rs::Encoding),
}

/// A character that an encoding does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{}` at column {column} cannot be written in {encoding}", one_line(.ch.encode_utf8(&mut [0; 4])))]
pub struct Unmappable {
    /// The first such character of the text.
    pub ch: char,
    /// Where it stands in the text, from 1, in characters; lines are not counted.
    pub column: usize,
    /// The encoding that lacks it.
    pub encoding: Encoding,
}

/// `auto`, and every label of the Encoding Standard, section 4.2; case and white space
/// around it are ignored. As there, `latin1` and `ascii` are windows-1252, `gb2312` is GBK.
impl FromStr for Encoding {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        Ok(named(text)?.map_or(Self::Auto, Self::Named))
    }
}

/// The standard's name in lower case, or `auto`: a label that is read back as the same.
impl Display for Encoding {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.pad("auto"),
            Self::Named(encoding) => f.pad(&encoding.name().to_lowercase()),
        }
    }
}

impl Encoding {
    /// `text` in this encoding, without a byte order mark. A character that the encoding
    /// lacks is an error, never a `?` or `&#…;`.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, Unmappable> {
        let encoding = match self {
            Self::Auto => UTF_8,
            Self::Named(encoding) => encoding,
        };
        write::encode(encoding, text).map_err(|Lacking { ch, column }| Unmappable {
            ch,
            column,
            encoding: self,
        })
    }

    /// One whole message as text. None if it is not text: malformed, cut within a
    /// character, or by [`Encoding::Auto`] neither UTF-8 nor, whole and with every
    /// character in use, GB18030. A byte order mark is kept and decides nothing.
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Auto => guess::whole(bytes),
            Self::Named(encoding) => cut::whole(encoding, bytes),
        }
    }
}

/// The text of a stream of bytes, read by read: a character cut between two reads comes
/// out once and whole, with the later read.
#[derive(Debug)]
pub struct TextStream {
    reader: Reader,
    /// The unfinished character that the last read ended in, at most three bytes.
    held: Vec<u8>,
}

#[derive(Debug)]
enum Reader {
    Guess(Guess),
    Named(Cutter),
}

/// What one read gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The characters completed by this read. None: this read, with the bytes held back
    /// before it, is not text (to be shown as hex), and nothing is held any longer.
    pub text: Option<String>,
    /// How many bytes at the end are kept back for the next read: 0 to 3.
    pub held: usize,
}

impl TextStream {
    /// A stream of which nothing has been read.
    pub fn new(encoding: Encoding) -> Self {
        let reader = match encoding {
            Encoding::Auto => Reader::Guess(Guess::new()),
            Encoding::Named(encoding) => Reader::Named(Cutter::new(encoding)),
        };
        Self { reader, held: Vec::new() }
    }

    /// Takes one read. Each read is judged with what was held before it, so that one that
    /// is no text does not spoil the next.
    pub fn push(&mut self, bytes: &[u8]) -> Piece {
        let mut joined = std::mem::take(&mut self.held);
        joined.extend_from_slice(bytes);
        let cut = match &mut self.reader {
            Reader::Guess(guess) => guess.cut(&joined),
            Reader::Named(cutter) => cutter.cut(&joined),
        };
        let Some(cut) = cut else {
            return Piece { text: None, held: 0 };
        };
        self.held = joined.split_off(joined.len().saturating_sub(cut.held));
        Piece { text: Some(cut.text), held: cut.held }
    }

    /// Takes the end of the stream: the bytes still held are text after all (a guess that
    /// waited for more), or none. Nothing held is the empty text.
    pub fn finish(&mut self) -> Piece {
        let held = std::mem::take(&mut self.held);
        let text = match &self.reader {
            Reader::Guess(guess) => guess.end(&held),
            Reader::Named(_) => held.is_empty().then(String::new),
        };
        Piece { text, held: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::Encoding;
    use super::Unmappable;

    fn named(label: &str) -> Encoding {
        label.parse().expect("a label")
    }

    #[test]
    fn is_shown_as_a_label_that_reads_back() {
        for label in
            ["auto", "utf-8", "gbk", "gb18030", "shift_jis", "utf-16le", "iso-8859-8-i", "koi8-u"]
        {
            assert_eq!(named(label).to_string(), label);
        }
        assert_eq!(named("gb2312").to_string(), "gbk");
        assert_eq!(Encoding::default(), named("auto"));
    }

    #[test]
    fn names_the_character_that_it_cannot_write() {
        let encoding = named("big5");
        let error = encoding.encode("a😀").expect_err("not in Big5");
        assert_eq!(error, Unmappable { ch: '😀', column: 2, encoding });
        assert_eq!(error.to_string(), "`😀` at column 2 cannot be written in big5");
    }

    #[test]
    fn auto_writes_utf_8() {
        assert_eq!(Encoding::Auto.encode("你A\u{E5E5}"), Ok("你A\u{E5E5}".into()));
    }

    #[test]
    fn a_byte_order_mark_decides_nothing() {
        assert_eq!(named("utf-8").decode(b"\xEF\xBB\xBFa").as_deref(), Some("\u{FEFF}a"));
        assert_eq!(Encoding::Auto.decode(b"\xEF\xBB\xBFa").as_deref(), Some("\u{FEFF}a"));
        assert_eq!(named("utf-16le").decode(b"\xFF\xFEa\0").as_deref(), Some("\u{FEFF}a"));
        assert_eq!(named("gbk").decode(b"\xFF\xFEa\0"), None);
    }

    #[test]
    fn decodes_nothing_that_is_malformed_or_cut() {
        for (label, bytes) in [
            ("utf-8", &b"\xC4\xE3"[..]),
            ("utf-8", b"\xE4\xBD"),
            ("gbk", b"\xC4"),
            ("gbk", b"\xC4\xE3\xFF"),
            ("utf-16le", b"a"),
            ("utf-16le", b"\x3D\xD8"),
            ("big5", b"\x80"),
        ] {
            assert_eq!(named(label).decode(bytes), None, "{label}");
        }
    }

    proptest::proptest! {
        #[test]
        fn utf_16_reads_back(text: String) {
            for label in ["utf-16le", "utf-16be", "utf-8", "auto"] {
                let bytes = named(label).encode(&text).expect("all of Unicode");
                proptest::prop_assert_eq!(named(label).decode(&bytes), Some(text.clone()));
            }
        }
    }
}
