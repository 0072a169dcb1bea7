//! Being called: TCP on one or every address, Unix by path or abstract name.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use socket2::{Domain, Socket, Type};
use tokio::net::{TcpListener, UnixListener};

use crate::arrival::{Arrival, Porch};
use crate::endpoint::{Endpoint, Target};
use crate::error::{NetError, Phase};
use crate::host::{Host, HostPort};
use crate::interfaces;
use crate::options::Options;
use crate::owner;
use crate::passed;
use crate::resolve::{Lookup, resolve_for};
use crate::socket;
use crate::stream::{Facts, Stream};
use crate::tls::server::Server;
use crate::unix_name::UnixName;
use crate::websocket::offer::{Offer, Origins};

/// Connections not yet accepted that the kernel keeps, unless `?backlog=` says other.
const BACKLOG: u32 = 4096;

/// A bound stream endpoint that accepts callers.
#[derive(Debug)]
pub struct Listener {
    socket: Bound,
    /// Removed with the listener.
    _file: Option<SocketFile>,
    options: Options,
    canonical: String,
    dialable: Vec<String>,
    porch: Arc<Porch>,
}

#[derive(Debug)]
enum Bound {
    /// And its address.
    Tcp(TcpListener, SocketAddr),
    /// And the name that it is called by.
    Unix(UnixListener, String),
}

impl Listener {
    /// Binds and listens. Errors name the owner of a port in use where the machine
    /// shows it, and this machine's addresses where the one given is not among them.
    pub async fn bind(endpoint: &Endpoint, lookup: Lookup) -> Result<Self, NetError> {
        let canonical = endpoint.to_string();
        match &endpoint.target {
            Target::Tcp(at) => Self::tcp(at, endpoint, lookup, Porch::new(None, None)).await,
            Target::Tls(at) => {
                let server = Server::prepare(at, &endpoint.options, &canonical)?;
                Self::tcp(at, endpoint, lookup, Porch::new(Some(server), None)).await
            }
            Target::Ws(web) => {
                let options = &endpoint.options;
                let server = web.secure.then(|| Server::prepare(&web.at, options, &canonical));
                let porch = Porch::new(server.transpose()?, Some(Offer::of(&web.path, options)));
                let mut listener = Self::tcp(&web.at, endpoint, lookup, porch).await?;
                let path = web.path_text();
                for endpoint in &mut listener.dialable {
                    let place = endpoint.find('?').unwrap_or(endpoint.len());
                    endpoint.insert_str(place, &path);
                }
                listener.canonical.push_str(&path);
                Ok(listener)
            }
            Target::Unix(name) => Self::unix(name, endpoint, canonical),
            Target::Fd(number) => Self::passed(*number, endpoint, &canonical),
            _ => Err(NetError::Unsuitable {
                phase: Phase::Bind,
                address: canonical,
                why: format!("nobody can call `{}:`", endpoint.scheme()),
                hint: "listen on tcp, tls, ws, wss, udp, unix or unixgram".to_owned(),
            }),
        }
    }

    async fn tcp(
        at: &HostPort,
        endpoint: &Endpoint,
        lookup: Lookup,
        porch: Porch,
    ) -> Result<Self, NetError> {
        let text = endpoint.to_string();
        let socket = bind_inet(at, endpoint, lookup, Type::STREAM, &text).await?;
        let backlog = endpoint.options.backlog.unwrap_or(BACKLOG);
        let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
        let bound = socket
            .listen(backlog)
            .and_then(|()| TcpListener::from_std(socket.into()))
            .and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) =
            bound.map_err(|error| bind_error(error, &text, at.port, &endpoint.options))?;
        Ok(Self {
            socket: Bound::Tcp(listener, address),
            _file: None,
            options: endpoint.options.clone(),
            canonical: format!("{}://{address}", endpoint.scheme()),
            dialable: reachable(endpoint.scheme(), address, &endpoint.options, &porch),
            porch: Arc::new(porch),
        })
    }

    fn unix(name: &UnixName, endpoint: &Endpoint, canonical: String) -> Result<Self, NetError> {
        let fail = |error| NetError::io(Phase::Bind, canonical.as_str(), error);
        let (socket, file) = bind_unix(name, endpoint, Type::STREAM, &canonical)?;
        socket
            .listen(i32::try_from(endpoint.options.backlog.unwrap_or(BACKLOG)).unwrap_or(i32::MAX))
            .map_err(fail)?;
        let listener = UnixListener::from_std(socket.into()).map_err(fail)?;
        let name = canonical.strip_prefix("unix:").unwrap_or(&canonical).to_owned();
        Ok(Self {
            socket: Bound::Unix(listener, name),
            _file: file,
            options: endpoint.options.clone(),
            canonical,
            dialable: Vec::new(),
            porch: Arc::new(Porch::new(None, None)),
        })
    }

    fn passed(number: u32, endpoint: &Endpoint, text: &str) -> Result<Self, NetError> {
        let fail = |error| NetError::io(Phase::Bind, text, error);
        let socket = passed::listening(number).map_err(fail)?;
        let address = socket.local_addr().map_err(fail)?;
        let (socket, canonical, dialable) = if let Some(address) = address.as_socket() {
            let listener = TcpListener::from_std(socket.into()).map_err(fail)?;
            (
                Bound::Tcp(listener, address),
                format!("tcp://{address}"),
                dialable("tcp", address, &endpoint.options),
            )
        } else {
            let listener = UnixListener::from_std(socket.into()).map_err(fail)?;
            let name = match (address.as_pathname(), address.as_abstract_namespace()) {
                (Some(path), _) => UnixName::Path(path.to_owned()),
                (None, name) => {
                    UnixName::Abstract(String::from_utf8_lossy(name.unwrap_or_default()).into())
                }
            };
            (Bound::Unix(listener, name.to_string()), format!("unix:{name}"), Vec::new())
        };
        let porch = Arc::new(Porch::new(None, None));
        let options = endpoint.options.clone();
        Ok(Self { socket, _file: None, options, canonical, dialable, porch })
    }

    /// The endpoint as bound, with the port that was chosen for port 0.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The endpoints that other machines can dial, where every address is bound.
    pub fn dialable(&self) -> &[String] {
        &self.dialable
    }

    /// The address bound, for a check that a relay to `target` does not call itself;
    /// none where that is reached from another network.
    pub fn address_for(&self, target: &Endpoint) -> Option<SocketAddr> {
        let beside = target.options.sets_out_beside(&self.options);
        if beside { self.address() } else { None }
    }

    /// The address bound.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.socket {
            Bound::Tcp(_, address) => Some(*address),
            Bound::Unix(..) => None,
        }
    }

    /// From now on no page in a browser may open a WebSocket here: a caller could act on this
    /// machine, and a page of anybody's could call.
    pub fn bar_browsers(&mut self) {
        if let Some(offer) = Arc::get_mut(&mut self.porch).and_then(|porch| porch.web.as_mut()) {
            offer.origins = Origins::NoBrowser;
        }
    }

    /// The next caller. Cancel-safe.
    pub async fn accept(&self) -> io::Result<Arrival> {
        match &self.socket {
            Bound::Tcp(listener, _) => {
                let (socket, peer) = listener.accept().await?;
                socket::connected(&socket, &self.options)?;
                Ok(Arrival::of_tcp(socket, peer, &self.porch))
            }
            Bound::Unix(listener, name) => {
                let (socket, _) = listener.accept().await?;
                let peer = socket.peer_cred().ok().and_then(|who| who.pid());
                let peer = peer.map_or_else(|| "unnamed".to_owned(), |pid| format!("pid {pid}"));
                Ok(Arrival::Ready(Stream::unix(socket, Facts::new("unix", name.as_str(), peer))))
            }
        }
    }
}

/// Binds an internet socket; every address means one socket for IPv6 and IPv4 together
/// (RFC 3493, 5.3), or IPv4 alone where there is no IPv6.
pub(crate) async fn bind_inet(
    at: &HostPort,
    endpoint: &Endpoint,
    lookup: Lookup,
    kind: Type,
    text: &str,
) -> Result<Socket, NetError> {
    use crate::resolve::Family;
    if endpoint.options.via.is_some() {
        return Err(NetError::Unsuitable {
            phase: Phase::Bind,
            address: text.to_owned(),
            why: "`via` is a way to call, and nobody is called here".to_owned(),
            hint: "leave `via` out".to_owned(),
        });
    }
    let mut options = endpoint.options.clone();
    // Linux's SO_REUSEADDR on a UDP port would let a second program steal datagrams.
    options.reuseaddr |= kind == Type::STREAM;
    let v4 = SocketAddr::from((Ipv4Addr::UNSPECIFIED, at.port));
    let v6 = SocketAddr::from((Ipv6Addr::UNSPECIFIED, at.port));
    let candidates = match (&at.host, lookup.family) {
        (Host::Any, Family::V4) => vec![v4],
        (Host::Any, Family::V6) => vec![v6],
        (Host::Any, Family::Any) => vec![v6, v4],
        _ => {
            let found = resolve_for(at, lookup, options.netns.as_deref()).await?;
            found.into_iter().take(1).collect()
        }
    };
    let dual = at.host == Host::Any && lookup.family == Family::Any && !options.v6only;
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in candidates {
        match bind_one(address, kind, &options, dual) {
            Ok(socket) => return Ok(socket),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                return Err(bind_error(error, text, at.port, &options));
            }
            Err(error) => last = error,
        }
    }
    Err(bind_error(last, text, at.port, &options))
}

fn bind_one(address: SocketAddr, kind: Type, options: &Options, dual: bool) -> io::Result<Socket> {
    let socket = socket::fresh(socket::domain(address), kind, options)?;
    if address.is_ipv6() {
        socket.set_only_v6(!dual)?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Binds a Unix socket; a stale file (nobody answers there) is taken over, anything
/// that is no socket is left alone.
pub(crate) fn bind_unix(
    name: &UnixName,
    endpoint: &Endpoint,
    kind: Type,
    canonical: &str,
) -> Result<(Socket, Option<SocketFile>), NetError> {
    let fail = |error| NetError::io(Phase::Bind, canonical, error);
    let socket = socket::fresh(Domain::UNIX, kind, &endpoint.options).map_err(fail)?;
    let path = match name {
        UnixName::Abstract(name) => {
            let address = socket2::SockAddr::unix(format!("\0{name}")).map_err(fail)?;
            socket.bind(&address).map_err(fail)?;
            return Ok((socket, None));
        }
        UnixName::Path(path) => path,
    };
    let address = socket2::SockAddr::unix(path).map_err(fail)?;
    if let Err(error) = socket.bind(&address) {
        if error.kind() != io::ErrorKind::AddrInUse {
            return Err(fail(error));
        }
        remove_stale(path, &address, kind).map_err(|why| fail(error).with_hint(why))?;
        socket.bind(&address).map_err(fail)?;
    }
    if let Some(mode) = endpoint.options.mode {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).map_err(fail)?;
    }
    let file = SocketFile::of(path.clone()).map_err(fail)?;
    Ok((socket, Some(file)))
}

fn remove_stale(path: &Path, address: &socket2::SockAddr, kind: Type) -> Result<(), String> {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket());
    if !is_socket {
        return Err("what stands there is no socket: it was left alone, take another path".into());
    }
    // A caller of the other kind is told that somebody is there (EPROTOTYPE), and is no caller
    // of theirs: one that was would be taken for the client that they wait for.
    let kind = if kind == Type::STREAM { Type::DGRAM } else { Type::STREAM };
    let answer = Socket::new(Domain::UNIX, kind, None).and_then(|probe| {
        probe.set_nonblocking(true)?;
        probe.connect(address)
    });
    match answer {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path)
                .map_err(|error| format!("it is stale, but cannot be removed: {error}"))
        }
        _ => Err("another program listens there".into()),
    }
}

/// The file of a Unix socket of ours: removed with it, if it is still ours.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    fn of(path: PathBuf) -> io::Result<Self> {
        let meta = std::fs::symlink_metadata(&path)?;
        Ok(Self { path, identity: (meta.dev(), meta.ino()) })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours = std::fs::symlink_metadata(&self.path)
            .is_ok_and(|meta| (meta.dev(), meta.ino()) == self.identity);
        if ours {
            // It may have gone in between: nothing is left to do then.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// What others would dial to reach a listener: where every address is bound, those of this
/// machine; where the certificate was made on the spot, with its pin.
fn reachable(scheme: &str, bound: SocketAddr, options: &Options, porch: &Porch) -> Vec<String> {
    let others = dialable(scheme, bound, options);
    let Some(pin) = porch.tls.as_ref().and_then(Server::made) else {
        return others;
    };
    let own = [format!("{scheme}://{bound}")];
    let all = if others.is_empty() { own.to_vec() } else { others };
    all.into_iter().map(|endpoint| format!("{endpoint}?pin={pin}")).collect()
}

/// What other machines would dial to reach a socket bound to every address.
pub(crate) fn dialable(scheme: &str, bound: SocketAddr, options: &Options) -> Vec<String> {
    if !bound.ip().is_unspecified() {
        return Vec::new();
    }
    interfaces::dialable(options.netns.as_deref(), options.iface.as_deref())
        .into_iter()
        .filter(|ip| bound.is_ipv6() || ip.is_ipv4())
        .map(|ip| format!("{scheme}://{}", SocketAddr::new(ip, bound.port())))
        .collect()
}

fn bind_error(error: io::Error, address: &str, port: u16, options: &Options) -> NetError {
    let netns = options.netns.as_deref();
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => owner::of_port(port, netns)
            .map(|owner| format!("{owner} has it: take another port, or port 0 for a free one")),
        io::ErrorKind::AddrNotAvailable => {
            let own: Vec<String> = interfaces::all(netns).iter().map(ToString::to_string).collect();
            Some(format!("this machine's addresses are {}", own.join(", ")))
        }
        _ => None,
    };
    let error = NetError::io(Phase::Bind, address, error);
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}
