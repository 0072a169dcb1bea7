//! The client's handshake: what is asked of a WebSocket server, and what it answers.

use std::fmt::Write as _;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError, SubProtocolError};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::Request;

use sockeye_text::safe::one_line;

use super::{Manner, Socket};
use crate::error::{Code, NetError, Phase};
use crate::options::Options;
use crate::web_address::WebAddress;

/// The most of a server's refusal that is shown, in characters.
const SHOWN: usize = 200;

/// Asks for a WebSocket on an open connection. Returns it, and the subprotocol chosen.
pub(crate) async fn call<S: AsyncRead + AsyncWrite + Unpin>(
    io: S,
    web: &WebAddress,
    options: &Options,
    address: &str,
) -> Result<(Socket<S>, Option<String>), NetError> {
    let request = request(web, options).map_err(|why| NetError::Unsuitable {
        phase: Phase::Connect,
        address: address.to_owned(),
        why,
        hint: "as in ws://host/path?subprotocol=chat&origin=http://host".to_owned(),
    })?;
    let manner = Manner::of(options);
    match client_async_with_config(request, io, Some(manner.config())).await {
        Ok((stream, response)) => {
            let chosen = response.headers().get("sec-websocket-protocol");
            let chosen =
                chosen.map(|name| one_line(&String::from_utf8_lossy(name.as_bytes())).into_owned());
            Ok((Socket::of(stream, manner), chosen))
        }
        Err(error) => Err(refused(error, address)),
    }
}

fn request(web: &WebAddress, options: &Options) -> Result<Request<()>, String> {
    let uri = format!("{}://{}{}", web.scheme(), authority(web), escaped(&web.path));
    let mut request = uri.into_client_request().map_err(|error| error.to_string())?;
    let mut header = |name: &'static str, value: &str| {
        let value = HeaderValue::from_str(value)
            .map_err(|_| format!("`{value}` cannot stand in the header {name}"))?;
        request.headers_mut().insert(name, value);
        Ok::<(), String>(())
    };
    if let Some(names) = &options.subprotocol {
        header("sec-websocket-protocol", &names.0.join(", "))?;
    }
    if let Some(origin) = &options.origin {
        header("origin", origin)?;
    }
    Ok(request)
}

/// Host and port as they stand in a URI; the usual port is left out.
fn authority(web: &WebAddress) -> String {
    let text = web.at.to_string();
    // A scope has a meaning on this machine alone (RFC 4007, 11).
    let text = match (text.split_once('%'), text.split_once(']')) {
        (Some((address, _)), Some((_, rest))) => format!("{address}]{rest}"),
        _ => text,
    };
    let usual = if web.secure { ":443" } else { ":80" };
    let text = text.strip_suffix(usual).unwrap_or(&text).to_owned();
    match text.strip_prefix('*') {
        Some(rest) => format!("127.0.0.1{rest}"),
        None => text,
    }
}

/// The path with what cannot stand in a URI as `%XX` (RFC 3986, section 2).
fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn refused(error: Error, address: &str) -> NetError {
    let fail = |code, why: String, hint: &str| NetError::Handshake {
        phase: Phase::Connect,
        address: address.to_owned(),
        code,
        why,
        hint: Some(hint.to_owned()),
    };
    match error {
        Error::Io(error) => NetError::io(Phase::Connect, address, error),
        Error::Http(response) => {
            let status = response.status();
            let body = response.body().as_deref().unwrap_or_default();
            let body = String::from_utf8_lossy(body).chars().take(SHOWN).collect::<String>();
            let body = one_line(body.trim());
            let said = if body.is_empty() { String::new() } else { format!(": {body}") };
            let code = if status.as_u16() == 401 || status.as_u16() == 403 {
                Code::Denied
            } else {
                Code::Refused
            };
            // What web servers say where TLS is wanted: they have no status for it.
            let wants_tls = status.as_u16() == 400 && body.to_ascii_lowercase().contains("https");
            let hint = if wants_tls {
                "it speaks TLS: dial wss://"
            } else {
                "is the path right? is it a WebSocket there?"
            };
            fail(code, format!("it answered {status}{said}"), hint)
        }
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(why)) => fail(
            Code::Refused,
            match why {
                SubProtocolError::NoSubProtocol => "it speaks none of our subprotocols".to_owned(),
                _ => "it chose a subprotocol that was not offered".to_owned(),
            },
            "`?subprotocol=` names those that are offered",
        ),
        Error::Protocol(ProtocolError::HandshakeIncomplete) => fail(
            Code::Reset,
            "it hung up during the WebSocket handshake".to_owned(),
            "is it a WebSocket server?",
        ),
        error => fail(
            Code::Frame,
            format!("it does not speak WebSocket: {}", one_line(&error.to_string())),
            "is the port right? without WebSocket it is tcp:// or tls://",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{Endpoint, Purpose, Target};

    fn asked(text: &str) -> Request<()> {
        let endpoint = Endpoint::parse(text, Purpose::Dial).unwrap();
        let Target::Ws(web) = &endpoint.target else { panic!("a WebSocket") };
        request(web, &endpoint.options).unwrap()
    }

    #[test]
    fn the_request_has_host_path_subprotocols_and_origin() {
        let request = asked("ws://h:8080/run%3Fcase=1&agent=x?subprotocol=a,b&origin=http://o");
        assert_eq!(request.uri().to_string(), "ws://h:8080/run?case=1&agent=x");
        assert_eq!(request.headers()["host"], "h:8080");
        assert_eq!(request.headers()["sec-websocket-protocol"], "a, b");
        assert_eq!(request.headers()["origin"], "http://o");
    }

    #[test]
    fn the_usual_port_a_scope_and_a_blank_do_not_go_onto_the_wire() {
        assert_eq!(asked("wss://h/a%20b/你").uri().to_string(), "wss://h/a%20b/%E4%BD%A0");
        assert_eq!(asked("ws://[fe80::1%25]/").headers()["host"], "[fe80::1]");
        assert_eq!(asked("ws://:80/").headers()["host"], "127.0.0.1");
    }
}
