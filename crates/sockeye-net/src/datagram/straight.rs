//! Datagrams to and from the one peer that was dialled, with as few calls to the system as it
//! takes: for whoever measures.

use std::io;

use rustix::net::RecvFlags;
use tokio::io::Interest;

use crate::datagram::batch::Way;
use crate::datagram::many::WANTED;
use crate::datagram::{Datagrams, Socket};

/// The most datagrams that the kernel cuts out of one run (Linux before 6.9, `UDP_MAX_SEGMENTS`).
pub const MOST_OF_A_RUN: usize = 64;

impl Datagrams {
    /// Whether the system makes many datagrams of one run of bytes (Linux 4.18, connected UDP).
    /// A network card may still refuse it.
    pub fn cuts(&self) -> bool {
        match &self.socket {
            #[cfg(target_os = "linux")]
            Socket::Udp(socket) => {
                self.connected && self.way == Way::Together && crate::sys::mmsg::cuts(socket)
            }
            _ => false,
        }
    }

    /// Sends datagrams of `each` bytes, the last one of what is left, to the peer that was
    /// dialled: from the beginning of `bytes` as many as one call takes. Where the system cuts,
    /// `run` of them are given as one (1 to [`MOST_OF_A_RUN`], and no more than a datagram
    /// holds); an error of the kind `Unsupported` is a network card's that does not. Returns how
    /// many bytes went. Cancel-safe.
    pub async fn send_cut(&self, bytes: &[u8], each: usize, run: usize) -> io::Result<usize> {
        let each = each.max(1);
        #[cfg(target_os = "linux")]
        if let Socket::Udp(socket) = &self.socket
            && self.connected
            && self.way == Way::Together
        {
            let long = each.saturating_mul(run.max(1));
            let cut = if run > 1 { u16::try_from(each).ok() } else { None };
            let send = || {
                let parcels = bytes.chunks(long).map(|bytes| crate::sys::mmsg::Parcel {
                    bytes,
                    to: None,
                    each: cut,
                });
                crate::sys::mmsg::send(socket, parcels)
            };
            let sent = socket.async_io(Interest::WRITABLE, send).await;
            let count = sent.map_err(|error| match error.raw_os_error() {
                Some(libc::EIO | libc::EINVAL | libc::EMSGSIZE) if run > 1 => {
                    io::ErrorKind::Unsupported.into()
                }
                _ => error,
            })?;
            return Ok(count.saturating_mul(long).min(bytes.len()));
        }
        let (_, first) = (run, bytes.get(..each).unwrap_or(bytes));
        self.send(first, None).await.map(|()| first.len())
    }

    /// One datagram, where no other is expected: one that has come as well may not be seen
    /// before the next, see [`Datagrams::left`]. What is longer than `space` is cut.
    /// Cancel-safe.
    pub async fn recv_alone(&self, space: &mut [u8]) -> io::Result<usize> {
        let socket = match &self.socket {
            Socket::Udp(socket) => socket,
            Socket::Unix(socket) => {
                let take = || take(socket, space);
                return socket.async_io(WANTED, take).await;
            }
        };
        loop {
            let ready = socket.ready(WANTED).await?;
            // `try_io` knows one interest at a time.
            let interest = if ready.is_readable() { Interest::READABLE } else { Interest::ERROR };
            let mut came = None;
            // The runtime is told that nothing is left, or it would ask the kernel once more.
            let tried = socket.try_io(interest, || {
                came = Some(take(socket, space)?);
                Err::<(), _>(io::ErrorKind::WouldBlock.into())
            });
            match (came, tried) {
                (Some(count), _) => return Ok(count),
                (None, Err(error)) if error.kind() != io::ErrorKind::WouldBlock => {
                    return Err(error);
                }
                _ => {}
            }
        }
    }

    /// One datagram more, if it has come.
    pub fn left(&self, space: &mut [u8]) -> Option<usize> {
        match &self.socket {
            Socket::Udp(socket) => take(socket, space).ok(),
            Socket::Unix(socket) => take(socket, space).ok(),
        }
    }
}

fn take<S: std::os::fd::AsFd>(socket: &S, space: &mut [u8]) -> io::Result<usize> {
    Ok(rustix::net::recv(socket, space, RecvFlags::DONTWAIT)?.0)
}
