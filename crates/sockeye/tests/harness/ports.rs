//! Ports for programs that cannot report the one they were given, and the question
//! whether something listens, put to the kernel (proc(5)) instead of to a clock.

use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use super::LONG;

/// How often the kernel is asked while something is waited for.
pub const LOOK_EVERY: Duration = Duration::from_millis(2);

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port that nothing has, below those that the kernel gives out by itself, so that no
/// socket of another test takes it in between.
pub fn free() -> u16 {
    let first = 10_000 + u16::try_from(std::process::id() % 20_000).expect("small");
    for _ in 0..2_000 {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000;
        let tcp = TcpListener::bind(("127.0.0.1", port));
        if tcp.is_ok() && UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port");
}

/// Waits until something listens on the TCP port.
pub fn await_tcp(port: u16) {
    let local = format!(":{port:04X}");
    await_line(&["/proc/net/tcp", "/proc/net/tcp6"], |words| {
        words.get(1).is_some_and(|word| word.ends_with(&local)) && words.get(3) == Some(&"0A")
    });
}

/// Waits until a socket is bound to the UDP port.
pub fn await_udp(port: u16) {
    let local = format!(":{port:04X}");
    await_line(&["/proc/net/udp", "/proc/net/udp6"], |words| {
        words.get(1).is_some_and(|word| word.ends_with(&local))
    });
}

/// Waits until something listens on the Unix path, or is bound to it for datagrams.
pub fn await_unix(path: &Path) {
    let path = path.to_str().expect("a path of ours");
    await_line(&["/proc/net/unix"], |words| {
        let listens = words.get(3) == Some(&"00010000") || words.get(4) == Some(&"0002");
        words.get(7) == Some(&path) && listens
    });
}

fn await_line(tables: &[&str], found: impl Fn(&[&str]) -> bool) {
    until("a socket that listens", || {
        tables.iter().any(|table| {
            let text = std::fs::read_to_string(table).unwrap_or_default();
            text.lines().any(|line| found(&line.split_ascii_whitespace().collect::<Vec<_>>()))
        })
    });
}

/// Waits until it is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let due = Instant::now() + LONG;
    while !is_so() {
        assert!(Instant::now() < due, "waited in vain for {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}
