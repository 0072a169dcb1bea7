//! The clients of the classic programs, and what becomes of each line that is typed.

mod harness;

use std::io::Read;
use std::net::TcpListener;

use harness::{Start, ports, words};

/// `classic NAME connect 127.0.0.1:PORT FLAGS…`.
fn connect(line: &str, port: u16) -> Start {
    let (name, flags) = line.split_once(' ').unwrap_or((line, ""));
    words(&format!("classic {name} connect 127.0.0.1:{port} {flags}"))
}

/// A server that takes one message of each of so many callers, and closes without a word.
fn mute(callers: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for caller in listener.incoming().take(callers) {
            drop(caller.expect("a caller").read(&mut [0; 1024]));
        }
    });
    port
}

#[test]
fn a_request_without_an_answer_fails_and_the_lines_after_it_are_counted() {
    for program in ["chat", "queue-chat", "thanks", "threaded"] {
        let ours = connect(program, mute(1)).input("hello\nmore\nand more\n").run().exits(1);
        let ours = ours.fails_clearly("E-frame").told("did not answer `hello`");
        ours.told("note: 2 lines were not sent");
    }
    let text = connect("thanks", mute(1)).args(["hello"]).run().exits(1);
    text.told("did not answer `hello`");
    // After the last word no answer has to come.
    for (program, word) in [("chat", "bye\n"), ("threaded", "q\n"), ("queue-chat", "bye\n")] {
        connect(program, mute(1)).input(word).run().exits(0);
    }
    connect("queue-chat --stop-server", mute(1)).input("").run().exits(0);
}

#[test]
fn a_message_that_cannot_be_written_is_not_sent_and_fails() {
    let port = ports::free();
    let ours = connect("thanks --encoding gbk", port).input("😀\n").run().exits(2);
    ours.fails_clearly("E-usage").told("not sent: ").told("gbk");
}

/// Types a line at a terminal, waits for a closing line, ends the input, and repeats what it
/// was told.
const TYPIST: &str = "
import os, pty, subprocess, sys
ours, theirs = pty.openpty()
run = subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=theirs, stderr=theirs)
os.close(theirs)
os.write(ours, b'hello\\n')
told = b''
while told.count(b'closed first') < 1:
    told += os.read(ours, 1000)
os.write(ours, b'\\x04')
code = run.wait()
sys.stderr.buffer.write(told)
sys.exit(code)
";

#[test]
fn at_a_terminal_each_lines_connection_is_told_of_and_its_close() {
    let server = words("classic thanks serve 127.0.0.1:0").start();
    let line = ["-c", TYPIST, harness::SOCKEYE, "classic", "thanks", "connect", &server.at()];
    let typist = Start::program("python3").args(line).env("TERM", "xterm");
    let typist = typist.env("XDG_STATE_HOME", "/dev/null").run().exits(0);
    typist.told("each line is a connection of its own; Ctrl-D ends").told("closed first by ");
}

#[test]
fn the_close_counts_the_messages_of_both_ways() {
    let server = words("classic thanks serve 127.0.0.1:0").input("").start();
    let ended = connect("thanks", server.port()).input("hello\n").run().exits(0);
    ended.told("1 frame in, 1 out");
    server.says("1 frame in, 1 out");
}
