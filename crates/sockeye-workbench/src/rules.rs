//! What is answered without a keyboard: `--reply`, and `--on 'MATCH => REPLY'`.

use std::fmt;
use std::fs;
use std::str::FromStr;

use sockeye_text::encoding::Encoding;
use sockeye_text::hex;

use crate::message::{Data, MessageError};
use crate::wanted::{Wanted, WantedError};

/// An answer to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The message itself.
    Echo,
    /// The message with its ASCII letters in upper case.
    Upper,
    /// Always the same.
    Given(Data),
}

/// A rule or a reply that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// No arrow.
    #[error("`{0}` has no ` => ` between what to match and what to answer")]
    NoArrow(String),
    /// Nothing to match.
    #[error("`{0}` has nothing before the ` => `")]
    Empty(String),
    /// A bad `hex:`.
    #[error("in `{text}`: {error}")]
    Hex {
        /// The rule.
        text: String,
        /// What is wrong.
        error: hex::HexError,
    },
    /// A bad `re:`.
    #[error("in `{text}`: {error}")]
    Pattern {
        /// The rule.
        text: String,
        /// What is wrong.
        error: String,
    },
}

impl RuleError {
    fn of(text: &str, error: WantedError) -> Self {
        let text = text.to_owned();
        match error {
            WantedError::Empty => Self::Empty(text),
            WantedError::Hex(error) => Self::Hex { text, error },
            WantedError::Pattern(error) => Self::Pattern { text, error },
        }
    }
}

impl FromStr for Reply {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        match text {
            "echo" => Ok(Self::Echo),
            "upper" => Ok(Self::Upper),
            other => match other.parse() {
                // Stdin can be read once, an answer is given often.
                Ok(Data::Stdin) => Ok(Self::Given(Data::Text("-".to_owned()))),
                Ok(data) => Ok(Self::Given(data)),
                Err(error) => Err(RuleError::Hex { text: text.to_owned(), error }),
            },
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Echo => f.write_str("echo"),
            Self::Upper => f.write_str("upper"),
            Self::Given(data) => data.fmt(f),
        }
    }
}

impl Reply {
    /// The answer's payload.
    pub fn answer(&self, message: &[u8], encoding: Encoding) -> Result<Vec<u8>, MessageError> {
        match self {
            Self::Echo => Ok(message.to_vec()),
            Self::Upper => Ok(message.to_ascii_uppercase()),
            Self::Given(data) => data.bytes(encoding),
        }
    }

    /// Whether the answer gives a file of this machine to the caller.
    pub fn gives_a_file(&self) -> bool {
        matches!(self, Self::Given(Data::File(_)))
    }

    /// Fails where a file that would be answered cannot be read.
    pub fn check(&self) -> Result<(), MessageError> {
        match self {
            Self::Given(Data::File(path)) => fs::File::open(path)
                .map(drop)
                .map_err(|source| MessageError::File { path: path.clone(), source }),
            _ => Ok(()),
        }
    }
}

/// One `--on`.
#[derive(Clone, Debug)]
pub struct Rule {
    /// As it was written.
    text: String,
    wanted: Wanted,
    /// What is answered when it matches.
    pub reply: Reply,
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let (left, right) =
            text.split_once("=>").ok_or_else(|| RuleError::NoArrow(text.to_owned()))?;
        let left = left.strip_suffix(' ').unwrap_or(left);
        let right = right.strip_prefix(' ').unwrap_or(right);
        let wanted = left.parse().map_err(|error| RuleError::of(text, error))?;
        Ok(Self { text: text.to_owned(), wanted, reply: right.parse()? })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Rule {
    /// Whether the message is the one meant: a text or `hex:` is the whole message (a line
    /// end after it does not count), a `re:` is found anywhere in its text.
    pub fn matches(&self, message: &[u8], encoding: Encoding) -> bool {
        self.wanted.matches(message, encoding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(rule: &str, message: &[u8]) -> bool {
        rule.parse::<Rule>().unwrap().matches(message, Encoding::Auto)
    }

    #[test]
    fn a_text_is_the_whole_message_but_for_its_line_end() {
        assert!(matches("AT => OK", b"AT\r\n"));
        assert!(!matches("AT => OK", b"AT+X"));
        assert!(matches("hex:AA55 => hex:55AA", &[0xAA, 0x55]));
        assert!(matches("re:^AT\\+ => OK", b"AT+RST\r\n"));
    }

    #[test]
    fn a_text_matches_whatever_encoding_it_comes_in() {
        assert!(matches("你好 => 好", "你好".as_bytes()));
        assert!(matches("你好 => 好", &[0xC4, 0xE3, 0xBA, 0xC3]));
    }

    #[test]
    fn a_rule_and_a_reply_are_printed_as_they_are_read() {
        for rule in ["AT => OK", "hex:AA55=>hex:55 AA", "re:^a => text:-"] {
            assert_eq!(rule.parse::<Rule>().unwrap().to_string(), rule);
        }
        for text in ["echo", "upper", "text:echo", "hex:AA 55", "file:/x", "你好", "a:b", "-"] {
            let reply: Reply = text.parse().unwrap();
            assert_eq!(reply.to_string().parse::<Reply>().unwrap(), reply, "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_rule() {
        assert_eq!("AT".parse::<Rule>().unwrap_err(), RuleError::NoArrow("AT".into()));
        assert!("re:( => x".parse::<Rule>().is_err());
        assert!("hex:A => x".parse::<Rule>().is_err());
        assert!(" => x".parse::<Rule>().is_err());
    }
}
