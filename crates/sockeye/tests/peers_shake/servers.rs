//! Servers that are not as one would wish: they answer late, once, all to all, or die.

use std::fs;

use crate::found;
use crate::harness::{self, sockeye};
use crate::port;
use crate::report;
use crate::run;
use crate::said;
use crate::server;
use crate::shake_texts;

#[test]
fn a_server_that_answers_after_the_end_is_tested_too() {
    let broken = server(
        "def attend(c):\n    n = len(c.recv(4096))\n    while c.recv(4096): pass\n    \
         c.sendall(b'%d bytes' % n); c.close()",
    );
    let text = shake_texts(&broken, &["--send", "hello"]).exits(1).text();
    assert!(text.contains("message 1 cut after"), "{text}");
    let mended = server(
        "def attend(c):\n    n = 0\n    while d := c.recv(4096): n += len(d)\n    \
         c.sendall(b'%d bytes' % n); c.close()",
    );
    shake_texts(&mended, &["--send", "hello"]).exits(0);
}

#[test]
fn a_server_whose_answers_change_slowly_is_not_accused() {
    let slow = server(
        "began = time.time()\ndef attend(c):\n    while d := c.recv(4096):\n        \
         if d.endswith(b'!'): c.sendall(b'%d\\n' % int((time.time() - began) / .3))",
    );
    let text = "a text that has many places to be cut!";
    let ended = shake_texts(&slow, &["--send", text, "--budget", "8s"]);
    ended.exits(1).told("from one run to the next").told("--normalise");
}

#[test]
fn an_answer_too_many_is_seen_though_nobody_closes() {
    let stays = server(
        "def attend(c):\n    while c.recv(4096):\n        time.sleep(.01); c.sendall(b'ok')\n    \
         time.sleep(60)",
    );
    let text = shake_texts(&stays, &["--send", "hello"]).exits(1).text();
    assert!(text.contains("more came than the 2 bytes: `ok`"), "{text}");
}

#[test]
fn a_message_without_an_answer_is_not_stuck_to_the_next_when_nothing_is_shaken() {
    let store = server(
        "def attend(c):\n    kept = b''\n    while d := c.recv(4096):\n        \
         if d.startswith(b'set '): kept = d[4:]\n        \
         else: c.sendall(kept)",
    );
    let text = shake_texts(&store, &["--send", "set 1", "--send", "get"]).exits(1).text();
    assert!(text.contains("messages 1 and 2 together"), "{text}");
}

#[test]
fn the_line_that_runs_it_again_holds_control_characters() {
    let stuck = run("two_in_one", &["server"]).start();
    let text = shake_texts(&stuck, &["--send", "it's\n", "--send", "feng\n"]).exits(1).text();
    assert!(text.contains(r"--send $'it\'s\n' --send $'feng\n' --only glue=2"), "{text}");
}

#[test]
fn a_server_that_serves_one_caller_and_ends_is_started_for_each() {
    let folder = tempfile::tempdir().expect("a folder");
    let free = harness::ports::free();
    let once = |name: &str, read: &str| {
        let file = folder.path().join(name);
        let script = format!(
            "import socket\n\
             s = socket.create_server(('127.0.0.1', {free}))\n\
             c, _ = s.accept()\n\
             {read}\n\
             c.close()\n"
        );
        fs::write(&file, script).expect("room");
        format!("python3 {}", file.display())
    };
    let at = format!("127.0.0.1:{free}");
    let shake = |command: &str| {
        let words = ["shake", &at, "--send", "hello\n", "--budget", "4s", "--server", command];
        sockeye(words).run()
    };
    let mended = once("mended.py", "for line in c.makefile('rb'): c.sendall(line.upper())");
    shake(&mended).exits(0).told("it serves one caller and ends");
    let broken = once("broken.py", "c.sendall(b'%d' % len(c.recv(4096)))");
    let text = shake(&broken).exits(1).text();
    assert!(text.contains("message 1 cut after"), "{text}");
}

#[test]
fn a_server_that_is_there_already_is_not_taken_for_the_one_to_be_started() {
    let other = run("recv_once", &["server", "--mended"]).start();
    let at = format!("127.0.0.1:{}", port(&other));
    let words = ["shake", &at, "--send", "hello\n", "--server", "sleep 60"];
    sockeye(words).run().exits(2).told("somebody listens there already");
}

#[test]
fn texts_are_said_without_a_tape_and_framed() {
    let server = run("header_once", &["server"]).start();
    let at = format!("127.0.0.1:{}", port(&server));
    let words = ["shake", &at, "--frame", "len:u32be", "--send", "hello", "--send", "feng"];
    let ended = sockeye(words).args(["--json", "--budget", "20s"]).run().exits(1);
    assert!(found(&ended).0.starts_with("cut="));
    let mended = run("header_once", &["server", "--mended"]).start();
    let at = format!("127.0.0.1:{}", port(&mended));
    let words = ["shake", &at, "--frame", "len:u32be", "--send", "hello", "--send", "feng"];
    sockeye(words).args(["--budget", "3s"]).run().exits(0);
}

#[test]
#[ignore = "a minute: `cargo xtask test --long`"]
fn a_tape_of_twenty_messages_and_ten_kib_in_a_minute() {
    let folder = tempfile::tempdir().expect("a folder");
    let texts = vec!["x".repeat(511); 20];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let tape = said(&folder, "recv_once", "lf", &texts);
    let mended = run("recv_once", &["server", "--mended"]).start();
    let at = format!("127.0.0.1:{}", port(&mended));
    let words = ["shake", tape.to_str().expect("plain"), &at, "--json", "--budget", "60s"];
    let ended = sockeye(words).start().wait_for(std::time::Duration::from_secs(100)).exits(0);
    let report = report(&ended);
    assert_eq!(report["bytes"], 10_240);
    let tried = report["tried"].as_array().expect("a list");
    let single = tried.iter().find(|tried| tried["what"] == "every single cut");
    let single = single.unwrap_or_else(|| panic!("{report}"));
    assert_eq!((&single["cases"], &single["cut_short"]), (&10_220.into(), &false.into()));
}

#[test]
fn a_correct_chat_room_is_not_accused_for_what_others_say_in_it() {
    let room = server(
        "members = []\ndef attend(c):\n    members.append(c)\n    data = b''\n    \
         while d := c.recv(4096):\n        data += d\n        \
         while b'\\n' in data:\n            line, data = data.split(b'\\n', 1)\n            \
         for m in list(members):\n                \
         try: m.sendall(b'said ' + line + b'\\n')\n                \
         except OSError: members.remove(m)\n    \
         c in members and members.remove(c)",
    );
    let ended = shake_texts(&room, &["--send", "hello\n", "--send", "feng\n", "--budget", "3s"]);
    let ended = ended.exits(0);
    assert!(!ended.text().contains("given up"), "{}", ended.text());
}

#[test]
fn a_server_that_dies_and_cannot_be_started_again_is_told_with_what_killed_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let free = harness::ports::free();
    let file = folder.path().join("dies_for_good.py");
    let script = format!(
        "import os, socket, sys\n\
         if os.path.exists('dead'): sys.exit('I am dead')\n\
         s = socket.create_server(('127.0.0.1', {free}))\n\
         while True:\n\
        \x20   c, _ = s.accept()\n\
        \x20   while d := c.recv(4096):\n\
        \x20       if not d.endswith(b'o'):\n\
        \x20           open('dead', 'w').close(); os._exit(3)\n\
        \x20       c.sendall(b'ok')\n"
    );
    fs::write(&file, script).expect("room");
    let at = format!("127.0.0.1:{free}");
    let command = format!("python3 {}", file.display());
    let words = ["shake", &at, "--send", "hello", "--server", &command];
    let ended = sockeye(words).folder(folder.path()).run().exits(1);
    ended.told("closed").told("and then: cannot connect to").told("I am dead");
}

#[test]
fn not_one_case_tried_is_no_success() {
    let mended = run("recv_once", &["server", "--mended"]).start();
    let ended = shake_texts(&mended, &["--send", "hello\n", "--budget", "0s"]);
    ended.exits(1).fails_clearly("E-timeout");
}

#[test]
fn a_server_that_was_not_started_here_and_goes_is_told_of_as_that() {
    let dies = server(
        "import os\ndef attend(c):\n    while d := c.recv(4096):\n        \
         if not d.endswith(b'o'): os._exit(3)\n        \
         c.sendall(b'ok')",
    );
    let ended = shake_texts(&dies, &["--send", "hello"]).exits(1);
    ended.told("the server has gone; last tried: cut=").told("--server");
}

#[test]
fn a_case_that_passes_by_itself_is_said_to_pass_and_one_that_is_none_is_refused() {
    let mended = run("recv_once", &["server", "--mended"]).start();
    let only = |case: &str| shake_texts(&mended, &["--send", "hello\n", "--only", case]);
    only("cut=3").exits(0).prints("passes, 3 of 3 times\n");
    only("cut=6").exits(2).told("changes nothing in this talk of 6 bytes in 1 messages");
    only("cut=1-9999999").exits(2).told("cannot read `cut=1-9999999` as a case");
}

#[test]
fn answers_in_another_framing_than_what_is_said_are_waited_for_by_their_length() {
    // Says `get` as lines, answers with a length before.
    let mended = server(
        "def attend(c):\n    for line in c.makefile('rb'):\n        \
         body = line.strip() * 3\n        c.sendall(len(body).to_bytes(2, 'big') + body)",
    );
    let words = ["--send", "get", "--send", "put", "--frame", "lines", "--budget", "2s"];
    shake_texts(&mended, &words).exits(0).told("no frame of the `--frame` is in what came");
}

#[test]
fn a_report_is_there_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.xml");
    fs::write(&file, "the last one").expect("room");
    let closed = format!("127.0.0.1:{}", harness::ports::free());
    let words = ["shake", &closed, "--send", "x", "--overwrite", "--junit"];
    let path = file.to_str().expect("plain");
    sockeye(words).args([path]).run().exits(1).fails_clearly("E-refused");
    assert_eq!(fs::read_to_string(&file).expect("there"), "the last one");
}

#[test]
fn n56_what_a_server_says_is_marked_in_the_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let free = harness::ports::free();
    let file = folder.path().join("loud.py");
    let script = format!(
        "import os, socket, sys\n\
         s = socket.create_server(('127.0.0.1', {free}))\n\
         while True:\n\
        \x20   c, _ = s.accept()\n\
        \x20   while d := c.recv(4096):\n\
        \x20       if not d.endswith(b'o'):\n\
        \x20           sys.stderr.write('\\x1b[31m\\u202ered'); sys.stderr.flush(); os._exit(3)\n\
        \x20       c.sendall(b'ok')\n"
    );
    fs::write(&file, script).expect("room");
    let at = format!("127.0.0.1:{free}");
    let command = format!("python3 {}", file.display());
    for more in [&["--json"][..], &[]] {
        let words = ["shake", &at, "--send", "hello", "--server", &command];
        let text = sockeye(words).args(more).env("PYTHONUTF8", "1").run().exits(1).text();
        assert!(text.contains("red"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
    }
}
