//! Relays: both orders of half-close, RST as RST, pairs on the tape, itself refused.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::{LONG, Running, noise, ports, sockeye, tape, words};

/// A relay, and both ends of one client through it.
struct Through {
    relay: Running,
    client: TcpStream,
    server: TcpStream,
}

impl Through {
    fn with(args: &[&str]) -> Self {
        let target = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = target.local_addr().expect("bound").to_string();
        let all = ["relay", "127.0.0.1:0", &at].into_iter().chain(args.iter().copied());
        let relay = sockeye(all).start();
        let client = TcpStream::connect(relay.at()).expect("it listens");
        let (server, _) = target.accept().expect("the relay calls");
        for socket in [&client, &server] {
            socket.set_read_timeout(Some(LONG)).expect("a timeout");
        }
        Self { relay, client, server }
    }
}

fn all_of(socket: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).expect("a FIN, no RST");
    bytes
}

#[test]
fn the_clients_half_close_is_passed_on_and_the_answer_still_comes() {
    let mut through = Through::with(&[]);
    through.client.write_all(b"question").expect("connected");
    through.client.shutdown(Shutdown::Write).expect("connected");
    assert_eq!(all_of(&mut through.server), b"question");
    through.server.write_all(b"late answer").expect("the other direction goes on");
    through.server.shutdown(Shutdown::Write).expect("connected");
    assert_eq!(all_of(&mut through.client), b"late answer");
    through.relay.says("closed first by the peer (FIN)");
}

#[test]
fn the_servers_half_close_is_passed_on_and_the_client_may_go_on() {
    let mut through = Through::with(&[]);
    through.server.write_all(b"greeting").expect("connected");
    through.server.shutdown(Shutdown::Write).expect("connected");
    assert_eq!(all_of(&mut through.client), b"greeting");
    through.client.write_all(b"late request").expect("the other direction goes on");
    through.client.shutdown(Shutdown::Write).expect("connected");
    assert_eq!(all_of(&mut through.server), b"late request");
}

#[test]
fn a_rst_is_passed_on_as_a_rst_from_either_side() {
    for from_client in [true, false] {
        let mut through = Through::with(&[]);
        through.client.write_all(b"c").expect("connected");
        through.server.write_all(b"s").expect("connected");
        through.server.read_exact(&mut [0]).expect("through the relay");
        through.client.read_exact(&mut [0]).expect("through the relay");
        let (resets, mut gets_it) = if from_client {
            (through.client, through.server)
        } else {
            (through.server, through.client)
        };
        rustix::net::sockopt::set_socket_linger(&resets, Some(Duration::ZERO)).expect("open");
        drop(resets);
        let error = gets_it.read(&mut [0]).expect_err("no FIN");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "from_client: {from_client}");
    }
}

#[test]
fn a_relayed_client_is_two_conversations_joined_by_pair() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t");
    let mut through = Through::with(&["--tape", path.to_str().expect("a path of ours")]);
    through.client.write_all(b"there").expect("connected");
    through.client.shutdown(Shutdown::Write).expect("connected");
    assert_eq!(all_of(&mut through.server), b"there");
    through.server.write_all(b"and back").expect("connected");
    drop(through.server);
    assert_eq!(all_of(&mut through.client), b"and back");
    through.relay.says("closed first by");
    through.relay.signal(Signal::INT);
    through.relay.wait().exits(130);
    let events = tape::read(&path);
    let opens = tape::opens(&events);
    assert_eq!(opens.len(), 2);
    assert_eq!(opens[1].1.pair, Some(opens[0].0));
    // Each byte is stored once.
    assert_eq!(tape::came(&events), [b"there".to_vec(), b"and back".to_vec()]);
    assert!(tape::went(&events).is_empty());
    assert_eq!(tape::closes(&events).len(), 2);
}

#[test]
fn four_mebibytes_both_ways_go_through_unaltered() {
    let (up, down) = (noise(4 << 20, 5), noise(4 << 20, 6));
    let mut through = Through::with(&["--view", "text"]);
    let mut sending = through.client.try_clone().expect("a socket");
    let mut answering = through.server.try_clone().expect("a socket");
    let (sent, answered) = (up.clone(), down.clone());
    let threads = [
        std::thread::spawn(move || {
            sending.write_all(&sent).expect("connected");
            sending.shutdown(Shutdown::Write).expect("connected");
        }),
        std::thread::spawn(move || {
            answering.write_all(&answered).expect("connected");
            answering.shutdown(Shutdown::Write).expect("connected");
        }),
    ];
    let mut server = through.server;
    let reading = std::thread::spawn(move || all_of(&mut server));
    assert!(all_of(&mut through.client) == down, "altered on the way down");
    assert!(reading.join().expect("no panic") == up, "altered on the way up");
    for thread in threads {
        thread.join().expect("no panic");
    }
}

#[test]
fn a_target_that_refuses_resets_the_client_and_the_relay_lives() {
    let target = ports::free();
    let relay = sockeye(["relay", "127.0.0.1:0", &format!("127.0.0.1:{target}")]).start();
    for _ in 0..2 {
        let mut client = TcpStream::connect(relay.at()).expect("it listens");
        client.set_read_timeout(Some(LONG)).expect("a timeout");
        assert_eq!(client.read(&mut [0]).expect_err("a RST").kind(), ErrorKind::ConnectionReset);
    }
    relay.says("error[E-refused]: ");
    relay.says(&target.to_string());
}

#[test]
fn a_relay_to_itself_is_refused_in_every_spelling() {
    let port = ports::free();
    for (left, right) in [
        (format!("127.0.0.1:{port}"), format!("127.0.0.1:{port}")),
        (format!(":{port}"), format!("127.0.0.1:{port}")),
        (format!(":{port}"), format!("localhost:{port}")),
        (format!("udp://127.0.0.1:{port}"), format!("udp://127.0.0.1:{port}")),
        (format!("127.0.0.1:{port}"), format!("0.0.0.0:{port}")),
    ] {
        let ended = sockeye(["relay", &left, &right]).run();
        assert_eq!(ended.code, Some(3), "{left} {right}: {}", ended.err);
        ended.fails_clearly("E-denied");
    }
}

#[test]
fn streams_do_not_go_with_datagrams() {
    words("relay 127.0.0.1:0 udp://127.0.0.1:1").run().exits(2).fails_clearly("E-usage");
}

#[test]
fn a_udp_relay_brings_each_answer_back_to_its_own_client() {
    let target = words("listen -u 127.0.0.1:0 --reply upper").start();
    let to = format!("udp://{}", target.at());
    let relay = sockeye(["relay", "udp://127.0.0.1:0", &to]).start();
    let clients: Vec<UdpSocket> = (0..3)
        .map(|_| {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
            socket.set_read_timeout(Some(LONG)).expect("a timeout");
            socket.connect(relay.at()).expect("loopback");
            socket
        })
        .collect();
    for turn in 0..2 {
        for (number, client) in clients.iter().enumerate() {
            client.send(format!("client {number} turn {turn}").as_bytes()).expect("loopback");
        }
        for (number, client) in clients.iter().enumerate() {
            let mut space = [0; 100];
            let count = client.recv(&mut space).expect("the answer");
            let expected = format!("CLIENT {number} TURN {turn}");
            assert_eq!(String::from_utf8_lossy(&space[..count]), expected);
        }
    }
}

#[test]
fn a_relay_joins_unix_tcp_and_children() {
    let folder = tempfile::tempdir().expect("a folder");
    let front = format!("unix:{}", folder.path().join("f").display());
    let echo = words("listen 127.0.0.1:0 --reply upper").start();
    let _relay = {
        let relay = sockeye(["relay", &front, &echo.at()]).start();
        assert_eq!(relay.endpoint(), front);
        sockeye(["send", &front, "over"]).run().exits(0).prints("OVER");
        relay
    };
    let child = sockeye(["relay", "127.0.0.1:0", "exec:tr a-z A-Z"]).start();
    sockeye(["connect", &child.at()]).input("to a child").run().exits(0).prints("TO A CHILD");
}

#[test]
fn dial_opens_both_sides_once() {
    let ended = sockeye(["relay", "--dial", "-", "exec:cat"]).input("round\n").run();
    ended.exits(0).prints("round\n");
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    std::fs::write(&from, noise(100_000, 9)).expect("room");
    let file = |path: &std::path::Path| format!("file:{}", path.display());
    sockeye(["relay", "--dial", &file(&from), &file(&to)]).run().exits(0);
    assert!(std::fs::read(&to).expect("made") == noise(100_000, 9));
    let again = sockeye(["relay", "--dial", &file(&from), &file(&to)]).run().exits(1);
    again.told("?append");
}
