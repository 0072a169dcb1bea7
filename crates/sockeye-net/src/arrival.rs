//! A caller that has been accepted and has yet to come in: TLS and WebSocket
//! want their handshakes first.
//! How long that may take, and how many of one source may be at it, is decided here.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::carrier::Carrier;
use crate::error::{Code, NetError, Phase};
use crate::stream::{Facts, Reader, Stream, Writer};
use crate::tls::server::Server;
use crate::websocket::offer::Offer;

/// How long a caller may take for its handshakes in all.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many callers of one address may be at their handshake.
const AT_ONCE: usize = 256;

/// What a listener asks of its callers before they come in.
#[derive(Debug)]
pub(crate) struct Porch {
    /// TLS.
    pub(crate) tls: Option<Server>,
    /// A WebSocket, inside TLS where there is both.
    pub(crate) web: Option<Offer>,
    /// Guards the count of callers at their handshake; nothing is awaited under it.
    waiting: Mutex<HashMap<IpAddr, usize>>,
}

impl Porch {
    /// A porch without anybody on it.
    pub(crate) fn new(tls: Option<Server>, web: Option<Offer>) -> Self {
        Self { tls, web, waiting: Mutex::default() }
    }

    /// Whether callers come in at once.
    pub(crate) fn is_open(&self) -> bool {
        self.tls.is_none() && self.web.is_none()
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "moved twice: a box would cost every caller an allocation"
)]
pub enum Arrival {
    /// It can be talked to.
    Ready(Stream),
    /// It has a handshake to make.
    Waiting(Box<Waiting>),
}

/// A caller that has a handshake to make.
#[derive(Debug)]
pub struct Waiting {
    socket: TcpStream,
    facts: Facts,
    porch: Arc<Porch>,
}

impl Arrival {
    /// A caller on a TCP socket, of the address that `accept` told: once it has reset the
    /// connection, its socket knows it no more.
    pub(crate) fn of_tcp(socket: TcpStream, peer: SocketAddr, porch: &Arc<Porch>) -> Self {
        let facts = Facts::of_tcp("tcp", &socket, Some(peer));
        if porch.is_open() {
            return Self::Ready(Stream::known(socket, facts));
        }
        Self::Waiting(Box::new(Waiting { socket, facts, porch: Arc::clone(porch) }))
    }

    /// What is known of it by now.
    pub fn facts(&self) -> &Facts {
        match self {
            Self::Ready(stream) => &stream.facts,
            Self::Waiting(waiting) => &waiting.facts,
        }
    }

    /// Lets it come in: its handshakes, within ten seconds.
    pub async fn welcome(self) -> Result<Stream, NetError> {
        match self {
            Self::Ready(stream) => Ok(stream),
            Self::Waiting(waiting) => Box::pin(waiting.welcome()).await,
        }
    }

    /// Lets it come in as one stream of bytes, for a protocol of requests and answers that
    /// moves them by itself: TCP, inside TLS where the listener asks for it; what is sent goes
    /// out at once.
    pub async fn carry(
        self,
    ) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send + 'static, NetError> {
        let carrier = match self {
            Self::Waiting(waiting) => waiting.within_patience(Waiting::secured).await?.0,
            Self::Ready(Stream {
                reader: Reader::Tcp(reader),
                writer: Writer::Tcp(writer),
                facts,
            }) => {
                let joined = reader.reunite(writer);
                Carrier::Tcp(joined.map_err(|_| no_carrier(&facts))?)
            }
            Self::Ready(stream) => return Err(no_carrier(&stream.facts)),
        };
        // A socket that is broken says so at the first read.
        drop(carrier.tcp().set_nodelay(true));
        Ok(carrier)
    }
}

fn no_carrier(facts: &Facts) -> NetError {
    NetError::Unsuitable {
        phase: Phase::Accept,
        address: facts.peer.to_string(),
        why: format!("`{}` is neither TCP nor TLS", facts.proto),
        hint: "listen on tcp or tls".to_owned(),
    }
}

impl Waiting {
    /// Makes the handshakes. An error names the caller.
    pub async fn welcome(self) -> Result<Stream, NetError> {
        self.within_patience(Self::shake).await
    }

    /// Does that within its time, and with a place on the porch.
    async fn within_patience<T, F>(self, handshake: impl FnOnce(Self) -> F) -> Result<T, NetError>
    where
        F: Future<Output = Result<T, NetError>>,
    {
        let peer = self.facts.peer.to_string();
        let porch = Arc::clone(&self.porch);
        let Some(_place) = Place::take(&porch, &self.facts) else {
            return Err(NetError::Handshake {
                phase: Phase::Accept,
                address: peer,
                code: Code::Limit,
                why: format!("{AT_ONCE} callers of its address are at their handshake already"),
                hint: Some("handshakes that are never finished are given up after 10 s".to_owned()),
            });
        };
        timeout(PATIENCE, handshake(self)).await.unwrap_or_else(|_| {
            Err(NetError::Handshake {
                phase: Phase::Accept,
                address: peer,
                code: Code::Timeout,
                why: format!("it did not finish its handshake within {PATIENCE:?}"),
                hint: Some("it may be a scan, or speak no TLS and wait for a word".to_owned()),
            })
        })
    }

    /// The connection once TLS, where it is asked for, is agreed upon.
    async fn secured(self) -> Result<(Carrier, Vec<String>), NetError> {
        match &self.porch.tls {
            None => Ok((Carrier::Tcp(self.socket), Vec::new())),
            Some(server) => {
                let (secure, agreed) =
                    server.shake(self.socket, &self.facts.peer.to_string()).await?;
                Ok((Carrier::Tls(Box::new(secure)), vec![agreed]))
            }
        }
    }

    async fn shake(self) -> Result<Stream, NetError> {
        let (porch, peer) = (Arc::clone(&self.porch), self.facts.peer.clone());
        let (carrier, mut told) = self.secured().await?;
        let mut stream = match (&porch.web, carrier) {
            (Some(offer), carrier) => {
                let (socket, agreed) = offer.take(carrier, &peer.to_string()).await?;
                told.push(agreed);
                Stream::ws(socket, told.join(", "))
            }
            (None, Carrier::Tls(secure)) => Stream::tls(secure, told.join(", ")),
            (None, Carrier::Tcp(socket)) => {
                let facts = Facts::of_tcp("tcp", &socket, None);
                Stream::known(socket, facts)
            }
        };
        stream.facts.peer = peer;
        Ok(stream)
    }
}

/// A place on the porch, given up by drop.
struct Place<'p> {
    porch: &'p Porch,
    ip: Option<IpAddr>,
}

impl<'p> Place<'p> {
    /// None where its source has too many.
    fn take(porch: &'p Porch, facts: &Facts) -> Option<Self> {
        let ip = facts.ip();
        if let Some(ip) = ip {
            let mut waiting = porch.waiting();
            let count = waiting.entry(ip).or_default();
            if *count >= AT_ONCE {
                return None;
            }
            *count += 1;
        }
        Some(Self { porch, ip })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let Some(ip) = self.ip else { return };
        let mut waiting = self.porch.waiting();
        if let Some(count) = waiting.get_mut(&ip) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&ip);
            }
        }
    }
}
