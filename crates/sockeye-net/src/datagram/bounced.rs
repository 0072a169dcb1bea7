//! Datagrams that were not delivered, as far as the network says so. The kernel tells an ICMP
//! error to whichever call comes next; one that a send met is told by the next recv.

use std::io;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::net::RecvFlags;
use tokio::net::UdpSocket;

use crate::datagram::{Datagrams, Sender, Socket, inet_sender};

/// In place of an error's number: there may have been one.
const PERHAPS: i32 = -1;

/// What sends met, and no recv has told of.
#[derive(Debug, Default)]
pub(super) struct Bounced {
    /// The number of an error, [`PERHAPS`], or 0. Alone; it guards nothing.
    owed: AtomicI32,
    /// Whose they were, once that was looked up. Never held while anything is awaited.
    whose: Mutex<Vec<Sender>>,
}

impl Bounced {
    /// A send met this, which says nothing about what was to be sent.
    pub(super) fn met(&self, error: &io::Error) {
        self.owed.store(error.raw_os_error().unwrap_or(PERHAPS), Ordering::Relaxed);
    }

    /// A send may have met one.
    pub(super) fn may_have_met(&self) {
        // A number that is there says more.
        let _there = self.owed.compare_exchange(0, PERHAPS, Ordering::Relaxed, Ordering::Relaxed);
    }
}

impl Datagrams {
    /// After an error of [`Datagrams::recv`]: the receivers whose datagrams an ICMP message
    /// says were not delivered, as far as the kernel tells (Linux, bound UDP sockets).
    pub fn undelivered(&self) -> Vec<Sender> {
        let mut whose = self.bounced.whose.lock().unwrap_or_else(PoisonError::into_inner);
        let mut receivers = std::mem::take(&mut *whose);
        drop(whose);
        if let Socket::Udp(socket) = &self.socket {
            for socket in std::iter::once(socket).chain(&self.also) {
                receivers.extend(std::iter::from_fn(|| bounced(socket)));
            }
        }
        receivers
    }

    /// Fails with what a send met, once.
    pub(super) fn tell_bounced(&self) -> io::Result<()> {
        match self.bounced.owed.swap(0, Ordering::Relaxed) {
            0 => Ok(()),
            PERHAPS => {
                let whose = self.undelivered();
                if whose.is_empty() {
                    return Ok(());
                }
                *self.bounced.whose.lock().unwrap_or_else(PoisonError::into_inner) = whose;
                Err(io::Error::other("a datagram was not delivered"))
            }
            number => Err(io::Error::from_raw_os_error(number)),
        }
    }
}

/// Takes one message from the socket's error queue: whom it was meant for.
#[cfg(target_os = "linux")]
fn bounced(socket: &UdpSocket) -> Option<Sender> {
    let mut head = [0; 64];
    let mut room = [std::io::IoSliceMut::new(&mut head)];
    let mut extra = rustix::net::RecvAncillaryBuffer::default();
    let flags = RecvFlags::ERRQUEUE | RecvFlags::DONTWAIT;
    let message = rustix::net::recvmsg(socket, &mut room, &mut extra, flags).ok()?;
    Some(message.address.map_or(Sender::Unnamed, inet_sender))
}

#[cfg(not(target_os = "linux"))]
fn bounced(_socket: &UdpSocket) -> Option<Sender> {
    None
}
