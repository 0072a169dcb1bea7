//! Where a WebSocket is: a host, a port and a path (RFC 6455, section 3). The query of an
//! endpoint's text holds our options, so that a server's own query is part of the path
//! here, written with `%3F`.

use std::fmt;

use crate::endpoint_error::EndpointError;
use crate::host::{Host, HostPort, host_port};
use crate::percent::{decoded, encoded};

/// A WebSocket's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress {
    /// `wss`: inside TLS.
    pub secure: bool,
    /// The host and the port (80, or 443 for `wss`, where none is written).
    pub at: HostPort,
    /// What is asked for, from its `/` on, with the server's own query.
    pub path: String,
}

impl WebAddress {
    /// Reads what follows `ws://` or `wss://`, without our options.
    pub(crate) fn parse(secure: bool, text: &str, missing: &Host) -> Result<Self, EndpointError> {
        let (place, path) = match text.find('/') {
            Some(at) => text.split_at(at),
            None => (text, "/"),
        };
        let usual = if secure { ":443" } else { ":80" };
        let after_host = place.rsplit_once(']').map_or(place, |(_, rest)| rest);
        let number = !place.is_empty() && place.bytes().all(|byte| byte.is_ascii_digit());
        let at = if after_host.contains(':') || number || place.is_empty() {
            host_port(place, missing)?
        } else {
            host_port(&format!("{place}{usual}"), missing)?
        };
        Ok(Self { secure, at, path: decoded(path)? })
    }

    /// The path as it is written in an endpoint.
    pub(crate) fn path_text(&self) -> String {
        encoded(&self.path)
    }

    /// `ws` or `wss`.
    pub fn scheme(&self) -> &'static str {
        if self.secure { "wss" } else { "ws" }
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme(), self.at, self.path_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(secure: bool, text: &str) -> String {
        match WebAddress::parse(secure, text, &Host::Any) {
            Ok(web) => web.to_string(),
            Err(error) => format!("error {error}"),
        }
    }

    #[test]
    fn a_port_left_out_is_80_or_443_and_a_path_left_out_is_the_root() {
        assert_eq!(read(false, "echo.example"), "ws://echo.example:80/");
        assert_eq!(read(true, "echo.example/chat"), "wss://echo.example:443/chat");
        assert_eq!(read(true, "[::1]/"), "wss://[::1]:443/");
        assert_eq!(read(false, "[::1]:8080"), "ws://[::1]:8080/");
        assert_eq!(read(false, "8080"), "ws://*:8080/");
        assert_eq!(read(false, ":8080/x"), "ws://*:8080/x");
    }

    #[test]
    fn a_servers_own_query_is_written_with_its_mark_encoded() {
        let web = WebAddress::parse(false, "h:1/run%3Fcase=1&agent=x", &Host::Any).unwrap();
        assert_eq!(web.path, "/run?case=1&agent=x");
        assert_eq!(web.to_string(), "ws://h:1/run%3Fcase=1&agent=x");
    }

    #[test]
    fn says_what_is_wrong() {
        assert!(read(false, "").contains("port is missing"));
        assert!(read(false, "h:x/").contains("no number"));
        assert!(read(false, "h:1/a#b").contains("%23"));
    }
}
