//! A host and a port, as they are written (RFC 3986, 3.2.2; RFC 4007, 11 for scopes).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::endpoint_error::EndpointError;

/// The longest name that the DNS allows (RFC 1035, 2.3.4), in characters.
const LONGEST_NAME: usize = 253;
/// The longest scope: an interface's name or number (IFNAMSIZ - 1).
const LONGEST_SCOPE: usize = 15;

/// A host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// Every address of this machine; written `*`.
    Any,
    /// A name, still to be looked up.
    Name(String),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address and, for a link-local one, its interface's name or number.
    V6(Ipv6Addr, Option<String>),
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostPort {
    /// The host.
    pub host: Host,
    /// The port; 0 lets the system choose.
    pub port: u16,
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Any => f.write_str("*")?,
            Host::Name(name) => f.write_str(name)?,
            Host::V4(address) => write!(f, "{address}")?,
            Host::V6(address, None) => write!(f, "[{address}]")?,
            Host::V6(address, Some(scope)) => write!(f, "[{address}%{scope}]")?,
        }
        write!(f, ":{}", self.port)
    }
}

/// `host:port`, `[v6]:port`, `:port` or `port`; a host left out is `missing`.
pub(crate) fn host_port(text: &str, missing: &Host) -> Result<HostPort, EndpointError> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) =
            rest.split_once(']').ok_or_else(|| EndpointError::new(text, "the `[` has no `]`"))?;
        let port = rest.strip_prefix(':').ok_or_else(|| no_port(text))?;
        (v6(address)?, port)
    } else {
        match text.rsplit_once(':') {
            None if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() => {
                (missing.clone(), text)
            }
            None => return Err(no_port(text)),
            Some((host, _)) if host.contains(':') => {
                return Err(EndpointError::new(text, "an IPv6 address wants brackets")
                    .hinting("as in [::1]:8888"));
            }
            Some(("", port)) => (missing.clone(), port),
            Some((host, port)) => (self::host(host)?, port),
        }
    };
    Ok(HostPort { host, port: self::port(port)? })
}

/// A host by itself; an IPv6 address with or without brackets.
pub(crate) fn host(text: &str) -> Result<Host, EndpointError> {
    if text == "*" {
        return Ok(Host::Any);
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return v6(inner);
    }
    if text.contains(':') {
        return v6(text);
    }
    if let Ok(address) = text.parse() {
        return Ok(Host::V4(address));
    }
    name(text)
}

fn v6(text: &str) -> Result<Host, EndpointError> {
    let (address, scope) = match text.split_once('%') {
        Some((address, scope)) => (address, Some(scope)),
        None => (text, None),
    };
    let address = address
        .parse()
        .map_err(|_| EndpointError::new(text, "what stands in brackets is no IPv6 address"))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    match scope {
        Some(scope)
            if scope.is_empty() || scope.len() > LONGEST_SCOPE || !scope.chars().all(plain) =>
        {
            Err(EndpointError::new(text, "after `%` stands an interface's name or number"))
        }
        scope => Ok(Host::V6(address, scope.map(str::to_owned))),
    }
}

fn name(text: &str) -> Result<Host, EndpointError> {
    let fail = |why: &str| EndpointError::new(text, why.to_owned());
    if text.len() > LONGEST_NAME {
        return Err(fail("a host name has at most 253 characters"));
    }
    if !text.is_ascii() {
        let hint = "write it as punycode: xn--…";
        return Err(fail("a host name has ASCII letters only").hinting(hint));
    }
    if text.contains(['/', '?', '#', '@']) {
        return Err(fail("a host name has no `/`, `?`, `#` or `@`"));
    }
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let labels = text.strip_suffix('.').unwrap_or(text).split('.');
    if labels.clone().any(|label| label.is_empty() || label.len() > 63) {
        return Err(fail("each part of a host name has 1 to 63 characters"));
    }
    if !labels.clone().all(|label| label.chars().all(good)) {
        return Err(fail("a host name has letters, digits, `-` and `_` only"));
    }
    if labels.clone().all(|label| label.chars().all(|c| c.is_ascii_digit())) {
        return Err(fail("this is neither a name nor an IPv4 address").hinting("as in 127.0.0.1"));
    }
    Ok(Host::Name(text.to_owned()))
}

/// A port in decimal digits.
pub(crate) fn port(text: &str) -> Result<u16, EndpointError> {
    if text.is_empty() {
        return Err(EndpointError::new(text, "the port is missing").hinting("as in host:8888"));
    }
    if let Some((digits, rest)) = text.split_once('/')
        && digits.parse::<u16>().is_ok()
    {
        return Err(EndpointError::new(text, format!("nothing goes after the port (`/{rest}`)")));
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(EndpointError::new(text, format!("the port `{text}` is no number")));
    }
    text.parse().map_err(|_| EndpointError::new(text, format!("port {text} is more than 65535")))
}

fn no_port(text: &str) -> EndpointError {
    EndpointError::new(text, "the port is missing").hinting("as in host:8888")
}
