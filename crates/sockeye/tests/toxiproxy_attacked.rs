//! `sockeye relay --toxiproxy` under attack: each ends in an answer, and the server stays.

mod harness;
#[path = "toxiproxy/api.rs"]
mod api;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Instant;

use api::{Answer, Api, answer, call, field};
use harness::LONG;

/// As `sockeye_web::server` and `toxiproxy::proxies` have them.
const CONNECTIONS: usize = 64;
const PROXIES: usize = 256;

#[test]
fn n16_headers_and_bodies_that_never_end_are_cut_off_in_time() {
    let api = Api::start();
    let mut slow = call(&api.at);
    slow.write_all(b"GET /proxies HTTP/1.1\r\nHost: ").expect("sent");
    let mut body = call(&api.at);
    let request =
        format!("POST /proxies HTTP/1.1\r\nHost: {}\r\nContent-Length: 9\r\n\r\n{{", api.at);
    body.write_all(request.as_bytes()).expect("sent");
    let silent = call(&api.at);
    let begun = Instant::now();
    assert_eq!(answer(body).status, 408);
    for mut socket in [slow, silent] {
        let mut all = Vec::new();
        // A RST is an end too.
        drop(socket.read_to_end(&mut all));
        assert!(begun.elapsed() < LONG, "still open");
    }
    api.told(200, "GET", "/proxies", "");
}

#[test]
fn n17_callers_beyond_the_limit_are_refused_with_a_reason_and_places_come_free() {
    let api = Api::start();
    let mut held: Vec<_> = (0..CONNECTIONS).map(|_| call(&api.at)).collect();
    let told = answer(call(&api.at));
    assert_eq!(told, Answer { status: 503, body: "too many connections\n".to_owned() });
    // Those who were there before are served.
    let first = held.remove(0);
    let request = format!("GET /version HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", api.at);
    (&first).write_all(request.as_bytes()).expect("sent");
    assert_eq!(answer(first).status, 200);
    api.told(200, "GET", "/proxies", "");
}

#[test]
fn huge_bodies_are_refused_and_nothing_grows() {
    let api = Api::start();
    api.told(200, "GET", "/proxies", "");
    let before = api.running.peak();
    for path in ["/proxies", "/populate", "/proxies/p", "/proxies/p/toxics"] {
        let head = format!("POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", api.at);
        let told = api.raw(&format!("{head}Content-Length: 1099511627776\r\n\r\n{{"));
        assert_eq!(told.status, 413, "{path}");
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000)).repeat(32);
        let told = api.raw(&format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}"));
        assert_eq!(told.status, 413, "{path} in chunks");
    }
    let headers = "X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(10_000);
    let told = api.raw(&format!("GET /proxies HTTP/1.1\r\n{headers}\r\n"));
    assert_eq!(told.status, 431);
    assert!(api.running.peak() < before + 16 * 1024, "{} KiB", api.running.peak());
}

#[test]
fn n26_deep_json_and_wrong_json_are_refused() {
    let api = Api::start();
    let deep = "[".repeat(200_000);
    let nested = format!(r#"{{"name":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let (open, close) = (r#"{"a":"#.repeat(1000), "}".repeat(1000));
    let maps = format!("{open}1{close}");
    for body in [deep.as_str(), &nested, &maps, "", "null", "7", "[]", "{", "{\"name\":7}", "\0"] {
        for path in ["/proxies", "/populate"] {
            if (path, body) != ("/populate", "[]") {
                let refusal = api.told(400, "POST", path, body);
                assert!(field(&refusal, "error").starts_with("bad request body: "), "{refusal}");
            }
        }
    }
    assert_eq!(api.told(201, "POST", "/populate", "[]"), r#"{"proxies":[]}"#);
}

#[test]
fn ten_thousand_toxics_and_proxies_are_more_than_there_may_be() {
    let api = Api::start();
    api.proxy("p", "127.0.0.1:9");
    let mut statuses = Vec::new();
    for number in 0..10_000 {
        let body = format!(r#"{{"name":"t{number}","type":"latency"}}"#);
        statuses.push(api.ask("POST", "/proxies/p/toxics", &body).status);
    }
    let taken = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!((taken, statuses.last()), (32, Some(&400)));
    let drafts: Vec<String> = (0..PROXIES + 10)
        .map(|number| format!(r#"{{"name":"{number}","upstream":"127.0.0.1:9","enabled":false}}"#))
        .collect();
    let body = api.told(400, "POST", "/populate", &format!("[{}]", drafts.join(",")));
    assert_eq!(field(&body, "error"), "256 proxies are the most");
    assert!(api.running.peak() < 100 * 1024, "{} KiB", api.running.peak());
}

#[test]
fn n57_names_are_keys_and_nothing_else() {
    let api = Api::start();
    for name in [r"a\u0000b", r"a\nb", r"\u001b[2J", r"\u0085"] {
        let body = format!(r#"{{"name":"{name}","upstream":"127.0.0.1:9"}}"#);
        api.told(400, "POST", "/proxies", &body);
        let body = format!(r#"{{"type":"latency","name":"{name}"}}"#);
        api.told(404, "POST", "/proxies/p/toxics", &body);
    }
    for (name, path) in [
        ("../", "%2e%2e%2F"),
        ("../../etc/passwd", "..%2F..%2Fetc%2Fpasswd"),
        ("数据库", "%E6%95%B0%E6%8D%AE%E5%BA%93"),
        ("a b?c#d", "a%20b%3Fc%23d"),
        ("relay\u{202e}", "relay%E2%80%AE"),
    ] {
        api.proxy(name, "127.0.0.1:9");
        let body = api.told(200, "GET", &format!("/proxies/{path}"), "");
        assert_eq!(field(&body, "name"), name);
        api.told(204, "DELETE", &format!("/proxies/{path}"), "");
    }
    let said = String::from_utf8(api.running.err.so_far()).expect("text");
    assert!(!said.contains('\u{202e}') && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn what_is_taken_is_said_to_be() {
    let api = Api::start();
    let taken = TcpListener::bind("127.0.0.1:0").expect("bound");
    let at = taken.local_addr().expect("bound");
    let body = format!(r#"{{"name":"p","listen":"{at}","upstream":"127.0.0.1:9"}}"#);
    let refusal = api.told(500, "POST", "/proxies", &body);
    assert!(field(&refusal, "error").contains("address already in use"), "{refusal}");
    api.told(404, "GET", "/proxies/p", "");
    let own = api.proxy("p", "127.0.0.1:9");
    api.told(409, "POST", "/proxies", r#"{"name":"p","upstream":"127.0.0.1:9"}"#);
    let body = format!(r#"{{"listen":"{at}"}}"#);
    api.told(500, "PATCH", "/proxies/p", &body);
    // It could not move, and says so; it can go back.
    assert_eq!(field(&api.told(200, "GET", "/proxies/p", ""), "enabled"), "false");
    let body = format!(r#"{{"listen":"{own}","enabled":true}}"#);
    assert_eq!(field(&api.told(200, "PATCH", "/proxies/p", &body), "listen"), own);
    for upstream in ["exec:id", "file:/etc/passwd", "unix:/run/docker.sock", "serial:/dev/tty0"] {
        let body = format!(r#"{{"upstream":"{upstream}"}}"#);
        let refusal = api.told(400, "PATCH", "/proxies/p", &body);
        assert!(field(&refusal, "error").contains("may not be"), "{refusal}");
    }
    assert_eq!(field(&api.told(200, "GET", "/proxies/p", ""), "enabled"), "true");
}

#[test]
fn n23_noise_is_no_request() {
    let api = Api::start();
    for noise in
        ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}", "🦀 / HTTP/1.1\r\n\r\n"]
    {
        let mut socket = call(&api.at);
        drop(socket.write_all(noise.as_bytes()));
        drop(socket.shutdown(std::net::Shutdown::Write));
        let mut all = Vec::new();
        drop(socket.read_to_end(&mut all));
        assert!(!all.starts_with(b"HTTP/1.1 2"), "{noise:?}");
    }
    api.told(200, "GET", "/proxies", "");
}
