//! What an address is for, by the range that it lies in: the special-purpose registries of
//! IANA (RFC 6890), and the classes that networks had before 1993 (RFC 791).

use std::net::{IpAddr, Ipv4Addr};

use crate::cidr::Cidr;

/// A range with a purpose of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Special {
    /// The range.
    pub range: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// Where that is laid down.
    pub source: &'static str,
}

const fn row(range: &'static str, purpose: &'static str, source: &'static str) -> Special {
    Special { range, purpose, source }
}

/// The narrower range stands before the wider one that holds it.
const RANGES: [Special; 30] = [
    row("0.0.0.0/32", "unspecified: every address of this machine, to a bind", "RFC 1122, 3.2.1.3"),
    row("0.0.0.0/8", "this network", "RFC 791"),
    row("10.0.0.0/8", "private", "RFC 1918"),
    row("100.64.0.0/10", "shared, behind a provider's NAT", "RFC 6598"),
    row("127.0.0.0/8", "loopback: this very machine", "RFC 1122, 3.2.1.3"),
    row("169.254.0.0/16", "link-local: taken where nobody gives one out", "RFC 3927"),
    row("172.16.0.0/12", "private", "RFC 1918"),
    row("192.0.0.0/24", "reserved for protocols", "RFC 6890"),
    row("192.0.2.0/24", "reserved for examples", "RFC 5737"),
    row("192.168.0.0/16", "private", "RFC 1918"),
    row("198.18.0.0/15", "reserved for benchmarks", "RFC 2544"),
    row("198.51.100.0/24", "reserved for examples", "RFC 5737"),
    row("203.0.113.0/24", "reserved for examples", "RFC 5737"),
    row("224.0.0.0/24", "multicast that no router passes on", "RFC 5771"),
    row("239.0.0.0/8", "multicast of one's own organisation", "RFC 2365"),
    row("224.0.0.0/4", "multicast", "RFC 5771"),
    row("255.255.255.255/32", "limited broadcast: every machine on this link", "RFC 919"),
    row("240.0.0.0/4", "reserved", "RFC 1112"),
    row("::/128", "unspecified: every address of this machine, to a bind", "RFC 4291"),
    row("::1/128", "loopback: this very machine", "RFC 4291"),
    row("64:ff9b::/96", "an IPv4 address, for NAT64", "RFC 6052"),
    row("100::/64", "discarded on its way", "RFC 6666"),
    row("2001::/32", "Teredo", "RFC 4380"),
    row("2001:db8::/32", "reserved for examples", "RFC 3849"),
    row("2002::/16", "6to4", "RFC 3056"),
    row("fc00::/7", "unique local: private", "RFC 4193"),
    row("fe80::/10", "link-local: valid on one link alone, so that it wants a %scope", "RFC 4291"),
    row("ff02::/16", "multicast on this link", "RFC 4291"),
    row("ff00::/8", "multicast", "RFC 4291"),
    row("2000::/3", "global unicast", "RFC 4291"),
];

/// What the address is for; none where it is an address like another (public IPv4).
pub fn purpose(address: IpAddr) -> Option<Special> {
    RANGES
        .into_iter()
        .find(|special| special.range.parse::<Cidr>().is_ok_and(|range| range.holds(address)))
}

/// A class of IPv4 networks: history since CIDR (RFC 1519), and still in every course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class {
    /// `A` to `E`.
    pub letter: char,
    /// The lowest and the highest address of the class.
    pub range: (Ipv4Addr, Ipv4Addr),
    /// The bits of the network's part; none where there are no networks (D and E).
    pub prefix: Option<u8>,
}

/// The class that an address had.
pub fn class(address: Ipv4Addr) -> Class {
    let [first, ..] = address.octets();
    let (letter, low, high, prefix) = match first {
        0..=127 => ('A', 0, 127, Some(8)),
        128..=191 => ('B', 128, 191, Some(16)),
        192..=223 => ('C', 192, 223, Some(24)),
        224..=239 => ('D', 224, 239, None),
        240..=255 => ('E', 240, 255, None),
    };
    let range = (Ipv4Addr::new(low, 0, 0, 0), Ipv4Addr::new(high, 255, 255, 255));
    Class { letter, range, prefix }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(address: &str) -> &'static str {
        purpose(address.parse().unwrap()).map_or("", |special| special.purpose)
    }

    #[test]
    fn every_range_of_the_table_is_one() {
        for special in RANGES {
            assert!(special.range.parse::<Cidr>().is_ok(), "{}", special.range);
        }
    }

    #[test]
    fn the_narrower_purpose_goes_before_the_wider() {
        assert!(said("0.0.0.0").starts_with("unspecified"));
        assert_eq!(said("0.0.0.1"), "this network");
        assert!(said("255.255.255.255").starts_with("limited broadcast"));
        assert_eq!(said("255.255.255.254"), "reserved");
        assert_eq!(said("192.168.5.6"), "private");
        assert_eq!(said("8.8.8.8"), "");
        assert!(said("ff02::1").ends_with("this link"));
        assert_eq!(said("2606:4700::1"), "global unicast");
        assert!(said("::ffff:10.0.0.1").starts_with("private"));
    }

    #[test]
    fn a_class_ends_where_the_next_begins() {
        let mut next = 0;
        for (letter, low, high) in
            [('A', 0, 127), ('B', 128, 191), ('C', 192, 223), ('D', 224, 239), ('E', 240, 255)]
        {
            assert_eq!(low, next);
            for first in [low, high] {
                let class = class(Ipv4Addr::new(first, 1, 2, 3));
                assert_eq!(class.letter, letter);
                assert_eq!(class.range.0.octets()[0], low);
                assert_eq!(class.range.1, Ipv4Addr::new(high, 255, 255, 255));
            }
            next = u8::wrapping_add(high, 1);
        }
    }
}
