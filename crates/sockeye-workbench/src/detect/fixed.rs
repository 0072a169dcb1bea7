//! Frames of one size: bytes repeat at a distance, or reads end at its multiples.

use std::collections::VecDeque;

use sockeye_wire::framing::{Framing, Rule};

use crate::detect::candidate::{Candidate, distinct};
use crate::detect::evidence::{columns, ends, real};
use crate::detect::subject::Subject;
use crate::detect::trial::{Cut, run};

/// The largest size.
const SIZE_MOST: usize = 4096;

/// Bytes whose repetition is looked for.
const LOOK: usize = 64 << 10;

/// Sizes that are tried.
const TRIED: usize = 12;

/// Of each byte so many of its last places are looked back at.
const BACK: usize = 16;

/// Frames there have to be.
const LEAST: usize = 3;

/// The best two sizes.
pub(crate) fn candidates(subject: &Subject<'_>) -> Vec<Candidate> {
    let sizes = sizes(subject);
    let mut found: Vec<Candidate> =
        sizes.into_iter().filter_map(|size| tried(subject, size)).collect();
    distinct(&mut found, 2);
    found
}

fn tried(subject: &Subject<'_>, size: usize) -> Option<Candidate> {
    let framing = Framing::new(Rule::Fixed(size)).ok()?;
    let stream = subject.stream;
    let trial = run(stream, &framing);
    if trial.cuts.len() < LEAST {
        return None;
    }
    let look = trial.cuts.len().min(LOOK / size);
    let cuts = trial.cuts.get(..look).unwrap_or_default();
    let mut bits = columns(stream.bytes(), cuts, &subject.chance, size)
        + ends(stream, &trial.cuts, true)
        - 2.0 * real(size).log2()
        - 4.0;
    // Lines of one length are lines.
    let is_line = |cut: &Cut| stream.bytes().get(cut.end - 1) == Some(&b'\n');
    if subject.text.is_some() && cuts.iter().all(is_line) {
        bits *= 0.3;
    }
    Some(Candidate::framed(framing, trial, bits))
}

/// Sizes at whose distance bytes repeat oftener than by chance, and the one that divides
/// where reads end.
fn sizes(subject: &Subject<'_>) -> Vec<usize> {
    let bytes = subject.stream.bytes();
    let bytes = bytes.get(..LOOK).unwrap_or(bytes);
    let usual: f64 = (0..=u8::MAX).map(|byte| subject.chance.share(byte).powi(2)).sum();
    let mut met = vec![0_usize; SIZE_MOST + 1];
    let mut last = vec![VecDeque::with_capacity(BACK); 256];
    for (at, byte) in bytes.iter().enumerate() {
        let Some(places) = last.get_mut(usize::from(*byte)) else {
            continue;
        };
        for place in places.iter() {
            if let Some(count) = met.get_mut(at - place) {
                *count += 1;
            }
        }
        if places.len() == BACK {
            places.pop_front();
        }
        places.push_back(at);
    }
    let mut seen: Vec<(f64, usize)> = Vec::new();
    for (size, met) in met.into_iter().enumerate().skip(2) {
        let all = real(bytes.len().saturating_sub(size));
        let spread = (all * usual * (1.0 - usual)).sqrt().max(1.0);
        let off = (real(met) - all * usual) / spread;
        if off > 3.0 && size * LEAST <= bytes.len() {
            seen.push((off, size));
        }
    }
    seen.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut sizes: Vec<usize> = seen.into_iter().map(|(_, size)| size).take(TRIED).collect();
    let mut divides = 0;
    for read in subject.stream.reads() {
        divides = gcd(divides, read.end);
    }
    if (2..=SIZE_MOST).contains(&divides) && !sizes.contains(&divides) {
        sizes.push(divides);
    }
    sizes
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
