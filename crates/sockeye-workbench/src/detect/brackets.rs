//! Frames between a head and a tail: the stream begins with the head, and the tail stands
//! before each head that follows, and at the end.

use std::collections::BTreeMap;

use memchr::memmem;
use sockeye_wire::framing::{Framing, Rule};

use crate::detect::candidate::{Candidate, distinct, unended};
use crate::detect::evidence::{COLUMNS, columns, ends, oftener, real, sizes};
use crate::detect::subject::Subject;
use crate::detect::trial::{Cut, run};

/// Heads that are looked at, to find what stands before them.
const LOOKED: usize = 4096;

/// Tails that are tried with each head.
const TAILS: usize = 4;

/// A rule that is told by itself is worth so much more than one that leaves its head
/// unexplained.
const TELLS_MORE: f64 = 14.0;

/// The best one or two.
pub(crate) fn candidates(subject: &Subject<'_>) -> Vec<Candidate> {
    let bytes = subject.stream.bytes();
    let mut found = Vec::new();
    for size in 1..=2 {
        let Some(head) = bytes.get(..size).filter(|head| is_mark(head)) else {
            break;
        };
        for tail in tails(subject, head) {
            found.extend(tried(subject, head, &tail));
        }
    }
    distinct(&mut found, 2);
    found
}

/// Whether bytes look like a mark rather than like the beginning of a text.
fn is_mark(bytes: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'\n');
    bytes.first().is_some_and(|byte| !byte.is_ascii()) || !bytes.iter().any(plain)
}

/// What stands before heads, or at the end, most often first.
fn tails(subject: &Subject<'_>, head: &[u8]) -> Vec<Vec<u8>> {
    let bytes = subject.stream.bytes();
    let mut seen: BTreeMap<&[u8], usize> = BTreeMap::new();
    let places = memmem::find_iter(bytes, head).skip(1).take(LOOKED).chain([bytes.len()]);
    for place in places {
        for size in 1..=2 {
            let tail = place.checked_sub(size).and_then(|from| bytes.get(from..place));
            if let Some(tail) = tail.filter(|tail| is_tail(tail)) {
                *seen.entry(tail).or_default() += 1;
            }
        }
    }
    let mut seen: Vec<(&[u8], usize)> = seen.into_iter().collect();
    seen.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    seen.into_iter().take(TAILS).map(|(tail, _)| tail.to_vec()).collect()
}

fn is_tail(tail: &[u8]) -> bool {
    tail.iter().all(|byte| !byte.is_ascii_alphanumeric() && *byte != b' ')
}

fn tried(subject: &Subject<'_>, head: &[u8], tail: &[u8]) -> Option<Candidate> {
    // C0 on both sides is SLIP.
    if head == [0xC0] && tail == head {
        return None;
    }
    let rule = Rule::HeadTail { head: head.to_vec(), tail: tail.to_vec() };
    let framing = Framing::new(rule).ok()?;
    let stream = subject.stream;
    let trial = run(stream, &framing);
    if trial.cuts.len() < 2 {
        return None;
    }
    let mut after = 0;
    let joined = trial.cuts.iter().filter(|cut| {
        let joined = cut.start == after;
        after = cut.end;
        joined
    });
    let joined = joined.count();
    let bodies: Vec<Cut> =
        trial.cuts.iter().map(|cut| Cut { start: cut.start + head.len(), ..*cut }).collect();
    let often = subject.chance.cost(head);
    let mut bits = oftener(joined.saturating_sub(1), trial.cuts.len() - 1, (-often).exp2());
    bits += columns(stream.bytes(), &bodies, &subject.chance, COLUMNS);
    bits += sizes(&trial.cuts, &subject.chance, tail, head.len() + tail.len())
        + ends(stream, &trial.cuts, true);
    let insides = bodies
        .iter()
        .filter_map(|cut| stream.bytes().get(cut.start..cut.end.saturating_sub(tail.len())));
    bits += subject.text_inside(insides);
    bits -= 8.0 * real(head.len() + tail.len());
    let of_text = subject.text.is_some() && tail.ends_with(b"\n");
    if joined == trial.cuts.len() && trial.counter.is_none() && !of_text {
        bits += TELLS_MORE;
    }
    if unended(stream, &trial) {
        bits *= 0.25;
    }
    Some(Candidate::framed(framing, trial, bits))
}
