//! Framings: the rules that say where in a stream a message begins and ends,
//! and the limit of each. How they are spelled, and how they are applied, is
//! told elsewhere.

use std::time::Duration;

use crate::error::SpellingError;
use crate::length::LengthField;
use crate::length::Width;
use crate::order::Order;

/// The most bytes that a delimiter, a head or a tail may have.
pub const MARKER_MAX: usize = 256;

/// Usual limit of `lines`, `crlf`, `delim` and `gap`, whose longer frames come
/// in pieces.
pub const PIECE_MAX: usize = 64 << 10;

/// Usual limit of the framings that refuse a longer frame.
pub const BLOCK_MAX: usize = 16 << 20;

/// Usual limit of `modbus-tcp`: the longest ADU (MODBUS Messaging on TCP/IP
/// Implementation Guide V1.0b, 4.3.2: 253 bytes of PDU and 7 of header).
pub const ADU_MAX: usize = 260;

/// A rule with its limit, checked: no marker is empty, no size is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framing {
    rule: Rule,
    max: usize,
}

/// The rule that finds a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Each read is a message.
    Raw,
    /// A message ends at LF; one CR before it belongs to the end.
    Lines,
    /// A message ends at CR LF.
    Crlf,
    /// A message ends at these bytes, 1 to [`MARKER_MAX`].
    Delimiter(Vec<u8>),
    /// A length in binary stands before the message.
    Length(LengthField),
    /// A length in ASCII decimal digits (at most 20) stands before the message,
    /// ended by one of `:`, LF, CR LF or a space: the netstring's way without
    /// its comma, and the line's. Written with `:`.
    LengthAscii,
    /// A length as a LEB128 varint of at most 10 bytes stands before the message
    /// (Protocol Buffers, "Encoding", "Base 128 Varints").
    LengthVarint,
    /// Each message has this many bytes, at least 1.
    Fixed(usize),
    /// A message stands between `head` and `tail`; what stands before a head is
    /// noise.
    HeadTail {
        /// Bytes that begin a frame, 1 to [`MARKER_MAX`].
        head: Vec<u8>,
        /// Bytes that end it, 1 to [`MARKER_MAX`].
        tail: Vec<u8>,
    },
    /// A silence of at least this long ends a message; whole microseconds.
    Gap(Duration),
    /// Each message is one JSON value (RFC 8259), back to back or with white
    /// space between. Only brackets, strings and words are looked at.
    Json,
    /// Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999), ended by 00.
    Cobs,
    /// SLIP (RFC 1055), with END on both sides.
    Slip,
    /// Modbus TCP: an MBAP header, then unit id and PDU.
    ModbusTcp,
}

impl Framing {
    /// A rule with its usual limit; refused if a part of it is out of range.
    pub fn new(rule: Rule) -> Result<Self, SpellingError> {
        let max = usual_max(&rule);
        Self::limited(rule, max)
    }

    /// A rule with a limit of its own.
    pub(crate) fn limited(rule: Rule, max: usize) -> Result<Self, SpellingError> {
        let framing = Self { rule: tidy(rule), max };
        match framing.fault() {
            Some(expected) => Err(SpellingError::Value { given: framing.to_string(), expected }),
            None => Ok(framing),
        }
    }

    /// The same rule with another limit of `max` bytes, at least 1; refused if
    /// the rule's smallest frame does not fit.
    pub fn with_max(self, max: usize) -> Result<Self, SpellingError> {
        Self::limited(self.rule, max)
    }

    /// The rule.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The longest frame, in bytes as it stands in the stream without its length
    /// field and its delimiters; for `modbus-tcp` the whole ADU.
    ///
    /// A longer one is refused, but `raw`, `lines`, `crlf`, `delim` and `gap`
    /// give it out in pieces of this size.
    pub fn max(&self) -> usize {
        self.max
    }

    /// Whether the limit is the one that the rule has unless told otherwise.
    pub fn is_usual_max(&self) -> bool {
        self.max == usual_max(&self.rule)
    }

    pub(crate) fn into_rule(self) -> Rule {
        self.rule
    }

    /// What is wrong with the parts, if something is.
    fn fault(&self) -> Option<String> {
        let marker = |bytes: &[u8]| !(1..=MARKER_MAX).contains(&bytes.len());
        let least = match &self.rule {
            Rule::Delimiter(end) if marker(end) => return Some(marker_wanted("delimiter")),
            Rule::HeadTail { head, .. } if marker(head) => return Some(marker_wanted("head")),
            Rule::HeadTail { tail, .. } if marker(tail) => return Some(marker_wanted("tail")),
            Rule::Fixed(0) => return Some("a frame needs at least 1 byte".to_owned()),
            Rule::Gap(gap) if gap.is_zero() => return Some("a gap needs at least 1 us".to_owned()),
            Rule::Length(field) if field.most_body() < 0 => {
                return Some("`adjust` leaves no length that the field could say".to_owned());
            }
            Rule::Length(field) => field.offset.max(1),
            Rule::Fixed(size) => *size,
            Rule::ModbusTcp => 8,
            _ => 1,
        };
        (self.max < least).then(|| format!("`max` has to be at least {least}"))
    }
}

impl Default for Framing {
    /// `raw`.
    fn default() -> Self {
        Self { max: usual_max(&Rule::Raw), rule: Rule::Raw }
    }
}

fn marker_wanted(what: &str) -> String {
    format!("a {what} has 1 to {MARKER_MAX} bytes")
}

fn usual_max(rule: &Rule) -> usize {
    match rule {
        Rule::Raw => usize::MAX,
        Rule::Lines | Rule::Crlf | Rule::Delimiter(_) | Rule::Gap(_) => PIECE_MAX,
        Rule::ModbusTcp => ADU_MAX,
        Rule::Length(_)
        | Rule::LengthAscii
        | Rule::LengthVarint
        | Rule::Fixed(_)
        | Rule::HeadTail { .. }
        | Rule::Json
        | Rule::Cobs
        | Rule::Slip => BLOCK_MAX,
    }
}

/// One form for what means the same, so that equal framings are equal values.
fn tidy(rule: Rule) -> Rule {
    match rule {
        Rule::Length(field) if field.width == Width::U8 => {
            Rule::Length(LengthField { order: Order::Big, ..field })
        }
        Rule::Gap(gap) => Rule::Gap(Duration::new(gap.as_secs(), gap.subsec_micros() * 1000)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Framing;
    use super::MARKER_MAX;
    use super::Rule;
    use crate::length::LengthField;
    use crate::length::Width;
    use crate::order::Order;

    fn field(width: Width, offset: usize, adjust: i64) -> Rule {
        Rule::Length(LengthField { width, order: Order::Big, offset, adjust })
    }

    fn head_tail(head: &[u8], tail: &[u8]) -> Rule {
        Rule::HeadTail { head: head.to_vec(), tail: tail.to_vec() }
    }

    #[test]
    fn refuses_parts_that_would_match_nothing_or_everything() {
        let cases = [
            Rule::Delimiter(Vec::new()),
            Rule::Delimiter(vec![0; MARKER_MAX + 1]),
            head_tail(b"", b"a"),
            head_tail(b"a", b""),
            Rule::Fixed(0),
            Rule::Gap(Duration::from_nanos(999)),
            field(Width::U8, 0, -256),
        ];
        for rule in cases {
            assert!(Framing::new(rule.clone()).is_err(), "{rule:?}");
        }
    }

    #[test]
    fn accepts_the_last_value_before_each_of_these_limits() {
        let cases = [
            Rule::Delimiter(vec![0; MARKER_MAX]),
            head_tail(b"a", b"a"),
            Rule::Fixed(1),
            Rule::Gap(Duration::from_micros(1)),
            field(Width::U8, 0, -255),
        ];
        for rule in cases {
            assert!(Framing::new(rule.clone()).is_ok(), "{rule:?}");
        }
    }

    #[test]
    fn refuses_a_limit_that_the_smallest_frame_is_over() {
        let over = [
            (Rule::Lines, 0),
            (Rule::Fixed(9), 8),
            (field(Width::U16, 4, 0), 3),
            (Rule::ModbusTcp, 7),
        ];
        for (rule, max) in over {
            let framing = Framing::new(rule).unwrap();
            assert!(framing.clone().with_max(max).is_err(), "{framing}");
            assert!(framing.with_max(max + 1).is_ok());
        }
    }

    #[test]
    fn a_fixed_size_over_the_usual_limit_needs_a_limit_of_its_own() {
        assert!(Framing::new(Rule::Fixed((16 << 20) + 1)).is_err());
        assert!(Framing::new(Rule::Fixed(16 << 20)).is_ok());
    }

    #[test]
    fn the_order_of_one_byte_makes_no_difference() {
        let little = LengthField { width: Width::U8, order: Order::Little, offset: 0, adjust: 0 };
        let framing = Framing::new(Rule::Length(little)).unwrap();
        assert_eq!(framing, Framing::new(field(Width::U8, 0, 0)).unwrap());
    }
}
