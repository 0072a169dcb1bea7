//! One direction of a TCP connection, as its segments show it: where its stream stands, what
//! came out of order, what came twice. Sequence numbers are relative to the SYN's, which is
//! 0, and count on beyond 32 bits; without a SYN the first that is seen is 1.

use std::collections::BTreeMap;
use std::time::Duration;

use sockeye_wire::packet::tcp::{Flags, Tcp};

use crate::capture::{Extent, Mark, Piece};

/// The most bytes that wait for what is before them, and the most segments.
const HELD: usize = 1 << 20;
const SEGMENTS: usize = 4096;

/// What fills a gap within this time was mixed up on its way, as the usual tools take it;
/// where the handshake was seen, within its time.
const MOMENT: Duration = Duration::from_millis(3);

/// A direction.
#[derive(Debug, Default)]
pub(super) struct Way {
    /// The sequence number that is relative 0.
    base: Option<u32>,
    /// Whether the SYN was seen.
    pub(super) greeted: bool,
    /// The next in order.
    next: u64,
    /// After the highest that was seen, and when that was.
    edge: u64,
    edge_at: Duration,
    held: BTreeMap<u64, Held>,
    held_bytes: usize,
    /// The highest that the other side has acknowledged.
    acked: u64,
    /// How often the other side has acknowledged it again.
    repeats: u32,
    /// The window that the other side gave along with it.
    granted: u16,
    /// Where the FIN stands.
    fin: Option<u64>,
    /// Its own windows are shifted by this.
    pub(super) scale: Option<u8>,
    pub(super) counts: Counts,
}

/// What a direction came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets, whatever they carried.
    pub packets: u64,
    /// Packets with bytes.
    pub segments: u64,
    /// Bytes of the stream, each counted once.
    pub bytes: u64,
    /// Segments that were sent again.
    pub retransmissions: u64,
    /// Segments that came out of order.
    pub out_of_order: u64,
    /// Acknowledgements that were repeated.
    pub duplicate_acks: u64,
    /// Windows without room.
    pub zero_windows: u64,
    /// Questions whether the other side is still there.
    pub keep_alives: u64,
    /// Bytes of the stream that were not captured, or given up.
    pub missing: u64,
}

#[derive(Debug)]
struct Held {
    bytes: Vec<u8>,
    length: u64,
}

/// What a segment was to its direction.
#[derive(Debug, Default)]
pub(super) struct Placed {
    /// Its relative sequence number.
    pub(super) seq: u64,
    pub(super) marks: Vec<Mark>,
    pub(super) extent: Option<Extent>,
    pub(super) pieces: Vec<Piece>,
}

/// A segment as it came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub(super) at: Duration,
    pub(super) tcp: &'a Tcp,
    pub(super) payload: &'a [u8],
    pub(super) length: u32,
}

impl Way {
    /// Whether a SYN with that number begins another connection.
    pub(super) fn is_another(&self, seq: u32) -> bool {
        self.base.is_some_and(|base| base != seq)
    }

    /// Whether the FIN and all before it have been seen.
    pub(super) fn is_finished(&self) -> bool {
        self.fin.is_some_and(|fin| self.next > fin)
    }

    /// Whether the FIN has been seen and acknowledged.
    pub(super) fn is_acknowledged(&self) -> bool {
        self.fin.is_some_and(|fin| self.acked > fin)
    }

    /// Takes a segment of this direction; `rtt` is the handshake's time.
    pub(super) fn take(&mut self, segment: Segment<'_>, rtt: Option<Duration>) -> Placed {
        let Segment { tcp, length, .. } = segment;
        let syn = tcp.flags.has(Flags::SYN);
        if self.base.is_none() || (syn && !self.greeted && self.counts.packets == 0) {
            self.begin(tcp.seq, syn);
        }
        self.counts.packets += 1;
        self.greeted |= syn;
        let start = self.relative(tcp.seq);
        let mut placed = Placed { seq: start.max(0).cast_unsigned(), ..Placed::default() };
        if tcp.window == 0 && !tcp.flags.has(Flags::RST) && !syn {
            self.counts.zero_windows += 1;
            placed.marks.push(Mark::ZeroWindow);
        }
        if tcp.flags.has(Flags::RST) {
            return placed;
        }
        if self.is_question(start, segment) {
            self.counts.keep_alives += 1;
            placed.marks.push(Mark::KeepAlive);
            return placed;
        }
        let missing = length.saturating_sub(u32::try_from(segment.payload.len()).unwrap_or(length));
        if missing > 0 {
            placed.marks.push(Mark::Cut(missing));
        }
        if tcp.takes(length) > 0 {
            self.place(start, segment, rtt, &mut placed);
        }
        placed
    }

    /// The other side acknowledges so far. Its relative number, and how often it has done so
    /// without anything else to say.
    pub(super) fn acknowledge(&mut self, tcp: &Tcp, is_bare: bool) -> (u64, Option<u32>) {
        if self.base.is_none() {
            self.begin(tcp.ack, false);
        }
        let ack = self.relative(tcp.ack).max(0).cast_unsigned();
        let again = ack == self.acked && is_bare && self.granted == tcp.window;
        self.granted = tcp.window;
        if ack > self.acked {
            self.acked = ack;
            self.repeats = 0;
        } else if again && self.edge > ack {
            self.repeats = self.repeats.saturating_add(1);
            return (ack, Some(self.repeats));
        }
        (ack, None)
    }

    fn begin(&mut self, seq: u32, syn: bool) {
        self.base = Some(if syn { seq } else { seq.wrapping_sub(1) });
        self.next = u64::from(!syn);
        self.edge = self.next;
    }

    /// A sequence number as a distance from the base: the nearest to what is expected.
    fn relative(&self, seq: u32) -> i64 {
        let [a, b, c, d, ..] = self.next.to_le_bytes();
        let expected = self.base.unwrap_or(seq).wrapping_add(u32::from_le_bytes([a, b, c, d]));
        let distance = seq.wrapping_sub(expected).cast_signed();
        self.next.cast_signed().saturating_add(i64::from(distance))
    }

    /// At most one byte, just before what is expected, with all acknowledged.
    fn is_question(&self, start: i64, Segment { tcp, length, .. }: Segment<'_>) -> bool {
        let quiet = !tcp.flags.has(Flags::SYN) && !tcp.flags.has(Flags::FIN);
        quiet
            && length <= 1
            && start > 0
            && start + 1 == self.next.cast_signed()
            && self.acked >= self.next
            && self.fin.is_none()
    }

    fn place(
        &mut self,
        start: i64,
        segment: Segment<'_>,
        rtt: Option<Duration>,
        placed: &mut Placed,
    ) {
        let Segment { at, tcp, payload, length } = segment;
        let end = start.saturating_add(i64::from(tcp.takes(length))).max(0).cast_unsigned();
        let first = start.max(0).cast_unsigned();
        let data = first + u64::from(tcp.flags.has(Flags::SYN));
        if length > 0 {
            self.counts.segments += 1;
            placed.extent = Some(Extent { off: data.saturating_sub(1), len: u64::from(length) });
        }
        if end <= self.next || start < 0 || self.is_held(data, u64::from(length)) {
            self.again(placed);
            return;
        }
        if tcp.flags.has(Flags::FIN) {
            self.fin = Some(end - 1);
        }
        if first > self.next && self.acked > self.next {
            let unseen = self.acked.min(first) - self.next;
            placed.marks.push(Mark::Unseen(unseen));
            self.give_up(self.next + unseen, &mut placed.pieces);
        }
        if first > self.edge {
            placed.marks.push(Mark::Gap(first - self.edge));
        } else if first < self.next {
            self.again(placed);
        } else if first < self.edge {
            let moment = rtt.unwrap_or(MOMENT);
            if at.saturating_sub(self.edge_at) <= moment {
                self.counts.out_of_order += 1;
                placed.marks.push(Mark::OutOfOrder);
            } else {
                self.again(placed);
            }
        }
        if end > self.edge {
            self.edge = end;
            self.edge_at = at;
        }
        if tcp.flags.has(Flags::SYN) && first <= self.next {
            self.next = data;
        }
        self.hold(data, payload, u64::from(length), placed);
    }

    fn again(&mut self, placed: &mut Placed) {
        self.counts.retransmissions += 1;
        placed.marks.push(Mark::Retransmission);
    }

    fn is_held(&self, data: u64, length: u64) -> bool {
        length > 0 && self.held.get(&data).is_some_and(|held| held.length >= length)
    }

    /// Keeps the bytes until all before them are there, and lets out what is.
    fn hold(&mut self, data: u64, payload: &[u8], length: u64, placed: &mut Placed) {
        if data > self.next {
            if length > 0 {
                self.held_bytes += payload.len();
                let old = self.held.insert(data, Held { bytes: payload.to_vec(), length });
                self.held_bytes -= old.map_or(0, |old| old.bytes.len());
            }
            if self.held_bytes > HELD || self.held.len() > SEGMENTS {
                // What is missing will not come any more, or only a liar speaks.
                let to = self.held.first_key_value().map_or(self.next, |(&first, _)| first);
                placed.marks.push(Mark::GivenUp(to.saturating_sub(self.next)));
                self.give_up(to, &mut placed.pieces);
            }
            return;
        }
        self.let_out(data, payload, length, &mut placed.pieces);
        self.release(&mut placed.pieces);
    }

    /// Bytes from `data` on, of which the first may be known.
    fn let_out(&mut self, data: u64, bytes: &[u8], length: u64, pieces: &mut Vec<Piece>) {
        let end = data.saturating_add(length);
        if end <= self.next {
            return;
        }
        let known = usize::try_from(self.next - data).unwrap_or(usize::MAX);
        let fresh = bytes.get(known..).unwrap_or_default();
        self.counts.bytes += end - self.next;
        self.counts.missing += (end - self.next).saturating_sub(fresh.len() as u64);
        if !fresh.is_empty() {
            pieces.push(Piece { off: self.next.saturating_sub(1), bytes: fresh.to_vec() });
        }
        self.next = end;
    }

    /// Lets out what was held and is now in order; then the FIN.
    fn release(&mut self, pieces: &mut Vec<Piece>) {
        while let Some(entry) = self.held.first_entry() {
            if *entry.key() > self.next {
                break;
            }
            let (data, held) = entry.remove_entry();
            self.held_bytes -= held.bytes.len();
            self.let_out(data, &held.bytes, held.length, pieces);
        }
        if self.fin == Some(self.next) {
            self.next += 1;
        }
    }

    /// Goes on at `to` without what is missing before it.
    fn give_up(&mut self, to: u64, pieces: &mut Vec<Piece>) {
        let to = to.max(self.next);
        while let Some(entry) = self.held.first_entry() {
            if *entry.key() >= to {
                break;
            }
            let (data, held) = entry.remove_entry();
            self.held_bytes -= held.bytes.len();
            self.skip(data);
            self.let_out(data, &held.bytes, held.length, pieces);
        }
        self.skip(to);
        self.release(pieces);
        self.edge = self.edge.max(self.next);
    }

    fn skip(&mut self, to: u64) {
        if to > self.next {
            self.counts.missing += to - self.next;
            self.next = to;
        }
    }
}
