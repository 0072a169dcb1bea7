//! MQTT 3.1, 3.1.1 and 5: a type with its flags, a length as a varint, and what a type must
//! have.

use crate::detect::candidate::Candidate;
use crate::detect::named::steps::{Step, candidate as named, walk};
use crate::detect::subject::Subject;

/// What a first byte tells: 27 of 256 may stand there.
const FIRST: f64 = 3.2;

/// Packets, one after the other.
pub(crate) fn candidate(subject: &Subject<'_>) -> Option<Candidate> {
    named(subject, "MQTT", walk(subject, packet))
}

fn packet(rest: &[u8]) -> Step {
    const BAD: Step = Step::Bad("a packet of MQTT");
    let Some(first) = rest.first() else {
        return Step::Unfinished;
    };
    let (kind, flags) = (first >> 4, first & 0x0F);
    let known = match kind {
        0 => false,
        3 => flags & 0x06 != 0x06,
        6 | 8 | 10 => flags == 2,
        _ => flags == 0,
    };
    if !known {
        return BAD;
    }
    let (mut length, mut size) = (0_usize, 0);
    loop {
        let Some(byte) = rest.get(1 + size) else {
            return Step::Unfinished;
        };
        length |= usize::from(byte & 0x7F) << (7 * size);
        size += 1;
        if byte & 0x80 == 0 {
            break;
        }
        if size == 4 {
            return Step::Bad("a length of at most four bytes");
        }
    }
    let head = 1 + size;
    let Some(body) = rest.get(head..head + length) else {
        return Step::Unfinished;
    };
    match told(kind, body) {
        Some(told) => Step::Message(head + length, FIRST + told),
        None => BAD,
    }
}

/// What a body tells beyond its type; none if the type cannot have it.
fn told(kind: u8, body: &[u8]) -> Option<f64> {
    match kind {
        1 => match string(body)? {
            "MQTT" | "MQIsdp" => Some(48.0),
            _ => None,
        },
        2 => matches!(body, [0 | 1, _, ..]).then_some(if body.len() == 2 { 18.0 } else { 8.0 }),
        3 => string(body)
            .filter(|topic| !topic.is_empty() && !topic.contains(['#', '+', '\0']))
            .map(|topic| 8.0 + f64::from(u32::try_from(topic.len()).unwrap_or(0)).min(20.0)),
        4..=7 | 11 => (body.len() >= 2).then_some(if body.len() == 2 { 8.0 } else { 0.0 }),
        8 | 10 => string(body.get(2..)?)
            .or_else(|| string(body.get(3..)?))
            .filter(|topic| !topic.is_empty())
            .map(|_| 12.0),
        9 => (body.len() >= 3).then_some(1.0),
        12 | 13 => body.is_empty().then_some(8.0),
        _ => Some(0.0),
    }
}

/// A string with its length of two bytes before it.
fn string(body: &[u8]) -> Option<&str> {
    let (head, rest) = body.split_first_chunk::<2>()?;
    std::str::from_utf8(rest.get(..usize::from(u16::from_be_bytes(*head)))?).ok()
}
