//! What our server is called: by which scheme, hosts and port, and so which `Host` and which
//! `Origin` are ours.
//!
//! A server on loopback is `localhost` and every loopback address: an attacker's name that was
//! pointed at one is none of these. Beyond loopback it is the address bound, or, where every
//! address is bound, this machine's addresses when it started (and loopback, which reaches it
//! too): an address cannot be pointed elsewhere by who owns a name. A name is ours only if it
//! was given (`--name`): nothing that a caller, the certificate or the resolver says makes one.

use std::net::{IpAddr, SocketAddr};

use crate::guard::{address, means_loopback, split};

/// Ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// The address bound.
    pub bound: SocketAddr,
    /// Whether it is served over TLS.
    pub secure: bool,
    /// The names that were given.
    pub names: Vec<String>,
    /// This machine's addresses, where every address is bound.
    pub addresses: Vec<IpAddr>,
}

impl Own {
    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// The port that the scheme leaves out.
    fn usual(&self) -> &'static str {
        if self.secure { "443" } else { "80" }
    }

    /// Where a browser finds the page, without a slash at the end: by the first name, else by
    /// an address.
    pub fn home(&self) -> String {
        let port = self.bound.port();
        let host = match (self.names.first(), self.bound.ip()) {
            (Some(name), _) => format!("{name}:{port}"),
            (None, ip) if ip.is_unspecified() => {
                let other = self.addresses.iter().find(|address| !address.is_loopback());
                SocketAddr::new(other.copied().unwrap_or(ip), port).to_string()
            }
            (None, ip) => SocketAddr::new(ip.to_canonical(), port).to_string(),
        };
        let host = host.strip_suffix(&format!(":{}", self.usual())).unwrap_or(&host);
        format!("{}://{host}", self.scheme())
    }

    /// Whether a `Host` means us.
    pub fn is_host(&self, host: &[u8]) -> bool {
        let Some((name, port)) = split(host, self.usual()) else {
            return false;
        };
        if port != self.bound.port().to_string() {
            return false;
        }
        let ip = self.bound.ip();
        let reaches_loopback = ip.is_unspecified() || ip.to_canonical().is_loopback();
        if reaches_loopback && means_loopback(name) {
            return true;
        }
        if let Some(address) = address(name) {
            let all = self.addresses.iter().map(IpAddr::to_canonical);
            return !address.is_unspecified()
                && (address == ip.to_canonical() || { all }.any(|own| own == address));
        }
        self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether an `Origin` is the one that a page of ours has which was asked for at `host`,
    /// a `Host` of ours (RFC 6454, 6.2; the port that the scheme leaves out is left out).
    pub fn is_origin(&self, origin: &[u8], host: &[u8]) -> bool {
        let usual = format!(":{}", self.usual());
        let host = host.strip_suffix(usual.as_bytes()).unwrap_or(host);
        let own = [self.scheme().as_bytes(), b"://", host].concat();
        origin.eq_ignore_ascii_case(&own)
    }
}
