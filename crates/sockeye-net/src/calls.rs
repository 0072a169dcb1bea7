//! One endpoint called again and again: what the first call brought to light is not asked for
//! each time.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::dial::{CONNECT_TIMEOUT, Dial, call, dial};
use crate::endpoint::Endpoint;
use crate::error::{NetError, Phase};
use crate::socket;
use crate::stream::{Reader, Stream, Writer};

/// How long a Unix socket whose queue of callers is full is left alone (`EAGAIN`, connect(2)).
const QUEUE_FULL: Duration = Duration::from_millis(1);

/// A stream endpoint that is called again and again.
#[derive(Clone, Debug)]
pub struct Calls {
    endpoint: Endpoint,
    how: Dial,
    limit: Duration,
    /// Where plain TCP was answered.
    straight: Option<SocketAddr>,
}

impl Calls {
    /// Calls for the first time, with all that [`dial`] does.
    pub async fn first(endpoint: &Endpoint, how: Dial) -> Result<(Self, Stream), NetError> {
        let limit = endpoint.options.connect_timeout.or(how.within).unwrap_or(CONNECT_TIMEOUT);
        let stream = dial(endpoint, how.clone(), None).await?;
        let straight = match &stream.reader {
            Reader::Tcp(half) if endpoint.options.via.is_none() => half.peer_addr().ok(),
            _ => None,
        };
        Ok((Self { endpoint: endpoint.clone(), how, limit, straight }, stream))
    }

    /// How long a call may take.
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// Calls again: plain TCP at the address that answered first, with no more calls to the
    /// system than it takes.
    pub async fn again(&self) -> Result<(Reader, Writer), NetError> {
        match timeout(self.limit, self.attempt()).await {
            Ok(answer) => answer,
            Err(_) => Err(NetError::Timeout {
                phase: Phase::Connect,
                address: self.endpoint.to_string(),
                after: self.limit,
            }),
        }
    }

    async fn attempt(&self) -> Result<(Reader, Writer), NetError> {
        let Some(address) = self.straight else {
            return self.anew().await;
        };
        let options = &self.endpoint.options;
        let called = call(address, options).await;
        let connected = called.and_then(|(tcp, _)| socket::connected(&tcp, options).map(|()| tcp));
        let (reader, writer) = connected
            .map_err(|error| NetError::io(Phase::Connect, self.endpoint.to_string(), error))?
            .into_split();
        Ok((Reader::Tcp(reader), Writer::Tcp(writer)))
    }

    async fn anew(&self) -> Result<(Reader, Writer), NetError> {
        loop {
            match dial(&self.endpoint, self.how.clone(), None).await {
                Ok(stream) => return Ok((stream.reader, stream.writer)),
                Err(NetError::Io { source, .. }) if source.kind() == io::ErrorKind::WouldBlock => {
                    sleep(QUEUE_FULL).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}
