//! How datagram sockets are opened: dialled to one peer, a group or everyone; bound for
//! whoever sends, joined to groups.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::AtomicUsize;

use socket2::{Domain, Type};
use tokio::net::{UdpSocket, UnixDatagram};
use tokio::time::timeout;

use crate::datagram::batch::Way;
use crate::datagram::bounced::Bounced;
use crate::datagram::{Datagrams, Sender, Socket};
use crate::dial::{CONNECT_TIMEOUT, Dial};
use crate::endpoint::{Endpoint, Target};
use crate::error::{NetError, Phase};
use crate::host::{Host, HostPort};
use crate::interfaces::is_broadcast;
use crate::listen::{bind_inet, bind_unix, dialable};
use crate::multicast;
use crate::options::Options;
use crate::resolve::{Lookup, resolve_for};
use crate::socket;
use crate::sys;
use crate::unix_name::UnixName;

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
                        connected: socket.peer_addr().is_ok(),
                        netns: endpoint.options.netns.clone(),
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
        Ok(Self { to: Some(sender), connected: true, ..Self::plain(socket, address.to_owned()) })
    }

    /// One socket, that has no peer and that nobody is told of.
    fn plain(socket: Socket, canonical: String) -> Self {
        Self {
            socket,
            also: Vec::new(),
            turn: AtomicUsize::new(0),
            to: None,
            connected: false,
            way: Way::default(),
            bounced: Bounced::default(),
            netns: None,
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
        let sockets: io::Result<Vec<UdpSocket>> =
            raws.into_iter().map(|raw| heard(raw, options)).collect();
        let mut sockets = sockets.map_err(fail)?.into_iter();
        let socket = sockets.next().ok_or_else(|| fail(io::ErrorKind::AddrNotAvailable.into()))?;
        let address = socket.local_addr().map_err(fail)?;
        Ok(Self {
            also: sockets.collect(),
            netns: options.netns.clone(),
            dialable: dialable("udp", address, options),
            ..Self::plain(Socket::Udp(socket), format!("udp://{address}"))
        })
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

/// What waits to be read takes at most so much of the kernel's memory, unless `rcvbuf=` says
/// other. The system's own bound may be lower (socket(7), `rmem_max`); its usual size holds
/// less than 300 small datagrams.
const WAITING: usize = 4 * 1024 * 1024;

/// A bound socket that is told whom ICMP errors belong to, and that a burst does not fill.
fn heard(raw: socket2::Socket, options: &Options) -> io::Result<UdpSocket> {
    if options.rcvbuf.is_none() {
        // With less, more of a burst is lost: datagrams may be.
        drop(raw.set_recv_buffer_size(WAITING));
    }
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
