//! What an address is: its bits, its network, what its range is for; and where this machine
//! stands.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value, json};
use sockeye_net::cidr::Cidr;
use sockeye_net::endpoint::{Bare, Endpoint, Purpose};
use sockeye_net::host::Host;
use sockeye_net::machine::{self, Route, route_to};
use sockeye_net::special::{class, purpose};
use sockeye_text::safe::one_line;

use super::Rows;
use crate::args::learn::Addr;
use crate::failure::Failed;

/// The rows of the command.
pub(super) fn facts(args: &Addr) -> Result<Rows, Failed> {
    let Some(text) = &args.address else {
        return Ok(this_machine());
    };
    let range: Cidr = text.parse().map_err(|error: sockeye_net::cidr::CidrError| {
        Failed::usage(error.to_string(), hint(text))
    })?;
    let masked = text.contains('/');
    let mut rows = Rows::default();
    rows.say("address", range.address.to_string());
    rows.say("bits", bits(range.address));
    if let IpAddr::V4(address) = range.address {
        let class = class(address);
        let data = json!({ "letter": class.letter.to_string(), "first": class.range.0.to_string(),
            "last": class.range.1.to_string() });
        rows.say_as("class", vec![class_of(address)], data);
    }
    let data = match purpose(range.address) {
        Some(special) => json!({ "range": special.range.to_string(), "purpose": special.purpose,
            "source": special.source }),
        None => json!({ "range": null, "purpose": "public", "source": null }),
    };
    rows.say_as("kind", vec![kind(range.address)], data);
    if masked {
        network(&range, &mut rows);
    } else {
        let usual = if range.address.is_ipv4() { "/24" } else { "/64" };
        let text = format!("not known without a mask: add {usual}, say");
        rows.say_as("network", vec![text], Value::Null);
    }
    if let Some(other) = args.other {
        if !masked {
            let why = "whether two addresses are in one network is a question of the mask";
            return Err(Failed::usage(why, format!("as in addr {}/24 {other}", range.address)));
        }
        let routes = machine::routes();
        let by = route_to(other, &routes);
        let data = json!({ "address": other.to_string(), "same_network": range.holds(other),
            "gateway": by.and_then(|route| route.gateway).map(|gateway| gateway.to_string()),
            "interface": by.map(|route| route.interface.clone()) });
        rows.say_as("to", vec![way(&range, other, &routes)], data);
    }
    Ok(rows)
}

/// What was meant by a text that is no range of addresses.
fn hint(text: &str) -> String {
    let (address, mask) = text.split_once('/').map_or((text, None), |(at, mask)| (at, Some(mask)));
    let meant = |address: &str| match mask {
        Some(mask) => format!("{address}/{mask}"),
        None => address.to_owned(),
    };
    if let Some((before, scope)) = address.split_once('%')
        && meant(before).parse::<Cidr>().is_ok()
    {
        let scope = one_line(scope);
        return format!("write {}: `%{scope}` is this machine's way to it", meant(before));
    }
    let endpoint = Endpoint::from_words(address, "0", Purpose::Dial, Bare::Tcp).ok();
    let at = endpoint.as_ref().and_then(Endpoint::at);
    if at.is_some_and(|at| matches!(at.host, Host::Name(_))) {
        return format!("`sockeye resolve {address}` tells its addresses");
    }
    "as in 192.168.5.6 or 192.168.5.6/24".to_owned()
}

fn this_machine() -> Rows {
    let mut rows = Rows::default();
    let (mut lines, mut data) = (Vec::new(), Vec::new());
    for interface in machine::interfaces() {
        let mac = interface.mac.as_deref().unwrap_or("no MAC");
        for range in &interface.addresses {
            lines.push(format!(
                "{:<10} {range:<28} mask {:<18} {mac}",
                interface.name,
                range.mask().to_string()
            ));
            data.push(json!({ "name": interface.name, "address": range.address.to_string(),
                "prefix": range.prefix, "mac": interface.mac }));
        }
    }
    rows.say_as("interfaces", lines, data.into());
    let routes = machine::routes();
    let gateways: Vec<(IpAddr, &str)> = routes
        .iter()
        .filter(|route| route.to.prefix == 0)
        .filter_map(|route| Some((route.gateway?, route.interface.as_str())))
        .collect();
    let lines = gateways.iter().map(|(gateway, by)| format!("{gateway} by {by}")).collect();
    let data = gateways
        .iter()
        .map(|(gateway, by)| json!({ "address": gateway.to_string(), "interface": by }))
        .collect::<Vec<_>>();
    let lines = some_or(lines, "none: only its own networks can be reached");
    rows.say_as("gateway", lines, data.into());
    let servers = machine::name_servers();
    let data = servers.clone().into();
    rows.say_as("name servers", some_or(servers, "none in /etc/resolv.conf"), data);
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
    rows.say("network", format!("{}/{}", range.first(), range.prefix));
    let mask = range.mask().to_string();
    let text = format!("{mask} ({} bits of {})", range.prefix, range.width());
    rows.say_as("mask", vec![text], mask.into());
    let host = range.host().to_string();
    let text = format!("{host} (the last {} bits)", range.host_bits());
    rows.say_as("host part", vec![text], host.into());
    let (first, last) = (range.first().to_string(), range.last().to_string());
    let data = json!({ "first": first, "last": last });
    rows.say_as("range", vec![format!("{first} to {last}")], data);
    let bits = range.host_bits();
    let count = 1_u128.checked_shl(bits.into()).filter(|_| bits < 128);
    let text = count.map_or_else(|| "2 to the power of 128".to_owned(), |count| count.to_string());
    // JSON's numbers are exact to 2^53 in many programs: what is more comes in digits.
    let data = match count.map(|count| (u64::try_from(count), count)) {
        Some((Ok(count), _)) if bits <= 53 => count.into(),
        Some((_, count)) => count.to_string().into(),
        None => "340282366920938463463374607431768211456".into(),
    };
    rows.say_as("addresses", vec![text], data);
    if !range.address.is_ipv4() {
        let text = "none: IPv6 has multicast in its place".to_owned();
        return rows.say_as("broadcast", vec![text], Value::Null);
    }
    if bits > 1 {
        rows.say("broadcast", last);
    }
    let mut hosts = |count: u64, what: &str| {
        rows.say_as("hosts", vec![format!("{count}: {what}")], count.into());
    };
    match bits {
        0 => hosts(1, "this address alone"),
        // No address of the two is lost to a network or a broadcast (RFC 3021).
        1 => hosts(2, "the ends of a point-to-point link"),
        bits => hosts((1 << bits) - 2, "without the network's and the broadcast address"),
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
