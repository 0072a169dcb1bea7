//! Many datagrams a call (recvmmsg(2), sendmmsg(2)), and runs of them that pass the kernel as
//! one (udp(7), `UDP_SEGMENT`, `UDP_GRO`). With `sys.rs` the only unsafe code of Sockeye.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd};

/// The most that one call takes or gives.
pub(crate) const MOST: usize = 64;

/// `UDP_SEGMENT` and `UDP_GRO` of `linux/udp.h`.
const UDP_SEGMENT: libc::c_int = 103;
const UDP_GRO: libc::c_int = 104;

/// What came: a datagram, or a run of them that the kernel left together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Got {
    /// How many bytes.
    pub(crate) len: usize,
    /// Who sent it.
    pub(crate) from: Option<SocketAddr>,
    /// Of a run: how long each datagram is, save the last, which may be shorter.
    pub(crate) each: Option<usize>,
    /// There was more of it than room (recvmsg(2), `MSG_TRUNC`).
    pub(crate) cut: bool,
}

/// What goes: a datagram, or a run of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parcel<'b> {
    /// The bytes.
    pub(crate) bytes: &'b [u8],
    /// Its receiver, where the socket is not connected to one.
    pub(crate) to: Option<SocketAddr>,
    /// The kernel makes datagrams of so many bytes of it.
    pub(crate) each: Option<u16>,
}

/// A socket's address as the kernel reads and writes it: `sockaddr_in` or `sockaddr_in6`.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub(super) struct Name(pub(super) [u8; 32]);

/// Room for one control message that holds at most an `int` (cmsg(3)): a header of 16 bytes,
/// the number, padding.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control([u8; 24]);

/// Asks for runs of datagrams of one sender to be left together.
pub(crate) fn leave_together<S: AsFd>(socket: &S) -> io::Result<()> {
    super::switch_on(socket, libc::SOL_UDP, UDP_GRO)
}

/// Whether the kernel makes datagrams of runs: whether it takes 0, which asks for nothing.
#[allow(unsafe_code, reason = "setsockopt has no safe wrapper for this option")]
pub(crate) fn cuts<S: AsFd>(socket: &S) -> bool {
    let none: libc::c_int = 0;
    // SAFETY: the descriptor is open for as long as `socket` is borrowed, and the kernel reads
    // four bytes from a live `c_int`.
    let result = unsafe {
        let descriptor = socket.as_fd().as_raw_fd();
        let value = std::ptr::from_ref(&none).cast();
        libc::setsockopt(descriptor, libc::SOL_UDP, UDP_SEGMENT, value, 4)
    };
    result == 0
}

/// Takes as many datagrams as there are, each into the next `stride` bytes of `space`: at most
/// [`MOST`], at least one or an error; so is a space for none. Never waits, on a non-blocking
/// socket. An error after
/// the first is kept by the kernel for the next call (recvmmsg(2)).
#[allow(unsafe_code, reason = "recvmmsg has no safe wrapper")]
pub(crate) fn receive<S: AsFd>(
    socket: &S,
    space: &mut [u8],
    stride: usize,
    got: impl FnMut(Got),
) -> io::Result<()> {
    let mut names = [Name([0; 32]); MOST];
    let mut controls = [Control([0; 24]); MOST];
    // SAFETY: both are made of integers and pointers: all zeros are a value of either.
    let (mut parts, mut headers): ([libc::iovec; MOST], [libc::mmsghdr; MOST]) =
        unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
    let slots = space.chunks_exact_mut(stride.max(1)).zip(&mut names).zip(&mut controls);
    let mut wanted = 0;
    for (((slot, name), control), (part, header)) in slots.zip(parts.iter_mut().zip(&mut headers)) {
        *part = libc::iovec { iov_base: slot.as_mut_ptr().cast(), iov_len: slot.len() };
        let header = &mut header.msg_hdr;
        header.msg_name = name.0.as_mut_ptr().cast();
        header.msg_namelen = 32;
        header.msg_iov = part;
        header.msg_iovlen = 1;
        header.msg_control = control.0.as_mut_ptr().cast();
        // A `size_t` with glibc, a `socklen_t` with musl.
        header.msg_controllen = control.0.len() as _;
        wanted += 1;
    }
    if wanted == 0 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: the descriptor is open for as long as `socket` is borrowed. The first `wanted`
    // headers point at one buffer, one name and one control space each, all live, exclusive,
    // apart from each other, and of the sizes that they say. No timeout is given.
    let count = unsafe {
        let descriptor = socket.as_fd().as_raw_fd();
        libc::recvmmsg(descriptor, headers.as_mut_ptr(), wanted, 0, std::ptr::null_mut())
    };
    let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
    let came = headers.iter().zip(&names).zip(&controls).take(count);
    came.map(|((header, name), control)| Got {
        len: usize::try_from(header.msg_len).unwrap_or_default().min(stride),
        from: name.address(header.msg_hdr.msg_namelen),
        each: control.each(header.msg_hdr.msg_controllen as _),
        cut: header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0,
    })
    .for_each(got);
    Ok(())
}

/// Gives these to the kernel, at most [`MOST`]; returns how many it took. An error is what the
/// first one met: its own, or one that waited on the socket, of a datagram before it. What a
/// later one meets is not told: its own comes again when that is the first, one that waited
/// does not.
#[allow(unsafe_code, reason = "sendmmsg with control data has no safe wrapper")]
pub(crate) fn send<'b, S: AsFd>(
    socket: &S,
    parcels: impl Iterator<Item = Parcel<'b>>,
) -> io::Result<usize> {
    let mut names = [Name([0; 32]); MOST];
    let mut controls = [Control([0; 24]); MOST];
    // SAFETY: both are made of integers and pointers: all zeros are a value of either.
    let (mut parts, mut headers): ([libc::iovec; MOST], [libc::mmsghdr; MOST]) =
        unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
    let spaces = names.iter_mut().zip(&mut controls);
    let mut given = 0;
    for (((name, control), (part, header)), parcel) in
        spaces.zip(parts.iter_mut().zip(&mut headers)).zip(parcels)
    {
        let base = parcel.bytes.as_ptr().cast_mut().cast();
        *part = libc::iovec { iov_base: base, iov_len: parcel.bytes.len() };
        let header = &mut header.msg_hdr;
        header.msg_iov = part;
        header.msg_iovlen = 1;
        if let Some(to) = parcel.to {
            header.msg_namelen = name.write(to);
            header.msg_name = name.0.as_mut_ptr().cast();
        }
        if let Some(each) = parcel.each {
            header.msg_controllen = control.write(each) as _;
            header.msg_control = control.0.as_mut_ptr().cast();
        }
        given += 1;
    }
    // SAFETY: the descriptor is open for as long as `socket` is borrowed. Of the first `given`
    // headers each points at live bytes, a live name or none, and live control data or none,
    // of the sizes that they say; the kernel only reads them, and writes `msg_len` alone.
    let count = unsafe {
        let descriptor = socket.as_fd().as_raw_fd();
        libc::sendmmsg(descriptor, headers.as_mut_ptr(), given, libc::MSG_NOSIGNAL as _)
    };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

impl Name {
    /// Families are in the machine's order of bytes, ports in the network's (ip(7), ipv6(7)).
    fn write(&mut self, address: SocketAddr) -> libc::socklen_t {
        let Self(bytes) = self;
        let mut put = |at: usize, from: &[u8]| {
            bytes.iter_mut().skip(at).zip(from).for_each(|(to, from)| *to = *from);
        };
        put(2, &address.port().to_be_bytes());
        match address {
            SocketAddr::V4(v4) => {
                put(0, &family(libc::AF_INET));
                put(4, &v4.ip().octets());
                16
            }
            SocketAddr::V6(v6) => {
                put(0, &family(libc::AF_INET6));
                put(4, &v6.flowinfo().to_ne_bytes());
                put(8, &v6.ip().octets());
                put(24, &v6.scope_id().to_ne_bytes());
                28
            }
        }
    }

    pub(super) fn address(&self, len: libc::socklen_t) -> Option<SocketAddr> {
        let [f0, f1, p0, p1, rest @ ..] = self.0;
        let port = u16::from_be_bytes([p0, p1]);
        let of = [f0, f1];
        if of == family(libc::AF_INET) && len >= 16 {
            let [a, b, c, d, ..] = rest;
            return Some(SocketAddrV4::new(Ipv4Addr::new(a, b, c, d), port).into());
        }
        if of != family(libc::AF_INET6) || len < 28 {
            return None;
        }
        let (flow, rest) = rest.split_first_chunk::<4>()?;
        let (ip, rest) = rest.split_first_chunk::<16>()?;
        let (scope, _) = rest.split_first_chunk::<4>()?;
        let (flow, scope) = (u32::from_ne_bytes(*flow), u32::from_ne_bytes(*scope));
        Some(SocketAddrV6::new(Ipv6Addr::from(*ip), port, flow, scope).into())
    }
}

fn family(number: libc::c_int) -> [u8; 2] {
    u16::try_from(number).unwrap_or_default().to_ne_bytes()
}

impl Control {
    /// `UDP_SEGMENT`: the length of the message with its header and without its padding, its
    /// level and kind, and a `u16`. Returns how much room that takes.
    fn write(&mut self, each: u16) -> usize {
        let head = usize::to_ne_bytes(16 + 2);
        let kind = [libc::SOL_UDP.to_ne_bytes(), UDP_SEGMENT.to_ne_bytes()];
        let from = head.iter().chain(kind.iter().flatten()).copied().chain(each.to_ne_bytes());
        self.0.iter_mut().zip(from).for_each(|(to, from)| *to = from);
        self.0.len()
    }

    /// `UDP_GRO`: the same with an `int`.
    fn each(&self, len: usize) -> Option<usize> {
        let (head, rest) = self.0.split_first_chunk::<8>()?;
        let (level, rest) = rest.split_first_chunk::<4>()?;
        let (kind, rest) = rest.split_first_chunk::<4>()?;
        let (each, _) = rest.split_first_chunk::<4>()?;
        let whole = len >= 20 && usize::from_ne_bytes(*head) >= 20;
        let ours =
            i32::from_ne_bytes(*level) == libc::SOL_UDP && i32::from_ne_bytes(*kind) == UDP_GRO;
        let each = usize::try_from(i32::from_ne_bytes(*each)).ok()?;
        (whole && ours && each > 0).then_some(each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_as_it_was_written() {
        for text in
            ["127.0.0.1:80", "255.1.2.3:65535", "[::1]:7", "[fe80::1%9]:1", "[::ffff:1.2.3.4]:5"]
        {
            let address: SocketAddr = text.parse().unwrap();
            let mut name = Name([0; 32]);
            let len = name.write(address);
            assert_eq!(name.address(len), Some(address));
            assert_eq!(name.address(len - 1), None, "{text}: cut");
        }
        assert_eq!(Name([0; 32]).address(32), None);
    }

    #[test]
    fn what_does_not_fit_is_said_to_be_cut_and_a_space_for_none_is_an_error() {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        for text in [&b"1234"[..], b"12345"] {
            socket.send_to(text, socket.local_addr().unwrap()).unwrap();
        }
        let (mut space, mut came) = ([0; 8], Vec::new());
        let none = receive(&socket, &mut space, 9, |_| panic!("nothing fits"));
        assert_eq!(none.unwrap_err().kind(), io::ErrorKind::InvalidInput);
        socket.set_nonblocking(true).unwrap();
        receive(&socket, &mut space, 4, |got| came.push((got.len, got.cut))).unwrap();
        assert_eq!(came, [(4, false), (4, true)]);
    }

    #[test]
    fn only_a_whole_control_message_of_a_run_says_how_long_each_is() {
        let mut control = Control([0; 24]);
        assert_eq!(control.each(0), None);
        let len = control.write(1200);
        assert_eq!(control.each(len), None, "that is what is sent, not what comes");
        for (to, from) in control.0.iter_mut().zip(usize::to_ne_bytes(20)) {
            *to = from;
        }
        for (to, from) in control.0.iter_mut().skip(12).zip(UDP_GRO.to_ne_bytes()) {
            *to = from;
        }
        assert_eq!(control.each(len), Some(1200));
        assert_eq!(control.each(19), None, "cut");
    }
}
