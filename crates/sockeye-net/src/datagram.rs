//! Datagram sockets: UDP to one peer, to many, to everyone on a network, to groups; Unix
//! datagrams.
//! A datagram is whole or refused: never cut, never joined with another.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use rustix::net::{RecvFlags, SocketAddrAny, SocketAddrUnix};
use socket2::{Domain, Type};
use tokio::io::Interest;
use tokio::net::{UdpSocket, UnixDatagram};
use tokio::time::timeout;

use crate::dial::{CONNECT_TIMEOUT, Dial};
use crate::endpoint::{Endpoint, Target};
use crate::error::{NetError, Phase};
use crate::host::{Host, HostPort};
use crate::interfaces::{is_broadcast, unmapped};
use crate::listen::{SocketFile, bind_inet, bind_unix, dialable};
use crate::multicast;
use crate::options::Options;
use crate::resolve::{Lookup, resolve_for};
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
    /// More UDP sockets that are heard, each of a multicast group; few or none.
    also: Vec<UdpSocket>,
    /// Which of them is looked at first: their turns, so that none starves the others.
    turn: AtomicUsize,
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
        let netns = endpoint.options.netns.as_deref();
        let addresses = resolve_for(at, lookup, netns).await?;
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for to in addresses {
            match open_udp(to, endpoint) {
                Ok((socket, to)) => {
                    return Ok(Self {
                        to: Some(Sender::Inet(to)),
                        ..Self::plain(Socket::Udp(socket), format!("udp://{to}"))
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
        let socket = Socket::Unix(UnixDatagram::from_std(raw.into()).map_err(fail)?);
        Ok(Self { to: Some(sender), ..Self::plain(socket, address.to_owned()) })
    }

    /// One socket, that has no peer and that nobody is told of.
    fn plain(socket: Socket, canonical: String) -> Self {
        Self {
            socket,
            also: Vec::new(),
            turn: AtomicUsize::new(0),
            to: None,
            canonical,
            dialable: Vec::new(),
            _file: None,
        }
    }

    /// A socket for whoever sends to the endpoint. A multicast group is joined, and so are
    /// those of `group=`; what is sent to other groups does not come in.
    pub async fn bind(endpoint: &Endpoint, lookup: Lookup) -> Result<Self, NetError> {
        let text = endpoint.to_string();
        match &endpoint.target {
            Target::Udp(at) => Self::bind_udp(at, endpoint, lookup, &text).await,
            Target::Unixgram(name) => {
                let fail = |error| NetError::io(Phase::Bind, text.as_str(), error);
                let (raw, file) = bind_unix(name, endpoint, Type::DGRAM, &text)?;
                let socket = Socket::Unix(UnixDatagram::from_std(raw.into()).map_err(fail)?);
                Ok(Self { _file: file, ..Self::plain(socket, text.clone()) })
            }
            _ => Err(unsuitable(Phase::Bind, endpoint)),
        }
    }

    async fn bind_udp(
        at: &HostPort,
        endpoint: &Endpoint,
        lookup: Lookup,
        text: &str,
    ) -> Result<Self, NetError> {
        let fail = |error| NetError::io(Phase::Bind, text, error);
        let options = &endpoint.options;
        let raws = if let Some(group) = group_of(at, lookup, options).await? {
            multicast::listeners(group, options).map_err(fail)?
        } else {
            let groups = options.group.as_deref().unwrap_or_default();
            refuse_groups_at(at, groups, text)?;
            let raw = bind_inet(at, endpoint, lookup, Type::DGRAM, text).await?;
            if !groups.is_empty() {
                multicast::join_beside(&raw, groups, options).map_err(fail)?;
            }
            vec![raw]
        };
        let sockets: io::Result<Vec<UdpSocket>> = raws.into_iter().map(heard).collect();
        let mut sockets = sockets.map_err(fail)?.into_iter();
        let socket = sockets.next().ok_or_else(|| fail(io::ErrorKind::AddrNotAvailable.into()))?;
        let address = socket.local_addr().map_err(fail)?;
        Ok(Self {
            also: sockets.collect(),
            dialable: dialable("udp", address, options),
            ..Self::plain(Socket::Udp(socket), format!("udp://{address}"))
        })
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
            Socket::Udp(socket) if self.also.is_empty() => {
                socket.async_io(wanted, || take(socket, inet_sender)).await
            }
            Socket::Udp(first) => self.recv_of_any(first, wanted).await,
            Socket::Unix(socket) => socket.async_io(wanted, || take(socket, unix_sender)).await,
        }
    }

    /// One datagram of whichever socket has one. Cancel-safe, as each wait is.
    async fn recv_of_any(
        &self,
        first: &UdpSocket,
        wanted: Interest,
    ) -> io::Result<(Vec<u8>, Sender)> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % (self.also.len() + 1);
        let sockets = std::iter::once(first).chain(&self.also);
        let mut waits: Vec<_> = sockets
            .map(|socket| Box::pin(socket.async_io(wanted, || take(socket, inet_sender))))
            .collect();
        waits.rotate_left(turn);
        std::future::poll_fn(|cx| {
            let mut came = waits.iter_mut().map(|wait| wait.as_mut().poll(cx));
            came.find(Poll::is_ready).unwrap_or(Poll::Pending)
        })
        .await
    }

    /// After an error of [`Datagrams::recv`]: the receivers whose datagrams an ICMP message
    /// says were not delivered, as far as the kernel tells (Linux, bound UDP sockets).
    pub fn undelivered(&self) -> Vec<Sender> {
        let mut receivers = Vec::new();
        if let Socket::Udp(socket) = &self.socket {
            for socket in std::iter::once(socket).chain(&self.also) {
                receivers.extend(std::iter::from_fn(|| bounced(socket)));
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
                let socket = self.of_family(socket, *to);
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

impl Datagrams {
    /// A socket that can send to the address: those of groups are of one family each.
    fn of_family<'s>(&'s self, first: &'s UdpSocket, to: SocketAddr) -> &'s UdpSocket {
        let mut all = std::iter::once(first).chain(&self.also);
        let fits = |socket: &&UdpSocket| {
            socket.local_addr().is_ok_and(|own| own.is_ipv4() == to.is_ipv4())
        };
        if self.also.is_empty() { first } else { all.find(fits).unwrap_or(first) }
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

/// The group that the endpoint is, where it is one.
async fn group_of(
    at: &HostPort,
    lookup: Lookup,
    options: &Options,
) -> Result<Option<SocketAddr>, NetError> {
    if at.host == Host::Any {
        return Ok(None);
    }
    let found = resolve_for(at, lookup, options.netns.as_deref()).await?;
    Ok(found.into_iter().next().filter(|address| address.ip().is_multicast()))
}

/// A socket bound to one address of this machine gets nothing that is sent to a group.
fn refuse_groups_at(at: &HostPort, groups: &[IpAddr], text: &str) -> Result<(), NetError> {
    if at.host == Host::Any || groups.is_empty() {
        return Ok(());
    }
    Err(NetError::Unsuitable {
        phase: Phase::Bind,
        address: text.to_owned(),
        why: format!("what is sent to a group does not come to `{at}`"),
        hint: format!("listen on a group, as udp://239.1.2.3:{0}, or on udp://*:{0}", at.port),
    })
}

/// A bound socket that is told whom ICMP errors belong to.
fn heard(raw: socket2::Socket) -> io::Result<UdpSocket> {
    let socket = UdpSocket::from_std(raw.into())?;
    sys::report_icmp(&socket, socket.local_addr()?.is_ipv6())?;
    Ok(socket)
}

/// A socket to the address, and the address as it is sent to.
fn open_udp(to: SocketAddr, endpoint: &Endpoint) -> io::Result<(UdpSocket, SocketAddr)> {
    let mut options = endpoint.options.clone();
    let everyone = is_broadcast(to.ip(), options.netns.as_deref());
    let (socket, to) = if to.ip().is_multicast() {
        multicast::sender(to, &options)?
    } else {
        options.broadcast |= everyone;
        (socket::fresh(socket::domain(to), Type::DGRAM, &options)?, to)
    };
    let many = everyone || to.ip().is_multicast();
    match &options.bind {
        Some(local) => socket::bind_local(&socket, local, to)?,
        None if many => {
            let any: SocketAddr = if to.is_ipv4() {
                (std::net::Ipv4Addr::UNSPECIFIED, 0).into()
            } else {
                (std::net::Ipv6Addr::UNSPECIFIED, 0).into()
            };
            socket.bind(&any.into())?;
        }
        None => {}
    }
    if !many {
        socket.connect(&to.into())?;
    }
    Ok((UdpSocket::from_std(socket.into())?, to))
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
