//! Names to addresses, by the operating system's resolver.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use crate::error::NetError;
use crate::host::{Host, HostPort};
use crate::interfaces::{index, known};
use sockeye_text::cause::plain;

/// Which addresses of a name are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// Both.
    #[default]
    Any,
    /// IPv4 alone (`-4`).
    V4,
    /// IPv6 alone (`-6`).
    V6,
}

/// How names are looked up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lookup {
    /// Which addresses are wanted.
    pub family: Family,
    /// Addresses only; a name is refused (`-n`).
    pub numeric: bool,
}

/// Every address of the host, in the order in which they are to be tried: families
/// take turns, beginning with the resolver's first (RFC 8305, section 4). Never empty.
pub async fn resolve(at: &HostPort, lookup: Lookup) -> Result<Vec<SocketAddr>, NetError> {
    resolve_for(at, lookup, None).await
}

/// The same for a socket in that network namespace: a scope is an interface there. Names
/// are looked up outside of it, as the resolver's settings are this machine's.
pub async fn resolve_for(
    at: &HostPort,
    lookup: Lookup,
    netns: Option<&str>,
) -> Result<Vec<SocketAddr>, NetError> {
    let found = match &at.host {
        Host::Any => vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), at.port)],
        Host::V4(v4) => vec![SocketAddr::new(IpAddr::V4(*v4), at.port)],
        Host::V6(v6, scope) => vec![scoped(*v6, scope.as_deref(), at.port, netns)?],
        Host::Name(name) if lookup.numeric => {
            return Err(no_name(name, "names are not looked up with `-n`"));
        }
        Host::Name(name) => by_name(name, at.port).await?,
    };
    let wanted: Vec<SocketAddr> = found
        .into_iter()
        .filter(|address| match lookup.family {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        })
        .collect();
    if wanted.is_empty() {
        let family = if lookup.family == Family::V4 { "IPv4" } else { "IPv6" };
        return Err(no_name(&host_text(&at.host), &format!("it has no {family} address")));
    }
    Ok(interleave(wanted))
}

async fn by_name(name: &str, port: u16) -> Result<Vec<SocketAddr>, NetError> {
    match tokio::net::lookup_host((name, port)).await {
        Ok(found) => {
            let mut addresses: Vec<SocketAddr> = found.collect();
            addresses.dedup();
            if addresses.is_empty() {
                return Err(no_name(name, "it has no address"));
            }
            Ok(addresses)
        }
        Err(error) => {
            let text = plain(&error);
            let why = text.strip_prefix("failed to lookup address information: ");
            Err(no_name(name, why.unwrap_or(&text)))
        }
    }
}

fn scoped(
    v6: Ipv6Addr,
    scope: Option<&str>,
    port: u16,
    netns: Option<&str>,
) -> Result<SocketAddr, NetError> {
    let index = match scope {
        None => 0,
        Some(text) => match text.parse::<u32>() {
            Ok(number) => number,
            Err(_) => index(text, netns).map_err(|error| {
                let why = format!("{} ({})", plain(&error), known(netns));
                no_name(&format!("{v6}%{text}"), &why)
            })?,
        },
    };
    Ok(SocketAddr::V6(SocketAddrV6::new(v6, port, 0, index)))
}

fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    if addresses.len() < 2 {
        return addresses;
    }
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (leading, following): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut following = following.into_iter();
    let mut turns = Vec::new();
    for address in leading {
        turns.push(address);
        turns.extend(following.next());
    }
    turns.extend(following);
    turns
}

fn no_name(name: &str, why: &str) -> NetError {
    NetError::Name { name: name.to_owned(), why: why.to_owned() }
}

fn host_text(host: &Host) -> String {
    match host {
        Host::Any => "*".to_owned(),
        Host::Name(name) => name.clone(),
        Host::V4(v4) => v4.to_string(),
        Host::V6(v6, _) => v6.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns_beginning_with_the_resolvers_first() {
        let addresses: Vec<SocketAddr> = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"]
            .iter()
            .map(|a| a.parse().unwrap())
            .collect();
        let order: Vec<String> = interleave(addresses).iter().map(ToString::to_string).collect();
        assert_eq!(order, ["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"]);
    }
}
