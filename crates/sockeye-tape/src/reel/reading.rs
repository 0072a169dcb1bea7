//! Reading a reel at random while it is recorded: events by their numbers, bytes by where
//! they lie in their stream.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::error::TapeError;
use crate::event::Dir;
use crate::event::Event;
use crate::event::What;
use crate::header::Header;
use crate::reader::event;
use crate::reel::Shared;
use crate::reel::entry::Entry;

/// The most bytes of lines that are read at once, unless one line alone has more.
pub const BATCH: u64 = 4 * 1024 * 1024;

/// The most events that one call gives.
pub const MOST: usize = 65_536;

/// The most bytes of a stream that one call gives.
pub const BYTES: u64 = 16 * 1024 * 1024;

/// The reading side of a reel: cheap to clone, and of any thread. It holds nothing up but for
/// as long as it looks into the index. What has been forgotten meanwhile is
/// [`TapeError::Forgotten`], never another event.
#[derive(Clone, Debug)]
pub struct Reading {
    pub(super) shared: Arc<Shared>,
    len: u64,
}

impl Reading {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let len = shared.index().written();
        Self { shared, len }
    }

    /// The first line of the tape.
    pub fn header(&self) -> &Header {
        &self.shared.header
    }

    /// How many events there were to read when this handle was taken, those that are forgotten
    /// included: the number of the next event.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The lowest number that is kept by now.
    pub fn first(&self) -> u64 {
        self.shared.index().first()
    }

    /// What the index knows of an event; none of one that is forgotten or yet to come.
    pub fn entry(&self, number: u64) -> Option<Entry> {
        if number >= self.len {
            return None;
        }
        self.shared.index().entry(number)
    }

    /// What the index knows of those of these events that are kept, at most [`MOST`]. The first
    /// of them is the number `range.start.max(first)`, which is told with them.
    pub fn entries(&self, range: Range<u64>) -> (u64, Vec<Entry>) {
        let index = self.shared.index();
        let range = range.start.max(index.first())..range.end.min(self.len);
        (range.start, index.entries(range, MOST))
    }

    /// One event.
    pub fn event(&self, number: u64) -> Result<Option<Event<'static>>, TapeError> {
        let events = self.events(number..number.saturating_add(1))?;
        Ok(events.into_iter().next())
    }

    /// The events of these numbers, in order, the first being that of `range.start`: fewer
    /// where they end, at most [`MOST`], and so many as lie within [`BATCH`] bytes, but one at
    /// least. [`TapeError::Forgotten`] if `range.start` is no longer kept.
    pub fn events(&self, range: Range<u64>) -> Result<Vec<Event<'static>>, TapeError> {
        let start = range.start;
        let entries = self.batch(range)?;
        let read = self.read(&entries);
        // Only now is it certain that what was read is what the entries said.
        self.still(start)?;
        read
    }

    /// The entries of these events, as many as are read at once.
    pub(super) fn batch(&self, range: Range<u64>) -> Result<Vec<Entry>, TapeError> {
        let start = range.start;
        let (number, mut entries) = self.entries(range);
        if number != start {
            return Err(TapeError::Forgotten { number: start, first: number });
        }
        let begin = entries.first().map_or(0, |entry| entry.at);
        let fits = entries.iter().take_while(|entry| entry.end() - begin <= BATCH).count();
        entries.truncate(fits.max(1));
        Ok(entries)
    }

    /// Fails if the event is forgotten.
    pub(super) fn still(&self, number: u64) -> Result<(), TapeError> {
        let first = self.first();
        if number < first { Err(TapeError::Forgotten { number, first }) } else { Ok(()) }
    }

    fn read(&self, entries: &[Entry]) -> Result<Vec<Event<'static>>, TapeError> {
        let lines = self.lines(entries)?;
        let begin = entries.first().map_or(0, |entry| entry.at);
        let told = entries.iter().map(|entry| event(line(&lines, begin, entry)));
        told.collect()
    }

    /// The part of the file in which these lines lie.
    pub(super) fn lines(&self, entries: &[Entry]) -> Result<Vec<u8>, TapeError> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            return Ok(Vec::new());
        };
        let len = usize::try_from(last.end() - first.at).unwrap_or(usize::MAX);
        let mut lines = vec![0; len];
        read_at(&self.shared.file, &mut lines, first.at)
            .map_err(|source| TapeError::Read { path: self.shared.path.clone(), source })?;
        Ok(lines)
    }

    /// Which bytes of a direction of a conversation are kept, as offsets in its stream; none if
    /// it never had any.
    pub fn span(&self, c: u64, dir: Dir) -> Option<Range<u64>> {
        self.shared.index().span(c, dir)
    }

    /// Whether a direction of a conversation is of datagrams: frame events then say where in
    /// their datagram they lie, not where in the stream.
    pub fn is_datagrams(&self, c: u64, dir: Dir) -> bool {
        self.shared.index().is_datagrams(c, dir)
    }

    /// The numbers of the reads or writes that have bytes of this range of a direction's
    /// stream, in order, at most [`MOST`].
    pub fn across(&self, c: u64, dir: Dir, range: Range<u64>) -> Vec<u64> {
        self.shared.index().across(c, dir, range, MOST)
    }

    /// The bytes of a direction's stream from `off` on, across reads: `len` of them, fewer
    /// where the stream ends, at most [`BYTES`], and of [`MOST`] reads or writes.
    /// [`TapeError::Forgotten`] if the first of them is no longer kept.
    pub fn bytes(&self, c: u64, dir: Dir, off: u64, len: u64) -> Result<Vec<u8>, TapeError> {
        let range = off..off.saturating_add(len.min(BYTES));
        let mut bytes = Vec::new();
        for number in self.across(c, dir, range.clone()) {
            let (Some(entry), Some(event)) = (self.entry(number), self.event(number)?) else {
                break;
            };
            let (What::In { bytes: data, .. } | What::Out { bytes: data, .. }) = &event.what else {
                break;
            };
            let next = off + bytes.len() as u64;
            let Some(begin) = next.checked_sub(entry.off) else {
                // The first bytes asked for lie before what is kept.
                return Err(TapeError::Forgotten { number, first: number });
            };
            let begin = usize::try_from(begin).unwrap_or(usize::MAX);
            let rest = data.get(begin..).unwrap_or_default();
            let wanted = usize::try_from(range.end - next).unwrap_or(usize::MAX);
            bytes.extend_from_slice(rest.get(..wanted).unwrap_or(rest));
        }
        if bytes.is_empty() && self.span(c, dir).is_some_and(|kept| off < kept.start) {
            let first = self.first();
            return Err(TapeError::Forgotten { number: first.saturating_sub(1), first });
        }
        Ok(bytes)
    }
}

/// The line of an entry, in a part of the file that begins at `begin`.
pub(super) fn line<'a>(lines: &'a [u8], begin: u64, entry: &Entry) -> &'a [u8] {
    let place = |at: u64| usize::try_from(at - begin).unwrap_or(usize::MAX);
    lines.get(place(entry.at)..place(entry.end())).unwrap_or_default()
}

/// A handle of the same file to read by: it does not move the cursor of the recorder's.
#[cfg(unix)]
pub(super) fn handle(file: &File, _path: &Path) -> io::Result<File> {
    file.try_clone()
}

#[cfg(not(unix))]
pub(super) fn handle(_file: &File, path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Reads at a place by such a handle.
#[cfg(unix)]
pub(super) fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(not(unix))]
pub(super) fn read_at(mut file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    /// Readers share the handle's cursor.
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(bytes)
}
