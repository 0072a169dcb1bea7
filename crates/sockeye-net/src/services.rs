//! Ports by number and by name: the ranges that IANA keeps (RFC 6335), the services of this
//! machine's list, the ports that the kernel gives out by itself, and who listens.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use crate::owner::{self, Owner};

/// Which of the three ranges a port lies in (RFC 6335, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// 0 is no port: to a bind it means "choose one".
    Any,
    /// 1 to 1023: assigned by IANA; to bind one takes a right on most systems.
    System,
    /// 1024 to 49151: registered with IANA.
    User,
    /// 49152 to 65535: for nobody, to be used for a while.
    Dynamic,
}

/// The range of a port.
pub fn range(port: u16) -> Range {
    match port {
        0 => Range::Any,
        1..=1023 => Range::System,
        1024..=49151 => Range::User,
        49152.. => Range::Dynamic,
    }
}

/// The names that a port has in a list such as `/etc/services`, each with its transport.
pub fn names(port: u16, list: &str) -> Vec<(String, String)> {
    rows(list)
        .filter(|(_, number, _)| *number == port)
        .map(|(names, _, transport)| {
            (names.first().copied().unwrap_or_default().to_owned(), transport.to_owned())
        })
        .collect()
}

/// The ports that a name has in such a list, each with its transport.
pub fn ports(name: &str, list: &str) -> Vec<(u16, String)> {
    rows(list)
        .filter(|(names, ..)| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
        .map(|(_, number, transport)| (number, transport.to_owned()))
        .collect()
}

/// Each service of the list: its names, its port, its transport (`services(5)`).
fn rows(list: &str) -> impl Iterator<Item = (Vec<&str>, u16, &str)> {
    list.lines().filter_map(|line| {
        let mut words = line.split('#').next().unwrap_or_default().split_ascii_whitespace();
        let first = words.next()?;
        let (number, transport) = words.next()?.split_once('/')?;
        let names = std::iter::once(first).chain(words).collect();
        Some((names, number.parse().ok()?, transport))
    })
}

/// This machine's list of services; empty where it has none.
pub fn list() -> String {
    fs::read_to_string("/etc/services").unwrap_or_default()
}

/// The ports that this machine's kernel gives out by itself; none where it does not say.
pub fn given_out() -> Option<RangeInclusive<u16>> {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut words = text.split_ascii_whitespace().map(str::parse);
    Some(words.next()?.ok()?..=words.next()?.ok()?)
}

/// The lowest port that anybody may bind on this machine; none where it does not say.
pub fn unprivileged_from() -> Option<u16> {
    let path = Path::new("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// Who is bound to the port; none where nobody is, or the machine does not show it to us.
pub fn owner(port: u16) -> Option<Owner> {
    owner::of_port(port, None)
}

#[cfg(test)]
mod tests {
    use super::Range::{Any, Dynamic, System, User};
    use super::*;

    const LIST: &str =
        "# a list\nhttp\t80/tcp\twww www-http # web\nhttps 443/tcp\nhttps 443/udp\nbad line\n";

    #[test]
    fn finds_names_and_ports_by_alias_too() {
        assert_eq!(names(80, LIST), [("http".to_owned(), "tcp".to_owned())]);
        assert_eq!(ports("WWW", LIST), [(80, "tcp".to_owned())]);
        assert_eq!(ports("https", LIST).len(), 2);
        assert!(ports("line", LIST).is_empty() && names(1, LIST).is_empty());
    }

    #[test]
    fn the_ranges_end_at_1023_and_49151() {
        let ranges = [0, 1, 1023, 1024, 49151, 49152, 65535].map(range);
        assert_eq!(ranges, [Any, System, System, User, User, Dynamic, Dynamic]);
    }
}
