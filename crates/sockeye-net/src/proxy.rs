//! A proxy: how it is written and read. What is said to it is in `via.rs`.

use std::fmt;
use std::str::FromStr;

use crate::host::{Host, HostPort, host_port};

/// A proxy that a TCP connection goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// SOCKS version 5 (RFC 1928): `socks5://host:port`.
    Socks5(HostPort),
    /// HTTP's CONNECT (RFC 9110, 9.3.6): `http://host:port`.
    Http(HostPort),
}

impl Proxy {
    /// Where the proxy itself is.
    pub fn at(&self) -> &HostPort {
        match self {
            Self::Socks5(at) | Self::Http(at) => at,
        }
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socks5(at) => write!(f, "socks5://{at}"),
            Self::Http(at) => write!(f, "http://{at}"),
        }
    }
}

impl FromStr for Proxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, place): (fn(HostPort) -> Self, &str) = match text.split_once("://") {
            Some(("socks5" | "socks5h", place)) => (Self::Socks5, place),
            Some(("http", place)) => (Self::Http, place),
            _ => {
                return Err(format!("`{text}` is neither socks5://host:port nor http://host:port"));
            }
        };
        if place.contains('@') {
            let why = "a login is not written here, where everyone can read it";
            return Err(format!(
                "{why}: put user:password into a file, and name it: via-auth=FILE"
            ));
        }
        let here = Host::V4(std::net::Ipv4Addr::LOCALHOST);
        let at = host_port(place, &here).map_err(|error| match error.hint() {
            Some(hint) => format!("{error} ({hint})"),
            None => error.to_string(),
        })?;
        if at.host == Host::Any {
            return Err("`*` is no proxy's address".to_owned());
        }
        Ok(kind(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_kinds_and_prints_them_alike() {
        for text in ["socks5://127.0.0.1:1080", "http://[::1]:8080", "socks5://gate.example:1"] {
            assert_eq!(text.parse::<Proxy>().unwrap().to_string(), text);
        }
        assert_eq!("http://:3128".parse::<Proxy>().unwrap().to_string(), "http://127.0.0.1:3128");
    }

    #[test]
    fn says_what_is_no_proxy_and_where_a_login_goes() {
        for (text, why) in [
            ("127.0.0.1:1080", "neither socks5://"),
            ("https://h:1", "neither socks5://"),
            ("socks5://h", "port is missing"),
            ("socks5://*:1", "no proxy's address"),
            ("http://user:secret@h:1", "via-auth=FILE"),
        ] {
            let refused = text.parse::<Proxy>().unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
            assert!(!refused.contains("secret"), "{refused}");
        }
    }
}
