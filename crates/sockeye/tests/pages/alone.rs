//! The commands of the pages that are no server and client of a program: what the other
//! side does, and what must come of it. No test is in here.

#![allow(unreachable_pub, reason = "a module of a test has no outside")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::harness::{LONG, ports, sockeye, words};
use crate::page::Command;
use crate::pairs::PAIRS;

/// How a command is run: what its other side does, and what must come of it.
type Scene = fn(&Command, &Path);

/// Two messages in `len:u16be`.
const TWO: &[u8] = b"\0\x05hello\0\x04feng";

/// Each of them, as the pages write it.
pub const ROWS: &[(&str, Scene)] = &[
    ("sockeye addr", |line, at| tells(line, at, "127.0.0.1/8")),
    ("sockeye addr 192.168.5.6/24", |line, at| tells(line, at, "broadcast  192.168.5.255")),
    ("sockeye addr 192.168.5.6/24 192.168.6.1", |line, at| tells(line, at, "another network")),
    ("sockeye addr 10.0.0.1", |line, at| tells(line, at, "of 16777214 hosts")),
    ("sockeye port 443", |line, at| tells(line, at, "system ports")),
    ("sockeye port 8888", |line, at| tells(line, at, "given out")),
    ("sockeye resolve localhost", |line, at| tells(line, at, "127.0.0.1")),
    (
        r"printf 'GET / HTTP/1.0\r\nHost: example.org\r\n\r\n' | sockeye connect -v tls://example.org:443",
        opens_a_page,
    ),
    ("sockeye classic list", |line, at| {
        let told = line.start(&[], at).run().exits(0).text();
        for program in PAIRS {
            let (_, name) = program.page.split_once('-').expect("a number and a name");
            assert!(told.contains(name), "{name} is not in:\n{told}");
        }
    }),
    ("sockeye classic queue-chat connect 127.0.0.1:8088 --stop-server", |line, at| {
        let server = "python3 docs/classics/python/queue_chat_server.py 127.0.0.1 8088".to_owned();
        let (server, port) = Command { text: server }.serve(8088, at);
        line.call((8088, port), &[], at).run().exits(0);
        server.wait_with_stdin_open().exits(0);
    }),
    ("sockeye classic thanks serve 127.0.0.1:8898 --answer hi", says_hi),
    ("python3 docs/classics/python/thanks_server.py 127.0.0.1 8898 utf-8 hi", says_hi),
    ("sockeye listen 7788", |line, at| {
        let server = line.start(&[("7788", "127.0.0.1:0 --view text")], at).open().start();
        let mut client = call(server.port());
        client.write_all(b"one").expect("sent");
        server.sees("3 B  one");
    }),
    ("sockeye listen -u 127.0.0.1:8080 --reply upper", |line, at| {
        let (_server, port) = line.serve(8080, at);
        let socket = datagrams();
        socket.send_to(b"hello", ("127.0.0.1", port)).expect("sent");
        hear_datagram(&socket, b"HELLO");
    }),
    ("sockeye classic udp-once connect 127.0.0.1:8080", asks_once),
    ("python3 docs/classics/python/udp_once_client.py 127.0.0.1 8080", asks_once),
    ("sockeye classic sticky serve 127.0.0.1:8080 --read-size 2,10", reads_in_pieces),
    ("python3 docs/classics/python/sticky_server.py 127.0.0.1 8080 2,10", reads_in_pieces),
    ("sockeye classic sticky connect 127.0.0.1:8080 --together", |line, at| {
        says(line, at, b"hello feng");
    }),
    ("python3 docs/classics/python/sticky_client.py 127.0.0.1 8080 together", |line, at| {
        says(line, at, b"hello feng");
    }),
    ("sockeye listen 127.0.0.1:8080 --frame len:u16be --view text", |line, at| {
        let (server, port) = line.serve(8080, at);
        call(port).write_all(TWO).expect("sent");
        server.sees("hello⟧⟦␀␄feng⟧");
    }),
    ("sockeye send 127.0.0.1:8080 --frame len:u16be hello feng", |line, at| says(line, at, TWO)),
    ("(umask 077; head -c 32 /dev/urandom | base64 > secret.txt)", |line, at| {
        line.start(&[], at).run().exits(0);
        let kept = fs::metadata(at.join("secret.txt")).expect("a file");
        assert_eq!(kept.permissions().mode() & 0o777, 0o600);
        assert!(kept.len() > 40, "{} bytes", kept.len());
    }),
    ("sockeye listen tls://127.0.0.1:8443 --reply echo", |line, at| {
        let (_server, port) = line.serve(8443, at);
        let at = format!("tls://127.0.0.1:{port}");
        sockeye(["send", "--insecure", &at, "hello"]).run().exits(0).prints("hello");
    }),
];

fn tells(line: &Command, at: &Path, what: &str) {
    let told = line.start(&[], at).run().exits(0).text();
    assert!(told.contains(what), "no {what:?} in:\n{told}");
}

fn opens_a_page(line: &Command, at: &Path) {
    let server = words("listen tls://127.0.0.1:0 --reply text:HTTP/1.0_200_OK --close-after-reply");
    let server = server.start();
    let theirs = format!("--insecure tls://127.0.0.1:{}", server.port());
    let told = line.start(&[("tls://example.org:443", &theirs)], at).run().exits(0);
    told.prints("HTTP/1.0_200_OK").told("TLS");
}

fn says_hi(line: &Command, at: &Path) {
    let (server, port) = line.serve(8898, at);
    let mut client = call(port);
    client.write_all(b"hello").expect("sent");
    hear_all(client, b"hi");
    server.sees("hello");
}

fn asks_once(line: &Command, at: &Path) {
    let socket = datagrams();
    let port = socket.local_addr().expect("bound").port();
    let client = line.call((8080, port), &[], at).input("hello\n").start();
    let from = hear_datagram(&socket, b"hello");
    socket.send_to("好".as_bytes(), from).expect("sent");
    let told = client.wait().exits(0).text();
    assert!(told.contains('好'), "{told}");
}

fn reads_in_pieces(line: &Command, at: &Path) {
    let (server, port) = line.serve(8080, at);
    let mut client = call(port);
    client.write_all(b"hellofeng").expect("sent");
    client.shutdown(Shutdown::Write).expect("shut");
    server.sees("he\nllofeng\n");
}

fn says(line: &Command, at: &Path, text: &[u8]) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let client = line.call((8080, port), &[], at).start();
    listener.set_nonblocking(true).expect("set");
    let mut caller = None;
    ports::until("a caller", || {
        caller = listener.accept().ok();
        caller.is_some()
    });
    let (stream, _) = caller.expect("somebody called");
    stream.set_nonblocking(false).expect("set");
    stream.set_read_timeout(Some(LONG)).expect("set");
    hear_all(stream, text);
    client.wait().exits(0);
}

fn call(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    stream.set_read_timeout(Some(LONG)).expect("set");
    stream
}

fn hear_all(mut stream: TcpStream, expected: &[u8]) {
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).expect("an end in time");
    assert_eq!(String::from_utf8_lossy(&heard), String::from_utf8_lossy(expected));
}

fn datagrams() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(LONG)).expect("set");
    socket
}

fn hear_datagram(socket: &UdpSocket, expected: &[u8]) -> std::net::SocketAddr {
    let mut space = [0; 2048];
    let (count, from) = socket.recv_from(&mut space).expect("a datagram in time");
    assert_eq!(space.get(..count), Some(expected));
    from
}
