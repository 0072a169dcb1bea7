//! `sockeye relay --toxiproxy`: what its proxies and toxics do to a connection.

mod harness;
#[path = "toxiproxy/api.rs"]
mod api;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use api::{Api, call, echo, field};
use harness::{ports, sockeye, words};
use rustix::process::Signal;

const MS: Duration = Duration::from_millis(1);

/// Sends, and reads as much again.
fn there_and_back(socket: &mut TcpStream, text: &[u8]) {
    socket.write_all(text).expect("sent");
    let mut back = vec![0; text.len()];
    socket.read_exact(&mut back).expect("echoed");
    assert_eq!(back, text);
}

/// Reads to the end; what came, and whether that was a RST.
fn to_the_end(mut socket: TcpStream) -> (Vec<u8>, bool) {
    let mut all = Vec::new();
    let ended = socket.read_to_end(&mut all);
    let reset = ended.as_ref().is_err_and(|error| error.kind() == ErrorKind::ConnectionReset);
    assert!(reset || ended.is_ok(), "{ended:?}");
    (all, reset)
}

#[test]
fn a_disabled_proxy_closes_its_port_and_its_connections_and_comes_back_there() {
    let (_echo, upstream) = echo();
    let api = Api::start();
    let at = api.proxy("p", &upstream);
    let mut socket = call(&at);
    there_and_back(&mut socket, b"before");
    let body = api.told(200, "PATCH", "/proxies/p", r#"{"enabled":false}"#);
    assert_eq!((field(&body, "enabled").as_str(), field(&body, "listen")), ("false", at.clone()));
    assert_eq!(to_the_end(socket).0, b"");
    assert_eq!(TcpStream::connect(&at).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    let body = api.told(200, "POST", "/proxies/p", r#"{"enabled":true}"#);
    assert_eq!(field(&body, "listen"), at);
    there_and_back(&mut call(&at), b"after");
    api.told(204, "DELETE", "/proxies/p", "");
    assert_eq!(TcpStream::connect(&at).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn toxics_work_on_connections_that_are_open_and_stop_when_they_are_taken_away() {
    let (_echo, upstream) = echo();
    let api = Api::start();
    let mut socket = call(&api.proxy("p", &upstream));
    there_and_back(&mut socket, b"quick");
    api.toxic(r#"{"name":"slow","type":"latency","attributes":{"latency":250}}"#);
    let begun = Instant::now();
    there_and_back(&mut socket, b"slow");
    assert!(begun.elapsed() >= 250 * MS);
    api.told(200, "PATCH", "/proxies/p/toxics/slow", r#"{"attributes":{"latency":500}}"#);
    let begun = Instant::now();
    there_and_back(&mut socket, b"slower");
    assert!(begun.elapsed() >= 500 * MS);
    api.toxic(r#"{"name":"never","type":"reset_peer","toxicity":0}"#);
    api.told(204, "DELETE", "/proxies/p/toxics/slow", "");
    there_and_back(&mut socket, b"quick again");
    assert!(api.told(200, "GET", "/proxies/p/toxics", "").starts_with(r#"[{"attributes""#));
    api.told(204, "POST", "/reset", "");
    assert_eq!(api.told(200, "GET", "/proxies/p/toxics", ""), "[]");
}

#[test]
fn bandwidth_is_a_thousand_bytes_a_second_for_each_unit() {
    let (_echo, upstream) = echo();
    let api = Api::start();
    let mut socket = call(&api.proxy("p", &upstream));
    api.toxic(r#"{"type":"bandwidth","attributes":{"rate":20}}"#);
    let begun = Instant::now();
    there_and_back(&mut socket, &[7; 10_000]);
    // Half a second, less a tenth of a second's burst.
    assert!(begun.elapsed() >= 400 * MS, "{:?}", begun.elapsed());
}

#[test]
fn limit_data_lets_so_many_bytes_through_and_closes() {
    let (_echo, upstream) = echo();
    let api = Api::start();
    let at = api.proxy("p", &upstream);
    api.toxic(r#"{"type":"limit_data","attributes":{"bytes":5}}"#);
    let mut socket = call(&at);
    socket.write_all(b"0123456789").expect("sent");
    assert_eq!(to_the_end(socket), (b"01234".to_vec(), false));
}

#[test]
fn slicer_cuts_into_pieces_and_loses_none() {
    let (_echo, upstream) = echo();
    let api = Api::start();
    let mut socket = call(&api.proxy("p", &upstream));
    api.toxic(
        r#"{"type":"slicer","attributes":{"average_size":2,"size_variation":1,"delay":20000}}"#,
    );
    socket.write_all(b"0123456789").expect("sent");
    let (mut all, mut most) = (Vec::new(), 0);
    while all.len() < 10 {
        let mut piece = [0; 10];
        let count = socket.read(&mut piece).expect("read");
        most = most.max(count);
        all.extend_from_slice(&piece[..count]);
    }
    assert_eq!(all, b"0123456789");
    assert!(most < 10, "one piece");
}

#[test]
fn slow_close_keeps_the_end_back() {
    let (_echo, upstream) = echo();
    let api = Api::start();
    let at = api.proxy("p", &upstream);
    api.toxic(r#"{"type":"slow_close","attributes":{"delay":300}}"#);
    let mut socket = call(&at);
    there_and_back(&mut socket, b"quick");
    let begun = Instant::now();
    socket.shutdown(Shutdown::Write).expect("our end");
    assert_eq!(to_the_end(socket), (Vec::new(), false));
    assert!(begun.elapsed() >= 300 * MS);
}

#[test]
fn reset_peer_is_a_rst_on_both_sides() {
    let upstream = TcpListener::bind("127.0.0.1:0").expect("bound");
    let api = Api::start();
    let at = api.proxy("p", &upstream.local_addr().expect("bound").to_string());
    api.toxic(r#"{"type":"reset_peer","stream":"upstream"}"#);
    let mut socket = call(&at);
    socket.write_all(b"request").expect("sent");
    let (behind, _) = upstream.accept().expect("called");
    assert!(to_the_end(socket).1);
    assert!(to_the_end(behind).1);
}

#[test]
fn timeout_passes_nothing_and_closes_after_its_time_even_a_silent_connection() {
    let (_echo, upstream) = echo();
    let api = Api::start();
    let at = api.proxy("p", &upstream);
    api.toxic(r#"{"type":"timeout","attributes":{"timeout":200}}"#);
    let begun = Instant::now();
    assert_eq!(to_the_end(call(&at)), (Vec::new(), false));
    assert!(begun.elapsed() >= 200 * MS);
}

#[test]
fn a_timeout_that_is_taken_away_closes_what_it_held_up() {
    let (_echo, upstream) = echo();
    let api = Api::start();
    let at = api.proxy("p", &upstream);
    for attributes in [r#"{"timeout":0}"#, r#"{"timeout":3600000}"#] {
        let mut socket = call(&at);
        there_and_back(&mut socket, b"before");
        let body = format!(r#"{{"name":"t","type":"timeout","attributes":{attributes}}}"#);
        api.toxic(&body);
        socket.write_all(b"lost").expect("sent");
        api.told(204, "DELETE", "/proxies/p/toxics/t", "");
        assert_eq!(to_the_end(socket).0, b"");
        there_and_back(&mut call(&at), b"after");
    }
}

#[test]
fn the_relay_of_the_command_line_is_a_proxy_of_that_name() {
    let (_echo, upstream) = echo();
    let port = ports::free();
    let line = format!("relay --toxiproxy 127.0.0.1:0 127.0.0.1:{port} {upstream}");
    let running = words(&line).start();
    running.says("listening on http://127.0.0.1:");
    there_and_back(&mut call(&format!("127.0.0.1:{port}")), b"hello");
    let err = String::from_utf8(running.err.so_far()).expect("text");
    let at = err.split("http://").nth(1).and_then(|rest| rest.lines().next());
    let api = Api { at: at.expect("the API").to_owned(), running };
    let body = api.told(200, "GET", "/proxies/relay", "");
    assert_eq!(field(&body, "upstream"), upstream);
    api.running.signal(Signal::TERM);
    assert_eq!(api.running.wait().code, Some(143));
}

#[test]
fn the_api_is_refused_to_other_machines() {
    for place in ["0.0.0.0:0", "*:0", "[::]:0", "192.0.2.1:0"] {
        let ended = sockeye(["relay", "--toxiproxy", place]).run().exits(3);
        ended.fails_clearly("E-denied");
    }
    words("relay --toxiproxy unix:/tmp/x").run().exits(2).fails_clearly("E-usage");
    words("relay --toxiproxy 0 127.0.0.1:0 exec:id").run().exits(3).fails_clearly("E-denied");
    let taken = TcpListener::bind("127.0.0.1:0").expect("bound");
    let line = format!("relay --toxiproxy {}", taken.local_addr().expect("bound"));
    words(&line).run().exits(1).fails_clearly("E-in-use");
}

#[test]
fn n27_a_proxy_that_would_call_itself_or_the_api_is_refused() {
    let api = Api::start();
    let refused = |name: &str, listen: u16, upstream: &str| {
        let body =
            format!(r#"{{"name":"{name}","listen":"127.0.0.1:{listen}","upstream":"{upstream}"}}"#);
        field(&api.told(400, "POST", "/proxies", &body), "error")
    };
    assert!(refused("api", 0, &api.at).contains("is the port of this API"));
    let by_name = api.at.replace("127.0.0.1", "localhost");
    assert!(refused("name", 0, &by_name).contains("is the port of this API"));
    let port = ports::free();
    let own = format!("127.0.0.1:{port}");
    assert!(refused("own", port, &own).contains("itself for ever"));
    // Two that would call each other.
    let there = api.proxy("there", &own);
    assert!(refused("back", port, &there).contains("itself for ever"));
}
