//! Multicast sockets (RFC 1112; RFC 3493, 5.2): set up to send to a group, or joined to
//! groups and bound so that nothing else comes in. What is sent and received through them
//! is in `datagram.rs`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use socket2::{InterfaceIndexOrAddress, Socket, Type};

use crate::hinted::hinted;
use crate::host::HostPort;
use crate::interfaces::{self, known};
use crate::options::Options;
use crate::socket;

/// A socket that sends to the group, and the group as it is sent to: with the number of
/// the interface, where that is part of it. Unconnected, so that whoever hears may answer.
pub(crate) fn sender(to: SocketAddr, options: &Options) -> io::Result<(Socket, SocketAddr)> {
    if options.group.is_some() {
        let text = "`group` is for listening: one who sends joins nothing";
        return Err(hinted(io::ErrorKind::InvalidInput, text, "leave `group` out"));
    }
    let (socket, number) = ready(to, options)?;
    let to = scoped(to, number);
    check_way(to, options)?;
    Ok((socket, to))
}

/// A socket of its own for each group, on one port: each is bound to its group's address,
/// so that what is sent to other groups or to this machine does not come in. Other
/// programs may listen to the same groups.
pub(crate) fn listeners(first: SocketAddr, options: &Options) -> io::Result<Vec<Socket>> {
    let mut groups = vec![first.ip()];
    for group in options.group.iter().flatten() {
        if !groups.contains(group) {
            groups.push(*group);
        }
    }
    let mut port = first.port();
    let mut sockets = Vec::new();
    for group in groups {
        let at = match (first, group) {
            (SocketAddr::V6(first), IpAddr::V6(group)) => {
                SocketAddr::V6(SocketAddrV6::new(group, port, 0, first.scope_id()))
            }
            (_, group) => SocketAddr::new(group, port),
        };
        let socket = listener(at, options)?;
        let bound = socket.local_addr()?.as_socket();
        port = bound.map_or(port, |bound| bound.port());
        sockets.push(socket);
    }
    Ok(sockets)
}

/// Joins the groups with a socket that is bound to every address: it hears them beside
/// what is sent to this machine, and no group that only another program has joined.
pub(crate) fn join_beside(socket: &Socket, groups: &[IpAddr], options: &Options) -> io::Result<()> {
    let number = interface(options)?;
    quiet(socket, socket.local_addr()?.is_ipv6())?;
    groups.iter().try_for_each(|group| join(socket, *group, number, options))
}

fn listener(at: SocketAddr, options: &Options) -> io::Result<Socket> {
    let (socket, number) = ready(at, options)?;
    // Several programs may listen to one group; each gets its own copy.
    socket.set_reuse_address(true)?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    quiet(&socket, at.is_ipv6())?;
    let at = scoped(at, number);
    let scope = match at {
        SocketAddr::V6(at) if is_of_one_link(*at.ip()) => {
            if at.scope_id() == 0 {
                let text = format!("the group `{}` is one on each link", at.ip());
                let hint = format!("name the link by `iface=NAME`: {}", known(netns(options)));
                return Err(hinted(io::ErrorKind::InvalidInput, text, hint));
            }
            Some(at.scope_id())
        }
        _ => number,
    };
    socket.bind(&at.into())?;
    join(&socket, at.ip(), scope, options)?;
    Ok(socket)
}

/// A fresh socket with what multicast alone has, and the number of the interface named.
fn ready(group: SocketAddr, options: &Options) -> io::Result<(Socket, Option<u32>)> {
    let mut plain = options.clone();
    // The interface of a group is where it is joined; answers may take any way.
    plain.iface = None;
    let socket = socket::fresh(socket::domain(group), Type::DGRAM, &plain)?;
    let number = interface(options)?;
    if group.is_ipv6() {
        if let Some(number) = number {
            socket.set_multicast_if_v6(number)?;
        }
        if let Some(ttl) = options.ttl {
            socket.set_multicast_hops_v6(u32::from(ttl))?;
        }
        if let Some(on) = options.multicast_loop {
            socket.set_multicast_loop_v6(on)?;
        }
        return Ok((socket, number));
    }
    if let Some(number) = number {
        send_by(&socket, number, options)?;
    }
    if let Some(ttl) = options.ttl {
        socket.set_multicast_ttl_v4(u32::from(ttl))?;
    }
    if let Some(on) = options.multicast_loop {
        socket.set_multicast_loop_v4(on)?;
    }
    Ok((socket, number))
}

/// By number: an interface may have no IPv4 address, or share one.
#[cfg(target_os = "linux")]
fn send_by(socket: &Socket, number: u32, _options: &Options) -> io::Result<()> {
    let any = Ipv4Addr::UNSPECIFIED;
    Ok(rustix::net::sockopt::set_ip_multicast_if_with_ifindex(socket, &any, &any, number)?)
}

#[cfg(not(target_os = "linux"))]
fn send_by(socket: &Socket, _number: u32, options: &Options) -> io::Result<()> {
    let addresses = if_addrs::get_if_addrs()?;
    let own = addresses.iter().find_map(|interface| match interface.ip() {
        IpAddr::V4(ip) if Some(&interface.name) == options.iface.as_ref() => Some(ip),
        _ => None,
    });
    socket.set_multicast_if_v4(&own.ok_or(io::ErrorKind::AddrNotAvailable)?)
}

/// Only groups that this very socket joined (ip(7), `IP_MULTICAST_ALL`; Linux's default is
/// every group that any program of the machine joined).
#[cfg(target_os = "linux")]
fn quiet(socket: &Socket, v6: bool) -> io::Result<()> {
    if v6 {
        socket.set_multicast_all_v6(false)?;
        // One socket may take both families; one of IPv6 alone has no such switch.
        drop(socket.set_multicast_all_v4(false));
        return Ok(());
    }
    socket.set_multicast_all_v4(false)
}

#[cfg(not(target_os = "linux"))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature as on Linux")]
fn quiet(_socket: &Socket, _v6: bool) -> io::Result<()> {
    Ok(())
}

fn join(socket: &Socket, group: IpAddr, number: Option<u32>, options: &Options) -> io::Result<()> {
    let index = number.unwrap_or(0);
    let joined = match &group {
        IpAddr::V4(group) => {
            socket.join_multicast_v4_n(group, &InterfaceIndexOrAddress::Index(index))
        }
        IpAddr::V6(group) => socket.join_multicast_v6(group, index),
    };
    joined.map_err(|error| match error.raw_os_error() {
        Some(libc::ENODEV | libc::EADDRNOTAVAIL) if number.is_none() => no_way(group, options),
        _ => error,
    })
}

/// A datagram to a group that no route leads to would be refused one by one; better said
/// at once. Connecting a UDP socket asks the kernel for the route and sends nothing.
fn check_way(to: SocketAddr, options: &Options) -> io::Result<()> {
    let (probe, _) = ready(to, options)?;
    if let Some(local) = &options.bind {
        // Its interface is the way then. Any port will do.
        let local = HostPort { port: 0, ..local.clone() };
        socket::bind_local(&probe, &local, to)?;
    }
    probe.connect(&to.into()).map_err(|error| match error.kind() {
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable
            if options.iface.is_none() =>
        {
            no_way(to.ip(), options)
        }
        _ => error,
    })
}

fn no_way(group: IpAddr, options: &Options) -> io::Error {
    let text = format!("no route says which interface the group `{group}` is on");
    let hint = format!("name it by `iface=NAME`: {}", known(netns(options)));
    hinted(io::ErrorKind::NetworkUnreachable, text, hint)
}

fn interface(options: &Options) -> io::Result<Option<u32>> {
    let netns = netns(options);
    options.iface.as_deref().map(|name| interfaces::index(name, netns)).transpose()
}

fn netns(options: &Options) -> Option<&str> {
    options.netns.as_deref()
}

/// An IPv6 group of one link or interface is a group only together with it (RFC 4007, 6).
fn scoped(at: SocketAddr, number: Option<u32>) -> SocketAddr {
    match (at, number) {
        (SocketAddr::V6(mut v6), Some(number))
            if v6.scope_id() == 0 && is_of_one_link(*v6.ip()) =>
        {
            v6.set_scope_id(number);
            SocketAddr::V6(v6)
        }
        _ => at,
    }
}

/// Scopes 1 and 2: interface-local and link-local (RFC 4291, 2.7).
fn is_of_one_link(ip: Ipv6Addr) -> bool {
    ip.is_multicast() && matches!(ip.octets(), [_, flags, ..] if matches!(flags & 0x0F, 1 | 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_groups_of_one_link_have_a_scope() {
        for (text, local) in [("ff02::1234", true), ("ff01::1", true), ("ff05::1", false)] {
            let group: Ipv6Addr = text.parse().unwrap();
            assert_eq!(is_of_one_link(group), local, "{text}");
            let at = scoped(SocketAddr::new(group.into(), 5), Some(7));
            let SocketAddr::V6(at) = at else { unreachable!() };
            assert_eq!(at.scope_id(), if local { 7 } else { 0 });
        }
        assert!(!is_of_one_link("fe80::1".parse().unwrap()));
    }

    #[test]
    fn a_group_of_a_link_that_is_not_named_is_told_with_the_links() {
        let at = "[ff02::1234]:0".parse().unwrap();
        let error = listeners(at, &Options::default()).unwrap_err();
        assert!(error.to_string().contains("one on each link"), "{error}");
        assert!(crate::hinted::hint_of(&error).is_some_and(|hint| hint.contains("lo")));
    }

    #[test]
    fn every_group_has_the_port_that_was_chosen_for_the_first() {
        let groups = vec!["239.1.2.4".parse().unwrap(), "239.1.2.3".parse().unwrap()];
        let lo = interfaces::names(None).into_iter().find(|name| name.starts_with("lo"));
        let options = Options { group: Some(groups), iface: lo, ..Options::default() };
        let sockets = listeners("239.1.2.3:0".parse().unwrap(), &options).unwrap();
        let ports: Vec<u16> = sockets
            .iter()
            .map(|socket| socket.local_addr().unwrap().as_socket().unwrap().port())
            .collect();
        assert!(matches!(ports[..], [one, other] if one == other && one != 0), "{ports:?}");
    }
}
