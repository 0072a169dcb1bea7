//! A command of a README about to be run, and the plain sockets at its other side. No test
//! is in here, and no command.

#![allow(unreachable_pub, reason = "a module of a test has no outside")]

use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;

use tempfile::TempDir;

use crate::harness::{LONG, Running, Start, ports, shell};

/// `你好`.
pub const GBK: &[u8] = b"\xC4\xE3\xBA\xC3";
/// Two messages in `len:u16be`.
pub const TWO: &[u8] = b"\0\x05hello\0\x04feng";

/// A command about to be run, in a folder of its own.
pub struct Line {
    pub command: String,
    pub folder: Arc<TempDir>,
}

impl Line {
    /// The command, run by the shell, with other ports and paths in it.
    pub fn start(&self, swaps: &[(&str, &str)]) -> Start {
        let mut command = self.command.clone();
        for (usual, ours) in swaps {
            assert!(command.contains(usual), "`{command}` has no {usual}");
            command = command.replace(usual, ours);
        }
        let script = match command.strip_prefix("sockeye ") {
            Some(rest) => format!(r#"exec "$S" {rest}"#),
            None => command.replace("| sockeye ", r#"| "$S" "#),
        };
        shell(&script).folder(self.folder.path())
    }

    /// A server on a port of its own choice, `usual` being what the README has; stdin open.
    pub fn serve(&self, usual: &str) -> Running {
        self.start(&[(usual, "127.0.0.1:0")]).open().start()
    }
}

pub fn call(server: &Running) -> TcpStream {
    timed(TcpStream::connect(server.at()).expect("it listens"))
}

pub fn timed(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(LONG)).expect("set");
    stream.set_write_timeout(Some(LONG)).expect("set");
    stream
}

/// A plain TCP server for a client of ours, and its port.
pub fn peer() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("set");
    let port = listener.local_addr().expect("bound").port().to_string();
    (listener, port)
}

pub fn accept(listener: &TcpListener) -> TcpStream {
    let mut caller = None;
    ports::until("a caller", || {
        caller = listener.accept().ok();
        caller.is_some()
    });
    let (stream, _) = caller.expect("somebody called");
    stream.set_nonblocking(false).expect("set");
    timed(stream)
}

pub fn datagrams() -> (UdpSocket, String) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(LONG)).expect("set");
    let port = socket.local_addr().expect("bound").port().to_string();
    (socket, port)
}

pub fn hear(stream: &mut impl Read, expected: &[u8]) {
    let mut heard = vec![0; expected.len()];
    stream.read_exact(&mut heard).expect("bytes in time");
    assert_eq!(heard, expected);
}

pub fn hear_the_end(stream: &mut impl Read) {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("an end in time");
    assert_eq!(rest, b"");
}

pub fn hear_datagram(socket: &UdpSocket, expected: &[u8]) -> SocketAddr {
    let mut space = [0; 2048];
    let (count, from) = socket.recv_from(&mut space).expect("a datagram in time");
    assert_eq!(space.get(..count), Some(expected));
    from
}

pub fn talk(stream: &mut TcpStream, said: &[u8], heard: &[u8]) {
    stream.write_all(said).expect("sent");
    hear(stream, heard);
}

pub fn talk_back(stream: &mut TcpStream, heard: &[u8], said: &[u8]) {
    hear(stream, heard);
    stream.write_all(said).expect("sent");
}
