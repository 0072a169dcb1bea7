//! A tape that is there already, taken up as a reel: of a workbench that was killed, or from
//! the user's disk. Nobody has checked it.

use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::ErrorKind;
use std::io::Seek;
use std::io::SeekFrom;
use std::path::Path;
use std::sync::Arc;
use std::sync::RwLock;

use crate::error::TapeError;
use crate::lines::Found;
use crate::lines::Lines;
use crate::reader::BUFFER;
use crate::reader::LINE_LIMIT;
use crate::reader::event;
use crate::reader::header;
use crate::reader::is_blank;
use crate::recorder::Recorder;
use crate::reel::Damage;
use crate::reel::Limit;
use crate::reel::Missing;
use crate::reel::Reel;
use crate::reel::Shared;
use crate::reel::index::Index;
use crate::reel::open;
use crate::reel::reading::handle;
use crate::reel::restated::Restated;
use crate::reel::restated::remember;

impl Reel {
    /// Takes up a tape that is there, and reads all of it once. Lines that are no events are
    /// passed over and counted ([`Reel::damage`]); a last line that a crash has cut is cut off
    /// the file where that can be written. Of more events than the limit says the oldest are
    /// forgotten, but stay in the file. What is recorded goes on after its end.
    pub fn adopt(path: &Path, limit: Limit) -> Result<Self, TapeError> {
        let failed = |source| TapeError::Open { path: path.to_owned(), source };
        let unread = |source| TapeError::Read { path: path.to_owned(), source };
        let file = match open(path, Missing::Refused) {
            Err(error) if is_read_only(&error) => File::open(path),
            opened => opened,
        };
        let mut file = file.map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(failed(io::Error::new(ErrorKind::InvalidInput, "it is no regular file")));
        }
        if let Err(std::fs::TryLockError::WouldBlock) = file.try_lock() {
            return Err(TapeError::Busy { path: path.to_owned() });
        }
        let source = BufReader::with_capacity(BUFFER, file.try_clone().map_err(failed)?);
        let reading = handle(&file, path).map_err(failed)?;
        let mut lines = Lines::new(source, LINE_LIMIT);
        let found = lines.first().map_err(unread)?;
        let header = header(path, found, &lines.text)?;
        let body = lines.length + u64::from(found == Found::Whole);
        let mut taken =
            Taken { limit, at: body, lacks_end: found == Found::Cut, ..Taken::default() };
        while taken.line(&mut lines, &reading).map_err(unread)? {}
        // What is cut off is torn: it may fail, as it does for a file that is read only.
        if taken.damage.torn > 0 {
            drop(file.set_len(taken.at));
        }
        file.seek(SeekFrom::Start(taken.at)).map_err(unread)?;
        taken.index.settle();
        let shared = Shared {
            path: path.to_owned(),
            file: reading,
            header,
            body,
            index: RwLock::new(taken.index),
        };
        let mut reel = Self {
            recorder: Recorder::resume(path, file, taken.at),
            shared: Arc::new(shared),
            limit,
            ours: false,
            lacks_end: taken.lacks_end,
            damage: taken.damage,
        };
        reel.forget();
        Ok(reel)
    }
}

/// What has been taken of a tape so far.
#[derive(Debug)]
struct Taken {
    index: Index,
    limit: Limit,
    /// Where what has been read ends.
    at: u64,
    lacks_end: bool,
    /// A reel's own head is being read, up to its hole.
    in_head: bool,
    damage: Damage,
}

impl Default for Taken {
    fn default() -> Self {
        Self {
            index: Index::default(),
            limit: Limit { bytes: u64::MAX, events: u64::MAX },
            at: 0,
            lacks_end: false,
            in_head: false,
            damage: Damage::default(),
        }
    }
}

impl Taken {
    /// Takes the next line. False: there is none.
    fn line(&mut self, lines: &mut Lines<BufReader<File>>, file: &File) -> io::Result<bool> {
        let found = lines.advance()?;
        let cut = match found {
            Found::End => return Ok(false),
            Found::Cut | Found::TooLongCut => true,
            Found::Whole | Found::TooLong => false,
        };
        let end = self.at + lines.length + u64::from(!cut);
        let told = match found {
            Found::TooLong | Found::TooLongCut => Err(TapeError::TooLong { limit: LINE_LIMIT }),
            _ if is_blank(&lines.text) => {
                self.at = end;
                self.lacks_end = cut && lines.length > 0;
                return Ok(true);
            }
            _ => event(&lines.text),
        };
        match told {
            Ok(event) => self.index.push(&event, self.at..end),
            Err(TapeError::Unknown { .. }) => self.unknown(&lines.text),
            Err(_) if !cut && self.is_hole(&lines.text) => self.in_head = false,
            Err(_) if cut => {
                self.damage.torn = lines.length;
                return Ok(false);
            }
            Err(_) => self.damage.corrupt += 1,
        }
        self.at = end;
        self.lacks_end = cut;
        self.keep_within_limit(file);
        Ok(true)
    }

    /// An event of unknown kind: of a newer program, or what a reel tells in place of the events
    /// that it forgot.
    fn unknown(&mut self, line: &[u8]) {
        let restated = Restated::read(line).filter(|_| self.index.last().is_none());
        match restated {
            Some(Restated::Forgotten { events }) => {
                self.index.begin_at(events);
                self.in_head = true;
            }
            Some(Restated::Begins { c, dir, off }) if self.in_head => {
                self.index.begin_stream(c, dir, off);
            }
            _ => self.damage.unknown += 1,
        }
    }

    /// Whether a line is what forgetting left of those that stood here: zeros, which may be too
    /// many to be kept as a line.
    fn is_hole(&self, line: &[u8]) -> bool {
        self.in_head && line.iter().all(|&byte| byte == 0)
    }

    fn keep_within_limit(&mut self, file: &File) {
        let most = self.limit.events.clamp(1, u64::from(u32::MAX));
        if self.index.len() - self.index.first() > most {
            self.index.settle();
            let gone = self.index.forget(self.index.len().saturating_sub(most - most / 4));
            remember(file, &mut self.index, &gone);
        }
    }
}

fn is_read_only(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}
