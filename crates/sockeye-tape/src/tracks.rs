//! A tape taken apart for comparing: its conversations, counted as they open, and in each
//! of them a few tracks of plain bytes. Nothing is kept here but the numbers in use.

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::path::Path;

use crate::error::TapeError;
use crate::event::Dir;
use crate::event::Event;
use crate::event::What;
use crate::reader::Tape;

/// The most conversations of a tape that are compared.
pub(crate) const MOST: usize = 65_536;

/// Something in a conversation that is compared from its beginning to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Track {
    /// The bytes; of datagrams a hash each.
    Bytes,
    /// Offset and length of each frame.
    Frames,
    /// The length of each read or write.
    Reads,
}

/// Where a track is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    /// The conversation: how many were opened before it.
    pub(crate) talk: usize,
    /// The direction.
    pub(crate) dir: Dir,
    /// Which track.
    pub(crate) track: Track,
}

/// A tape read in order, once.
#[derive(Debug)]
pub(crate) struct Tracks<'a> {
    state: &'a RandomState,
    /// The conversation that a number on the tape stands for by now.
    talks: BTreeMap<u64, usize>,
    /// Whether each conversation is of datagrams.
    datagrams: Vec<bool>,
}

impl<'a> Tracks<'a> {
    /// Before the first event. Datagrams are hashed by `state`.
    pub(crate) fn new(state: &'a RandomState) -> Self {
        Self { state, talks: BTreeMap::new(), datagrams: Vec::new() }
    }

    /// The conversation of an event: a new one at each open, and for a number that was
    /// never opened. None: there are too many.
    pub(crate) fn talk(&mut self, event: &Event<'_>) -> Option<usize> {
        let known = self.talks.get(&event.c).copied();
        let datagrams = match &event.what {
            What::Open(open) => matches!(open.proto.as_str(), "udp" | "unixgram"),
            _ if known.is_some() => return known,
            What::In { from: who, .. } | What::Out { to: who, .. } => who.is_some(),
            _ => false,
        };
        let talk = self.datagrams.len();
        if talk >= MOST {
            return None;
        }
        self.datagrams.push(datagrams);
        self.talks.insert(event.c, talk);
        Some(talk)
    }

    /// Whether a conversation is of datagrams.
    pub(crate) fn is_datagrams(&self, talk: usize) -> bool {
        self.datagrams.get(talk).copied().unwrap_or_default()
    }

    /// What an event adds to the tracks of its conversation.
    pub(crate) fn parts(&self, talk: usize, event: &Event<'_>, mut add: impl FnMut(Spot, &[u8])) {
        let (dir, bytes) = match &event.what {
            What::In { bytes, .. } => (Dir::In, bytes),
            What::Out { bytes, .. } => (Dir::Out, bytes),
            &What::Frame { dir, off, len } => {
                let spot = Spot { talk, dir, track: Track::Frames };
                add(spot, &[off.to_be_bytes(), len.to_be_bytes()].concat());
                return;
            }
            _ => return,
        };
        let spot = |track| Spot { talk, dir, track };
        if self.is_datagrams(talk) {
            let hash = self.state.hash_one(bytes.as_ref());
            add(spot(Track::Bytes), &hash.to_be_bytes());
        } else {
            add(spot(Track::Bytes), bytes);
            add(spot(Track::Reads), &(bytes.len() as u64).to_be_bytes());
        }
    }
}

/// Reads a tape to its end. Corrupt lines go to `damaged`; an end by the disk is an error.
pub(crate) fn walk(
    path: &Path,
    damaged: &mut dyn FnMut(TapeError),
    event: &mut dyn FnMut(Event<'static>) -> Result<(), TapeError>,
) -> Result<Tape, TapeError> {
    let mut tape = Tape::open(path)?;
    for read in &mut tape {
        match read {
            Ok(read) => event(read)?,
            Err(error @ TapeError::Line { .. }) => damaged(error),
            Err(error) => return Err(error),
        }
    }
    Ok(tape)
}
