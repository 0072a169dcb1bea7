//! What a page does: it asks with its token, and reads JSON. No test is in here.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use serde_json::{Value, json};

use crate::harness::desk::{Answer, Desk, bearer};
use crate::harness::{LONG, ports};

/// A page that may act.
pub(crate) struct Page {
    pub(crate) desk: Desk,
    pub(crate) token: String,
}

impl Page {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(args: &[&str]) -> Self {
        let desk = Desk::with(args);
        let token = desk.enter(&desk.code());
        Self { desk, token }
    }

    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        self.desk.ask(method, path, &bearer(&self.token), body)
    }

    /// What is at that path.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, "");
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    /// The bytes at that path, and how many there are in all.
    #[track_caller]
    pub(crate) fn octets(&self, path: &str) -> (Vec<u8>, u64) {
        let answer = self.ask("GET", path, "");
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let total = answer.header("sockeye-length").and_then(|text| text.parse().ok());
        let total = total.unwrap_or(answer.bytes.len() as u64);
        (answer.bytes, total)
    }

    /// Does what is posted there; null where nothing is answered.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.ask("POST", path, &body.to_string());
        assert!((200..300).contains(&answer.status), "{path} {body}: {answer:?}");
        if answer.status == 204 { Value::Null } else { answer.json() }
    }

    /// Posts what is refused, and tells the status, the code and the field.
    #[track_caller]
    pub(crate) fn refused(&self, path: &str, body: &Value) -> (u16, String, Option<String>) {
        let answer = self.ask("POST", path, &body.to_string());
        // A question that may be half typed is answered with what is wrong with it.
        if let Some(refused) = answer.json().get("refused").filter(|_| answer.status == 200) {
            let text = |name: &str| refused[name].as_str().map(str::to_owned);
            let code = text("code").expect("a code");
            return (if code == "E-denied" { 403 } else { 400 }, code, text("field"));
        }
        assert!(answer.status >= 400, "{path} {body}: {answer:?}");
        assert!(!answer.field("text").is_empty(), "{answer:?}");
        let field = answer.json()["field"].as_str().map(str::to_owned);
        (answer.status, answer.field("code"), field)
    }

    /// Opens a draft; its run, with its number.
    #[track_caller]
    pub(crate) fn open(&self, draft: &Value) -> (u64, Value) {
        let answer = self.ask("POST", "/api/runs", &draft.to_string());
        assert_eq!(answer.status, 201, "{draft}: {}", answer.body);
        let run = answer.json();
        (number(&run["id"]), run)
    }

    /// A server on a port of its own, with more fields of a draft; its run, and its port.
    #[track_caller]
    pub(crate) fn listen(&self, more: Value) -> (u64, u16) {
        let mut draft = json!({"do": "listen", "endpoint": "tcp://127.0.0.1:0"});
        let (Value::Object(draft_fields), Value::Object(more)) = (&mut draft, more) else {
            panic!("a draft is an object");
        };
        draft_fields.extend(more);
        let (id, run) = self.open(&draft);
        (id, port(&run))
    }

    /// A client of ours that has called a server of the test's.
    #[track_caller]
    pub(crate) fn connect(&self, more: Value) -> (u64, TcpStream) {
        let server = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = server.local_addr().expect("an address");
        let mut draft = json!({"do": "connect", "endpoint": format!("tcp://{at}")});
        let (Value::Object(draft_fields), Value::Object(more)) = (&mut draft, more) else {
            panic!("a draft is an object");
        };
        draft_fields.extend(more);
        let (id, _) = self.open(&draft);
        let (peer, _) = server.accept().expect("a caller");
        peer.set_read_timeout(Some(LONG)).expect("a time");
        self.until(id, "its conversation", |run| run["open"] == 1);
        (id, peer)
    }

    #[track_caller]
    pub(crate) fn run(&self, id: u64) -> Value {
        self.get(&format!("/api/runs/{id}"))
    }

    /// Waits until the run is so.
    #[track_caller]
    pub(crate) fn until(&self, id: u64, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let due = Instant::now() + LONG;
        loop {
            let run = self.run(id);
            if is_so(&run) {
                return run;
            }
            assert!(Instant::now() < due, "waited in vain for {what}: {run}");
            std::thread::sleep(ports::LOOK_EVERY);
        }
    }

    /// Rows of a view, once the search has come to its end.
    #[track_caller]
    pub(crate) fn rows(&self, id: u64, query: &str) -> Value {
        let path = format!("/api/runs/{id}/rows?{query}");
        let mut rows = Value::Null;
        ports::until("the end of the search", || {
            rows = self.get(&path);
            rows["searched"] == rows["events"]
        });
        rows
    }

    /// Tells conversations of a run a text, or what else a message is.
    #[track_caller]
    pub(crate) fn send(&self, id: u64, to: &Value, message: &Value) -> Value {
        self.post(&format!("/api/runs/{id}/send"), &json!({"to": to, "message": message}))
    }

    /// The files of the runs that are on the disk, by name.
    pub(crate) fn tapes(&self) -> Vec<String> {
        let files =
            std::fs::read_dir(self.desk.folder.path().join("workbench/runs")).expect("a folder");
        let names = files.map(|file| file.expect("a file").file_name());
        let mut names: Vec<String> =
            names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

pub(crate) fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// The port of a run's endpoint.
pub(crate) fn port(run: &Value) -> u16 {
    let endpoint = run["endpoint"].as_str().unwrap_or_else(|| panic!("not open: {run}"));
    let port = endpoint.rsplit(':').next().and_then(|port| port.trim_end_matches('/').parse().ok());
    port.unwrap_or_else(|| panic!("no port in {endpoint}"))
}

/// Calls a port of this machine.
pub(crate) fn call(port: u16) -> TcpStream {
    let socket = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    socket.set_read_timeout(Some(LONG)).expect("a time");
    socket
}

/// Reads just so many bytes.
#[track_caller]
pub(crate) fn take(from: &mut impl std::io::Read, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    from.read_exact(&mut bytes).expect("so many bytes");
    bytes
}

#[track_caller]
pub(crate) fn put(socket: &mut TcpStream, bytes: impl AsRef<[u8]>) {
    socket.write_all(bytes.as_ref()).expect("sent");
}
