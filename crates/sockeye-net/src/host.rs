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
        let port = rest.strip_prefix(':').ok_or_else(|| match rest {
            "" => no_port(text),
            _ => {
                EndpointError::new(text, format!("after `]` stand `:` and the port, not `{rest}`"))
            }
        })?;
        (v6(address)?, port)
    } else {
        match text.rsplit_once(':') {
            None if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() => {
                (missing.clone(), text)
            }
            None => return Err(no_port(text)),
            Some((host, port)) if host.contains(':') => {
                return Err(many_colons(text, host, port));
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

/// What is wrong with several `:` outside of brackets.
fn many_colons(text: &str, host: &str, port: &str) -> EndpointError {
    let is_v6 = |text: &str| {
        let address = text.split_once('%').map_or(text, |(address, _)| address);
        address.parse::<Ipv6Addr>().is_ok()
    };
    let brackets = EndpointError::new(text, "an IPv6 address wants brackets");
    if is_v6(host) {
        return brackets.hinting(format!("write [{host}]:{port}"));
    }
    if is_v6(text) {
        return brackets.hinting(format!("as in [{text}]:8888"));
    }
    EndpointError::new(text, "there is more than one `:`")
        .hinting("as in host:8888, or with brackets [::1]:8888 for an IPv6 address")
}

fn v6(text: &str) -> Result<Host, EndpointError> {
    let (address, scope) = match text.split_once('%') {
        Some((address, scope)) => (address, Some(scope)),
        None => (text, None),
    };
    let address = address
        .parse()
        .map_err(|_| EndpointError::new(text, format!("`{address}` is no IPv6 address")))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    match scope {
        Some(scope)
            if scope.is_empty() || scope.len() > LONGEST_SCOPE || !scope.chars().all(plain) =>
        {
            let why = format!("after `%` stands an interface's name or number, not `{scope}`");
            Err(EndpointError::new(text, why))
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
    if let Some(bad) = labels.clone().flat_map(str::chars).find(|c| !good(*c)) {
        return Err(fail(&format!(
            "a host name has letters, digits, `-` and `_` only, not `{bad}`"
        )));
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
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.starts_with('/') && rest.len() < text.len() {
        return Err(EndpointError::new(text, format!("nothing goes after the port (`{rest}`)")));
    }
    if !rest.is_empty() {
        return Err(EndpointError::new(text, format!("the port `{text}` is no number")));
    }
    text.parse().map_err(|_| EndpointError::new(text, format!("port {text} is more than 65535")))
}

fn no_port(text: &str) -> EndpointError {
    EndpointError::new(text, "the port is missing").hinting("as in host:8888")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let error = host_port(text, &Host::Any).expect_err(text);
        format!("{error} | {}", error.hint().unwrap_or_default())
    }

    #[test]
    fn tells_an_address_without_brackets_how_it_is_written() {
        assert!(refused("::1:80").ends_with("wants brackets | write [::1]:80"));
        assert!(refused("fe80::1%eth0:80").ends_with("wants brackets | write [fe80::1%eth0]:80"));
        assert!(refused("::1").ends_with("wants brackets | as in [::1]:8888"));
        assert!(refused("1:2:3:4:5:6:7:8").contains("[1:2:3:4:5:6:7:8]:8888"));
        assert!(refused("localhost:80:90").contains("more than one `:`"));
    }

    #[test]
    fn says_which_part_is_wrong() {
        for (text, part) in [
            ("[::1]x:80", "after `]` stand `:` and the port, not `x:80`"),
            ("[zz]:80", "`zz` is no IPv6 address"),
            ("[fe80::1%]:80", "interface's name or number, not ``"),
            ("a b:80", "only, not ` `"),
            ("a..b:80", "1 to 63 characters"),
            ("h:80/", "(`/`)"),
            ("h:99999/x", "(`/x`)"),
            ("h:/x", "the port `/x` is no number"),
            ("h:80x", "the port `80x` is no number"),
            ("h:+80", "the port `+80` is no number"),
            ("h:٨٠", "the port `٨٠` is no number"),
            ("h:99999999999999999999", "more than 65535"),
            ("70000", "more than 65535"),
        ] {
            let got = refused(text);
            assert!(got.contains(part), "{text}: {got}");
        }
    }

    #[test]
    fn a_name_has_at_most_253_characters_in_labels_of_63() {
        let label = "a".repeat(63);
        let name = [label.as_str(), &label, &label, &"a".repeat(61)].join(".");
        assert_eq!(host(&name), Ok(Host::Name(name.clone())));
        assert!(host(&format!("{name}a")).unwrap_err().to_string().contains("253"));
        assert!(host(&format!("{label}a")).unwrap_err().to_string().contains("63"));
    }
}
