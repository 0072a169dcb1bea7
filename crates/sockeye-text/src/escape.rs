//! Backslash escapes in what a user types. Not what is shown: that is `safe`.

use crate::safe::one_line;
use thiserror::Error;

/// Why an escape cannot be read, and where it begins.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{cause} at column {column}")]
pub struct EscapeError {
    /// The column of the backslash, from 1, in characters.
    pub column: usize,
    /// What is wrong with the escape.
    pub cause: Cause,
}

/// What is wrong with an escape.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Cause {
    /// Nothing follows the backslash.
    #[error(r"a `\` with nothing after it")]
    Unfinished,
    /// No escape has this letter.
    #[error(r"unknown escape `\{}`", one_line(.0.encode_utf8(&mut [0; 4])))]
    Unknown(char),
    /// `\x` without two hex digits.
    #[error(r"`\x` without two hex digits")]
    Byte,
    /// `\u` without one to six hex digits in braces that number a character.
    #[error(r"`\u` without the number of a character in braces, as in `\u{{4F60}}`")]
    Character,
}

/// A stretch of unescaped text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Characters, still to be encoded.
    Text(String),
    /// Bytes written as `\xAA`, to be sent as they are.
    Bytes(Vec<u8>),
}

/// The bytes that `text` means, its characters in UTF-8. Escapes: `\n \r \t \0 \\ \e \a
/// \b \" \'`, `\xAA` (a byte), `\u{4F60}` (a character).
pub fn unescape(text: &str) -> Result<Vec<u8>, EscapeError> {
    let mut bytes = Vec::with_capacity(text.len());
    for part in parts(text)? {
        match part {
            Part::Text(text) => bytes.extend(text.into_bytes()),
            Part::Bytes(raw) => bytes.extend(raw),
        }
    }
    Ok(bytes)
}

/// As [`unescape`], with characters and bytes apart, so that the characters can be sent
/// in an encoding other than UTF-8. Stretches of one kind are joined; none is empty.
pub fn parts(text: &str) -> Result<Vec<Part>, EscapeError> {
    let mut parts = Vec::new();
    let mut chars = text.chars().zip(1..);
    while let Some((ch, column)) = chars.next() {
        if ch == '\\' {
            let mut escape = chars.by_ref().map(|(ch, _)| ch);
            let unit = unit(&mut escape).map_err(|cause| EscapeError { column, cause })?;
            push(&mut parts, unit);
        } else {
            push(&mut parts, Unit::Char(ch));
        }
    }
    Ok(parts)
}

/// What one escape means.
enum Unit {
    Char(char),
    Byte(u8),
}

/// Reads what follows a backslash, and no more.
fn unit(escape: &mut impl Iterator<Item = char>) -> Result<Unit, Cause> {
    let ch = match escape.next().ok_or(Cause::Unfinished)? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        'e' => '\x1B',
        'a' => '\x07',
        'b' => '\x08',
        same @ ('\\' | '"' | '\'') => same,
        'x' => return byte(escape).map(Unit::Byte).ok_or(Cause::Byte),
        'u' => character(escape).ok_or(Cause::Character)?,
        unknown => return Err(Cause::Unknown(unknown)),
    };
    Ok(Unit::Char(ch))
}

/// Two hex digits.
fn byte(escape: &mut impl Iterator<Item = char>) -> Option<u8> {
    let high = escape.next()?.to_digit(16)?;
    let low = escape.next()?.to_digit(16)?;
    u8::try_from(high << 4 | low).ok()
}

/// One to six hex digits in braces.
fn character(escape: &mut impl Iterator<Item = char>) -> Option<char> {
    if escape.next()? != '{' {
        return None;
    }
    let mut number = escape.next()?.to_digit(16)?;
    for _ in 0..6 {
        match escape.next()? {
            '}' => return char::from_u32(number),
            ch => number = number << 4 | ch.to_digit(16)?,
        }
    }
    None
}

fn push(parts: &mut Vec<Part>, unit: Unit) {
    match (unit, parts.last_mut()) {
        (Unit::Char(ch), Some(Part::Text(text))) => text.push(ch),
        (Unit::Char(ch), _) => parts.push(Part::Text(ch.into())),
        (Unit::Byte(byte), Some(Part::Bytes(bytes))) => bytes.push(byte),
        (Unit::Byte(byte), _) => parts.push(Part::Bytes(vec![byte])),
    }
}

#[cfg(test)]
mod tests {
    use super::Cause;
    use super::EscapeError;
    use super::Part;
    use super::parts;
    use super::unescape;

    #[test]
    fn reads_each_escape() {
        let all = r#"\n\r\t\0\\\e\a\b\"\'\xAA\xff\u{4F60}\u{0}\u{10FFFF}"#;
        let mut meant = b"\n\r\t\0\\\x1B\x07\x08\"'\xAA\xFF".to_vec();
        meant.extend("\u{4F60}\0\u{10FFFF}".bytes());
        assert_eq!(unescape(all), Ok(meant));
        assert_eq!(unescape("温度 25"), Ok("温度 25".into()));
        assert_eq!(unescape(r"\x410"), Ok(b"A0".to_vec()), "two digits, no more");
    }

    #[test]
    fn keeps_bytes_apart_from_characters() {
        assert_eq!(
            parts(r"你\n\xAA\x55好"),
            Ok(vec![
                Part::Text("你\n".into()),
                Part::Bytes(vec![0xAA, 0x55]),
                Part::Text("好".into()),
            ])
        );
        assert_eq!(parts(""), Ok(vec![]));
    }

    #[test]
    fn tells_the_column_of_a_bad_escape() {
        for (text, column, cause) in [
            (r"ab\", 3, Cause::Unfinished),
            (r"温\q", 2, Cause::Unknown('q')),
            (r"\\\", 3, Cause::Unfinished),
            (r"a\x", 2, Cause::Byte),
            (r"a\xA", 2, Cause::Byte),
            (r"a\xG0", 2, Cause::Byte),
            (r"\n\u4F60", 3, Cause::Character),
            (r"\u{}", 1, Cause::Character),
            (r"\u{4F60", 1, Cause::Character),
            (r"\u{D800}", 1, Cause::Character),
            (r"\u{110000}", 1, Cause::Character),
            (r"\u{0000041}", 1, Cause::Character),
        ] {
            assert_eq!(unescape(text), Err(EscapeError { column, cause }), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let said = |text| unescape(text).expect_err("bad escape").to_string();
        assert_eq!(said(r"a\q"), r"unknown escape `\q` at column 2");
        assert_eq!(
            said(r"\u{D800}"),
            r"`\u` without the number of a character in braces, as in `\u{4F60}` at column 1"
        );
        assert_eq!(said("\\\x1B"), r"unknown escape `\␛` at column 1");
    }

    proptest::proptest! {
        #[test]
        fn text_without_a_backslash_stays(text in "[^\\\\]{0,40}") {
            proptest::prop_assert_eq!(unescape(&text), Ok(text.into_bytes()));
        }

        #[test]
        fn any_bytes_can_be_written(bytes: Vec<u8>) {
            let text: Vec<String> = bytes.iter().map(|byte| format!("\\x{byte:02X}")).collect();
            proptest::prop_assert_eq!(unescape(&text.concat()), Ok(bytes));
        }

        #[test]
        fn any_character_can_be_written(ch: char) {
            let text = format!("\\u{{{:x}}}", u32::from(ch));
            proptest::prop_assert_eq!(unescape(&text), Ok(ch.to_string().into_bytes()));
        }

        #[test]
        fn a_refusal_names_a_backslash(text in "[a\\\\xu{}4F]{0,20}") {
            if let Err(error) = unescape(&text) {
                proptest::prop_assert_eq!(text.chars().nth(error.column - 1), Some('\\'));
            }
        }
    }
}
