//! This machine's own addresses: which are ours, which others can dial, which are
//! broadcast, and what its interfaces are called. Read anew at each call; no state. Asked
//! with a network namespace, the answer is of that one.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

#[cfg(target_os = "linux")]
use socket2::{Domain, Socket, Type};

use crate::hinted::hinted;
use crate::netns;

/// Addresses of this machine that another machine can dial: no loopback, no link-local;
/// with the name of an interface, those of that one.
pub fn dialable(netns: Option<&str>, iface: Option<&str>) -> Vec<IpAddr> {
    addresses(netns)
        .iter()
        .filter(|interface| iface.is_none_or(|name| interface.name == name))
        .map(if_addrs::Interface::ip)
        .filter(|ip| !ip.is_loopback() && !is_link_local(*ip))
        .collect()
}

/// Every address of this machine's interfaces; empty where they cannot be read.
pub fn all(netns: Option<&str>) -> Vec<IpAddr> {
    addresses(netns).iter().map(if_addrs::Interface::ip).collect()
}

/// Every interface by name, with addresses or without; empty where they cannot be read.
pub fn names(netns: Option<&str>) -> Vec<String> {
    // A thread's own network, which that of its process need not be (proc(5)).
    let table = netns::inside(netns, || std::fs::read_to_string("/proc/thread-self/net/dev"));
    let mut names: Vec<String> = match table {
        Ok(table) => {
            let rows = table.lines().filter_map(|row| row.split_once(':'));
            rows.map(|(name, _)| name.trim().to_owned()).collect()
        }
        Err(_) => addresses(netns).into_iter().map(|interface| interface.name).collect(),
    };
    names.dedup();
    names
}

/// Every interface that has addresses, by name, with them; empty where they cannot be read.
pub fn with_addresses(netns: Option<&str>) -> Vec<(String, Vec<IpAddr>)> {
    let mut found: Vec<(String, Vec<IpAddr>)> = Vec::new();
    for interface in addresses(netns) {
        let ip = interface.ip();
        match found.iter_mut().find(|(name, _)| *name == interface.name) {
            Some((_, addresses)) => addresses.push(ip),
            None => found.push((interface.name, vec![ip])),
        }
    }
    found
}

/// The number of the interface of that name.
pub fn index(name: &str, netns: Option<&str>) -> io::Result<u32> {
    netns::inside(netns, || number(name)).map_err(|error| match error.kind() {
        // ENODEV has no kind of its own.
        _ if error.raw_os_error() == Some(libc::ENODEV) => unknown(name, netns),
        io::ErrorKind::NotFound => unknown(name, netns),
        _ => error,
    })
}

/// The error of an interface that is not there, with those that are.
pub(crate) fn unknown(name: &str, netns: Option<&str>) -> io::Error {
    let text = format!("there is no interface `{name}`");
    hinted(io::ErrorKind::AddrNotAvailable, text, known(netns))
}

/// The interfaces that there are, as a hint.
pub(crate) fn known(netns: Option<&str>) -> String {
    format!("the interfaces are {}", names(netns).join(", "))
}

#[cfg(target_os = "linux")]
fn number(name: &str) -> io::Result<u32> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    Ok(rustix::net::netdevice::name_to_index(&socket, name)?)
}

#[cfg(not(target_os = "linux"))]
fn number(name: &str) -> io::Result<u32> {
    if_addrs::get_if_addrs()?
        .iter()
        .find(|interface| interface.name == name)
        .and_then(|interface| interface.index)
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}

fn addresses(netns: Option<&str>) -> Vec<if_addrs::Interface> {
    netns::inside(netns, if_addrs::get_if_addrs).unwrap_or_default()
}

/// Whether the address reaches this very machine, from its own network namespace.
pub fn is_own(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    ip.is_loopback() || ip.is_unspecified() || all(None).contains(&ip)
}

/// Whether datagrams to the address go to every machine of a network: the limited
/// broadcast address (RFC 919) or that of a subnet this machine is on (RFC 922).
pub fn is_broadcast(ip: IpAddr, netns: Option<&str>) -> bool {
    let IpAddr::V4(wanted) = ip else { return false };
    wanted == Ipv4Addr::BROADCAST
        || addresses(netns).iter().any(|interface| {
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
        assert!(is_broadcast(IpAddr::V4(Ipv4Addr::BROADCAST), None));
        assert!(is_broadcast(IpAddr::V4(Ipv4Addr::new(127, 255, 255, 255)), None));
        assert!(!is_broadcast(IpAddr::V4(Ipv4Addr::LOCALHOST), None));
    }

    #[test]
    fn an_interface_has_a_number_and_an_unknown_one_is_told_with_those_there_are() {
        let lo = names(None).into_iter().find(|name| name.starts_with("lo")).unwrap();
        assert!(index(&lo, None).is_ok_and(|number| number > 0));
        let error = index("sk-none", None).unwrap_err();
        assert_eq!(error.to_string(), "there is no interface `sk-none`");
        assert!(crate::hinted::hint_of(&error).is_some_and(|hint| hint.contains(&lo)));
    }

    #[test]
    fn shows_a_mapped_address_as_the_v4_address_it_is() {
        let mapped: SocketAddr = "[::ffff:127.0.0.1]:80".parse().unwrap();
        assert_eq!(unmapped(mapped).to_string(), "127.0.0.1:80");
    }
}
