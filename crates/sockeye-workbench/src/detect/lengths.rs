//! Lengths in binary that stand in front: every width, order, place and adjustment is walked
//! a few frames far, and the best are tried on all of the stream.

use sockeye_wire::framing::{Framing, Rule};
use sockeye_wire::length::{LengthField, Width};
use sockeye_wire::order::Order;

use crate::detect::candidate::{Candidate, distinct, empties, unended};
use crate::detect::evidence::{CLOSELY, COLUMNS, columns, ends, numbers, real};
use crate::detect::subject::Subject;
use crate::detect::trial::{Cut, run};

/// Bytes before the field, at most.
const OFFSET_MOST: usize = 16;

/// What is added to a length or taken away, at most, besides what makes it the whole frame's.
const ADJUST_MOST: i64 = 24;

/// Frames that are walked before a field is tried on all of the stream.
const SCOUTED: usize = 48;

/// Fields that are tried on all of the stream.
const TRIED: usize = 16;

/// Candidates that are named.
const NAMED: usize = 3;

const FIELDS: [(Width, Order); 9] = [
    (Width::U8, Order::Big),
    (Width::U16, Order::Big),
    (Width::U16, Order::Little),
    (Width::U24, Order::Big),
    (Width::U24, Order::Little),
    (Width::U32, Order::Big),
    (Width::U32, Order::Little),
    (Width::U64, Order::Big),
    (Width::U64, Order::Little),
];

/// The best fields.
pub(crate) fn candidates(subject: &Subject<'_>) -> Vec<Candidate> {
    let mut scouted: Vec<(f64, LengthField)> = Vec::new();
    for (width, order) in FIELDS {
        for offset in 0..=OFFSET_MOST {
            for adjust in (-ADJUST_MOST..=ADJUST_MOST).rev() {
                let field = LengthField { width, order, offset, adjust };
                if let Some(bits) = scout(subject, &field) {
                    scouted.push((bits, field));
                }
            }
        }
    }
    scouted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let tried = scouted.into_iter().take(TRIED).filter_map(|(_, field)| tried(subject, &field));
    let mut found: Vec<Candidate> = tried.collect();
    distinct(&mut found, NAMED);
    found
}

/// Whether the length is that of the body, or of the whole frame.
fn is_natural(field: &LengthField) -> bool {
    let of_all = -i64::try_from(field.offset + field.width.bytes()).unwrap_or(0);
    field.adjust == 0 || field.adjust == of_all
}

/// What it costs to believe in this field rather than in another.
fn price(field: &LengthField) -> f64 {
    let adjust = match field.adjust {
        0 => 1.0,
        _ if is_natural(field) => 2.0,
        _ => 8.0,
    };
    let offset = match field.offset {
        0 => 1.0,
        1..=4 => 3.5,
        _ => 5.5,
    };
    3.0 + adjust + offset
}

/// The first frames as `field` has them, in bits; none if it has none.
fn scout(subject: &Subject<'_>, field: &LengthField) -> Option<f64> {
    let bytes = subject.stream.bytes();
    let head = field.offset + field.width.bytes();
    let reads = subject.stream.reads();
    let (mut at, mut bits) = (0_usize, -price(field));
    let mut lengths = Vec::new();
    let natural = is_natural(field);
    for _ in 0..SCOUTED {
        let Some(digits) = bytes.get(at + field.offset..at + head) else {
            break;
        };
        let says = field.order.number(digits);
        let body = i64::try_from(says).ok().and_then(|says| says.checked_add(field.adjust));
        let body = body.and_then(|body| usize::try_from(body).ok())?;
        let end = at.saturating_add(head).saturating_add(body);
        if end > bytes.len() {
            if !is_cut(subject, &lengths, says) {
                return None;
            }
            break;
        }
        bits += subject.chance.cost(digits);
        if reads.binary_search_by_key(&end, |read| read.end).is_ok() {
            bits += 3.0;
        }
        lengths.push(says);
        at = end;
    }
    if lengths.is_empty() {
        return None;
    }
    let bits = bits - numbers(&lengths);
    (bits > 0.0 || natural && lengths.len() > 1 && bits > -12.0).then_some(bits)
}

/// Whether a frame that goes beyond the stream may be one that is cut.
fn is_cut(subject: &Subject<'_>, lengths: &[u64], says: u64) -> bool {
    let largest = lengths.iter().copied().max().unwrap_or(0);
    !lengths.is_empty() && (says <= largest.saturating_mul(4) || subject.stream.goes_on())
}

fn tried(subject: &Subject<'_>, field: &LengthField) -> Option<Candidate> {
    let framing = Framing::new(Rule::Length(*field)).ok()?;
    let stream = subject.stream;
    let trial = run(stream, &framing);
    if trial.cuts.is_empty() {
        return None;
    }
    let mut bits = of_field(subject, field, &trial.cuts) - price(field);
    bits += ends(stream, &trial.cuts, true);
    // A length that is far from what it measures has to stand by itself.
    if is_natural(field) {
        bits += columns_beside(subject, field, &trial.cuts);
    }
    let head = field.offset + field.width.bytes();
    let bodies = trial.cuts.iter().filter_map(|cut| stream.bytes().get(cut.start + head..cut.end));
    bits += subject.text_inside(bodies);
    if unended(stream, &trial) {
        bits -= 4.0;
    }
    // Text that says lengths by its letters is text.
    if subject.text.is_some() {
        bits = bits * 0.5 - 20.0;
    }
    if empties(&trial.cuts) > 0.3 {
        bits *= 0.5;
    }
    // One wrong length, and all after it is lost: lengths that are meant are right.
    if trial.share() < 0.95 {
        bits *= 0.3;
    }
    Some(Candidate::framed(framing, trial, bits))
}

/// What speaks for the field: that its bytes say lengths.
pub(crate) fn of_field(subject: &Subject<'_>, field: &LengthField, cuts: &[Cut]) -> f64 {
    let bytes = subject.stream.bytes();
    let (mut bits, mut lengths) = (0.0, Vec::with_capacity(cuts.len()));
    for cut in cuts.iter().take(CLOSELY) {
        let from = cut.start + field.offset;
        let digits = bytes.get(from..from + field.width.bytes()).unwrap_or_default();
        bits += subject.chance.cost(digits);
        lengths.push(field.order.number(digits));
    }
    let same = lengths.windows(2).all(|pair| matches!(pair, [a, b] if a == b));
    // Frames of one size need no length: a byte that is always the same is nothing new.
    let bits = bits - numbers(&lengths);
    if same && lengths.len() > 1 { bits.min(8.0 * real(field.width.bytes())) } else { bits }
}

/// Columns, those of the field left out.
fn columns_beside(subject: &Subject<'_>, field: &LengthField, cuts: &[Cut]) -> f64 {
    let bytes = subject.stream.bytes();
    let before = columns(bytes, cuts, &subject.chance, field.offset);
    let head = field.offset + field.width.bytes();
    let after: Vec<Cut> = cuts
        .iter()
        .filter(|cut| cut.end - cut.start > head)
        .map(|cut| Cut { start: cut.start + head, ..*cut })
        .collect();
    before + columns(bytes, &after, &subject.chance, COLUMNS.saturating_sub(head))
}
