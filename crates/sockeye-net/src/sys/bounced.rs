//! A socket's queue of ICMP errors (ip(7), `IP_RECVERR`, `MSG_ERRQUEUE`).

use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};

use super::mmsg::Name;

/// Room for a control message's header of 16 bytes, a `sock_extended_err` of 16, and the address
/// of whoever complained.
#[repr(C, align(8))]
struct Control([u8; 96]);

/// Takes one message: whom the datagram was for, and the number of the error, as far as they
/// are told. Never waits.
#[allow(unsafe_code, reason = "no safe wrapper gives this control message")]
pub(crate) fn take<S: AsFd>(socket: &S) -> Option<(Option<SocketAddr>, Option<i32>)> {
    let (mut name, mut control) = (Name([0; 32]), Control([0; 96]));
    // SAFETY: it is made of integers and pointers: all zeros are a value of it. Without a part
    // to be filled, the datagram itself is left out.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_name = name.0.as_mut_ptr().cast();
    header.msg_namelen = 32;
    header.msg_control = control.0.as_mut_ptr().cast();
    // A `size_t` with glibc, a `socklen_t` with musl.
    header.msg_controllen = control.0.len() as _;
    // SAFETY: the descriptor is open for as long as `socket` is borrowed. The header points at a
    // name and a control space, both live, exclusive, and of the sizes that it says.
    let count = unsafe {
        let descriptor = socket.as_fd().as_raw_fd();
        libc::recvmsg(descriptor, &raw mut header, libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT)
    };
    if count < 0 {
        return None;
    }
    Some((name.address(header.msg_namelen), control.number(header.msg_controllen as _)))
}

impl Control {
    /// `ee_errno`, the first number of a `sock_extended_err`.
    fn number(&self, len: usize) -> Option<i32> {
        let (head, rest) = self.0.split_first_chunk::<8>()?;
        let (level, rest) = rest.split_first_chunk::<4>()?;
        let (kind, rest) = rest.split_first_chunk::<4>()?;
        let (number, _) = rest.split_first_chunk::<4>()?;
        let whole = len >= 32 && usize::from_ne_bytes(*head) >= 32;
        let of = (i32::from_ne_bytes(*level), i32::from_ne_bytes(*kind));
        let ours =
            of == (libc::SOL_IP, libc::IP_RECVERR) || of == (libc::SOL_IPV6, libc::IPV6_RECVERR);
        let number = i32::from_ne_bytes(*number);
        (whole && ours && number > 0).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn whoever_has_gone_is_told_with_the_errors_number() {
        for own in ["127.0.0.1:0", "[::1]:0"] {
            let socket = UdpSocket::bind(own).unwrap();
            super::super::report_icmp(&socket, own.starts_with('[')).unwrap();
            assert_eq!(take(&socket), None);
            let gone = UdpSocket::bind(own).unwrap().local_addr().unwrap();
            socket.send_to(b"x", gone).unwrap();
            assert_eq!(take(&socket), Some((Some(gone), Some(libc::ECONNREFUSED))));
            assert_eq!(take(&socket), None);
        }
    }

    #[test]
    fn only_a_whole_control_message_of_an_error_has_a_number() {
        let mut control = Control([0; 96]);
        let mut put = |at: usize, from: &[u8]| {
            control.0.iter_mut().skip(at).zip(from).for_each(|(to, from)| *to = *from);
        };
        put(0, &usize::to_ne_bytes(48));
        put(12, &libc::IP_RECVERR.to_ne_bytes());
        put(16, &libc::EHOSTUNREACH.to_ne_bytes());
        assert_eq!(control.number(48), Some(libc::EHOSTUNREACH));
        assert_eq!(control.number(31), None, "cut");
        control.0[8] = 1;
        assert_eq!(control.number(48), None, "another level");
    }
}
