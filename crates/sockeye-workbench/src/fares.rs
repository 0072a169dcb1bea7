//! How a conversation stands: both addresses, every socket option, and what the kernel knows
//! of its TCP connection. Read at the moment it is wanted and kept nowhere.

use sockeye_net::datagram::{Datagrams, Ear, Sender};
use sockeye_net::info::{Row, of_datagrams, of_stream};
use sockeye_net::stream::Stream;
use sockeye_net::tcp_info::TcpInfo;
use sockeye_text::safe::one_line;

/// How a conversation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fares {
    /// Its number.
    pub c: u64,
    /// Its transport.
    pub proto: &'static str,
    /// Our address.
    pub local: String,
    /// The peer's, as it was told: not yet safe to show.
    pub peer: String,
    /// The options of its socket, by the names that setsockopt(2) knows.
    pub rows: Vec<Row>,
    /// Of TCP, by itself or below TLS or a WebSocket.
    pub tcp: Option<TcpInfo>,
}

impl Fares {
    /// Of a stream.
    pub fn of_stream(c: u64, stream: &Stream) -> Self {
        let facts = &stream.facts;
        Self {
            c,
            proto: facts.proto,
            local: facts.local.to_string(),
            peer: facts.peer.to_string(),
            rows: of_stream(stream),
            tcp: TcpInfo::of(stream),
        }
    }

    /// Of one peer of a datagram socket.
    pub fn of_datagrams(c: u64, socket: &Datagrams, ear: Ear, peer: &Sender) -> Self {
        Self {
            c,
            proto: socket.proto(),
            local: socket.local(ear),
            peer: peer.to_string(),
            rows: of_datagrams(socket),
            tcp: None,
        }
    }

    /// All of it, as lines.
    pub fn lines(&self) -> Vec<String> {
        let Self { c, proto, local, peer, rows, tcp } = self;
        let told = tcp.iter().flat_map(TcpInfo::rows);
        let rows = rows.iter().cloned().chain(told);
        let rows = rows.map(|(name, value)| format!("  {name:<18} {value}"));
        let first = format!("#{c} {proto} local {local} peer {}", one_line(peer));
        std::iter::once(first).chain(rows).collect()
    }

    /// How its connection fares, in one line; none where it is not TCP's.
    pub fn line(&self) -> Option<String> {
        let info = self.tcp?;
        Some(format!("  #{} {}://{}: {info}", self.c, self.proto, one_line(&self.peer)))
    }
}
