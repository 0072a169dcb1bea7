//! This machine's place in its networks: interfaces, addresses, hardware addresses, the
//! gateways that it sends to, the name servers that it asks. Read anew at each call.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use crate::cidr::Cidr;

/// An interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name: `eth0`.
    pub name: String,
    /// Its hardware address, where it has one.
    pub mac: Option<String>,
    /// Its addresses, each with the network that it lies in.
    pub addresses: Vec<Cidr>,
}

/// A way to other networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where it leads.
    pub to: Cidr,
    /// Who passes it on; none on a network of our own.
    pub gateway: Option<IpAddr>,
    /// The interface that it leaves by.
    pub interface: String,
    /// Of two to the same place, the lower is taken.
    pub metric: u32,
}

/// Every interface, by name.
pub fn interfaces() -> Vec<Interface> {
    let mut found: BTreeMap<String, Interface> = BTreeMap::new();
    for interface in if_addrs::get_if_addrs().unwrap_or_default() {
        let (address, prefix) = match &interface.addr {
            if_addrs::IfAddr::V4(v4) => (IpAddr::V4(v4.ip), v4.netmask.to_bits().count_ones()),
            if_addrs::IfAddr::V6(v6) => (IpAddr::V6(v6.ip), v6.netmask.to_bits().count_ones()),
        };
        let name = interface.name.clone();
        let entry = found.entry(name.clone()).or_insert_with(|| Interface {
            mac: mac(&name),
            name,
            addresses: Vec::new(),
        });
        entry.addresses.push(Cidr { address, prefix: u8::try_from(prefix).unwrap_or(128) });
    }
    found.into_values().collect()
}

/// The hardware address (EUI-48); loopback has none.
fn mac(name: &str) -> Option<String> {
    // A name with a slash is none of the kernel's.
    let path = Path::new("/sys/class/net").join(name.replace('/', "_")).join("address");
    let text = fs::read_to_string(path).ok()?;
    let text = text.trim();
    (text != "00:00:00:00:00:00" && !text.is_empty()).then(|| text.to_owned())
}

/// Every route of this machine's main tables.
pub fn routes() -> Vec<Route> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let mut routes = routes_v4(&read("/proc/net/route"));
    routes.extend(routes_v6(&read("/proc/net/ipv6_route")));
    routes
}

/// The route that a packet to `address` takes: the longest prefix that holds it.
pub fn route_to(address: IpAddr, routes: &[Route]) -> Option<&Route> {
    let fitting = routes
        .iter()
        .filter(|route| route.to.address.is_ipv4() == address.is_ipv4() && route.to.holds(address));
    fitting.min_by_key(|route| (128 - route.to.prefix, route.metric))
}

/// `/proc/net/route`: hexadecimal words in the machine's byte order (proc(5)).
fn routes_v4(table: &str) -> Vec<Route> {
    let address = |word: &str| {
        let word = u32::from_str_radix(word, 16).ok()?;
        Some(Ipv4Addr::from(word.to_ne_bytes()))
    };
    let row = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let mask = address(words.get(7)?)?;
        let gateway = address(words.get(2)?)?;
        Some(Route {
            to: Cidr {
                address: address(words.get(1)?)?.into(),
                prefix: u8::try_from(mask.to_bits().count_ones()).ok()?,
            },
            gateway: (!gateway.is_unspecified()).then_some(gateway.into()),
            interface: (*words.first()?).to_owned(),
            metric: words.get(6)?.parse().ok()?,
        })
    };
    table.lines().skip(1).filter_map(row).collect()
}

/// `/proc/net/ipv6_route`: 32 hexadecimal digits an address.
fn routes_v6(table: &str) -> Vec<Route> {
    let address = |word: &str| Some(Ipv6Addr::from_bits(u128::from_str_radix(word, 16).ok()?));
    let row = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let gateway = address(words.get(4)?)?;
        let interface = *words.get(9)?;
        // The rows of `lo` refuse, or are our own addresses.
        (interface != "lo").then_some(())?;
        Some(Route {
            to: Cidr {
                address: address(words.first()?)?.into(),
                prefix: u8::from_str_radix(words.get(1)?, 16).ok()?,
            },
            gateway: (!gateway.is_unspecified()).then_some(gateway.into()),
            interface: interface.to_owned(),
            metric: u32::from_str_radix(words.get(5)?, 16).ok()?,
        })
    };
    table.lines().filter_map(row).collect()
}

/// The name servers that the resolver asks (`resolv.conf(5)`), as they are written there.
pub fn name_servers() -> Vec<String> {
    let text = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let server = |line: &str| line.trim().strip_prefix("nameserver").map(|at| at.trim().to_owned());
    text.lines().filter_map(server).collect()
}

/// The addresses that a list such as `/etc/hosts` gives a name (`hosts(5)`).
pub fn in_hosts(name: &str, list: &str) -> Vec<IpAddr> {
    let row = |line: &str| {
        let mut words = line.split('#').next().unwrap_or_default().split_ascii_whitespace();
        let address = words.next()?.parse().ok()?;
        words.any(|known| known.eq_ignore_ascii_case(name)).then_some(address)
    };
    list.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_table_and_takes_the_longest_prefix() {
        let table = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n\
            eth0 00000000 010200C0 0003 0 0 100 00000000 0 0 0\n\
            eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n\
            wlan0 00000000 0103A8C0 0003 0 0 50 00000000 0 0 0\n\
            torn 0\n";
        let routes = routes_v4(table);
        assert_eq!(routes.len(), 3);
        let near = route_to("192.0.2.77".parse().unwrap(), &routes).unwrap();
        assert_eq!((near.gateway, near.to.to_string()), (None, "192.0.2.0/24".to_owned()));
        let far = route_to("8.8.8.8".parse().unwrap(), &routes).unwrap();
        assert_eq!(far.gateway, Some("192.168.3.1".parse().unwrap()), "the lower metric");
        assert!(route_to("::1".parse().unwrap(), &routes).is_none());
    }

    #[test]
    fn reads_a_list_of_hosts_with_aliases_and_remarks() {
        let list = "127.0.0.1 localhost\n::1 localhost ip6-localhost # both\n# 1.2.3.4 no\n";
        assert_eq!(in_hosts("LOCALHOST", list).len(), 2);
        assert_eq!(in_hosts("ip6-localhost", list), ["::1".parse::<IpAddr>().unwrap()]);
        assert!(in_hosts("no", list).is_empty());
    }
}
