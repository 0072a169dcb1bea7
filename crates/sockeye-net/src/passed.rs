//! Sockets that were bound for us and passed on, as by systemd's socket activation
//! (`sd_listen_fds(3)`). Whether one was passed is known to whoever reads the environment.

use std::io;

use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use socket2::{Socket, Type};

use crate::sys;

/// The listening stream socket behind that descriptor: a duplicate of its own. The one that
/// was passed is kept from our children.
pub(crate) fn listening(number: u32) -> io::Result<Socket> {
    let not = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, why.to_owned()));
    let Ok(number) = i32::try_from(number) else {
        return not("there is no descriptor of that number");
    };
    let own = pidfd_open(getpid(), PidfdFlags::empty())?;
    let socket = Socket::from(pidfd_getfd(own, number, PidfdGetfdFlags::empty())?);
    sys::keep_from_children(number)?;
    if !socket.is_listener().unwrap_or(false) || socket.r#type()? != Type::STREAM {
        return not("it is no listening stream socket (`ListenStream=` makes one)");
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}
