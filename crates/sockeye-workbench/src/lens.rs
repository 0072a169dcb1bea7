//! A lens: frames found afterwards, by any framing, among the events of a reel. It is fed
//! with them in order and remembers where each frame lies. It reads nothing and has no clock.

mod place;
#[cfg(test)]
mod tests;
mod way;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use sockeye_tape::event::{Dir, Event, What};
use sockeye_tape::reel::entry::Entry;
use sockeye_wire::framing::{Framing, Rule};

use crate::lens::way::{Read, Way};

/// Directions that are looked at. Those of further conversations are not.
const WAYS: usize = 131_072;

/// Bytes of unfinished frames that are held, over all directions.
const HELD: usize = 64 * 1024 * 1024;

/// Frames whose places are remembered for [`Lens::touching`]. Beyond it the oldest of the
/// direction that goes on are not. A place takes 16 bytes.
const PLACES: usize = 10_000_000;

/// Notes that are kept.
const NOTES: usize = 1000;

/// A frame that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The read or write in which it was complete.
    pub number: u64,
    /// The number of its conversation.
    pub c: u64,
    /// Its direction.
    pub dir: Dir,
    /// Offset of its first byte in its direction's stream, header and delimiter included.
    pub off: u64,
    /// How many bytes of the stream it takes.
    pub len: u64,
    /// When it was complete: the time of that read or write.
    pub t: Duration,
    /// False: a piece of a longer one, or broken in itself.
    pub whole: bool,
}

/// A direction in which nothing more is found, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The event at which it ended.
    pub number: u64,
    /// The number of the conversation.
    pub c: u64,
    /// The direction.
    pub dir: Dir,
    /// Why: the framing's own sentence (`E-frame`), say.
    pub why: String,
}

/// The part of a frame that lies in a read or write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bracket {
    /// Its first byte, counted from the first byte of the read or write.
    pub from: u64,
    /// How many bytes of it lie here.
    pub len: u64,
    /// It began before.
    pub before: bool,
    /// It goes on after.
    pub after: bool,
}

/// Frames found afterwards. Each datagram is one. Without a framing the frames are those that
/// the tape tells itself.
#[derive(Debug)]
pub struct Lens {
    framing: Option<Framing>,
    gap: bool,
    ways: HashMap<(u64, Dir), Way>,
    /// Conversations of datagrams.
    datagrams: HashSet<u64>,
    /// When silences end frames, in the order of time; of `gap` alone.
    due: BTreeSet<(Duration, u64, Dir)>,
    held: usize,
    places: usize,
    /// So many places are remembered.
    most: usize,
    broken: Vec<Broken>,
    overlooked: u64,
}

impl Lens {
    /// A lens that has seen nothing.
    pub fn new(framing: Option<Framing>) -> Self {
        let gap = framing.as_ref().is_some_and(|framing| matches!(framing.rule(), Rule::Gap(_)));
        Self {
            framing,
            gap,
            ways: HashMap::new(),
            datagrams: HashSet::new(),
            due: BTreeSet::new(),
            held: 0,
            places: 0,
            most: PLACES,
            broken: Vec::new(),
            overlooked: 0,
        }
    }

    /// The same, remembering no places: who asks for the frames alone.
    #[must_use]
    pub fn forgetful(self) -> Self {
        Self { most: 0, ..self }
    }

    /// Takes the next event with its number and what the index knows of it, and gives each
    /// frame that is found by it, with its bytes as they stand in the stream where they are at
    /// hand. Frames come in the order in which they were complete. An offset that does not
    /// follow on the last one (what lay between is forgotten) begins anew.
    pub fn take(
        &mut self,
        number: u64,
        entry: &Entry,
        event: &Event<'_>,
        found: &mut impl FnMut(Found, Option<&[u8]>),
    ) {
        self.tick(event.t, found);
        match &event.what {
            What::Open(open) => {
                let full = self.datagrams.len() >= WAYS;
                if !full && matches!(open.proto.as_str(), "udp" | "unixgram") {
                    self.datagrams.insert(event.c);
                }
            }
            What::In { bytes, from: who } => {
                let read = Read { number, t: event.t, off: entry.off, bytes };
                self.bytes((event.c, Dir::In), who.is_some(), &read, found);
            }
            What::Out { bytes, to: who } => {
                let read = Read { number, t: event.t, off: entry.off, bytes };
                self.bytes((event.c, Dir::Out), who.is_some(), &read, found);
            }
            What::Frame { dir, off, len } if self.framing.is_none() => {
                self.told((event.c, *dir), *off, *len, found);
            }
            What::Close(_) => {
                self.close((event.c, Dir::In), number, found);
                self.close((event.c, Dir::Out), number, found);
                self.datagrams.remove(&event.c);
            }
            _ => {}
        }
    }

    /// It is `at` on the reel's clock, and no event came since the last one: a frame that a
    /// silence ends may be whole.
    pub fn tick(&mut self, at: Duration, found: &mut impl FnMut(Found, Option<&[u8]>)) {
        while let Some(&(when, c, dir)) = self.due.first().filter(|(when, ..)| *when <= at) {
            self.due.pop_first();
            self.work((c, dir), |way, found| way.tick(when, found), found);
        }
    }

    /// The directions in which nothing more is found, at most 1,000 of them.
    pub fn broken(&self) -> &[Broken] {
        &self.broken
    }

    /// Reads and writes that were not looked at, because there were too many conversations.
    pub fn overlooked(&self) -> u64 {
        self.overlooked
    }

    /// The frames that have bytes in `len` bytes of a direction's stream from `off` on, at most
    /// `most`: those found so far and remembered.
    pub fn touching(&self, (c, dir): (u64, Dir), off: u64, len: u64, most: usize) -> Vec<Bracket> {
        let way = self.ways.get(&(c, dir));
        way.map(|way| way.places.touching(off, len, most)).unwrap_or_default()
    }

    /// The reel has forgotten the events before `first`.
    pub fn forget(&mut self, first: u64) {
        for way in self.ways.values_mut() {
            self.places -= way.places.forget(first);
        }
        self.ways.retain(|_, way| !(way.is_over() && way.places.is_empty()));
    }

    fn bytes(
        &mut self,
        key: (u64, Dir),
        named: bool,
        read: &Read<'_>,
        found: &mut impl FnMut(Found, Option<&[u8]>),
    ) {
        let datagram = named || self.datagrams.contains(&key.0);
        if !self.ways.contains_key(&key) {
            if self.ways.len() >= WAYS {
                self.overlooked += 1;
                return;
            }
            self.ways.insert(key, Way::new(key, self.framing.clone(), read.off));
        }
        let work = |way: &mut Way, found: &mut dyn FnMut(Found, Option<&[u8]>)| {
            if datagram { way.datagram(read, found) } else { way.push(read, found) }
        };
        self.work(key, work, found);
    }

    fn told(
        &mut self,
        key: (u64, Dir),
        off: u64,
        len: u64,
        found: &mut impl FnMut(Found, Option<&[u8]>),
    ) {
        if !self.datagrams.contains(&key.0) {
            self.work(key, |way, found| way.told(off, len, found), found);
        }
    }

    fn close(
        &mut self,
        key: (u64, Dir),
        number: u64,
        found: &mut impl FnMut(Found, Option<&[u8]>),
    ) {
        self.work(key, |way, found| way.close(number, found), found);
    }

    /// Lets a direction work, and does the accounts.
    fn work(
        &mut self,
        key: (u64, Dir),
        work: impl FnOnce(&mut Way, &mut dyn FnMut(Found, Option<&[u8]>)),
        found: &mut impl FnMut(Found, Option<&[u8]>),
    ) {
        let Some(way) = self.ways.get_mut(&key) else {
            return;
        };
        let (held, places, due) = (way.held(), way.places.len(), way.deadline());
        work(way, found);
        self.held = (self.held + way.held()).saturating_sub(held);
        if self.held > HELD {
            self.held = self.held.saturating_sub(way.held());
            way.relieve();
        }
        self.places = (self.places + way.places.len()).saturating_sub(places);
        if self.places > self.most {
            self.places -= way.places.drop_oldest(self.places - self.most);
        }
        if self.gap && due != way.deadline() {
            due.map(|at| self.due.remove(&(at, key.0, key.1)));
            self.due.extend(way.deadline().map(|at| (at, key.0, key.1)));
        }
        if let Some(broken) = way.take_broken()
            && self.broken.len() < NOTES
        {
            self.broken.push(broken);
        }
    }
}
