//! Lines 1 to 14: the network.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket};
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketType};

use crate::harness::{LONG, ports, shell, sockeye, tape, words};

#[test]
fn n01_nothing_listens_there_is_told_within_100_ms() {
    let at = format!("127.0.0.1:{}", ports::free());
    let mut best = LONG;
    for _ in 0..10 {
        let start = Instant::now();
        let ended = sockeye(["connect", &at]).run();
        best = best.min(start.elapsed());
        ended.exits(1).fails_clearly("E-refused").told(&format!("cannot connect to `tcp://{at}`"));
    }
    assert!(best < Duration::from_millis(100), "{best:?} at best");
}

/// A TCP port whose queue is full: a SYN to it is dropped, as by a firewall.
fn black_hole() -> (std::os::fd::OwnedFd, Vec<TcpStream>, SocketAddr) {
    let socket =
        rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    rustix::net::bind(&socket, &any).expect("a port");
    rustix::net::listen(&socket, 0).expect("a listener");
    let at = rustix::net::getsockname(&socket).expect("bound");
    let at = SocketAddr::try_from(at).expect("an internet address");
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&at, Duration::from_millis(200)) {
        waiting.push(stream);
        assert!(waiting.len() < 100, "the queue never fills");
    }
    (socket, waiting, at)
}

#[test]
fn n02_a_black_hole_is_clear_at_the_connect_timeout() {
    let (_socket, _waiting, at) = black_hole();
    for args in [["connect", "-w", "0.2"], ["connect", "--connect-timeout", "200ms"]] {
        let start = Instant::now();
        let ended = sockeye(args.into_iter().chain([at.to_string().as_str()])).run();
        let took = start.elapsed();
        ended.exits(1).fails_clearly("E-timeout").told(&format!("tcp://{at}")).told("200ms");
        assert!(took >= Duration::from_millis(200) && took < Duration::from_secs(3), "{took:?}");
    }
    let option = format!("tcp://{at}?connect-timeout=200ms");
    sockeye(["send", &option, "x"]).run().exits(1).fails_clearly("E-timeout");
}

#[test]
fn n02_a_black_hole_can_be_left_by_a_signal() {
    let (_socket, _waiting, at) = black_hole();
    // The signals are ours before the call begins; the tape's header is the sign of that.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t");
    let ours = sockeye(["connect", &at.to_string(), "--tape", path.to_str().expect("ours")]);
    let ours = ours.open().start();
    let syn = format!(":{:04X} 02 ", at.port());
    ports::until("a call", || {
        std::fs::read_to_string("/proc/net/tcp").unwrap_or_default().contains(&syn)
    });
    ours.signal(rustix::process::Signal::INT);
    ours.wait_with_stdin_open().exits(130);
}

#[test]
fn n04_an_unknown_name_is_a_code_of_its_own() {
    let ended = sockeye(["connect", "no-such-host.invalid:80", "-w", "5"]).run().exits(1);
    ended.fails_clearly("E-name").told("no-such-host.invalid");
}

#[test]
fn n04_a_dead_address_of_a_name_is_passed_over_and_all_dead_are_listed() {
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let at = format!("localhost:{}", server.port());
    sockeye(["send", &at, "alive"]).run().exits(0).prints("alive");
    let dead = format!("localhost:{}", ports::free());
    let ended = sockeye(["send", &dead, "x"]).run().exits(1).fails_clearly("E-refused");
    for address in dead.to_socket_addrs().expect("localhost has addresses") {
        assert!(ended.err.contains(&address.to_string()), "{address} not in {}", ended.err);
    }
}

#[test]
fn n06_reordered_and_doubled_datagrams_are_shown_as_they_came() {
    let server = words("listen -u 127.0.0.1:0 --json --until end").start();
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let sent = ["3", "1", "1", "2", "3", "end"];
    for text in sent {
        peer.send_to(text.as_bytes(), server.at()).expect("loopback");
    }
    let came = tape::came(&tape::lines(&server.wait().exits(0).out).1);
    assert_eq!(came, sent.map(|text| text.as_bytes().to_vec()));
}

#[test]
fn n12_half_closes_in_either_order_pass_the_relay_and_the_rest_goes_on() {
    let target = TcpListener::bind("127.0.0.1:0").expect("a port");
    let to = target.local_addr().expect("bound").to_string();
    let relay = sockeye(["relay", "127.0.0.1:0", &to]).start();
    for client_first in [true, false] {
        let mut client = TcpStream::connect(relay.at()).expect("it listens");
        let (mut server, _) = target.accept().expect("a call");
        let (first, second) =
            if client_first { (&mut client, &mut server) } else { (&mut server, &mut client) };
        let mut got = Vec::new();
        for (from, to) in [(0, 1), (1, 0)] {
            let (from, to) =
                if from < to { (&mut *first, &mut *second) } else { (&mut *second, &mut *first) };
            to.set_read_timeout(Some(LONG)).expect("a timeout");
            from.write_all(b"part").expect("this direction goes on");
            from.shutdown(Shutdown::Write).expect("connected");
            to.read_to_end(&mut got).expect("a FIN");
        }
        assert_eq!(got, b"partpart");
    }
}

#[test]
fn n13_a_datagram_over_65507_bytes_is_refused_before_it_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("big");
    let data = format!("file:{}", path.display());
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a port");
    peer.set_read_timeout(Some(LONG)).expect("a timeout");
    let at = format!("udp://{}", peer.local_addr().expect("bound"));
    std::fs::write(&path, vec![b'x'; 65_508]).expect("room");
    let ended = sockeye(["send", &at, &data]).run();
    assert_ne!(ended.code, Some(0), "{}", ended.err);
    ended.fails_clearly("E-limit").told("65508");
    std::fs::write(&path, vec![b'x'; 65_507]).expect("room");
    sockeye(["send", &at, &data]).run().exits(0);
    let mut space = vec![0; 70_000];
    assert_eq!(peer.recv(&mut space).expect("the most that goes"), 65_507);
}

#[test]
fn n14_icmp_unreachable_is_an_event_and_the_listener_lives() {
    let mut server = words("listen -u 127.0.0.1:0 --json").open().start();
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let own = peer.local_addr().expect("bound");
    peer.send_to(b"hello", server.at()).expect("loopback");
    server.sees("hello");
    drop(peer);
    server.write("nobody is there");
    server.sees("\"note\"");
    server.says("the network says: connection refused");
    let peer = UdpSocket::bind(own).expect("its old port");
    peer.set_read_timeout(Some(LONG)).expect("a timeout");
    peer.send_to(b"back again", server.at()).expect("loopback");
    server.sees("back again");
    server.write("still here");
    let mut space = [0; 100];
    let count = peer.recv(&mut space).expect("the listener lives");
    assert_eq!(&space[..count], b"still here");
}

#[test]
fn n03_an_unreachable_network_is_a_code_of_its_own() {
    // A network namespace of the test's own, in which even loopback is down.
    for call in ["connect 127.0.0.1:1", "send -u 192.0.2.1:9 x"] {
        shell(&format!("exec unshare -rn \"$S\" {call}"))
            .run()
            .exits(1)
            .fails_clearly("E-unreachable");
    }
}
