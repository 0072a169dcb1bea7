//! Who may ask what: rows by hand.

use crate::harness::desk::{Desk, call, exchange};

/// A workbench, a token that may act, and how it is asked.
struct Hand {
    desk: Desk,
    act: String,
}

impl Hand {
    fn new() -> Self {
        let desk = Desk::start();
        let act = desk.tokens().0;
        Self { desk, act }
    }

    /// Asks for that with these header lines, `{at}` the address, `{port}` ours and `{other}`
    /// another; wants that status.
    #[track_caller]
    fn told(&self, asked: &str, headers: &[&str], status: u16) {
        let port = self.desk.running.port();
        let lines: String = headers.iter().flat_map(|line| [*line, "\r\n"]).collect();
        let request = format!("{asked} HTTP/1.1\r\n{lines}Content-Length: 0\r\n\r\n")
            .replace("{at}", &self.desk.at)
            .replace("{port}", &port.to_string())
            .replace("{other}", &(port ^ 1).to_string())
            .replace("{act}", &self.act);
        let told = exchange(&mut call(&self.desk.at), &request);
        assert_eq!(told.status, status, "{request}\n{told:?}");
        // The refused ones too.
        let policy = told.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("trusted-types"));
        for (name, value) in [
            ("x-content-type-options", Some("nosniff")),
            ("referrer-policy", Some("no-referrer")),
            ("cross-origin-opener-policy", Some("same-origin")),
            ("cross-origin-resource-policy", Some("same-origin")),
            ("server", None),
            ("set-cookie", None),
            ("access-control-allow-origin", None),
        ] {
            assert_eq!(told.header(name), value, "{name} of {request}");
        }
        if status >= 400 {
            let (refusal, code) = (told.json(), told.field("code"));
            assert!(code.starts_with("E-") && !told.field("text").is_empty(), "{refusal}");
            assert!(refusal.get("hint").is_some() && refusal.get("field").is_some(), "{refusal}");
        }
    }

    /// The same of `/api/about`, with a token.
    #[track_caller]
    fn about(&self, headers: &[&str], status: u16) {
        let token = format!("Authorization: Bearer {}", self.act);
        self.told("GET /api/about", &[headers, &[&token]].concat(), status);
    }
}

#[test]
fn n71_names_that_were_pointed_here_and_hosts_that_look_like_ours_are_refused() {
    let hand = Hand::new();
    for host in ["{at}", "[::1]:{port}", "LOCALHOST:{port}", "127.9.9.9:{port}"] {
        hand.about(&[&format!("Host: {host}")], 200);
    }
    for host in [
        "evil.example:{port}",
        "localhost.evil.example:{port}",
        "127.0.0.1.evil.example:{port}",
        "localhost.:{port}",
        "localhost:{other}",
        "localhost:0{port}",
        "user@localhost:{port}",
        "localhost",
        "0.0.0.0:{port}",
        "[::]:{port}",
        "192.0.2.1:{port}",
        "2130706433:{port}",
        ":{port}",
        "",
    ] {
        hand.about(&[&format!("Host: {host}")], 403);
    }
    hand.about(&[], 403);
    hand.about(&["Host: {at}", "Host: evil.example:{port}"], 403);
    hand.about(&["Host: {at}", "Host: {at}"], 403);
    hand.told("GET http://evil.example/", &["Host: {at}"], 403);
    hand.told("GET http://{at}/", &["Host: evil.example:{port}"], 403);
    hand.told("GET http://{at}/", &["Host: {at}"], 200);
    hand.told("GET http://{at}/api/about", &["Host: {at}"], 401);
}

#[test]
fn n72_pages_of_other_origins_and_of_other_ports_are_refused() {
    let hand = Hand::new();
    hand.about(&["Host: {at}", "Origin: http://{at}"], 200);
    hand.about(&["Host: localhost:{port}", "Origin: http://localhost:{port}"], 200);
    for origin in [
        "http://127.0.0.1:{other}",
        "http://localhost:{port}",
        "https://{at}",
        "http://{at}/",
        "http://evil.example",
        "http://{at}.evil.example",
        "file://",
        "null",
        "",
    ] {
        hand.about(&["Host: {at}", &format!("Origin: {origin}")], 403);
        hand.told("POST /api/enter", &["Host: {at}", &format!("Origin: {origin}")], 403);
    }
    hand.about(&["Host: {at}", "Origin: http://{at}", "Origin: http://evil.example"], 403);
    for site in ["same-site", "cross-site", "none", "Same-Origin", "x", ""] {
        hand.about(&["Host: {at}", &format!("Sec-Fetch-Site: {site}")], 403);
    }
    hand.about(&["Host: {at}", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none"], 403);
}

#[test]
fn n72_the_page_is_shown_in_no_other_page_and_reached_by_no_link() {
    let hand = Hand::new();
    hand.told("GET /", &["Host: {at}", "Sec-Fetch-Site: none", "Sec-Fetch-Dest: document"], 200);
    hand.told("GET /", &["Host: {at}", "Sec-Fetch-Site: same-origin"], 200);
    for site in ["cross-site", "same-site"] {
        let site = format!("Sec-Fetch-Site: {site}");
        hand.told("GET /", &["Host: {at}", &site, "Sec-Fetch-Mode: navigate"], 403);
    }
    for dest in ["iframe", "frame", "embed", "object", "fencedframe"] {
        let dest = format!("Sec-Fetch-Dest: {dest}");
        hand.told("GET /", &["Host: {at}", &dest], 403);
        hand.told("GET /", &["Host: {at}", "Sec-Fetch-Site: same-origin", &dest], 403);
        hand.about(&["Host: {at}", &dest], 403);
    }
}

#[test]
fn paths_that_look_like_others_are_what_they_are() {
    let hand = Hand::new();
    for (asked, status) in [
        ("GET //api/about", 404),
        ("GET /%61pi/about", 404),
        ("GET /API/about", 404),
        ("GET /apis", 404),
        ("GET /api", 401),
        ("GET /api/", 401),
        ("GET /api/none", 401),
        ("GET /api/enter/", 401),
        ("GET /api/../index.html", 401),
        ("GET /../Cargo.toml", 404),
        ("GET /..%2fCargo.toml", 404),
        ("GET /%2e%2e/Cargo.toml", 404),
        ("GET /etc/passwd", 404),
        ("GET /jsconfig.json", 404),
        ("GET /core", 404),
        ("GET /words/en.json", 200),
        ("GET /words/zh-CN.json", 200),
        ("GET /words/de.json", 404),
        ("GET /words/..%2f..%2fx.json", 404),
        ("POST /words/en.json", 405),
        ("TRACE /", 405),
        ("PATCH /api/about", 405),
        ("OPTIONS *", 405),
    ] {
        hand.told(asked, &["Host: {at}"], status);
    }
    hand.told("GET /api/none", &["Host: {at}", "Authorization: Bearer {act}"], 404);
}

#[test]
fn a_token_is_shown_in_one_way_alone() {
    let hand = Hand::new();
    let about = |headers: &[&str], status| hand.told("GET /api/about", headers, status);
    about(&["Host: {at}", "Authorization: bearer {act}"], 200);
    about(&["Host: {at}", "Authorization: Basic {act}"], 401);
    about(&["Host: {at}", "Authorization: {act}"], 401);
    about(&["Host: {at}", "Authorization: Bearer  {act}"], 401);
    about(&["Host: {at}", "Authorization: Bearer "], 401);
    about(&["Host: {at}", "Authorization: Bearer {act}", "Authorization: Bearer x"], 401);
    about(&["Host: {at}", "Cookie: token={act}"], 401);
    about(&["Host: {at}", "Sec-WebSocket-Protocol: bearer.{act}"], 401);
    hand.told("GET /api/about?token={act}", &["Host: {at}"], 401);
}

#[test]
fn a_websocket_of_a_browser_names_its_page_and_it_is_ours() {
    let desk = Desk::start();
    let (act, _) = desk.tokens();
    let at = &desk.at;
    let own = format!("Origin: http://{at}\r\n");
    for (headers, status) in [
        (String::new(), 101),
        (own.clone(), 101),
        (format!("{own}User-Agent: Mozilla/5.0\r\nSec-Fetch-Site: same-origin\r\n"), 101),
        (format!("{own}Sec-Fetch-Mode: websocket\r\nSec-Fetch-Dest: websocket\r\n"), 101),
        ("User-Agent: Mozilla/5.0\r\n".to_owned(), 403),
        ("Sec-Fetch-Mode: websocket\r\n".to_owned(), 403),
        ("Sec-Fetch-Dest: websocket\r\n".to_owned(), 403),
        ("Origin: http://evil.example\r\n".to_owned(), 403),
        ("Origin: null\r\n".to_owned(), 403),
        (format!("Origin: ws://{at}\r\n"), 403),
        (format!("{own}Sec-Fetch-Site: cross-site\r\n"), 403),
        (format!("{own}Sec-Fetch-Site: same-site\r\n"), 403),
    ] {
        let request = format!(
            "GET /api/watch HTTP/1.1\r\nHost: {at}\r\n{headers}Connection: keep-alive, Upgrade\r\n\
             Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: sockeye.1, bearer.{act}\r\n\r\n"
        );
        let told = exchange(&mut call(at), &request);
        assert_eq!(told.status, status, "{headers}\n{told:?}");
        if status == 101 {
            // The example of RFC 6455, 1.3.
            let accept = Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            assert_eq!(told.header("sec-websocket-accept"), accept);
            assert_eq!(told.header("sec-websocket-protocol"), Some("sockeye.1"));
        }
    }
}
