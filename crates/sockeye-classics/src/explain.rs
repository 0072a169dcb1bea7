//! What happens at each step, told as it happens, by the name of the call in which a Python
//! program would be. Only of what our own calls did and returned: what crossed the wire in
//! which segments is not seen from here.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use sockeye_net::error::NetError;
use sockeye_tape::event::{By, Dir, Event, How, Open, Role, What};
use sockeye_text::encoding::Encoding;
use sockeye_text::safe::one_line;

use crate::catalogue::{Program, Transport};
use crate::preset::{CLASSIC_RECV, Takes, takes};

/// How much of what came is shown, in bytes.
const SHOWN: usize = 40;
/// The last words of the programs: after one of them nothing is typed.
const WORDS: [&[u8]; 3] = [b"bye", b"q", b"Q"];
/// A recvfrom that has room for any datagram.
const RECVFROM: &str = "recvfrom(65535)";

const TCP_SOCKET: &str = "socket(AF_INET, SOCK_STREAM)";
const REUSE: &str =
    "setsockopt(SOL_SOCKET, SO_REUSEADDR, 1): before the bind, after it it is in vain";

/// Whose turn comes after a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// A typed line's.
    Typed,
    /// Nobody's that is waited for.
    Nobody,
}

/// Tells the steps of a run.
#[derive(Debug)]
pub struct Explainer {
    program: Program,
    settle: Duration,
    after: After,
    /// The sizes of the recvs, as in [`sockeye_workbench::plan::Plan::read_sizes`].
    reads: Vec<usize>,
    encoding: Encoding,
    /// The open conversations.
    coming: HashMap<u64, Coming>,
}

/// What came in a conversation since the last message.
#[derive(Debug)]
struct Coming {
    role: Role,
    recvs: u64,
    bytes: usize,
    /// Its first bytes: enough to know a last word.
    start: Vec<u8>,
    /// How many recvs have returned since it was opened.
    done: usize,
}

impl Coming {
    fn new(role: Role) -> Self {
        Self { role, recvs: 0, bytes: 0, start: Vec::new(), done: 0 }
    }
}

impl Explainer {
    /// Steps of that program, whose messages end by that silence.
    pub fn new(program: Program, settle: Duration, after: After) -> Self {
        let (reads, encoding) = (Vec::new(), Encoding::Auto);
        Self { program, settle, after, reads, encoding, coming: HashMap::new() }
    }

    /// The same, of a program whose recvs have these sizes: they are named.
    #[must_use]
    pub fn reading_by(self, reads: &[usize]) -> Self {
        Self { reads: reads.to_vec(), ..self }
    }

    /// The same, where texts are written so: they are shown beside their bytes.
    #[must_use]
    pub fn of_texts_in(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// A server stands at that address, as in `127.0.0.1:8888`; `asked` is what it was to be
    /// bound to, which is another one where the kernel was to choose the port.
    pub fn standing(program: Program, asked: &str, address: &str) -> Vec<String> {
        let bind = match (asked == address, python(asked), python(address)) {
            (true, _, at) => format!("bind({at})"),
            (false, asked, at) => format!("bind({asked}): the kernel chose the port, it is {at}"),
        };
        match program.row().transport {
            Transport::Tcp => vec![
                TCP_SOCKET.to_owned(),
                REUSE.to_owned(),
                bind,
                "listen(): the kernel accepts for us now, callers wait in the backlog".to_owned(),
            ],
            Transport::Udp => vec!["socket(AF_INET, SOCK_DGRAM)".to_owned(), bind],
        }
    }

    /// The server takes callers, or datagrams, from now on.
    pub fn waiting(program: Program) -> String {
        match program.row().transport {
            Transport::Tcp => {
                "accept() waits for a caller, or takes who is first in the queue".to_owned()
            }
            Transport::Udp => {
                format!("{RECVFROM} waits: no listen, no accept, nobody is connected")
            }
        }
    }

    /// A second server wants an address that is taken.
    pub fn in_use(address: &str) -> Vec<String> {
        let bind = format!("bind({}) raises OSError: the address is in use", python(address));
        vec![TCP_SOCKET.to_owned(), REUSE.to_owned(), bind]
    }

    /// What `connect_ex()` would have returned, where the system gave a number.
    pub fn failed(error: &NetError) -> Option<String> {
        let errno = match error {
            NetError::Io { source, .. } => source.raw_os_error(),
            NetError::AllFailed { tried, .. } => {
                tried.last().and_then(|(_, error)| error.raw_os_error())
            }
            _ => None,
        };
        errno.map(Self::not_connected)
    }

    /// A connect failed by that error of the system.
    fn not_connected(errno: i32) -> String {
        format!(
            "connect_ex() returned {errno}, no exception: who does not look at it goes on without \
             a connection; connect() would have raised"
        )
    }

    /// What there is to say of an event.
    pub fn event(&mut self, event: &Event<'_>) -> Vec<String> {
        let number = event.c;
        let lines = match &event.what {
            What::Open(open) => self.opened(number, open),
            What::In { bytes, from } => self.came(number, bytes, from.as_deref()),
            What::Out { bytes, to } => self.went(number, bytes.len(), to.as_deref()),
            What::Frame { dir: Dir::In, .. } => self.settled(number),
            What::Close(close) => self.closed(number, close.by, close.how),
            _ => Vec::new(),
        };
        lines.into_iter().map(|line| format!("#{number} {line}")).collect()
    }

    fn opened(&mut self, number: u64, open: &Open) -> Vec<String> {
        self.coming.insert(number, Coming::new(open.role));
        let (peer, local) = (python(&open.peer), python(&open.local));
        let greets = self.program == Program::GreetingChat;
        match (self.transport(), open.role) {
            (Transport::Tcp, Role::Accept) => {
                let mut lines =
                    vec![format!("accept() returned a new socket, connected to {peer}")];
                if !greets {
                    lines.push(format!("{} waits for what it sends", self.recv(0)));
                }
                lines
            }
            (Transport::Tcp, Role::Dial) => {
                let connect = match self.program {
                    Program::OpenClose => format!("connect_ex({peer}) returned 0"),
                    _ => format!("connect({peer})"),
                };
                let chosen = format!("{connect}: the kernel chose {local} for our side");
                let mut lines = vec![TCP_SOCKET.to_owned(), chosen];
                if greets {
                    lines.push(format!("{} waits: the server speaks first", self.recv(0)));
                }
                lines
            }
            (Transport::Udp, Role::Accept) => {
                vec![format!("{peer} is a new sender: nobody connected, one socket hears them all")]
            }
            (Transport::Udp, Role::Dial) => Self::datagram_socket(&peer, open),
        }
    }

    fn datagram_socket(peer: &str, open: &Open) -> Vec<String> {
        let local = python(&open.local);
        let socket = "socket(AF_INET, SOCK_DGRAM)".to_owned();
        let at: Option<SocketAddr> = open.local.parse().ok();
        if at.is_some_and(|at| at.ip().is_unspecified()) {
            let everywhere = "bind(('0.0.0.0', 0)): any port of ours; whoever hears it may answer";
            let allowed = "setsockopt(SOL_SOCKET, SO_BROADCAST, 1): or sendto() would raise \
                           PermissionError";
            return vec![socket, allowed.to_owned(), everywhere.to_owned()];
        }
        let connect = format!(
            "connect({peer}): nothing goes to the network by that; the kernel chose {local} for \
             our side, and lets in only what this peer sends"
        );
        vec![socket, connect]
    }

    fn came(&mut self, number: u64, bytes: &[u8], from: Option<&str>) -> Vec<String> {
        let shown = self.literal(bytes);
        let size = counted(bytes.len());
        if let Some(from) = from {
            let from = python(from);
            let line =
                format!("{RECVFROM} returned {size} from {from}: {shown}, one datagram, whole");
            return vec![line];
        }
        let done = self.coming.get(&number).map_or(0, |coming| coming.done);
        let mut line = format!("{} returned {size}: {shown}", self.recv(done));
        if bytes.len() > CLASSIC_RECV {
            line += "; recv(1024) would have returned the first 1024, the rest later";
        }
        let coming = self.coming.entry(number).or_insert_with(|| Coming::new(Role::Accept));
        coming.done += 1;
        coming.recvs += 1;
        coming.bytes += bytes.len();
        let room = 4_usize.saturating_sub(coming.start.len());
        coming.start.extend(bytes.iter().take(room));
        vec![line]
    }

    /// A message was found by silence.
    fn settled(&mut self, number: u64) -> Vec<String> {
        let Some(coming) = self.coming.get_mut(&number) else { return Vec::new() };
        let (recvs, bytes) = (coming.recvs, counted(coming.bytes));
        let last = WORDS.contains(&coming.start.as_slice());
        (coming.recvs, coming.bytes) = (0, 0);
        coming.start.clear();
        if self.transport() == Transport::Udp || recvs == 0 {
            return Vec::new();
        }
        let settle = self.settle;
        let how = format!("nothing marks a message's end: silent for {settle:?} or closed, so");
        let mut lines = vec![if recvs == 1 {
            format!("{how} what one recv returned is one message, {bytes}")
        } else {
            format!(
                "{how} the {bytes} of {recvs} recvs are one message; a classic program would \
                 have taken each recv for one"
            )
        }];
        if self.after == After::Typed && !last {
            lines.push("input() waits for a typed line".to_owned());
        }
        lines
    }

    fn went(&self, number: u64, count: usize, to: Option<&str>) -> Vec<String> {
        let size = counted(count);
        if self.transport() == Transport::Tcp {
            return vec![format!(
                "sendall() of {size}: the kernel has them, the peer need not have read them"
            )];
        }
        let to = to.map(python).unwrap_or_default();
        let mut lines = vec![format!("sendto({to}): one datagram of {size}")];
        let ours = self.coming.get(&number).is_some_and(|coming| coming.role == Role::Dial);
        if ours && self.program != Program::Broadcast {
            lines.push(format!("{RECVFROM} waits for an answer"));
        }
        lines
    }

    fn closed(&mut self, number: u64, by: By, how: How) -> Vec<String> {
        let coming = self.coming.remove(&number);
        let role = coming.as_ref().map(|coming| coming.role);
        if self.transport() == Transport::Udp {
            return match (role, how) {
                (Some(Role::Dial), How::Timer) => vec![
                    format!("{RECVFROM} raised TimeoutError: our own time limit"),
                    "close(): nothing is sent by that".to_owned(),
                ],
                (Some(Role::Dial), _) => vec!["close(): nothing is sent by that".to_owned()],
                _ => vec!["this peer is talked to no more; nothing tells it so".to_owned()],
            };
        }
        let recv = self.recv(coming.map_or(0, |coming| coming.done));
        let mut lines = match (by, how) {
            (By::Peer, How::Fin) => vec![
                format!("{recv} returned b'': the peer has closed its side"),
                "close()".to_owned(),
            ],
            (By::Peer, How::Rst) => vec![
                format!("{recv} raised ConnectionResetError: the peer cut it off"),
                "close()".to_owned(),
            ],
            (_, How::Timer) => vec!["close(): the time is up".to_owned()],
            (By::Peer, _) => vec!["close(): it broke".to_owned()],
            (By::Us, _) => vec!["close(): we are done".to_owned()],
        };
        if role == Some(Role::Accept) && takes(self.program) == Takes::InTurn {
            lines.push("accept() waits for the next caller".to_owned());
        }
        lines
    }

    /// The recv after `done` of them, by its size where that is known.
    fn recv(&self, done: usize) -> String {
        match self.reads.get(done).or(self.reads.last()) {
            Some(size) => format!("recv({size})"),
            None => "recv()".to_owned(),
        }
    }

    /// Bytes as Python writes them, and the text that they are, where one cannot see it.
    fn literal(&self, bytes: &[u8]) -> String {
        let start = bytes.get(..SHOWN).unwrap_or(bytes);
        let more = if start.len() < bytes.len() { "…" } else { "" };
        let literal = format!("b'{}'{more}", start.escape_ascii());
        // Text that is cut is not read: its last character may be.
        let text = self.encoding.decode(bytes).filter(|text| more.is_empty() && !text.is_ascii());
        match text {
            Some(text) => format!("{literal} ({})", one_line(&text)),
            None => literal,
        }
    }

    fn transport(&self) -> Transport {
        self.program.row().transport
    }
}

/// An address as Python writes it.
fn python(address: &str) -> String {
    match address.parse::<SocketAddr>() {
        Ok(address) => format!("('{}', {})", address.ip(), address.port()),
        Err(_) => format!("'{}'", sockeye_text::safe::one_line(address)),
    }
}

fn counted(bytes: usize) -> String {
    let plural = if bytes == 1 { "" } else { "s" };
    format!("{bytes} byte{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(explainer: &mut Explainer, what: What<'_>) -> String {
        explainer.event(&Event { t: Duration::ZERO, c: 1, what }).join("\n")
    }

    #[test]
    fn names_the_calls_of_a_server() {
        let at = "127.0.0.1:8888";
        let lines = Explainer::standing(Program::Chat, at, at);
        assert!(lines.contains(&"bind(('127.0.0.1', 8888))".to_owned()), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains("accept() waits")), "{lines:?}");
        let lines = Explainer::standing(Program::Chat, "127.0.0.1:0", at);
        let bind = "bind(('127.0.0.1', 0)): the kernel chose the port, it is ('127.0.0.1', 8888)";
        assert!(lines.contains(&bind.to_owned()), "{lines:?}");
    }

    #[test]
    fn shows_the_text_that_bytes_are() {
        let gbk = "gbk".parse().unwrap();
        let explainer = Explainer::new(Program::Thanks, Duration::ZERO, After::Nobody);
        assert_eq!(explainer.literal("你".as_bytes()), r"b'\xe4\xbd\xa0' (你)");
        assert_eq!(explainer.of_texts_in(gbk).literal(b"\xC4\xE3"), r"b'\xc4\xe3' (你)");
    }

    #[test]
    fn says_how_many_recvs_a_message_took() {
        let mut explainer = Explainer::new(Program::Chat, Duration::from_millis(50), After::Nobody);
        let read = |bytes: &'static [u8]| What::In { bytes: bytes.into(), from: None };
        assert_eq!(told(&mut explainer, read(b"hel")), "#1 recv() returned 3 bytes: b'hel'");
        told(&mut explainer, read(b"lo"));
        let line = told(&mut explainer, What::Frame { dir: Dir::In, off: 0, len: 5 });
        assert!(line.contains("the 5 bytes of 2 recvs are one message"), "{line}");
    }
}
