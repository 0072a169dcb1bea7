//! A tape as a capture file (pcapng, draft-ietf-opsawg-pcapng) for tools that read packets.
//! The packets are made up around the tape's bytes: a tape knows reads and writes, no
//! segments, and the file says so. Conversations without IP addresses are left out, and
//! counted.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use sockeye_text::safe;

use crate::address;
use crate::blocks;
use crate::connection::Connection;
use crate::connection::Ends;
use crate::event::Dir;
use crate::event::Event;
use crate::event::Open;
use crate::event::What;
use crate::header::Header;
use crate::keylog::KeyLog;

/// The most conversations that are open at once; of more, the first are forgotten.
const MOST: usize = 65_536;

const COMMENT: &str = "Reconstructed by sockeye from a tape, not captured. The tape knows what \
    was read and written, and when; the addresses are the tape's. Segments, SYN, ACK, FIN and \
    RST, sequence numbers, checksums and everything else in the headers are made up around it. \
    One read or write is one segment, or several of 65,000 bytes at most. What went through TLS \
    or WebSocket is here as it was inside: the plaintext, the messages.";

/// Writes a capture file, event by event. Bounded: one event and its
/// packets, and a few words a conversation.
#[derive(Debug)]
pub struct Pcapng<W> {
    out: W,
    /// Nanoseconds from 1970 to the start of the tape.
    start: i128,
    talks: BTreeMap<u64, Talk>,
    /// How many conversations have begun.
    opened: u64,
    left_out: LeftOut,
}

/// What a capture file cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Conversations without IP addresses, or over something else than TCP and UDP.
    pub conversations: u64,
    /// Reads and writes of conversations that the tape does not open, or has closed.
    pub strays: u64,
    /// Datagrams longer than UDP has them.
    pub datagrams: u64,
}

#[derive(Debug)]
struct Talk {
    route: Option<Route>,
    /// At the relay's other side.
    pair: Option<u64>,
    /// Whether the tape has what we wrote to it; at a relay it has not.
    writes: bool,
}

#[derive(Debug)]
enum Route {
    Tcp(Connection),
    Udp(Ends),
}

impl<W: Write> Pcapng<W> {
    /// Writes the head of the file, with the secrets where there are any.
    pub fn new(mut out: W, header: &Header, secrets: Option<&KeyLog>) -> io::Result<Self> {
        let version: String = header.sockeye.chars().take(40).collect();
        let mut head = Vec::new();
        blocks::section(&mut head, COMMENT, &format!("sockeye {}", safe::one_line(&version)));
        blocks::interface(&mut head, blocks::RAW, blocks::SNAP, "");
        if let Some(secrets) = secrets {
            blocks::secrets(&mut head, secrets.text());
        }
        out.write_all(&head)?;
        let start = header.started().map_or(0, jiff::Timestamp::as_nanosecond);
        Ok(Self { out, start, talks: BTreeMap::new(), opened: 0, left_out: LeftOut::default() })
    }

    /// Takes an event. Frames, notes and faults have no place in packets.
    pub fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let at = Spot { time: self.time(event), c: event.c };
        match &event.what {
            What::Open(open) => self.open(at, open),
            What::In { bytes, from } => {
                self.bytes(at, Dir::In, bytes, from.as_deref())?;
                // A relay's tape has each byte once: as what came from one side.
                let pair = self.talks.get(&event.c).and_then(|talk| talk.pair);
                match pair {
                    Some(pair) if self.talks.get(&pair).is_some_and(|talk| !talk.writes) => {
                        self.bytes(Spot { c: pair, ..at }, Dir::Out, bytes, None)
                    }
                    _ => Ok(()),
                }
            }
            What::Out { bytes, to } => {
                if let Some(talk) = self.talks.get_mut(&event.c) {
                    talk.writes = true;
                }
                self.bytes(at, Dir::Out, bytes, to.as_deref())
            }
            What::Close(close) => {
                let Some(Talk { route: Some(Route::Tcp(mut connection)), .. }) =
                    self.talks.remove(&event.c)
                else {
                    return Ok(());
                };
                let mut packets = Vec::new();
                connection.close(close.by, close.how, &mut packets)?;
                self.put(at, &packets, "")
            }
            What::Frame { .. } | What::Fault { .. } | What::Note { .. } | What::Error { .. } => {
                Ok(())
            }
        }
    }

    /// Flushes, and gives the writer back with what was left out.
    pub fn end(mut self) -> io::Result<(W, LeftOut)> {
        self.out.flush()?;
        Ok((self.out, self.left_out))
    }

    fn open(&mut self, at: Spot, open: &Open) -> io::Result<()> {
        let ends = ends(open);
        self.opened += 1;
        let mut packets = Vec::new();
        let route = match (ends, open.proto.as_str()) {
            (Some(ends), "udp") => Some(Route::Udp(ends)),
            (Some(ends), "tcp" | "tls" | "ws" | "wss") => {
                let mut connection = Connection::new(ends, self.opened);
                connection.open(open.role, &mut packets)?;
                Some(Route::Tcp(connection))
            }
            _ => None,
        };
        if route.is_none() {
            self.left_out.conversations += 1;
        }
        if self.talks.len() >= MOST && !self.talks.contains_key(&at.c) {
            self.talks.pop_first();
        }
        let pair = open.pair.filter(|&pair| pair != at.c);
        if let Some(other) = pair.and_then(|pair| self.talks.get_mut(&pair)) {
            other.pair = Some(at.c);
        }
        self.talks.insert(at.c, Talk { route, pair, writes: false });
        self.put(at, &packets, &format!("conversation #{} on the tape", at.c))
    }

    fn bytes(&mut self, at: Spot, dir: Dir, bytes: &[u8], who: Option<&str>) -> io::Result<()> {
        let Some(talk) = self.talks.get_mut(&at.c) else {
            self.left_out.strays += 1;
            return Ok(());
        };
        let mut packets = Vec::new();
        match &mut talk.route {
            Some(Route::Tcp(connection)) => connection.data(dir, bytes, &mut packets)?,
            Some(Route::Udp(ends)) => {
                let mut ends = *ends;
                if let Some(peer) = who.and_then(address::of) {
                    (ends.local, ends.peer) = address::alike(ends.local, peer);
                }
                if bytes.len() <= ends.largest() {
                    packets.push(ends.datagram(dir, bytes)?);
                } else {
                    self.left_out.datagrams += 1;
                }
            }
            None => {}
        }
        self.put(at, &packets, "")
    }

    /// Writes packets of one moment; the comment is the first one's.
    fn put(&mut self, at: Spot, packets: &[Vec<u8>], comment: &str) -> io::Result<()> {
        let mut block = Vec::new();
        for (index, packet) in packets.iter().enumerate() {
            block.clear();
            let comment = if index == 0 { comment } else { "" };
            blocks::packet(&mut block, at.time, packet, comment);
            self.out.write_all(&block)?;
        }
        Ok(())
    }

    /// Nanoseconds since 1970; a tape may claim to be of any year.
    fn time(&self, event: &Event<'_>) -> u64 {
        let since = i128::try_from(event.t.as_nanos()).unwrap_or(i128::MAX);
        let time = self.start.saturating_add(since).max(0);
        u64::try_from(time).unwrap_or(u64::MAX)
    }
}

/// When and in which conversation.
#[derive(Clone, Copy)]
struct Spot {
    time: u64,
    c: u64,
}

fn ends(open: &Open) -> Option<Ends> {
    let (local, peer) = address::alike(address::of(&open.local)?, address::of(&open.peer)?);
    Some(Ends { local, peer })
}
