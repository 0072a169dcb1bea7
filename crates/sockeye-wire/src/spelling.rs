//! How framings are written: `len:u16be,offset=2,max=64KiB`. Reading takes more
//! ways of writing than printing uses; what is printed reads back as the same.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sockeye_text::hex;
use sockeye_text::units::parse_duration;
use sockeye_text::units::parse_size;

use crate::error::SpellingError;
use crate::framing::Framing;
use crate::framing::Rule;
use crate::length::LengthField;
use crate::length::Width;
use crate::order::Order;
use crate::words::Words;
use crate::words::wrong;

/// The names of framings.
const NAMES: [&str; 12] = [
    "raw",
    "lines",
    "crlf",
    "delim",
    "len",
    "fixed",
    "head",
    "gap",
    "json",
    "cobs",
    "slip",
    "modbus-tcp",
];

/// What can stand after `len:`.
const LENGTHS: [&str; 17] = [
    "u8", "u8be", "u8le", "u16", "u16be", "u16le", "u24", "u24be", "u24le", "u32", "u32be",
    "u32le", "u64", "u64be", "u64le", "ascii", "varint",
];

impl FromStr for Framing {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        let mut words = Words::split(text)?;
        let rule = rule(&mut words)?;
        let max = words.option("max");
        words.none_left(options(&rule))?;
        match max {
            // A rule that the usual limit is too small for is read with its own.
            Some(max) => Self::limited(rule, size("max=", max)?),
            None => Self::new(rule),
        }
    }
}

/// The options that exist with a rule.
fn options(rule: &Rule) -> &'static [&'static str] {
    match rule {
        Rule::Length(_) => &["offset", "adjust", "max"],
        Rule::HeadTail { .. } => &["tail", "max"],
        _ => &["max"],
    }
}

fn rule(words: &mut Words<'_>) -> Result<Rule, SpellingError> {
    if let Some(rule) = plain(words.name) {
        words.no_value()?;
        return Ok(rule);
    }
    match words.name {
        "delim" => {
            let end = marker("delim:", words.value("bytes in hex")?)?;
            Ok(Rule::Delimiter(end))
        }
        "len" => length(words),
        "fixed" => Ok(Rule::Fixed(size("fixed:", words.value("a size")?)?)),
        "gap" => Ok(Rule::Gap(duration(words.value("a duration")?)?)),
        "head" => {
            let head = marker("head:", words.value("bytes in hex")?)?;
            let tail = marker("tail:", words.option("tail").unwrap_or_default())?;
            Ok(Rule::HeadTail { head, tail })
        }
        unknown => Err(SpellingError::unknown("framing", unknown, &NAMES)),
    }
}

/// A rule that is all told by its name.
fn plain(name: &str) -> Option<Rule> {
    match name {
        "raw" => Some(Rule::Raw),
        "lines" => Some(Rule::Lines),
        "crlf" => Some(Rule::Crlf),
        "json" => Some(Rule::Json),
        "cobs" => Some(Rule::Cobs),
        "slip" => Some(Rule::Slip),
        "modbus-tcp" => Some(Rule::ModbusTcp),
        _ => None,
    }
}

/// What stands after `len:`, with the options of a binary length.
fn length(words: &mut Words<'_>) -> Result<Rule, SpellingError> {
    let value = words.value("such as `u16be`, `ascii` or `varint`")?;
    let (width, order) = match value.strip_suffix("le") {
        Some(width) => (width, Order::Little),
        None => (value.strip_suffix("be").unwrap_or(value), Order::Big),
    };
    let width = match width {
        "u8" => Width::U8,
        "u16" => Width::U16,
        "u24" => Width::U24,
        "u32" => Width::U32,
        "u64" => Width::U64,
        _ if value == "ascii" => return Ok(Rule::LengthAscii),
        _ if value == "varint" => return Ok(Rule::LengthVarint),
        _ => return Err(SpellingError::unknown("length", value, &LENGTHS)),
    };
    let offset = words.option("offset").map_or(Ok(0), |text| size("offset=", text))?;
    let adjust = words.option("adjust").map_or(Ok(0), |text| {
        text.parse().map_err(|_| wrong("adjust=", text, "a whole number such as `-4`"))
    })?;
    Ok(Rule::Length(LengthField { width, order, offset, adjust }))
}

fn marker(name: &str, text: &str) -> Result<Vec<u8>, SpellingError> {
    hex::decode(text).map_err(|error| wrong(name, text, &error.to_string()))
}

fn size(name: &str, text: &str) -> Result<usize, SpellingError> {
    let size = parse_size(text).map_err(|error| wrong(name, text, &error.to_string()))?;
    usize::try_from(size).map_err(|_| wrong(name, text, "this machine cannot count so far"))
}

fn duration(text: &str) -> Result<Duration, SpellingError> {
    parse_duration(text).map_err(|error| wrong("gap:", text, &error.to_string()))
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule() {
            Rule::Raw => f.write_str("raw"),
            Rule::Lines => f.write_str("lines"),
            Rule::Crlf => f.write_str("crlf"),
            Rule::Delimiter(end) => write!(f, "delim:{}", Digits(end)),
            Rule::Length(field) => field.fmt(f),
            Rule::LengthAscii => f.write_str("len:ascii"),
            Rule::LengthVarint => f.write_str("len:varint"),
            Rule::Fixed(size) => write!(f, "fixed:{size}"),
            Rule::HeadTail { head, tail } => {
                write!(f, "head:{},tail:{}", Digits(head), Digits(tail))
            }
            Rule::Gap(gap) => write_gap(f, *gap),
            Rule::Json => f.write_str("json"),
            Rule::Cobs => f.write_str("cobs"),
            Rule::Slip => f.write_str("slip"),
            Rule::ModbusTcp => f.write_str("modbus-tcp"),
        }?;
        match self.max() {
            _ if self.is_usual_max() => Ok(()),
            max if max.is_multiple_of(1 << 20) => write!(f, ",max={}MiB", max >> 20),
            max if max.is_multiple_of(1 << 10) => write!(f, ",max={}KiB", max >> 10),
            max => write!(f, ",max={max}"),
        }
    }
}

/// Hex digits without anything between them.
struct Digits<'a>(&'a [u8]);

impl fmt::Display for Digits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// The gap in the largest unit that says it in whole numbers.
fn write_gap(f: &mut fmt::Formatter<'_>, gap: Duration) -> fmt::Result {
    match gap.as_micros() {
        micros if micros.is_multiple_of(1_000_000) => write!(f, "gap:{}s", micros / 1_000_000),
        micros if micros.is_multiple_of(1000) => write!(f, "gap:{}ms", micros / 1000),
        micros => write!(f, "gap:{micros}us"),
    }
}

#[cfg(test)]
mod tests {
    use crate::framing::Framing;

    fn error(text: &str) -> String {
        text.parse::<Framing>().unwrap_err().to_string()
    }

    #[test]
    fn reads_what_it_prints_and_prints_the_shortest_form() {
        let forms = [
            ("raw", "raw"),
            ("lines,max=65536", "lines"),
            ("delim:0d 0a", "delim:0D0A"),
            ("delim:0x0D,0x0A,max=1MiB", "delim:0D0A,max=1MiB"),
            ("len:u8le", "len:u8"),
            ("len:u16", "len:u16be"),
            ("len:u24le,max=1000,adjust=+4,offset=0", "len:u24le,adjust=4,max=1000"),
            ("len:u32be,adjust=-4,offset=2", "len:u32be,offset=2,adjust=-4"),
            ("len:ascii,max=64KiB", "len:ascii,max=64KiB"),
            ("len:varint", "len:varint"),
            ("fixed:1KiB", "fixed:1024"),
            ("fixed:20MiB,max=20MiB", "fixed:20971520,max=20MiB"),
            ("head:aa55,tail:0d0a,max=256", "head:AA55,tail:0D0A,max=256"),
            ("gap:20ms", "gap:20ms"),
            ("gap:1.5s", "gap:1500ms"),
            ("gap:100us", "gap:100us"),
            ("gap:2m", "gap:120s"),
            ("modbus-tcp,max=260", "modbus-tcp"),
        ];
        for (written, canonical) in forms {
            let framing: Framing = written.parse().unwrap();
            assert_eq!(framing.to_string(), canonical);
            assert_eq!(canonical.parse(), Ok(framing));
        }
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_nearest() {
        assert_eq!(error("line"), "unknown framing `line`; the nearest is `lines`");
        assert_eq!(error("len:u16bee"), "unknown length `u16bee`; the nearest is `u16be`");
        assert_eq!(error("len:u16,ofset=2"), "unknown option `ofset`; the nearest is `offset`");
        assert_eq!(error("json,maxx=2"), "unknown option `maxx`; the nearest is `max`");
    }

    #[test]
    fn a_part_that_is_missing_or_too_much_is_named() {
        assert_eq!(error("delim"), "cannot read `delim`: it needs `:` and bytes in hex");
        assert_eq!(error("lines:5"), "cannot read `lines:5`: it has no value");
        assert_eq!(error("lines,max"), "cannot read `max`: an option has `=` and a value");
        assert_eq!(error("lines,max=1,max=2"), "cannot read `max=2`: it is given twice");
        assert_eq!(error("head:AA"), "cannot read `head:AA,tail:`: a tail has 1 to 256 bytes");
        assert_eq!(error("len:u8,adjust=x"), "cannot read `adjust=x`: a whole number such as `-4`");
    }

    #[test]
    fn an_option_of_another_framing_is_refused() {
        assert!("len:varint,offset=2".parse::<Framing>().is_err());
        assert!("lines,tail=0A".parse::<Framing>().is_err());
    }
}
