//! One conversation, as its packets show it.

use std::net::SocketAddr;
use std::time::Duration;

use sockeye_tape::event::{By, Close, Dir, How, Open, Role};
use sockeye_wire::packet::tcp::{Flags, Tcp};
use sockeye_wire::packet::{Packet, Transport};

use crate::capture::line::{self, Numbers};
use crate::capture::summary::{Ending, Summary};
use crate::capture::watched::Carrier;
use crate::capture::way::{Segment, Way};
use crate::capture::{Extent, Mark, Piece, Seen};

/// A conversation.
#[derive(Debug)]
pub(super) struct Flow {
    number: u64,
    carrier: Carrier,
    caller: SocketAddr,
    called: SocketAddr,
    /// From the caller, and from the called.
    ours: Way,
    theirs: Way,
    /// The interfaces on which each direction is seen.
    ways: (Option<u32>, Option<u32>),
    first: Duration,
    /// When the last packet came.
    pub(super) last: Duration,
    handshake: Handshake,
    ending: Ending,
    closed: bool,
}

/// When each step of the handshake was seen first.
#[derive(Clone, Copy, Debug, Default)]
struct Handshake {
    syn: Option<Duration>,
    answer: Option<Duration>,
    done: Option<Duration>,
}

/// Who is who in a conversation that begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub(super) carrier: Carrier,
    pub(super) caller: SocketAddr,
    pub(super) called: SocketAddr,
}

impl Flow {
    pub(super) fn new(number: u64, ends: Ends, at: Duration) -> Self {
        Self {
            number,
            carrier: ends.carrier,
            caller: ends.caller,
            called: ends.called,
            ours: Way::default(),
            theirs: Way::default(),
            ways: (None, None),
            first: at,
            last: at,
            handshake: Handshake::default(),
            ending: Ending::default(),
            closed: false,
        }
    }

    /// Which direction a packet goes.
    pub(super) fn dir(&self, source: SocketAddr) -> Dir {
        if source == self.caller { Dir::Out } else { Dir::In }
    }

    /// Whether the packet is a copy: its direction is seen on another interface already.
    pub(super) fn is_copy(&mut self, dir: Dir, interface: u32) -> bool {
        let seen = match dir {
            Dir::Out => &mut self.ways.0,
            Dir::In => &mut self.ways.1,
        };
        *seen.get_or_insert(interface) != interface
    }

    /// Whether the segment begins another connection between the same ends.
    pub(super) fn is_over_with(&self, source: SocketAddr, tcp: &Tcp) -> bool {
        let way = if self.dir(source) == Dir::Out { &self.ours } else { &self.theirs };
        tcp.flags.has(Flags::SYN) && !tcp.flags.has(Flags::ACK) && way.is_another(tcp.seq)
    }

    /// How it begins, as a tape tells it: from the caller's side.
    pub(super) fn open(&self) -> Open {
        let proto = match self.carrier {
            Carrier::Tcp => "tcp",
            Carrier::Udp => "udp",
        };
        Open {
            role: Role::Dial,
            local: self.caller.to_string(),
            peer: self.called.to_string(),
            proto: proto.to_owned(),
            pair: None,
        }
    }

    /// Takes a packet of its own.
    pub(super) fn take(&mut self, at: Duration, packet: &Packet<'_>) -> Seen {
        self.last = self.last.max(at);
        let dir = self.dir(packet.source);
        match &packet.transport {
            Transport::Tcp(tcp) => {
                let segment = Segment { at, tcp, payload: packet.payload, length: packet.length };
                self.segment(dir, segment)
            }
            Transport::Udp => self.datagram(dir, packet),
        }
    }

    /// What it came to until now.
    pub(super) fn summary(&self) -> Summary {
        let Handshake { syn, answer, done } = self.handshake;
        let since = |from: Option<Duration>, to: Option<Duration>| Some(to?.saturating_sub(from?));
        Summary {
            number: self.number,
            carrier: self.carrier,
            caller: self.caller,
            called: self.called,
            began: self.first,
            took: self.last.saturating_sub(self.first),
            greeted: syn.is_some(),
            handshake: since(syn, done),
            answered: since(syn, answer),
            out: self.ours.counts,
            into: self.theirs.counts,
            ending: self.ending,
        }
    }

    fn segment(&mut self, dir: Dir, segment: Segment<'_>) -> Seen {
        let Segment { at, tcp, payload, length } = segment;
        let before = (self.handshake.done, self.ending);
        self.shake_hands(dir, at, tcp);
        let rtt = self.handshake.syn.zip(self.handshake.done);
        let rtt = rtt.map(|(syn, done)| done.saturating_sub(syn));
        let (sender, receiver) = match dir {
            Dir::Out => (&mut self.ours, &mut self.theirs),
            Dir::In => (&mut self.theirs, &mut self.ours),
        };
        let mut placed = sender.take(segment, rtt);
        let (mut ack, mut ends) = (0, false);
        if tcp.flags.has(Flags::ACK) {
            let is_bare = tcp.takes(length) == 0 && !tcp.flags.has(Flags::RST);
            let finished = receiver.is_acknowledged();
            let (number, repeats) = receiver.acknowledge(tcp, is_bare);
            ack = number;
            ends = receiver.is_acknowledged() != finished;
            if let Some(repeats) = repeats {
                sender.counts.duplicate_acks += 1;
                placed.marks.push(Mark::DuplicateAck(repeats));
            }
        }
        if tcp.flags.has(Flags::SYN) {
            sender.scale = tcp.options.scale;
        }
        let (syn, both) = (tcp.flags.has(Flags::SYN), sender.scale.zip(receiver.scale));
        // A shift holds where both have offered one, and never in a SYN (RFC 7323, 2.2).
        let scale = both.filter(|_| !syn).map(|_| sender.scale.unwrap_or_default());
        let numbers = Numbers { seq: placed.seq, ack, scale };
        let text = line::segment(dir, tcp, numbers, (payload, length), &placed.marks);
        let closed = self.end(dir, at, tcp);
        let shook = before.0 != self.handshake.done;
        let step = shook || before.1 != self.ending || tcp.flags.has(Flags::SYN) || ends;
        Seen {
            number: self.number,
            opened: None,
            displaced: None,
            dir,
            text,
            extent: placed.extent,
            pieces: placed.pieces,
            closed,
            step,
        }
    }

    fn shake_hands(&mut self, dir: Dir, at: Duration, tcp: &Tcp) {
        let Handshake { syn, answer, done } = &mut self.handshake;
        let (is_syn, is_ack) = (tcp.flags.has(Flags::SYN), tcp.flags.has(Flags::ACK));
        match (dir, is_syn, is_ack) {
            (Dir::Out, true, false) => drop(syn.get_or_insert(at)),
            (Dir::In, true, true) if syn.is_some() => drop(answer.get_or_insert(at)),
            (Dir::Out, false, true) if answer.is_some() => drop(done.get_or_insert(at)),
            _ => {}
        }
    }

    /// Takes note of FIN and RST. The close, once: by the first who ended its direction.
    fn end(&mut self, dir: Dir, at: Duration, tcp: &Tcp) -> Option<Close> {
        if tcp.flags.has(Flags::FIN) {
            let at = at.saturating_sub(self.first);
            let fin = match dir {
                Dir::Out => &mut self.ending.fin_out,
                Dir::In => &mut self.ending.fin_in,
            };
            fin.get_or_insert(at);
            self.ending.first.get_or_insert(dir);
        }
        let by = |dir| if dir == Dir::Out { By::Us } else { By::Peer };
        if tcp.flags.has(Flags::RST) {
            self.ending.rst.get_or_insert((dir, at.saturating_sub(self.first)));
            let close = Close { by: by(dir), how: How::Rst, why: None };
            return (!std::mem::replace(&mut self.closed, true)).then_some(close);
        }
        if self.closed || !self.ours.is_finished() || !self.theirs.is_finished() {
            return None;
        }
        self.closed = true;
        let first = self.ending.first.unwrap_or(dir);
        Some(Close { by: by(first), how: How::Fin, why: None })
    }

    fn datagram(&mut self, dir: Dir, packet: &Packet<'_>) -> Seen {
        let way = match dir {
            Dir::Out => &mut self.ours,
            Dir::In => &mut self.theirs,
        };
        let (off, len) = (way.counts.bytes, u64::from(packet.length));
        way.counts.packets += 1;
        way.counts.segments += 1;
        way.counts.bytes += len;
        way.counts.missing += u64::from(packet.missing());
        Seen {
            number: self.number,
            opened: None,
            displaced: None,
            dir,
            text: line::datagram(dir, (packet.payload, packet.length)),
            extent: Some(Extent { off, len }),
            pieces: vec![Piece { off, bytes: packet.payload.to_vec() }],
            closed: None,
            step: false,
        }
    }
}
