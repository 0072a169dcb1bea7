//! `sockeye replay`: a recorded talk again, as the side that called and as the side that was
//! called, from a tape of either and of a relay between them.

mod harness;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::{Running, ports, sockeye, tape, words};
use tempfile::TempDir;

struct Studio {
    folder: TempDir,
}

impl Studio {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("a plain path").to_owned()
    }

    /// Records `hello`, a pause until the answer is there, and `feng`, at each of the three
    /// places: `dialler.tape`, `acceptor.tape`, `relay.tape`.
    fn record(&self) {
        let (acceptor, relay) = (self.text("acceptor.tape"), self.text("relay.tape"));
        let server =
            sockeye(["listen", "127.0.0.1:0", "--reply", "upper", "--tape", &acceptor]).start();
        let between = sockeye(["relay", "127.0.0.1:0", &server.at(), "--tape", &relay]).start();
        let dialler = self.text("dialler.tape");
        let mut client = sockeye(["connect", &between.at(), "--tape", &dialler]).open().start();
        client.write("hello\n");
        client.sees("HELLO");
        client.write("feng\n");
        client.sees("FENG");
        client.wait().exits(0);
        between.says("closed first");
        server.says("closed first");
    }
}

const TAPES: [&str; 3] = ["dialler.tape", "acceptor.tape", "relay.tape"];

fn upper() -> Running {
    words("listen 127.0.0.1:0 --reply upper").start()
}

fn went(path: &Path) -> Vec<Vec<u8>> {
    tape::went(&tape::read(path))
}

#[test]
fn the_side_that_called_is_played_from_a_tape_of_any_place() {
    let studio = Studio::new();
    studio.record();
    let server = upper();
    for name in TAPES {
        let again = studio.text(&format!("again-{name}"));
        let args = [
            "replay",
            &studio.text(name),
            &server.at(),
            "--speed",
            "max",
            "--strict",
            "--tape",
            &again,
        ];
        let played = sockeye(args).run().exits(0).prints("HELLO\nFENG\n");
        played.told("the answers are those of the tape (11 bytes)");
        assert_eq!(went(Path::new(&again)), [b"hello\n".to_vec(), b"feng\n".to_vec()], "{name}");
    }
}

#[test]
fn the_side_that_was_called_is_played_to_every_caller() {
    let studio = Studio::new();
    studio.record();
    for name in TAPES {
        let args = ["replay", &studio.text(name), "--as-server", "127.0.0.1:0", "--speed", "max"];
        let server = sockeye(args).start();
        for _ in 0..2 {
            let mut client = sockeye(["connect", &server.at()]).open().start();
            client.write("hello\n");
            client.sees("HELLO\n");
            client.write("feng\n");
            client.wait().exits(0).prints("HELLO\nFENG\n");
        }
        // One that says all at once, and ends, is answered all the same.
        sockeye(["connect", &server.at()])
            .input("hello\nfeng\n")
            .run()
            .exits(0)
            .prints("HELLO\nFENG\n");
        server.says("the answers are those of the tape");
    }
}

#[test]
fn other_answers_are_told_and_fail_only_when_asked() {
    let studio = Studio::new();
    studio.record();
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let file = studio.text("dialler.tape");
    let base = ["replay", &file, &server.at(), "--speed", "max"];
    let text = "the answers differ from the tape at byte 0: `hello\\n` instead of `HELLO\\n`";
    sockeye(base).run().exits(0).told(text);
    sockeye(base.iter().chain(&["--strict"]))
        .run()
        .exits(1)
        .fails_clearly("E-integrity")
        .told(text)
        .told("`tape diff TAPE AGAIN`");
}

#[test]
fn the_tape_that_is_played_is_not_written_to() {
    let studio = Studio::new();
    studio.record();
    let before = fs::read(studio.path("dialler.tape")).expect("a tape");
    let file = studio.text("dialler.tape");
    for flag in ["--tape", "--save", "--log"] {
        let ended = sockeye(["replay", &file, "exec:cat", flag, &file, "--overwrite"]).run();
        ended.exits(2).fails_clearly("E-usage").told("names the tape that is played");
    }
    assert!(fs::read(studio.path("dialler.tape")).expect("a tape") == before);
}

#[test]
fn a_server_that_keeps_silent_is_waited_for_as_long_as_said() {
    let studio = Studio::new();
    studio.record();
    let server = words("listen 127.0.0.1:0").open().start();
    let file = studio.text("dialler.tape");
    let args =
        ["replay", &file, &server.at(), "--speed", "max", "--patience", "100ms", "-q", "0.1"];
    let played = sockeye(args).run().exits(0);
    played
        .told("0 of 6 bytes had come after 100ms: going on")
        .told("0 bytes came, the tape has 11");
    server.sees("hello\nfeng\n");
}

/// A tape made by hand: `a`, a pause, `b`.
fn with_a_pause(studio: &Studio, pause: Duration) -> String {
    let at = |more: u64| 2_000_000 + more + u64::try_from(pause.as_nanos()).expect("short");
    let lines = [
        r#"{"v":1,"e":"tape","start":"2025-01-01T00:00:00Z","argv":[],"sockeye":"1"}"#.to_owned(),
        r#"{"t":2000000,"c":1,"e":"open","role":"dial","local":"a:1","peer":"192.0.2.1:9","proto":"tcp"}"#.to_owned(),
        r#"{"t":2000000,"c":1,"e":"out","s":"a"}"#.to_owned(),
        format!(r#"{{"t":{},"c":1,"e":"out","s":"b"}}"#, at(0)),
        format!(r#"{{"t":{},"c":1,"e":"close","by":"us","how":"fin"}}"#, at(1)),
    ];
    let path = studio.path("pause.tape");
    fs::write(&path, lines.join("\n") + "\n").expect("written");
    path.to_str().expect("plain").to_owned()
}

/// How long after the start the second write of a run was: a machine that is busy makes it
/// later, and never earlier.
fn second_write(studio: &Studio, pause: Duration, speed: &str) -> Duration {
    let file = with_a_pause(studio, pause);
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let again = studio.text(&format!("at-{speed}.tape"));
    sockeye(["replay", &file, &server.at(), "--speed", speed, "--tape", &again]).run().exits(0);
    let events = tape::read(Path::new(&again));
    let times: Vec<Duration> = events
        .iter()
        .filter(|event| matches!(event.what, sockeye_tape::event::What::Out { .. }))
        .map(|event| event.t)
        .collect();
    let [_, second] = times[..] else { panic!("two writes, not {times:?}") };
    second
}

#[test]
fn the_speed_divides_the_pauses_of_the_tape() {
    let studio = Studio::new();
    let pause = Duration::from_secs(1);
    let (usual, fast) = (second_write(&studio, pause, "1"), second_write(&studio, pause, "10"));
    assert!(usual >= pause, "{usual:?}");
    assert!(fast >= pause / 10 && fast < pause, "{fast:?}");
    let pause = Duration::from_mins(10);
    let at_once = second_write(&studio, pause, "max");
    assert!(at_once < pause / 10, "{at_once:?}");
}

#[test]
fn n84_an_endpoint_on_the_tape_is_never_called() {
    let studio = Studio::new();
    let trap = words("listen 127.0.0.1:0 --reply echo").start();
    let file = with_a_pause(&studio, Duration::from_millis(400));
    let text = fs::read_to_string(&file).expect("the tape").replace("192.0.2.1:9", &trap.at());
    fs::write(&file, text).expect("written");
    let server = upper();
    sockeye(["replay", &file, &server.at(), "--speed", "max"]).run().exits(0).prints("AB");
    assert!(
        !String::from_utf8_lossy(
            &trap.err.until(Duration::ZERO, |bytes| Some(bytes.to_vec())).expect("what it said")
        )
        .contains("#1")
    );
}

#[test]
fn datagrams_are_played_one_by_one_both_ways() {
    let studio = Studio::new();
    let (file, served) = (studio.text("udp.tape"), studio.text("served.tape"));
    let server =
        sockeye(["listen", "-u", "127.0.0.1:0", "--reply", "upper", "--tape", &served]).start();
    let at = format!("udp://{}", server.at());
    let mut client = sockeye(["connect", &at, "--tape", &file, "--until", "BYE"]).open().start();
    client.write("hi\n");
    client.sees("HI");
    client.write("bye\n");
    client.wait_with_stdin_open().exits(0);
    sockeye(["replay", &file, &at, "--speed", "max", "--strict"]).run().exits(0);
    let played =
        sockeye(["replay", &file, "--as-server", "udp://127.0.0.1:0", "--speed", "max"]).start();
    let to = format!("udp://{}", played.at());
    sockeye(["send", &to, "hi\n", "--expect", "HI"]).run().exits(0);
}

#[test]
fn what_cannot_be_played_is_refused_before_anybody_is_called() {
    let studio = Studio::new();
    let at = format!("127.0.0.1:{}", ports::free());
    let file = with_a_pause(&studio, Duration::from_millis(400));
    sockeye(["replay", &file, &format!("udp://{at}")]).run().exits(2).fails_clearly("E-usage");
    sockeye(["replay", &file, &at, "--conversation", "7"]).run().exits(2).fails_clearly("E-usage");
    sockeye(["replay", &file, &at, "--speed", "0"]).run().exits(2).told("E-usage");
    sockeye(["replay", &studio.text("none.tape"), &at]).run().exits(1).told("none.tape");
    let header =
        fs::read_to_string(&file).expect("the tape").lines().next().expect("a line").to_owned();
    fs::write(studio.path("empty.tape"), header + "\n").expect("written");
    let empty = sockeye(["replay", &studio.text("empty.tape"), &at]).run();
    empty.exits(2).told("nothing was said on this tape");
}

#[test]
fn a_torn_tape_is_played_as_far_as_it_goes() {
    let studio = Studio::new();
    let file = with_a_pause(&studio, Duration::from_millis(400));
    let text = fs::read_to_string(&file).expect("the tape");
    let cut = text.find(r#""s":"b""#).expect("the second write");
    fs::write(&file, &text[..cut]).expect("written");
    let server = upper();
    let played = sockeye(["replay", &file, &server.at(), "--speed", "max"]).run().exits(0);
    played.told("cut in its last line").prints("A");
}

#[test]
fn rules_answer_besides() {
    let studio = Studio::new();
    studio.record();
    let server = words("listen 127.0.0.1:0 --reply upper").open().start();
    let file = studio.text("dialler.tape");
    let args = [
        "replay",
        &file,
        &server.at(),
        "--speed",
        "max",
        "--on",
        "HELLO => thanks",
        "--until",
        "THANKS",
    ];
    sockeye(args).run().told("the answers differ");
}

#[test]
fn a_websockets_script_ends_once_all_was_said_and_came() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("talk.tape").display().to_string();
    let server = words("listen ws://127.0.0.1:0 --reply upper").start();
    let at = format!("ws://{}", server.at());
    sockeye(["send", &at, "hello", "--expect", "HELLO", "--tape", &file]).run().exits(0);
    let ended = sockeye(["replay", &file, &at, "--strict"]).run().exits(0);
    ended.told("the answers are those of the tape").told("closed first by us");
}
