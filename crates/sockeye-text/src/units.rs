//! Sizes and durations as people write them, and as we show them. Not rates, and not
//! times of day.

use crate::quantity::Quantity;
use crate::safe::one_line;
use std::fmt::Display;
use std::fmt::Formatter;
use std::time::Duration;
use thiserror::Error;

/// Why a text is no size or duration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnitError {
    /// No decimal number where one is expected.
    #[error("`{}` is not a number with a unit", one_line(.text))]
    Number {
        /// The whole text.
        text: String,
    },
    /// A unit that is none of the known ones.
    #[error("unknown unit `{}` in `{}`: known are {known}", one_line(.unit), one_line(.text))]
    Unit {
        /// The whole text.
        text: String,
        /// The unit in it.
        unit: String,
        /// The units that are known.
        known: &'static str,
    },
    /// A fraction of the smallest unit, as `1.5 B`.
    #[error("`{}` is a fraction of the smallest unit", one_line(.text))]
    Fraction {
        /// The whole text.
        text: String,
    },
    /// Several parts of a duration that do not go from the larger unit to the smaller.
    #[error("the parts of `{}` do not each have a unit, the larger first", one_line(.text))]
    Parts {
        /// The whole text.
        text: String,
    },
    /// Beyond 2^64 - 1 bytes or nanoseconds.
    #[error("`{}` is too large: the most is {most}", one_line(.text))]
    Large {
        /// The whole text.
        text: String,
        /// The limit.
        most: &'static str,
    },
}

const KNOWN_SIZES: &str = "B, k or KiB, kB, and likewise M, G, T, P, E";
const KNOWN_DURATIONS: &str = "h, m, s, ms, us, ns";

/// A number of bytes: `64`, `1MiB`, `64k` and `64KiB` in powers of 1024; `64kB`, `1MB` in
/// powers of 1000. Case is ignored, a space before the unit and a decimal fraction are
/// allowed, the result is rounded to a whole byte.
pub fn parse_size(text: &str) -> Result<u64, UnitError> {
    let text = text.trim();
    let (quantity, rest) =
        Quantity::read(text).ok_or_else(|| UnitError::Number { text: text.into() })?;
    let unit = rest.trim_start();
    let size = bytes(unit).ok_or_else(|| unknown(text, unit, KNOWN_SIZES))?;
    u64::try_from(product(&quantity, size, text)?)
        .map_err(|_| UnitError::Large { text: text.into(), most: "16 EiB less one byte" })
}

/// A duration: `5s`, `20ms`, `1.5s`, `2m`, `1h`, `100us`, `1h30m`; a bare number is
/// seconds. Units are in lower case. Exact to the nanosecond; at most 584 years.
pub fn parse_duration(text: &str) -> Result<Duration, UnitError> {
    let text = text.trim();
    let mut total: u128 = 0;
    let mut above = u64::MAX;
    let mut rest = text;
    loop {
        let (quantity, after) =
            Quantity::read(rest).ok_or_else(|| UnitError::Number { text: text.into() })?;
        let after = after.trim_start();
        let end =
            after.find(|ch: char| ch.is_ascii_digit() || ch.is_whitespace()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let size = nanoseconds(unit).ok_or_else(|| unknown(text, unit, KNOWN_DURATIONS))?;
        if size >= above || (unit.is_empty() && rest != text) {
            return Err(UnitError::Parts { text: text.into() });
        }
        total = total.saturating_add(product(&quantity, size, text)?);
        (above, rest) = (size, after.trim_start());
        if rest.is_empty() {
            break;
        }
    }
    let nanoseconds = u64::try_from(total)
        .map_err(|_| UnitError::Large { text: text.into(), most: "584 years" })?;
    Ok(Duration::from_nanos(nanoseconds))
}

/// Bytes in a unit; case is ignored.
fn bytes(unit: &str) -> Option<u64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "p" | "pib" => 1 << 50,
        "e" | "eib" => 1 << 60,
        "kb" => 1000,
        "mb" => 1000_u64.pow(2),
        "gb" => 1000_u64.pow(3),
        "tb" => 1000_u64.pow(4),
        "pb" => 1000_u64.pow(5),
        "eb" => 1000_u64.pow(6),
        _ => return None,
    })
}

/// Nanoseconds in a unit. Both letters that look like `µ` are in use.
fn nanoseconds(unit: &str) -> Option<u64> {
    Some(match unit {
        "h" => 3_600_000_000_000,
        "m" => 60_000_000_000,
        "" | "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" | "\u{B5}s" | "\u{3BC}s" => 1000,
        "ns" => 1,
        _ => return None,
    })
}

fn product(quantity: &Quantity, size: u64, text: &str) -> Result<u128, UnitError> {
    quantity.of(size).ok_or_else(|| UnitError::Fraction { text: text.into() })
}

fn unknown(text: &str, unit: &str, known: &'static str) -> UnitError {
    UnitError::Unit { text: text.into(), unit: unit.into(), known }
}

/// A number of bytes to show: `812 B`, `1.5 KiB`, `2.0 GiB`; rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

impl Display for Size {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        if self.0 < 1024 {
            return padded(f, format_args!("{} B", self.0));
        }
        let mut larger = ["MiB", "GiB", "TiB", "PiB", "EiB"].into_iter();
        let (mut name, mut size) = ("KiB", 1 << 10);
        let tenths = |size: u128| (u128::from(self.0) * 10 + size / 2) / size;
        // 1023.95 KiB is shown as 1.0 MiB.
        while tenths(size) >= 10_240
            && let Some(next) = larger.next()
        {
            (name, size) = (next, size << 10);
        }
        let tenths = tenths(size);
        padded(f, format_args!("{}.{} {name}", tenths / 10, tenths % 10))
    }
}

/// A number to show in groups of three digits, exact: `1,234`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grouped(pub u64);

impl Display for Grouped {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let digits = self.0.to_string();
        let mut shown = String::with_capacity(digits.len() * 4 / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                shown.push(',');
            }
            shown.push(digit);
        }
        f.pad(&shown)
    }
}

/// A duration to show: `3 ms`, `1.204 s`, `2 m 03 s`, `1 h 02 m`; below a millisecond
/// `250 µs`, `80 ns`. Cut, never rounded up: so much has truly passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub Duration);

impl Display for Span {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let (seconds, nanoseconds) = (self.0.as_secs(), self.0.subsec_nanos());
        match (seconds, nanoseconds) {
            (0, 0) => f.pad("0 ms"),
            (0, 1..1000) => padded(f, format_args!("{nanoseconds} ns")),
            (0, 1000..1_000_000) => padded(f, format_args!("{} µs", nanoseconds / 1000)),
            (0, _) => padded(f, format_args!("{} ms", nanoseconds / 1_000_000)),
            (1..60, _) => padded(f, format_args!("{seconds}.{:03} s", nanoseconds / 1_000_000)),
            (60..3600, _) => padded(f, format_args!("{} m {:02} s", seconds / 60, seconds % 60)),
            _ => padded(f, format_args!("{} h {:02} m", seconds / 3600, seconds % 3600 / 60)),
        }
    }
}

/// As wide as is asked for; most ask for no width, which needs no text in between.
fn padded(f: &mut Formatter<'_>, shown: std::fmt::Arguments<'_>) -> std::fmt::Result {
    if f.width().is_none() && f.precision().is_none() {
        return f.write_fmt(shown);
    }
    f.pad(&shown.to_string())
}

#[cfg(test)]
mod tests {
    use super::UnitError;
    use super::parse_duration;
    use super::parse_size;
    use std::time::Duration;

    #[test]
    fn numbers_are_grouped_by_three_digits() {
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(super::Grouped(number).to_string(), shown);
        }
    }

    #[test]
    fn reads_sizes() {
        for (text, bytes) in [
            ("0", 0),
            ("64", 64),
            ("64k", 65_536),
            ("64KiB", 65_536),
            ("64kB", 64_000),
            ("1MiB", 1 << 20),
            ("1m", 1 << 20),
            (" 1.5 KiB ", 1536),
            ("0.1k", 102),
            ("1.0 PiB", 1 << 50),
            ("15eb", 15_000_000_000_000_000_000),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn reads_durations() {
        for (text, nanoseconds) in [
            ("5s", 5_000_000_000),
            ("5", 5_000_000_000),
            ("0.25", 250_000_000),
            ("20ms", 20_000_000),
            ("1.5s", 1_500_000_000),
            ("2m", 120_000_000_000),
            ("1h", 3_600_000_000_000),
            ("100us", 100_000),
            ("100µs", 100_000),
            ("100\u{3BC}s", 100_000),
            ("7ns", 7),
            ("1h30m", 5_400_000_000_000),
            ("2 m 03 s", 123_000_000_000),
            ("0", 0),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_nanos(nanoseconds)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", " ", "k", "-1", "+1", ".5", "1.", "1.k", "x1", "٣"] {
            assert_eq!(parse_size(text), Err(UnitError::Number { text: text.trim().into() }));
            assert_eq!(parse_duration(text), Err(UnitError::Number { text: text.trim().into() }));
        }
    }

    #[test]
    fn refuses_units_it_does_not_know() {
        for text in ["1x", "1 Kib B", "1kk", "0x10", "1e3", "64,5"] {
            assert!(matches!(parse_size(text), Err(UnitError::Unit { .. })), "{text}");
        }
        for text in ["1x", "1S", "1M", "1 sec", "5s,", "1e3"] {
            assert!(matches!(parse_duration(text), Err(UnitError::Unit { .. })), "{text}");
        }
        let said = parse_duration("5sec").expect_err("no unit").to_string();
        assert_eq!(said, "unknown unit `sec` in `5sec`: known are h, m, s, ms, us, ns");
    }

    #[test]
    fn refuses_parts_in_disorder_and_fractions_of_the_smallest_unit() {
        for text in ["30m1h", "1m1m", "1m30", "1 2"] {
            assert!(matches!(parse_duration(text), Err(UnitError::Parts { .. })), "{text}");
        }
        assert!(matches!(parse_size("1.5"), Err(UnitError::Fraction { .. })));
        assert!(matches!(parse_duration("1.5ns"), Err(UnitError::Fraction { .. })));
    }
}
