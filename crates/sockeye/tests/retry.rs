//! `connect -z`: an endpoint as one word, and `--retry` until the ports are open.

mod harness;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use harness::{ports, sockeye, words};
use rustix::process::Signal;

#[test]
fn a_port_that_opens_later_is_waited_for_and_told_once() {
    let port = ports::free();
    let ours = sockeye(["connect", "-z", "127.0.0.1", &port.to_string(), "--retry", "20s"]).start();
    ours.says(&format!("127.0.0.1 {port} is not open yet: "));
    let _listener = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
    ours.wait().exits(0).prints(format!("127.0.0.1 {port} open\n"));
}

#[test]
fn the_open_ones_are_told_at_once_and_the_closed_ones_at_the_end() {
    let open = TcpListener::bind("127.0.0.1:0").expect("a port");
    let open = open.local_addr().expect("bound").port();
    let (one, other) = (ports::free(), ports::free());
    let list = format!("{open},{one},{other}");
    let start = Instant::now();
    let ended = sockeye(["connect", "-z", "127.0.0.1", &list, "--retry", "700ms"]).run().exits(1);
    assert!(start.elapsed() >= Duration::from_millis(700), "{:?}", start.elapsed());
    let closed = ended.err.matches("error[E-refused]").count();
    assert_eq!(closed, 2, "{}", ended.err);
    assert_eq!(ended.err.matches("asking again").count(), 1, "{}", ended.err);
}

#[test]
fn an_endpoint_as_one_word_is_asked_with_its_options() {
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    for text in [server.at(), format!("tcp://{}?bind=127.0.0.1", server.at())] {
        let ended = sockeye(["connect", "-z", &text]).run().exits(0);
        ended.prints(format!("127.0.0.1 {} open\n", server.port()));
    }
    let ended = sockeye(["connect", "-z", &format!("{}?bind=192.0.2.1", server.at())]).run();
    ended.exits(1).fails_clearly("E-address");
    for (other, hint) in [
        ("unix:/tmp/x", "`send unix:/tmp/x ''` tries"),
        ("ws://127.0.0.1:80/a", "`connect -z 127.0.0.1:80`"),
        ("udp://127.0.0.1:80", "UDP has no answer"),
    ] {
        let ended = sockeye(["connect", "-z", other]).run().exits(2);
        ended.told("only TCP ports can be asked, and `").told(hint);
    }
    sockeye(["connect", "127.0.0.1:1", "--retry", "1s"]).run().exits(2).told("-z");
}

#[test]
fn json_tells_open_ports_as_objects_and_closed_ones_as_errors() {
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let port = server.port();
    let ended = sockeye(["connect", "-z", "--json", &server.at()]).run().exits(0);
    let object: serde_json::Value = serde_json::from_slice(&ended.out).expect("one object");
    assert_eq!(object["e"], "port");
    assert_eq!((&object["port"], &object["open"]), (&port.into(), &true.into()));
    let at = format!("127.0.0.1:{}", ports::free());
    let ended = sockeye(["connect", "-z", "--json", &at]).run().exits(1);
    let object: serde_json::Value = serde_json::from_slice(&ended.out).expect("one object");
    assert_eq!((object["e"].as_str(), object["code"].as_str()), (Some("error"), Some("E-refused")));
}

#[test]
fn a_signal_ends_the_wait() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let at = format!("127.0.0.1:{}", ports::free());
        let ours = sockeye(["connect", "-z", &at, "--retry", "60s"]).start();
        ours.says("is not open yet");
        ours.signal(signal);
        ours.wait().exits(code);
    }
}
