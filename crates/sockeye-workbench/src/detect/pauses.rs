//! Frames with silence between them, from when reads came; and Modbus RTU, whose frames are so
//! and carry a checksum. Silence alone proves little: it is named after everything else.

use std::collections::BTreeSet;
use std::time::Duration;

use sockeye_wire::algorithm::Algorithm;
use sockeye_wire::checksum::{Checksum, Verdict};
use sockeye_wire::framing::{Framing, Rule};

use crate::detect::candidate::{Candidate, Rank, distinct};
use crate::detect::evidence::{COLUMNS, columns, real};
use crate::detect::subject::Subject;
use crate::detect::trial::{Counter, Trial, run, run_with};

/// Bursts there have to be for silence to mean something.
const LEAST: usize = 4;

/// Silence between bursts is so many times that within.
const CLEAR: u32 = 4;

/// Reads that follow each other faster than this are one burst to everybody.
const FAST: Duration = Duration::from_micros(50);

/// The best of both kinds.
pub(crate) fn candidates(subject: &Subject<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for gap in gaps(subject) {
        let Ok(framing) = Framing::new(Rule::Gap(gap)) else {
            continue;
        };
        found.extend(modbus_rtu(subject, &framing).or_else(|| silent(subject, framing)));
    }
    distinct(&mut found, 1);
    found
}

/// Silences that may stand between frames.
fn gaps(subject: &Subject<'_>) -> Vec<Duration> {
    let reads = subject.stream.reads();
    let after = reads.iter().skip(1);
    let mut silences: Vec<Duration> =
        reads.iter().zip(after).map(|(a, b)| b.at.saturating_sub(a.at)).collect();
    silences.sort();
    let mut gaps = Vec::new();
    if let Some(least) = silences.first().filter(|least| **least > FAST) {
        gaps.extend(between(Duration::ZERO, *least));
    }
    let pairs = silences.windows(2).filter_map(|pair| match pair {
        [within, without] => Some(((*within).max(FAST), *without)),
        _ => None,
    });
    let clear = pairs.filter(|(within, without)| *without >= *within * CLEAR);
    let ratio = |(within, without): &(Duration, Duration)| without.div_duration_f64(*within);
    if let Some((within, without)) = clear.max_by(|a, b| ratio(a).total_cmp(&ratio(b))) {
        gaps.extend(between(within, without));
    }
    gaps
}

/// A round duration between two others: the largest of 1, 2, 5, 10 … below the half.
fn between(within: Duration, without: Duration) -> Option<Duration> {
    let mut unit = 1_u64;
    let mut best = None;
    while unit < 60_000_000 {
        for digit in [1, 2, 5] {
            let round = Duration::from_micros(unit * digit);
            if round > within && round * 2 <= without && round <= Duration::from_millis(20) {
                best = Some(round);
            }
        }
        unit *= 10;
    }
    best
}

fn silent(subject: &Subject<'_>, framing: Framing) -> Option<Candidate> {
    let trial = run(subject.stream, &framing);
    if trial.cuts.len() < LEAST {
        return None;
    }
    let bits = columns(subject.stream.bytes(), &trial.cuts, &subject.chance, COLUMNS) - 10.0;
    Some(Candidate::framed(framing, trial, bits).ranked(Rank::Silence))
}

/// A unit, a function and a CRC-16 in every burst (MODBUS over Serial Line V1.02, 2.5.1).
fn modbus_rtu(subject: &Subject<'_>, framing: &Framing) -> Option<Candidate> {
    let checksum = Checksum::new(Algorithm::Crc16Modbus);
    let stream = subject.stream;
    let mut trial = Trial { judged: stream.looked(), ..Trial::default() };
    let (mut right, mut wrong) = (BTreeSet::new(), 0);
    let all = run_with(stream, framing, |frame| {
        if is_rtu(&frame.payload) && checksum.verify(&frame.payload) == Verdict::Good {
            right.insert((frame.off, frame.payload.clone()));
        } else {
            wrong += 1;
            let offset = usize::try_from(frame.off).unwrap_or(usize::MAX);
            trial.counter.get_or_insert_with(|| {
                Counter::at(stream, offset, "no frame of Modbus RTU with its checksum")
            });
        }
    });
    if right.len() < 2 || wrong * 10 > right.len() {
        return None;
    }
    let offsets: BTreeSet<u64> = right.iter().map(|(off, _)| *off).collect();
    let payloads: BTreeSet<&Vec<u8>> = right.iter().map(|(_, payload)| payload).collect();
    let mut cuts = all.cuts;
    cuts.retain(|cut| offsets.contains(&(cut.start as u64)));
    trial.covered = cuts.iter().map(|cut| cut.end - cut.start).sum();
    let bits =
        19.0 * real(payloads.len()) + columns(stream.bytes(), &cuts, &subject.chance, COLUMNS);
    trial.cuts = cuts;
    let candidate = Candidate::framed(framing.clone(), trial, bits).ranked(Rank::Named);
    Some(Candidate { what: "Modbus RTU".to_owned(), ..candidate })
}

fn is_rtu(frame: &[u8]) -> bool {
    matches!(frame, [0..=247, function, _, _, ..] if !matches!(function & 0x7F, 0 | 0x2C..=0x40 | 0x49..=0x63))
        && frame.len() <= 256
}
