//! UDP, Unix datagrams and abstract names: peers kept apart, boundaries kept.

use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;

use rustix::process::Signal;

use crate::harness::{LONG, sockeye, tape, words};

fn socket_to(at: &str) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(LONG)).expect("a timeout");
    socket.connect(at).expect("loopback");
    socket
}

fn say(socket: &UdpSocket, text: &str) -> String {
    socket.send(text.as_bytes()).expect("loopback");
    let mut space = [0; 1000];
    let count = socket.recv(&mut space).expect("an answer");
    String::from_utf8_lossy(space.get(..count).expect("within")).into_owned()
}

#[test]
fn a_udp_listener_keeps_two_peers_apart() {
    let server = words("listen -u 127.0.0.1:0 --reply upper --json").start();
    let (one, two) = (socket_to(&server.at()), socket_to(&server.at()));
    for turn in 0..3 {
        assert_eq!(say(&one, &format!("one {turn}")), format!("ONE {turn}"));
        assert_eq!(say(&two, &format!("two {turn}")), format!("TWO {turn}"));
    }
    server.signal(Signal::INT);
    let events = tape::lines(&server.wait().exits(130).out).1;
    let opens = tape::opens(&events);
    assert_eq!(opens.len(), 2, "{opens:?}");
    for (number, open) in opens {
        let own: Vec<_> = events.iter().filter(|event| event.c == number).cloned().collect();
        let came = tape::came(&own);
        let first = came[0][..3].to_vec();
        assert_eq!(came.len(), 3);
        assert!(came.iter().all(|bytes| bytes.starts_with(&first)), "{open:?}: {came:?}");
    }
}

#[test]
fn in_a_pipe_a_udp_listener_talks_to_the_first_who_sends() {
    let mut server = words("listen -u 127.0.0.1:0").open().start();
    let peer = socket_to(&server.at());
    peer.send(b"hello").expect("loopback");
    server.sees("hello");
    server.write("and hello to you");
    let mut space = [0; 100];
    let count = peer.recv(&mut space).expect("what was typed");
    assert_eq!(&space[..count], b"and hello to you");
}

#[test]
fn each_datagram_is_one_read_and_an_empty_one_is_seen() {
    let server = words("listen -u 127.0.0.1:0 --json --until end").start();
    let peer = socket_to(&server.at());
    for bytes in [&b"one"[..], b"", b"two", b"end"] {
        peer.send(bytes).expect("loopback");
    }
    let events = tape::lines(&server.wait().exits(0).out).1;
    assert_eq!(tape::came(&events), [b"one".to_vec(), vec![], b"two".to_vec(), b"end".to_vec()]);
}

#[test]
fn send_over_udp_exits_at_once_unless_something_is_expected() {
    let server = words("listen -u 127.0.0.1:0 --reply upper").start();
    let at = format!("udp://{}", server.at());
    sockeye(["send", &at, "quick"]).run().exits(0);
    sockeye(["send", &at, "hi", "--expect", "HI"]).run().exits(0).prints("HI");
    let missed = sockeye(["send", &at, "hi", "--expect", "HO", "--idle-timeout", "0.2"]).run();
    missed.exits(1).fails_clearly("E-timeout");
    sockeye(["send", &at, "hi", "--idle-timeout", "0.2"]).run().exits(0).prints("HI");
}

#[test]
fn frames_do_not_go_from_one_datagram_into_the_next() {
    let server = words("listen -u 127.0.0.1:0 --reply upper --frame lines").start();
    let peer = socket_to(&server.at());
    assert_eq!(say(&peer, "whole\n"), "WHOLE\n");
    assert_eq!(say(&peer, "half"), "HALF\n");
    assert_eq!(say(&peer, "next\n"), "NEXT\n");
}

#[test]
fn an_abstract_unix_name_is_dialled_and_listened_on() {
    let name = format!("unix:@sockeye-test-{}", std::process::id());
    let server = sockeye(["listen", &name, "--reply", "echo"]).start();
    assert_eq!(server.endpoint(), name);
    sockeye(["send", &name, "abstract"]).run().exits(0).prints("abstract");
}

#[test]
fn unix_datagrams_go_both_ways() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("d");
    let endpoint = format!("unixgram:{}", path.display());
    let server = sockeye(["listen", &endpoint, "--reply", "upper"]).start();
    assert_eq!(server.endpoint(), endpoint);
    sockeye(["send", &endpoint, "hi", "--expect", "HI"]).run().exits(0).prints("HI");
    // One without a name cannot be answered, and does no harm.
    let unnamed = UnixDatagram::unbound().expect("a socket");
    unnamed.send_to(b"nobody", &path).expect("it listens");
    sockeye(["send", &endpoint, "still", "--expect", "STILL"]).run().exits(0);
    server.signal(Signal::TERM);
    server.wait().exits(143);
    assert!(!path.exists());
}

#[test]
fn what_is_denied_is_not_answered_and_is_told() {
    let server = words("listen -u 127.0.0.1:0 --reply echo --deny 127.0.0.1").start();
    let at = format!("udp://{}", server.at());
    sockeye(["send", &at, "x", "--idle-timeout", "0.2"]).run().exits(0).prints("");
    server.says("refused 127.0.0.1:");
    let stream = words("listen 127.0.0.1:0 --reply echo --allow 10.0.0.0/8").start();
    sockeye(["send", &stream.at(), "x"]).run().prints("");
    stream.says("not in any range of `--allow`");
}

#[test]
fn strangers_do_not_choose_how_much_is_said_of_them() {
    let server = words("listen -u 127.0.0.1:0 --reply echo --view hex").start();
    let at = server.at();
    // Answers to callers that have gone come back as errors.
    server.signal(Signal::STOP);
    for _ in 0..40 {
        let gone = UdpSocket::bind("127.0.0.1:0").expect("a port");
        gone.send_to(b"x", &at).expect("loopback");
    }
    server.signal(Signal::CONT);
    // More than are kept apart at once.
    for number in 0..16_384_u32 + 20 {
        let [_, _, high, low] = number.to_be_bytes();
        let from = std::net::Ipv4Addr::new(127, 1, high, low);
        let socket = UdpSocket::bind((from, 0)).expect("loopback");
        socket.set_read_timeout(Some(LONG)).expect("a timeout");
        socket.connect(&at).expect("loopback");
        assert_eq!(say(&socket, "x"), "x");
    }
    server.signal(Signal::TERM);
    let said = server.wait().exits(143).err;
    let count = |text: &str| said.lines().filter(|line| line.contains(text)).count();
    assert_eq!(count("there were too many"), 10, "{said}");
    assert!((1..=10).contains(&count("the network says")), "{said}");
    assert_eq!(count("stopped"), 11, "{said}");
    assert_eq!(count("and 16374 more peers: stopped"), 1, "{said}");
    assert_eq!(count("its operator"), 0, "{said}");
}
