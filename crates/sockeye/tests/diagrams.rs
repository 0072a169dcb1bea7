//! Sequence diagrams of tapes, as a user types it.

mod harness;

use std::fs;

use harness::{Ended, shell, sockeye, words};
use tempfile::TempDir;

/// A folder with the tape of a relayed talk in it: `ping`, and `pong` back.
fn desk() -> TempDir {
    let desk = tempfile::tempdir().expect("a folder");
    let tape = desk.path().join("talk.tape");
    let server = words("listen 127.0.0.1:0 --on ping=>pong").start();
    let relay = ["relay", "127.0.0.1:0", &server.at(), "--tape"];
    let relay = sockeye(relay.into_iter().chain(tape.to_str())).start();
    sockeye(["send", &relay.at(), "ping", "--expect", "pong"]).run().exits(0);
    relay.says("closed first");
    relay.signal(rustix::process::Signal::INT);
    relay.wait().exits(130);
    desk
}

fn run(desk: &TempDir, line: &str) -> Ended {
    words(&format!("tape {line}")).folder(desk.path()).run()
}

#[test]
fn a_relayed_talk_is_shown_between_three_lifelines() {
    let desk = desk();
    let text = run(&desk, "show talk.tape --as diagram").exits(0).text();
    let line = |part: &str| text.lines().find(|line| line.contains(part)).expect(part);
    let heads = line("caller");
    assert!(heads.contains("relay") && heads.ends_with("target"), "{text}");
    assert!(line("4 B  ping").contains("▶│╌"), "{text}");
    assert!(line("4 B  pong").contains("╌│◀─"), "{text}");
    assert!(text.contains("○ #1 closed by ") && text.contains("○ #2 closed by "), "{text}");
    assert!(text.contains("dotted: passed on"), "{text}");
    for number in [1, 2] {
        let one = format!("show talk.tape --as diagram --conversation {number}");
        run(&desk, &one).exits(0).prints(&text);
    }
    let events = run(&desk, "show talk.tape --conversation 2").exits(0).text();
    assert!(events.contains("pong") && !events.contains("ping"), "{events}");
}

#[test]
fn pictures_stand_alone_and_are_never_half_there() {
    let desk = desk();
    run(&desk, "convert talk.tape talk.svg").exits(0).prints("");
    run(&desk, "convert talk.tape talk.mmd --most 5").exits(0).prints("");
    let read = |name: &str| fs::read_to_string(desk.path().join(name)).expect("text");
    let picture = read("talk.svg");
    assert!(picture.ends_with("</svg>\n") && picture.contains(">4 B  ping</text>"), "{picture}");
    let mermaid = read("talk.mmd");
    assert!(mermaid.starts_with("sequenceDiagram\n"), "{mermaid}");
    assert!(mermaid.contains("  p0->>u0: ") && mermaid.contains(" 4 B  ping\n"), "{mermaid}");
    assert!(mermaid.contains("  u0-->>t0: 4 B\n"), "{mermaid}");
    run(&desk, "convert talk.tape talk.svg").exits(1).fails_clearly("E-io");
    assert_eq!(read("talk.svg"), picture);
    for name in ["none.svg", "none.mmd"] {
        let line = format!("convert talk.tape {name} --conversation 7");
        let ended = run(&desk, &line).exits(2).fails_clearly("E-usage");
        ended.told("no conversation #7");
    }
    let names = fs::read_dir(desk.path()).expect("a folder").count();
    assert_eq!(names, 3, "the tape and two diagrams");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let desk = desk();
    run(&desk, "show talk.tape --as diagram --conversation 7").exits(2).fails_clearly("E-usage");
    run(&desk, "show talk.tape --as diagram --view hex").exits(2).told("error[E-usage]: ");
    run(&desk, "show talk.tape --as diagram --most 0").exits(2).told("error[E-usage]: ");
    run(&desk, "show talk.tape --as picture").exits(2).told("error[E-usage]: ");
    run(&desk, "convert talk.tape a.txt --most 5").exits(2).fails_clearly("E-usage");
    run(&desk, "convert talk.tape a.html --conversation 1").exits(2).fails_clearly("E-usage");
}

#[test]
fn a_closed_stdout_is_a_quiet_end_and_damage_is_told() {
    let desk = desk();
    let script = "\"$S\" tape show talk.tape --as diagram | true";
    let ended = shell(script).folder(desk.path()).run().exits(0);
    assert_eq!(ended.err, "");
    let mut tape = fs::read_to_string(desk.path().join("talk.tape")).expect("text");
    let end = tape.find('\n').expect("a header") + 1;
    tape.insert_str(end, "rubbish\n");
    fs::write(desk.path().join("damaged.tape"), tape).expect("room");
    let ended = run(&desk, "show damaged.tape --as diagram").exits(1).told("line 2");
    assert!(ended.text().contains("4 B  ping"), "{}", ended.text());
}
