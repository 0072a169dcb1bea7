//! Faults read from text: `split=1; delay=50ms±10ms,dir=up; drop=5%,on=match:PING`.

use std::str::FromStr;
use std::time::Duration;

use sockeye_text::hex;
use sockeye_text::nearest::nearest;
use sockeye_text::safe::one_line;
use sockeye_text::units::{parse_duration, parse_size};

use crate::fault::show::list;
use crate::fault::{Dir, Fault, GAP, Kind, MOST, On, Percent, Rate, Then};

const NAMES: [&str; 14] = [
    "split",
    "coalesce",
    "delay",
    "rate",
    "drop",
    "dup",
    "reorder",
    "corrupt",
    "cut",
    "rst",
    "half-close",
    "stall",
    "slow-close",
    "size",
];

/// The keys that every fault has.
const KEYS: [&str; 5] = ["dir", "on", "first", "p", "share"];

/// A text that names no faults. Columns count characters, from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no such fault.
    #[error("unknown fault `{}` at column {column}{}", one_line(.name), meant(*.near))]
    Name {
        /// What was asked for.
        name: String,
        /// Where.
        column: usize,
        /// What was likely meant.
        near: Option<&'static str>,
    },
    /// The fault has no such key.
    #[error("`{fault}` has no `{}`, at column {column}{}", one_line(.key), meant_key(*.near))]
    Key {
        /// The fault.
        fault: String,
        /// What was asked for.
        key: String,
        /// Where.
        column: usize,
        /// What was likely meant.
        near: Option<&'static str>,
    },
    /// A key that stands there twice.
    #[error("`{key}` stands twice, at column {column} again")]
    Twice {
        /// The key.
        key: &'static str,
        /// Where the second is.
        column: usize,
    },
    /// A value that is none.
    #[error("`{name}` at column {column} wants {wanted}, not `{}`", one_line(.value))]
    Value {
        /// Whose.
        name: String,
        /// What was given.
        value: String,
        /// Where.
        column: usize,
        /// What would be one.
        wanted: &'static str,
    },
    /// More than anybody can mean.
    #[error("{count} faults are more than {MOST}")]
    Many {
        /// So many.
        count: usize,
    },
}

fn meant(near: Option<&'static str>) -> String {
    match near {
        Some(near) => format!(": did you mean `{near}`?"),
        None => format!(": known are {}", NAMES.join(", ")),
    }
}

fn meant_key(near: Option<&'static str>) -> String {
    match near {
        Some(near) => format!(": did you mean `{near}`?"),
        None => format!(": every fault has {}", KEYS.join(", ")),
    }
}

/// Faults that work together; may be none. Read from text and printed to the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spec(pub Vec<Fault>);

impl FromStr for Spec {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        if text.trim() == "none" {
            return Ok(Self::default());
        }
        let parts = Word { text, column: 1 }.split(';');
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.text.is_empty()).collect();
        if parts.len() > MOST {
            return Err(FaultError::Many { count: parts.len() });
        }
        parts.into_iter().map(fault).collect::<Result<_, _>>().map(Self)
    }
}

impl std::fmt::Display for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&list(&self.0))
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        fault(Word { text, column: 1 }.trimmed())
    }
}

/// A part of the text, and where it stands.
#[derive(Clone, Copy, Debug)]
struct Word<'t> {
    text: &'t str,
    column: usize,
}

impl Word<'_> {
    fn trimmed(self) -> Self {
        let rest = self.text.trim_start();
        let blanks = self.text.chars().count() - rest.chars().count();
        Self { text: rest.trim_end(), column: self.column + blanks }
    }

    fn split(self, at: char) -> Vec<Self> {
        let mut column = self.column;
        let parts = self.text.split(at).map(|text| {
            let part = Self { text, column };
            column += text.chars().count() + 1;
            part.trimmed()
        });
        parts.collect()
    }

    /// The name before `=`, and the value after it, if there is one.
    fn halves(self) -> (Self, Option<Self>) {
        let Some((name, value)) = self.text.split_once('=') else {
            return (self, None);
        };
        let column = self.column + name.chars().count() + 1;
        let name = Self { text: name, column: self.column };
        (name.trimmed(), Some(Self { text: value, column }.trimmed()))
    }
}

/// A value, and what it is said of.
#[derive(Clone, Copy, Debug)]
struct Value<'t> {
    name: Word<'t>,
    value: Option<Word<'t>>,
}

impl<'t> Value<'t> {
    fn text(self) -> &'t str {
        self.value.map_or("", |value| value.text)
    }

    fn wants<T>(self, wanted: &'static str, found: Option<T>) -> Result<T, FaultError> {
        found.ok_or_else(|| FaultError::Value {
            name: self.name.text.to_owned(),
            value: self.text().to_owned(),
            column: self.value.map_or(self.name.column, |value| value.column),
            wanted,
        })
    }

    fn time(self) -> Result<Duration, FaultError> {
        self.wants("a time, as 50ms", parse_duration(self.text()).ok())
    }

    fn time_if_any(self) -> Result<Option<Duration>, FaultError> {
        self.value.map(|_| self.time()).transpose()
    }

    fn bytes(self) -> Result<u64, FaultError> {
        self.wants("a number of bytes, as 10KiB", parse_size(self.text()).ok())
    }

    fn percent(self) -> Result<Percent, FaultError> {
        self.wants("a share of 0% to 100%, as 5%", percent(self.text()))
    }

    fn percent_or_all(self) -> Result<Percent, FaultError> {
        self.value.map_or(Ok(Percent::ALL), |_| self.percent())
    }

    /// `A±B`, `A+-B`, `A`.
    fn around<T: Default>(self, read: impl Fn(&str) -> Option<T>) -> Option<(T, T)> {
        let text = self.text();
        match text.split_once('±').or_else(|| text.split_once("+-")) {
            None => read(text).map(|middle| (middle, T::default())),
            Some((middle, spread)) => Some((read(middle.trim())?, read(spread.trim())?)),
        }
    }
}

/// What stands behind the first comma.
#[derive(Debug, Default)]
struct Keys<'t> {
    given: Vec<(&'static str, Value<'t>)>,
}

impl<'t> Keys<'t> {
    fn of(fault: &str, words: impl Iterator<Item = Word<'t>>) -> Result<Self, FaultError> {
        let own: &[&'static str] = match fault {
            "split" => &["gap"],
            "stall" => &["then"],
            _ => &[],
        };
        let known = || KEYS.iter().chain(own).copied();
        let mut keys = Self::default();
        for word in words {
            let (name, value) = word.halves();
            let Some(key) = known().find(|key| *key == name.text) else {
                return Err(FaultError::Key {
                    fault: fault.to_owned(),
                    key: name.text.to_owned(),
                    column: name.column,
                    near: nearest(name.text, known()),
                });
            };
            if keys.given.iter().any(|(other, _)| *other == key) {
                return Err(FaultError::Twice { key, column: name.column });
            }
            keys.given.push((key, Value { name, value }));
        }
        Ok(keys)
    }

    /// The value of a key that was given.
    fn value<T>(
        &self,
        key: &str,
        read: impl Fn(Value<'t>) -> Result<T, FaultError>,
    ) -> Result<Option<T>, FaultError> {
        let given = self.given.iter().find(|(name, _)| *name == key);
        given.map(|(_, value)| read(*value)).transpose()
    }
}

fn fault(whole: Word<'_>) -> Result<Fault, FaultError> {
    let mut words = whole.split(',').into_iter();
    let (name, value) = words.next().unwrap_or(whole).halves();
    if !NAMES.contains(&name.text) {
        let near = nearest(name.text, NAMES);
        return Err(FaultError::Name { name: name.text.to_owned(), column: name.column, near });
    }
    let keys = Keys::of(name.text, words)?;
    Ok(Fault {
        kind: kind(Value { name, value }, &keys)?,
        dir: keys.value("dir", dir)?,
        on: keys.value("on", on)?.unwrap_or_default(),
        first: keys.value("first", |value| {
            value.wants("a number, from 1", value.text().parse().ok().filter(|count| *count > 0))
        })?,
        p: keys.value("p", Value::percent)?,
        share: keys.value("share", Value::percent)?,
    })
}

fn kind(value: Value<'_>, keys: &Keys<'_>) -> Result<Kind, FaultError> {
    Ok(match value.name.text {
        "split" => {
            let read = value.around(|text| parse_size(text).ok()).filter(|(size, _)| *size > 0);
            let (size, spread) = value.wants("a number of bytes, as 1 or 8±4", read)?;
            let gap = keys.value("gap", Value::time)?.unwrap_or(GAP);
            Kind::Split { size, spread, gap }
        }
        "coalesce" => Kind::Coalesce(value.time()?),
        "delay" => {
            let read = value.around(|text| parse_duration(text).ok());
            let (time, spread) = value.wants("a time, as 50ms or 50ms±10ms", read)?;
            Kind::Delay { time, spread }
        }
        "rate" => Kind::Rate(value.wants("a rate, as 64kbit or 8KiB", rate(value.text()))?),
        "drop" => Kind::Drop(value.percent_or_all()?),
        "dup" => Kind::Dup(value.percent_or_all()?),
        "reorder" => Kind::Reorder(value.percent_or_all()?),
        "corrupt" => Kind::Corrupt(value.value.map(|_| value.percent()).transpose()?),
        "cut" => Kind::Cut(value.bytes()?),
        "rst" => Kind::Rst(value.time_if_any()?.unwrap_or_default()),
        "half-close" => Kind::HalfClose(value.time_if_any()?.unwrap_or_default()),
        "stall" => {
            let then = keys.value("then", |then| {
                then.wants("`close`", (then.text() == "close").then_some(Then::Close))
            })?;
            Kind::Stall { time: value.time_if_any()?, then: then.unwrap_or_default() }
        }
        "slow-close" => Kind::SlowClose(value.time()?),
        // The names have been looked at: this is `size`.
        _ => Kind::Size(value.bytes()?),
    })
}

fn dir(value: Value<'_>) -> Result<Dir, FaultError> {
    let dir = match value.text() {
        "up" => Some(Dir::Up),
        "down" => Some(Dir::Down),
        _ => None,
    };
    value.wants("`up` or `down`", dir)
}

fn on(value: Value<'_>) -> Result<On, FaultError> {
    let text = value.text();
    let on = match text.split_once(':').map(|(name, rest)| (name.trim(), rest.trim())) {
        Some(("frame", number)) => number.parse().ok().filter(|number| *number > 0).map(On::Nth),
        Some(("match", data)) => data_of(data).filter(|bytes| !bytes.is_empty()).map(On::Match),
        _ => None,
    };
    value.wants("`frame:N` (from 1) or `match:DATA` (text or hex:…)", on)
}

fn data_of(text: &str) -> Option<Vec<u8>> {
    match text.strip_prefix("hex:") {
        Some(digits) => hex::decode(digits).ok(),
        None => Some(text.strip_prefix("text:").unwrap_or(text).as_bytes().to_vec()),
    }
}

/// A decimal number of percent; what is finer than a millionth of the whole is left off.
fn percent(text: &str) -> Option<Percent> {
    let text = text.strip_suffix('%').unwrap_or(text).trim_end();
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) {
        return None;
    }
    let part: String = part.chars().chain("0000".chars()).take(4).collect();
    let whole: u32 = whole.parse().ok()?;
    let millionths = whole.checked_mul(10_000)?.checked_add(part.parse().ok()?)?;
    Percent::of_millionths(millionths)
}

/// `64kbit`, `1.5Mbit`: powers of 1000; otherwise a size in bytes.
fn rate(text: &str) -> Option<Rate> {
    let text = text.strip_suffix("/s").unwrap_or(text).trim_end();
    let rate = match text.strip_suffix("bit") {
        Some(number) => Rate::Bits(parse_size(&format!("{number}B")).ok()?),
        None => Rate::Bytes(parse_size(text).ok()?),
    };
    (!matches!(rate, Rate::Bits(0) | Rate::Bytes(0))).then_some(rate)
}

#[cfg(test)]
mod tests;
