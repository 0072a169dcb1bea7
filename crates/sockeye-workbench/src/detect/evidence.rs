//! How much speaks for a cut into frames, in bits: how much likelier what is seen is if the
//! cut is meant than if bytes came by chance, each as often as it does in this stream.
//!
//! Each sum is a likelihood ratio of a code that could have been written down before the
//! bytes were seen, so that chance reaches `n` bits about once in `2^n` streams; what is
//! searched through is paid for by whoever searches.

use std::collections::BTreeMap;

use crate::detect::stream::Stream;
use crate::detect::trial::Cut;

/// Frames that are looked at closely; the others follow them.
pub(crate) const CLOSELY: usize = 2048;

/// What it costs to believe that a column or the sizes follow a rule at all.
const BELIEF: f64 = 5.0;

/// How much the first frames count against what the whole stream says.
const PRIOR: f64 = 2.0;

/// A mark of several bytes that costs less is common, in bits.
const COMMON: f64 = 6.0;

/// Of 10 turns that a side ends, 9 end with a frame, if frames are frames.
const ENDS: f64 = 0.9;

/// A count as a number to reckon with; counts here are far below 2^32.
pub(crate) fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// What each byte costs if it comes by chance, in bits.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    share: Vec<f64>,
}

impl Chance {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut counts = vec![0_usize; 256];
        for byte in bytes {
            if let Some(count) = counts.get_mut(usize::from(*byte)) {
                *count += 1;
            }
        }
        let all = real(bytes.len()) + 1.0;
        Self { share: counts.iter().map(|count| (real(*count) + 1.0 / 256.0) / all).collect() }
    }

    /// How often `byte` comes, from 0 to 1.
    pub(crate) fn share(&self, byte: u8) -> f64 {
        self.share.get(usize::from(byte)).copied().unwrap_or(1.0)
    }

    /// What these bytes cost.
    pub(crate) fn cost(&self, bytes: &[u8]) -> f64 {
        bytes.iter().map(|byte| -self.share(*byte).log2()).sum()
    }
}

/// Whether reads, turns and the stream end where frames do.
pub(crate) fn ends(stream: &Stream, cuts: &[Cut], reads: bool) -> f64 {
    let last = stream.looked();
    let often = real(cuts.len()) / real(last.max(1));
    if cuts.is_empty() || often >= 0.5 {
        return 0.0;
    }
    let is_end = |at: usize| cuts.binary_search_by_key(&at, |cut| cut.end).is_ok();
    let mut bits = 0.0;
    for turn in stream.turns() {
        bits += if is_end(turn) {
            (ENDS / often).log2()
        } else {
            ((1.0 - ENDS) / (1.0 - often)).log2()
        };
    }
    if !stream.goes_on() {
        bits += if is_end(last) { -often.log2() } else { -4.0 };
    }
    if reads {
        // A read of the largest size may have been cut by its reader, or by the network.
        let plain = || stream.smaller().filter(|read| !read.turn && read.end < last);
        let met = plain().filter(|read| is_end(read.end)).count();
        bits += oftener(met, plain().count(), often);
    }
    bits
}

/// `met` of `all` where chance would meet it so `often`; only more than that counts.
pub(crate) fn oftener(met: usize, all: usize, often: f64) -> f64 {
    let share = (real(met) + 0.5) / (real(all) + 1.0);
    if share <= often {
        return 0.0;
    }
    let missed = all - met;
    let bits =
        real(met) * (share / often).log2() + real(missed) * ((1.0 - share) / (1.0 - often)).log2();
    (bits - 0.5 * (real(all) + 1.0).log2() - 1.0).max(0.0)
}

/// The columns of a frame that are compared.
pub(crate) const COLUMNS: usize = 32;

/// Whether frames are alike at the same place: the first `most` bytes of each.
pub(crate) fn columns(bytes: &[u8], cuts: &[Cut], chance: &Chance, most: usize) -> f64 {
    let closely = cuts.get(..CLOSELY).unwrap_or(cuts);
    let column = |place: usize| {
        let mut seen: BTreeMap<u8, usize> = BTreeMap::new();
        let (mut all, mut bits) = (0_usize, 0.0);
        for cut in closely.iter().filter(|cut| cut.end - cut.start > place) {
            let Some(byte) = bytes.get(cut.start + place) else {
                continue;
            };
            let before = seen.entry(*byte).or_default();
            let usual = chance.share(*byte);
            bits += ((real(*before) / usual + PRIOR) / (real(all) + PRIOR)).log2();
            *before += 1;
            all += 1;
        }
        believed(bits)
    };
    (0..most).map(column).sum()
}

/// Whether frames have the same few sizes, oftener than a mark that comes by chance leaves.
/// `mark` is what has to come for a frame to end, in `least` bytes of which none is free.
pub(crate) fn sizes(cuts: &[Cut], chance: &Chance, mark: &[u8], least: usize) -> f64 {
    let closely = cuts.get(..CLOSELY).unwrap_or(cuts);
    let sum: usize = closely.iter().map(|cut| cut.end - cut.start).sum();
    let often = (real(closely.len()) / real(sum.max(1))).max((-chance.cost(mark)).exp2());
    // Bytes that come so often make sizes of their own.
    if often >= 0.5 || mark.len() > 1 && chance.cost(mark) < COMMON {
        return 0.0;
    }
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    let mut bits = 0.0;
    for (all, cut) in closely.iter().enumerate() {
        let size = cut.end - cut.start;
        let usual = often * (1.0 - often).powf(real(size.saturating_sub(least)));
        let before = seen.entry(size).or_default();
        let share = if usual > 1e-300 { real(*before) / usual } else { 0.0 };
        bits += ((share + PRIOR) / (real(all) + PRIOR)).log2();
        *before += 1;
    }
    believed(bits)
}

/// What it takes to write numbers down of which only the largest is known.
pub(crate) fn numbers(numbers: &[u64]) -> f64 {
    let largest = numbers.iter().copied().max().unwrap_or(0);
    let width = f64::from(64 - largest.leading_zeros());
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    let mut bits = 0.0;
    for (all, number) in numbers.iter().enumerate() {
        let before = seen.entry(*number).or_default();
        let share = (real(*before) + PRIOR * (-width).exp2()) / (real(all) + PRIOR);
        bits -= share.log2();
        *before += 1;
    }
    bits.min(real(numbers.len()) * width) + 6.0
}

/// What is left of a sum once the belief is paid for; what speaks against it costs nothing,
/// as the belief is then not held.
fn believed(bits: f64) -> f64 {
    (bits - BELIEF).max(0.0)
}
