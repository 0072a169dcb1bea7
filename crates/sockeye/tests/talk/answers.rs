//! `--reply`, `--on`, `--close-after-reply`, `--serial`, `-k`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::harness::{LONG, Running, sockeye, words};

fn serving(reply: &str) -> Running {
    sockeye(["listen", "127.0.0.1:0", "--reply", reply]).start()
}

fn answer(server: &Running, said: &str) -> Vec<u8> {
    sockeye(["send", &server.at(), said]).run().exits(0).out
}

#[test]
fn each_reply_answers_what_its_name_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("answer");
    std::fs::write(&file, b"from\0file\n").expect("room");
    let file = format!("file:{}", file.display());
    for (reply, expected) in [
        ("echo", &b"Hello"[..]),
        ("upper", b"HELLO"),
        ("text:hi there", b"hi there"),
        ("hex:00 FF 0a", b"\x00\xFF\n"),
        (file.as_str(), b"from\0file\n"),
    ] {
        assert_eq!(answer(&serving(reply), "Hello"), expected, "{reply}");
    }
}

#[test]
fn a_file_that_is_not_there_is_refused_before_anybody_calls() {
    words("listen 127.0.0.1:0 --reply file:/nowhere/at/all").run().exits(2).told("/nowhere/at/all");
}

#[test]
fn without_a_frame_each_read_is_answered_and_with_one_each_frame() {
    let reads = words("listen 127.0.0.1:0 --reply text:ok --read-size 5").start();
    assert_eq!(answer(&reads, "hello feng"), b"okok");
    let frames = words("listen 127.0.0.1:0 --reply text:ok --frame lines").start();
    let ended = sockeye(["send", &frames.at(), "text:a\nb\nc\n"]).run().exits(0);
    assert_eq!(ended.text(), "ok\nok\nok\n");
}

#[test]
fn the_first_rule_that_matches_wins_and_the_reply_takes_the_rest() {
    let server = sockeye([
        "listen",
        "127.0.0.1:0",
        "--on",
        "AT => OK",
        "--on",
        "re:^AT\\+(\\w+) => ERROR",
        "--on",
        "hex:AA 55 => hex:55 AA",
        "--on",
        "AT+LATE => never",
        "--reply",
        "text:what?",
    ])
    .start();
    for (said, expected) in [
        ("AT", &b"OK"[..]),
        ("text:AT\r\n", b"OK"),
        ("AT+LATE", b"ERROR"),
        ("hex:AA55", b"\x55\xAA"),
        ("AT and more", b"what?"),
    ] {
        assert_eq!(answer(&server, said), expected, "{said}");
    }
}

#[test]
fn rules_work_on_the_calling_side_too() {
    let mut server = words("listen 127.0.0.1:0").open().start();
    let client = sockeye(["connect", &server.at(), "--on", "ping => pong"]).open().start();
    client.err.so_far();
    server.write("ping");
    server.sees("pong");
    drop(client);
}

#[test]
fn a_rule_that_makes_no_sense_is_a_usage_error() {
    for rule in ["no arrow", " => x", "re:( => x", "hex:A => x"] {
        let ended = sockeye(["listen", "127.0.0.1:0", "--on", rule]).run();
        assert_eq!(ended.code, Some(2), "{rule}: {}", ended.err);
    }
}

#[test]
fn close_after_reply_hangs_up_after_one_answer() {
    let server = words("listen 127.0.0.1:0 --reply upper --close-after-reply").start();
    for _ in 0..2 {
        let mut client = TcpStream::connect(server.at()).expect("it listens");
        client.set_read_timeout(Some(LONG)).expect("a timeout");
        client.write_all(b"once").expect("connected");
        let mut got = String::new();
        client.read_to_string(&mut got).expect("their end, though ours stays open");
        assert_eq!(got, "ONCE");
    }
}

#[test]
fn many_callers_are_served_at_once_and_with_serial_one_after_the_other() {
    for serial in [false, true] {
        let more = if serial { " --serial" } else { "" };
        let server = words(&format!("listen 127.0.0.1:0 --reply echo{more}")).start();
        let mut first = sockeye(["connect", &server.at()]).open().start();
        first.write("first");
        first.sees("first");
        let mut second = sockeye(["connect", "-v", &server.at()]).open().start();
        second.says("connected to");
        second.write("second");
        if serial {
            // Answered only once the first has left.
            first.write(" again");
            first.sees("first again");
            assert!(second.out.so_far().is_empty());
            first.close_stdin();
            first.wait().exits(0);
        }
        second.sees("second");
    }
}

#[test]
fn in_a_pipe_the_first_caller_is_talked_to_and_then_all_ends() {
    let server = words("listen 127.0.0.1:0").start();
    sockeye(["send", &server.at(), "one"]).run().exits(0);
    server.wait().exits(0).prints("one");
}

#[test]
fn with_k_the_next_caller_follows() {
    let server = words("listen -k 127.0.0.1:0").start();
    for said in ["one,", "two,", "three"] {
        sockeye(["send", &server.at(), said]).run().exits(0);
    }
    server.sees("one,two,three");
}

#[test]
fn a_reply_that_is_awaited_is_expected_and_a_missed_one_is_exit_one() {
    let server = serving("text:ready\n");
    let at = server.at();
    sockeye(["send", &at, "x", "--expect", "ready"]).run().exits(0).prints("ready\n");
    sockeye(["send", &at, "x", "--expect", "hex:72 65"]).run().exits(0);
    let missed = sockeye(["send", &at, "x", "--expect", "steady"]).run().exits(1);
    missed.fails_clearly("E-timeout").prints("ready\n");
}

#[test]
fn an_expected_answer_ends_the_wait_though_the_server_stays() {
    let mut server = words("listen 127.0.0.1:0").open().start();
    let client = sockeye(["send", &server.at(), "x", "--expect", "hex:AA55"]).start();
    server.sees("x");
    server.write(b"..\xAA");
    server.write(b"\x55..");
    let out = client.wait().exits(0).out;
    assert!(out.starts_with(b"..\xAA\x55"), "{out:?}");
}

#[test]
fn everything_is_sent_as_often_as_asked_and_each_data_is_one_write() {
    let folder = tempfile::tempdir().expect("a folder");
    let tape = folder.path().join("t");
    let server = serving("echo");
    let args = ["send", &server.at(), "a", "hex:62", "text:c", "--repeat", "3", "--every", "10ms"];
    let args = args.into_iter().chain(["--tape", tape.to_str().expect("a path of ours")]);
    sockeye(args).run().exits(0).prints("abcabcabc");
    let went = crate::harness::tape::went(&crate::harness::tape::read(&tape));
    assert_eq!(went.concat(), b"abcabcabc");
    assert_eq!(went.len(), 9, "{went:?}");
}

#[test]
fn a_dash_sends_stdin_and_a_file_its_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("data");
    std::fs::write(&file, b"file\0").expect("room");
    let server = serving("echo");
    let args = ["send", &server.at(), &format!("file:{}", file.display()), "-", "end"];
    sockeye(args).input(b"\r\nstdin").run().exits(0).prints(b"file\0\r\nstdinend");
}

#[test]
fn what_is_expected_in_vain_is_waited_for_within_a_bound() {
    let web = words("listen ws://127.0.0.1:0 --reply echo").start();
    let udp = words("listen -u 127.0.0.1:0 --reply echo").start();
    let sends = [web.endpoint(), udp.endpoint()].map(|at| {
        let brief = sockeye(["send", &at, "hello", "--expect", "hellx", "-q", "0.3"]).run();
        brief.exits(1).fails_clearly("E-timeout").told("`-q SECS` waits longer");
        sockeye(["send", &at, "hello", "--expect", "hellx"]).start()
    });
    for send in sends {
        let ended = send.wait_for(LONG).exits(1).fails_clearly("E-timeout");
        assert!(ended.out.starts_with(b"hello"), "{}", ended.text());
    }
}
