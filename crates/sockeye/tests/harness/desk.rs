//! A workbench that runs, and raw requests to it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{LONG, Running, sockeye};

/// A workbench, and its folder.
pub struct Desk {
    pub running: Running,
    /// `127.0.0.1:PORT`.
    pub at: String,
    pub folder: TempDir,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// As text, for those who know that it is one.
    pub body: String,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(own, _)| own == name);
        found.next().map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn field(&self, name: &str) -> String {
        let value = self.json();
        let field = value.get(name).and_then(Value::as_str);
        field.unwrap_or_else(|| panic!("no {name}: {self:?}")).to_owned()
    }
}

/// A workbench with that folder and these arguments besides.
pub fn start(data: &Path, args: &[&str]) -> Running {
    let data = data.to_str().expect("text");
    let all = ["workbench", "--no-open", "--data", data].into_iter().chain(args.iter().copied());
    sockeye(all).start()
}

/// The code of the link that it prints.
pub fn code(running: &Running) -> String {
    let link = running.err.until(LONG, |bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let rest = text.split_once("\nopen ")?.1.to_owned();
        rest.split_once('\n').map(|(link, _)| link.to_owned())
    });
    let link = link.expect("a link");
    link.split_once("/#").expect("a code").1.to_owned()
}

impl Desk {
    pub fn start() -> Self {
        Self::with(&[])
    }

    pub fn with(args: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let args = [&["--listen", "127.0.0.1:0"], args].concat();
        let running = start(folder.path(), &args);
        let at = running.at();
        Self { running, at, folder }
    }

    pub fn code(&self) -> String {
        code(&self.running)
    }

    /// A token for a code.
    pub fn enter(&self, code: &str) -> String {
        let answer = self.ask("POST", "/api/enter", "", &format!(r#"{{"code":"{code}"}}"#));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.field("token")
    }

    /// A token that may act, and one that may look.
    pub fn tokens(&self) -> (String, String) {
        let act = self.enter(&self.code());
        let shared = self.ask("POST", "/api/share", &bearer(&act), r#"{"may":"look"}"#);
        let link = shared.field("link");
        let look = self.enter(link.split_once("/#").expect("a code").1);
        (act, look)
    }

    /// A request to our own host, with more header lines.
    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            self.at,
            body.len()
        );
        exchange(&mut call(&self.at), &request)
    }
}

pub fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

pub fn call(at: &str) -> TcpStream {
    let socket = TcpStream::connect(at).expect("it listens");
    socket.set_read_timeout(Some(LONG)).expect("a time");
    socket
}

/// Sends a request, and reads its answer. The connection may be used on.
pub fn exchange(socket: &mut TcpStream, request: &str) -> Answer {
    // Who is refused early need not take it all.
    drop(socket.write_all(request.as_bytes()));
    answer(socket, request.starts_with("HEAD "))
}

/// Reads one answer.
pub fn answer(socket: &mut TcpStream, bodiless: bool) -> Answer {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        let count = socket.read(&mut byte).expect("an answer");
        assert!(count == 1, "cut off after {:?}", String::from_utf8_lossy(&head));
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("text");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut answer = Answer {
        status: status.expect("a status"),
        headers,
        body: String::new(),
        bytes: Vec::new(),
    };
    let length =
        answer.header("content-length").map_or(0, |length| length.parse().expect("a number"));
    if !bodiless && !matches!(answer.status, 101 | 204 | 304) {
        answer.bytes = vec![0; length];
        socket.read_exact(&mut answer.bytes).expect("the body");
        answer.body = String::from_utf8_lossy(&answer.bytes).into_owned();
    }
    answer
}
