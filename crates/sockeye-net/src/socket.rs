//! Sockets made and set up as an endpoint's options say, before they bind or connect; in
//! the network namespace that they name.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

use crate::hinted::hinted;
use crate::host::Host;
use crate::host::HostPort;
use crate::interfaces;
use crate::netns;
use crate::options::Options;

/// A fresh socket for addresses of that family, non-blocking, with its options set.
pub(crate) fn fresh(domain: Domain, kind: Type, options: &Options) -> io::Result<Socket> {
    let protocol = match (domain, kind) {
        (Domain::UNIX, _) => None,
        (_, Type::STREAM) => Some(Protocol::TCP),
        _ => Some(Protocol::UDP),
    };
    let netns = options.netns.as_deref();
    let socket = netns::inside(netns, || non_blocking(domain, kind, protocol))?;
    if let Some(size) = options.rcvbuf {
        socket.set_recv_buffer_size(usize::try_from(size).unwrap_or(usize::MAX))?;
    }
    if let Some(size) = options.sndbuf {
        socket.set_send_buffer_size(usize::try_from(size).unwrap_or(usize::MAX))?;
    }
    if domain == Domain::UNIX {
        return Ok(socket);
    }
    if let Some(name) = &options.iface {
        bind_device(&socket, name, netns)?;
    }
    if options.reuseaddr {
        socket.set_reuse_address(true)?;
    }
    if options.reuseport {
        socket.set_reuse_port(true)?;
    }
    if let Some(ttl) = options.ttl {
        set_ttl(&socket, domain, u32::from(ttl))?;
    }
    if let Some(tos) = options.tos {
        set_tos(&socket, domain, u32::from(tos))?;
    }
    if options.broadcast {
        socket.set_broadcast(true)?;
    }
    Ok(socket)
}

#[cfg(target_os = "linux")]
fn non_blocking(domain: Domain, kind: Type, protocol: Option<Protocol>) -> io::Result<Socket> {
    Socket::new(domain, kind.nonblocking(), protocol)
}

#[cfg(not(target_os = "linux"))]
fn non_blocking(domain: Domain, kind: Type, protocol: Option<Protocol>) -> io::Result<Socket> {
    let socket = Socket::new(domain, kind, protocol)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Nothing comes or goes by another interface (socket(7), `SO_BINDTODEVICE`).
#[cfg(target_os = "linux")]
fn bind_device(socket: &Socket, name: &str, netns: Option<&str>) -> io::Result<()> {
    socket.bind_device(Some(name.as_bytes())).map_err(|error| {
        if error.raw_os_error() == Some(libc::ENODEV) {
            return interfaces::unknown(name, netns);
        }
        if error.kind() == io::ErrorKind::PermissionDenied {
            let text = format!("taking the interface `{name}` alone is not allowed");
            return hinted(error.kind(), text, "it takes root or CAP_NET_RAW: run it with sudo");
        }
        error
    })
}

#[cfg(not(target_os = "linux"))]
fn bind_device(_socket: &Socket, _name: &str, _netns: Option<&str>) -> io::Result<()> {
    let text = "taking one interface alone is Linux's way";
    Err(hinted(io::ErrorKind::Unsupported, text, "bind its address: `bind=IP`"))
}

fn set_ttl(socket: &Socket, domain: Domain, ttl: u32) -> io::Result<()> {
    if domain == Domain::IPV6 {
        socket.set_unicast_hops_v6(ttl)?;
        // A dual-stack socket sends IPv4 too; an IPv6-only one refuses this.
        drop(socket.set_ttl_v4(ttl));
        return Ok(());
    }
    socket.set_ttl_v4(ttl)
}

fn set_tos(socket: &Socket, domain: Domain, tos: u32) -> io::Result<()> {
    if domain == Domain::IPV6 { socket.set_tclass_v6(tos) } else { socket.set_tos_v4(tos) }
}

/// Sets what a connection alone has: called on dialled and on accepted ones.
pub(crate) fn connected<S: std::os::fd::AsFd>(socket: &S, options: &Options) -> io::Result<()> {
    let socket = SockRef::from(socket);
    if options.nodelay {
        socket.set_tcp_nodelay(true)?;
    }
    if let Some(idle) = options.keepalive {
        socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(idle).with_interval(idle))?;
    }
    if let Some(linger) = options.linger {
        socket.set_linger(Some(linger))?;
    }
    Ok(())
}

/// The socket family of an address.
pub(crate) fn domain(address: SocketAddr) -> Domain {
    if address.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 }
}

/// Binds to the local address that `?bind=` asks for.
pub(crate) fn bind_local(socket: &Socket, local: &HostPort, to: SocketAddr) -> io::Result<()> {
    let ip = match &local.host {
        Host::V4(v4) => IpAddr::V4(*v4),
        Host::V6(v6, _) => IpAddr::V6(*v6),
        Host::Any if to.is_ipv4() => IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
        Host::Any => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        Host::Name(name) => {
            let text = format!("`?bind=` wants an address, not the name `{name}`");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
    };
    socket.bind(&SocketAddr::new(ip, local.port).into())
}
