//! Faults in datagrams.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use crate::harness::{LONG, sockeye, tape, words};

/// What comes of fifty numbered datagrams and two that no fault strikes.
fn after_faults(spec: &str, seed: &str) -> Vec<String> {
    let target = UdpSocket::bind("127.0.0.1:0").expect("a port");
    target.set_read_timeout(Some(LONG)).expect("a timeout");
    let to = format!("udp://{}", target.local_addr().expect("bound"));
    let args = ["relay", "udp://127.0.0.1:0", &to, "--fault", spec, "--seed", seed];
    let relay = sockeye(args).start();
    let client = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let numbered = (0..50).map(|number| format!("n{number}"));
    for text in numbered.chain(["last".to_owned(), "last".to_owned()]) {
        client.send_to(text.as_bytes(), relay.at()).expect("loopback");
    }
    let mut came = Vec::new();
    let mut space = [0; 100];
    while came.iter().filter(|text| *text == "last").count() < 2 {
        let count = target.recv(&mut space).expect("a datagram");
        came.push(String::from_utf8_lossy(space.get(..count).expect("within")).into_owned());
    }
    came
}

#[test]
fn datagrams_are_lost_doubled_and_swapped_the_same_way_for_the_same_seed() {
    let spec = "drop=20%,on=match:n; dup=20%,on=match:n; reorder=20%,on=match:n";
    let came = after_faults(spec, "7");
    assert_eq!(came, after_faults(spec, "7"));
    assert_ne!(came, after_faults(spec, "8"));
    let lost = (0..50).filter(|number| !came.contains(&format!("n{number}"))).count();
    let doubled = came.iter().enumerate().filter(|(at, one)| came[..*at].contains(one)).count();
    assert!((2..25).contains(&lost), "{lost} lost: {came:?}");
    assert!((2..25).contains(&doubled), "{doubled} doubled: {came:?}");
}

#[test]
fn n06_swapped_and_doubled_datagrams_are_shown_as_they_came() {
    let server = words("listen -u 127.0.0.1:0 --json --until end").start();
    let to = format!("udp://{}", server.at());
    let fault = "reorder,on=match:1; dup,on=match:2; size=3";
    let relay = sockeye(["relay", "udp://127.0.0.1:0", &to, "--fault", fault]).start();
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a port");
    for text in ["1", "2", "3", "end of it"] {
        peer.send_to(text.as_bytes(), relay.at()).expect("loopback");
    }
    let came = tape::came(&tape::lines(&server.wait().exits(0).out).1);
    assert_eq!(came, ["2", "1", "2", "3", "end"].map(|text| text.as_bytes().to_vec()));
}

#[test]
fn delayed_datagrams_come_late_and_answers_find_their_way() {
    let target = words("listen -u 127.0.0.1:0 --reply upper").start();
    let to = format!("udp://{}", target.at());
    let relay = sockeye(["relay", "udp://127.0.0.1:0", &to, "--fault", "delay=100ms"]).start();
    let clients = [(); 3].map(|()| {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        socket.set_read_timeout(Some(LONG)).expect("a timeout");
        socket.connect(relay.at()).expect("loopback");
        socket
    });
    let start = Instant::now();
    for (number, client) in clients.iter().enumerate() {
        client.send(format!("client {number}").as_bytes()).expect("loopback");
    }
    for (number, client) in clients.iter().enumerate() {
        let mut space = [0; 100];
        let count = client.recv(&mut space).expect("the answer");
        assert_eq!(String::from_utf8_lossy(&space[..count]), format!("CLIENT {number}"));
    }
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[test]
fn a_stall_of_datagrams_is_freed_by_a_typed_line() {
    let target = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let to = format!("udp://{}", target.local_addr().expect("bound"));
    let args = ["relay", "udp://127.0.0.1:0", &to, "--fault", "stall", "--view", "text"];
    let mut relay = sockeye(args).open().start();
    let client = UdpSocket::bind("127.0.0.1:0").expect("a port");
    client.send_to(b"held", relay.at()).expect("loopback");
    relay.sees("held");
    target.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
    let mut space = [0; 100];
    assert_eq!(target.recv(&mut space).expect_err("it is held").kind(), ErrorKind::WouldBlock);
    target.set_read_timeout(Some(LONG)).expect("a timeout");
    relay.write("/fault none\n");
    relay.sees("from now on: none");
    assert_eq!(target.recv(&mut space).expect("it is freed"), 4);
    relay.write("/fault cut=5\n");
    relay.says("not done: `cut=5` is for streams");
}

#[test]
fn faults_that_mean_nothing_are_refused_before_the_relay_starts() {
    let refused = |args: &[&str], told: &str| {
        let ended = sockeye(["relay"].iter().chain(args)).run();
        ended.exits(2).fails_clearly("E-usage").told(told);
    };
    let udp = ["udp://127.0.0.1:0", "udp://127.0.0.1:1", "--fault"];
    refused(&[udp.as_slice(), &["split=1"]].concat(), "`split=1` is for streams");
    let tcp = ["127.0.0.1:0", "127.0.0.1:1", "--fault"];
    refused(&[tcp.as_slice(), &["drop; size=5"]].concat(), "`size=5` is for datagrams");
    let many = "drop;".repeat(20);
    refused(&[tcp.as_slice(), &[&many, "--fault", &many]].concat(), "40 faults are more than 32");
}
