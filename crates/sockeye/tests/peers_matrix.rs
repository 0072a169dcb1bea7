//! Sockeye with the programs that others use, each way round: {ncat, nc.openbsd, socat, a
//! Python socket} × {tcp, unix, udp} × {we call, we are called}. Streams carry a text,
//! 8 MiB of noise both ways at once, and both orders of half-close; UDP keeps datagrams.

mod harness;

use std::path::{Path, PathBuf};

use harness::{Ended, LONG, Running, Start, noise, ports, sockeye, tape};
use rustix::process::Signal;
use tempfile::TempDir;

const MIB: usize = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Ncat,
    Openbsd,
    Socat,
    Python,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Tcp,
    Unix,
    Udp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Called,
    Calling,
}

/// One cell of the table. The role is ours.
#[derive(Clone, Copy, Debug)]
struct Cell {
    tool: Tool,
    transport: Transport,
    role: Role,
}

/// Two programs that talk to each other.
struct Pair {
    ours: Running,
    theirs: Running,
}

const PYTHON: &str = r#"
import socket, sys, threading
kind, role, host, port = sys.argv[1:5]
unix = kind == "unix"
family = socket.AF_UNIX if unix else socket.AF_INET
address = host if unix else (host, int(port))
s = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
peer = None
if role == "call":
    s.connect(address)
else:
    if not unix:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(address)
    if kind == "udp":
        first, peer = s.recvfrom(65536)
        s.connect(peer)
        sys.stdout.buffer.write(first)
        sys.stdout.buffer.flush()
    else:
        s.listen()
        s = s.accept()[0]
def up():
    while True:
        b = sys.stdin.buffer.read1(65536)
        if not b:
            break
        s.sendall(b)
    if kind != "udp":
        s.shutdown(socket.SHUT_WR)
t = threading.Thread(target=up)
t.start()
while True:
    b = s.recv(65536)
    if not b and kind != "udp":
        break
    sys.stdout.buffer.write(b)
    sys.stdout.buffer.flush()
t.join()
"#;

impl Cell {
    /// The other program, calling or waiting to be called at this place.
    fn program(self, port: u16, path: &Path) -> Start {
        let called = self.role == Role::Calling;
        let path = path.to_str().expect("a path of ours").to_owned();
        let port = port.to_string();
        let inet = ["127.0.0.1", port.as_str()];
        let (name, args): (&str, Vec<String>) = match self.tool {
            Tool::Ncat => ("ncat", self.netcat(called, inet, &path, &[])),
            Tool::Openbsd => ("nc.openbsd", self.netcat(called, inet, &path, &["-N"])),
            Tool::Socat => {
                let address = match (self.transport, called) {
                    (Transport::Tcp, false) => format!("TCP:127.0.0.1:{port}"),
                    (Transport::Tcp, true) => format!("TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr"),
                    (Transport::Unix, false) => format!("UNIX-CONNECT:{path}"),
                    (Transport::Unix, true) => format!("UNIX-LISTEN:{path}"),
                    (Transport::Udp, false) => format!("UDP:127.0.0.1:{port}"),
                    (Transport::Udp, true) => format!("UDP-LISTEN:{port},bind=127.0.0.1"),
                };
                ("socat", vec!["-t".into(), "20".into(), "-".into(), address])
            }
            Tool::Python => {
                let kind = format!("{:?}", self.transport).to_lowercase();
                let role = if called { "wait" } else { "call" };
                let host =
                    if self.transport == Transport::Unix { path } else { "127.0.0.1".into() };
                ("python3", vec!["-c".into(), PYTHON.into(), kind, role.into(), host, port])
            }
        };
        Start::program(name).args(args)
    }

    fn netcat(self, called: bool, inet: [&str; 2], path: &str, more: &[&str]) -> Vec<String> {
        let mut args: Vec<&str> = match self.transport {
            Transport::Udp => vec!["-u"],
            _ => more.to_vec(),
        };
        if called {
            args.push("-l");
        }
        match self.transport {
            Transport::Unix => args.extend(["-U", path]),
            Transport::Tcp | Transport::Udp => args.extend(inet),
        }
        args.into_iter().map(str::to_owned).collect()
    }

    fn endpoint(self, port: u16, path: &Path) -> String {
        match self.transport {
            Transport::Tcp => format!("tcp://127.0.0.1:{port}"),
            Transport::Udp => format!("udp://127.0.0.1:{port}"),
            Transport::Unix => format!("unix:{}", path.display()),
        }
    }

    /// Starts both, the one that is called first.
    fn meet(self, more: &[&str], set: impl Fn(Start, Side) -> Start) -> (TempDir, Pair) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("talk.sock");
        let pair = match self.role {
            Role::Called => {
                let at = self.endpoint(0, &path);
                let args = ["listen", at.as_str()].into_iter().chain(more.iter().copied());
                let ours = set(sockeye(args), Side::Ours).start();
                let endpoint = ours.endpoint();
                let port = if self.transport == Transport::Unix { 0 } else { ours.port() };
                assert!(!endpoint.ends_with(":0"), "{endpoint}");
                let theirs = set(self.program(port, &path), Side::Theirs).start();
                Pair { ours, theirs }
            }
            Role::Calling => {
                let port = ports::free();
                let theirs = set(self.program(port, &path), Side::Theirs).start();
                match self.transport {
                    Transport::Tcp => ports::await_tcp(port),
                    Transport::Udp => ports::await_udp(port),
                    Transport::Unix => ports::await_unix(&path),
                }
                let at = self.endpoint(port, &path);
                let args = ["connect", at.as_str()].into_iter().chain(more.iter().copied());
                Pair { ours: set(sockeye(args), Side::Ours).start(), theirs }
            }
        };
        (folder, pair)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Ours,
    Theirs,
}

impl Pair {
    fn end(mut self) -> (Ended, Ended) {
        self.ours.close_stdin();
        self.theirs.close_stdin();
        (self.ours.wait().exits(0), self.theirs.wait().exits(0))
    }
}

/// Each side says a text, hears the other's, and both end well.
fn text(cell: Cell) {
    let (_folder, mut pair) = cell.meet(&[], |start, _| start.open());
    pair.ours.write("hello from us\n");
    pair.theirs.write("你好 from them\n");
    pair.ours.sees("你好 from them\n");
    pair.theirs.sees("hello from us\n");
    let (ours, theirs) = pair.end();
    ours.prints("你好 from them\n");
    theirs.prints("hello from us\n");
}

/// So many bytes of noise both ways at once, and not one of them altered.
fn volume(cell: Cell, size: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| -> PathBuf { folder.path().join(name) };
    std::fs::write(file("from us"), noise(size, 1)).expect("room");
    std::fs::write(file("from them"), noise(size, 2)).expect("room");
    let (_folder, pair) = cell.meet(&[], |start, side| match side {
        Side::Ours => start.input_file(&file("from us")).output_file(&file("to us")),
        Side::Theirs => start.input_file(&file("from them")).output_file(&file("to them")),
    });
    pair.end();
    for (sent, got) in [("from us", "to them"), ("from them", "to us")] {
        let (sent, got) = (std::fs::read(file(sent)), std::fs::read(file(got)));
        let (sent, got) = (sent.expect("a file"), got.expect("a file"));
        assert_eq!(got.len(), sent.len(), "{cell:?}");
        assert!(got == sent, "{cell:?}: altered bytes");
    }
}

fn eight_mebibytes(cell: Cell) {
    if cell.tool == Tool::Openbsd && cell.role == Role::Calling {
        return in_turn(cell, 8 * MIB);
    }
    volume(cell, 8 * MIB);
}

/// First theirs, then ours: `nc.openbsd -l` drops the rest of what it sends once its
/// caller's FIN has come, whoever the caller is (measured with a Python socket too).
fn in_turn(cell: Cell, size: usize) {
    let (from_us, from_them) = (noise(size, 1), noise(size, 2));
    let (_folder, mut pair) = cell.meet(&[], |start, _| start.open());
    pair.theirs.write(&from_them);
    pair.ours.out.until(LONG, |bytes| (bytes.len() >= size).then_some(())).expect("all of theirs");
    pair.ours.write(&from_us);
    let (ours, theirs) = pair.end();
    assert!(ours.out == from_them, "{cell:?}: altered bytes");
    assert!(theirs.out == from_us, "{cell:?}: altered bytes");
}

/// Our end comes at once; theirs, with a late answer, later.
fn our_end_first(cell: Cell) {
    let (_folder, mut pair) = cell.meet(&[], |start, side| match side {
        Side::Ours => start.input("req\n"),
        Side::Theirs => start.open(),
    });
    pair.theirs.sees("req\n");
    if matches!(cell.tool, Tool::Ncat | Tool::Openbsd) && cell.role == Role::Calling {
        // `ncat -l` and `nc -l` hang up once they have read our FIN and have nothing at
        // hand: there is no late answer to rely on. That we end well by it is all that can
        // be asked.
        pair.ours.wait().exits(0);
        return;
    }
    pair.theirs.write("late\n");
    let (ours, theirs) = pair.end();
    ours.prints("late\n");
    theirs.prints("req\n");
}

/// Their end comes at once; ours, with a late answer, later.
fn their_end_first(cell: Cell) {
    let (_folder, mut pair) = cell.meet(&[], |start, side| match side {
        Side::Ours => start.open(),
        Side::Theirs => start.input("req\n"),
    });
    pair.ours.sees("req\n");
    pair.ours.write("late\n");
    let (ours, theirs) = pair.end();
    ours.prints("req\n");
    theirs.prints("late\n");
}

/// Datagrams go back and forth; each stays one.
fn datagrams(cell: Cell) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("talk.tape");
    let recorded = ["--tape", file.to_str().expect("a path of ours")];
    let (_folder, mut pair) = cell.meet(&recorded, |start, _| start.open());
    let ours_calls = cell.role == Role::Calling;
    for (call, answer) in [("one\n", "uno\n"), ("two, longer\n", "dos\n")] {
        let (caller, called) = if ours_calls {
            (&mut pair.ours, &mut pair.theirs)
        } else {
            (&mut pair.theirs, &mut pair.ours)
        };
        caller.write(call);
        called.sees(call);
        called.write(answer);
        caller.sees(answer);
    }
    pair.ours.signal(Signal::INT);
    pair.ours.wait_with_stdin_open().exits(130);
    let calls = [b"one\n".to_vec(), b"two, longer\n".to_vec()];
    let answers = [b"uno\n".to_vec(), b"dos\n".to_vec()];
    let (came, went) = if ours_calls { (answers, calls) } else { (calls, answers) };
    let events = tape::read(&file);
    assert_eq!(tape::came(&events), came);
    assert_eq!(tape::went(&events), went);
}

macro_rules! cells {
    ($($name:ident => $scene:ident $transport:ident $role:ident;)*) => {
        cells!(@tool ncat Ncat $($name $scene $transport $role)*);
        cells!(@tool openbsd Openbsd $($name $scene $transport $role)*);
        cells!(@tool socat Socat $($name $scene $transport $role)*);
        cells!(@tool python Python $($name $scene $transport $role)*);
    };
    (@tool $module:ident $tool:ident $($name:ident $scene:ident $transport:ident $role:ident)*) => {
        mod $module {
            $(#[test]
            fn $name() {
                super::$scene(super::Cell {
                    tool: super::Tool::$tool,
                    transport: super::Transport::$transport,
                    role: super::Role::$role,
                });
            })*
        }
    };
}

cells! {
    a_text_both_ways_over_tcp_when_we_call => text Tcp Calling;
    a_text_both_ways_over_tcp_when_we_are_called => text Tcp Called;
    a_text_both_ways_over_unix_when_we_call => text Unix Calling;
    a_text_both_ways_over_unix_when_we_are_called => text Unix Called;
    eight_mebibytes_both_ways_over_tcp_when_we_call => eight_mebibytes Tcp Calling;
    eight_mebibytes_both_ways_over_tcp_when_we_are_called => eight_mebibytes Tcp Called;
    eight_mebibytes_both_ways_over_unix_when_we_call => eight_mebibytes Unix Calling;
    eight_mebibytes_both_ways_over_unix_when_we_are_called => eight_mebibytes Unix Called;
    our_end_comes_first_over_tcp_when_we_call => our_end_first Tcp Calling;
    our_end_comes_first_over_tcp_when_we_are_called => our_end_first Tcp Called;
    our_end_comes_first_over_unix_when_we_call => our_end_first Unix Calling;
    our_end_comes_first_over_unix_when_we_are_called => our_end_first Unix Called;
    their_end_comes_first_over_tcp_when_we_call => their_end_first Tcp Calling;
    their_end_comes_first_over_tcp_when_we_are_called => their_end_first Tcp Called;
    their_end_comes_first_over_unix_when_we_call => their_end_first Unix Calling;
    their_end_comes_first_over_unix_when_we_are_called => their_end_first Unix Called;
    datagrams_both_ways_when_we_call => datagrams Udp Calling;
    datagrams_both_ways_when_we_are_called => datagrams Udp Called;
}

#[test]
#[ignore = "long: 64 MiB each way through every stream cell"]
fn long_sixty_four_mebibytes_go_both_ways_unaltered() {
    for tool in [Tool::Ncat, Tool::Openbsd, Tool::Socat, Tool::Python] {
        for transport in [Transport::Tcp, Transport::Unix] {
            for role in [Role::Calling, Role::Called] {
                let cell = Cell { tool, transport, role };
                if tool == Tool::Openbsd && role == Role::Calling {
                    in_turn(cell, 64 * MIB);
                } else {
                    volume(cell, 64 * MIB);
                }
            }
        }
    }
}
