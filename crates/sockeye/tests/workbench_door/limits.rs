//! Slow ones, huge ones, many.

use std::io::{Read as _, Write as _};
use std::time::Instant;

use crate::harness::LONG;
use crate::harness::desk::{Desk, answer, bearer, call, exchange};

/// As `sockeye_web::server` has it.
const CONNECTIONS: usize = 64;

#[test]
fn n16_headers_and_bodies_that_never_end_are_cut_off_in_time() {
    let desk = Desk::start();
    let at = &desk.at;
    let mut slow = call(at);
    slow.write_all(b"GET / HTTP/1.1\r\nHost: ").expect("sent");
    let mut body = call(at);
    let head = format!("POST /api/enter HTTP/1.1\r\nHost: {at}\r\nContent-Length: 9\r\n\r\n{{");
    body.write_all(head.as_bytes()).expect("sent");
    let silent = call(at);
    let begun = Instant::now();
    let told = answer(&mut body, false);
    assert_eq!((told.status, told.field("code").as_str()), (408, "E-timeout"));
    for mut socket in [slow, silent] {
        let mut all = Vec::new();
        // A RST is an end too.
        drop(socket.read_to_end(&mut all));
        assert!(begun.elapsed() < LONG, "still open");
    }
    assert_eq!(desk.ask("GET", "/", "", "").status, 200);
}

#[test]
fn huge_bodies_are_refused_and_nothing_grows() {
    let desk = Desk::start();
    let (act, _) = desk.tokens();
    let (at, act) = (&desk.at, bearer(&act));
    let before = desk.running.peak();
    // Who has a token may send a message of 1 MiB, each of its characters escaped.
    let asked = [("/api/enter", "", 32), ("/api/share", &act, 128), ("/api/files", &act, 128)];
    for (path, shown, pieces) in asked {
        let head = format!("POST {path} HTTP/1.1\r\nHost: {at}\r\n{shown}Connection: close\r\n");
        let long = format!("{head}Content-Length: 1099511627776\r\n\r\n{{");
        assert_eq!(exchange(&mut call(at), &long).status, 413, "{path}");
        let chunks = format!("10000\r\n{}\r\n", " ".repeat(0x10000)).repeat(pieces);
        let long = format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}");
        assert_eq!(exchange(&mut call(at), &long).status, 413, "{path} in chunks");
    }
    // Who has no token is not listened to at all.
    let head = format!("POST /api/share HTTP/1.1\r\nHost: {at}\r\nContent-Length: 1048576\r\n\r\n");
    assert_eq!(exchange(&mut call(at), &head).status, 401);
    let deep = format!("{}1{}", r#"{"a":"#.repeat(2_000), "}".repeat(2_000));
    assert_eq!(desk.ask("POST", "/api/enter", "", &deep).status, 400);
    let headers = "X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(10_000);
    let long = format!("GET / HTTP/1.1\r\n{headers}\r\n");
    assert_eq!(exchange(&mut call(at), &long).status, 431);
    assert!(desk.running.peak() < before + 16 * 1024, "{} KiB", desk.running.peak());
}

#[test]
fn n17_callers_beyond_the_limit_are_refused_with_a_reason_and_places_come_free() {
    let desk = Desk::start();
    let mut held: Vec<_> = (0..CONNECTIONS).map(|_| call(&desk.at)).collect();
    let told = answer(&mut call(&desk.at), false);
    assert_eq!((told.status, told.body.as_str()), (503, "too many connections\n"));
    // Those who were there before are served.
    let mut first = held.remove(0);
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", desk.at);
    assert_eq!(exchange(&mut first, &request).status, 200);
    // Its place is free once it has ended.
    assert_eq!(first.read(&mut [0]).expect("an end"), 0);
    assert_eq!(exchange(&mut call(&desk.at), &request).status, 200);
}
