//! Circles: calls that would come back to a port of our own.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::interfaces::is_own;

/// Whether calling `target` would reach the very socket that is bound to `own`.
pub fn calls_itself(own: SocketAddr, target: SocketAddr) -> bool {
    let (bound, called) = (own.ip().to_canonical(), target.ip().to_canonical());
    own.port() == target.port()
        && (bound == called
            || (bound.is_unspecified() && is_own(called))
            || (called.is_unspecified() && is_own(bound)))
}

/// TCP ports of our own that no call may reach, because whoever gets there acts on this
/// program. Asked with each address that is about to be called, not with names.
#[derive(Clone, Debug, Default)]
pub struct Forbidden(Arc<[SocketAddr]>);

/// Where a call sets out from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From this machine.
    Here,
    /// From another network namespace or another machine: its loopback is not ours.
    Elsewhere,
}

impl Forbidden {
    /// Whatever is bound to these.
    pub fn new(bound: impl IntoIterator<Item = SocketAddr>) -> Self {
        Self(bound.into_iter().collect())
    }

    /// Whether any of them has that port: if none has, no address need be looked at.
    pub(crate) fn has_port(&self, port: u16) -> bool {
        self.0.iter().any(|own| own.port() == port)
    }

    /// The first of the addresses that reaches one of them. A name that has such an address
    /// among others is refused as a whole: which one answers first is chance.
    pub(crate) fn reached(&self, called: &[SocketAddr], origin: Origin) -> Option<SocketAddr> {
        let reaches = |target: &&SocketAddr| {
            let ip = target.ip().to_canonical();
            let local = ip.is_loopback() || ip.is_unspecified();
            !(local && origin == Origin::Elsewhere)
                && self.0.iter().any(|own| calls_itself(*own, **target))
        };
        called.iter().find(reaches).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn knows_when_it_would_call_itself() {
        for (own, target) in [
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("[::]:80", "127.0.0.1:80"),
            ("0.0.0.0:80", "127.0.0.2:80"),
            ("127.0.0.1:80", "0.0.0.0:80"),
            ("127.0.0.1:80", "[::ffff:127.0.0.1]:80"),
            ("127.0.0.1:80", "[::ffff:0.0.0.0]:80"),
            ("[::ffff:0.0.0.0]:80", "127.0.0.1:80"),
            ("[::1]:80", "[::]:80"),
        ] {
            assert!(calls_itself(at(own), at(target)), "{own} {target}");
        }
        for (own, target) in [
            ("[::]:80", "127.0.0.1:81"),
            ("127.0.0.1:80", "127.0.0.2:80"),
            ("127.0.0.1:80", "192.0.2.1:80"),
        ] {
            assert!(!calls_itself(at(own), at(target)), "{own} {target}");
        }
    }

    #[test]
    fn one_forbidden_address_among_others_is_found() {
        let forbidden = Forbidden::new([at("127.0.0.1:80")]);
        let called = [at("192.0.2.1:80"), at("127.0.0.1:80")];
        assert_eq!(forbidden.reached(&called, Origin::Here), Some(at("127.0.0.1:80")));
        assert_eq!(forbidden.reached(&called, Origin::Elsewhere), None);
        assert_eq!(Forbidden::default().reached(&called, Origin::Here), None);
    }
}
