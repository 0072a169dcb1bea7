//! Where a JSON value ends, byte by byte as it comes. Only brackets,
//! strings and words are looked at: whether commas and colons stand right is for
//! whoever reads the value (RFC 8259).

use memchr::memchr2;

/// The deepest that arrays and objects may stand in each other.
pub(crate) const NESTING_MAX: usize = 512;

/// Where in a value the scanner is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Before its first byte.
    #[default]
    Start,
    /// In an array or object, outside strings.
    Inside,
    /// In a string.
    Text,
    /// In a string, after a backslash.
    Escape,
    /// In a number, `true`, `false` or `null` that stands alone.
    Word,
}

/// What one more byte means.
enum Step {
    /// The value goes on.
    Goes,
    /// The byte is the value's last.
    Last,
    /// The byte stands after the value.
    After,
}

/// Why bytes are no JSON value; `at` counts from the value's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) at: usize,
    /// What should stand there; none if the nesting is too deep.
    pub(crate) expected: Option<&'static str>,
}

/// Follows one value as its bytes come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scanner {
    place: Place,
    /// The brackets that have to come, the nearest last.
    closing: Vec<u8>,
    /// How many bytes were looked at.
    scanned: usize,
}

impl Scanner {
    /// Goes on through `value`, whose first bytes it may have seen before, and
    /// says where it ends.
    pub(crate) fn scan(&mut self, value: &[u8]) -> Result<Option<usize>, Flaw> {
        loop {
            let rest = value.get(self.scanned..).unwrap_or_default();
            let skip = match self.place {
                Place::Text => memchr2(b'"', b'\\', rest).unwrap_or(rest.len()),
                _ => 0,
            };
            self.scanned += skip;
            let Some(byte) = rest.get(skip) else {
                return Ok(None);
            };
            match self.step(*byte)? {
                Step::Goes => self.scanned += 1,
                Step::Last => return Ok(Some(self.scanned + 1)),
                Step::After => return self.word(value).map(Some),
            }
        }
    }

    fn step(&mut self, byte: u8) -> Result<Step, Flaw> {
        match self.place {
            Place::Start => self.start(byte),
            Place::Inside => self.inside(byte),
            Place::Text => Ok(match byte {
                b'"' if self.closing.is_empty() => Step::Last,
                b'"' => self.go(Place::Inside),
                b'\\' => self.go(Place::Escape),
                _ => Step::Goes,
            }),
            Place::Escape => Ok(self.go(Place::Text)),
            Place::Word => match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.' => Ok(Step::Goes),
                b'{' | b'[' | b'"' => Ok(Step::After),
                space if is_space(space) => Ok(Step::After),
                _ => Err(self.flaw("white space after a JSON number or word")),
            },
        }
    }

    fn start(&mut self, byte: u8) -> Result<Step, Flaw> {
        match byte {
            b'{' | b'[' => self.inside(byte),
            b'"' => Ok(self.go(Place::Text)),
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => Ok(self.go(Place::Word)),
            _ => Err(self.flaw("a JSON value")),
        }
    }

    fn inside(&mut self, byte: u8) -> Result<Step, Flaw> {
        match byte {
            b'{' | b'[' if self.closing.len() == NESTING_MAX => {
                Err(Flaw { at: self.scanned, expected: None })
            }
            b'{' => {
                self.closing.push(b'}');
                Ok(self.go(Place::Inside))
            }
            b'[' => {
                self.closing.push(b']');
                Ok(self.go(Place::Inside))
            }
            b'}' | b']' => match self.closing.pop() {
                Some(closing) if closing != byte => Err(self.flaw("the other JSON bracket")),
                _ if self.closing.is_empty() => Ok(Step::Last),
                _ => Ok(Step::Goes),
            },
            b'"' => Ok(self.go(Place::Text)),
            _ => Ok(Step::Goes),
        }
    }

    fn go(&mut self, place: Place) -> Step {
        self.place = place;
        Step::Goes
    }

    fn flaw(&self, expected: &'static str) -> Flaw {
        Flaw { at: self.scanned, expected: Some(expected) }
    }

    /// The end of the word that was scanned, if it is one.
    fn word(&self, value: &[u8]) -> Result<usize, Flaw> {
        if value.get(..self.scanned).is_some_and(is_word) {
            return Ok(self.scanned);
        }
        let expected = Some("a JSON number, `true`, `false` or `null`");
        Err(Flaw { at: 0, expected })
    }

    /// Whether no byte of a value was seen yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.place == Place::Start
    }

    /// Whether `value`, all of which was scanned, is a word that the end of the
    /// bytes ends.
    pub(crate) fn is_ended(&self, value: &[u8]) -> bool {
        self.place == Place::Word && is_word(value)
    }
}

/// The length of the one value that is in `payload`, white space around it left
/// out; or where `payload` stops being one value.
pub(crate) fn one_value(payload: &[u8]) -> Result<usize, usize> {
    let skip = spaces(payload);
    let value = payload.get(skip..).unwrap_or_default();
    let mut scanner = Scanner::default();
    let len = match scanner.scan(value) {
        Ok(Some(len)) => len,
        Ok(None) if scanner.is_ended(value) => value.len(),
        Ok(None) => return Err(payload.len()),
        Err(flaw) => return Err(skip + flaw.at),
    };
    let rest = value.get(len..).unwrap_or_default();
    let space = spaces(rest);
    if space < rest.len() {
        return Err(skip + len + space);
    }
    Ok(len)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// How much white space there is at the front.
pub(crate) fn spaces(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| is_space(**byte)).count()
}

fn is_word(word: &[u8]) -> bool {
    matches!(word, b"true" | b"false" | b"null") || is_number(word)
}

/// RFC 8259, section 6.
fn is_number(text: &[u8]) -> bool {
    let (whole, mut rest) = digits(text.strip_prefix(b"-").unwrap_or(text));
    if whole.is_empty() || (whole.len() > 1 && whole.starts_with(b"0")) {
        return false;
    }
    if let Some(after) = rest.strip_prefix(b".") {
        let (fraction, after) = digits(after);
        if fraction.is_empty() {
            return false;
        }
        rest = after;
    }
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..] => {
            let (exponent, rest) = digits(exponent);
            !exponent.is_empty() && rest.is_empty()
        }
        _ => false,
    }
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at(count)
}

#[cfg(test)]
mod tests {
    use super::is_number;
    use super::one_value;

    #[test]
    fn knows_the_numbers_of_the_rfc() {
        for number in ["0", "-0", "12", "1.5", "-1.50e10", "1E+2", "0e-0"] {
            assert!(is_number(number.as_bytes()), "{number}");
        }
        for other in ["", "-", "01", "1.", ".5", "+1", "1e", "1e+", "1x", "1.2.3", "inf"] {
            assert!(!is_number(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_payload_is_one_value_with_nothing_but_white_space_around_it() {
        assert_eq!(one_value(br#" {"a":"}"} "#), Ok(9));
        assert_eq!(one_value(b"12"), Ok(2));
        assert_eq!(one_value(b""), Err(0));
        assert_eq!(one_value(b"1 2"), Err(2));
        assert_eq!(one_value(b"{}{}"), Err(2));
        assert_eq!(one_value(b"[1"), Err(2));
        assert_eq!(one_value(b"maybe"), Err(0));
    }
}
