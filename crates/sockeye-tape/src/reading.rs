//! How the bytes of one direction become text, read by read: across reads where they are
//! one stream, frame by frame where they are framed. Not how the text is drawn.

use sockeye_text::encoding::Encoding;
use sockeye_text::encoding::Piece;
use sockeye_text::encoding::TextStream;

use crate::segment::Part;
use crate::segment::Segment;

/// The text of one segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    /// The characters completed here.
    pub(crate) text: String,
    /// How many bytes at the end of the segment are of a character that is not.
    pub(crate) held: usize,
    /// Whether the first character began in an earlier read, in no frame.
    pub(crate) goes_on: bool,
}

/// What is known of the text of one direction.
#[derive(Debug)]
pub(crate) struct Reading {
    encoding: Encoding,
    stream: TextStream,
    /// Whether the read before ended within a character.
    holding: bool,
}

impl Reading {
    /// Nothing has been read.
    pub(crate) fn new(encoding: Encoding) -> Self {
        Self { encoding, stream: TextStream::new(encoding), holding: false }
    }

    /// The text of a read's segments, one [`Words`] a segment. None if one of them is not
    /// text. Where the whole read is one segment in no frame it goes on with the read
    /// before, unless it is a datagram (`alone`).
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        segments: &[Segment],
        alone: Alone,
    ) -> Option<Vec<Words>> {
        let whole = segments.len() == 1 && alone == Alone::No;
        let mut all = Some(Vec::with_capacity(segments.len()));
        for segment in segments {
            let bytes = bytes.get(segment.bytes.clone()).unwrap_or_default();
            let words = match segment.part {
                Some(part) => self.part(bytes, part),
                None if whole => self.stream_on(bytes),
                None => self.message(bytes),
            };
            // Every segment is read, text or not: the stream goes on after it.
            all = all.zip(words).map(|(mut all, words)| {
                all.push(words);
                all
            });
        }
        all
    }

    fn part(&mut self, bytes: &[u8], part: Part) -> Option<Words> {
        if part.begins {
            self.stream = TextStream::new(self.encoding);
            self.holding = false;
            if part.ends {
                return self.message(bytes);
            }
        }
        let piece = self.stream.push(bytes);
        if !part.ends {
            return words(piece, bytes);
        }
        let mut text = piece.text?;
        text.push_str(&self.stream.finish().text?);
        Some(Words { text, ..Words::default() })
    }

    fn stream_on(&mut self, bytes: &[u8]) -> Option<Words> {
        let goes_on = self.holding;
        let piece = self.stream.push(bytes);
        self.holding = piece.held > 0;
        words(piece, bytes).map(|words| Words { goes_on, ..words })
    }

    fn message(&self, bytes: &[u8]) -> Option<Words> {
        let text = self.encoding.decode(bytes)?;
        Some(Words { text, ..Words::default() })
    }
}

/// Whether a read is a message of its own, as a datagram is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alone {
    /// It is part of a stream.
    No,
    /// It is a datagram.
    Yes,
}

/// Of what is held, only these bytes: the rest has been shown with the read before.
fn words(piece: Piece, bytes: &[u8]) -> Option<Words> {
    let held = piece.held.min(bytes.len());
    Some(Words { text: piece.text?, held, goes_on: false })
}

/// Whether text is such as people read: no control characters but those that text files
/// have, which are bell, backspace, tab, line ends, form feed and escape (the list of
/// file(1)).
pub(crate) fn is_plain(text: &str) -> bool {
    let is_plain = |byte: u8| !matches!(byte, 0..=6 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F);
    text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::Alone;
    use super::Reading;
    use super::Words;
    use super::is_plain;
    use crate::segment::Before;
    use crate::segment::Extent;
    use crate::segment::cut;
    use crate::segment::left_open;
    use proptest::prelude::any;
    use proptest::prelude::proptest;
    use sockeye_text::encoding::Encoding;

    fn words(text: &str, held: usize, goes_on: bool) -> Words {
        Words { text: text.into(), held, goes_on }
    }

    /// Reads a stream, each read with the frames that end in it.
    fn read(reads: &[&[u8]], frames: &[(u64, u64)], encoding: Encoding) -> Vec<Option<Vec<Words>>> {
        let mut reading = Reading::new(encoding);
        let mut before = Before { off: 0, open: None, framed: !frames.is_empty() };
        let next = |bytes: &&[u8]| {
            let end = before.off + bytes.len() as u64;
            let here = |&&(off, len): &&(u64, u64)| off + len > before.off && off + len <= end;
            let here = frames.iter().filter(here);
            let found: Vec<_> = here.map(|&(off, len)| Extent { off, len }).collect();
            let segments = cut(before, bytes.len(), &found);
            before.open = left_open(&segments, before.open);
            before.off = end;
            reading.read(bytes, &segments, Alone::No)
        };
        reads.iter().map(next).collect()
    }

    #[test]
    fn a_cut_character_comes_out_with_the_later_read() {
        let told = read(&[b"a\xE4\xBD", b"\xA0b", b"c"], &[], Encoding::Auto);
        let expected = [words("a", 2, false), words("你b", 0, true), words("c", 0, false)];
        assert_eq!(told, expected.map(|words| Some(vec![words])));
    }

    #[test]
    fn of_what_is_held_only_the_bytes_of_this_read_are_told() {
        let told = read(&[b"\xF0\x9F", b"\x98", b"\x80"], &[], Encoding::Auto);
        let expected = [words("", 2, false), words("", 1, true), words("😀", 0, true)];
        assert_eq!(told, expected.map(|words| Some(vec![words])));
    }

    #[test]
    fn what_is_no_text_does_not_spoil_the_next_read() {
        let told = read(&[b"a\xE4", b"\xFF\xFF\xFF", b"b"], &[], Encoding::Auto);
        assert_eq!(told[1], None);
        assert_eq!(told[2], Some(vec![words("b", 0, false)]));
    }

    #[test]
    fn each_frame_is_text_by_itself() {
        // A frame of GBK after one of UTF-8, and a cut character at the end of a frame.
        let stream: &[&[u8]] = &["你好".as_bytes(), b"\xC4\xE3\xBA\xC3\xE4", b"\xBD\xA0"];
        let told = read(stream, &[(0, 6), (6, 4), (10, 3)], Encoding::Auto);
        assert_eq!(told[0], Some(vec![words("你好", 0, false)]));
        assert_eq!(told[1], Some(vec![words("你好", 0, false), words("", 1, false)]));
        assert_eq!(told[2], Some(vec![words("你", 0, false)]));
        let told = read(&[b"a\xE4\xBD", b"b"], &[(0, 3), (3, 1)], utf_8());
        assert_eq!(told, [None, Some(vec![words("b", 0, false)])]);
    }

    #[test]
    fn the_end_of_a_frame_may_make_text_of_what_was_held() {
        let told = read(&[b"a", b"\xE4\xBD"], &[(0, 3)], Encoding::Auto);
        assert_eq!(told[1], Some(vec![words("浣", 0, false)]));
    }

    #[test]
    fn a_new_frame_knows_nothing_of_an_unfinished_one() {
        let mut reading = Reading::new(Encoding::Auto);
        let noise = cut(Before { off: 0, open: None, framed: true }, 2, &[]);
        let told = reading.read(b"\xE4\xBD", &noise, Alone::No);
        assert_eq!(told, Some(vec![words("", 2, false)]));
        let before = Before { off: 2, open: Some(0), framed: true };
        let begun = cut(before, 2, &[Extent { off: 2, len: 9 }]);
        assert_eq!(reading.read(b"ab", &begun, Alone::No), Some(vec![words("ab", 0, false)]));
    }

    #[test]
    fn a_datagram_holds_nothing_back() {
        let mut reading = Reading::new(utf_8());
        let whole = cut(Before { off: 0, open: None, framed: false }, 2, &[]);
        assert_eq!(reading.read(b"a\xE4", &whole, Alone::Yes), None);
        let expected = Some(vec![words("ab", 0, false)]);
        assert_eq!(reading.read(b"ab", &whole, Alone::Yes), expected);
    }

    #[test]
    fn text_files_may_have_escapes_but_no_zeros() {
        assert!(is_plain("a\x1B[31m\r\n\t温度\x07\x08\x0C"));
        for ch in ['\0', '\x01', '\x0B', '\x1A', '\x7F'] {
            assert!(!is_plain(&ch.to_string()));
        }
    }

    fn utf_8() -> Encoding {
        "utf-8".parse().expect("a label")
    }

    proptest! {
        #[test]
        fn text_comes_out_once_however_it_is_cut(
            text in any::<String>(),
            cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6),
        ) {
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let reads: Vec<_> = cuts.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]).collect();
            let told = read(&reads, &[], utf_8());
            let again: String = told.into_iter().flatten().flatten().map(|words| words.text).collect();
            assert_eq!(again, text);
        }
    }
}
