//! `sockeye shake` against servers and clients in Python, each with one classic boundary bug,
//! and against their mended twins.

mod harness;

use std::fs;
use std::path::{Path, PathBuf};

use harness::{Ended, LONG, Running, Start, python, sockeye};
use tempfile::TempDir;

fn script(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/shake");
    folder.join(format!("{name}.py")).to_str().expect("a plain path").to_owned()
}

fn run(name: &str, words: &[&str]) -> Start {
    python().args([script(name).as_str()]).args(words)
}

/// The port that a server prints.
fn port(server: &Running) -> String {
    let printed = server.out.until(LONG, |bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.split_once('\n').map(|(port, _)| port.to_owned())
    });
    printed.unwrap_or_else(|| panic!("no port: {}", server.err.shown()))
}

/// A relay before a server, with a tape: the recording of what a bug is looked for in.
fn recorded(folder: &TempDir, server: &Running, talk: impl FnOnce(&str)) -> PathBuf {
    let tape = folder.path().join("talk.tape");
    let target = format!("127.0.0.1:{}", port(server));
    let relay = ["relay", "127.0.0.1:0", &target, "--tape"].map(str::to_owned);
    let relay = sockeye(relay.iter().cloned().chain([tape.display().to_string()])).start();
    talk(&relay.port().to_string());
    relay.says("closed");
    relay.signal(rustix::process::Signal::TERM);
    relay.wait().exits(143);
    tape
}

/// A tape of the mended server, to which these are said.
fn said(folder: &TempDir, name: &str, frame: &str, texts: &[&str]) -> PathBuf {
    let server = run(name, &["server", "--mended"]).start();
    recorded(folder, &server, |port| {
        let words: Vec<&str> = ["say", port, frame].iter().chain(texts).copied().collect();
        run("peer", &words).run().exits(0);
    })
}

/// A tape of the mended client, to which these are said.
fn pushed(folder: &TempDir, name: &str, frame: &str, texts: &[&str]) -> PathBuf {
    let words: Vec<&str> = ["push", frame].iter().chain(texts).copied().collect();
    let server = run("peer", &words).start();
    recorded(folder, &server, |port| {
        run(name, &["client", port, "--mended"]).run().exits(0);
    })
}

fn shake(tape: &Path, server: &Running, more: &[&str]) -> Ended {
    let at = format!("127.0.0.1:{}", port(server));
    sockeye(["shake", tape.to_str().expect("plain"), &at]).args(more).run()
}

/// The JSON report.
fn report(ended: &Ended) -> serde_json::Value {
    serde_json::from_slice(&ended.out).unwrap_or_else(|_| panic!("{}\n{}", ended.text(), ended.err))
}

/// The case that was found, and of how many changes it is.
fn found(ended: &Ended) -> (String, u64) {
    let report = report(ended);
    let of = |name| report.pointer(&format!("/found/{name}"));
    let case = of("case").and_then(|case| case.as_str()).map(str::to_owned);
    let changes = of("changes").and_then(serde_json::Value::as_u64);
    case.zip(changes).unwrap_or_else(|| panic!("{report}"))
}

/// The bug is found in at most two changes, of one of these kinds, and the twin passes.
fn finds(name: &str, frame: &str, texts: &[&str], kinds: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let tape = said(&folder, name, frame, texts);
    let broken = run(name, &["server"]).start();
    let ended = shake(&tape, &broken, &["--json", "--budget", "20s"]).exits(1);
    let (case, changes) = found(&ended);
    assert!(changes <= 2 && kinds.iter().any(|kind| case.contains(kind)), "{}", ended.text());
    // The line that is told runs it again.
    let again = shake(&tape, &broken, &["--only", &case]).exits(1);
    assert!(again.text().contains(&format!("--only {case}")), "{}", again.text());

    let mended = run(name, &["server", "--mended"]).start();
    shake(&tape, &mended, &["--budget", "3s"]).exits(0);
    shake(&tape, &mended, &["--only", &case]).exits(0);
}

/// The same of a client.
fn finds_client(name: &str, frame: &str, texts: &[&str], kinds: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let tape = pushed(&folder, name, frame, texts);
    let shake = |twin: &str, more: &[&str]| {
        let client = format!("python3 {} client {{port}} {twin}", script(name));
        let words = ["shake", tape.to_str().expect("plain"), "--as-server", "127.0.0.1:0"];
        let words = sockeye(words).args(["--client", &client, "--pause", "25ms", "--jobs", "4"]);
        words.args(more).run()
    };
    let ended = shake("", &["--json", "--budget", "30s"]).exits(1);
    let (case, changes) = found(&ended);
    assert!(changes <= 2 && kinds.iter().any(|kind| case.contains(kind)), "{}", ended.text());
    shake("--mended", &["--budget", "3s"]).exits(0);
    shake("--mended", &["--only", &case]).exits(0);
}

const WORDS: [&str; 4] = ["hello", "how are you", "你好，冯", "bye"];

#[test]
fn a_server_that_takes_one_recv_for_one_message() {
    finds("recv_once", "lf", &WORDS, &["cut=", "glue="]);
}

#[test]
fn a_server_that_reads_its_header_once() {
    finds("header_once", "u32", &WORDS, &["cut="]);
}

#[test]
fn a_server_that_looks_for_the_delimiter_in_each_buffer_by_itself() {
    finds("delimiter_edge", "crlf", &WORDS, &["cut=6", "cut=19"]);
}

#[test]
fn a_server_that_cuts_characters_in_half() {
    finds("utf8_cut", "lf", &["hello", "温度 21°", "bye"], &["cut="]);
}

#[test]
fn a_server_that_reads_the_length_in_two_parts() {
    finds("length_in_parts", "u16", &WORDS, &["cut="]);
}

#[test]
fn a_server_with_a_limit_of_1024_bytes() {
    let long = "x".repeat(600);
    finds("limit_1024", "lf", &["short", &long, &long, "bye"], &["cut=", "glue="]);
}

#[test]
fn a_server_that_forgets_the_second_of_two_messages() {
    finds("two_in_one", "lf", &WORDS, &["glue="]);
}

#[test]
fn a_server_with_something_left_over_after_an_error() {
    let long = "y".repeat(40);
    finds("left_over", "u8", &["hello", &long, "feng", "bye"], &["glue="]);
}

#[test]
fn a_client_that_takes_one_recv_for_one_message() {
    finds_client("recv_once", "lf", &["one", "two", "three"], &["cut=", "glue="]);
}

#[test]
fn a_client_that_reads_its_header_once() {
    finds_client("header_once", "u32", &["one", "two"], &["cut="]);
}

#[test]
fn a_client_that_looks_for_the_delimiter_in_each_buffer_by_itself() {
    finds_client("delimiter_edge", "crlf", &["one", "two"], &["cut="]);
}

#[test]
fn a_client_that_cuts_characters_in_half() {
    finds_client("utf8_cut", "lf", &["温度", "ok"], &["cut="]);
}

#[test]
fn a_client_that_reads_the_length_in_two_parts() {
    finds_client("length_in_parts", "u16", &["one", "two"], &["cut="]);
}

#[test]
fn a_client_with_a_limit_of_1024_bytes() {
    let long = "x".repeat(600);
    finds_client("limit_1024", "lf", &["short", &long, &long], &["cut=", "glue="]);
}

#[test]
fn a_client_that_forgets_the_second_of_two_messages() {
    finds_client("two_in_one", "lf", &["one", "two", "three"], &["glue="]);
}

#[test]
fn a_client_with_something_left_over_after_an_error() {
    let long = "y".repeat(40);
    finds_client("left_over", "u8", &["one", &long, "two"], &["glue="]);
}

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

/// A server in Python that begins like this and gives each caller to `attend` in a thread.
fn server(body: &str) -> Running {
    let script = format!(
        "import socket, threading, time\n\
         {body}\n\
         listener = socket.create_server(('127.0.0.1', 0), backlog=128)\n\
         print(listener.getsockname()[1], flush=True)\n\
         while True:\n\
        \x20   threading.Thread(target=attend, args=(listener.accept()[0],), daemon=True).start()\n"
    );
    python().args(["-c", &script]).start()
}

fn shake_texts(server: &Running, more: &[&str]) -> Ended {
    let at = format!("127.0.0.1:{}", port(server));
    sockeye(["shake", &at]).args(more).run()
}

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
    let ended = shake(&tape, &mended, &["--json", "--budget", "60s"]).exits(0);
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
