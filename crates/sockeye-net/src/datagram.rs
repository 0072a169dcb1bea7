//! Datagram sockets: UDP to one peer, to many, to everyone on a network, to groups; Unix
//! datagrams.
//! A datagram is whole or refused: never cut, never joined with another.

pub mod batch;
mod bounced;
mod many;
pub mod straight;
mod opening;

use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use rustix::net::{RecvFlags, SendFlags, SocketAddrAny, SocketAddrUnix};
use tokio::io::Interest;
use tokio::net::{UdpSocket, UnixDatagram};

use crate::datagram::batch::Way;
use crate::datagram::bounced::{Bounced, Met};
use crate::datagram::many::take_whole;
use crate::endpoint::Endpoint;
use crate::interfaces::unmapped;
use crate::listen::SocketFile;

/// The most bytes that a UDP datagram over IPv4 can carry (RFC 768, RFC 791).
pub const MOST_V4: usize = 65_507;
/// The same over IPv6 without jumbograms (RFC 8200).
pub const MOST_V6: usize = 65_527;

/// The most bytes of a Unix datagram that is taken: the system sets none of its own but the
/// sender's buffer (unix(7), `SO_SNDBUF`).
pub const MOST_UNIX: usize = 4 * 1024 * 1024;

/// Whom a datagram came from, or is to go to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sender {
    /// An internet address as the socket sees it.
    Inet(SocketAddr),
    /// A Unix path.
    Path(PathBuf),
    /// An abstract Unix name.
    Abstract(Vec<u8>),
    /// A Unix socket without a name: it cannot be answered.
    Unnamed,
}

impl std::fmt::Display for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Inet(address) => write!(f, "{}", unmapped(*address)),
            Self::Path(path) => f.write_str(&sockeye_text::safe::one_line(&path.to_string_lossy())),
            Self::Abstract(name) => {
                write!(f, "@{}", sockeye_text::safe::one_line(&String::from_utf8_lossy(name)))
            }
            Self::Unnamed => f.write_str("unnamed"),
        }
    }
}

/// Which of several sockets a datagram came to: that of each multicast group is another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ear(usize);

/// A datagram that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// What it carried.
    pub bytes: Vec<u8>,
    /// Who sent it.
    pub from: Sender,
    /// Where it came to.
    pub ear: Ear,
}

/// Room for any UDP datagram: its length field has 16 bits (RFC 768).
const UDP_ROOM: usize = 65_535;

/// A bound or connected datagram socket.
#[derive(Debug)]
pub struct Datagrams {
    socket: Socket,
    /// More UDP sockets that are heard, each of a multicast group; few or none.
    also: Vec<UdpSocket>,
    /// Which of them is looked at first: their turns, so that none starves the others.
    turn: AtomicUsize,
    /// Where datagrams go that name no receiver.
    to: Option<Sender>,
    /// It is connected there: the socket needs no address to send.
    connected: bool,
    /// How many pass a call.
    way: Way,
    /// What the network said of our datagrams, and nobody has been told of.
    bounced: Bounced,
    /// The network namespace that it is in, where that is another.
    netns: Option<String>,
    canonical: String,
    dialable: Vec<String>,
    _file: Option<SocketFile>,
}

#[derive(Debug)]
enum Socket {
    Udp(UdpSocket),
    Unix(UnixDatagram),
}

impl Datagrams {
    /// The endpoint as opened, with the port that was chosen for port 0.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The endpoints that other machines can send to, where every address is bound.
    pub fn dialable(&self) -> &[String] {
        &self.dialable
    }

    /// `udp` or `unixgram`.
    pub fn proto(&self) -> &'static str {
        match self.socket {
            Socket::Udp(_) => "udp",
            Socket::Unix(_) => "unixgram",
        }
    }

    /// This side's address, where datagrams come to that ear.
    pub fn local(&self, ear: Ear) -> String {
        match &self.socket {
            Socket::Udp(first) => std::iter::once(first)
                .chain(&self.also)
                .nth(ear.0)
                .unwrap_or(first)
                .local_addr()
                .map_or_else(|_| "?".to_owned(), |address| unmapped(address).to_string()),
            Socket::Unix(_) => match self.to {
                Some(_) => String::new(),
                None => self.canonical.trim_start_matches("unixgram:").to_owned(),
            },
        }
    }

    /// Where datagrams come to: one ear, or one for each multicast group.
    pub fn ears(&self) -> impl Iterator<Item = Ear> {
        (0..=self.also.len()).map(Ear)
    }

    /// The internet address bound, for a check that a relay to `target` does not call itself;
    /// none where that is reached from another network.
    pub fn address_for(&self, target: &Endpoint) -> Option<SocketAddr> {
        let beside = target.options.netns == self.netns;
        if beside { self.address() } else { None }
    }

    /// The internet address bound.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.socket {
            Socket::Udp(socket) => socket.local_addr().ok(),
            Socket::Unix(_) => None,
        }
    }

    /// The peer that was dialled.
    pub fn peer(&self) -> Option<&Sender> {
        self.to.as_ref()
    }

    /// The most bytes that one datagram to that receiver can carry.
    pub fn most(&self, to: Option<&Sender>) -> usize {
        match to.or(self.to.as_ref()) {
            Some(Sender::Inet(address)) if address.ip().to_canonical().is_ipv6() => MOST_V6,
            Some(Sender::Inet(_)) | None => MOST_V4,
            Some(_) => MOST_UNIX,
        }
    }

    /// One datagram and its sender. An ICMP "unreachable" is an error, after which the
    /// socket goes on; so is a datagram that is longer than [`MOST_UNIX`]. Cancel-safe.
    pub async fn recv(&self) -> io::Result<Datagram> {
        // An ICMP error makes the socket ready without anything to read.
        let wanted = Interest::READABLE | Interest::ERROR;
        match &self.socket {
            Socket::Udp(socket) if self.also.is_empty() => {
                self.hear(socket, Ear::default(), wanted).await
            }
            Socket::Udp(first) => {
                self.of_any(first, |socket, ear| self.hear(socket, ear, wanted)).await
            }
            Socket::Unix(socket) => {
                let take = || {
                    let batch = take_whole(socket)?;
                    Ok(batch.iter().next().map(|came| (came.bytes.to_vec(), came.from.clone())))
                };
                let (bytes, from) =
                    socket.async_io(wanted, take).await?.ok_or(io::ErrorKind::WouldBlock)?;
                Ok(Datagram { bytes, from, ear: Ear::default() })
            }
        }
    }

    /// What the first of several sockets has that has something. Cancel-safe, if each wait is.
    async fn of_any<'s, T, F: Future<Output = T>>(
        &'s self,
        first: &'s UdpSocket,
        wait: impl Fn(&'s UdpSocket, Ear) -> F,
    ) -> T {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % (self.also.len() + 1);
        let sockets = std::iter::once(first).chain(&self.also).enumerate();
        let mut waits: Vec<_> =
            sockets.map(|(number, socket)| Box::pin(wait(socket, Ear(number)))).collect();
        waits.rotate_left(turn);
        std::future::poll_fn(|cx| {
            let mut came = waits.iter_mut().map(|wait| wait.as_mut().poll(cx));
            came.find(Poll::is_ready).unwrap_or(Poll::Pending)
        })
        .await
    }

    /// Sends one datagram, to the peer dialled unless another is named. One that no
    /// datagram can carry is refused before it is sent. Cancel-safe.
    pub async fn send(&self, bytes: &[u8], to: Option<&Sender>) -> io::Result<()> {
        let most = self.most(to);
        if bytes.len() > most {
            let text = format!(
                "{} bytes are more than the {most} that one datagram can carry",
                bytes.len()
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let connected = to.is_none() && self.connected;
        match (&self.socket, to.or(self.to.as_ref())) {
            (Socket::Udp(socket), Some(Sender::Inet(_))) if connected => {
                socket.send(bytes).await?;
            }
            (Socket::Udp(socket), Some(Sender::Inet(to))) => {
                let socket = self.of_family(socket, *to);
                let mut met = Met::default();
                loop {
                    let tried = socket.send_to(bytes, to).await.map(|_| ());
                    if let ControlFlow::Break(done) = self.bounced.judge(tried, &mut met) {
                        return done;
                    }
                }
            }
            (Socket::Unix(socket), Some(_)) if connected => {
                socket.send(bytes).await?;
            }
            (Socket::Unix(socket), Some(Sender::Path(path))) => {
                send_unix(socket, bytes, &SocketAddrUnix::new(path)?).await?;
            }
            (Socket::Unix(socket), Some(Sender::Abstract(name))) => {
                send_unix(socket, bytes, &SocketAddrUnix::new_abstract_name(name)?).await?;
            }
            _ => {
                let text = "the sender has no address to answer to";
                return Err(io::Error::new(io::ErrorKind::AddrNotAvailable, text));
            }
        }
        Ok(())
    }
}

impl Datagrams {
    /// The next datagram of one socket. Cancel-safe.
    async fn hear(&self, socket: &UdpSocket, ear: Ear, wanted: Interest) -> io::Result<Datagram> {
        let take = || {
            self.tell_bounced()?;
            take(socket)
        };
        let (bytes, from) = socket.async_io(wanted, take).await?;
        Ok(Datagram { bytes, from, ear })
    }

    /// A socket that can send to the address: those of groups are of one family each.
    fn of_family<'s>(&'s self, first: &'s UdpSocket, to: SocketAddr) -> &'s UdpSocket {
        let mut all = std::iter::once(first).chain(&self.also);
        let fits = |socket: &&UdpSocket| {
            socket.local_addr().is_ok_and(|own| own.is_ipv4() == to.is_ipv4())
        };
        if self.also.is_empty() { first } else { all.find(fits).unwrap_or(first) }
    }
}

/// Tries before it waits: that some other receiver is full says nothing of this one.
async fn send_unix(socket: &UnixDatagram, bytes: &[u8], to: &SocketAddrUnix) -> io::Result<()> {
    let send = || {
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        rustix::net::sendto(socket, bytes, flags, to).map(|_| ()).map_err(io::Error::from)
    };
    match send() {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            socket.async_io(Interest::WRITABLE, send).await
        }
        done => done,
    }
}

/// One datagram that is there, and who sent it.
fn take(socket: &UdpSocket) -> io::Result<(Vec<u8>, Sender)> {
    crate::scratch::with(UDP_ROOM, |space| {
        let (count, from) = take_into(socket, space, inet_sender)?;
        Ok((space.get(..count).unwrap_or_default().to_vec(), from))
    })
}

/// The same into that space; how long it is. One that does not fit is gone, and an error.
fn take_into<S: AsFd>(
    socket: &S,
    space: &mut [u8],
    sender: fn(SocketAddrAny) -> Sender,
) -> io::Result<(usize, Sender)> {
    let room = space.len();
    let (_, long, from) = rustix::net::recvfrom(socket, space, RecvFlags::TRUNC)?;
    let from = from.map_or(Sender::Unnamed, sender);
    if long > room {
        let text =
            format!("a datagram of {long} bytes from {from} was not taken: {room} are the most");
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    Ok((long, from))
}

fn inet_sender(from: SocketAddrAny) -> Sender {
    SocketAddr::try_from(from).map_or(Sender::Unnamed, Sender::Inet)
}

fn unix_sender(from: SocketAddrAny) -> Sender {
    let Ok(from) = SocketAddrUnix::try_from(from) else { return Sender::Unnamed };
    match (from.path_bytes(), from.abstract_name()) {
        (Some(path), _) if !path.is_empty() => {
            Sender::Path(PathBuf::from(std::ffi::OsStr::from_bytes(path)))
        }
        (_, Some(name)) => Sender::Abstract(name.to_vec()),
        _ => Sender::Unnamed,
    }
}

impl AsFd for Datagrams {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.socket {
            Socket::Udp(socket) => socket.as_fd(),
            Socket::Unix(socket) => socket.as_fd(),
        }
    }
}
