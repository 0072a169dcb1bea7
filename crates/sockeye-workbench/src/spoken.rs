//! Messages as lines: each one line of text, whatever is inside it. For talks between
//! people, where what matters is what was said and not how the bytes came.

use std::collections::HashMap;

use sockeye_text::encoding::{Encoding, TextStream};
use sockeye_text::hex;
use sockeye_text::safe::shown;

/// What a line is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tells {
    /// Nothing is told as a line.
    #[default]
    Nothing,
    /// One message a line, each read by itself.
    Messages,
    /// One recv a line; a character cut between two of them stands in the second.
    Reads,
}

/// Makes lines of messages.
#[derive(Debug)]
pub struct Spoken {
    encoding: Encoding,
    /// Of each conversation whose recvs are told, what has been read so far.
    streams: HashMap<u64, TextStream>,
}

impl Spoken {
    /// Lines of text in that encoding.
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, streams: HashMap::new() }
    }

    /// The line of a message that came in a conversation, with its end; none where a recv
    /// held no whole character.
    pub fn line(&mut self, conversation: u64, bytes: &[u8], tells: Tells) -> Option<String> {
        let text = match tells {
            Tells::Nothing => return None,
            Tells::Messages => self.encoding.decode(bytes),
            Tells::Reads => {
                let stream = self.streams.entry(conversation);
                let piece = stream.or_insert_with(|| TextStream::new(self.encoding)).push(bytes);
                if piece.held > 0 && piece.text.as_ref().is_some_and(String::is_empty) {
                    return None;
                }
                piece.text
            }
        };
        Some(line_of(text, bytes))
    }

    /// The conversation has ended: the line of a character that never became whole.
    pub fn end(&mut self, conversation: u64) -> Option<String> {
        let mut stream = self.streams.remove(&conversation)?;
        let piece = stream.finish();
        match piece.text {
            Some(text) if text.is_empty() => None,
            Some(text) => Some(line_of(Some(text), &[])),
            None => Some("\u{FFFD}\n".to_owned()),
        }
    }
}

/// Line ends inside are written as `\n` and `\r`, what a terminal would obey as a mark, what
/// is no text in hex.
fn line_of(text: Option<String>, bytes: &[u8]) -> String {
    let Some(text) = text else {
        return format!("{}\n", hex::encode(bytes));
    };
    let text = text.replace('\r', "\\r").replace('\n', "\\n");
    format!("{}\n", shown(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(bytes: &[u8]) -> String {
        Spoken::new(Encoding::Auto).line(1, bytes, Tells::Messages).unwrap()
    }

    #[test]
    fn a_message_is_one_line_whatever_is_inside_it() {
        assert_eq!(line("你好".as_bytes()), "你好\n");
        assert_eq!(line(b"a\nb\r\n"), "a\\nb\\r\\n\n");
        assert_eq!(line(b"\xC4\xE3\xBA\xC3"), "你好\n");
        assert_eq!(line(b"\x1B[2J"), "␛[2J\n");
        assert_eq!(line(b"\xFF\xFE"), "FF FE\n");
        assert_eq!(line(b""), "\n");
    }

    #[test]
    fn a_character_cut_between_two_recvs_stands_in_the_second() {
        let mut spoken = Spoken::new(Encoding::Auto);
        let bytes = "好".as_bytes();
        let (first, second) = bytes.split_at(1);
        assert_eq!(spoken.line(1, first, Tells::Reads), None);
        assert_eq!(spoken.line(2, b"b", Tells::Reads).as_deref(), Some("b\n"));
        assert_eq!(spoken.line(1, second, Tells::Reads).as_deref(), Some("好\n"));
        assert_eq!(spoken.line(1, first, Tells::Reads), None);
        assert!(spoken.end(1).is_some());
        assert_eq!(spoken.end(2), None);
    }
}
