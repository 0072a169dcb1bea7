//! The outermost layer of what no browser may ask: toxiproxy's API. It knows no path and no
//! method, so nothing that is served behind it can be forgotten. The page's own is
//! `workbench/door.rs`.
//!
//! Programs on this machine may. Pages may not: a page of anybody's runs in this machine's
//! browser, and can send to any of its ports.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::extract::Request;
use axum::http::header::{HOST, HeaderMap, HeaderValue, ORIGIN, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};

/// What only browsers send (Fetch Metadata). `Sec-Fetch-Mode` is not among them: Node's
/// `fetch` sends it by itself, and a browser sends it with the others only.
const ONLY_BROWSERS: [&str; 3] = ["sec-fetch-site", "sec-fetch-dest", "sec-fetch-user"];

/// What every browser calls itself.
const BROWSER: &[u8] = b"Mozilla/";

/// What of a request decides whether it is let in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked<'r> {
    /// Each value of `Host`, and the host of a target that names one (RFC 9112, 3.2.2).
    pub hosts: Vec<&'r [u8]>,
    /// A header that only a browser's request has.
    pub sign: Option<&'static str>,
    /// Each value of `User-Agent`.
    pub agents: Vec<&'r [u8]>,
}

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It says no host, which HTTP/1.1 asks for.
    NoHost,
    /// It is for another host or port: a name that was pointed here, perhaps.
    OtherHost {
        /// The host that was meant.
        host: String,
        /// Ours.
        own: SocketAddr,
    },
    /// A browser sent it.
    Browser {
        /// What shows it.
        sign: &'static str,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHost => f.write_str("the request names no host"),
            Self::OtherHost { host, own } => {
                let host = sockeye_text::safe::one_line(host);
                write!(f, "`{host}` is not this server: it is `{own}` and `localhost` there")
            }
            Self::Browser { sign } => {
                write!(f, "browsers may not ask here, and `{sign}` shows one")
            }
        }
    }
}

impl<'r> Asked<'r> {
    /// What the request says of itself.
    pub fn of(parts: &'r Parts) -> Self {
        Self::from_headers(&parts.uri, &parts.headers)
    }

    fn from_headers(target: &'r Uri, headers: &'r HeaderMap) -> Self {
        let named = headers.get_all(HOST).into_iter().map(HeaderValue::as_bytes);
        let meant = target.authority().map(|authority| authority.as_str().as_bytes());
        let only = ONLY_BROWSERS.into_iter().find(|name| headers.contains_key(*name));
        Self {
            hosts: named.chain(meant).collect(),
            sign: headers.contains_key(ORIGIN).then_some("origin").or(only),
            agents: headers.get_all(USER_AGENT).into_iter().map(HeaderValue::as_bytes).collect(),
        }
    }
}

/// Lets a request in that is meant for the server at `own` and that no browser sent.
pub fn judge(asked: &Asked<'_>, own: SocketAddr) -> Result<(), Refusal> {
    if let Some(sign) = asked.sign {
        return Err(Refusal::Browser { sign });
    }
    if asked.agents.iter().any(|agent| agent.starts_with(BROWSER)) {
        return Err(Refusal::Browser { sign: "user-agent" });
    }
    if asked.hosts.is_empty() {
        return Err(Refusal::NoHost);
    }
    match asked.hosts.iter().find(|host| !is_own(host, own)) {
        None => Ok(()),
        Some(host) => {
            Err(Refusal::OtherHost { host: String::from_utf8_lossy(host).into_owned(), own })
        }
    }
}

/// Whether a `Host` means the server at `own`: `localhost` or a loopback address, or the
/// address bound, with its port. Port 80 may be left out.
fn is_own(host: &[u8], own: SocketAddr) -> bool {
    let Some((name, port)) = split(host, "80") else {
        return false;
    };
    if port != own.port().to_string() {
        return false;
    }
    means_loopback(name) || address(name).is_some_and(|address| address == own.ip().to_canonical())
}

/// The name and the port of a `Host`; the port of the scheme where it names none.
pub(crate) fn split<'h>(host: &'h [u8], usual: &'h str) -> Option<(&'h str, &'h str)> {
    let host = std::str::from_utf8(host).ok()?;
    let with_port = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
    Some(with_port.unwrap_or((host, usual)))
}

/// Whether a host's name is `localhost` or a loopback address.
pub(crate) fn means_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || address(name).is_some_and(|ip| ip.is_loopback())
}

/// The address that a host's name is, an IPv6 one in brackets; an IPv4 one in IPv6's clothes
/// is IPv4.
pub(crate) fn address(name: &str) -> Option<IpAddr> {
    let v6 = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = match v6 {
        Some(v6) => IpAddr::V6(v6.parse().ok()?),
        None => IpAddr::V4(name.parse().ok()?),
    };
    Some(address.to_canonical())
}

/// What may be served: a router with a guard before everything that it has.
#[derive(Clone, Debug)]
pub struct Guarded(pub(crate) Router);

/// Puts the guard of the server at `own` before everything that the router has by now.
pub fn protect(router: Router, own: SocketAddr) -> Guarded {
    Guarded(router.layer(from_fn(move |request, next| admit(own, request, next))))
}

async fn admit(own: SocketAddr, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(refusal) = judge(&Asked::of(&parts), own) {
        return (StatusCode::FORBIDDEN, format!("{refusal}\n")).into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "127.0.0.1:8474";

    fn judged(own: &str, target: &str, headers: &[(&'static str, &'static str)]) -> &'static str {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        let target = target.parse().expect("a target");
        match judge(&Asked::from_headers(&target, &map), own.parse().expect("an address")) {
            Ok(()) => "in",
            Err(Refusal::NoHost) => "no host",
            Err(Refusal::OtherHost { .. }) => "other host",
            Err(Refusal::Browser { sign }) => sign,
        }
    }

    #[test]
    fn only_hosts_that_mean_this_machine_and_our_port_are_let_in() {
        for (host, expected) in [
            ("127.0.0.1:8474", "in"),
            ("localhost:8474", "in"),
            ("LOCALHOST:8474", "in"),
            ("[::1]:8474", "in"),
            ("[::ffff:127.0.0.1]:8474", "in"),
            ("127.9.9.9:8474", "in"),
            ("localhost", "other host"),
            ("127.0.0.1", "other host"),
            ("[::1]", "other host"),
            ("localhost:8475", "other host"),
            ("localhost:08474", "other host"),
            ("localhost.:8474", "other host"),
            ("localhost.evil.example:8474", "other host"),
            ("127.0.0.1.evil.example:8474", "other host"),
            ("evil.example:8474", "other host"),
            ("192.0.2.1:8474", "other host"),
            ("0.0.0.0:8474", "other host"),
            ("user@localhost:8474", "other host"),
            ("::1:8474", "other host"),
            ("2130706433:8474", "other host"),
            ("", "other host"),
            (":8474", "other host"),
        ] {
            assert_eq!(judged(OWN, "/proxies", &[("host", host)]), expected, "{host}");
        }
        assert_eq!(judged("127.0.0.1:80", "/", &[("host", "localhost")]), "in");
        assert_eq!(judged("127.0.0.1:80", "/", &[("host", "[::1]")]), "in");
        assert_eq!(judged("192.0.2.1:80", "/", &[("host", "192.0.2.1")]), "in");
    }

    #[test]
    fn one_foreign_host_among_several_is_enough_and_none_is_too_few() {
        let (own, foreign) = (("host", "localhost:8474"), ("host", "evil.example"));
        assert_eq!(judged(OWN, "/", &[]), "no host");
        assert_eq!(judged(OWN, "/", &[own, foreign]), "other host");
        assert_eq!(judged(OWN, "http://evil.example/", &[own]), "other host");
        assert_eq!(judged(OWN, "http://localhost:8474/", &[foreign]), "other host");
        assert_eq!(judged(OWN, "http://127.0.0.1:8474/", &[own]), "in");
    }

    #[test]
    fn whatever_a_browser_sends_is_refused() {
        for (name, value, expected) in [
            ("origin", "http://evil.example", "origin"),
            ("origin", "http://localhost:8474", "origin"),
            ("origin", "null", "origin"),
            ("origin", "", "origin"),
            ("sec-fetch-site", "none", "sec-fetch-site"),
            ("sec-fetch-site", "same-origin", "sec-fetch-site"),
            ("sec-fetch-dest", "image", "sec-fetch-dest"),
            ("sec-fetch-user", "?1", "sec-fetch-user"),
            ("user-agent", "Mozilla/5.0 (X11; Linux x86_64)", "user-agent"),
            ("user-agent", "curl/8.5.0", "in"),
            ("user-agent", "python-requests/2.32", "in"),
            // Node's own `fetch`.
            ("sec-fetch-mode", "cors", "in"),
        ] {
            let headers = [("host", "localhost:8474"), (name, value)];
            assert_eq!(judged(OWN, "/proxies", &headers), expected, "{name}: {value}");
        }
    }
}
