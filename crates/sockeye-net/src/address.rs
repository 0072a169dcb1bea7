//! One side of an open conversation.

use std::fmt;
use std::net::SocketAddr;

use crate::interfaces::unmapped;

/// One side of an open conversation, as an endpoint without its scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// An internet address; of IPv4 in its own form, on whichever socket.
    Inet(SocketAddr),
    /// What names itself: a path, a program, a host that a proxy called.
    Named(String),
}

impl Address {
    /// Its internet address, where it has one.
    pub fn inet(&self) -> Option<SocketAddr> {
        match self {
            Self::Inet(address) => Some(*address),
            Self::Named(name) => name.parse().ok(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(address) => address.fmt(f),
            Self::Named(name) => f.write_str(name),
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Inet(unmapped(address))
    }
}

impl From<String> for Address {
    fn from(name: String) -> Self {
        Self::Named(name)
    }
}

impl From<&str> for Address {
    fn from(name: &str) -> Self {
        Self::Named(name.to_owned())
    }
}
