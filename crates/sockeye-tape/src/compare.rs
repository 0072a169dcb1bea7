//! Two tapes compared: which conversations belong together, and where they differ. Times,
//! addresses and ports do not count, nor do notes and faults.
//!
//! Each tape is read once for digests; where they differ, once more for the block with the
//! first difference, and once more for what stands around it. In memory are one line of a
//! tape, about 1 KiB a conversation (65,536 at most), 8 bytes for each 16 KiB of a
//! stream, and 32 KiB for each difference that is located (1,000 at most).

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::hash::RandomState;
use std::path::Path;

use crate::difference::Difference;
use crate::difference::End;
use crate::difference::Found;
use crate::difference::Kind;
use crate::digest::BLOCK;
use crate::error::TapeError;
use crate::event::Dir;
use crate::event::Role;
use crate::locate::Datagram;
use crate::locate::Places;
use crate::locate::Window;
use crate::locate::fetch;
use crate::reader::Tape;
use crate::survey::Talk;
use crate::survey::survey;
use crate::tracks::Spot;
use crate::tracks::Track;

/// The most differences whose place is looked for.
pub const LOCATED: usize = 1000;

/// So many bytes are shown before and after the first that differs.
const CONTEXT: u64 = 24;

/// Whether it counts how the bytes were cut into reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// It does not.
    Ignored,
    /// It does, where the bytes are the same.
    Compared,
}

/// What came of comparing.
#[derive(Debug)]
pub struct Comparison {
    /// The differences, in the order of the first tape's conversations.
    pub differences: Vec<Difference>,
    /// How many conversations there are: those that belong together count once.
    pub conversations: usize,
    /// How many of them differ.
    pub differing: usize,
    /// How many bytes came and went on the first tape.
    pub bytes: (u64, u64),
    /// Both tapes, read to their ends: what of them was torn or unknown.
    pub tapes: (Tape, Tape),
}

/// A difference whose place is still to be found.
struct Open {
    index: usize,
    talks: (usize, usize),
    dir: Dir,
    track: Track,
    block: u64,
}

/// Compares two tapes, which must be regular files: they are read several times. Lines
/// that are no events go to `damaged`, and the rest is compared.
pub fn compare(
    a: &Path,
    b: &Path,
    reads: Reads,
    damaged: &mut dyn FnMut(TapeError),
) -> Result<Comparison, TapeError> {
    let state = RandomState::new();
    let (left, right) = (survey(a, &state, damaged)?, survey(b, &state, damaged)?);
    let pairs = pairs(&left.talks, &right.talks);
    let mut found = Finding { reads, differences: Vec::new(), open: Vec::new() };
    let mut differing = 0;
    for &(one, other) in &pairs {
        let before = found.differences.len();
        let talk = |talks: &[Talk], index: Option<usize>| index.filter(|&i| i < talks.len());
        let (one, other) = (talk(&left.talks, one), talk(&right.talks, other));
        let ours = one.and_then(|index| Some((index, left.talks.get(index)?)));
        let theirs = other.and_then(|index| Some((index, right.talks.get(index)?)));
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => found.pair(ours, theirs),
            (Some((_, alone)), None) => found.alone(alone, Alone::A),
            (None, Some((_, alone))) => found.alone(alone, Alone::B),
            (None, None) => {}
        }
        differing += usize::from(found.differences.len() > before);
    }
    let Finding { mut differences, open, .. } = found;
    locate((a, b), &state, &open, &mut differences)?;
    let total = |dir| left.talks.iter().map(|talk| talk.total(dir)).sum();
    Ok(Comparison {
        differences,
        conversations: pairs.len(),
        differing,
        bytes: (total(Dir::In), total(Dir::Out)),
        tapes: (left.tape, right.tape),
    })
}

/// The conversations that belong together: of the same transport and role, in the order in
/// which they opened.
fn pairs(a: &[Talk], b: &[Talk]) -> Vec<(Option<usize>, Option<usize>)> {
    let key = |talk: &Talk| (talk.proto.clone(), talk.role.map(|role| role == Role::Dial));
    let mut free: BTreeMap<_, VecDeque<usize>> = BTreeMap::new();
    for (index, talk) in b.iter().enumerate() {
        free.entry(key(talk)).or_default().push_back(index);
    }
    let mut pairs: Vec<_> = a
        .iter()
        .enumerate()
        .map(|(index, talk)| (Some(index), free.get_mut(&key(talk)).and_then(VecDeque::pop_front)))
        .collect();
    let mut left: Vec<usize> = free.into_values().flatten().collect();
    left.sort_unstable();
    pairs.extend(left.into_iter().map(|index| (None, Some(index))));
    pairs
}

/// Which tape has it.
#[derive(Clone, Copy)]
enum Alone {
    A,
    B,
}

struct Finding {
    reads: Reads,
    differences: Vec<Difference>,
    open: Vec<Open>,
}

impl Finding {
    fn alone(&mut self, talk: &Talk, side: Alone) {
        let found = Found::Totals { came: talk.total(Dir::In), went: talk.total(Dir::Out) };
        let len = talk.total(Dir::In).saturating_add(talk.total(Dir::Out));
        let end = End { c: Some(talk.c), len, found };
        let (a, b) = match side {
            Alone::A => (end, End::default()),
            Alone::B => (End::default(), end),
        };
        self.push(talk, Kind::Missing, a, b);
    }

    fn pair(&mut self, (at_a, a): (usize, &Talk), (at_b, b): (usize, &Talk)) {
        let reads = self.reads;
        for dir in [Dir::Out, Dir::In] {
            let mut differs = |track| {
                let (ours, theirs) = (a.digest(dir, track), b.digest(dir, track));
                let block = ours.differs(theirs)?;
                let size = record(track, a.datagrams);
                let end = |talk: &Talk, count: u64| End {
                    c: Some(talk.c),
                    len: count / size,
                    found: Found::Nothing,
                };
                let (one, other) = (end(a, ours.count), end(b, theirs.count));
                let index = self.differences.len();
                self.push(a, kind(track, dir, a.datagrams), one, other);
                self.open.push(Open { index, talks: (at_a, at_b), dir, track, block });
                Some(())
            };
            // Other bytes are in other frames and other reads: told once.
            if differs(Track::Bytes).is_some() {
                continue;
            }
            let framed = |talk: &Talk| talk.digest(dir, Track::Frames).count > 0;
            if framed(a) && framed(b) {
                differs(Track::Frames);
            }
            if reads == Reads::Compared {
                differs(Track::Reads);
            }
        }
        if a.close != b.close {
            let end = |talk: &Talk| End {
                c: Some(talk.c),
                len: 0,
                found: talk.close.map_or(Found::Nothing, |(by, how)| Found::Close(by, how)),
            };
            self.push(a, Kind::Close, end(a), end(b));
        }
    }

    fn push(&mut self, talk: &Talk, kind: Kind, a: End, b: End) {
        let (proto, role) = (talk.proto.clone(), talk.role);
        self.differences.push(Difference { proto, role, kind, at: None, a, b });
    }
}

fn kind(track: Track, dir: Dir, datagrams: bool) -> Kind {
    match track {
        Track::Bytes if datagrams => Kind::Datagrams(dir),
        Track::Bytes => Kind::Bytes(dir),
        Track::Frames => Kind::Frames(dir),
        Track::Reads => Kind::Reads(dir),
    }
}

/// How many bytes of a track stand for one thing.
fn record(track: Track, datagrams: bool) -> u64 {
    match track {
        Track::Bytes if datagrams => 8,
        Track::Bytes => 1,
        Track::Frames => 16,
        Track::Reads => 8,
    }
}

/// Finds the places of the first differences, and what is there.
fn locate(
    (a, b): (&Path, &Path),
    state: &RandomState,
    open: &[Open],
    differences: &mut [Difference],
) -> Result<(), TapeError> {
    let open = open.get(..LOCATED).unwrap_or(open);
    if open.is_empty() {
        return Ok(());
    }
    let (mut left, mut right) = (Places::default(), Places::default());
    for one in open {
        let from = one.block.saturating_mul(BLOCK);
        let window = Window::new(from, from.saturating_add(BLOCK));
        left.windows.insert(one.spot(one.talks.0), window.clone());
        right.windows.insert(one.spot(one.talks.1), window);
    }
    fetch(a, state, &mut left)?;
    fetch(b, state, &mut right)?;
    let (mut near_a, mut near_b) = (Places::default(), Places::default());
    for one in open {
        let blocks = (
            left.windows.remove(&one.spot(one.talks.0)).unwrap_or_default(),
            right.windows.remove(&one.spot(one.talks.1)).unwrap_or_default(),
        );
        if let Some(difference) = differences.get_mut(one.index) {
            one.place(&blocks.0.bytes, &blocks.1.bytes, difference);
            one.ask(one.talks.0, difference.at, difference.kind, &mut near_a);
            one.ask(one.talks.1, difference.at, difference.kind, &mut near_b);
        }
    }
    fetch(a, state, &mut near_a)?;
    fetch(b, state, &mut near_b)?;
    for one in open {
        if let Some(difference) = differences.get_mut(one.index) {
            one.answer(&near_a, &near_b, difference);
        }
    }
    Ok(())
}

impl Open {
    fn spot(&self, talk: usize) -> Spot {
        Spot { talk, dir: self.dir, track: self.track }
    }

    /// Fills in the place, and the frame or read that is there, from the block's bytes.
    fn place(&self, a: &[u8], b: &[u8], difference: &mut Difference) {
        let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        if same == a.len() && same == b.len() {
            // The file is not what it was a moment ago.
            return;
        }
        let size = record(self.track, matches!(difference.kind, Kind::Datagrams(_)));
        let at = (self.block.saturating_mul(BLOCK).saturating_add(same as u64)) / size;
        difference.at = Some(at);
        let size = usize::try_from(size).unwrap_or(1);
        let start = same / size * size;
        difference.a.found = self.record(a.get(start..).unwrap_or_default());
        difference.b.found = self.record(b.get(start..).unwrap_or_default());
    }

    /// The frame or read whose record begins here.
    fn record(&self, bytes: &[u8]) -> Found {
        let (first, rest) = bytes.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let first = u64::from_be_bytes(*first);
        match (self.track, rest.first_chunk()) {
            (Track::Frames, Some(len)) => {
                Found::Frame { off: first, len: u64::from_be_bytes(*len) }
            }
            (Track::Reads, _) if bytes.len() >= 8 => Found::Read(first),
            _ => Found::Nothing,
        }
    }

    /// Asks for what stands around the place.
    fn ask(&self, talk: usize, at: Option<u64>, kind: Kind, places: &mut Places) {
        match (at, kind) {
            (Some(at), Kind::Bytes(_)) => {
                let from = at.saturating_sub(CONTEXT);
                let window = Window::new(from, at.saturating_add(CONTEXT));
                places.windows.insert(self.spot(talk), window);
            }
            (Some(at), Kind::Datagrams(dir)) => {
                places.datagrams.insert((talk, dir), Datagram::new(at));
            }
            _ => {}
        }
    }

    fn answer(&self, a: &Places, b: &Places, difference: &mut Difference) {
        let Some(at) = difference.at else {
            return;
        };
        match difference.kind {
            Kind::Bytes(_) => {
                let context = CONTEXT.min(at);
                for (end, places, talk) in
                    [(&mut difference.a, a, self.talks.0), (&mut difference.b, b, self.talks.1)]
                {
                    let window = places.windows.get(&self.spot(talk));
                    let bytes = window.map(|window| window.bytes.as_slice()).unwrap_or_default();
                    end.found = around(bytes, context, at, end.len);
                }
            }
            Kind::Datagrams(dir) => {
                let get = |places: &Places, talk| {
                    let datagram = places.datagrams.get(&(talk, dir));
                    datagram.and_then(|datagram| datagram.found.clone())
                };
                let (a, b) = (get(a, self.talks.0), get(b, self.talks.1));
                (difference.a.found, difference.b.found) = datagrams(a, b);
            }
            _ => {}
        }
    }
}

/// Both datagrams, around the first byte that differs.
fn datagrams(a: Option<(u64, Vec<u8>)>, b: Option<(u64, Vec<u8>)>) -> (Found, Found) {
    let at = match (&a, &b) {
        (Some((_, a)), Some((_, b))) => a.iter().zip(b).take_while(|(a, b)| a == b).count() as u64,
        _ => 0,
    };
    let context = CONTEXT.min(at);
    let found = |one: Option<(u64, Vec<u8>)>| match one {
        Some((len, bytes)) => {
            let from = usize::try_from(at - context).unwrap_or(usize::MAX);
            around(bytes.get(from..).unwrap_or_default(), context, at, len)
        }
        None => Found::Nothing,
    };
    (found(a), found(b))
}

/// `bytes` begin `context` before `off`.
fn around(bytes: &[u8], context: u64, off: u64, len: u64) -> Found {
    let split = usize::try_from(context).unwrap_or(usize::MAX).min(bytes.len());
    let (before, from) = bytes.split_at_checked(split).unwrap_or((bytes, &[]));
    let most = usize::try_from(CONTEXT).unwrap_or(usize::MAX);
    let from = from.get(..most).unwrap_or(from);
    Found::Bytes { before: before.to_vec(), from: from.to_vec(), off, len }
}
