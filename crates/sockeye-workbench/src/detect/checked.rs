//! Framings that are checked in every frame: JSON, COBS, SLIP.

use sockeye_wire::framing::{Framing, Rule};

use crate::detect::candidate::{Candidate, Rank, empties, unended};
use crate::detect::evidence::{CLOSELY, COLUMNS, columns, ends, real, sizes};
use crate::detect::subject::{Subject, of_text};
use crate::detect::trial::{Cut, run};

/// All three.
pub(crate) fn candidates(subject: &Subject<'_>) -> Vec<Candidate> {
    [json(subject), cobs(subject), slip(subject)].into_iter().flatten().collect()
}

fn json(subject: &Subject<'_>) -> Option<Candidate> {
    subject.text?;
    let framing = Framing::new(Rule::Json).ok()?;
    let trial = run(subject.stream, &framing);
    let bytes = subject.stream.bytes();
    let bracketed =
        trial.cuts.iter().filter(|cut| matches!(bytes.get(cut.start), Some(b'{' | b'[')));
    let bracketed = bracketed.count();
    // Words and numbers alone are JSON too, and any text of them.
    if trial.cuts.is_empty() || bracketed * 2 < trial.cuts.len() {
        return None;
    }
    let mut bits = of_text(bytes.len()) + 8.0 * real(bracketed);
    bits += columns(bytes, &trial.cuts, &subject.chance, COLUMNS);
    Some(Candidate::framed(framing, trial, bits).ranked(Rank::Named))
}

/// A frame of COBS is a chain of lengths that ends at its 00: by chance one in 128 or less.
fn cobs(subject: &Subject<'_>) -> Option<Candidate> {
    if subject.text.is_some() {
        return None;
    }
    let framing = Framing::new(Rule::Cobs).ok()?;
    let stream = subject.stream;
    let trial = run(stream, &framing);
    if trial.cuts.is_empty() || trial.share() < 0.9 {
        return None;
    }
    let bytes = stream.bytes();
    let chain = |cut: &Cut| {
        let code = bytes.get(cut.start..=cut.start).unwrap_or_default();
        subject.chance.cost(code).min(7.0)
    };
    // Codes of nothing but zeros say nothing.
    let says = |cut: &&Cut| {
        let frame = bytes.get(cut.start..cut.end).unwrap_or_default();
        frame.iter().any(|byte| *byte > 2)
    };
    let told = trial.cuts.iter().take(CLOSELY).filter(says);
    let mut bits: f64 = told.map(chain).sum();
    bits += ends(stream, &trial.cuts, true) + sizes(&trial.cuts, &subject.chance, &[0], 2);
    // The first byte is no 00, as idle ones are passed over: that is no likeness.
    let bodies: Vec<Cut> =
        trial.cuts.iter().map(|cut| Cut { start: cut.start + 1, ..*cut }).collect();
    bits += columns(bytes, &bodies, &subject.chance, COLUMNS) - 4.0;
    if empties(&trial.cuts) > 0.3 || unended(stream, &trial) {
        bits *= 0.5;
    }
    let rank = if bits > 40.0 && trial.counter.is_none() { Rank::Named } else { Rank::Rule };
    Some(Candidate::framed(framing, trial, bits).ranked(rank))
}

/// A frame of SLIP has C0 on both sides, and after each DB one of two bytes.
fn slip(subject: &Subject<'_>) -> Option<Candidate> {
    const END: u8 = 0xC0;
    const ESC: u8 = 0xDB;
    let bytes = subject.stream.bytes();
    if !bytes.contains(&END) {
        return None;
    }
    let framing = Framing::new(Rule::Slip).ok()?;
    let stream = subject.stream;
    let trial = run(stream, &framing);
    if trial.cuts.is_empty() || trial.share() < 0.9 {
        return None;
    }
    let escapes = memchr::memchr_iter(ESC, bytes).count();
    let led = trial.cuts.iter().filter(|cut| bytes.get(cut.start) == Some(&END)).count();
    // In GBK and its like C0 begins a character, and seldom follows one.
    if subject.text.is_some() && led * 2 < trial.cuts.len() {
        return None;
    }
    // A lead is a byte that stands where it has to; an escape is one of two of 256.
    let lead = subject.chance.cost(&[END]).min(8.0);
    let mut bits = 7.0 * real(escapes) + lead * real(led);
    let bodies: Vec<Cut> =
        trial.cuts.iter().map(|cut| Cut { start: cut.start + 1, ..*cut }).collect();
    bits += ends(stream, &trial.cuts, true) + sizes(&trial.cuts, &subject.chance, &[END], 2);
    bits += columns(bytes, &bodies, &subject.chance, COLUMNS) - 8.0;
    if unended(stream, &trial) {
        bits *= 0.5;
    }
    let sure = led == trial.cuts.len() && trial.counter.is_none() && bits > 30.0;
    let rank = if sure { Rank::Named } else { Rank::Rule };
    Some(Candidate::framed(framing, trial, bits).ranked(rank))
}
