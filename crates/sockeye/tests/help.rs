//! The command line's reference as one text, and every example in it, run.
//!
//! `SOCKEYE_BLESS=1` rewrites the text, which is what a reviewer then reads.

mod harness;
#[path = "help/rows.rs"]
mod rows;
#[path = "help/boundaries.rs"]
mod boundaries;
#[path = "help/classics.rs"]
mod classics;
#[path = "help/workbench.rs"]
mod workbench;
#[path = "help/bench.rs"]
mod bench;

use std::path::Path;

use harness::{Running, Start, ports, shell, sockeye, tape};
use rows::{ROWS, Row, Then};

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/reference.txt");

/// A tape of which `detect` is sure: a server says three lines.
const LINES: &str = r#"{"v":1,"e":"tape","start":"2026-01-02T03:04:05Z","argv":[],"sockeye":"0.1.0"}
{"t":1,"c":1,"e":"open","role":"dial","local":"127.0.0.1:2","peer":"127.0.0.1:1","proto":"tcp"}
{"t":2,"c":1,"e":"in","s":"hello\n"}
{"t":3,"c":1,"e":"in","s":"how are you\nbye\n"}
"#;

/// The help of one command, as wide as an 100-column terminal would have it.
fn help(command: &[String]) -> String {
    let all = command.iter().map(String::as_str).chain(["--help"]);
    sockeye(all).env("COLUMNS", "100").run().exits(0).text()
}

/// Every command, each before its own commands: `[]`, `[connect]`, `[tape, show]` …
fn commands(from: &[String]) -> Vec<Vec<String>> {
    let text = help(from);
    let mut found = vec![from.to_vec()];
    let listed = text.lines().skip_while(|line| *line != "Commands:").skip(1);
    for line in listed.take_while(|line| !line.is_empty()) {
        let name = line.trim_start().split([' ', ',']).next().unwrap_or_default();
        found.extend(commands(&[from, &[name.to_owned()]].concat()));
    }
    found
}

#[test]
fn the_whole_reference_is_as_reviewed() {
    let mut text = String::new();
    for command in commands(&[]) {
        let words = [&["$ sockeye".to_owned()], command.as_slice(), &["--help\n".to_owned()]];
        text += &words.concat().join(" ");
        text += &help(&command);
        text += "\n";
    }
    if std::env::var_os("SOCKEYE_BLESS").is_some() {
        std::fs::write(REFERENCE, &text).expect("the snapshot's folder");
    }
    let reviewed = std::fs::read_to_string(REFERENCE).unwrap_or_default();
    let differs = reviewed.lines().zip(text.lines()).find(|(reviewed, now)| reviewed != now);
    assert!(
        reviewed == text,
        "the help has changed: {differs:?}; SOCKEYE_BLESS=1 rewrites {REFERENCE}"
    );
}

#[test]
fn every_command_has_examples_that_stand_in_the_table() {
    let mut missing = Vec::new();
    let mut shown = Vec::new();
    for command in commands(&[]) {
        let help = help(&command);
        let examples = examples(&help);
        // `tape`, or a classic program without its side, only groups.
        let groups = help.contains("\nCommands:\n");
        assert!(groups || !examples.is_empty(), "{command:?} has no examples");
        missing.extend(examples.iter().filter(|line| row(line).is_none()).cloned());
        shown.extend(examples);
    }
    assert!(missing.is_empty(), "examples without a row in the table: {missing:#?}");
    for row in rows() {
        assert!(shown.iter().any(|line| line == row.line), "no help has `{}`", row.line);
    }
}

fn examples(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    listed.take_while(|line| line.starts_with("  ")).map(|line| line.trim().to_owned()).collect()
}

fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter()
        .chain(classics::ROWS)
        .chain(boundaries::ROWS)
        .chain(workbench::ROWS)
        .chain(bench::ROWS)
}

fn row(line: &str) -> Option<&'static Row> {
    rows().find(|row| row.line == line)
}

/// Records the tape that the examples of `tape show` look at, and makes the capture file
/// that those of `capture` read.
fn record(folder: &Path) {
    let server = harness::words("listen 127.0.0.1:0 --reply hex:CEC2B6C8").start();
    let path = folder.join("talk.tape");
    let args = ["send", &server.at(), "x", "--tape", path.to_str().expect("a path of ours")];
    sockeye(args).run().exits(0);
    assert!(!tape::read(&path).is_empty());
    let convert = ["tape", "convert", "talk.tape", "seen.pcapng"];
    sockeye(convert).folder(folder).run().exits(0);
}

/// Makes the files and folders that the examples of `classic` name.
fn furnish(folder: &Path) {
    let secret = ("password.txt", "correct horse battery");
    let report = ("report.pdf", "a report");
    for (name, bytes) in [("key", "hush"), secret, report, ("lines.tape", LINES)] {
        std::fs::write(folder.join(name), bytes).expect("room on disk");
    }
    for name in ["key", "password.txt"] {
        let own = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(folder.join(name), own).expect("a file of ours");
    }
    for name in ["inbox", "Downloads"] {
        std::fs::create_dir(folder.join(name)).expect("room on disk");
    }
}

impl Row {
    fn run(&self) {
        let folder = tempfile::tempdir().expect("a folder");
        record(folder.path());
        furnish(folder.path());
        let peer = || harness::words(self.peer).folder(folder.path()).start();
        let peer = (!self.peer.is_empty()).then(peer);
        let peers = peer.as_ref().map(|peer| peer.port().to_string()).unwrap_or_default();
        let free = ports::free().to_string();
        let dir = folder.path().to_str().expect("a path of ours");
        let fill = |text: &str| {
            text.replace("{free}", &free).replace("{peer}", &peers).replace("{dir}", dir)
        };
        let mut line = self.line.to_owned();
        for (old, new) in self.puts {
            assert!(line.contains(old), "`{}` has no `{old}`", self.line);
            line = line.replacen(old, &fill(new), 1);
        }
        let start = in_shell(&line).folder(folder.path());
        match self.then {
            Then::Prints(expected) => self.prints(start, expected),
            Then::Takes(input, expected) => self.prints(start.input(input), expected),
            Then::Serves(call, expected) => {
                let server: Running = start.start();
                server.endpoint();
                harness::words(&fill(call)).run().exits(0).prints(fill(expected));
            }
            Then::Fails(code) => drop(start.run().exits(1).fails_clearly(code)),
            Then::Begins(expected) => start.start().sees(expected),
        }
    }

    fn prints(&self, start: Start, expected: &str) {
        let ended = start.run().exits(0);
        assert!(ended.text().contains(expected), "`{}` printed {:?}", self.line, ended.text());
    }
}

/// The line as a shell runs it, with the binary under test for `sockeye`.
fn in_shell(line: &str) -> Start {
    let script = match line.strip_prefix("sockeye ") {
        Some(rest) => format!("exec \"$S\" {rest}"),
        None => line.replacen("sockeye ", "\"$S\" ", 1),
    };
    shell(&script)
}

#[test]
fn every_example_of_the_help_runs() {
    let threads: Vec<_> = rows().map(|row| (row.line, std::thread::spawn(|| row.run()))).collect();
    let failed: Vec<&str> = threads
        .into_iter()
        .filter_map(|(line, thread)| thread.join().is_err().then_some(line))
        .collect();
    assert!(failed.is_empty(), "examples that fail: {failed:#?}");
}
