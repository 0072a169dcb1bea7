//! This machine's own addresses: which are ours, which others can dial, which are
//! broadcast. Read anew at each call; no state.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Addresses of this machine that another machine can dial: no loopback, no link-local.
pub fn dialable() -> Vec<IpAddr> {
    all().into_iter().filter(|ip| !ip.is_loopback() && !is_link_local(*ip)).collect()
}

/// Every address of this machine's interfaces; empty where they cannot be read.
pub fn all() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    interfaces.iter().map(if_addrs::Interface::ip).collect()
}

/// Whether the address reaches this very machine.
pub fn is_own(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    ip.is_loopback() || ip.is_unspecified() || all().contains(&ip)
}

/// Whether datagrams to the address go to every machine of a network: the limited
/// broadcast address (RFC 919) or that of a subnet this machine is on (RFC 922).
pub fn is_broadcast(ip: IpAddr) -> bool {
    let IpAddr::V4(wanted) = ip else { return false };
    wanted == Ipv4Addr::BROADCAST
        || if_addrs::get_if_addrs().unwrap_or_default().iter().any(|interface| {
            let if_addrs::IfAddr::V4(v4) = &interface.addr else { return false };
            let mask = v4.netmask.to_bits();
            // A network of one or two addresses has no broadcast address (RFC 3021).
            mask.count_zeros() > 1 && wanted.to_bits() == v4.ip.to_bits() | !mask
        })
}

/// An address as users write it: an IPv4 address mapped into IPv6 (RFC 4291, 2.5.5.2)
/// is shown as the IPv4 address that it is.
pub fn unmapped(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port()).with_scope_of(address)
}

trait WithScope {
    fn with_scope_of(self, other: SocketAddr) -> SocketAddr;
}

impl WithScope for SocketAddr {
    fn with_scope_of(mut self, other: SocketAddr) -> SocketAddr {
        if let (SocketAddr::V6(this), SocketAddr::V6(other)) = (&mut self, other) {
            this.set_scope_id(other.scope_id());
        }
        self
    }
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    #[test]
    fn knows_its_own_addresses_and_a_mapped_one() {
        assert!(is_own(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        assert!(is_own(IpAddr::V6(Ipv4Addr::LOCALHOST.to_ipv6_mapped())));
        assert!(is_own(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        assert!(!is_own(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))));
    }

    #[test]
    fn knows_the_limited_broadcast_and_that_a_host_is_none() {
        assert!(is_broadcast(IpAddr::V4(Ipv4Addr::BROADCAST)));
        assert!(is_broadcast(IpAddr::V4(Ipv4Addr::new(127, 255, 255, 255))));
        assert!(!is_broadcast(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    }

    #[test]
    fn shows_a_mapped_address_as_the_v4_address_it_is() {
        let mapped: SocketAddr = "[::ffff:127.0.0.1]:80".parse().unwrap();
        assert_eq!(unmapped(mapped).to_string(), "127.0.0.1:80");
    }
}
