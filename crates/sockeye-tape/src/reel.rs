//! A reel: a tape that is read while it is recorded. The file is the tape's own form; an
//! index in memory says where in it each event lies. Beyond a limit the oldest events are
//! forgotten. No sockets, no clock, and no watching: who is told that it grew is decided above.

pub mod entry;
mod index;
mod hole;
pub mod reading;
mod restated;
mod saving;
mod adopting;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::RwLockReadGuard;
use std::sync::RwLockWriteGuard;

use crate::error::TapeError;
use crate::event::Event;
use crate::header::Header;
use crate::recorder::Recorder;
use crate::reel::index::Index;
use crate::reel::reading::Reading;
use crate::reel::reading::handle;

/// How much a reel keeps. Beyond either the oldest events are forgotten, a quarter at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Bytes of the file.
    pub bytes: u64,
    /// Events, at most `u32::MAX`.
    pub events: u64,
}

/// What was not whole in a tape that was adopted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Bytes of a last line that was cut off.
    pub torn: u64,
    /// Lines that are no events.
    pub corrupt: u64,
    /// Events of unknown kind, of a newer program most likely.
    pub unknown: u64,
}

/// A tape that is read while it is recorded. Its events are numbered from 0 on.
#[derive(Debug)]
pub struct Reel {
    recorder: Recorder,
    shared: Arc<Shared>,
    limit: Limit,
    /// The file is our own: the head of it may be given back to the disk.
    ours: bool,
    /// The last line was read, but lacks its end.
    lacks_end: bool,
    damage: Damage,
}

/// What the writing and the reading side have in common.
#[derive(Debug)]
struct Shared {
    path: PathBuf,
    /// Read at given places alone: its cursor is the recorder's.
    file: File,
    header: Header,
    /// Where in the file the header ends.
    body: u64,
    /// Where the events lie. Forgetting comes here first and frees the disk afterwards, so that
    /// a reader who finds its event still kept *after* reading has read that very event.
    index: RwLock<Index>,
}

impl Reel {
    /// Makes the file, for its owner only (0600), and writes the header to it. A file that has
    /// something in it is refused ([`TapeError::Exists`]).
    pub fn create(path: &Path, header: &Header, limit: Limit) -> Result<Self, TapeError> {
        let failed = |source| TapeError::Create { path: path.to_owned(), source };
        let file = open(path, Missing::Made).map_err(failed)?;
        let reading = handle(&file, path).map_err(failed)?;
        let recorder = Recorder::begin(path, file, header, false)?;
        let shared = Shared {
            path: path.to_owned(),
            file: reading,
            header: header.clone(),
            body: recorder.written(),
            index: RwLock::default(),
        };
        Ok(Self {
            recorder,
            shared: Arc::new(shared),
            limit,
            ours: true,
            lacks_end: false,
            damage: Damage::default(),
        })
    }

    /// Appends an event and gives its number. It may wait in memory, up to 256 KiB of lines, for
    /// [`Reel::flush`], and is read from then on. A read or write of more than 16 MiB becomes
    /// several events, with a note before them whose number is given.
    ///
    /// After an error the reel ends with the last event that fitted, which can be read as
    /// before, and every later call is refused ([`TapeError::Ended`]).
    pub fn record(&mut self, event: &Event<'_>) -> Result<u64, TapeError> {
        if std::mem::take(&mut self.lacks_end) {
            self.recorder.end_line();
        }
        let mut index = self.shared.index_mut();
        let number = index.len();
        let recorded = self.recorder.record_each(event, &mut |event, at| index.push(event, at));
        drop(index);
        self.written(recorded)?;
        self.forget();
        Ok(number)
    }

    /// Hands everything to the operating system: it can be read afterwards.
    pub fn flush(&mut self) -> Result<(), TapeError> {
        let flushed = self.recorder.flush();
        self.written(flushed)
    }

    /// What can be read after an attempt to write.
    fn written(&self, outcome: Result<(), TapeError>) -> Result<(), TapeError> {
        let mut index = self.shared.index_mut();
        match outcome {
            Ok(()) if self.recorder.waiting() == 0 => index.settle(),
            Ok(()) => {}
            Err(_) => index.cut(self.recorder.written()),
        }
        outcome
    }

    /// The first line of the tape.
    pub fn header(&self) -> &Header {
        &self.shared.header
    }

    /// The file, as it was given.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// How much it keeps.
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// How many numbers have been given so far: the number of the next event.
    pub fn len(&self) -> u64 {
        self.shared.index().len()
    }

    /// Whether there was no event yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The lowest number that is still kept.
    pub fn first(&self) -> u64 {
        self.shared.index().first()
    }

    /// How many events have been forgotten.
    pub fn forgotten(&self) -> u64 {
        self.first()
    }

    /// What was not whole in the tape that was adopted.
    pub fn damage(&self) -> Damage {
        self.damage
    }

    /// A handle to read by, which needs no lock of the caller's. It sees what has been flushed.
    pub fn reading(&self) -> Reading {
        Reading::new(self.shared.clone())
    }

    /// Forgets the oldest quarter if there is more than the limit says.
    fn forget(&mut self) {
        let most = self.limit.events.clamp(1, u64::from(u32::MAX));
        let mut index = self.shared.index_mut();
        let end = index.last().map_or(self.shared.body, |entry| entry.end());
        let begin = index.entry(index.first()).map_or(end, |entry| entry.at);
        if index.len() - index.first() <= most && end - begin <= self.limit.bytes {
            return;
        }
        let fewer = index.len().saturating_sub(most - most / 4);
        let room = self.limit.bytes - self.limit.bytes / 4;
        let smaller = index.lowest(|entry| end - entry.at <= room);
        // The last one that can be read stays, whatever its size.
        let first = fewer.max(smaller).min(index.written().saturating_sub(1));
        let gone = index.forget(first);
        restated::remember(&self.shared.file, &mut index, &gone);
        let kept = index.entry(index.first()).map_or(begin, |entry| entry.at);
        let head = restated::head(&index);
        drop(index);
        if self.ours {
            // The last line's end stays: the first one that is kept begins after it.
            hole::punch(&self.shared.file, self.shared.body..kept.saturating_sub(1), &head);
        }
    }
}

impl Drop for Reel {
    fn drop(&mut self) {
        // Whoever wants to know has called `flush`.
        drop(self.flush());
        // A handle that is still read by must not keep others from taking the file up.
        drop(self.shared.file.unlock());
    }
}

impl Shared {
    fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What to do about a file that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    Made,
    Refused,
}

/// Opened for both, and not for appending alone: what is read and written at given places
/// must go there.
fn open(path: &Path, missing: Missing) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(missing == Missing::Made).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
