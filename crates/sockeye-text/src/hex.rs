//! Hex as people write it, and as we write it. Not a dump: no offsets, no text column.

use crate::safe::one_line;
use std::fmt::Display;
use std::fmt::Formatter;
use std::iter::Peekable;
use std::str::Chars;
use thiserror::Error;

/// Why a text is not hex, and where it stops being so.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{cause} at {}", place(*.line, *.column))]
pub struct HexError {
    /// The line, from 1.
    pub line: usize,
    /// The column in that line, from 1, in characters.
    pub column: usize,
    /// What is wrong there.
    pub cause: Cause,
}

/// What is wrong with the hex.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Cause {
    /// A digit without the second digit of its byte; the place is the digit's.
    #[error("odd hex digit")]
    Odd,
    /// `0x` or `\x` without digits; the place is the prefix's.
    #[error("no hex digits after the prefix")]
    Bare,
    /// A character that is neither digit, prefix nor separator.
    #[error("`{}` is no hex digit", one_line(.0.encode_utf8(&mut [0; 4])))]
    Foreign(char),
}

/// The bytes that `text` writes, two digits a byte: `AA 55`, `aa55`, `0xAA,0x55`,
/// `\xAA`, `AA-55`, `AA:55`, with any white space, commas, hyphens and colons between
/// bytes, over line ends. A byte's two digits stand together: an odd digit is an error
/// that has its place.
pub fn decode(text: &str) -> Result<Vec<u8>, HexError> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut scan = Scan::new(text);
    let mut half: Option<(u8, Place)> = None;
    while let Some((ch, place)) = scan.next() {
        match (digit(ch), half.take()) {
            (Some(low), Some((high, _))) => bytes.push(high << 4 | low),
            (Some(0), None) if scan.takes_x() => half = Some(scan.first_digit(place)?),
            (Some(high), None) => half = Some((high, place)),
            (None, Some((_, odd))) if separates(ch) || ch == '\\' => {
                return Err(odd.fault(Cause::Odd));
            }
            (None, None) if separates(ch) => {}
            (None, None) if ch == '\\' && scan.takes_x() => half = Some(scan.first_digit(place)?),
            (None, _) => return Err(place.fault(Cause::Foreign(ch))),
        }
    }
    match half {
        Some((_, odd)) => Err(odd.fault(Cause::Odd)),
        None => Ok(bytes),
    }
}

/// Two upper-case digits a byte, a space between bytes: `AA 55 0D`.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for &byte in bytes {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push(written(byte >> 4));
        text.push(written(byte & 0x0F));
    }
    text
}

fn digit(ch: char) -> Option<u8> {
    ch.to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The digit of a value below 16.
fn written(value: u8) -> char {
    match value {
        0..=9 => char::from(b'0' + value),
        _ => char::from(b'A' + value - 10),
    }
}

fn separates(ch: char) -> bool {
    ch.is_whitespace() || matches!(ch, ',' | '-' | ':')
}

/// Where a character stands; both count from 1.
#[derive(Clone, Copy)]
struct Place {
    line: usize,
    column: usize,
}

fn place(line: usize, column: usize) -> Place {
    Place { line, column }
}

impl Place {
    fn fault(self, cause: Cause) -> HexError {
        HexError { line: self.line, column: self.column, cause }
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        if self.line > 1 {
            write!(f, "line {}, ", self.line)?;
        }
        write!(f, "column {}", self.column)
    }
}

/// The characters of a text, each with its place.
struct Scan<'a> {
    chars: Peekable<Chars<'a>>,
    ahead: Place,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        Self { chars: text.chars().peekable(), ahead: Place { line: 1, column: 1 } }
    }

    /// Whether an `x` comes next; if so it is taken.
    fn takes_x(&mut self) -> bool {
        let found = matches!(self.chars.peek(), Some('x' | 'X'));
        found && self.next().is_some()
    }

    /// Takes the digit that follows a prefix, which began at `prefix`.
    fn first_digit(&mut self, prefix: Place) -> Result<(u8, Place), HexError> {
        let first = self.next().and_then(|(ch, place)| Some((digit(ch)?, place)));
        first.ok_or_else(|| prefix.fault(Cause::Bare))
    }
}

impl Iterator for Scan<'_> {
    type Item = (char, Place);

    fn next(&mut self) -> Option<(char, Place)> {
        let ch = self.chars.next()?;
        let place = self.ahead;
        if ch == '\n' {
            self.ahead = Place { line: place.line + 1, column: 1 };
        } else {
            self.ahead.column += 1;
        }
        Some((ch, place))
    }
}

#[cfg(test)]
mod tests {
    use super::Cause;
    use super::HexError;
    use super::decode;
    use super::encode;

    fn fault(text: &str) -> (usize, usize, Cause) {
        let HexError { line, column, cause } = decode(text).expect_err(text);
        (line, column, cause)
    }

    #[test]
    fn reads_every_way_of_writing_it() {
        for text in [
            "AA 55 0D",
            "aa550d",
            "AA550d",
            "0xAA,0x55,0x0D",
            "0xaa, 0X55, 0x0d",
            "0xAA550D",
            "0xAA0x550x0D",
            r"\xAA\x55\x0D",
            "AA-55-0D",
            "AA:55:0D",
            "AA\t55\r\n0D\n",
            " AA55\n0D ",
            "AA,\n55,\n0D",
            "AA\u{3000}55 0D",
        ] {
            assert_eq!(decode(text), Ok(vec![0xAA, 0x55, 0x0D]), "{text:?}");
        }
        assert_eq!(decode(""), Ok(vec![]));
        assert_eq!(decode(" \r\n"), Ok(vec![]));
        assert_eq!(decode("00 0x00"), Ok(vec![0, 0]));
    }

    #[test]
    fn tells_the_place_of_an_odd_digit() {
        assert_eq!(fault("A"), (1, 1, Cause::Odd));
        assert_eq!(fault("AAA"), (1, 3, Cause::Odd));
        assert_eq!(fault("AA 5"), (1, 4, Cause::Odd));
        assert_eq!(fault("AA 5 66"), (1, 4, Cause::Odd));
        assert_eq!(fault("0x5,0x66"), (1, 3, Cause::Odd));
        assert_eq!(fault(r"AA\x5\x66"), (1, 5, Cause::Odd));
        assert_eq!(fault("AA 5\n5 66"), (1, 4, Cause::Odd));
        assert_eq!(fault("AA\r\n66 5"), (2, 4, Cause::Odd));
        assert_eq!(fault("AA\u{3000}5"), (1, 4, Cause::Odd), "columns are characters");
    }

    #[test]
    fn tells_the_place_of_what_is_not_hex() {
        assert_eq!(fault("AA GG"), (1, 4, Cause::Foreign('G')));
        assert_eq!(fault("AA AG"), (1, 5, Cause::Foreign('G')));
        assert_eq!(fault("AA\nxx"), (2, 1, Cause::Foreign('x')));
        assert_eq!(fault(r"AA \n"), (1, 4, Cause::Foreign('\\')));
        assert_eq!(fault("A0x55"), (1, 3, Cause::Foreign('x')));
        assert_eq!(fault("AA 0x"), (1, 4, Cause::Bare));
        assert_eq!(fault(r"\x,55"), (1, 1, Cause::Bare));
        assert_eq!(fault("0x0x55"), (1, 4, Cause::Foreign('x')));
    }

    #[test]
    fn says_the_line_only_where_there_are_several() {
        let text = |hex| decode(hex).expect_err("not hex").to_string();
        assert_eq!(text("AA 5"), "odd hex digit at column 4");
        assert_eq!(text("AA\n5"), "odd hex digit at line 2, column 1");
        assert_eq!(text("温"), "`温` is no hex digit at column 1");
        assert_eq!(text("\x1B"), "`␛` is no hex digit at column 1");
    }

    #[test]
    fn writes_upper_case_with_spaces() {
        assert_eq!(encode(&[0xAA, 0x55, 0x0D]), "AA 55 0D");
        assert_eq!(encode(&[0x9F]), "9F");
        assert_eq!(encode(&[]), "");
    }

    proptest::proptest! {
        #[test]
        fn reads_back_what_it_wrote(bytes: Vec<u8>) {
            proptest::prop_assert_eq!(decode(&encode(&bytes)), Ok(bytes));
        }

        #[test]
        fn separators_and_prefixes_change_nothing(
            parts in proptest::collection::vec((proptest::num::u8::ANY, "[ \t\r\n,:-]{0,3}(0x|\\\\x|)"), 0..20),
        ) {
            let text: Vec<String> = parts.iter().map(|(byte, before)| format!("{before}{byte:02x}")).collect();
            let bytes: Vec<u8> = parts.iter().map(|&(byte, _)| byte).collect();
            proptest::prop_assert_eq!(decode(&text.concat()), Ok(bytes));
        }

        #[test]
        fn an_odd_digit_is_found_wherever_it_stands(
            before in proptest::collection::vec(proptest::num::u8::ANY, 0..9),
            after in proptest::collection::vec(proptest::num::u8::ANY, 0..9),
        ) {
            let text = format!("{} 7 {}", encode(&before), encode(&after));
            let column = encode(&before).len() + 2;
            proptest::prop_assert_eq!(fault(&text), (1, column, Cause::Odd));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}|[0-9a-fx\\\\ \n]{0,40}") {
            if let Err(HexError { line, column, .. }) = decode(&text) {
                let found = text.split('\n').nth(line - 1).and_then(|line| line.chars().nth(column - 1));
                proptest::prop_assert!(found.is_some());
            }
        }
    }
}
