//! Calling a stream endpoint: TCP with happy eyeballs, Unix, a child, stdio, a file.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use socket2::Type;
use tokio::net::{TcpSocket, TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::carrier::Carrier;
use crate::child;
use crate::circle::{Forbidden, Origin};
use crate::endpoint::{Endpoint, Target};
use crate::error::{NetError, Phase};
use crate::host::HostPort;
use crate::interfaces::is_own;
use crate::options::Options;
use crate::proxy::Proxy;
use crate::resolve::{Lookup, resolve, resolve_for};
use crate::serial::port::{self, Port};
use crate::socket;
use crate::standard;
use crate::stream::{Facts, Reader, Stream, Writer};
use crate::tls::Secure;
use crate::tls::client::Client;
use crate::unix_name::UnixName;
use crate::via;
use crate::web_address::WebAddress;
use crate::websocket;

/// How long a connect may take in all, unless the endpoint or the user says otherwise.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one address is tried alone before the next joins (RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// What a `file:` endpoint is wanted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileUse {
    /// To be read.
    #[default]
    Source,
    /// To be written: created, and refused if it is there already.
    Target,
}

/// How a stream endpoint is to be called.
#[derive(Clone, Debug, Default)]
pub struct Dial {
    /// How names are looked up.
    pub lookup: Lookup,
    /// Bounds name and connect together (`-w`; unset: [`CONNECT_TIMEOUT`]);
    /// `?connect-timeout=` goes before it.
    pub within: Option<Duration>,
    /// What a file is wanted for.
    pub file: FileUse,
    /// Ports of our own that no stream may be dialled to.
    pub forbidden: Forbidden,
}

/// Opens a stream endpoint as its caller; `caller` is whom a child works for.
pub async fn dial(
    endpoint: &Endpoint,
    how: Dial,
    caller: Option<&Facts>,
) -> Result<Stream, NetError> {
    let limit = endpoint.options.connect_timeout.or(how.within).unwrap_or(CONNECT_TIMEOUT);
    let opening = async {
        match &endpoint.target {
            Target::Tcp(at) => {
                let (socket, peer) = tcp(at, &endpoint.options, &how, endpoint).await?;
                let facts = Facts::of_tcp("tcp", &socket, Some(peer));
                Ok(Stream::known(socket, facts))
            }
            _ => Box::pin(open(endpoint, &how, caller)).await,
        }
    };
    let Ok(opened) = timeout(limit, opening).await else {
        let address = endpoint.to_string();
        return Err(NetError::Timeout { phase: Phase::Connect, address, after: limit });
    };
    let mut stream = opened?;
    if let (Some(_), Some(at)) = (&endpoint.options.via, endpoint.at()) {
        // The socket knows the proxy alone.
        stream.facts.peer = at.to_string().into();
    }
    Ok(stream)
}

/// Opens what is not TCP alone.
async fn open(endpoint: &Endpoint, how: &Dial, caller: Option<&Facts>) -> Result<Stream, NetError> {
    let address = &endpoint.to_string();
    match &endpoint.target {
        Target::Tls(at) => {
            let (secure, told) = tls(at, &endpoint.options, how, address).await?;
            Ok(Stream::tls(Box::new(secure), told))
        }
        Target::Ws(web) => ws(web, &endpoint.options, how, address).await,
        Target::Unix(name) => unix(name, address).await,
        Target::Exec(argv) => child::start(argv, caller),
        Target::Serial(path) => serial(path, &endpoint.options, address),
        Target::Stdio => Ok(standard::stdio()),
        Target::File(path) => file(path, &endpoint.options, how.file, address).await,
        _ => Err(NetError::Unsuitable {
            phase: Phase::Connect,
            address: address.to_owned(),
            why: "datagrams make no stream".to_owned(),
            hint: "use it where datagrams are meant, as in `connect` or `send`".to_owned(),
        }),
    }
}

/// A connection, and whom it is to: the address that was called, or what the kernel made of it.
type Called = (TcpStream, SocketAddr);

/// What an error names, written out only then.
type Named<'n> = &'n (dyn Display + Sync);

async fn tcp(
    at: &HostPort,
    options: &Options,
    how: &Dial,
    address: Named<'_>,
) -> Result<Called, NetError> {
    match &options.via {
        None => reach(at, options, how, address).await,
        Some(proxy) => {
            let address = address.to_string();
            Box::pin(by_way_of(proxy, at, options, how, &address)).await
        }
    }
}

async fn by_way_of(
    proxy: &Proxy,
    at: &HostPort,
    options: &Options,
    how: &Dial,
    address: &str,
) -> Result<Called, NetError> {
    let login = match &options.via_auth {
        Some(path) => Some(via::login(path).await.map_err(|error| error.told(address, proxy))?),
        None => None,
    };
    let (mut socket, peer) = reach(proxy.at(), options, how, proxy).await?;
    refuse_circle(&socket, at, &how.forbidden, address).await?;
    let way = via::through(&mut socket, proxy, login, at).await;
    way.map_err(|error| error.told(address, proxy))?;
    Ok((socket, peer))
}

/// Refuses what a proxy would bring back to us. It looks the name up by itself, wherever it
/// is; we do so here for a port that would be ours alone, and a name that we do not know
/// passes.
async fn refuse_circle(
    proxy: &TcpStream,
    at: &HostPort,
    forbidden: &Forbidden,
    address: &str,
) -> Result<(), NetError> {
    if !forbidden.has_port(at.port) {
        return Ok(());
    }
    let near = proxy.peer_addr().is_ok_and(|proxy| is_own(proxy.ip()));
    let origin = if near { Origin::Here } else { Origin::Elsewhere };
    let addresses = resolve(at, Lookup::default()).await.unwrap_or_default();
    match forbidden.reached(&addresses, origin) {
        Some(reached) => Err(NetError::Circle { address: address.to_owned(), reached }),
        None => Ok(()),
    }
}

/// A connection to the peer itself, or to the proxy.
async fn reach(
    at: &HostPort,
    options: &Options,
    how: &Dial,
    address: Named<'_>,
) -> Result<Called, NetError> {
    let addresses = resolve_for(at, how.lookup, options.netns.as_deref()).await?;
    let origin = if options.netns.is_some() { Origin::Elsewhere } else { Origin::Here };
    if let Some(reached) = how.forbidden.reached(&addresses, origin) {
        return Err(NetError::Circle { address: address.to_string(), reached });
    }
    let answered = first_to_answer(&addresses, options).await;
    let called = answered.map_err(|tried| failed(tried, &address.to_string()))?;
    socket::connected(&called.0, options)
        .map_err(|error| NetError::io(Phase::Connect, address.to_string(), error))?;
    Ok(called)
}

async fn tls(
    at: &HostPort,
    options: &Options,
    how: &Dial,
    address: &str,
) -> Result<(Secure, String), NetError> {
    // What the options name is read before anybody is called.
    let client = Client::prepare(at, options, address)?;
    client.shake(tcp(at, options, how, &address).await?.0).await
}

async fn ws(
    web: &WebAddress,
    options: &Options,
    how: &Dial,
    address: &str,
) -> Result<Stream, NetError> {
    let (carrier, mut told) = if web.secure {
        let (secure, told) = tls(&web.at, options, how, address).await?;
        (Carrier::Tls(Box::new(secure)), vec![told])
    } else {
        (Carrier::Tcp(tcp(&web.at, options, how, &address).await?.0), Vec::new())
    };
    let (socket, chosen) = websocket::ask::call(carrier, web, options, address).await?;
    told.extend(chosen.map(|name| format!("subprotocol {name}")));
    Ok(Stream::ws(socket, told.join(", ")))
}

/// The one address, or the first of several to answer; otherwise what each came to.
async fn first_to_answer(
    addresses: &[SocketAddr],
    options: &Options,
) -> Result<Called, Vec<(String, io::Error)>> {
    if let [only] = addresses {
        return call(*only, options).await.map_err(|error| vec![(only.to_string(), error)]);
    }
    Box::pin(race(addresses, options)).await
}

/// Tries the addresses in order, each joined by the next after [`ATTEMPT_DELAY`] or as
/// soon as it failed; the first to answer wins, the others are dropped.
async fn race(
    addresses: &[SocketAddr],
    options: &Options,
) -> Result<Called, Vec<(String, io::Error)>> {
    let mut tried = Vec::new();
    let mut waiting = addresses.iter().copied();
    let mut attempts = JoinSet::new();
    loop {
        let next = waiting.next();
        if let Some(address) = next {
            let options = options.clone();
            attempts.spawn(async move { (address, call(address, &options).await) });
        }
        let delay = async {
            if waiting.len() == 0 {
                std::future::pending::<()>().await;
            }
            sleep(ATTEMPT_DELAY).await;
        };
        tokio::select! {
            Some(Ok((address, result))) = attempts.join_next() => match result {
                Ok(socket) => return Ok(socket),
                Err(error) => tried.push((address.to_string(), error)),
            },
            () = delay => {}
        }
        if attempts.is_empty() && waiting.len() == 0 {
            return Err(tried);
        }
    }
}

/// Calls one address.
pub(crate) async fn call(address: SocketAddr, options: &Options) -> io::Result<Called> {
    let socket = socket::fresh(socket::domain(address), Type::STREAM, options)?;
    if let Some(local) = &options.bind {
        socket.set_reuse_address(true)?;
        socket::bind_local(&socket, local, address)?;
    }
    let stream = TcpSocket::from_std_stream(socket.into()).connect(address).await?;
    // Every address means this machine's own: which one, the kernel chose.
    let chosen = address.ip().to_canonical().is_unspecified();
    let peer = chosen.then(|| stream.peer_addr().ok()).flatten().unwrap_or(address);
    Ok((stream, peer))
}

fn failed(mut tried: Vec<(String, io::Error)>, address: &str) -> NetError {
    // Of an address that was given, its own error says it all; of a name, what was tried.
    let given = tried.len() == 1 && tried.iter().all(|(tried, _)| address.contains(tried.as_str()));
    if given && let Some((_, error)) = tried.pop() {
        return NetError::io(Phase::Connect, address, error);
    }
    NetError::AllFailed { address: address.to_owned(), tried }
}

async fn unix(name: &UnixName, address: &str) -> Result<Stream, NetError> {
    let fail = |error| NetError::io(Phase::Connect, address, error);
    let socket = match name {
        UnixName::Path(path) => UnixStream::connect(path).await,
        UnixName::Abstract(name) => abstract_stream(name),
    };
    let facts = Facts::new("unix", "", address.strip_prefix("unix:").unwrap_or(address));
    Ok(Stream::unix(socket.map_err(fail)?, facts))
}

#[cfg(target_os = "linux")]
fn abstract_stream(name: &str) -> io::Result<UnixStream> {
    use std::os::linux::net::SocketAddrExt;
    let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
    let socket = std::os::unix::net::UnixStream::connect_addr(&address)?;
    socket.set_nonblocking(true)?;
    UnixStream::from_std(socket)
}

#[cfg(not(target_os = "linux"))]
fn abstract_stream(_name: &str) -> io::Result<UnixStream> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "abstract names are Linux's alone"))
}

fn serial(path: &Path, options: &Options, address: &str) -> Result<Stream, NetError> {
    let settings = options.serial();
    match Port::open(path, &settings) {
        Ok(port) => Ok(Stream::serial(port, settings.to_string())),
        Err(error) => {
            let hint = port::hint(&error);
            let error = NetError::io(Phase::Open, address, error);
            Err(match hint {
                Some(hint) => error.with_hint(hint.to_owned()),
                None => error,
            })
        }
    }
}

async fn file(
    path: &Path,
    options: &Options,
    wanted: FileUse,
    address: &str,
) -> Result<Stream, NetError> {
    let writes = wanted == FileUse::Target || options.append || options.overwrite;
    let mut open = tokio::fs::OpenOptions::new();
    if writes {
        open.append(options.append).write(true).truncate(options.overwrite);
        open.create(options.append || options.overwrite);
        open.create_new(!options.append && !options.overwrite);
    } else {
        open.read(true);
    }
    let file = open.open(path).await.map_err(|error| {
        let there = error.kind() == io::ErrorKind::AlreadyExists;
        let error = NetError::io(Phase::Open, address, error);
        if !there {
            return error;
        }
        error.with_hint("add `?append` or `?overwrite` to write to a file that exists".to_owned())
    })?;
    let regular = standard::is_regular(&file);
    let (source, target) = match (writes, regular) {
        (true, true) => (Reader::Nothing, Writer::Regular(file.into_std().await)),
        (true, false) => (Reader::Nothing, Writer::File(Box::new(file))),
        (false, true) => (Reader::Regular(file.into_std().await), Writer::Nothing),
        (false, false) => (Reader::File(Box::new(file)), Writer::Nothing),
    };
    let facts = Facts::new("file", "", address);
    Ok(Stream { reader: source, writer: target, facts })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Purpose;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn who_was_reached_is_told_where_every_address_was_called() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        for host in ["127.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]", "[::ffff:0.0.0.0]"] {
            let endpoint = format!("tcp://{host}:{}", at.port());
            let endpoint = Endpoint::parse(&endpoint, Purpose::Dial).unwrap();
            let stream = dial(&endpoint, Dial::default(), None).await.unwrap();
            assert_eq!(stream.facts.peer.to_string(), at.to_string(), "{endpoint}");
        }
    }
}
