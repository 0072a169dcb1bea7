//! The server's handshake: who may open a WebSocket here, and what everybody else is
//! answered.

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};

use sockeye_text::safe::one_line;

use super::{Manner, Socket};
use crate::error::{Code, NetError, Phase};
use crate::options::Options;

/// Whose pages may open a WebSocket here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Origins {
    /// Everybody's.
    #[default]
    Any,
    /// Nobody's: a request that names an origin comes from a browser, and is refused.
    NoBrowser,
}

/// What a WebSocket server offers.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    /// The path that must be asked for; `/`: any.
    path: String,
    /// Ours; the first of the client's that is among them is taken.
    subprotocols: Vec<String>,
    /// Whose pages may come.
    pub(crate) origins: Origins,
    manner: Manner,
}

impl Offer {
    /// As an endpoint says.
    pub(crate) fn of(path: &str, options: &Options) -> Self {
        Self {
            path: path.to_owned(),
            subprotocols: options.subprotocol.clone().unwrap_or_default().0,
            origins: Origins::Any,
            manner: Manner::of(options),
        }
    }

    /// The handshake with a caller. Returns the socket, and a line on what was agreed.
    #[expect(clippy::result_large_err, reason = "the library's own type for a refusal")]
    pub(crate) async fn take<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut io: S,
        peer: &str,
    ) -> Result<(Socket<S>, String), NetError> {
        let config = Some(self.manner.config());
        let mut told = String::new();
        let judge = |request: &Request, response| self.judge(request, response, &mut told);
        match accept_hdr_async_with_config(&mut io, judge, config).await {
            // A client says nothing before it has our answer: no byte has been read too many.
            Ok(handshaken) => drop(handshaken),
            Err(error) => return Err(self.refused(&mut io, error, peer).await),
        }
        let stream = WebSocketStream::from_raw_socket(io, Role::Server, config).await;
        Ok((Socket::of(stream, self.manner), told))
    }

    #[expect(clippy::result_large_err, reason = "the library's own type for a refusal")]
    fn judge(
        &self,
        request: &Request,
        mut response: Response,
        told: &mut String,
    ) -> Result<Response, ErrorResponse> {
        let header = |name: &str| {
            request.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()))
        };
        if self.path != "/" && request.uri().path_and_query().is_none_or(|path| path != &*self.path)
        {
            let why = format!("no WebSocket at {}, but at {}", request.uri(), self.path);
            return Err(refusal(StatusCode::NOT_FOUND, why));
        }
        if let (Origins::NoBrowser, Some(origin)) = (self.origins, header("origin")) {
            let why = format!("no page may come here, and this one is of {origin}");
            return Err(refusal(StatusCode::FORBIDDEN, why));
        }
        let offered = header("sec-websocket-protocol").unwrap_or_default();
        let chosen = offered
            .split(',')
            .map(str::trim)
            .find(|name| self.subprotocols.iter().any(|ours| ours == name));
        *told = format!("path {}", one_line(&request.uri().to_string()));
        if let Some(name) = chosen
            && let Ok(value) = HeaderValue::from_str(name)
        {
            response.headers_mut().insert("sec-websocket-protocol", value);
            told.push_str(", subprotocol ");
            told.push_str(&one_line(name));
        }
        if let Some(origin) = header("origin") {
            told.push_str(", origin ");
            told.push_str(&one_line(&origin));
        }
        Ok(response)
    }

    /// Answers a request that opens no WebSocket, and says what it was.
    async fn refused<S: AsyncWrite + Unpin>(
        &self,
        io: &mut S,
        error: Error,
        peer: &str,
    ) -> NetError {
        let fail = |code, why: String, hint: &str| NetError::Handshake {
            phase: Phase::Accept,
            address: peer.to_owned(),
            code,
            why,
            hint: Some(hint.to_owned()),
        };
        match error {
            Error::Io(error) => NetError::io(Phase::Accept, peer, error),
            // It has been answered already.
            Error::Http(response) => {
                let body = response.body().as_deref().unwrap_or_default();
                let why = one_line(&String::from_utf8_lossy(body)).into_owned();
                if response.status() == StatusCode::NOT_FOUND {
                    let hint = format!("it is to dial the path {}; `/` takes any", self.path);
                    return fail(Code::Denied, why, &hint);
                }
                fail(
                    Code::Denied,
                    why,
                    "a page could act on this machine; `listen --exec` has `--allow-http`",
                )
            }
            Error::Protocol(ProtocolError::HandshakeIncomplete) => fail(
                Code::Reset,
                "it hung up during the WebSocket handshake".to_owned(),
                "a look at whether the port is open looks like this",
            ),
            Error::Protocol(
                ProtocolError::WrongHttpMethod
                | ProtocolError::WrongHttpVersion
                | ProtocolError::MissingConnectionUpgradeHeader
                | ProtocolError::MissingUpgradeWebSocketHeader
                | ProtocolError::MissingSecWebSocketVersionHeader
                | ProtocolError::MissingSecWebSocketKey
                | ProtocolError::InvalidSecWebSocketKey,
            ) => {
                // Whether it waits for the answer is its own business.
                drop(io.write_all(UPGRADE).await);
                drop(io.flush().await);
                let why = "it asked by HTTP for a page, and not for a WebSocket".to_owned();
                fail(Code::Denied, why, "it is to dial ws:// here")
            }
            error => fail(
                Code::Frame,
                format!("it does not speak WebSocket: {}", one_line(&error.to_string())),
                "it is to dial ws:// here; or listen on tcp://",
            ),
        }
    }
}

/// What a plain HTTP request is answered (RFC 9110, 15.5.22).
const UPGRADE: &[u8] = b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n\
    Connection: Upgrade, close\r\nContent-Type: text/plain\r\nContent-Length: 28\r\n\r\n\
    this port speaks WebSocket\r\n";

fn refusal(status: StatusCode, why: String) -> ErrorResponse {
    let mut response = ErrorResponse::new(Some(why));
    *response.status_mut() = status;
    response
}
