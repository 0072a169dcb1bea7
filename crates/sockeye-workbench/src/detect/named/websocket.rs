//! Frames of a WebSocket (RFC 6455, 5.2), its handshake left out.

use crate::detect::candidate::Candidate;
use crate::detect::named::steps::{Step, candidate as named, walk};
use crate::detect::subject::Subject;

/// What a first byte tells: 18 of 256 may stand there.
const FIRST: f64 = 3.8;

/// The most that a text tells, in bits.
const TEXT_MOST: f64 = 20.0;

/// Text of a message that is looked at.
const LOOKED: usize = 4096;

/// Reads frames; all of a direction are masked, or none.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    masked: Option<bool>,
    /// A message has begun, and its last frame has not come.
    begun: bool,
}

/// A stream of frames.
pub(crate) fn candidate(subject: &Subject<'_>) -> Option<Candidate> {
    let mut frames = Frames::default();
    let found = walk(subject, |rest| frames.step(rest));
    named(subject, "WebSocket frames", found)
}

impl Frames {
    pub(crate) fn step(&mut self, rest: &[u8]) -> Step {
        const EXPECTED: &str = "a frame of a WebSocket";
        let (Some(first), Some(second)) = (rest.first(), rest.get(1)) else {
            return Step::Unfinished;
        };
        let (fin, opcode) = (first & 0x80 != 0, first & 0x0F);
        let control = opcode >= 8;
        let masked = second & 0x80 != 0;
        let known = matches!(opcode, 0..=2 | 8..=10) && first & 0x30 == 0;
        if !known || control && (!fin || second & 0x7F > 125 || first & 0x40 != 0) {
            return Step::Bad(EXPECTED);
        }
        if *self.masked.get_or_insert(masked) != masked {
            return Step::Bad("all frames masked, or none");
        }
        if !control && (opcode == 0) != self.begun {
            return Step::Bad("a message's first frame, and then its others");
        }
        let (length, head) = match second & 0x7F {
            126 => (wide(rest, 2), 4),
            127 => (wide(rest, 8), 10),
            short => (Some(usize::from(short)), 2),
        };
        let Some(length) = length else {
            return Step::Unfinished;
        };
        let least = match head {
            4 => 126,
            10 => 65_536,
            _ => 0,
        };
        if length < least || length > 1 << 31 {
            return Step::Bad("the shortest way to write a length");
        }
        let body = head + if masked { 4 } else { 0 };
        let Some(payload) = rest.get(body..body + length) else {
            return Step::Unfinished;
        };
        let is_text = opcode == 1 && fin && first & 0x40 == 0;
        let told = if is_text {
            match text(payload, rest.get(head..body).unwrap_or_default()) {
                Some(told) => told,
                None => return Step::Bad("text in UTF-8"),
            }
        } else {
            0.0
        };
        if !control {
            self.begun = !fin;
        }
        Step::Message(body + length, FIRST + told + if control { 1.0 } else { 0.0 })
    }
}

fn wide(rest: &[u8], bytes: usize) -> Option<usize> {
    let digits = rest.get(2..2 + bytes)?;
    let number = digits.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    Some(usize::try_from(number).unwrap_or(usize::MAX))
}

/// What it tells that a payload is text; none if it is not.
fn text(payload: &[u8], mask: &[u8]) -> Option<f64> {
    let looked = payload.get(..LOOKED).unwrap_or(payload);
    let mask: Vec<u8> = if mask.is_empty() { vec![0] } else { mask.to_vec() };
    let plain: Vec<u8> = looked.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b).collect();
    let valid = match std::str::from_utf8(&plain) {
        Ok(_) => true,
        Err(error) => payload.len() > LOOKED && error.error_len().is_none(),
    };
    // One byte in two is ASCII by chance.
    let size = u32::try_from(plain.len()).unwrap_or(u32::MAX);
    valid.then(|| (f64::from(size) * 0.9).min(TEXT_MOST))
}
