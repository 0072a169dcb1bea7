//! Packets made up for what a tape knows of a TCP connection or a datagram: the bytes and
//! their order are the tape's, everything else is ours. Not pcapng's blocks.

use std::io;
use std::net::SocketAddr;

use etherparse::IpHeaders;
use etherparse::PacketBuilder;
use etherparse::PacketBuilderStep;
use etherparse::TcpHeader;
use etherparse::TcpOptionElement;

use crate::event::By;
use crate::event::Dir;
use crate::event::How;
use crate::event::Role;

/// The most payload in one segment; with the headers it fits into an IPv4 packet.
const LARGEST: u16 = 65_000;
const SEGMENT: usize = LARGEST as usize;

/// An acknowledgement is made up once so many bytes wait for one: far below the window.
const ACK_EVERY: u32 = 256 * 1024;

/// The window, times 2 to the `SCALE`: 16 MiB.
const WINDOW: u16 = u16::MAX;
const SCALE: u8 = 8;

const HOPS: u8 = 64;

/// Both ends of a conversation, of one address family.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    /// Our end.
    pub(crate) local: SocketAddr,
    /// The peer's end.
    pub(crate) peer: SocketAddr,
}

/// A TCP connection as far as it has been made up.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    ends: Ends,
    ours: Sender,
    theirs: Sender,
}

/// One direction of a connection.
#[derive(Clone, Copy, Debug)]
struct Sender {
    /// The sequence number of the next byte.
    next: u32,
    /// How many bytes the other end has not acknowledged.
    waiting: u32,
}

/// What a segment does besides carrying bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flag {
    Syn,
    SynAck,
    Ack,
    Push,
    Fin,
    Rst,
}

impl Connection {
    /// A connection without packets. `number` makes its sequence numbers differ from those
    /// of an earlier connection between the same ends.
    pub(crate) fn new(ends: Ends, number: u64) -> Self {
        let [a, b, c, d, ..] = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
        let sender = |first: u32| Sender { next: first, waiting: 0 };
        let first = u32::from_be_bytes([a, b, c, d]);
        Self { ends, ours: sender(first), theirs: sender(first ^ 0x5555_5555) }
    }

    /// The handshake.
    pub(crate) fn open(&mut self, role: Role, packets: &mut Vec<Vec<u8>>) -> io::Result<()> {
        let caller = match role {
            Role::Dial => Dir::Out,
            Role::Accept => Dir::In,
        };
        packets.push(self.segment(caller, Flag::Syn, b"")?);
        packets.push(self.segment(other(caller), Flag::SynAck, b"")?);
        packets.push(self.segment(caller, Flag::Ack, b"")?);
        Ok(())
    }

    /// One read or write.
    pub(crate) fn data(
        &mut self,
        dir: Dir,
        bytes: &[u8],
        packets: &mut Vec<Vec<u8>>,
    ) -> io::Result<()> {
        let last = bytes.len().div_ceil(SEGMENT);
        for (index, piece) in bytes.chunks(SEGMENT).enumerate() {
            let flag = if index + 1 == last { Flag::Push } else { Flag::Ack };
            packets.push(self.segment(dir, flag, piece)?);
            if self.sender(dir).waiting >= ACK_EVERY {
                packets.push(self.segment(other(dir), Flag::Ack, b"")?);
            }
        }
        Ok(())
    }

    /// The end: a FIN each way, or the RST of the one who cut it off.
    pub(crate) fn close(&mut self, by: By, how: How, packets: &mut Vec<Vec<u8>>) -> io::Result<()> {
        let first = match by {
            By::Us => Dir::Out,
            By::Peer => Dir::In,
        };
        match how {
            How::Fin | How::Timer => {
                packets.push(self.segment(first, Flag::Fin, b"")?);
                packets.push(self.segment(other(first), Flag::Fin, b"")?);
                packets.push(self.segment(first, Flag::Ack, b"")?);
            }
            How::Rst | How::Error => packets.push(self.segment(first, Flag::Rst, b"")?),
        }
        Ok(())
    }

    fn sender(&mut self, dir: Dir) -> &mut Sender {
        match dir {
            Dir::In => &mut self.theirs,
            Dir::Out => &mut self.ours,
        }
    }

    /// The next segment of a direction. It acknowledges all that has come the other way.
    fn segment(&mut self, dir: Dir, flag: Flag, payload: &[u8]) -> io::Result<Vec<u8>> {
        let ack = self.sender(other(dir)).next;
        if flag != Flag::Syn {
            self.sender(other(dir)).waiting = 0;
        }
        let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
        let counted = u32::from(matches!(flag, Flag::Syn | Flag::SynAck | Flag::Fin));
        let sender = self.sender(dir);
        let seq = sender.next;
        sender.next = seq.wrapping_add(length).wrapping_add(counted);
        sender.waiting = sender.waiting.saturating_add(length);
        let (from, to) = self.ends.way(dir);
        let ip = ip(from, to)?;
        let tcp = ip.tcp(from.port(), to.port(), seq, WINDOW);
        write(flagged(tcp, flag, ack)?, payload)
    }
}

impl Ends {
    /// The ends as sender and receiver.
    fn way(self, dir: Dir) -> (SocketAddr, SocketAddr) {
        match dir {
            Dir::In => (self.peer, self.local),
            Dir::Out => (self.local, self.peer),
        }
    }

    /// The most bytes that a datagram between them can have.
    pub(crate) fn largest(self) -> usize {
        if self.peer.is_ipv4() { 65_507 } else { 65_527 }
    }

    /// A datagram, of no more than [`Ends::largest`] bytes.
    pub(crate) fn datagram(self, dir: Dir, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let (from, to) = self.way(dir);
        let udp = ip(from, to)?.udp(from.port(), to.port());
        let mut packet = Vec::with_capacity(udp.size(bytes.len()));
        udp.write(&mut packet, bytes).map_err(io::Error::other)?;
        Ok(packet)
    }
}

fn other(dir: Dir) -> Dir {
    match dir {
        Dir::In => Dir::Out,
        Dir::Out => Dir::In,
    }
}

fn ip(from: SocketAddr, to: SocketAddr) -> io::Result<PacketBuilderStep<IpHeaders>> {
    match (from, to) {
        (SocketAddr::V4(from), SocketAddr::V4(to)) => {
            Ok(PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), HOPS))
        }
        (SocketAddr::V6(from), SocketAddr::V6(to)) => {
            Ok(PacketBuilder::ipv6(from.ip().octets(), to.ip().octets(), HOPS))
        }
        _ => Err(io::Error::other("two address families")),
    }
}

fn flagged(
    tcp: PacketBuilderStep<TcpHeader>,
    flag: Flag,
    ack: u32,
) -> io::Result<PacketBuilderStep<TcpHeader>> {
    let greeting =
        [TcpOptionElement::MaximumSegmentSize(LARGEST), TcpOptionElement::WindowScale(SCALE)];
    match flag {
        Flag::Syn => tcp.syn().options(&greeting).map_err(io::Error::other),
        Flag::SynAck => tcp.syn().ack(ack).options(&greeting).map_err(io::Error::other),
        Flag::Ack => Ok(tcp.ack(ack)),
        Flag::Push => Ok(tcp.psh().ack(ack)),
        Flag::Fin => Ok(tcp.fin().ack(ack)),
        Flag::Rst => Ok(tcp.rst().ack(ack)),
    }
}

fn write(tcp: PacketBuilderStep<TcpHeader>, payload: &[u8]) -> io::Result<Vec<u8>> {
    let mut packet = Vec::with_capacity(tcp.size(payload.len()));
    tcp.write(&mut packet, payload).map_err(io::Error::other)?;
    Ok(packet)
}
