//! The first look at a tape to compare: its conversations, and the digest of each track.
//! Bounded: a kilobyte a conversation, and 8 bytes for each block of a track.

use std::hash::RandomState;
use std::path::Path;

use crate::digest::Digest;
use crate::error::TapeError;
use crate::event::By;
use crate::event::Dir;
use crate::event::How;
use crate::event::Role;
use crate::event::What;
use crate::reader::Tape;
use crate::tracks::MOST;
use crate::tracks::Track;
use crate::tracks::Tracks;
use crate::tracks::walk;

/// The most characters of a transport's name that count.
const NAME: usize = 40;

/// What a tape has.
#[derive(Debug)]
pub(crate) struct Survey {
    /// The conversations, in the order in which they opened.
    pub(crate) talks: Vec<Talk>,
    /// The tape, read to its end.
    pub(crate) tape: Tape,
}

/// One conversation.
#[derive(Debug)]
pub(crate) struct Talk {
    /// Its number on the tape.
    pub(crate) c: u64,
    /// Its transport, cut to a sensible length; empty if it was never opened.
    pub(crate) proto: String,
    /// Who called whom.
    pub(crate) role: Option<Role>,
    /// Whether its bytes are datagrams.
    pub(crate) datagrams: bool,
    /// How it ended.
    pub(crate) close: Option<(By, How)>,
    came: Side,
    went: Side,
}

/// One direction.
#[derive(Debug)]
struct Side {
    /// How many bytes, in streams and datagrams alike.
    total: u64,
    bytes: Digest,
    frames: Digest,
    reads: Digest,
}

impl Talk {
    fn new(c: u64, datagrams: bool, state: &RandomState) -> Self {
        let side = || Side {
            total: 0,
            bytes: Digest::new(state),
            frames: Digest::new(state),
            reads: Digest::new(state),
        };
        let (proto, role, close) = (String::new(), None, None);
        Self { c, proto, role, datagrams, close, came: side(), went: side() }
    }

    /// The digest of a track.
    pub(crate) fn digest(&self, dir: Dir, track: Track) -> &Digest {
        let side = self.side(dir);
        match track {
            Track::Bytes => &side.bytes,
            Track::Frames => &side.frames,
            Track::Reads => &side.reads,
        }
    }

    /// How many bytes went in a direction.
    pub(crate) fn total(&self, dir: Dir) -> u64 {
        self.side(dir).total
    }

    fn side(&self, dir: Dir) -> &Side {
        match dir {
            Dir::In => &self.came,
            Dir::Out => &self.went,
        }
    }

    fn side_mut(&mut self, dir: Dir) -> &mut Side {
        match dir {
            Dir::In => &mut self.came,
            Dir::Out => &mut self.went,
        }
    }

    fn add(&mut self, dir: Dir, track: Track, part: &[u8]) {
        let side = self.side_mut(dir);
        match track {
            Track::Bytes => side.bytes.push(part),
            Track::Frames => side.frames.push(part),
            Track::Reads => side.reads.push(part),
        }
    }

    fn take(&mut self, what: &What<'_>) {
        match what {
            What::Open(open) => {
                self.proto = open.proto.chars().take(NAME).collect();
                self.role = Some(open.role);
            }
            What::Close(close) => self.close = Some((close.by, close.how)),
            What::In { bytes, .. } => self.came.total += bytes.len() as u64,
            What::Out { bytes, .. } => self.went.total += bytes.len() as u64,
            _ => {}
        }
    }
}

/// Reads a tape once. Both tapes that are compared are to be read with the same `state`.
pub(crate) fn survey(
    path: &Path,
    state: &RandomState,
    damaged: &mut dyn FnMut(TapeError),
) -> Result<Survey, TapeError> {
    let mut tracks = Tracks::new(state);
    let mut talks: Vec<Talk> = Vec::new();
    let tape = walk(path, damaged, &mut |event| {
        let too_many = || TapeError::TooMany { path: path.to_owned(), limit: MOST };
        let index = tracks.talk(&event).ok_or_else(too_many)?;
        if index == talks.len() {
            talks.push(Talk::new(event.c, tracks.is_datagrams(index), state));
        }
        if let Some(talk) = talks.get_mut(index) {
            talk.take(&event.what);
            tracks.parts(index, &event, |spot, part| talk.add(spot.dir, spot.track, part));
        }
        Ok(())
    })?;
    Ok(Survey { talks, tape })
}
