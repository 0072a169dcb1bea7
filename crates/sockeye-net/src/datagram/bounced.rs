//! Datagrams that were not delivered, as far as the network says so. The kernel tells an ICMP
//! error to whichever call comes next; one that a send met is told by the next recv.

use std::io;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::io::Errno;
use tokio::net::UdpSocket;

use crate::datagram::{Datagrams, Sender, Socket};

/// In place of an error's number: there may have been one.
const PERHAPS: i32 = -1;

/// One datagram is tried so often. What belongs to others is told once, so that a second error
/// is most likely its own; but theirs may come as fast as we send.
const TRIES: usize = 4;

/// What sends met, and no recv has told of.
#[derive(Debug, Default)]
pub(super) struct Bounced {
    /// The number of an error, [`PERHAPS`], or 0. Alone; it guards nothing.
    owed: AtomicI32,
    /// Whose they were, once that was looked up. Never held while anything is awaited.
    whose: Mutex<Vec<Sender>>,
}

/// What one datagram met that was not connected to one peer, while it is tried again.
#[derive(Debug, Default)]
pub(super) struct Met {
    tries: usize,
    first: Option<io::Error>,
}

impl Bounced {
    /// What comes of a try: that, or the next try. An ICMP error that some earlier datagram met
    /// is told to the next call, which then has sent nothing: it says nothing about this one.
    pub(super) fn judge<T>(
        &self,
        tried: io::Result<T>,
        met: &mut Met,
    ) -> ControlFlow<io::Result<T>> {
        met.tries += 1;
        let tried = match tried {
            Err(error) if met.tries < TRIES && may_be_of_another(&error) => {
                met.first.get_or_insert(error);
                return ControlFlow::Continue(());
            }
            tried => tried,
        };
        let own = tried.as_ref().err().and_then(io::Error::raw_os_error);
        if let Some(other) = &met.first
            && other.raw_os_error() != own
        {
            self.met(other);
        }
        ControlFlow::Break(tried)
    }

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
        receivers.extend(self.queued().map(|(receiver, _)| receiver));
        receivers
    }

    /// Takes what the kernel keeps: whose datagrams, and the numbers of the errors.
    fn queued(&self) -> impl Iterator<Item = (Sender, Option<i32>)> {
        let first = match &self.socket {
            Socket::Udp(socket) => Some(socket),
            Socket::Unix(_) => None,
        };
        let all = first.into_iter().chain(&self.also);
        all.flat_map(|socket| std::iter::from_fn(|| bounced(socket)))
    }

    /// Fails with what a send met, once.
    pub(super) fn tell_bounced(&self) -> io::Result<()> {
        match self.bounced.owed.swap(0, Ordering::Relaxed) {
            0 => Ok(()),
            PERHAPS => {
                let (whose, numbers): (Vec<_>, Vec<_>) = self.queued().unzip();
                if whose.is_empty() {
                    return Ok(());
                }
                *self.bounced.whose.lock().unwrap_or_else(PoisonError::into_inner) = whose;
                let untold = || io::Error::other("a datagram was not delivered");
                let number = numbers.into_iter().flatten().next();
                Err(number.map_or_else(untold, io::Error::from_raw_os_error))
            }
            number => Err(io::Error::from_raw_os_error(number)),
        }
    }
}

/// Whether it can be what an ICMP message says of some other datagram (Linux,
/// `icmp_err_convert` and `icmpv6_err_convert`).
fn may_be_of_another(error: &io::Error) -> bool {
    let of_icmp = [
        Errno::CONNREFUSED,
        Errno::HOSTUNREACH,
        Errno::NETUNREACH,
        Errno::HOSTDOWN,
        #[cfg(target_os = "linux")]
        Errno::NONET,
        Errno::NOPROTOOPT,
        Errno::OPNOTSUPP,
        Errno::PROTO,
        Errno::ACCESS,
        Errno::MSGSIZE,
    ];
    Errno::from_io_error(error).is_some_and(|error| of_icmp.contains(&error))
}

/// Takes one message from the socket's error queue: whom it was meant for, and the error.
#[cfg(target_os = "linux")]
fn bounced(socket: &UdpSocket) -> Option<(Sender, Option<i32>)> {
    let (receiver, number) = crate::sys::bounced::take(socket)?;
    Some((receiver.map_or(Sender::Unnamed, Sender::Inet), number))
}

#[cfg(not(target_os = "linux"))]
fn bounced(_socket: &UdpSocket) -> Option<(Sender, Option<i32>)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of one datagram whose tries end so (none: it went), how many there were, and
    /// what the next recv tells.
    fn outcome(ends: &[Option<Errno>]) -> (Option<i32>, usize, i32) {
        let (bounced, mut met) = (Bounced::default(), Met::default());
        for (number, end) in ends.iter().enumerate() {
            let tried = end.map_or(Ok(()), |error| Err(io::Error::from(error)));
            if let ControlFlow::Break(done) = bounced.judge(tried, &mut met) {
                let error = done.err().and_then(|error| error.raw_os_error());
                return (error, number + 1, bounced.owed.load(Ordering::Relaxed));
            }
        }
        panic!("it is tried more than {} times", ends.len());
    }

    #[test]
    fn an_error_that_is_somebody_elses_costs_no_datagram_and_is_told_later() {
        assert_eq!(outcome(&[None]), (None, 1, 0));
        for other in [Errno::CONNREFUSED, Errno::HOSTUNREACH, Errno::PROTO, Errno::MSGSIZE] {
            let number = other.raw_os_error();
            let third = Errno::NETUNREACH;
            assert_eq!(outcome(&[Some(other), None]), (None, 2, number));
            assert_eq!(outcome(&[Some(other), Some(other), Some(third), None]), (None, 4, number));
        }
    }

    #[test]
    fn an_error_that_comes_again_and_again_is_the_datagrams_own() {
        let (own, refused, never) = (Errno::NETUNREACH, Errno::CONNREFUSED, Errno::INVAL);
        let number = Some(own.raw_os_error());
        assert_eq!(outcome(&[Some(own); 9]), (number, TRIES, 0));
        let ends = [refused, own, own, own, own].map(Some);
        assert_eq!(outcome(&ends), (number, TRIES, refused.raw_os_error()));
        assert_eq!(outcome(&[Some(never)]), (Some(never.raw_os_error()), 1, 0));
    }
}
