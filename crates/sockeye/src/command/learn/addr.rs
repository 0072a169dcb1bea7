//! What an address is: its bits, its network, what its range is for; and where this machine
//! stands.

use std::net::{IpAddr, Ipv4Addr};

use sockeye_net::cidr::Cidr;
use sockeye_net::machine::{self, Route, route_to};
use sockeye_net::special::{class, purpose};

use super::Rows;
use crate::args::learn::Addr;
use crate::failure::Failed;

/// The rows of the command.
pub(super) fn facts(args: &Addr) -> Result<Rows, Failed> {
    let Some(text) = &args.address else {
        return Ok(this_machine());
    };
    let range: Cidr = text.parse().map_err(|error: sockeye_net::cidr::CidrError| {
        Failed::usage(error.to_string(), "as in 192.168.5.6 or 192.168.5.6/24")
    })?;
    let masked = text.contains('/');
    let mut rows = Rows::default();
    rows.say("address", range.address.to_string());
    rows.say("bits", bits(range.address));
    if let IpAddr::V4(address) = range.address {
        rows.say("class", class_of(address));
    }
    rows.say("kind", kind(range.address));
    if masked {
        network(&range, &mut rows);
    } else {
        rows.say("network", "not known without a mask: add /24, say");
    }
    if let Some(other) = args.other {
        if !masked {
            let why = "whether two addresses are in one network is a question of the mask";
            return Err(Failed::usage(why, format!("as in addr {}/24 {other}", range.address)));
        }
        rows.say("to", way(&range, other, &machine::routes()));
    }
    Ok(rows)
}

fn this_machine() -> Rows {
    let mut rows = Rows::default();
    let mut lines = Vec::new();
    for interface in machine::interfaces() {
        let mac = interface.mac.as_deref().unwrap_or("no MAC");
        for range in &interface.addresses {
            lines.push(format!(
                "{:<10} {range:<28} mask {:<18} {mac}",
                interface.name,
                range.mask().to_string()
            ));
        }
    }
    rows.say("interfaces", lines);
    let routes = machine::routes();
    let gateways: Vec<String> = routes
        .iter()
        .filter(|route| route.to.prefix == 0)
        .filter_map(|route| Some(format!("{} by {}", route.gateway?, route.interface)))
        .collect();
    rows.say("gateway", some_or(gateways, "none: only its own networks can be reached"));
    rows.say("name servers", some_or(machine::name_servers(), "none in /etc/resolv.conf"));
    rows
}

fn some_or(lines: Vec<String>, otherwise: &str) -> Vec<String> {
    if lines.is_empty() { vec![otherwise.to_owned()] } else { lines }
}

/// An IPv4 address byte by byte, an IPv6 address word by word.
fn bits(address: IpAddr) -> String {
    let parts: Vec<String> = match address {
        IpAddr::V4(v4) => v4.octets().iter().map(|byte| format!("{byte:08b}")).collect(),
        IpAddr::V6(v6) => v6.segments().iter().map(|word| format!("{word:016b}")).collect(),
    };
    parts.join(if address.is_ipv4() { "." } else { ":" })
}

fn class_of(address: Ipv4Addr) -> String {
    let class = class(address);
    let (low, high) = class.range;
    let networks = match class.prefix {
        Some(prefix) => {
            let hosts = (1_u64 << (32 - prefix)) - 2;
            format!("its networks were /{prefix}, of {hosts} hosts")
        }
        None if class.letter == 'D' => "multicast: no networks".to_owned(),
        None => "reserved: no networks".to_owned(),
    };
    format!("{}, {low} to {high}: {networks}; classes are history since CIDR (1993)", class.letter)
}

fn kind(address: IpAddr) -> String {
    match purpose(address) {
        Some(special) => format!("{}, {} ({})", special.range, special.purpose, special.source),
        None => "public: reachable from anywhere, as far as firewalls and NAT let".to_owned(),
    }
}

fn network(range: &Cidr, rows: &mut Rows) {
    let v4 = range.address.is_ipv4();
    rows.say("network", format!("{}/{}", range.first(), range.prefix));
    rows.say("mask", format!("{} ({} bits of {})", range.mask(), range.prefix, range.width()));
    rows.say("host part", format!("{} (the last {} bits)", range.host(), range.host_bits()));
    rows.say("range", format!("{} to {}", range.first(), range.last()));
    let count = match range.host_bits() {
        128 => "2 to the power of 128".to_owned(),
        bits => (1_u128 << bits).to_string(),
    };
    rows.say("addresses", count);
    if !v4 {
        return rows.say("broadcast", "none: IPv6 has multicast in its place");
    }
    match range.host_bits() {
        0 => rows.say("hosts", "1: this address alone"),
        // No address of the two is lost to a network or a broadcast (RFC 3021).
        1 => rows.say("hosts", "2: the ends of a point-to-point link"),
        bits => {
            rows.say("broadcast", range.last().to_string());
            let hosts = (1_u64 << bits) - 2;
            rows.say("hosts", format!("{hosts}: without the network's and the broadcast address"));
        }
    }
}

/// Whether the other address is in the same network, or by whom this machine would send.
fn way(range: &Cidr, other: IpAddr, routes: &[Route]) -> String {
    if range.address.is_ipv4() != other.is_ipv4() {
        return format!("{other}: one is IPv4, the other IPv6: they meet in no network");
    }
    if range.holds(other) {
        let how = if other.is_ipv4() { "ARP" } else { "neighbour discovery" };
        return format!("{other}: the same network, reached directly ({how} finds its MAC)");
    }
    let by = match route_to(other, routes) {
        Some(Route { gateway: Some(gateway), interface, .. }) => {
            format!("from this machine by {gateway} ({interface})")
        }
        Some(Route { interface, .. }) => {
            format!("this machine has it on a network of its own ({interface})")
        }
        None => "this machine has no route to it".to_owned(),
    };
    format!("{other}: another network, by a gateway; {by}")
}
