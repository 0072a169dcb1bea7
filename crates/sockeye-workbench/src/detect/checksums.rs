//! Which checksum frames have: every algorithm, both orders, and where what it covers begins.

use std::collections::BTreeSet;

use sockeye_wire::algorithm::Algorithm;
use sockeye_wire::checksum::{Checksum, Verdict};
use sockeye_wire::framing::{Framing, Rule};
use sockeye_wire::order::Order;

use crate::detect::evidence::real;
use crate::detect::stream::Stream;
use crate::detect::trial::run_with;

/// Different frames that are looked at.
const FRAMES: usize = 512;

/// Frames that are looked at before a checksum is tried on all.
const FIRST: usize = 4;

/// The most bytes before what a checksum covers.
const FROM_MOST: i64 = 8;

/// The bits that it takes to be believed.
const ENOUGH: f64 = 20.0;

/// A frame whose checksum is wrong: one in ten may be broken.
const BROKEN: f64 = 3.3;

/// A checksum that frames have.
#[derive(Clone, Debug, PartialEq)]
pub struct Summed {
    /// What it is, and from where.
    pub checksum: Checksum,
    /// Where it stands.
    pub place: Place,
    /// In how many different frames it is right.
    pub right: usize,
    /// Of how many.
    pub of: usize,
    bits: f64,
}

/// Where a checksum stands, and what it is computed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the payload's end, over the payload: what `--checksum` does.
    Payload,
    /// At the payload's end but for so many bytes that are always the same.
    Before(usize),
    /// At the frame's end, and the frame's header is covered too.
    Frame,
}

impl Summed {
    /// The flag that checks it, where one does.
    pub fn flag(&self) -> Option<String> {
        (self.place == Place::Payload).then(|| format!("--checksum {}", self.checksum))
    }
}

/// The checksum of the frames that `framing` finds; none if there is none, or too few
/// frames.
pub(crate) fn of(stream: &Stream, framing: &Framing) -> Option<Summed> {
    let bytes = stream.bytes();
    let has_header = matches!(
        framing.rule(),
        Rule::Length(_) | Rule::LengthAscii | Rule::LengthVarint | Rule::ModbusTcp
    );
    let (mut payloads, mut frames) = (BTreeSet::new(), BTreeSet::new());
    run_with(stream, framing, |frame| {
        if payloads.len() >= FRAMES || !frame.whole {
            return;
        }
        if has_header
            && let (Ok(from), Ok(len)) = (usize::try_from(frame.off), usize::try_from(frame.len))
        {
            let whole = bytes.get(from..from.saturating_add(len));
            frames.insert(whole.unwrap_or_default().to_vec());
        }
        payloads.insert(frame.payload.clone());
    });
    let payloads: Vec<Vec<u8>> = payloads.into_iter().collect();
    let frames: Vec<Vec<u8>> = frames.into_iter().collect();
    best(&payloads, Place::Payload)
        .or_else(|| best(&frames, Place::Frame))
        .or_else(|| before_the_last(&payloads))
}

/// Payloads that end alike may have the checksum before that.
fn before_the_last(payloads: &[Vec<u8>]) -> Option<Summed> {
    (1..=2).find_map(|less| {
        let end = |payload: &Vec<u8>| {
            payload.len().checked_sub(less).and_then(|at| payload.get(at..)).map(<[u8]>::to_vec)
        };
        let same = payloads.first().and_then(end)?;
        if !payloads.iter().all(|payload| end(payload).as_ref() == Some(&same)) {
            return None;
        }
        let cut = |payload: &Vec<u8>| {
            payload.get(..payload.len().saturating_sub(less)).unwrap_or_default().to_vec()
        };
        let cut: Vec<Vec<u8>> = payloads.iter().map(cut).collect();
        best(&cut, Place::Before(less))
    })
}

fn best(messages: &[Vec<u8>], place: Place) -> Option<Summed> {
    let mut best: Option<Summed> = None;
    for algorithm in Algorithm::ALL {
        let orders = if algorithm.width() == 1 {
            &[Order::Big][..]
        } else {
            &[Order::Big, Order::Little][..]
        };
        for order in orders {
            for from in 0..=FROM_MOST {
                let checksum = Checksum { order: *order, from, ..Checksum::new(algorithm) };
                let judged = judged(messages, checksum, place);
                if let Some(judged) = judged
                    && best.as_ref().is_none_or(|best| judged.bits > best.bits)
                {
                    best = Some(judged);
                }
            }
        }
    }
    best
}

fn judged(messages: &[Vec<u8>], checksum: Checksum, place: Place) -> Option<Summed> {
    let right = |message: &&Vec<u8>| {
        // What covers nothing is right by itself.
        let covered = message.len().saturating_sub(checksum.len());
        i64::try_from(covered).is_ok_and(|covered| covered > checksum.from)
            && checksum.verify(message) == Verdict::Good
    };
    let first = messages.iter().take(FIRST);
    if first.clone().filter(right).count() + 1 < first.count() {
        return None;
    }
    let good: Vec<&Vec<u8>> = messages.iter().filter(right).collect();
    let values: BTreeSet<&[u8]> =
        good.iter().filter_map(|message| message.get(message.len() - checksum.len()..)).collect();
    let width = 8.0 * real(checksum.len());
    let missed = messages.len() - good.len();
    // Frames whose checksum is the same say it once.
    let bits = width * real(values.len())
        - BROKEN * real(missed)
        - 7.0
        - if checksum.from == 0 { 0.0 } else { 4.0 };
    (bits >= ENOUGH && missed * 10 <= messages.len() && values.len() > 1).then_some(Summed {
        checksum,
        place,
        right: good.len(),
        of: messages.len(),
        bits,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sockeye_wire::enframe::Enframer;

    use super::*;

    fn found(framing: &str, checksum: &str, messages: &[Vec<u8>]) -> Option<Summed> {
        let framing: Framing = framing.parse().unwrap();
        let checksum: Checksum = checksum.parse().unwrap();
        let mut enframer = Enframer::new(framing.clone());
        let mut stream = Stream::default();
        for message in messages {
            let mut message = message.clone();
            checksum.append(&mut message);
            stream.push(Duration::ZERO, &enframer.encode(&message, None).unwrap());
        }
        of(&stream, &framing)
    }

    fn messages() -> Vec<Vec<u8>> {
        let said = |n: u8| vec![1, n, n.wrapping_mul(37), n ^ 0x5A, 3, 7, n.wrapping_mul(11)];
        (1..12).map(said).collect()
    }

    #[test]
    fn every_algorithm_is_found_in_its_frames() {
        for algorithm in Algorithm::ALL {
            for order in ["be", "le"] {
                let checksum = format!("{},{order}", algorithm.name());
                let meant: Checksum = checksum.parse().unwrap();
                let found = found("len:u16be", &checksum, &messages()).map(|it| it.checksum);
                let same = found.is_some_and(|found| {
                    found.algorithm == algorithm && (found.order == meant.order || found.len() == 1)
                });
                assert!(same, "{checksum}: {found:?}");
            }
        }
    }

    #[test]
    fn a_checksum_that_leaves_the_first_bytes_out_says_from_where() {
        let found = found("len:u16be", "crc16-modbus,from=2", &messages()).unwrap();
        assert_eq!(found.flag().as_deref(), Some("--checksum crc16-modbus,from=2"));
        assert_eq!((found.right, found.of), (11, 11));
    }

    #[test]
    fn zeros_and_frames_without_a_checksum_have_none() {
        let zeros: Vec<Vec<u8>> = (1..20).map(|size| vec![0; size]).collect();
        assert_eq!(found("len:u16be", "sum8,from=99", &zeros), None);
        assert_eq!(found("len:u16be", "crc32", &messages()[..1]), None);
    }
}
