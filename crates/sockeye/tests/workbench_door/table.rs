//! Who may ask what: every combination, against rules that know nothing of how the door is
//! made; and rows by hand.

use std::net::TcpStream;

use crate::desk::{Answer, Desk, bearer, call, exchange};

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];

const SITES: [Option<&str>; 5] =
    [None, Some("same-origin"), Some("none"), Some("same-site"), Some("cross-site")];

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Page,
    Enter,
    About,
    Socket,
}

const WHATS: [What; 4] = [What::Page, What::Enter, What::About, What::Socket];

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Nobody,
    Stranger,
    Looker,
    Actor,
}

const WHOS: [Who; 4] = [Who::Nobody, Who::Stranger, Who::Looker, Who::Actor];

#[derive(Debug)]
struct Row<'a> {
    method: &'a str,
    what: What,
    host: Option<&'a str>,
    origin: Option<&'a str>,
    site: Option<&'a str>,
    who: Who,
}

/// The rules.
fn expected(row: &Row<'_>, own: &[&str]) -> u16 {
    let Some(host) = row.host.filter(|host| own.contains(host)) else { return 403 };
    let same = format!("http://{host}");
    if row.origin.is_some_and(|origin| origin != same) {
        return 403;
    }
    if matches!(row.site, Some("same-site" | "cross-site")) {
        return 403;
    }
    if row.site == Some("none") && row.what != What::Page {
        return 403;
    }
    if row.what == What::Socket && row.site.is_some() && row.origin.is_none() {
        return 403;
    }
    let looks = matches!(row.method, "GET" | "HEAD");
    let answered = match row.what {
        What::Page => looks,
        What::Socket => row.method == "GET",
        What::Enter | What::About => row.method != "OPTIONS",
    };
    match (row.what, row.who) {
        _ if !answered => 405,
        (What::Page, _) => 200,
        // An empty body is no code.
        (What::Enter, _) => {
            if row.method == "POST" {
                400
            } else {
                405
            }
        }
        (_, Who::Nobody | Who::Stranger) => 401,
        (What::Socket, _) => 101,
        (What::About, Who::Looker) if !looks => 403,
        (What::About, _) => {
            if looks {
                200
            } else {
                405
            }
        }
    }
}

impl Row<'_> {
    fn written(&self, tokens: &(String, String)) -> String {
        let path = match self.what {
            What::Page => "/",
            What::Enter => "/api/enter",
            What::About => "/api/about",
            What::Socket => "/api/watch",
        };
        let mut text = format!("{} {path} HTTP/1.1\r\nContent-Length: 0\r\n", self.method);
        let named = [("Host", self.host), ("Origin", self.origin), ("Sec-Fetch-Site", self.site)];
        for (name, value) in named {
            text.extend(value.map(|value| format!("{name}: {value}\r\n")));
        }
        let token = match self.who {
            Who::Nobody => None,
            Who::Stranger => Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            Who::Actor => Some(tokens.0.as_str()),
            Who::Looker => Some(tokens.1.as_str()),
        };
        if self.what == What::Socket {
            text.push_str(
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                 Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: sockeye.1",
            );
            text.extend(token.map(|token| format!(", bearer.{token}")));
            text.push_str("\r\n");
        } else {
            text.extend(token.map(bearer));
        }
        text.push_str("\r\n");
        text
    }
}

/// Asks over one connection as long as it lasts.
fn ask(desk: &Desk, kept: &mut Option<TcpStream>, request: &str) -> Answer {
    let mut socket = kept.take().unwrap_or_else(|| call(&desk.at));
    let answer = exchange(&mut socket, request);
    if answer.status != 101 && answer.header("connection") != Some("close") {
        *kept = Some(socket);
    }
    answer
}

#[test]
fn every_combination_of_method_path_host_origin_site_and_token_is_answered_by_the_rules() {
    let desk = Desk::start();
    let tokens = desk.tokens();
    let port = desk.running.port();
    let (ip, name) = (format!("127.0.0.1:{port}"), format!("localhost:{port}"));
    let (evil, other) = (format!("evil.example:{port}"), format!("127.0.0.1:{}", port ^ 1));
    let own = [ip.as_str(), name.as_str()];
    let hosts = [Some(ip.as_str()), Some(&name), Some(&evil), Some(&other), None];
    let origins = [ip.clone(), name.clone(), evil.clone(), other.clone()];
    let origins = origins.map(|host| format!("http://{host}"));
    let mut origins: Vec<Option<&str>> =
        origins.iter().map(|origin| Some(origin.as_str())).collect();
    origins.extend([None, Some("null")]);
    let (mut kept, mut rows, mut seen) = (None, 0, std::collections::BTreeMap::new());
    for method in METHODS {
        for what in WHATS {
            for host in hosts {
                for &origin in &origins {
                    for site in SITES {
                        for who in WHOS {
                            let row = Row { method, what, host, origin, site, who };
                            let told = ask(&desk, &mut kept, &row.written(&tokens));
                            assert_eq!(told.status, expected(&row, &own), "{row:?}\n{told:?}");
                            rows += 1;
                            *seen.entry(told.status).or_insert(0) += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(rows, 6 * 4 * 5 * 6 * 5 * 4);
    // The rules are no empty ones.
    let all: Vec<u16> = seen.keys().copied().collect();
    assert_eq!(all, [101, 200, 400, 401, 403, 405], "{seen:?}");
}

#[test]
fn n71_n72_rows_by_hand() {
    let desk = Desk::start();
    let (act, _) = desk.tokens();
    let (at, port) = (&desk.at, desk.running.port());
    let other = port ^ 1;
    let about =
        |headers: String| format!("GET /api/about HTTP/1.1\r\n{}{headers}\r\n", bearer(&act));
    let page = |headers: String| format!("GET / HTTP/1.1\r\n{headers}\r\n");
    for (request, status) in [
        (about(format!("Host: {at}\r\n")), 200),
        (about(format!("Host: [::1]:{port}\r\n")), 200),
        (about(format!("Host: LOCALHOST:{port}\r\nOrigin: http://localhost:{port}\r\n")), 200),
        // Names that were pointed here, and what looks like ours.
        (about(format!("Host: localhost.evil.example:{port}\r\n")), 403),
        (about(format!("Host: 127.0.0.1.evil.example:{port}\r\n")), 403),
        (about(format!("Host: localhost:{other}\r\n")), 403),
        (about(format!("Host: user@localhost:{port}\r\n")), 403),
        (about("Host: localhost\r\n".to_owned()), 403),
        (about(format!("Host: 0.0.0.0:{port}\r\n")), 403),
        (about(format!("Host: 192.0.2.1:{port}\r\n")), 403),
        (about(format!("Host: {at}\r\nHost: evil.example:{port}\r\n")), 403),
        (about(format!("Host: {at}\r\nHost: {at}\r\n")), 403),
        (about(String::new()), 403),
        // Another port of this host is another origin, and the same site.
        (about(format!("Host: {at}\r\nOrigin: http://127.0.0.1:{other}\r\n")), 403),
        (about(format!("Host: {at}\r\nOrigin: https://{at}\r\n")), 403),
        (about(format!("Host: {at}\r\nOrigin: http://localhost:{port}\r\n")), 403),
        (about(format!("Host: {at}\r\nOrigin: http://{at}\r\nOrigin: http://evil\r\n")), 403),
        (about(format!("Host: {at}\r\nOrigin: \r\n")), 403),
        (about(format!("Host: {at}\r\nOrigin: http://{at}/\r\n")), 403),
        (about(format!("Host: {at}\r\nSec-Fetch-Site: same-site\r\n")), 403),
        (about(format!("Host: {at}\r\nSec-Fetch-Site: Same-Origin\r\n")), 403),
        (
            about(format!("Host: {at}\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Site: none\r\n")),
            403,
        ),
        // A form's POST and a link from elsewhere.
        (
            page(format!(
                "Host: {at}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"
            )),
            403,
        ),
        (
            format!(
                "POST /api/enter HTTP/1.1\r\nHost: {at}\r\nOrigin: null\r\nContent-Length: 0\r\n\r\n"
            ),
            403,
        ),
        // Inside another page, whoever's.
        (page(format!("Host: {at}\r\nSec-Fetch-Site: none\r\nSec-Fetch-Dest: document\r\n")), 200),
        (
            page(format!(
                "Host: {at}\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Dest: iframe\r\n"
            )),
            403,
        ),
        (page(format!("Host: {at}\r\nSec-Fetch-Dest: frame\r\n")), 403),
        (page(format!("Host: {at}\r\nSec-Fetch-Dest: embed\r\n")), 403),
        (page(format!("Host: {at}\r\nSec-Fetch-Dest: object\r\n")), 403),
        // The target in full.
        (format!("GET http://evil.example/ HTTP/1.1\r\nHost: {at}\r\n\r\n"), 403),
        (format!("GET http://{at}/ HTTP/1.1\r\nHost: {at}\r\n\r\n"), 200),
        (format!("GET http://{at}/api/about HTTP/1.1\r\nHost: {at}\r\n\r\n"), 401),
        // Paths that look like others.
        (format!("GET //api/about HTTP/1.1\r\nHost: {at}\r\n\r\n"), 404),
        (format!("GET /%61pi/about HTTP/1.1\r\nHost: {at}\r\n\r\n"), 404),
        (format!("GET /api HTTP/1.1\r\nHost: {at}\r\n\r\n"), 401),
        (format!("GET /api/enter/ HTTP/1.1\r\nHost: {at}\r\n\r\n"), 401),
        (format!("GET /../Cargo.toml HTTP/1.1\r\nHost: {at}\r\n\r\n"), 404),
        (format!("GET /..%2fCargo.toml HTTP/1.1\r\nHost: {at}\r\n\r\n"), 404),
        (format!("GET /jsconfig.json HTTP/1.1\r\nHost: {at}\r\n\r\n"), 404),
        (format!("GET /words/en.json HTTP/1.1\r\nHost: {at}\r\n\r\n"), 200),
        (format!("GET /words/de.json HTTP/1.1\r\nHost: {at}\r\n\r\n"), 404),
        (format!("GET /words/..%2f..%2fx.json HTTP/1.1\r\nHost: {at}\r\n\r\n"), 404),
        // Other ways to show a token.
        (format!("GET /api/about?token={act} HTTP/1.1\r\nHost: {at}\r\n\r\n"), 401),
        (format!("GET /api/about HTTP/1.1\r\nHost: {at}\r\nCookie: token={act}\r\n\r\n"), 401),
        (
            format!("GET /api/about HTTP/1.1\r\nHost: {at}\r\nAuthorization: Basic {act}\r\n\r\n"),
            401,
        ),
        (about(format!("Host: {at}\r\n{}", bearer("other"))), 401),
        (
            format!(
                "GET /api/about HTTP/1.1\r\nHost: {at}\r\nSec-WebSocket-Protocol: bearer.{act}\r\n\r\n"
            ),
            401,
        ),
    ] {
        let told = exchange(&mut call(at), &request);
        assert_eq!(told.status, status, "{request}\n{told:?}");
        // The refused ones too.
        assert!(
            told.header("content-security-policy")
                .is_some_and(|csp| csp.contains("default-src 'none'"))
        );
        assert_eq!(told.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(told.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(told.header("cross-origin-opener-policy"), Some("same-origin"));
        assert_eq!(told.header("cross-origin-resource-policy"), Some("same-origin"));
        assert_eq!(
            (told.header("server"), told.header("access-control-allow-origin")),
            (None, None)
        );
        assert!(told.header("set-cookie").is_none());
        if status >= 400 {
            let refusal = told.json();
            assert!(
                refusal["code"].as_str().is_some_and(|code| code.starts_with("E-")),
                "{refusal}"
            );
            assert!(refusal["text"].is_string() && refusal.get("hint").is_some(), "{refusal}");
        }
    }
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
