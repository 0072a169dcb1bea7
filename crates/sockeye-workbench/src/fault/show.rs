//! Faults written as they are read.

use std::fmt;
use std::time::Duration;

use crate::fault::{Dir, Fault, GAP, Kind, On, Percent, Rate, Then};

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        match self.dir {
            Some(Dir::Up) => f.write_str(",dir=up")?,
            Some(Dir::Down) => f.write_str(",dir=down")?,
            None => {}
        }
        match &self.on {
            On::All => {}
            On::Nth(number) => write!(f, ",on=frame:{number}")?,
            On::Match(bytes) => write!(f, ",on=match:{}", data(bytes))?,
        }
        if let Some(count) = self.first {
            write!(f, ",first={count}")?;
        }
        if let Some(p) = self.p {
            write!(f, ",p={p}")?;
        }
        match self.share {
            Some(share) => write!(f, ",share={share}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let often = |name: &str, share: Percent| {
            if share == Percent::ALL { name.to_owned() } else { format!("{name}={share}") }
        };
        let after = |name: &str, wait: Duration| {
            if wait.is_zero() { name.to_owned() } else { format!("{name}={}", time(wait)) }
        };
        let text = match self {
            Self::Split { size, spread, gap } => {
                let gap = if *gap == GAP { String::new() } else { format!(",gap={}", time(*gap)) };
                match spread {
                    0 => format!("split={size}{gap}"),
                    _ => format!("split={size}±{spread}{gap}"),
                }
            }
            Self::Coalesce(wait) => format!("coalesce={}", time(*wait)),
            Self::Delay { time: wait, spread } if spread.is_zero() => {
                format!("delay={}", time(*wait))
            }
            Self::Delay { time: wait, spread } => {
                format!("delay={}±{}", time(*wait), time(*spread))
            }
            Self::Rate(rate) => format!("rate={rate}"),
            Self::Drop(share) => often("drop", *share),
            Self::Dup(share) => often("dup", *share),
            Self::Reorder(share) => often("reorder", *share),
            Self::Corrupt(None) => "corrupt".to_owned(),
            Self::Corrupt(Some(share)) => format!("corrupt={share}"),
            Self::Cut(bytes) => format!("cut={}", size(*bytes)),
            Self::Rst(wait) => after("rst", *wait),
            Self::HalfClose(wait) => after("half-close", *wait),
            Self::Stall { time: wait, then } => {
                let wait = wait.map(|wait| format!("={}", time(wait))).unwrap_or_default();
                let then = if *then == Then::Close { ",then=close" } else { "" };
                format!("stall{wait}{then}")
            }
            Self::SlowClose(wait) => format!("slow-close={}", time(*wait)),
            Self::Size(bytes) => format!("size={bytes}"),
        };
        f.write_str(&text)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.millionths() / 10_000, self.millionths() % 10_000);
        if part == 0 {
            return write!(f, "{whole}%");
        }
        write!(f, "{whole}.{}%", format!("{part:04}").trim_end_matches('0'))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Bytes(bytes) => f.write_str(&size(bytes)),
            Self::Bits(bits) if bits > 0 && bits.is_multiple_of(1_000_000) => {
                write!(f, "{}Mbit", bits / 1_000_000)
            }
            Self::Bits(bits) if bits > 0 && bits.is_multiple_of(1000) => {
                write!(f, "{}kbit", bits / 1000)
            }
            Self::Bits(bits) => write!(f, "{bits}bit"),
        }
    }
}

/// Faults as one text; `none` where there is none.
pub(super) fn list(faults: &[Fault]) -> String {
    if faults.is_empty() {
        return "none".to_owned();
    }
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Exact, in the largest unit that it is a whole number of; never hours, which nobody sets.
fn time(time: Duration) -> String {
    let nanoseconds = time.as_nanos();
    for (name, size) in [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000)] {
        if nanoseconds.is_multiple_of(size) {
            return format!("{}{name}", nanoseconds / size);
        }
    }
    format!("{nanoseconds}ns")
}

/// Likewise.
fn size(bytes: u64) -> String {
    for (name, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
        if bytes > 0 && bytes.is_multiple_of(size) {
            return format!("{}{name}", bytes / size);
        }
    }
    bytes.to_string()
}

/// Text where it reads back as the same, else hex.
fn data(bytes: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_graphic() && !b",;".contains(byte);
    match std::str::from_utf8(bytes) {
        Ok(text)
            if bytes.iter().all(plain)
                && !text.is_empty()
                && !text.starts_with("hex:")
                && !text.starts_with("text:") =>
        {
            text.to_owned()
        }
        _ => format!("hex:{}", sockeye_text::hex::encode(bytes)),
    }
}
