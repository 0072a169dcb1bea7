//! One direction of one conversation under a lens.

use std::time::Duration;

use sockeye_tape::event::Dir;
use sockeye_wire::deframe::Deframer;
use sockeye_wire::framing::{Framing, Rule};

use crate::lens::place::Places;
use crate::lens::{Broken, Found};

/// Bytes that are held of a stream whose frames the tape tells, for the frames to come.
const BEHIND: usize = 256 * 1024;

/// A read or write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Read<'a> {
    pub(crate) number: u64,
    pub(crate) t: Duration,
    /// Where it lies in the stream.
    pub(crate) off: u64,
    pub(crate) bytes: &'a [u8],
}

/// Invariant: `tail` are the last bytes before `next`; a deframer counts from `begin`.
#[derive(Debug)]
pub(crate) struct Way {
    c: u64,
    dir: Dir,
    framing: Option<Framing>,
    deframer: Option<Deframer>,
    /// The framing broke, the conversation ended, or too much is held.
    over: bool,
    broken: Option<Broken>,
    begin: u64,
    next: u64,
    tail: Vec<u8>,
    /// The last read or write, and its time.
    number: u64,
    t: Duration,
    pub(crate) places: Places,
}

impl Way {
    pub(crate) fn new((c, dir): (u64, Dir), framing: Option<Framing>, off: u64) -> Self {
        Self {
            c,
            dir,
            deframer: framing.clone().map(Deframer::new),
            framing,
            over: false,
            broken: None,
            begin: off,
            next: off,
            tail: Vec::new(),
            number: 0,
            t: Duration::ZERO,
            places: Places::default(),
        }
    }

    /// How many bytes are held, roughly: the deframer has them too.
    pub(crate) fn held(&self) -> usize {
        self.tail.capacity() * 2
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn take_broken(&mut self) -> Option<Broken> {
        self.broken.take()
    }

    /// When a silence ends a frame.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.deframer.as_ref().and_then(Deframer::deadline)
    }

    /// A datagram: a frame of its own.
    pub(crate) fn datagram(
        &mut self,
        read: &Read<'_>,
        found: &mut dyn FnMut(Found, Option<&[u8]>),
    ) {
        (self.number, self.t) = (read.number, read.t);
        self.next = read.off.saturating_add(read.bytes.len() as u64);
        self.give((read.off, read.bytes.len() as u64), true, Some(read.bytes), found);
    }

    /// Bytes of a stream.
    pub(crate) fn push(&mut self, read: &Read<'_>, found: &mut dyn FnMut(Found, Option<&[u8]>)) {
        if read.off != self.next {
            self.begin_anew(read.off);
        }
        (self.number, self.t) = (read.number, read.t);
        self.next = read.off.saturating_add(read.bytes.len() as u64);
        if self.over {
            return;
        }
        self.tail.extend_from_slice(read.bytes);
        let Some(deframer) = &mut self.deframer else {
            self.keep(BEHIND);
            return;
        };
        deframer.push(read.t, read.bytes);
        let gap = matches!(self.framing.as_ref().map(Framing::rule), Some(Rule::Gap(_)));
        // What we write in one go is one message to who waits for a silence.
        let ends = gap && self.dir == Dir::Out;
        self.drain(ends, found);
    }

    /// A silence has lasted until `at`.
    pub(crate) fn tick(&mut self, at: Duration, found: &mut dyn FnMut(Found, Option<&[u8]>)) {
        if let Some(deframer) = &mut self.deframer {
            deframer.tick(at);
            self.drain(false, found);
        }
    }

    /// The tape itself tells of a frame. One of bytes that have not come is passed over.
    pub(crate) fn told(&mut self, off: u64, len: u64, found: &mut dyn FnMut(Found, Option<&[u8]>)) {
        let end = off.checked_add(len).filter(|end| *end <= self.next);
        let Some(end) = end.filter(|_| off >= self.begin) else {
            return;
        };
        let tail = std::mem::take(&mut self.tail);
        self.give((off, len), true, self.part(&tail, off, len), found);
        self.tail = tail;
        self.keep(usize::try_from(self.next - end).unwrap_or(usize::MAX));
    }

    /// The conversation has ended, by the event `number`.
    pub(crate) fn close(&mut self, number: u64, found: &mut dyn FnMut(Found, Option<&[u8]>)) {
        if !self.over {
            self.drain(true, found);
            if let Some(broken) = &mut self.broken {
                broken.number = number;
            }
        }
        self.end();
    }

    /// Too much is held over all directions: this one lets go of what it has.
    pub(crate) fn relieve(&mut self) {
        if self.framing.is_some() {
            self.give_up("too many unfinished frames are held already");
        }
        self.tail = Vec::new();
    }

    /// Nothing more is looked for here.
    fn give_up(&mut self, why: &str) {
        let (number, c, dir) = (self.number, self.c, self.dir);
        let counted = match self.begin {
            0 => String::new(),
            begin => format!(" (counted from offset {begin} of the stream)"),
        };
        self.broken = Some(Broken { number, c, dir, why: format!("{why}{counted}") });
        self.end();
    }

    fn end(&mut self) {
        self.over = true;
        self.deframer = None;
        self.tail = Vec::new();
    }

    fn begin_anew(&mut self, off: u64) {
        (self.begin, self.next) = (off, off);
        self.tail = Vec::new();
        if !self.over {
            self.deframer = self.framing.clone().map(Deframer::new);
        }
    }

    /// Gives the frames that are there; those too that the stream's end ends, if it `ends`.
    fn drain(&mut self, ends: bool, found: &mut dyn FnMut(Found, Option<&[u8]>)) {
        let Some(mut deframer) = self.deframer.take() else {
            return;
        };
        let tail = std::mem::take(&mut self.tail);
        let failed = loop {
            let next = if ends { deframer.finish() } else { deframer.next_frame() };
            match next {
                Ok(Some(frame)) => {
                    let off = self.begin.saturating_add(frame.off);
                    let bytes = self.part(&tail, off, frame.len);
                    self.give((off, frame.len), frame.whole, bytes, found);
                }
                Ok(None) => break None,
                Err(error) => break Some(error.to_string()),
            }
        };
        self.tail = tail;
        self.keep(deframer.pending());
        self.deframer = Some(deframer);
        if let Some(why) = failed {
            self.give_up(&why);
        }
    }

    /// Keeps the last `most` bytes at most.
    fn keep(&mut self, most: usize) {
        let more = self.tail.len().saturating_sub(most);
        self.tail.drain(..more);
        if self.tail.capacity() > 64 * 1024 && self.tail.len() < self.tail.capacity() / 4 {
            self.tail.shrink_to_fit();
        }
    }

    /// The bytes of a frame, if they are held: `tail` ends at `next`.
    fn part<'t>(&self, tail: &'t [u8], off: u64, len: u64) -> Option<&'t [u8]> {
        let from = off.checked_sub(self.next.checked_sub(tail.len() as u64)?)?;
        let from = usize::try_from(from).ok()?;
        tail.get(from..from.checked_add(usize::try_from(len).ok()?)?)
    }

    fn give(
        &mut self,
        (off, len): (u64, u64),
        whole: bool,
        bytes: Option<&[u8]>,
        found: &mut dyn FnMut(Found, Option<&[u8]>),
    ) {
        let (number, c, dir, t) = (self.number, self.c, self.dir, self.t);
        self.places.push(number, off, len);
        found(Found { number, c, dir, off, len, t, whole }, bytes);
    }
}
