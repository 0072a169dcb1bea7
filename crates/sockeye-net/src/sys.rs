//! The system calls that no crate wraps safely: with its folder the only unsafe code of Sockeye.

#[cfg(target_os = "linux")]
pub(crate) mod mmsg;
#[cfg(target_os = "linux")]
pub(crate) mod bounced;

/// Asks the kernel to report ICMP errors of an unbound-to-a-peer UDP socket, with the
/// address that each belongs to (ip(7), `IP_RECVERR`; RFC 1122, 4.1.3.3).
#[cfg(target_os = "linux")]
pub(crate) fn report_icmp<S: std::os::fd::AsFd>(socket: &S, v6: bool) -> std::io::Result<()> {
    if v6 {
        switch_on(socket, libc::IPPROTO_IPV6, libc::IPV6_RECVERR)?;
    }
    // An IPv6 socket that takes IPv4 as well has both; one that does not has no IPv4 level.
    match switch_on(socket, libc::IPPROTO_IP, libc::IP_RECVERR) {
        Err(_) if v6 => Ok(()),
        other => other,
    }
}

/// Elsewhere the kernel keeps such errors to itself.
#[cfg(not(target_os = "linux"))]
pub(crate) fn report_icmp<S: std::os::fd::AsFd>(_socket: &S, _v6: bool) -> std::io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "setsockopt has no safe wrapper for these two options")]
fn switch_on<S: std::os::fd::AsFd>(socket: &S, level: i32, option: i32) -> std::io::Result<()> {
    use std::os::fd::AsRawFd;
    let on: libc::c_int = 1;
    let size = u32::try_from(size_of_val(&on)).unwrap_or_default();
    // SAFETY: the descriptor is open for as long as `socket` is borrowed, and the kernel
    // reads `size` bytes from a live `c_int` of just that size.
    let result = unsafe {
        let descriptor = socket.as_fd().as_raw_fd();
        libc::setsockopt(descriptor, level, option, std::ptr::from_ref(&on).cast(), size)
    };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

/// Makes a descriptor end at exec, so that no child of ours gets it (fcntl(2), `F_SETFD`).
#[allow(unsafe_code, reason = "the descriptor was passed on by number: nobody here owns it")]
pub(crate) fn keep_from_children(descriptor: std::os::fd::RawFd) -> std::io::Result<()> {
    // SAFETY: F_SETFD takes two integers and touches no memory of ours; a number that is no
    // descriptor is an error.
    let result = unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

/// Makes every descriptor but stdin, stdout and stderr end at exec (`close_range(2)`, Linux 5.11).
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "close_range has no safe wrapper that is at hand")]
pub(crate) fn keep_all_from_children() -> std::io::Result<()> {
    let (first, last) = (3 as libc::c_uint, libc::c_uint::MAX);
    // SAFETY: close_range takes three integers and touches no memory of ours; with
    // CLOSE_RANGE_CLOEXEC it closes nothing now, so that whoever owns a descriptor keeps it.
    let result =
        unsafe { libc::syscall(libc::SYS_close_range, first, last, libc::CLOSE_RANGE_CLOEXEC) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

/// Elsewhere there is no one call for it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn keep_all_from_children() -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// A descriptor that the runtime watches. It is lent shared alone, so that it stays the one
/// that was registered.
#[derive(Debug)]
pub(crate) struct Watched(tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>);

impl Watched {
    /// Watches it for reads and writes; inside a runtime.
    #[allow(unsafe_code, reason = "tokio asks for the promise that the descriptor stays")]
    pub(crate) fn new(descriptor: std::os::fd::OwnedFd) -> std::io::Result<Self> {
        // SAFETY: an `OwnedFd` is open and names one descriptor for as long as it lives. It
        // lives in the `AsyncFd`, whose `get_mut` and `into_inner` nobody can reach.
        let watched = unsafe { tokio::io::unix::AsyncFd::register(descriptor) };
        watched.map(Self).map_err(std::io::Error::from)
    }

    /// The watched descriptor.
    pub(crate) fn get(&self) -> &tokio::io::unix::AsyncFd<std::os::fd::OwnedFd> {
        &self.0
    }
}

/// What the lines of a serial port can be asked and told (`ioctl_tty(2)`). A port that has
/// none, such as a pseudo-terminal, answers with ENOTTY.
#[cfg(target_os = "linux")]
pub(crate) mod lines {
    use std::io;
    use std::os::fd::{AsFd, AsRawFd};

    use libc::c_int;

    /// Data terminal ready: ours.
    pub(crate) const DTR: c_int = libc::TIOCM_DTR;
    /// Request to send: ours.
    pub(crate) const RTS: c_int = libc::TIOCM_RTS;
    /// Clear to send: theirs.
    pub(crate) const CTS: c_int = libc::TIOCM_CTS;
    /// Data set ready: theirs.
    pub(crate) const DSR: c_int = libc::TIOCM_DSR;
    /// Carrier: theirs.
    pub(crate) const DCD: c_int = libc::TIOCM_CAR;
    /// Ring: theirs.
    pub(crate) const RI: c_int = libc::TIOCM_RNG;

    /// `struct serial_rs485` of `linux/serial.h`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Rs485 {
        /// `SER_RS485_…`.
        pub(crate) flags: u32,
        /// Before sending, in milliseconds.
        pub(crate) before: u32,
        /// After sending, in milliseconds.
        pub(crate) after: u32,
        /// Addresses, of which nothing is asked, and padding.
        pub(crate) rest: [u32; 5],
    }

    impl Rs485 {
        /// `SER_RS485_ENABLED`.
        pub(crate) const ENABLED: u32 = 1;
        /// `SER_RS485_RTS_ON_SEND`.
        pub(crate) const RTS_ON_SEND: u32 = 1 << 1;
        /// `SER_RS485_RTS_AFTER_SEND`.
        pub(crate) const RTS_AFTER_SEND: u32 = 1 << 2;
        /// `SER_RS485_RX_DURING_TX`.
        pub(crate) const RX_DURING_TX: u32 = 1 << 4;
    }

    /// The levels of all lines, as bits.
    pub(crate) fn read<F: AsFd>(port: &F) -> io::Result<c_int> {
        let mut bits: c_int = 0;
        control(port, libc::TIOCMGET, &mut bits).map(|()| bits)
    }

    /// Asserts these lines.
    pub(crate) fn raise<F: AsFd>(port: &F, mut bits: c_int) -> io::Result<()> {
        control(port, libc::TIOCMBIS, &mut bits)
    }

    /// Takes these lines back.
    pub(crate) fn lower<F: AsFd>(port: &F, mut bits: c_int) -> io::Result<()> {
        control(port, libc::TIOCMBIC, &mut bits)
    }

    /// Bytes written and not yet sent, as far as the driver counts them; of a socket,
    /// where the same number is `SIOCOUTQ`, those not yet acknowledged.
    pub(crate) fn unsent<F: AsFd>(port: &F) -> io::Result<c_int> {
        let mut count: c_int = 0;
        control(port, libc::TIOCOUTQ, &mut count).map(|()| count)
    }

    /// Begins a break: the line is held at 0 until it is ended.
    pub(crate) fn begin_break<F: AsFd>(port: &F) -> io::Result<()> {
        control(port, libc::TIOCSBRK, &mut 0)
    }

    /// Ends the break.
    pub(crate) fn end_break<F: AsFd>(port: &F) -> io::Result<()> {
        control(port, libc::TIOCCBRK, &mut 0)
    }

    /// Asks for RS-485, and puts in place what the driver made of it.
    pub(crate) fn set_rs485<F: AsFd>(port: &F, settings: &mut Rs485) -> io::Result<()> {
        control(port, libc::TIOCSRS485, settings)?;
        control(port, libc::TIOCGRS485, settings)
    }

    /// What the requests above read or write: an `int`, or `struct serial_rs485`.
    pub(super) trait Argument {}
    impl Argument for c_int {}
    impl Argument for Rs485 {}

    #[allow(unsafe_code, reason = "ioctl has no safe wrapper for these requests")]
    pub(super) fn control<F: AsFd, T: Argument>(
        port: &F,
        request: libc::Ioctl,
        argument: &mut T,
    ) -> io::Result<()> {
        // SAFETY: the descriptor is open for as long as `port` is borrowed. Each request of
        // this file reads and writes at most the one `int`, or the one `serial_rs485`,
        // that its caller here lends it; `argument` is live and exclusive, and any bits are
        // a value of either type.
        let result = unsafe {
            let descriptor = port.as_fd().as_raw_fd();
            libc::ioctl(descriptor, request, std::ptr::from_mut(argument))
        };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

/// What the kernel knows of a TCP connection (tcp(7)).
#[cfg(target_os = "linux")]
pub(crate) mod tcp {
    use std::io;
    use std::os::fd::{AsFd, AsRawFd};

    use libc::c_int;

    use super::lines::control;

    /// `SIOCOUTQNSD` of `linux/sockios.h`.
    const UNSENT: libc::Ioctl = 0x894B;

    /// `TCP_INFO`: the head of `struct tcp_info`, as much of it as the kernel has and as
    /// fits. Returns how many bytes that is.
    #[allow(unsafe_code, reason = "getsockopt has no safe wrapper for this option")]
    pub(crate) fn info<S: AsFd>(socket: &S, space: &mut [u8]) -> io::Result<usize> {
        let mut size = libc::socklen_t::try_from(space.len()).unwrap_or(libc::socklen_t::MAX);
        // SAFETY: the descriptor is open for as long as `socket` is borrowed; the kernel
        // writes at most `size` bytes into `space`, which is live, exclusive and at least so
        // long, and a new size into `size`.
        let result = unsafe {
            let descriptor = socket.as_fd().as_raw_fd();
            let into = space.as_mut_ptr().cast();
            libc::getsockopt(descriptor, libc::IPPROTO_TCP, libc::TCP_INFO, into, &raw mut size)
        };
        let size = usize::try_from(size).unwrap_or_default();
        if result == 0 { Ok(size) } else { Err(io::Error::last_os_error()) }
    }

    /// Sequence numbers given out and not acknowledged: bytes, and a FIN if there is one.
    pub(crate) fn unacknowledged<S: AsFd>(socket: &S) -> io::Result<c_int> {
        super::lines::unsent(socket)
    }

    /// Those of them that have not been sent yet.
    pub(crate) fn unsent<S: AsFd>(socket: &S) -> io::Result<c_int> {
        let mut count: c_int = 0;
        control(socket, UNSENT, &mut count).map(|()| count)
    }
}

/// A number for the network namespace that the socket is in (socket(7),
/// `SO_NETNS_COOKIE`, Linux 5.14); none where the kernel does not tell.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "getsockopt has no safe wrapper for this option")]
pub(crate) fn network<S: std::os::fd::AsFd>(socket: &S) -> Option<u64> {
    use std::os::fd::AsRawFd;
    let mut cookie: u64 = 0;
    let mut size = libc::socklen_t::try_from(size_of_val(&cookie)).ok()?;
    // SAFETY: the descriptor is open for as long as `socket` is borrowed; the kernel writes
    // at most `size` bytes into a live `u64` of just that size, and a new size into `size`.
    let result = unsafe {
        let descriptor = socket.as_fd().as_raw_fd();
        let into = std::ptr::from_mut(&mut cookie).cast();
        let option = libc::SO_NETNS_COOKIE;
        libc::getsockopt(descriptor, libc::SOL_SOCKET, option, into, &raw mut size)
    };
    (result == 0).then_some(cookie)
}

/// Elsewhere there are no network namespaces.
#[cfg(not(target_os = "linux"))]
pub(crate) fn network<S: std::os::fd::AsFd>(_socket: &S) -> Option<u64> {
    None
}

/// Packets as the kernel shows them to a packet socket (packet(7)).
#[cfg(target_os = "linux")]
pub(crate) mod packets {
    use std::io;
    use std::os::fd::{AsFd, AsRawFd};
    use std::time::Duration;

    /// Every protocol.
    pub(crate) const ALL: u16 = 0x0003;

    /// A packet that was put into a buffer.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Put {
        /// How long it was on the wire; the buffer has no more than it holds of it.
        pub(crate) length: usize,
        /// The kernel's time, since 1970; none where it told none.
        pub(crate) at: Option<Duration>,
        /// The sender's link-layer address, and what else the kernel tells.
        pub(crate) link: libc::sockaddr_ll,
    }

    /// Gives the socket the packets of that protocol: of one interface, or with 0 of all.
    #[allow(unsafe_code, reason = "bind has no safe wrapper for link-layer addresses")]
    pub(crate) fn bind<S: AsFd>(socket: &S, protocol: u16, interface: i32) -> io::Result<()> {
        // SAFETY: `sockaddr_ll` is made of integers: all zeros are a value of it.
        let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        address.sll_family = u16::try_from(libc::AF_PACKET).map_err(io::Error::other)?;
        address.sll_protocol = protocol.to_be();
        address.sll_ifindex = interface;
        let size = size_of_val(&address);
        let size = libc::socklen_t::try_from(size).map_err(io::Error::other)?;
        // SAFETY: the descriptor is open for as long as `socket` is borrowed, and the kernel
        // reads `size` bytes from a live `sockaddr_ll` of just that size.
        let result = unsafe {
            let descriptor = socket.as_fd().as_raw_fd();
            libc::bind(descriptor, std::ptr::from_ref(&address).cast(), size)
        };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Asks for the kernel's time of each packet (socket(7), `SO_TIMESTAMPNS`).
    pub(crate) fn ask_for_times<S: AsFd>(socket: &S) -> io::Result<()> {
        super::switch_on(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS)
    }

    /// Takes the next packet into the buffer. Without one: `WouldBlock`.
    #[allow(unsafe_code, reason = "no safe recvmsg tells the time of a packet and its link")]
    pub(crate) fn receive<S: AsFd>(socket: &S, buffer: &mut [u8]) -> io::Result<Put> {
        // Room for one time and what stands before it; as `u64` it is aligned as the kernel's
        // headers are.
        let mut control = [0_u64; 16];
        let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
        // SAFETY: both are made of integers and pointers: all zeros are a value of either.
        let (mut link, mut message): (libc::sockaddr_ll, libc::msghdr) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
        message.msg_name = std::ptr::from_mut(&mut link).cast();
        message.msg_namelen =
            libc::socklen_t::try_from(size_of_val(&link)).map_err(io::Error::other)?;
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = size_of_val(&control);
        // SAFETY: the descriptor is open for as long as `socket` is borrowed. The address, the
        // one buffer and the control data that `message` points at are live and exclusive, and
        // of the sizes that it says. With MSG_TRUNC the length that is returned may be more
        // than was written, and nothing is taken from it but the number.
        let length = unsafe {
            let flags = libc::MSG_TRUNC | libc::MSG_DONTWAIT;
            libc::recvmsg(socket.as_fd().as_raw_fd(), &raw mut message, flags)
        };
        let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
        Ok(Put { length, at: time(&message), link })
    }

    /// The time among the control data of a message.
    #[allow(unsafe_code, reason = "control data is reached by pointers alone (cmsg(3))")]
    fn time(message: &libc::msghdr) -> Option<Duration> {
        // SAFETY: `message` is as recvmsg left it, its control data is live, and the macros
        // of cmsg(3) stay within `msg_controllen`. A header that they give is whole; the
        // length is compared before the time behind it is read, without asking for alignment.
        let time: libc::timespec = unsafe {
            let mut header = libc::CMSG_FIRSTHDR(message);
            loop {
                let found = header.as_ref()?;
                let wanted = libc::CMSG_LEN(u32::try_from(size_of::<libc::timespec>()).ok()?);
                if (found.cmsg_level, found.cmsg_type) == (libc::SOL_SOCKET, libc::SO_TIMESTAMPNS)
                    && found.cmsg_len >= usize::try_from(wanted).ok()?
                {
                    break libc::CMSG_DATA(header).cast::<libc::timespec>().read_unaligned();
                }
                header = libc::CMSG_NXTHDR(message, header);
            }
        };
        let (seconds, nanos) =
            (u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?);
        (nanos < 1_000_000_000).then(|| Duration::new(seconds, nanos))
    }

    /// How many packets passed the filter, and how many of them found no room, since the
    /// last call (packet(7), `PACKET_STATISTICS`).
    #[allow(unsafe_code, reason = "getsockopt has no safe wrapper for this option")]
    pub(crate) fn counted<S: AsFd>(socket: &S) -> io::Result<(u32, u32)> {
        let mut counts = libc::tpacket_stats { tp_packets: 0, tp_drops: 0 };
        let size = size_of_val(&counts);
        let mut size = libc::socklen_t::try_from(size).map_err(io::Error::other)?;
        // SAFETY: the descriptor is open for as long as `socket` is borrowed; the kernel writes
        // at most `size` bytes into live counts of just that size, and a new size into `size`.
        let result = unsafe {
            let descriptor = socket.as_fd().as_raw_fd();
            let into = std::ptr::from_mut(&mut counts).cast();
            let option = libc::PACKET_STATISTICS;
            libc::getsockopt(descriptor, libc::SOL_PACKET, option, into, &raw mut size)
        };
        if result == 0 {
            Ok((counts.tp_packets, counts.tp_drops))
        } else {
            Err(io::Error::last_os_error())
        }
    }
}
