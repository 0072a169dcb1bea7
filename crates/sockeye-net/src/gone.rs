//! After a peer's FIN: is it still there to read what we send, or has it closed for
//! good? On the wire both look alike. For a Unix socket the kernel says; for a TCP peer
//! on this very machine its socket can be looked up (proc(5), `/proc/net/tcp`); a
//! remote one is found out only by a RST to what we send next.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use tokio::net::{TcpStream, UnixStream};

use crate::netns::is_home;

/// What can be said of a peer whose end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// It has closed: nobody will read what we send.
    Yes,
    /// It still has its socket, and may read.
    No,
    /// There is no telling.
    Unknown,
}

/// When to ask again: soon at first, and more and more seldom, for each answer costs a look at
/// all of the machine's connections.
#[derive(Debug)]
pub struct Asking(Duration);

impl Default for Asking {
    fn default() -> Self {
        Self(Duration::from_millis(100))
    }
}

impl Asking {
    /// Waits until the next time to ask. Cancel-safe.
    pub async fn rest(&mut self) {
        const AT_LEAST_EVERY: Duration = Duration::from_secs(10);
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(AT_LEAST_EVERY);
    }
}

/// A way to ask after the peer of a stream while others read and write it.
#[derive(Debug)]
pub enum Presence {
    /// A TCP connection, by its two addresses: ours, the peer's.
    Tcp(SocketAddr, SocketAddr),
    /// A Unix stream, by a descriptor of its own.
    Unix(OwnedFd),
    /// A peer whose end is the end of both ways.
    UntilItsEnd,
    /// Nothing that could be asked.
    Unknown,
}

impl Presence {
    pub(crate) fn tcp(socket: &TcpStream, addresses: Option<(SocketAddr, SocketAddr)>) -> Self {
        match addresses {
            // What `/proc` shows is of our own network namespace.
            Some((local, peer)) if is_home(socket) => Self::Tcp(local, peer),
            _ => Self::Unknown,
        }
    }

    pub(crate) fn unix(socket: &UnixStream) -> Self {
        socket.as_fd().try_clone_to_owned().map_or(Self::Unknown, Self::Unix)
    }

    /// Whether the peer is there to read what we send, after its end came.
    pub fn gone(&self) -> Gone {
        match self {
            Self::Tcp(local, peer) => lookup::tcp(*local, *peer),
            Self::Unix(socket) => hung_up(socket),
            Self::UntilItsEnd => Gone::Yes,
            Self::Unknown => Gone::Unknown,
        }
    }
}

/// The kernel reports a hang-up once the peer's socket is closed.
fn hung_up(socket: &OwnedFd) -> Gone {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut fds = [PollFd::new(socket, PollFlags::OUT)];
    match poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) {
        Ok(_) if fds.iter().any(|fd| fd.revents().contains(PollFlags::HUP)) => Gone::Yes,
        Ok(_) => Gone::No,
        Err(_) => Gone::Unknown,
    }
}

#[cfg(not(target_os = "linux"))]
mod lookup {
    use super::Gone;
    use std::net::SocketAddr;

    pub(super) fn tcp(_local: SocketAddr, _peer: SocketAddr) -> Gone {
        Gone::Unknown
    }
}

#[cfg(target_os = "linux")]
mod lookup {
    use super::Gone;
    use crate::interfaces::is_own;
    use std::fmt::Write as _;
    use std::fs;
    use std::net::{IpAddr, SocketAddr};

    const NO_INODE: &str = "0";

    pub(super) fn tcp(local: SocketAddr, peer: SocketAddr) -> Gone {
        if !is_own(peer.ip()) {
            return Gone::Unknown;
        }
        let mut readable = false;
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            let Ok(text) = fs::read_to_string(table) else {
                continue;
            };
            readable = true;
            if let Some(gone) = in_table(&text, peer, local) {
                return gone;
            }
        }
        // A peer in TIME-WAIT or none at all: nobody reads there any more.
        if readable { Gone::Yes } else { Gone::Unknown }
    }

    /// The row of the socket whose own address is `own` and whose peer is `other`.
    fn in_table(text: &str, own: SocketAddr, other: SocketAddr) -> Option<Gone> {
        let own = [hex(own, false), hex(own, true)];
        let other = [hex(other, false), hex(other, true)];
        text.lines().skip(1).find_map(|line| {
            let mut words = line.split_ascii_whitespace();
            let at = words.nth(1)?;
            let to = words.next()?;
            if !own.iter().any(|a| a == at) || !other.iter().any(|a| a == to) {
                return None;
            }
            let inode = words.nth(6)?;
            Some(if inode == NO_INODE { Gone::Yes } else { Gone::No })
        })
    }

    /// An address as the kernel's table writes it, by itself or mapped into IPv6.
    fn hex(address: SocketAddr, mapped: bool) -> String {
        let mut text = String::new();
        let bytes = match (address.ip().to_canonical(), mapped) {
            (IpAddr::V4(v4), false) => v4.octets().to_vec(),
            (IpAddr::V4(v4), true) => v4.to_ipv6_mapped().octets().to_vec(),
            (IpAddr::V6(v6), _) => v6.octets().to_vec(),
        };
        for word in bytes.chunks(4) {
            let native = <[u8; 4]>::try_from(word).map_or(0, u32::from_ne_bytes);
            // Writing to a String cannot fail.
            let _infallible = write!(text, "{native:08X}");
        }
        let _infallible = write!(text, ":{:04X}", address.port());
        text
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn finds_an_orphan_and_a_living_socket_in_the_kernels_table() {
            let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
              0: 0100007F:1F90 0100007F:C350 05 00000000:00000000 00:00000000 00000000     0        0 0 1 0\n\
              1: 0100007F:1F90 0100007F:C351 05 00000000:00000000 00:00000000 00000000     0        0 4711 1 0\n";
            let own = "127.0.0.1:8080".parse().unwrap();
            assert_eq!(in_table(table, own, "127.0.0.1:50000".parse().unwrap()), Some(Gone::Yes));
            assert_eq!(in_table(table, own, "127.0.0.1:50001".parse().unwrap()), Some(Gone::No));
            assert_eq!(in_table(table, own, "127.0.0.1:50002".parse().unwrap()), None);
        }
    }
}
