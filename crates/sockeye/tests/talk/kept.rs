//! `--tape`, `--save`, `--log`, and `tape show`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sockeye_tape::event::Role;
use tempfile::TempDir;

use crate::harness::{Ended, sockeye, tape, words};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn name(path: &Path) -> &str {
    path.to_str().expect("a path of ours")
}

/// Two framed messages sent to an echo in upper case, recorded at the calling side.
fn recorded(path: &Path) -> Ended {
    let server = words("listen 127.0.0.1:0 --reply upper --frame len:u16be").start();
    let args = ["send", &server.at(), "hello", "feng", "--frame", "len:u16be"];
    sockeye(args.into_iter().chain(["--tape", name(path)])).run().exits(0)
}

#[test]
fn a_tape_holds_the_whole_talk_and_its_owner_alone_may_read_it() {
    let folder = folder();
    let path = folder.path().join("talk.tape");
    recorded(&path);
    let events = tape::read(&path);
    assert_eq!(tape::opens(&events)[0].1.role, Role::Dial);
    assert_eq!(tape::went(&events).concat(), b"\0\x05hello\0\x04feng");
    assert_eq!(tape::came(&events).concat(), b"\0\x05HELLO\0\x04FENG");
    assert_eq!(tape::closes(&events).len(), 1);
    let mode = fs::metadata(&path).expect("the tape").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let head = fs::read_to_string(&path).expect("the tape");
    let head: serde_json::Value =
        serde_json::from_str(head.lines().next().expect("a header")).expect("JSON");
    assert_eq!((&head["v"], &head["e"]), (&1.into(), &"tape".into()));
    assert_eq!(head["argv"][1], "send");
    assert!(head["start"].as_str().is_some_and(|start| start.contains('T')), "{head}");
}

#[test]
fn tape_show_draws_what_was_recorded() {
    let folder = folder();
    let path = folder.path().join("talk.tape");
    recorded(&path);
    let show = |args: &[&str]| {
        let all = ["tape", "show", name(&path)].into_iter().chain(args.iter().copied());
        sockeye(all).run().exits(0)
    };
    let text = show(&["--view", "text"]).text();
    for part in ["open tcp", "→", "hello⟧", "←", "HELLO⟧", "closed by us (FIN)"] {
        assert!(text.contains(part), "no {part}:\n{text}");
    }
    assert!(show(&["--view", "hex"]).text().contains("00 05 68 65 6C 6C 6F"));
    show(&["--view", "raw"]).prints(b"\0\x05HELLO\0\x04FENG");
    let events = tape::lines(&show(&["--view", "json"]).out).1;
    assert_eq!(events, tape::read(&path));
    assert!(show(&["--time", "since"]).text().contains("0.0"));
}

#[test]
fn tape_show_reads_in_the_encoding_asked_for() {
    let folder = folder();
    let path = folder.path().join("talk.tape");
    let server = words("listen 127.0.0.1:0 --reply hex:CEC2B6C8").start();
    sockeye(["send", &server.at(), "x", "--tape", name(&path)]).run().exits(0);
    let show = |encoding: &str| {
        let ended = sockeye(["tape", "show", name(&path), "--encoding", encoding]).run();
        ended.exits(0).text()
    };
    assert!(show("gbk").contains("温度"));
    assert!(show("auto").contains("温度"));
}

#[test]
fn a_tape_that_is_there_is_not_written_over_unless_asked() {
    let folder = folder();
    let path = folder.path().join("talk.tape");
    recorded(&path);
    let before = fs::read(&path).expect("the tape");
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let args = ["send", &server.at(), "again", "--tape", name(&path)];
    sockeye(args).run().exits(1).told(name(&path));
    assert_eq!(fs::read(&path).expect("the tape"), before);
    sockeye(args.into_iter().chain(["--overwrite"])).run().exits(0);
    assert_eq!(tape::went(&tape::read(&path)), [b"again".to_vec()]);
}

#[test]
fn save_keeps_received_bytes_and_nothing_else() {
    let folder = folder();
    let path = folder.path().join("received");
    let server = words("listen 127.0.0.1:0 --reply hex:00FF0A").start();
    let args = ["send", &server.at(), "sent", "--save", name(&path), "--view", "hex"];
    sockeye(args).run().exits(0);
    assert_eq!(fs::read(&path).expect("saved"), [0, 0xFF, 0x0A]);
    sockeye(args).run().exits(1).told("--overwrite");
    sockeye(args.into_iter().chain(["--overwrite"])).run().exits(0);
}

#[test]
fn log_appends_text_with_the_time() {
    let folder = folder();
    let path = folder.path().join("log");
    let server = words("listen 127.0.0.1:0 --reply upper").start();
    for said in ["one", "two"] {
        sockeye(["send", &server.at(), said, "--log", name(&path)])
            .run()
            .exits(0)
            .prints(said.to_uppercase());
    }
    let log = fs::read_to_string(&path).expect("the log");
    for said in ["one", "ONE", "two", "TWO"] {
        let line = log.lines().find(|line| line.ends_with(said));
        let line = line.unwrap_or_else(|| panic!("no {said} in\n{log}"));
        let time = line.split(' ').next().unwrap_or_default();
        assert_eq!(time.len(), "12:03:04.120".len(), "{line}");
        assert_eq!(time.matches(':').count(), 2, "{line}");
    }
}

#[test]
fn tape_save_log_and_view_go_together_and_agree() {
    let folder = folder();
    let file = |last: &str| folder.path().join(last);
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let (tape_file, save, log) = (file("t"), file("s"), file("l"));
    let args = ["send", &server.at(), "same", "--tape", name(&tape_file), "--save", name(&save)];
    let args = args.into_iter().chain(["--log", name(&log), "--view", "text"]);
    let ended = sockeye(args).run().exits(0);
    assert!(ended.text().contains("same"));
    assert_eq!(tape::came(&tape::read(&tape_file)).concat(), b"same");
    assert_eq!(fs::read(save).expect("saved"), b"same");
    assert!(fs::read_to_string(log).expect("the log").contains("same"));
}

#[test]
fn a_file_that_is_no_tape_is_told_as_one() {
    let folder = folder();
    let path = folder.path().join("x");
    fs::write(&path, "just a text\n").expect("room");
    let ended = sockeye(["tape", "show", name(&path)]).run().exits(1);
    ended.told("is not a tape: the first line is `just a text`").told("hint: ");
    words("tape show /nowhere.tape").run().exits(1).told("/nowhere.tape");
}
