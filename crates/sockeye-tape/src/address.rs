//! The IP address and port that an endpoint on a tape names. Nothing is resolved: a name,
//! a path or a device has none.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;

/// The address in `127.0.0.1:80`, `[fe80::1%2]:80`, or in either behind a scheme and before
/// a path. An IPv4 address that is written as IPv6 becomes IPv4.
pub(crate) fn of(endpoint: &str) -> Option<SocketAddr> {
    let bare = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let bare = bare.split(['/', '?']).next().unwrap_or_default();
    let (host, port) = bare.rsplit_once(':')?;
    let port = port.parse().ok()?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    // A scope means something on one machine only, and no packet has it.
    let host = host.split('%').next().unwrap_or_default();
    let ip: IpAddr = host.parse().ok()?;
    Some(SocketAddr::new(ip.to_canonical(), port))
}

/// Both in one family, that of `peer`: a socket bound to every address may be `[::]` and
/// have an IPv4 peer.
pub(crate) fn alike(local: SocketAddr, peer: SocketAddr) -> (SocketAddr, SocketAddr) {
    let ip = match (local.ip(), peer.ip()) {
        (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_)) => return (local, peer),
        (IpAddr::V6(ip), IpAddr::V4(_)) if ip.is_unspecified() => Ipv4Addr::UNSPECIFIED.into(),
        (IpAddr::V4(ip), IpAddr::V6(_)) if ip.is_unspecified() => Ipv6Addr::UNSPECIFIED.into(),
        (IpAddr::V4(ip), IpAddr::V6(_)) => ip.to_ipv6_mapped().into(),
        (IpAddr::V6(_), IpAddr::V4(ip)) => {
            return (local, SocketAddr::new(ip.to_ipv6_mapped().into(), peer.port()));
        }
    };
    (SocketAddr::new(ip, local.port()), peer)
}

#[cfg(test)]
mod tests {
    use super::alike;
    use super::of;

    #[test]
    fn an_address_is_read_as_a_tape_writes_it() {
        for (written, read) in [
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("[::1]:80", "[::1]:80"),
            ("[fe80::1%2]:80", "[fe80::1]:80"),
            ("[fe80::1%eth0]:80", "[fe80::1]:80"),
            ("[::ffff:10.0.0.1]:5", "10.0.0.1:5"),
            ("tls://10.0.0.1:443", "10.0.0.1:443"),
            ("ws://[::1]:8080/chat?x=1:2", "[::1]:8080"),
        ] {
            assert_eq!(of(written), Some(read.parse().unwrap()), "{written}");
        }
        for other in ["", ":80", "/tmp/a:80", "example.org:80", "127.0.0.1", "1.2.3.4:65536", "[:"]
        {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn both_ends_are_brought_into_one_family() {
        for (local, peer, ours, theirs) in [
            ("[::]:9", "10.0.0.1:5", "0.0.0.0:9", "10.0.0.1:5"),
            ("0.0.0.0:9", "[::1]:5", "[::]:9", "[::1]:5"),
            ("[::1]:9", "10.0.0.1:5", "[::1]:9", "[::ffff:10.0.0.1]:5"),
            ("10.0.0.1:9", "[::1]:5", "[::ffff:10.0.0.1]:9", "[::1]:5"),
        ] {
            let both = alike(local.parse().unwrap(), peer.parse().unwrap());
            assert_eq!(both, (ours.parse().unwrap(), theirs.parse().unwrap()));
        }
    }
}
