//! The second and third look at a tape to compare: the bytes of given places in it, and
//! nothing else. Bounded by the places that are asked for.

use std::collections::BTreeMap;
use std::hash::RandomState;
use std::path::Path;

use crate::error::TapeError;
use crate::event::Dir;
use crate::event::What;
use crate::tracks::Spot;
use crate::tracks::Tracks;
use crate::tracks::walk;

/// The most bytes that are kept of a datagram.
pub(crate) const DATAGRAM: usize = 4096;

/// What is asked for on a tape, and after [`fetch`] what was found there.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Bytes of a track.
    pub(crate) windows: BTreeMap<Spot, Window>,
    /// Datagrams, by conversation and direction.
    pub(crate) datagrams: BTreeMap<(usize, Dir), Datagram>,
}

/// Bytes `from` to `to` of a track.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// How much of the track has gone by.
    passed: u64,
    pub(crate) bytes: Vec<u8>,
}

/// A datagram by its number, from 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Datagram {
    pub(crate) index: u64,
    passed: u64,
    /// Its length, and its first bytes; none if there are not so many datagrams.
    pub(crate) found: Option<(u64, Vec<u8>)>,
}

impl Window {
    /// What is to be found.
    pub(crate) fn new(from: u64, to: u64) -> Self {
        Self { from, to, ..Self::default() }
    }

    fn pass(&mut self, part: &[u8]) {
        let start = self.passed;
        self.passed = start.saturating_add(part.len() as u64);
        let place = |at: u64| usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
        let (from, to) = (place(self.from).min(part.len()), place(self.to).min(part.len()));
        self.bytes.extend_from_slice(part.get(from..to).unwrap_or_default());
    }
}

impl Datagram {
    /// What is to be found.
    pub(crate) fn new(index: u64) -> Self {
        Self { index, ..Self::default() }
    }

    fn pass(&mut self, bytes: &[u8]) {
        if self.passed == self.index {
            let start = bytes.get(..DATAGRAM).unwrap_or(bytes);
            self.found = Some((bytes.len() as u64, start.to_vec()));
        }
        self.passed += 1;
    }
}

/// Reads the tape once more and fills in what was asked for. Damage has been told before.
pub(crate) fn fetch(
    path: &Path,
    state: &RandomState,
    places: &mut Places,
) -> Result<(), TapeError> {
    let mut tracks = Tracks::new(state);
    walk(path, &mut |_| {}, &mut |event| {
        let Some(talk) = tracks.talk(&event) else {
            return Ok(());
        };
        tracks.parts(talk, &event, |spot, part| {
            if let Some(window) = places.windows.get_mut(&spot) {
                window.pass(part);
            }
        });
        let (dir, bytes) = match &event.what {
            What::In { bytes, .. } => (Dir::In, bytes),
            What::Out { bytes, .. } => (Dir::Out, bytes),
            _ => return Ok(()),
        };
        if let Some(datagram) = places.datagrams.get_mut(&(talk, dir)) {
            datagram.pass(bytes);
        }
        Ok(())
    })?;
    Ok(())
}
