//! A candidate: something that a stream may be, with what speaks for it.

use sockeye_text::plural::counted;
use sockeye_wire::framing::{Framing, Rule};

use crate::detect::evidence::real;
use crate::detect::stream::Stream;
use crate::detect::trial::{Counter, Cut, Trial};

/// The evidence, in bits, that a candidate needs to be named. Chance alone comes so far once
/// in 2^20 streams.
pub(crate) const ENOUGH: f64 = 20.0;

/// The least share of a stream that a candidate explains.
const LEAST_SHARE: f64 = 0.5;

/// The evidence, in bits, and the share, in percent, that one direction has to give where the
/// other gives the rest.
const SOME: f64 = 3.0;
const MOSTLY: f64 = 90.0;

/// What a stream may be.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its name, for people.
    pub what: String,
    /// The framing that does exactly this, if there is one.
    pub framing: Option<Framing>,
    /// The share of what was looked at that it explains, in percent.
    pub share: f64,
    /// How many whole frames.
    pub frames: usize,
    /// What speaks for it, in bits.
    pub bits: f64,
    /// The first place that it does not explain.
    pub counter: Option<Counter>,
    pub(crate) rank: Rank,
    /// Bytes that were judged.
    pub(crate) judged: usize,
    pub(crate) cuts: Vec<Cut>,
}

/// What goes before what, whatever the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// A protocol by name, or a structure that is checked throughout.
    Named,
    /// A rule for where frames end.
    Rule,
    /// Nothing but silence.
    Silence,
}

impl Candidate {
    /// A framing that was tried, and what speaks for it, what was searched through paid for.
    pub(crate) fn framed(framing: Framing, trial: Trial, bits: f64) -> Self {
        let what = name(&framing);
        Self { framing: Some(framing), ..Self::called(what, trial, bits) }
    }

    /// A candidate for which there is no framing.
    pub(crate) fn called(what: impl Into<String>, trial: Trial, bits: f64) -> Self {
        let share = trial.share();
        Self {
            what: what.into(),
            framing: None,
            share: share * 100.0,
            frames: trial.cuts.len(),
            bits: bits * share,
            counter: trial.counter,
            rank: Rank::Rule,
            judged: trial.judged,
            cuts: trial.cuts,
        }
    }

    /// The same, ranked otherwise.
    pub(crate) fn ranked(self, rank: Rank) -> Self {
        Self { rank, ..self }
    }

    /// The flag that finds these frames.
    pub fn flag(&self) -> Option<String> {
        self.framing.as_ref().map(|framing| format!("--frame {framing}"))
    }

    /// Whether enough speaks for it.
    pub(crate) fn is_likely(&self) -> bool {
        self.bits >= ENOUGH && self.share >= LEAST_SHARE * 100.0 && self.frames > 0
    }

    /// The same in both directions: what speaks for it is added up.
    pub(crate) fn together(&self, other: &Self) -> Self {
        let (ours, theirs) = (real(self.judged), real(other.judged));
        let share = (self.share * ours + other.share * theirs) / (ours + theirs).max(1.0);
        Self {
            share,
            frames: self.frames + other.frames,
            bits: self.bits + other.bits,
            judged: self.judged + other.judged,
            counter: None,
            rank: self.rank.max(other.rank),
            cuts: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether something speaks for it, and hardly anything against: enough to be taken
    /// together with the other direction.
    pub(crate) fn is_supported(&self) -> bool {
        self.bits >= SOME && self.share >= MOSTLY
    }

    /// Whether it is the same as another, of another stream perhaps.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.what == other.what && self.framing == other.framing
    }
}

/// Puts the best first.
pub(crate) fn sort(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| a.rank.cmp(&b.rank).then(b.bits.total_cmp(&a.bits)));
}

/// Keeps, of candidates that cut alike, the first; the best stand first.
pub(crate) fn distinct(candidates: &mut Vec<Candidate>, most: usize) {
    sort(candidates);
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates.drain(..) {
        let alike = |other: &Candidate| {
            other.cuts.len() == candidate.cuts.len()
                && other.cuts.iter().zip(&candidate.cuts).all(|(a, b)| a.end == b.end)
        };
        if kept.len() < most && !kept.iter().any(alike) {
            kept.push(candidate);
        }
    }
    *candidates = kept;
}

/// How well the frames fill the stream up, from 0 to 1: what is cut at the end counts little.
pub(crate) fn unended(stream: &Stream, trial: &Trial) -> bool {
    !stream.goes_on() && !trial.ends_with(stream)
}

/// What a framing is called.
pub(crate) fn name(framing: &Framing) -> String {
    match framing.rule() {
        Rule::Raw => "each read".to_owned(),
        Rule::Lines => "lines, ended by LF".to_owned(),
        Rule::Crlf => "lines, ended by CR LF".to_owned(),
        Rule::Delimiter(end) => format!("ended by {}", marker(end)),
        Rule::Length(field) => {
            let mut text = format!("length in {} byte", field.width.bytes());
            if field.width.bytes() > 1 {
                text.push('s');
                let order = match field.order {
                    sockeye_wire::order::Order::Big => ", big endian",
                    sockeye_wire::order::Order::Little => ", little endian",
                };
                text.push_str(order);
            }
            if field.offset > 0 {
                text = format!("{text}, after {}", counted(field.offset, "byte"));
            }
            match whole(field.offset, field.width.bytes()).checked_add(field.adjust) {
                _ if field.adjust == 0 => text,
                Some(0) => format!("{text}, of the whole frame"),
                _ => format!("{text}, {:+} bytes", field.adjust),
            }
        }
        Rule::LengthAscii => "length in decimal digits".to_owned(),
        Rule::LengthVarint => "length as a varint".to_owned(),
        Rule::Fixed(size) => format!("{} each", counted(*size, "byte")),
        Rule::HeadTail { head, tail } => format!("from {} to {}", marker(head), marker(tail)),
        Rule::Gap(_) => "bursts with silence between".to_owned(),
        Rule::Json => "JSON values".to_owned(),
        Rule::Cobs => "COBS".to_owned(),
        Rule::Slip => "SLIP".to_owned(),
        Rule::ModbusTcp => "Modbus TCP".to_owned(),
    }
}

/// Bytes of a frame before its length's end.
fn whole(offset: usize, width: usize) -> i64 {
    i64::try_from(offset + width).unwrap_or(i64::MAX)
}

/// A delimiter in words.
fn marker(bytes: &[u8]) -> String {
    let known = match bytes {
        [0] => Some("NUL"),
        [2] => Some("STX"),
        [3] => Some("ETX"),
        [4] => Some("EOT"),
        [b'\n'] => Some("LF"),
        [b'\r'] => Some("CR"),
        [b'\r', b'\n'] => Some("CR LF"),
        [0x1E] => Some("RS"),
        _ => None,
    };
    if let Some(known) = known {
        return known.to_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => format!("`{text}`"),
        _ => {
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            digits.join(" ")
        }
    }
}

/// How much of a stream is empty frames.
pub(crate) fn empties(cuts: &[Cut]) -> f64 {
    let empty = cuts.iter().filter(|cut| cut.payload == 0).count();
    real(empty) / real(cuts.len().max(1))
}
