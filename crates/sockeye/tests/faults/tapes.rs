//! Lines 66, 81 and 84: tapes that are cut, flipped, full or foreign.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use crate::harness::{noise, shell, sockeye, tape, words};

fn show(path: &Path) -> crate::harness::Ended {
    sockeye(["tape", "show", path.to_str().expect("a path of ours"), "--view", "text"]).run()
}

fn recorded(path: &Path) -> Vec<u8> {
    let server = words("listen 127.0.0.1:0 --reply upper").start();
    let args = ["send", &server.at(), "hello", "--tape", path.to_str().expect("ours")];
    sockeye(args).run().exits(0);
    fs::read(path).expect("the tape")
}

#[test]
fn n66_a_tape_torn_at_any_byte_is_served_to_its_last_whole_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t");
    let whole = recorded(&path);
    let head = whole.iter().position(|byte| *byte == b'\n').expect("a header") + 1;
    for size in (head..whole.len()).step_by(23) {
        fs::write(&path, &whole[..size]).expect("room");
        let ended = show(&path).exits(0);
        let lines = String::from_utf8_lossy(&whole[..size]).matches('\n').count() - 1;
        assert_eq!(ended.text().lines().count(), lines, "cut at {size}: {}", ended.text());
        let torn = whole[size - 1] != b'\n';
        assert_eq!(
            ended.err.contains("cut in its last line"),
            torn,
            "cut at {size}: {}",
            ended.err
        );
    }
    fs::write(&path, &whole[..head / 2]).expect("room");
    show(&path).exits(1).told("cut off");
}

#[test]
fn n66_a_flipped_bit_costs_one_line_is_reported_and_the_rest_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t");
    let whole = recorded(&path);
    let text = String::from_utf8(whole.clone()).expect("UTF-8");
    let line = text.lines().position(|line| line.contains("hello") && line.contains("\"out\""));
    let line = line.expect("what was sent");
    let at: usize = text.lines().take(line).map(|line| line.len() + 1).sum();
    let mut flipped = whole;
    flipped[at] ^= 0x04;
    fs::write(&path, flipped).expect("room");
    let ended = show(&path).exits(1).told(&format!("line {}", line + 1));
    assert!(ended.text().contains("HELLO") && !ended.text().contains("hello"), "{}", ended.text());
}

#[test]
fn n81_a_tape_that_fills_the_disk_ends_clean_and_the_talk_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t");
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let bytes = noise(500_000, 8);
    // A file of ours may have 64 blocks of 512 bytes: what comes is more than that.
    let script = format!(
        "trap '' XFSZ; ulimit -f 64; exec \"$S\" connect {} --tape {}",
        server.at(),
        path.display()
    );
    let ended = shell(&script).input(&bytes).run().exits(0);
    assert!(ended.out == bytes, "the talk was cut: {} bytes", ended.out.len());
    let ended = ended.told("cannot write the tape");
    assert!(!ended.err.contains("(os error"), "{}", ended.err);
    assert!(!tape::read(&path).is_empty(), "whole to its last line");
    show(&path).exits(0);
}

#[test]
fn n81_a_log_or_a_save_that_fills_the_disk_is_told_and_the_talk_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let bytes = noise(500_000, 8);
    for flag in ["--log", "--save"] {
        let path = folder.path().join(flag);
        let script = format!(
            "trap '' XFSZ; ulimit -f 64; exec \"$S\" connect {} {flag} {}",
            server.at(),
            path.display()
        );
        let ended = shell(&script).input(&bytes).run();
        assert!(ended.out == bytes, "{flag}: the talk was cut: {}", ended.err);
        assert!(ended.err.contains(&format!("`{flag}` has ended: ")), "{flag}: {}", ended.err);
        assert!(!ended.err.contains("(os error"), "{flag}: {}", ended.err);
    }
}

#[test]
fn n81_a_tape_that_cannot_be_begun_is_clear_before_anybody_is_called() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let at = listener.local_addr().expect("bound").to_string();
    sockeye(["send", &at, "x", "--tape", "/nowhere/t"]).run().exits(1).told("/nowhere/t");
    sockeye(["send", &at, "x", "--tape", "/dev/full"]).run().exits(1).told("/dev/full");
    listener.accept().expect_err("nobody called");
}

#[test]
fn n84_an_endpoint_on_a_strangers_tape_is_shown_and_never_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t");
    let marker = folder.path().join("pwned");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let at = listener.local_addr().expect("bound");
    let text = format!(
        "{{\"v\":1,\"e\":\"tape\",\"start\":\"2026-01-01T00:00:00Z\",\"argv\":[\"touch\"],\"sockeye\":\"0.1.0\"}}\n\
         {{\"t\":1,\"c\":1,\"e\":\"open\",\"role\":\"dial\",\"local\":\"\",\"peer\":\"tcp://{at}\",\"proto\":\"tcp\"}}\n\
         {{\"t\":2,\"c\":2,\"e\":\"open\",\"role\":\"dial\",\"local\":\"\",\"peer\":\"exec:touch {}\",\"proto\":\"exec\"}}\n\
         {{\"t\":3,\"c\":3,\"e\":\"open\",\"role\":\"dial\",\"local\":\"\\u001b[2J\",\"peer\":\"\\u202e\",\"proto\":\"x\"}}\n",
        marker.display()
    );
    fs::write(&path, text).expect("room");
    for view in ["auto", "text", "hex", "both", "json", "raw"] {
        let args = ["tape", "show", path.to_str().expect("ours"), "--view", view];
        let ended = sockeye(args).run().exits(0);
        assert!(!ended.text().contains(['\u{1B}', '\u{202E}']), "{view}: {:?}", ended.text());
        if view == "text" {
            assert!(ended.text().contains(&at.to_string()), "{}", ended.text());
        }
    }
    listener.accept().expect_err("nobody called");
    assert!(!marker.exists());
}
