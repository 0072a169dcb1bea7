//! The packets that cross this machine's interfaces, as the kernel shows them to a packet
//! socket (packet(7)): what is sent as it leaves, what comes as it arrives, each without its
//! link header. Nothing is sent, and nothing here reads what is in a packet. It takes the
//! right `CAP_NET_RAW`, and Linux.
//!
//! What the network card or the kernel has put together or is yet to cut up (GRO, TSO) is
//! seen as one packet, longer than any on the cable.

#[cfg(target_os = "linux")]
mod filter;

use std::time::Duration;

/// The most bytes of a packet that are taken: more than IP has, IPv6 jumbograms aside.
pub const SNAP: usize = 262_144;

/// What the kernel is asked to keep for us while we are busy.
#[cfg(target_os = "linux")]
const ROOM: usize = 32 << 20;

/// What is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Of one interface; otherwise of all.
    pub iface: Option<&'a str>,
    /// In that network namespace; otherwise here.
    pub netns: Option<&'a str>,
    /// To or from one of these ports; none: whatever the ports. The kernel sorts out by them,
    /// and lets pass what it cannot tell them of.
    pub ports: &'a [u16],
}

/// A packet.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    /// When the kernel saw it, since 1970 by the wall clock.
    pub at: Option<Duration>,
    /// How long it was, in bytes.
    pub length: usize,
    /// Its `EtherType`.
    pub protocol: u16,
    /// The number of its interface.
    pub interface: u32,
    /// The kind of its interface (`ARPHRD_…`).
    pub hardware: u16,
    /// To us, broadcast, multicast, to others, or from us (`PACKET_…`).
    pub kind: u8,
    /// The hardware address of its sender.
    pub address: [u8; 8],
    /// How much of `address` counts.
    pub address_length: u8,
    /// Its bytes from the network's header on, [`SNAP`] at most.
    pub bytes: &'a [u8],
}

/// How many packets there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// That passed the kernel's filter.
    pub passed: u64,
    /// That the kernel had no room for, of those.
    pub dropped: u64,
}

#[cfg(target_os = "linux")]
pub use linux::Packets;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::Packets;

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::os::fd::OwnedFd;

    use socket2::{Domain, Socket, Type};

    use super::{Counts, ROOM, SNAP, Taken, Wanted, filter};
    use crate::error::{NetError, Phase};
    use crate::hinted::hinted;
    use crate::interfaces;
    use crate::netns;
    use crate::sys;

    /// Packets as they pass.
    #[derive(Debug)]
    pub struct Packets {
        socket: sys::Watched,
        buffer: Vec<u8>,
        counts: Counts,
    }

    impl Packets {
        /// Begins; from its return on no packet is missed but those that are counted. Inside
        /// a runtime.
        pub fn open(wanted: Wanted<'_>) -> Result<Self, NetError> {
            let socket = netns::inside(wanted.netns, || socket(wanted));
            let socket = socket.and_then(|socket| sys::Watched::new(OwnedFd::from(socket)));
            let socket = socket.map_err(|error| {
                let place = wanted.iface.unwrap_or("every interface");
                NetError::io(Phase::Capture, place, error)
            })?;
            Ok(Self { socket, buffer: vec![0; SNAP], counts: Counts::default() })
        }

        /// The next packet. Cancel-safe.
        pub async fn next(&mut self) -> io::Result<Taken<'_>> {
            let watched = self.socket.get();
            let put = loop {
                let mut ready = watched.readable().await?;
                let buffer = &mut self.buffer;
                let received = ready.try_io(|socket| sys::packets::receive(socket, buffer));
                if let Ok(put) = received {
                    break put?;
                }
            };
            let link = put.link;
            Ok(Taken {
                at: put.at,
                length: put.length,
                protocol: u16::from_be(link.sll_protocol),
                interface: u32::try_from(link.sll_ifindex).unwrap_or_default(),
                hardware: link.sll_hatype,
                kind: link.sll_pkttype,
                address: link.sll_addr,
                address_length: link.sll_halen,
                bytes: self.buffer.get(..put.length.min(SNAP)).unwrap_or_default(),
            })
        }

        /// How many there were until now.
        pub fn counts(&mut self) -> Counts {
            // Each call starts the kernel's counts anew.
            if let Ok((passed, dropped)) = sys::packets::counted(self.socket.get()) {
                self.counts.passed += u64::from(passed);
                self.counts.dropped += u64::from(dropped);
            }
            self.counts
        }
    }

    /// A socket that hears nothing until it is bound: what came before the filter was there
    /// would not have passed it.
    fn socket(wanted: Wanted<'_>) -> io::Result<Socket> {
        let socket = Socket::new(Domain::PACKET, Type::DGRAM.nonblocking(), None);
        let socket = socket.map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => hinted(
                error.kind(),
                "seeing packets takes the right CAP_NET_RAW, and this process has it not",
                "run it with sudo, or give the program the right once: \
                 sudo setcap cap_net_raw+ep \"$(command -v sockeye)\"",
            ),
            _ => error,
        })?;
        // More than the limit of this machine takes CAP_NET_ADMIN.
        if rustix::net::sockopt::set_socket_recv_buffer_size_force(&socket, ROOM).is_err() {
            socket.set_recv_buffer_size(ROOM)?;
        }
        socket.attach_filter(&filter::program(wanted.ports))?;
        sys::packets::ask_for_times(&socket)?;
        // Already inside the namespace.
        let number = wanted.iface.map(|name| interfaces::index(name, None)).transpose()?;
        let number = i32::try_from(number.unwrap_or_default()).map_err(io::Error::other)?;
        sys::packets::bind(&socket, sys::packets::ALL, number)?;
        Ok(socket)
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::io;

    use super::{Counts, Taken, Wanted};
    use crate::error::{NetError, Phase};
    use crate::hinted::hinted;

    /// There are none to be had.
    #[derive(Debug)]
    pub struct Packets(std::convert::Infallible);

    impl Packets {
        /// Refused.
        pub fn open(wanted: Wanted<'_>) -> Result<Self, NetError> {
            let hint = "capture with another tool, and read its file with --read";
            let why = hinted(io::ErrorKind::Unsupported, "packet sockets are Linux's alone", hint);
            Err(NetError::io(Phase::Capture, wanted.iface.unwrap_or("every interface"), why))
        }

        /// Never called.
        pub async fn next(&mut self) -> io::Result<Taken<'_>> {
            match self.0 {}
        }

        /// Never called.
        pub fn counts(&mut self) -> Counts {
            match self.0 {}
        }
    }
}
