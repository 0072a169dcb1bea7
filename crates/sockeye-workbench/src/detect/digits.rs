//! Lengths in decimal digits and as varints.

use sockeye_wire::framing::{Framing, Rule};

use crate::detect::candidate::{Candidate, empties, unended};
use crate::detect::evidence::{CLOSELY, COLUMNS, columns, ends, numbers};
use crate::detect::subject::Subject;
use crate::detect::trial::{Cut, run};

/// Both.
pub(crate) fn candidates(subject: &Subject<'_>) -> Vec<Candidate> {
    [Rule::LengthAscii, Rule::LengthVarint]
        .into_iter()
        .filter_map(|rule| tried(subject, rule))
        .collect()
}

fn tried(subject: &Subject<'_>, rule: Rule) -> Option<Candidate> {
    let varint = rule == Rule::LengthVarint;
    let framing = Framing::new(rule).ok()?;
    let stream = subject.stream;
    let trial = run(stream, &framing);
    if trial.cuts.is_empty() {
        return None;
    }
    let bytes = stream.bytes();
    let (mut bits, mut lengths, mut wide) = (-3.0, Vec::new(), false);
    let mut bodies = Vec::new();
    for cut in trial.cuts.iter().take(CLOSELY) {
        let body = cut.end - cut.payload;
        let head = bytes.get(cut.start..body).unwrap_or_default();
        bits += subject.chance.cost(head);
        // Which of the ends follows the digits is chance too.
        bits -= if varint { 0.0 } else { 1.0 };
        wide |= head.len() > 1;
        lengths.push(cut.payload as u64);
        bodies.push(Cut { start: body, ..*cut });
    }
    bits -= numbers(&lengths);
    bits += ends(stream, &trial.cuts, true) + columns(bytes, &bodies, &subject.chance, COLUMNS);
    let insides = bodies.iter().filter_map(|cut| bytes.get(cut.start..cut.end));
    bits += subject.text_inside(insides);
    // Text that says lengths by its letters is text.
    if varint && subject.text.is_some() {
        bits = bits * 0.5 - 20.0;
    }
    // A varint of one byte is a byte.
    if varint && !wide {
        bits -= 6.0;
    }
    if unended(stream, &trial) {
        bits -= 4.0;
    }
    if empties(&trial.cuts) > 0.3 {
        bits *= 0.5;
    }
    Some(Candidate::framed(framing, trial, bits))
}
