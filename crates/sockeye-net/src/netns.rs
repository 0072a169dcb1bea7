//! Network namespaces by name (`network_namespaces(7)`, ip-netns(8)). A socket belongs
//! to the namespace that its maker's thread is in, and so do the addresses, interfaces and
//! routes that it sees: a thread of its own goes in, makes it, and ends. Names of hosts
//! are looked up outside.

use std::io;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};

use socket2::{Domain, Socket, Type};

use crate::hinted::hinted;
use crate::sys;

/// Where ip-netns(8) keeps them.
const FOLDER: &str = "/run/netns";

/// Whether some socket of this process may be in another namespace than the process.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// The namespaces that there are, by name.
pub fn names() -> Vec<String> {
    let entries = std::fs::read_dir(FOLDER).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Does the work inside that namespace; without a name, here.
pub(crate) fn inside<T: Send>(
    name: Option<&str>,
    work: impl FnOnce() -> io::Result<T> + Send,
) -> io::Result<T> {
    let Some(name) = name else { return work() };
    std::thread::scope(|scope| {
        let visitor = scope.spawn(|| {
            enter(name)?;
            ENTERED.store(true, Ordering::Relaxed);
            work()
        });
        let gone = |_| Err(io::Error::other("the thread in the network namespace has died"));
        visitor.join().unwrap_or_else(gone)
    })
}

/// Whether the socket is in the namespace of this process, so that what `/proc` and the
/// interfaces say here holds for it.
pub(crate) fn is_home<S: AsFd>(socket: &S) -> bool {
    if !ENTERED.load(Ordering::Relaxed) {
        return true;
    }
    let Ok(home) = Socket::new(Domain::IPV4, Type::DGRAM, None) else { return false };
    let home = sys::network(&home);
    home.is_some() && home == sys::network(socket)
}

#[cfg(target_os = "linux")]
fn enter(name: &str) -> io::Result<()> {
    use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
    use std::fs::OpenOptions;
    use std::os::unix::fs::OpenOptionsExt;

    let path = format!("{FOLDER}/{name}");
    // Were it a FIFO, opening it would wait.
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(&path);
    let space = opened.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => unknown(name),
        _ => untold(name, &error),
    })?;
    move_into_link_name_space(space.as_fd(), Some(LinkNameSpaceType::Network)).map_err(|error| {
        match io::Error::from(error) {
            error if error.kind() == io::ErrorKind::PermissionDenied => hinted(
                error.kind(),
                format!("entering the network namespace `{name}` is not allowed"),
                "it takes root, or CAP_SYS_ADMIN: run it with sudo",
            ),
            error => untold(name, &error),
        }
    })
}

#[cfg(not(target_os = "linux"))]
fn enter(_name: &str) -> io::Result<()> {
    let text = "network namespaces are Linux's alone";
    Err(hinted(io::ErrorKind::Unsupported, text, "leave `netns` out"))
}

fn unknown(name: &str) -> io::Error {
    let names = names();
    let hint = if names.is_empty() {
        format!("there are none; `ip netns add {name}` makes one")
    } else {
        format!("those there are: {}", names.join(", "))
    };
    let text = format!("there is no network namespace `{name}`");
    hinted(io::ErrorKind::AddrNotAvailable, text, hint)
}

fn untold(name: &str, error: &io::Error) -> io::Error {
    let why = sockeye_text::cause::plain(error);
    let text = format!("cannot enter the network namespace `{name}`: {why}");
    hinted(error.kind(), text, format!("look at `{FOLDER}/{name}`: `ip netns` makes such files"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::hinted::hint_of;

    #[test]
    fn an_unknown_name_is_told_with_those_there_are() {
        let error = inside(Some("sk-no-such-namespace"), || Ok(())).unwrap_err();
        assert!(error.to_string().contains("no network namespace `sk-no-such"), "{error}");
        assert!(hint_of(&error).is_some_and(|hint| hint.contains("there are")));
    }

    #[test]
    fn without_a_name_the_work_is_done_here() {
        let here = std::thread::current().id();
        assert_eq!(inside(None, || Ok(std::thread::current().id())).unwrap(), here);
    }

    #[test]
    fn each_socket_says_which_network_it_is_in() {
        let one = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(sys::network(&one), sys::network(&other));
        assert!(is_home(&one));
    }
}
