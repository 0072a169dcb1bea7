//! Who may ask what: every combination, against rules that know nothing of how the door is
//! made.

use std::net::TcpStream;

use crate::harness::desk::{Answer, Desk, bearer, call, exchange};

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
