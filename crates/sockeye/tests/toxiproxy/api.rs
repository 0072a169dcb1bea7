//! `sockeye relay --toxiproxy` as one asks it: HTTP by hand, over plain sockets. No test is
//! in here.

#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(unreachable_pub, reason = "a module shared by test binaries has no outside")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::harness::{LONG, Running, words};

/// A server of the API.
pub struct Api {
    pub running: Running,
    /// `127.0.0.1:PORT`.
    pub at: String,
}

/// Status and body of an answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Api {
    /// A server without proxies.
    pub fn start() -> Self {
        let running = words("relay --toxiproxy 127.0.0.1:0").start();
        let at = running.at();
        Self { running, at }
    }

    /// The answer to one request.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        let at = &self.at;
        let length = body.len();
        self.raw(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// The answer to these bytes.
    pub fn raw(&self, request: &str) -> Answer {
        let mut socket = call(&self.at);
        // Who refuses a request may not read it to its end.
        drop(socket.write_all(request.as_bytes()));
        answer(socket)
    }

    /// Asks, and wants that status.
    pub fn told(&self, status: u16, method: &str, path: &str, body: &str) -> String {
        let answer = self.ask(method, path, body);
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.body);
        answer.body
    }

    /// A new proxy; returns where it listens.
    pub fn proxy(&self, name: &str, upstream: &str) -> String {
        let body = format!(r#"{{"name":"{name}","upstream":"{upstream}"}}"#);
        field(&self.told(201, "POST", "/proxies", &body), "listen")
    }

    /// A toxic on the proxy `p`.
    pub fn toxic(&self, body: &str) {
        self.told(200, "POST", "/proxies/p/toxics", body);
    }
}

/// A field of an object.
pub fn field(body: &str, name: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let field = value.get(name).unwrap_or_else(|| panic!("no `{name}` in {body}"));
    field.as_str().map_or_else(|| field.to_string(), str::to_owned)
}

/// A connection that gives up after a long time.
pub fn call(at: &str) -> TcpStream {
    let socket = TcpStream::connect(at).unwrap_or_else(|error| panic!("{at}: {error}"));
    socket.set_read_timeout(Some(LONG)).expect("set");
    socket.set_write_timeout(Some(LONG)).expect("set");
    socket
}

/// All that comes until the end, as an answer.
pub fn answer(mut socket: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let ended = socket.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) =
        text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?} {ended:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer { status: status.expect("a status"), body: body.to_owned() }
}

/// An echo server, and where it is.
pub fn echo() -> (Running, String) {
    let echo = words("listen 127.0.0.1:0 --reply echo").start();
    let at = echo.at();
    (echo, at)
}
