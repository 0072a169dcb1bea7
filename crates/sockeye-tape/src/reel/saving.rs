//! What a reel keeps, copied out as a tape of its own.

use std::collections::HashMap;
use std::io;
use std::io::Write;
use std::time::Duration;

use crate::error::TapeError;
use crate::event::Dir;
use crate::event::Event;
use crate::event::What;
use crate::json;
use crate::reader::event;
use crate::reel::entry::Entry;
use crate::reel::entry::Kind;
use crate::reel::reading::Reading;
use crate::reel::reading::line;

impl Reading {
    /// Copies out what is kept, as a tape: the header, then the events. Where the oldest are
    /// forgotten a note says so, conversations that go on are opened again, and frames are told
    /// by where they lie in what is left; those that began before it are left out. If more is
    /// forgotten meanwhile it fails with [`TapeError::Forgotten`] inside.
    pub fn save(&self, writer: &mut impl Write) -> io::Result<()> {
        let mut out = Vec::new();
        self.header().write(&mut out);
        let mut number = self.first();
        if number > 0 {
            self.opening(number, &mut out);
        }
        writer.write_all(&out)?;
        let mut begins = Begins { whole: number == 0, streams: HashMap::new() };
        while number < self.len() {
            let entries = self.batch(number..self.len()).map_err(io::Error::other)?;
            let Some(begin) = entries.first().map(|entry| entry.at) else {
                break;
            };
            let lines = self.lines(&entries);
            self.still(number).map_err(io::Error::other)?;
            let lines = lines.map_err(io::Error::other)?;
            out.clear();
            for entry in &entries {
                if let (true, Some(dir)) = (entry.kind.has_bytes(), entry.dir) {
                    // Frames of datagrams are told by where in one they lie.
                    let begin = || if self.is_datagrams(entry.c, dir) { 0 } else { entry.off };
                    begins.streams.entry((entry.c, dir)).or_insert_with(begin);
                }
                let copied = begins.copy(entry, line(&lines, begin, entry), &mut out);
                copied.map_err(io::Error::other)?;
            }
            writer.write_all(&out)?;
            number += entries.len() as u64;
        }
        Ok(())
    }

    /// What stands in the place of the events before `number`.
    fn opening(&self, number: u64, out: &mut Vec<u8>) {
        let t = Duration::from_nanos(self.entry(number).map_or(0, |entry| entry.t));
        let text = format!("the first {number} events are forgotten");
        json::write(&Event { t, c: 0, what: What::Note { text } }, out);
        self.shared.index().opens().for_each(|open| out.extend_from_slice(open));
    }
}

/// Where what is left of each direction begins in its stream.
#[derive(Debug)]
struct Begins {
    /// Nothing is forgotten.
    whole: bool,
    streams: HashMap<(u64, Dir), u64>,
}

impl Begins {
    /// Copies a line, or what is to stand in its place.
    fn copy(&mut self, entry: &Entry, line: &[u8], out: &mut Vec<u8>) -> Result<(), TapeError> {
        if let (false, Kind::Frame, Some(dir)) = (self.whole, entry.kind, entry.dir) {
            // Of a direction none of whose bytes has come yet nothing is left but the frame.
            let begin = self.streams.get(&(entry.c, dir)).copied();
            let mut frame = event(line)?;
            if let (What::Frame { off, .. }, Some(begin)) = (&mut frame.what, begin)
                && let Some(left) = off.checked_sub(begin)
            {
                *off = left;
                json::write(&frame, out);
            }
            return Ok(());
        }
        out.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            out.push(b'\n');
        }
        Ok(())
    }
}
