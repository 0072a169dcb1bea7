//! The report, programs that are started, and what is refused.

use std::fs;

use crate::harness::{self, python, sockeye};
use crate::run;
use crate::said;
use crate::shake;

#[test]
fn the_report_shows_both_runs_the_last_words_and_the_line_to_run_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let tape = said(&folder, "two_in_one", "lf", &["hello", "feng"]);
    let broken = run("two_in_one", &["server"]).start();
    let junit = folder.path().join("junit.xml");
    let ended = shake(&tape, &broken, &["--junit", junit.to_str().expect("plain")]).exits(1);
    let text = ended.text();
    assert!(text.contains("messages 1 and 2 together"), "{text}");
    assert!(text.contains("--only glue=2"), "{text}");
    assert!(text.contains("unshaken") && text.contains(" │ "), "{text}");
    let check = "import sys, xml.etree.ElementTree as tree\n\
                 root = tree.parse(sys.argv[1]).getroot()\n\
                 print(root.get('failures'), root.find('.//failure').get('message')[:6])";
    let parsed = python().args(["-c", check, junit.to_str().expect("plain")]).run().exits(0);
    parsed.prints("1 glue=2\n");
    // Not a second time over it.
    let words = ["--junit", junit.to_str().expect("plain")];
    shake(&tape, &broken, &words).exits(1).told("--overwrite");
}

#[test]
fn a_server_is_started_and_started_again_when_it_dies() {
    let folder = tempfile::tempdir().expect("a folder");
    let tape = said(&folder, "recv_once", "lf", &["hello", "feng"]);
    let free = harness::ports::free();
    let dies = format!(
        "import socket, os, sys\n\
         listener = socket.create_server(('127.0.0.1', {free}))\n\
         while True:\n\
        \x20   connection, _ = listener.accept()\n\
        \x20   while data := connection.recv(4096):\n\
        \x20       if not data.endswith(b'\\n'):\n\
        \x20           print('half a line: I give up', file=sys.stderr, flush=True)\n\
        \x20           os._exit(7)\n\
        \x20       connection.sendall(data.upper())\n"
    );
    let file = folder.path().join("dies.py");
    fs::write(&file, dies).expect("written");
    let command = format!("python3 {}", file.display());
    let words = ["shake", tape.to_str().expect("plain"), &format!("127.0.0.1:{free}")];
    let ended = sockeye(words).args(["--server", &command, "--budget", "20s"]).run().exits(1);
    let text = ended.text();
    assert!(text.contains("half a line: I give up"), "{text}");
    assert!(text.contains("exit status: 7"), "{text}");
    assert!(ended.err.contains("one caller at a time"), "{}", ended.err);
}

#[test]
fn a_server_whose_answers_are_never_the_same_is_told_apart_from_a_bug() {
    let folder = tempfile::tempdir().expect("a folder");
    let tape = said(&folder, "recv_once", "lf", &["hello", "feng"]);
    let clock = "import socket, threading, time\n\
                 from itertools import count\n\
                 listener = socket.create_server(('127.0.0.1', 0), backlog=128)\n\
                 print(listener.getsockname()[1], flush=True)\n\
                 ids = count(1)\n\
                 def attend(c):\n\
                \x20   for line in c.makefile('rb'):\n\
                \x20       now = time.strftime('%Y-%m-%dT%H:%M:%S')\n\
                \x20       c.sendall(f'{now} #{next(ids)} {line.decode()}'.encode())\n\
                 while True:\n\
                \x20   threading.Thread(target=attend, args=(listener.accept()[0],), daemon=True).start()\n";
    let server = python().args(["-c", clock]).start();
    let ended = shake(&tape, &server, &[]).exits(1);
    ended.told("from one run to the next").told("--normalise");
    let rules = ["--normalise", "times", "--normalise", r"#\d+ => #N", "--budget", "2s"];
    shake(&tape, &server, &rules).exits(0);
}

#[test]
fn what_cannot_be_shaken_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let tape = said(&folder, "recv_once", "lf", &["hello"]);
    let tape = tape.to_str().expect("plain");
    for at in ["udp://127.0.0.1:9", "ws://127.0.0.1:9/", "-"] {
        sockeye(["shake", tape, at]).run().exits(2).fails_clearly("E-usage");
    }
    let closed = format!("127.0.0.1:{}", harness::ports::free());
    sockeye(["shake", tape, &closed]).run().exits(1).fails_clearly("E-refused");
    sockeye(["shake", &closed]).run().exits(2).fails_clearly("E-usage");
    sockeye(["shake", tape, &closed, "--send", "x"]).run().exits(2).fails_clearly("E-usage");
    let never = ["--server", "sh -c 'echo no licence >&2; exit 1'"];
    sockeye(["shake", tape, &closed]).args(never).run().exits(1).told("no licence");
}
