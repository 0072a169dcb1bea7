//! What happens at each step, told as it happens, by the name of the call in which a Python
//! program would be. Only of what our own calls did and returned: what crossed the wire in
//! which segments is not seen from here.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use sockeye_net::error::NetError;
use sockeye_tape::event::{By, Dir, Event, How, Open, Role, What};

use crate::catalogue::{Program, Transport};
use crate::preset::CLASSIC_RECV;

/// How much of what came is shown, in bytes.
const SHOWN: usize = 40;

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
    /// Of each open conversation, what came since the last message.
    coming: HashMap<u64, Coming>,
}

#[derive(Debug, Default)]
struct Coming {
    recvs: u64,
    bytes: usize,
}

impl Explainer {
    /// Steps of that program, whose messages end by that silence.
    pub fn new(program: Program, settle: Duration, after: After) -> Self {
        Self { program, settle, after, coming: HashMap::new() }
    }

    /// A server stands at that address, as in `127.0.0.1:8888`.
    pub fn standing(program: Program, address: &str) -> Vec<String> {
        let at = python(address);
        match program.row().transport {
            Transport::Tcp => vec![
                "socket(AF_INET, SOCK_STREAM)".to_owned(),
                "setsockopt(SOL_SOCKET, SO_REUSEADDR, 1): before the bind, after it it is in vain"
                    .to_owned(),
                format!("bind({at})"),
                "listen(): the kernel accepts for us now, callers wait in the backlog".to_owned(),
                "accept() waits for a caller".to_owned(),
            ],
            Transport::Udp => vec![
                "socket(AF_INET, SOCK_DGRAM)".to_owned(),
                format!("bind({at})"),
                "recvfrom() waits: no listen, no accept, nobody is connected".to_owned(),
            ],
        }
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
            What::Out { bytes, to } => vec![self.went(bytes.len(), to.as_deref())],
            What::Frame { dir: Dir::In, .. } => self.settled(number),
            What::Close(close) => self.closed(number, close.by, close.how),
            _ => Vec::new(),
        };
        lines.into_iter().map(|line| format!("#{number} {line}")).collect()
    }

    fn opened(&mut self, number: u64, open: &Open) -> Vec<String> {
        self.coming.insert(number, Coming::default());
        let peer = python(&open.peer);
        match (self.transport(), open.role) {
            (Transport::Tcp, Role::Accept) => {
                vec![
                    format!("accept() returned a new socket, connected to {peer}"),
                    "recv() waits for what it sends".to_owned(),
                ]
            }
            (Transport::Tcp, Role::Dial) => vec![
                "socket(AF_INET, SOCK_STREAM)".to_owned(),
                format!("connect({peer}): the kernel chose {} for our side", python(&open.local)),
            ],
            (Transport::Udp, Role::Accept) => {
                vec![format!("{peer} is a new sender: nobody connected, one socket hears them all")]
            }
            (Transport::Udp, Role::Dial) => {
                vec!["socket(AF_INET, SOCK_DGRAM): nothing goes to the network by that".to_owned()]
            }
        }
    }

    fn came(&mut self, number: u64, bytes: &[u8], from: Option<&str>) -> Vec<String> {
        let shown = literal(bytes);
        if let Some(from) = from {
            let from = python(from);
            return vec![format!(
                "recvfrom() returned {} bytes from {from}: {shown}, one datagram, whole",
                bytes.len()
            )];
        }
        let coming = self.coming.entry(number).or_default();
        coming.recvs += 1;
        coming.bytes += bytes.len();
        let mut line = format!("recv() returned {} bytes: {shown}", bytes.len());
        if bytes.len() > CLASSIC_RECV {
            line += "; recv(1024) would have returned the first 1024, the rest later";
        }
        vec![line]
    }

    /// A message was found by silence.
    fn settled(&mut self, number: u64) -> Vec<String> {
        let Coming { recvs, bytes } =
            self.coming.insert(number, Coming::default()).unwrap_or_default();
        if self.transport() == Transport::Udp || recvs == 0 {
            return Vec::new();
        }
        let settle = self.settle;
        let how = format!("nothing marks a message's end: silent for {settle:?} or closed, so");
        let mut lines = vec![if recvs == 1 {
            format!("{how} the {bytes} bytes of one recv are one message")
        } else {
            format!(
                "{how} the {bytes} bytes of {recvs} recvs are one message; a classic program \
                 would have taken each recv for one"
            )
        }];
        if self.after == After::Typed {
            lines.push("input() waits for a typed line".to_owned());
        }
        lines
    }

    fn went(&self, count: usize, to: Option<&str>) -> String {
        match (self.transport(), to) {
            (Transport::Udp, Some(to)) => {
                format!("sendto({}): one datagram of {count} bytes", python(to))
            }
            (Transport::Udp, None) => format!("sendto(): one datagram of {count} bytes"),
            (Transport::Tcp, _) => format!(
                "sendall() of {count} bytes: the kernel has them, the peer need not have read them"
            ),
        }
    }

    fn closed(&mut self, number: u64, by: By, how: How) -> Vec<String> {
        self.coming.remove(&number);
        if self.transport() == Transport::Udp {
            return vec!["this peer is talked to no more; nothing tells it so".to_owned()];
        }
        let why = match (by, how) {
            (By::Peer, How::Fin) => "recv() returned b'': the peer has closed its side",
            (By::Peer, How::Rst) => "ConnectionResetError: the peer cut it off",
            (_, How::Timer) => "the time is up",
            (By::Peer, _) => "it broke",
            (By::Us, _) => "we are done",
        };
        vec![format!("{why}; close()")]
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

/// Bytes as Python writes them, cut to what can be read.
fn literal(bytes: &[u8]) -> String {
    let start = bytes.get(..SHOWN).unwrap_or(bytes);
    let more = if start.len() < bytes.len() { "…" } else { "" };
    format!("b'{}'{more}", start.escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(explainer: &mut Explainer, what: What<'_>) -> String {
        explainer.event(&Event { t: Duration::ZERO, c: 1, what }).join("\n")
    }

    #[test]
    fn names_the_calls_of_a_server() {
        let lines = Explainer::standing(Program::Chat, "127.0.0.1:8888");
        assert!(lines.contains(&"bind(('127.0.0.1', 8888))".to_owned()), "{lines:?}");
        assert!(lines.last().is_some_and(|line| line.starts_with("accept() waits")));
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
