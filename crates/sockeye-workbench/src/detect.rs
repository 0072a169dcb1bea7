//! Which framing, which encoding, which checksum: what a talk may be, told from its bytes, its
//! reads and its times. Pure: it opens nothing, and what it finds is a guess with its reasons.
//!
//! Each candidate is weighed against chance, in bits; a framing is tried by our own deframer.
//! Bounded: [`stream::LOOK`] bytes a direction, and so many frames as one of its parts says.

pub mod stream;
mod encoding;
pub mod trial;
mod evidence;
mod subject;
pub mod candidate;
mod delimiters;
mod lengths;
mod digits;
mod fixed;
mod brackets;
mod checked;
mod pauses;
mod named;
pub mod checksums;
pub mod told;
#[cfg(test)]
mod tests;

use std::time::Duration;

use sockeye_wire::framing::Framing;

use crate::detect::candidate::{Candidate, Rank, sort};
use crate::detect::checksums::Summed;
use crate::detect::stream::Stream;
use crate::detect::subject::Subject;
use crate::detect::trial::run_with;
use crate::script::{Script, Side};

/// So few frames are little to go by.
pub const FEW: usize = 4;

/// A candidate for which so little speaks, beside the best, is left out.
const FAINT: f64 = 0.2;

/// A checksum is looked for in the frames of so many of the best candidates.
const SUMMED: usize = 3;

/// Both directions of a talk.
#[derive(Clone, Debug, Default)]
pub struct Talk {
    /// What the side that called said.
    pub dialler: Stream,
    /// What the side that was called said.
    pub acceptor: Stream,
    at: Duration,
    /// Whether what is said in one go is a datagram, and so a message.
    pub datagrams: bool,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What both directions are, the best first.
    pub both: Vec<Candidate>,
    /// What the side that called says.
    pub dialler: Findings,
    /// What the side that was called says.
    pub acceptor: Findings,
    /// Whether they were datagrams, which need no framing.
    pub datagrams: bool,
}

/// What was found in one direction.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Candidates, the best first; none: not sure.
    pub candidates: Vec<Candidate>,
    /// How many bytes came, and how many of them were looked at.
    pub bytes: (u64, usize),
    /// The encoding of the frames of the best candidate, or of the stream; none: binary.
    pub encoding: Option<&'static str>,
    /// The checksum that the frames of one of the best candidates have.
    pub checksum: Option<Summed>,
}

impl Talk {
    /// A recorded talk.
    pub fn of(script: &Script) -> Self {
        let mut talk = Self { datagrams: script.datagrams, ..Self::default() };
        for step in &script.steps {
            talk.at = talk.at.saturating_add(step.after);
            if let Some(bytes) = &step.said {
                talk.hear(talk.at, step.side, bytes);
            }
        }
        talk
    }

    /// Takes what one side said in one go.
    pub fn hear(&mut self, at: Duration, side: Side, bytes: &[u8]) {
        let (speaker, listener) = match side {
            Side::Dialler => (&mut self.dialler, &mut self.acceptor),
            Side::Acceptor => (&mut self.acceptor, &mut self.dialler),
        };
        speaker.push(at, bytes);
        listener.turn();
    }
}

impl Report {
    /// Whether the best candidate is the same in both directions.
    pub fn agrees(&self) -> bool {
        let first = |findings: &Findings| findings.candidates.first().cloned();
        match (self.both.first(), first(&self.dialler), first(&self.acceptor)) {
            (Some(both), Some(one), Some(other)) => both.is_same(&one) && both.is_same(&other),
            _ => false,
        }
    }

    /// Whether nothing is likely in any direction.
    pub fn is_unsure(&self) -> bool {
        self.both.is_empty()
            && self.dialler.candidates.is_empty()
            && self.acceptor.candidates.is_empty()
            && !self.datagrams
    }
}

/// What a talk may be.
pub fn detect(talk: &Talk) -> Report {
    if talk.datagrams {
        let (dialler, acceptor) = (apart(&talk.dialler), apart(&talk.acceptor));
        return Report { both: Vec::new(), dialler, acceptor, datagrams: true };
    }
    let (dialler, acceptor) = (all(&talk.dialler), all(&talk.acceptor));
    let both = both(&dialler, &acceptor);
    Report {
        dialler: findings(&talk.dialler, dialler, &both),
        acceptor: findings(&talk.acceptor, acceptor, &both),
        both,
        datagrams: false,
    }
}

/// Datagrams: each is a message, and only what is in it is to be told.
fn apart(stream: &Stream) -> Findings {
    let framing = Framing::default();
    let encoding = encoding_of_frames(stream, &framing);
    let checksum = checksums::of(stream, &framing);
    let bytes = (stream.total(), stream.looked());
    Findings { candidates: Vec::new(), bytes, encoding, checksum }
}

/// Every candidate of a stream, likely or not.
fn all(stream: &Stream) -> Vec<Candidate> {
    if stream.looked() == 0 {
        return Vec::new();
    }
    let subject = Subject::of(stream);
    let mut found = delimiters::candidates(&subject);
    found.extend(lengths::candidates(&subject));
    found.extend(digits::candidates(&subject));
    found.extend(fixed::candidates(&subject));
    found.extend(brackets::candidates(&subject));
    found.extend(checked::candidates(&subject));
    found.extend(pauses::candidates(&subject));
    found.extend(named::candidates(&subject));
    sort(&mut found);
    once(found)
}

/// Each framing once, under the best of its names; silence only where nothing else is likely.
fn once(found: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    for one in found {
        let named = one.framing.is_some() && kept.iter().any(|it| it.framing == one.framing);
        let silent = one.rank == Rank::Silence && kept.iter().any(Candidate::is_likely);
        if !named && !silent {
            kept.push(one);
        }
    }
    kept
}

/// What is likely in both directions taken together.
fn both(dialler: &[Candidate], acceptor: &[Candidate]) -> Vec<Candidate> {
    let mut both: Vec<Candidate> = Vec::new();
    for one in dialler {
        let Some(other) = acceptor.iter().find(|other| one.is_same(other)) else {
            continue;
        };
        let together = one.together(other);
        let supported = one.is_supported() && other.is_supported();
        if supported && together.is_likely() {
            both.push(together);
        }
    }
    sort(&mut both);
    both
}

/// `both` helps where a direction alone has too little to say.
fn findings(stream: &Stream, mut candidates: Vec<Candidate>, both: &[Candidate]) -> Findings {
    candidates.retain(|one| one.is_likely() || both.iter().any(|agreed| agreed.is_same(one)));
    let most = candidates.first().map_or(0.0, |first| first.bits);
    candidates.retain(|one| one.bits >= most * FAINT);
    let framings = || candidates.iter().take(SUMMED).filter_map(|one| one.framing.as_ref());
    let checksum = framings().find_map(|framing| checksums::of(stream, framing));
    let encoding = match framings().next() {
        Some(framing) => encoding_of_frames(stream, framing),
        None => encoding::of(stream.bytes()),
    };
    Findings { bytes: (stream.total(), stream.looked()), encoding, checksum, candidates }
}

/// The encoding of the payloads, taken together.
fn encoding_of_frames(stream: &Stream, framing: &Framing) -> Option<&'static str> {
    let mut payloads = Vec::new();
    run_with(stream, framing, |frame| {
        if payloads.len() < encoding::LOOK {
            payloads.extend_from_slice(&frame.payload);
            payloads.push(b'\n');
        }
    });
    encoding::of(&payloads)
}
