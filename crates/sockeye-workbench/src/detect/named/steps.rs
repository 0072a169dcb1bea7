//! Readers that step from message to message.

use crate::detect::candidate::Candidate;
use crate::detect::evidence::ends;
use crate::detect::subject::Subject;
use crate::detect::trial::{Counter, Cut, Trial};

/// The most messages that are stepped through.
const MOST: usize = 1 << 16;

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// A message of so many bytes, and how far from chance it is, in bits.
    Message(usize, f64),
    /// The beginning of one: the rest is not there.
    Unfinished,
    /// None: what should stand there.
    Bad(&'static str),
}

/// Steps through a stream.
pub(crate) fn walk(subject: &Subject<'_>, mut step: impl FnMut(&[u8]) -> Step) -> (Trial, f64) {
    let stream = subject.stream;
    let bytes = stream.bytes();
    let mut trial = Trial { judged: bytes.len(), ..Trial::default() };
    let (mut at, mut bits) = (0, 0.0);
    while at < bytes.len() {
        match step(bytes.get(at..).unwrap_or_default()) {
            Step::Message(size, told) if size > 0 => {
                bits += told;
                let end = at.saturating_add(size).min(bytes.len());
                trial.cuts.push(Cut { start: at, end, payload: size });
                trial.covered += end - at;
                at = end;
            }
            Step::Unfinished if stream.goes_on() => {
                trial.judged = at;
                break;
            }
            Step::Unfinished => {
                trial.counter = Some(Counter::at(stream, at, "the last message is cut"));
                break;
            }
            Step::Message(..) => break,
            Step::Bad(expected) => {
                let why = format!("expected {expected}");
                trial.counter = Some(Counter::at(stream, at, why));
                break;
            }
        }
        if trial.cuts.len() >= MOST {
            trial.judged = at;
            break;
        }
    }
    (trial, bits)
}

/// A candidate of what was stepped through; none if nothing was.
pub(crate) fn candidate(
    subject: &Subject<'_>,
    what: &str,
    found: (Trial, f64),
) -> Option<Candidate> {
    let (trial, bits) = found;
    if trial.cuts.is_empty() {
        return None;
    }
    let bits = bits + ends(subject.stream, &trial.cuts, true).max(0.0);
    Some(Candidate::called(what, trial, bits))
}

/// A line without its CR LF, and the offset after it.
pub(crate) fn line(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let at = memchr::memmem::find(bytes, b"\r\n")?;
    Some((bytes.get(..at)?, at + 2))
}

/// Decimal digits, a sign before them if there is one.
pub(crate) fn number(digits: &[u8]) -> Option<i64> {
    let plain = digits.strip_prefix(b"-").unwrap_or(digits);
    if plain.is_empty() || plain.len() > 18 || !plain.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}
