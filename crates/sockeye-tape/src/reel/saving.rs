//! What a reel keeps, copied out as a tape of its own.

use std::collections::HashMap;
use std::io;
use std::io::Write;

use crate::error::TapeError;
use crate::event::Dir;
use crate::event::Event;
use crate::event::What;
use crate::json;
use crate::reader::event;
use crate::reel::entry::Entry;
use crate::reel::entry::Kind;
use crate::reel::reading::BATCH;
use crate::reel::reading::Reading;
use crate::reel::reading::line;

impl Reading {
    /// Copies out what is kept, as a tape: the header, then the events. Where the oldest are
    /// forgotten a note says so, and frames are told by where they lie in what is left; those
    /// that began before it are left out. It fails with [`TapeError::Forgotten`] inside if more
    /// is forgotten meanwhile.
    pub fn save(&self, writer: &mut impl Write) -> io::Result<()> {
        let mut out = Vec::new();
        self.header().write(&mut out);
        let mut number = self.first();
        if number > 0 {
            let text = format!("the first {number} events are forgotten");
            let t = std::time::Duration::from_nanos(self.entry(number).map_or(0, |entry| entry.t));
            json::write(&Event { t, c: 0, what: What::Note { text } }, &mut out);
        }
        writer.write_all(&out)?;
        let mut begins = Begins::default();
        while number < self.len() {
            let (first, mut entries) = self.entries(number..self.len());
            if first != number {
                return self.still(number).map_err(io::Error::other);
            }
            let begin = entries.first().map_or(0, |entry| entry.at);
            let fits = entries.iter().take_while(|entry| entry.end() - begin <= BATCH).count();
            entries.truncate(fits.max(1));
            if entries.is_empty() {
                break;
            }
            let lines = self.lines(&entries);
            self.still(number).map_err(io::Error::other)?;
            let lines = lines.map_err(io::Error::other)?;
            out.clear();
            for entry in &entries {
                begins
                    .copy(entry, line(&lines, begin, entry), &mut out)
                    .map_err(io::Error::other)?;
            }
            writer.write_all(&out)?;
            number += entries.len() as u64;
        }
        Ok(())
    }
}

/// Where what is left of each direction begins in its stream.
#[derive(Debug, Default)]
struct Begins {
    streams: HashMap<(u64, Dir), u64>,
}

impl Begins {
    /// Copies a line, or what is to stand in its place.
    fn copy(&mut self, entry: &Entry, line: &[u8], out: &mut Vec<u8>) -> Result<(), TapeError> {
        if let (Kind::Frame, Some(dir)) = (entry.kind, entry.dir)
            && let Some(moved) = self.streams.get(&(entry.c, dir)).filter(|begin| **begin > 0)
        {
            let mut frame = event(line)?;
            let What::Frame { off, .. } = &mut frame.what else {
                return Ok(());
            };
            let Some(left) = off.checked_sub(*moved) else {
                return Ok(());
            };
            *off = left;
            json::write(&frame, out);
            return Ok(());
        }
        out.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            out.push(b'\n');
        }
        Ok(())
    }
}
