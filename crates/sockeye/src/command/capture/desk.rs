//! Where packets go: through the scope to stdout and the tape, and as they are to a capture
//! file.

use std::path::Path;
use std::time::Duration;

use sockeye_tape::capture::Captured;
use sockeye_tape::capture::writing::{About, Writer};
use sockeye_tape::draft::Over;
use sockeye_tape::error::TapeError;
use sockeye_tape::header::Header;
use sockeye_tape::reader::Tape;
use sockeye_tape::recorder::Recorder;
use sockeye_text::plural::counted;
use sockeye_workbench::capture::joined;
use sockeye_workbench::capture::live::Sink;
use sockeye_workbench::capture::scope::{Found, Scope, Terms};
use sockeye_workbench::capture::watched::Watched;
use sockeye_workbench::journal::Journal;
use sockeye_workbench::screen::PIECE;

use crate::args::capture::Capture;
use crate::command::recorded;
use crate::failure::Failed;

/// Where the packets come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct From<'a> {
    /// When they begin, since 1970.
    pub(super) at: Duration,
    /// The number of their link layer.
    pub(super) link: u16,
    /// Their interface.
    pub(super) interface: &'a str,
}

/// The desk.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    args: &'a Capture,
    /// Where it is told, and shown.
    journal: &'a Journal,
    scope: Scope,
    tape: Option<Recorder>,
    write: Option<(Writer, u16)>,
    /// Shown and not yet handed to the screen.
    waiting: Vec<u8>,
    /// Bytes that a stopped terminal did not take.
    missed: usize,
    last: Duration,
}

impl<'a> Desk<'a> {
    /// Makes the files.
    pub(super) fn open(
        args: &'a Capture,
        watched: Watched,
        from: From<'_>,
        journal: &'a Journal,
    ) -> Result<Self, Failed> {
        let terms = Terms {
            watched,
            start: from.at,
            framing: args.frame.clone(),
            ruled: args.with.is_some(),
        };
        let tape = args.tape.as_deref().map(|path| record(path, args.overwrite, from.at));
        let over = if args.overwrite { Over::Replaced } else { Over::Refused };
        let program = format!("sockeye {}", env!("CARGO_PKG_VERSION"));
        let about =
            About { link: from.link, snap: 262_164, interface: from.interface, program: &program };
        let write = args
            .write
            .as_deref()
            .map(|path| Ok::<_, Failed>((Writer::create(path, over, about)?, from.link)));
        Ok(Self {
            args,
            journal,
            scope: Scope::new(terms),
            tape: tape.transpose()?,
            write: write.transpose()?,
            waiting: Vec::new(),
            missed: 0,
            last: from.at,
        })
    }

    /// What the conversations came to. `counts` is what the kernel let through, and dropped.
    pub(super) async fn end(&mut self, counts: Option<(u64, u64)>) -> Result<(), Failed> {
        let joined = self.args.with.as_deref().map(|path| join(path, self.journal)).transpose()?;
        let joined = joined.as_ref().map(|(tape, start)| (tape, *start));
        let found = self.scope.end(joined);
        self.put(found)?;
        if let (Some((writer, _)), Some((came, dropped))) = (&mut self.write, counts) {
            writer.count(self.last, came, dropped)?;
        }
        self.settle().await?;
        let count = self.scope.packets();
        let journal = self.journal;
        journal.say(counted(count, "packet"));
        for line in self.scope.left_out() {
            journal.say(format!("note: left out: {line}"));
        }
        if let Some((_, dropped @ 1..)) = counts {
            journal.say(format!(
                "warning: the kernel had no room for {dropped} packets: they are missing here"
            ));
        }
        if self.missed > 0 && !journal.screen().closed().is_cancelled() {
            let missed = self.missed;
            journal.say(format!("the terminal did not take {missed} bytes: they were not shown"));
        }
        Ok(())
    }

    fn put(&mut self, found: Found) -> Result<(), Failed> {
        for event in &found.events {
            if let Some(tape) = &mut self.tape {
                tape.record(event)?;
            }
            if self.args.json {
                sockeye_tape::json::write(event, &mut self.waiting);
            }
        }
        if !self.args.json {
            for line in found.lines {
                self.waiting.extend_from_slice(line.as_bytes());
                self.waiting.push(b'\n');
            }
        }
        Ok(())
    }
}

impl Sink for Desk<'_> {
    type Error = Failed;

    fn take(&mut self, packet: &Captured) -> Result<(), Failed> {
        self.last = packet.at;
        let Some(found) = self.scope.take(packet) else { return Ok(()) };
        if let Some((writer, link)) = &mut self.write {
            if *link != packet.link {
                return Err(Failed::usage(
                    "cannot write packets of two kinds of links to one file",
                    "leave --write out, or name the endpoints of one link",
                ));
            }
            writer.packet(packet)?;
        }
        self.put(found)
    }

    fn has_enough(&self) -> bool {
        self.args.count.is_some_and(|count| self.scope.packets() >= count)
    }

    fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    fn is_full(&self) -> bool {
        self.waiting.len() >= PIECE
    }

    /// Hands everything on: the files to the operating system, the rest to the screen, for
    /// which a pipe or a file is waited for.
    async fn settle(&mut self) -> Result<(), Failed> {
        if let Some(tape) = &mut self.tape {
            tape.flush()?;
        }
        if let Some((writer, _)) = &mut self.write {
            writer.flush()?;
        }
        while !self.waiting.is_empty() {
            let rest = self.waiting.split_off(self.waiting.len().min(PIECE));
            let piece = std::mem::replace(&mut self.waiting, rest);
            match self.journal.screen().room().await {
                Some(room) => room.print(piece),
                None => self.missed += piece.len(),
            }
        }
        Ok(())
    }
}

/// The tape that is laid under the segments, and when it begins.
fn join(path: &Path, journal: &Journal) -> Result<(joined::Tape, Duration), Failed> {
    let mut tape = Tape::open(path)?;
    let start = tape.header().started().unwrap_or_default();
    let start = u64::try_from(start.as_nanosecond()).unwrap_or_default();
    let mut joined = joined::Tape::default();
    for event in &mut tape {
        match event {
            Ok(event) => joined.take(&event),
            Err(error) => journal.say(format!("warning: {error}")),
        }
    }
    Ok((joined, Duration::from_nanos(start)))
}

fn record(path: &Path, overwrite: bool, at: Duration) -> Result<Recorder, TapeError> {
    let nanos = i128::try_from(at.as_nanos()).unwrap_or_default();
    let start = jiff::Timestamp::from_nanosecond(nanos).unwrap_or_default();
    let start = start.to_zoned(jiff::tz::TimeZone::system());
    let argv = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let header = Header::new(&start, argv, env!("CARGO_PKG_VERSION"));
    Recorder::create(path, &header, overwrite)
}

/// Refuses to write over a file that is read, and two files into one; before any is made.
pub(super) fn keep_apart(args: &Capture) -> Result<(), Failed> {
    let outs = [("--write", args.write.as_deref()), ("--tape", args.tape.as_deref())];
    for (flag, out) in outs.into_iter().filter_map(|(flag, out)| Some((flag, out?))) {
        let shown = sockeye_text::safe::one_line(&out.to_string_lossy()).into_owned();
        let hint = format!("give {flag} another name");
        let read = [args.read.as_deref(), args.with.as_deref()];
        if read.into_iter().flatten().any(|from| recorded::same(from, out)) {
            return Err(Failed::usage(format!("cannot write `{shown}` while it is read"), hint));
        }
        let other = args.write.as_deref().filter(|_| flag == "--tape");
        if other.is_some_and(|other| other == out || recorded::same(other, out)) {
            let text = format!("`--write` and `--tape` both name `{shown}`");
            return Err(Failed::usage(text, hint));
        }
    }
    Ok(())
}
