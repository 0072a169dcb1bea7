//! Datagram sockets: UDP to one peer, to many, to everyone on a network; Unix datagrams.
//! A datagram is whole or refused: never cut, never joined with another.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use rustix::net::{RecvFlags, SocketAddrAny, SocketAddrUnix};
use socket2::{Domain, Type};
use tokio::io::Interest;
use tokio::net::{UdpSocket, UnixDatagram};
use tokio::time::timeout;

use crate::dial::{CONNECT_TIMEOUT, Dial};
use crate::endpoint::{Endpoint, Target};
use crate::error::{NetError, Phase};
use crate::host::HostPort;
use crate::interfaces::{is_broadcast, unmapped};
use crate::listen::{SocketFile, bind_inet, bind_unix, dialable};
use crate::resolve::{Lookup, resolve};
use crate::socket;
use crate::sys;
use crate::unix_name::UnixName;

/// The most bytes that a UDP datagram over IPv4 can carry (RFC 768, RFC 791).
pub const MOST_V4: usize = 65_507;
/// The same over IPv6 without jumbograms (RFC 8200).
pub const MOST_V6: usize = 65_527;

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

/// A bound or connected datagram socket.
#[derive(Debug)]
pub struct Datagrams {
    socket: Socket,
    /// Where datagrams go that name no receiver.
    to: Option<Sender>,
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
    /// A socket for one peer. To a broadcast or multicast address it stays unconnected,
    /// so that anyone may answer; otherwise only the peer is heard, and an ICMP
    /// "unreachable" comes back as an error of the next call.
    pub async fn dial(endpoint: &Endpoint, how: Dial) -> Result<Self, NetError> {
        let address = endpoint.to_string();
        match &endpoint.target {
            Target::Udp(at) => {
                let limit = endpoint.options.connect_timeout.or(how.within);
                let limit = limit.unwrap_or(CONNECT_TIMEOUT);
                let opening = Self::dial_udp(at, endpoint, how.lookup, &address);
                timeout(limit, opening).await.unwrap_or(Err(NetError::Timeout {
                    phase: Phase::Resolve,
                    address: address.clone(),
                    after: limit,
                }))
            }
            Target::Unixgram(name) => Self::dial_unix(name, &address),
            _ => Err(unsuitable(Phase::Connect, endpoint)),
        }
    }

    async fn dial_udp(
        at: &HostPort,
        endpoint: &Endpoint,
        lookup: Lookup,
        text: &str,
    ) -> Result<Self, NetError> {
        let addresses = resolve(at, lookup).await?;
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for to in addresses {
            match open_udp(to, endpoint) {
                Ok(socket) => {
                    return Ok(Self {
                        socket: Socket::Udp(socket),
                        to: Some(Sender::Inet(to)),
                        canonical: format!("udp://{to}"),
                        dialable: Vec::new(),
                        _file: None,
                    });
                }
                Err(error) => last = error,
            }
        }
        Err(NetError::io(Phase::Connect, text, last))
    }

    fn dial_unix(name: &UnixName, address: &str) -> Result<Self, NetError> {
        let fail = |error| NetError::io(Phase::Connect, address, error);
        let raw = socket2::Socket::new(Domain::UNIX, Type::DGRAM, None).map_err(fail)?;
        raw.set_nonblocking(true).map_err(fail)?;
        // A name of its own (autobind, unix(7)), so that the other side can answer.
        rustix::net::bind(&raw, &rustix::net::SocketAddrUnix::new_unnamed())
            .map_err(|error| fail(error.into()))?;
        let to = match name {
            UnixName::Path(path) => socket2::SockAddr::unix(path),
            UnixName::Abstract(name) => socket2::SockAddr::unix(format!("\0{name}")),
        };
        raw.connect(&to.map_err(fail)?).map_err(fail)?;
        let sender = match name {
            UnixName::Path(path) => Sender::Path(path.clone()),
            UnixName::Abstract(name) => Sender::Abstract(name.clone().into_bytes()),
        };
        Ok(Self {
            socket: Socket::Unix(UnixDatagram::from_std(raw.into()).map_err(fail)?),
            to: Some(sender),
            canonical: address.to_owned(),
            dialable: Vec::new(),
            _file: None,
        })
    }

    /// A socket for whoever sends to the endpoint.
    pub async fn bind(endpoint: &Endpoint, lookup: Lookup) -> Result<Self, NetError> {
        let text = endpoint.to_string();
        let fail = |error| NetError::io(Phase::Bind, text.as_str(), error);
        match &endpoint.target {
            Target::Udp(at) => {
                let raw = bind_inet(at, endpoint, lookup, Type::DGRAM, &text).await?;
                let socket = UdpSocket::from_std(raw.into()).map_err(fail)?;
                let address = socket.local_addr().map_err(fail)?;
                sys::report_icmp(&socket, address.is_ipv6()).map_err(fail)?;
                Ok(Self {
                    socket: Socket::Udp(socket),
                    to: None,
                    canonical: format!("udp://{address}"),
                    dialable: dialable("udp", address),
                    _file: None,
                })
            }
            Target::Unixgram(name) => {
                let (raw, file) = bind_unix(name, endpoint, Type::DGRAM, &text)?;
                Ok(Self {
                    socket: Socket::Unix(UnixDatagram::from_std(raw.into()).map_err(fail)?),
                    to: None,
                    canonical: text.clone(),
                    dialable: Vec::new(),
                    _file: file,
                })
            }
            _ => Err(unsuitable(Phase::Bind, endpoint)),
        }
    }

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

    /// This side's address.
    pub fn local(&self) -> String {
        match &self.socket {
            Socket::Udp(socket) => socket
                .local_addr()
                .map_or_else(|_| "?".to_owned(), |address| unmapped(address).to_string()),
            Socket::Unix(_) => match self.to {
                Some(_) => String::new(),
                None => self.canonical.trim_start_matches("unixgram:").to_owned(),
            },
        }
    }

    /// The internet address bound, for a check that a relay does not call itself.
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
            Some(_) => crate::scratch::MOST,
        }
    }

    /// One datagram and its sender. An ICMP "unreachable" is an error, after which the
    /// socket goes on. Cancel-safe.
    pub async fn recv(&self) -> io::Result<(Vec<u8>, Sender)> {
        // An ICMP error makes the socket ready without anything to read.
        let wanted = Interest::READABLE | Interest::ERROR;
        match &self.socket {
            Socket::Udp(socket) => socket.async_io(wanted, || take(socket, inet_sender)).await,
            Socket::Unix(socket) => socket.async_io(wanted, || take(socket, unix_sender)).await,
        }
    }

    /// After an error of [`Datagrams::recv`]: the receivers whose datagrams an ICMP message
    /// says were not delivered, as far as the kernel tells (Linux, bound UDP sockets).
    pub fn undelivered(&self) -> Vec<Sender> {
        let mut receivers = Vec::new();
        if let Socket::Udp(socket) = &self.socket {
            while let Some(receiver) = bounced(socket) {
                receivers.push(receiver);
            }
        }
        receivers
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
        let connected = to.is_none();
        match (&self.socket, to.or(self.to.as_ref())) {
            (Socket::Udp(socket), Some(Sender::Inet(_)))
                if connected && socket.peer_addr().is_ok() =>
            {
                socket.send(bytes).await?;
            }
            (Socket::Udp(socket), Some(Sender::Inet(to))) => {
                // An ICMP error that some earlier datagram met is told to the next call,
                // which then has sent nothing: it says nothing about this one.
                if let Err(error) = socket.send_to(bytes, to).await {
                    if error.kind() != io::ErrorKind::ConnectionRefused {
                        return Err(error);
                    }
                    socket.send_to(bytes, to).await?;
                }
            }
            (Socket::Unix(socket), Some(_)) if connected => {
                socket.send(bytes).await?;
            }
            (Socket::Unix(socket), Some(Sender::Path(path))) => {
                socket.send_to(bytes, path).await?;
            }
            (Socket::Unix(socket), Some(Sender::Abstract(name))) => {
                send_abstract(socket, bytes, name).await?;
            }
            _ => {
                let text = "the sender has no address to answer to";
                return Err(io::Error::new(io::ErrorKind::AddrNotAvailable, text));
            }
        }
        Ok(())
    }
}

async fn send_abstract(socket: &UnixDatagram, bytes: &[u8], name: &[u8]) -> io::Result<()> {
    let to = rustix::net::SocketAddrUnix::new_abstract_name(name)?;
    socket
        .async_io(tokio::io::Interest::WRITABLE, || {
            let flags = rustix::net::SendFlags::NOSIGNAL;
            Ok(rustix::net::sendto(socket, bytes, flags, &to)?)
        })
        .await?;
    Ok(())
}

/// One datagram that is there, and who sent it.
fn take<S: AsFd>(socket: &S, sender: fn(SocketAddrAny) -> Sender) -> io::Result<(Vec<u8>, Sender)> {
    crate::scratch::with(crate::scratch::MOST, |space| {
        let (count, _, from) = rustix::net::recvfrom(socket, &mut *space, RecvFlags::empty())?;
        let bytes = space.get(..count).unwrap_or_default().to_vec();
        Ok((bytes, from.map_or(Sender::Unnamed, sender)))
    })
}

/// Takes one message from the socket's error queue: whom it was meant for.
#[cfg(target_os = "linux")]
fn bounced(socket: &UdpSocket) -> Option<Sender> {
    let mut head = [0; 64];
    let mut room = [std::io::IoSliceMut::new(&mut head)];
    let mut extra = rustix::net::RecvAncillaryBuffer::default();
    let flags = RecvFlags::ERRQUEUE | RecvFlags::DONTWAIT;
    let message = rustix::net::recvmsg(socket, &mut room, &mut extra, flags).ok()?;
    Some(message.address.map_or(Sender::Unnamed, inet_sender))
}

#[cfg(not(target_os = "linux"))]
fn bounced(_socket: &UdpSocket) -> Option<Sender> {
    None
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

fn open_udp(to: SocketAddr, endpoint: &Endpoint) -> io::Result<UdpSocket> {
    let mut options = endpoint.options.clone();
    let everyone = is_broadcast(to.ip());
    options.broadcast |= everyone;
    let socket = socket::fresh(socket::domain(to), Type::DGRAM, &options)?;
    match &options.bind {
        Some(local) => socket::bind_local(&socket, local, to)?,
        None if everyone || to.ip().is_multicast() => {
            let any: SocketAddr = if to.is_ipv4() {
                (std::net::Ipv4Addr::UNSPECIFIED, 0).into()
            } else {
                (std::net::Ipv6Addr::UNSPECIFIED, 0).into()
            };
            socket.bind(&any.into())?;
        }
        None => {}
    }
    if !everyone && !to.ip().is_multicast() {
        socket.connect(&to.into())?;
    }
    UdpSocket::from_std(socket.into())
}

fn unsuitable(phase: Phase, endpoint: &Endpoint) -> NetError {
    NetError::Unsuitable {
        phase,
        address: endpoint.to_string(),
        why: format!("`{}:` has no datagrams", endpoint.scheme()),
        hint: "use udp:// or unixgram: for datagrams".to_owned(),
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
