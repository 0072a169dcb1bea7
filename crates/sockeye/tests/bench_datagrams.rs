//! `sockeye bench` over UDP: numbered datagrams one way, round trips, and who is answered.

mod harness;

use std::net::UdpSocket;
use std::time::Duration;

use harness::{LONG, sockeye, words};
use rustix::process::Signal;

/// The number behind a key of the one object on stdout.
fn number(out: &str, key: &str) -> u64 {
    let (_, rest) =
        out.split_once(&format!("\"{key}\":")).unwrap_or_else(|| panic!("{key}: {out}"));
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("{key}: {out}"))
}

#[test]
fn numbered_datagrams_are_counted_by_the_receiver_with_and_without_runs() {
    let server = words("bench serve udp://127.0.0.1:0").start();
    let at = server.endpoint();
    for more in [&["--size", "1000"][..], &["--no-gso"], &["--size", "28", "--no-gso"]] {
        let mut args = vec!["bench", "connect", &at, "--time", "0.3", "--rate", "5000", "--json"];
        args.extend(more);
        let out = sockeye(args).run().exits(0).out;
        let out = String::from_utf8_lossy(&out).into_owned();
        let (sent, received) = (number(&out, "sent"), number(&out, "received"));
        assert!((1000..=1501).contains(&sent), "{out}");
        // Loopback loses none at that rate, unless this machine stands still.
        assert_eq!(received + number(&out, "lost"), sent, "{out}");
        assert_eq!((number(&out, "reordered"), number(&out, "duplicated")), (0, 0), "{out}");
        assert_eq!(out.contains("\"gso\":true"), !more.contains(&"--no-gso"), "{out}");
    }
}

#[test]
fn nobody_is_counted_or_answered_whose_address_is_not_proved() {
    let server = words("bench serve udp://127.0.0.1:0").start();
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a port");
    peer.connect(server.at()).expect("loopback");
    peer.set_read_timeout(Some(Duration::from_millis(300))).expect("a timeout");
    let mut begin = b"sb1b".to_vec();
    begin.resize(64, 7);
    let mut end = b"sb1e".to_vec();
    end.resize(64, 7);
    for said in [&b"sb1h and too short"[..], b"sb1d", b"", &[0; 2000], &begin, &end] {
        peer.send(said).expect("loopback");
    }
    peer.recv(&mut [0; 100]).expect_err("none of it is answered");
    let mut hello = b"sb1h".to_vec();
    hello.resize(64, 1);
    peer.set_read_timeout(Some(LONG)).expect("a timeout");
    peer.send(&hello).expect("loopback");
    let mut answer = [0; 2000];
    let count = peer.recv(&mut answer).expect("a cookie");
    assert!(count <= hello.len() && answer.starts_with(b"sb1c"), "{count}");
    server.signal(Signal::TERM);
    let said = server.wait().exits(143).err;
    assert!(!said.contains("bench of"), "{said}");
}

#[test]
fn one_address_has_its_share_of_the_senders_and_is_told_seldom() {
    let server = words("bench serve udp://127.0.0.1:0").start();
    let said = |letter: u8, numbers: [u64; 3]| {
        let numbers = numbers.map(u64::to_be_bytes);
        let mut said = [b"sb1", &[letter][..], numbers.as_flattened()].concat();
        said.resize(64, 0);
        said
    };
    let senders = (0..64).map(|_| {
        let peer = UdpSocket::bind("127.0.0.1:0").expect("a port");
        peer.connect(server.at()).expect("loopback");
        peer.set_read_timeout(Some(LONG)).expect("a timeout");
        let mut answer = [0; 100];
        peer.send(&said(b'h', [1, 0, 0])).expect("loopback");
        peer.recv(&mut answer).expect("a cookie");
        let cookie = u64::from_be_bytes(*answer[12..].first_chunk().expect("a cookie"));
        peer.send(&said(b'b', [1, cookie, 64])).expect("loopback");
        peer.recv(&mut answer).expect("it begins");
        assert!(answer.starts_with(b"sb1s"));
        (peer, cookie)
    });
    let senders: Vec<_> = senders.collect();
    let one_more = UdpSocket::bind("127.0.0.1:0").expect("a port");
    one_more.send_to(&said(b'h', [1, 0, 0]), server.at()).expect("loopback");
    server.says("64 senders of its address are at it already");
    for (peer, cookie) in senders {
        peer.send(&said(b'z', [cookie, 0, 0])).expect("loopback");
    }
    server.says("(bench 10)");
    server.signal(Signal::TERM);
    let said = server.wait().exits(143).err;
    assert_eq!(said.matches("bench of ").count(), 10, "{said}");
}

#[test]
fn who_may_not_send_is_not_answered() {
    let server = words("bench serve udp://127.0.0.1:0 --deny 127.0.0.0/8").start();
    let ended = words(&format!("bench connect {} --time 50ms", server.endpoint())).run();
    ended.exits(1).fails_clearly("E-timeout");
    server.says("`--deny 127.0.0.0/8`");
}

#[test]
fn a_count_that_cannot_be_right_is_a_failure_and_loss_is_none() {
    // What the receiver says came, and came in another size.
    for (received, wrong, code) in [(u64::MAX, 0, 1), (1, 1, 1), (0, 0, 0)] {
        let peer = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let at = format!("udp://{}", peer.local_addr().expect("bound"));
        std::thread::spawn(move || {
            let mut said = [0; 100];
            while let Ok((_, from)) = peer.recv_from(&mut said) {
                let [own, cookie] = [&said[4..12], &said[12..20]];
                let answer = match said[3] {
                    b'h' => [b"sb1c", own, &[7; 8]].concat(),
                    b'b' => [b"sb1s", cookie].concat(),
                    b'e' => {
                        let counted = [received, 0, 0, wrong, 0].map(u64::to_be_bytes);
                        [b"sb1r", own, counted.as_flattened()].concat()
                    }
                    _ => continue,
                };
                peer.send_to(&answer, from).expect("loopback");
            }
        });
        let line = format!("bench connect {at} --time 50ms --rate 100 --json");
        let ended = words(&line).run().exits(code);
        let out = ended.text();
        if code == 1 {
            ended.fails_clearly("E-integrity");
        } else {
            assert_eq!(number(&out, "lost"), number(&out, "sent"), "{out}");
            assert_eq!(number(&out, "received_per_second"), 0, "{out}");
        }
    }
}

#[test]
fn round_trips_by_datagrams_are_counted_and_those_lost_are_told() {
    let server = words("listen udp://127.0.0.1:0 --reply echo --view hex").start();
    let at = server.endpoint();
    let out = sockeye(["bench", "echo", &at, "--time", "0.3", "--clients", "8", "--json"]).run();
    let out = String::from_utf8_lossy(&out.exits(0).out).into_owned();
    assert!(number(&out, "requests") > 8 && number(&out, "fewest_of_one_client") > 0, "{out}");
    assert_eq!((number(&out, "lost_datagrams"), number(&out, "wrong_answers")), (0, 0), "{out}");
    // It hears, and says nothing.
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let at = format!("udp://{}", silent.local_addr().expect("bound"));
    let ended = sockeye(["bench", "echo", &at, "--time", "0.2", "--clients", "2"]).run();
    ended.exits(1).fails_clearly("E-timeout");
}

#[test]
fn what_came_at_once_has_no_rate_that_was_never_there() {
    let server = words("bench serve udp://127.0.0.1:0").start();
    let line = format!("bench connect {} --time 500ms --rate 1 --json", server.endpoint());
    let out = words(&line).run().exits(0).text();
    assert_eq!((number(&out, "received"), number(&out, "received_per_second")), (1, 2), "{out}");
    server.says("1 datagrams of 64 bytes came, -, 0 lost");
}

#[test]
fn an_answer_that_comes_twice_is_counted_and_waited_past() {
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let at = format!("udp://{}", peer.local_addr().expect("bound"));
    std::thread::spawn(move || {
        let mut said = [0; 100];
        for number in 0.. {
            let Ok((count, from)) = peer.recv_from(&mut said) else { return };
            for _ in 0..=u32::from(number == 5) {
                peer.send_to(&said[..count], from).expect("loopback");
            }
        }
    });
    let line = format!("bench echo {at} --time 200ms --clients 1 --json");
    let out = words(&line).run().exits(0).text();
    assert!(number(&out, "requests") > 10, "{out}");
    assert_eq!((number(&out, "duplicated_datagrams"), number(&out, "wrong_answers")), (1, 0));
}

#[test]
fn where_nobody_serves_it_is_told() {
    let gone = UdpSocket::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let at = format!("udp://{gone}");
    sockeye(["bench", "connect", &at, "--time", "0.2"]).run().exits(1).fails_clearly("E-refused");
    sockeye(["bench", "connect", &at, "--only", "up"]).run().exits(2).fails_clearly("E-usage");
    sockeye(["bench", "connect", &at, "--size", "8"]).run().exits(2).fails_clearly("E-usage");
    sockeye(["bench", "echo", &at, "--connect-each"]).run().exits(2).fails_clearly("E-usage");
}
