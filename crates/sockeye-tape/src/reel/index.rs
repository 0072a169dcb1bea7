//! The index of a reel: an entry an event, and for each direction of a conversation which
//! events carry its bytes. Only numbers and places: no file is touched here.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::VecDeque;
use std::ops::Range;

use crate::event::Dir;
use crate::event::Event;
use crate::event::What;
use crate::reel::entry::Entry;
use crate::reel::entry::Kind;

/// Entries that are kept together.
const CHUNK: usize = 4096;

/// Directions of which nothing is kept but how far they had come. Beyond it those of the
/// lowest conversations are given up: what they still say is then counted from 0.
const IDLE: usize = 65_536;

/// Conversations whose beginning is told again. Beyond it those of the lowest numbers are not.
const OPENS: usize = 65_536;

/// Invariants: `chunks` hold the entries `base..len`, all chunks but the last being full, and
/// `base <= first <= written <= len`; `numbers` of a stream ascend and none is below `first`.
#[derive(Debug, Default)]
pub(crate) struct Index {
    chunks: VecDeque<Vec<Entry>>,
    /// The number of the first entry in `chunks`.
    base: u64,
    first: u64,
    len: u64,
    written: u64,
    streams: HashMap<(u64, Dir), Stream>,
    /// The lines of `open` that are forgotten, of conversations whose `close` is not.
    opens: BTreeMap<u64, Vec<u8>>,
}

/// One direction of one conversation.
#[derive(Debug, Default)]
struct Stream {
    /// How many bytes it has had.
    end: u64,
    /// Its reads or writes, by the lower half of their numbers: fewer than 2^32 are kept.
    numbers: VecDeque<u32>,
    /// Its reads or writes are datagrams.
    datagrams: bool,
}

impl Index {
    /// The lowest number that is kept.
    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// How many numbers have been given.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// How many of them are of events that have been written out.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Everything has been written out.
    pub(crate) fn settle(&mut self) {
        self.written = self.len;
    }

    /// The next event, whose line lies `at`.
    pub(crate) fn push(&mut self, event: &Event<'_>, at: Range<u64>) {
        let mut entry = Entry::of(event, at);
        let (dir, datagram) = match &event.what {
            What::Open(open) if matches!(open.proto.as_str(), "udp" | "unixgram") => {
                for dir in [Dir::In, Dir::Out] {
                    self.streams.entry((event.c, dir)).or_default().datagrams = true;
                }
                (None, true)
            }
            What::In { from: who, .. } => (Some(Dir::In), who.is_some()),
            What::Out { to: who, .. } => (Some(Dir::Out), who.is_some()),
            _ => (None, false),
        };
        if let Some(dir) = dir {
            let stream = self.streams.entry((event.c, dir)).or_default();
            stream.datagrams |= datagram;
            entry.off = stream.end;
            stream.end = stream.end.saturating_add(u64::from(entry.len));
            stream.numbers.push_back(low(self.len));
        }
        if let Some(chunk) = self.chunks.back_mut().filter(|chunk| chunk.len() < CHUNK) {
            chunk.push(entry);
        } else {
            let mut chunk = Vec::with_capacity(CHUNK);
            chunk.push(entry);
            self.chunks.push_back(chunk);
        }
        self.len += 1;
    }

    /// Takes back the events whose lines do not lie within the first `kept` bytes.
    pub(crate) fn cut(&mut self, kept: u64) {
        while let Some(entry) = self.last().filter(|entry| entry.end() > kept) {
            if let (true, Some(dir)) = (entry.kind.has_bytes(), entry.dir)
                && let Some(stream) = self.streams.get_mut(&(entry.c, dir))
            {
                stream.end = entry.off;
                stream.numbers.pop_back();
            }
            if let Some(chunk) = self.chunks.back_mut() {
                chunk.pop();
                if chunk.is_empty() {
                    self.chunks.pop_back();
                }
            }
            self.len -= 1;
        }
        self.written = self.len;
    }

    /// So many events were there before the first, which is yet to come.
    pub(crate) fn begin_at(&mut self, number: u64) {
        if self.chunks.is_empty() {
            (self.base, self.first, self.len, self.written) = (number, number, number, number);
        }
    }

    /// A direction of which nothing has come yet begins at `off` of its stream.
    pub(crate) fn begin_stream(&mut self, c: u64, dir: Dir, off: u64) {
        if self.streams.len() >= 2 * IDLE {
            return;
        }
        let stream = self.streams.entry((c, dir)).or_default();
        if stream.numbers.is_empty() {
            stream.end = off;
        }
    }

    /// Where what is kept of each direction begins in its stream, if not at 0.
    pub(crate) fn begins(&self) -> impl Iterator<Item = (u64, Dir, u64)> {
        let begin = |stream: &Stream| {
            let first = stream.numbers.front().and_then(|&number| self.entry(self.whole(number)));
            first.map_or(stream.end, |entry| entry.off)
        };
        let begins = self.streams.iter().map(move |(&(c, dir), stream)| (c, dir, begin(stream)));
        begins.filter(|(.., off)| *off > 0)
    }

    /// How a conversation was opened that goes on: its line.
    pub(crate) fn opened(&mut self, c: u64, line: Vec<u8>) {
        self.opens.insert(c, line);
        if self.opens.len() > OPENS {
            self.opens.pop_first();
        }
    }

    /// A conversation is over, and forgotten.
    pub(crate) fn closed(&mut self, c: u64) {
        self.opens.remove(&c);
    }

    /// The lines of all that go on.
    pub(crate) fn opens(&self) -> impl Iterator<Item = &[u8]> {
        self.opens.values().map(Vec::as_slice)
    }

    /// Forgets the events before `number`, which has been written out. Returns those among them
    /// by which a conversation was opened or closed.
    pub(crate) fn forget(&mut self, number: u64) -> Vec<Entry> {
        let mut gone = Vec::new();
        let number = number.min(self.written);
        while self.first < number {
            let Some(entry) = self.entry(self.first) else {
                break;
            };
            if let (true, Some(dir)) = (entry.kind.has_bytes(), entry.dir)
                && let Some(stream) = self.streams.get_mut(&(entry.c, dir))
            {
                stream.numbers.pop_front();
            }
            if matches!(entry.kind, Kind::Open | Kind::Close) {
                gone.push(entry);
            }
            self.first += 1;
        }
        while self
            .chunks
            .front()
            .is_some_and(|chunk| chunk.len() == CHUNK && self.base + CHUNK as u64 <= self.first)
        {
            self.chunks.pop_front();
            self.base += CHUNK as u64;
        }
        self.give_up_idle();
        gone
    }

    fn give_up_idle(&mut self) {
        let idle = |stream: &Stream| stream.numbers.is_empty();
        let mut all: Vec<(u64, Dir)> =
            self.streams.iter().filter(|(_, stream)| idle(stream)).map(|(key, _)| *key).collect();
        let more = all.len().saturating_sub(IDLE);
        if more > 0 {
            all.sort_unstable();
            for key in all.iter().take(more) {
                self.streams.remove(key);
            }
        }
    }

    /// The entry of a number that is kept.
    pub(crate) fn entry(&self, number: u64) -> Option<Entry> {
        if number < self.first {
            return None;
        }
        let place = usize::try_from(number.checked_sub(self.base)?).ok()?;
        self.chunks.get(place / CHUNK)?.get(place % CHUNK).copied()
    }

    /// The last entry that is kept.
    pub(crate) fn last(&self) -> Option<Entry> {
        self.entry(self.len.checked_sub(1)?)
    }

    /// The entries of those numbers that are kept and written out, at most `most`.
    pub(crate) fn entries(&self, range: Range<u64>, most: usize) -> Vec<Entry> {
        let range = range.start.max(self.first)..range.end.min(self.written);
        range.map_while(|number| self.entry(number)).take(most).collect()
    }

    /// The lowest number that is kept and of which this holds. It holds of none that comes
    /// before one of which it does not.
    pub(crate) fn lowest(&self, holds: impl Fn(&Entry) -> bool) -> u64 {
        let (mut low, mut high) = (self.first, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entry(middle).is_some_and(|entry| holds(&entry)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// Which bytes of a direction are kept and written out, as offsets in its stream.
    pub(crate) fn span(&self, c: u64, dir: Dir) -> Option<Range<u64>> {
        let stream = self.streams.get(&(c, dir))?;
        let begin = stream.numbers.front().and_then(|&number| self.entry(self.whole(number)));
        let unwritten = stream.numbers.partition_point(|&number| self.whole(number) < self.written);
        let next = stream.numbers.get(unwritten).and_then(|&number| self.entry(self.whole(number)));
        let end = next.map_or(stream.end, |entry| entry.off);
        Some(begin.map_or(end, |entry| entry.off)..end)
    }

    /// Whether a direction is of datagrams: its frames are told by where in one they lie.
    pub(crate) fn is_datagrams(&self, c: u64, dir: Dir) -> bool {
        self.streams.get(&(c, dir)).is_some_and(|stream| stream.datagrams)
    }

    /// The reads or writes that are kept, written out, and have bytes of a direction's stream
    /// in this range, in order, at most `most`.
    pub(crate) fn across(&self, c: u64, dir: Dir, range: Range<u64>, most: usize) -> Vec<u64> {
        let Some(stream) = self.streams.get(&(c, dir)) else {
            return Vec::new();
        };
        let of = |number: u32| self.entry(self.whole(number));
        let begin = stream.numbers.partition_point(|&number| {
            of(number).is_some_and(|entry| entry.off + u64::from(entry.len) <= range.start)
        });
        let numbers = stream.numbers.iter().skip(begin);
        numbers
            .take_while(|&&number| of(number).is_some_and(|entry| entry.off < range.end))
            .filter(|&&number| of(number).is_some_and(|entry| entry.len > 0))
            .map(|&number| self.whole(number))
            .take_while(|&number| number < self.written)
            .take(most)
            .collect()
    }

    /// A number from its lower half: of those that are kept one alone has it.
    fn whole(&self, lower: u32) -> u64 {
        self.first + u64::from(lower.wrapping_sub(low(self.first)))
    }
}

/// The lower half of a number.
fn low(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}
