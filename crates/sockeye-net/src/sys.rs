//! The system calls that no crate wraps safely: the only unsafe code of Sockeye.

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
