//! Datagrams taken and sent many a call, where the system can; else one by one.

use std::io;
use std::ops::ControlFlow;

use tokio::io::Interest;
use tokio::net::{UdpSocket, UnixDatagram};

use crate::datagram::batch::{Batch, Parcel, STRIDE, Slot, Way};
use crate::datagram::bounced::Met;
use crate::datagram::{
    Datagrams, Ear, MOST_UNIX, Sender, Socket, inet_sender, take_into, unix_sender,
};

/// An ICMP error makes a socket ready without anything to read.
pub(super) const WANTED: Interest = Interest::READABLE.add(Interest::ERROR);

impl Datagrams {
    /// The same socket, going that way.
    #[must_use]
    pub fn by(self, way: Way) -> Self {
        Self { way, ..self }
    }

    /// From now on the system may leave together what came as a run of one sender's; a batch
    /// takes it apart. False where it cannot (Linux can, for UDP).
    pub fn leave_together(&self) -> bool {
        match &self.socket {
            #[cfg(target_os = "linux")]
            Socket::Udp(first) if self.way == Way::Together => std::iter::once(first)
                .chain(&self.also)
                .all(|socket| crate::sys::mmsg::leave_together(socket).is_ok()),
            _ => false,
        }
    }

    /// The datagrams that are there; waits until there is one. Errors are those of
    /// [`Datagrams::recv`]; none of them costs a datagram. Cancel-safe.
    pub async fn recv_many(&self) -> io::Result<Batch> {
        match &self.socket {
            Socket::Udp(socket) if self.also.is_empty() => self.come(socket, Ear::default()).await,
            Socket::Udp(first) => self.of_any(first, |socket, ear| self.come(socket, ear)).await,
            Socket::Unix(socket) => socket.async_io(WANTED, || take_whole(socket)).await,
        }
    }

    /// What has come to one of the sockets. Cancel-safe.
    async fn come(&self, socket: &UdpSocket, ear: Ear) -> io::Result<Batch> {
        let take = || {
            self.tell_bounced()?;
            let mut batch = Batch::lend(ear, STRIDE);
            match self.way {
                Way::Together => self.take_all(socket, &mut batch)?,
                Way::Singly => take_one(socket, &mut batch)?,
            }
            Ok(batch)
        };
        socket.async_io(WANTED, take).await
    }

    /// Sends the first of these, and as many after it as go by the same call; returns how
    /// many. An error is the first one's. Waits where none goes. Cancel-safe.
    pub async fn send_many(&self, parcels: &[Parcel<'_>]) -> io::Result<usize> {
        let Some(first) = parcels.first() else { return Ok(0) };
        if let Socket::Udp(socket) = &self.socket
            && self.way == Way::Together
            && self.also.is_empty()
            && self.goes_along(first)
        {
            return self.go(socket, parcels).await;
        }
        self.send(first.bytes, first.to).await.map(|()| 1)
    }

    /// Whether a call for many can carry it.
    fn goes_along(&self, parcel: &Parcel<'_>) -> bool {
        let addressed = match parcel.to {
            Some(to) => matches!(to, Sender::Inet(_)),
            None => self.connected,
        };
        addressed && parcel.bytes.len() <= self.most(parcel.to)
    }

    #[cfg(target_os = "linux")]
    async fn go(&self, socket: &UdpSocket, parcels: &[Parcel<'_>]) -> io::Result<usize> {
        let send = || {
            let along = parcels.iter().take_while(|parcel| self.goes_along(parcel));
            let named = along.map(|parcel| crate::sys::mmsg::Parcel {
                bytes: parcel.bytes,
                to: match parcel.to {
                    Some(Sender::Inet(to)) => Some(*to),
                    _ => None,
                },
                each: None,
            });
            crate::sys::mmsg::send(socket, named)
        };
        let mut met = Met::default();
        let sent = loop {
            let tried = socket.async_io(Interest::WRITABLE, send).await;
            if self.connected {
                break tried;
            }
            if let ControlFlow::Break(done) = self.bounced.judge(tried, &mut met) {
                break done;
            }
        };
        if sent.as_ref().is_ok_and(|count| *count < parcels.len().min(crate::sys::mmsg::MOST)) {
            // What stopped it may have been such an error: the kernel does not say.
            self.bounced.may_have_met();
        }
        sent
    }

    #[cfg(not(target_os = "linux"))]
    async fn go(&self, _socket: &UdpSocket, parcels: &[Parcel<'_>]) -> io::Result<usize> {
        let Some(first) = parcels.first() else { return Ok(0) };
        self.send(first.bytes, first.to).await.map(|()| 1)
    }

    #[cfg(target_os = "linux")]
    fn take_all(&self, socket: &UdpSocket, batch: &mut Batch) -> io::Result<()> {
        let (space, stride, slots) = batch.parts();
        let mut cut = false;
        crate::sys::mmsg::receive(socket, space, stride, |got| {
            if got.cut {
                cut = true;
                return;
            }
            let from = got.from.map_or(Sender::Unnamed, Sender::Inet);
            slots.push(Slot { len: got.len, from, each: got.each });
        })?;
        if cut {
            // No UDP datagram is longer than the space; whole or refused all the same.
            self.bounced.met(&rustix::io::Errno::MSGSIZE.into());
        }
        if slots.is_empty() { self.tell_bounced() } else { Ok(()) }
    }

    #[cfg(not(target_os = "linux"))]
    fn take_all(&self, socket: &UdpSocket, batch: &mut Batch) -> io::Result<()> {
        let (_, taken) = (&self.bounced, take_one(socket, batch));
        taken
    }
}

/// One Unix datagram of whatever length. Untouched space costs nothing.
pub(super) fn take_whole(socket: &UnixDatagram) -> io::Result<Batch> {
    let mut batch = Batch::lend(Ear::default(), MOST_UNIX);
    let (space, stride, slots) = batch.parts();
    let room = space.get_mut(..stride).unwrap_or_default();
    let (len, from) = take_into(socket, room, unix_sender)?;
    slots.push(Slot { len, from, each: None });
    Ok(batch)
}

fn take_one(socket: &UdpSocket, batch: &mut Batch) -> io::Result<()> {
    let (space, stride, slots) = batch.parts();
    let room = space.get_mut(..stride).unwrap_or_default();
    let (len, from) = take_into(socket, room, inet_sender)?;
    slots.push(Slot { len, from, each: None });
    Ok(())
}
