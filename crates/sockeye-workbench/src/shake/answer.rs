//! What came back, and whether it is what came back before: byte by byte, or frame by frame,
//! after what may differ (times, ids) has been made alike.

use std::str::FromStr;
use std::time::Duration;

use regex::bytes::{NoExpand, Regex, RegexBuilder};
use sockeye_wire::deframe::Deframer;
use sockeye_wire::framing::Framing;

/// How many bytes around a difference are shown.
const SHOWN: usize = 24;

/// A rule that makes alike what may differ: `PATTERN => TEXT`, or `times`, or `ids`.
#[derive(Clone, Debug)]
pub struct Normalise {
    pattern: Regex,
    text: Vec<u8>,
}

/// A rule that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NormaliseError {
    /// Neither a name nor a rule.
    #[error("`{0}` is neither `times`, nor `ids`, nor `PATTERN => TEXT`")]
    Unknown(String),
    /// The pattern is none.
    #[error("in `{text}`: {error}")]
    Pattern {
        /// The rule.
        text: String,
        /// What is wrong.
        error: String,
    },
}

/// Dates and times as servers write them: RFC 3339, RFC 9110 (section 5.6.7), `asctime`, and
/// seconds or milliseconds since 1970.
const TIMES: &str = r"(?x-u)
    \b\d{4}-\d\d-\d\d(?:[T\ ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?
  | \b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\ [\w\ -]{6,12}\ (?:\d{4}\ )?\d\d:\d\d:\d\d(?:\ GMT|\ \d{4})?
  | \b\d\d:\d\d:\d\d(?:[.,]\d+)?
  | \b1\d{9}(?:\d{3}|\.\d+)?\b";
/// UUIDs, and runs of 16 hex digits or more.
const IDS: &str = r"(?i-u)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{16,}\b";

impl FromStr for Normalise {
    type Err = NormaliseError;

    fn from_str(rule: &str) -> Result<Self, NormaliseError> {
        let safe = || sockeye_text::safe::one_line(rule).into_owned();
        let (pattern, text) = match (rule, rule.split_once(" => ")) {
            ("times", _) => (TIMES, "<time>"),
            ("ids", _) => (IDS, "<id>"),
            (_, Some((pattern, text))) if !pattern.is_empty() => (pattern, text),
            _ => return Err(NormaliseError::Unknown(safe())),
        };
        // Bytes from a peer need not be text.
        let built = RegexBuilder::new(pattern).unicode(pattern != TIMES && pattern != IDS).build();
        let failed = |error: regex::Error| {
            let error = error.to_string();
            let error = error.lines().last().unwrap_or_default().trim().to_owned();
            NormaliseError::Pattern { text: safe(), error }
        };
        Ok(Self { pattern: built.map_err(failed)?, text: text.as_bytes().to_vec() })
    }
}

/// How answers are compared.
#[derive(Clone, Debug, Default)]
pub struct Compare {
    /// Finds the answers; none: all that came is one.
    pub framing: Option<Framing>,
    /// Applied in order.
    pub rules: Vec<Normalise>,
}

impl Compare {
    /// All that came, as it is compared: each frame, and last what is no frame.
    fn parts(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        let mut done = 0;
        if let Some(framing) = &self.framing {
            let mut deframer = Deframer::new(framing.clone());
            deframer.push(Duration::ZERO, bytes);
            while let Ok(Some(frame)) = deframer.next_frame() {
                done = usize::try_from(frame.off + frame.len).unwrap_or(bytes.len());
                parts.push(self.normal(&frame.payload));
            }
        }
        let rest = bytes.get(done..).unwrap_or_default();
        if !rest.is_empty() {
            parts.push(self.normal(rest));
        }
        parts
    }

    /// The same for what has no frames.
    #[must_use]
    pub fn plain(&self) -> Self {
        Self { framing: None, rules: self.rules.clone() }
    }

    fn normal(&self, bytes: &[u8]) -> Vec<u8> {
        self.rules.iter().fold(bytes.to_vec(), |bytes, rule| {
            rule.pattern.replace_all(&bytes, NoExpand(&rule.text)).into_owned()
        })
    }

    /// Where `now` is not what came `then`, in words; none where it is.
    pub fn difference(&self, then: &[u8], now: &[u8]) -> Option<String> {
        let (then, now) = (self.parts(then), self.parts(now));
        let place = then.iter().zip(&now).position(|(a, b)| a != b);
        if self.framing.is_some() {
            let of = then.len();
            return match place {
                Some(place) => {
                    let (a, b) = (then.get(place)?, now.get(place)?);
                    Some(format!("answer {} of {of} is {}", place + 1, instead(a, b)))
                }
                None if then.len() == now.len() => None,
                None if now.len() > of => {
                    let more = now.get(of).map(|more| quoted(more)).unwrap_or_default();
                    Some(format!("{} answers came instead of {of}: then {more}", now.len()))
                }
                None => Some(format!("{} of {of} answers came", now.len())),
            };
        }
        let (then, now) = (then.concat(), now.concat());
        if then == now {
            return None;
        }
        let same = then.iter().zip(&now).take_while(|(a, b)| a == b).count();
        let rest = |bytes: &[u8]| bytes.get(same..).unwrap_or_default().to_vec();
        Some(match (rest(&then), rest(&now)) {
            (rest, none) if none.is_empty() => {
                format!("{} of {} bytes came: {} is missing", now.len(), then.len(), quoted(&rest))
            }
            (none, more) if none.is_empty() => {
                format!("more came than the {} bytes: {}", then.len(), quoted(&more))
            }
            (a, b) => format!("byte {same} and on: {}", instead(&a, &b)),
        })
    }

    /// Counts what comes.
    pub fn counter(&self) -> Counter {
        Counter { count: Count::default(), deframer: self.framing.clone().map(Deframer::new) }
    }
}

fn instead(then: &[u8], now: &[u8]) -> String {
    format!("{} instead of {}", quoted(now), quoted(then))
}

/// Bytes for a line of text, cut where they are long.
pub fn quoted(bytes: &[u8]) -> String {
    let (shown, more) = match bytes.get(..SHOWN) {
        Some(shown) if bytes.len() > SHOWN => (shown, "…"),
        _ => (bytes, ""),
    };
    match std::str::from_utf8(shown) {
        Ok(text) => format!("`{}{more}`", text.escape_debug()),
        Err(_) => format!("`{}{more}`", shown.escape_ascii()),
    }
}

/// What answers are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    #[default]
    Bytes,
    /// Frames: the answers' lengths are others each time.
    Frames,
}

/// How much has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Bytes.
    pub bytes: u64,
    /// Frames, where there is a framing.
    pub frames: u64,
}

impl Count {
    /// In that unit.
    pub fn of(self, unit: Unit) -> u64 {
        match unit {
            Unit::Bytes => self.bytes,
            Unit::Frames => self.frames,
        }
    }
}

/// Counts what comes.
#[derive(Debug)]
pub struct Counter {
    count: Count,
    deframer: Option<Deframer>,
}

impl Counter {
    /// Bytes came.
    pub fn push(&mut self, at: Duration, bytes: &[u8]) {
        self.count.bytes += bytes.len() as u64;
        if let Some(deframer) = &mut self.deframer {
            deframer.push(at, bytes);
            while let Ok(Some(_)) = deframer.next_frame() {
                self.count.frames += 1;
            }
        }
    }

    /// How much by now.
    pub fn count(&self) -> Count {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Compare {
        Compare { framing: "lines".parse().ok(), rules: Vec::new() }
    }

    #[test]
    fn says_where_bytes_differ() {
        let bytes = Compare::default();
        assert_eq!(bytes.difference(b"abc", b"abc"), None);
        let told = |now: &[u8]| bytes.difference(b"abcdef", now).unwrap();
        assert_eq!(told(b"abXdef"), "byte 2 and on: `Xdef` instead of `cdef`");
        assert_eq!(told(b"abc"), "3 of 6 bytes came: `def` is missing");
        assert_eq!(told(b"abcdef!"), "more came than the 6 bytes: `!`");
    }

    #[test]
    fn says_which_answer_differs() {
        let told = |now: &[u8]| lines().difference(b"one\ntwo\nthree\n", now);
        assert_eq!(told(b"one\ntwo\nthree\n"), None);
        assert_eq!(told(b"one\nERR\nthree\n").unwrap(), "answer 2 of 3 is `ERR` instead of `two`");
        assert_eq!(told(b"one\n").unwrap(), "1 of 3 answers came");
        let more = told(b"one\ntwo\nthree\nfour\n").unwrap();
        assert_eq!(more, "4 answers came instead of 3: then `four`");
        assert_eq!(told(b"one\ntwo\nthr").unwrap(), "answer 3 of 3 is `thr` instead of `three`");
    }

    #[test]
    fn what_may_differ_is_made_alike() {
        let rules = |texts: &[&str]| Compare {
            framing: None,
            rules: texts.iter().map(|text| text.parse().unwrap()).collect(),
        };
        let differ = |texts: &[&str], a: &str, b: &str| {
            rules(texts).difference(a.as_bytes(), b.as_bytes()).is_some()
        };
        let times = [
            ("at 2026-11-21T10:00:00Z", "at 2025-01-01T11:12:13.5+01:00"),
            ("Date: Sat, 21 Nov 2026 10:13:00 GMT", "Date: Sun, 01 Jan 2023 00:00:00 GMT"),
            ("Sat Nov 21 10:13:00 2026", "Sun Jan  1 00:00:00 2023"),
            ("took until 10:13:00.123", "took until 23:59:59"),
            ("{\"t\":1763719980}", "{\"t\":1763719999123}"),
        ];
        for (a, b) in times {
            assert!(!differ(&["times"], a, b), "{a} {b}");
            assert!(differ(&[], a, b));
        }
        let ids = ("id 6f9619ff-8b86-d011-b42d-00c04fc964ff.", "id 6F9619FF8B86D011.");
        assert!(!differ(&["ids"], ids.0, ids.1));
        assert!(differ(&["times", "ids"], "price 5", "price 6"));
        assert!(!differ(&[r"seq=\d+ => seq=N"], "seq=1 ok", "seq=22 ok"));
        // A pattern's `$1` is text: what is put in is the same for all.
        assert!(!differ(&[r"(\d) => $1"], "1", "2"));
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        let told = |text: &str| text.parse::<Normalise>().unwrap_err().to_string();
        assert!(told("time").contains("neither"));
        assert!(told(" => x").contains("neither"));
        assert!(told("( => x").contains("unclosed group"), "{}", told("( => x"));
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_they_are() {
        assert_eq!(quoted(b"\xff\x00a"), r"`\xff\x00a`");
        assert_eq!(quoted("温度".as_bytes()), "`温度`");
        assert!(quoted(&[b'x'; 100]).ends_with("…`"));
    }
}
