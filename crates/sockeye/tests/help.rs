//! The command line's reference as one text, and every example in it, run.
//!
//! `SOCKEYE_BLESS=1` rewrites the text, which is what a reviewer then reads.

mod harness;

use std::path::Path;

use harness::{Running, Start, ports, shell, sockeye, tape};

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/reference.txt");

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
        let examples = examples(&help(&command));
        let only_groups = help(&command).contains("\nCommands:\n");
        assert!(only_groups || !examples.is_empty(), "{command:?} has no examples");
        missing.extend(examples.iter().filter(|line| row(line).is_none()).cloned());
        shown.extend(examples);
    }
    assert!(missing.is_empty(), "examples without a row in the table: {missing:#?}");
    for row in ROWS {
        assert!(shown.iter().any(|line| line == row.line), "no help has `{}`", row.line);
    }
}

fn examples(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    listed.take_while(|line| line.starts_with("  ")).map(|line| line.trim().to_owned()).collect()
}

/// How an example is run. In `puts`, `calls` and `peer`, `{free}` is a free port, `{peer}`
/// the port of the peer, `{dir}` a folder, which is also the working folder.
struct Row {
    line: &'static str,
    /// A server of ours that is started first: the arguments of `sockeye`.
    peer: &'static str,
    /// What is put in place of what stands in the line.
    puts: &'static [(&'static str, &'static str)],
    then: Then,
}

enum Then {
    /// It ends with 0, and its stdout holds this.
    Prints(&'static str),
    /// It is given this input; it ends with 0, and its stdout holds the second.
    Takes(&'static str, &'static str),
    /// It serves: `sockeye` with these arguments ends with 0 and prints the second.
    Serves(&'static str, &'static str),
    /// It begins with this, and goes on for longer than a test wants to wait.
    Begins(&'static str),
}

const ECHO: &str = "listen 127.0.0.1:0 --reply echo";

const TLS_ECHO: &str = "listen tls://127.0.0.1:0 --reply echo";

const ROWS: &[Row] = &[
    Row {
        line: "sockeye completions bash > /etc/bash_completion.d/sockeye",
        peer: "",
        puts: &[("/etc/bash_completion.d", "{dir}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye completions zsh > \"${fpath[1]}/_sockeye\"",
        peer: "",
        puts: &[("${fpath[1]}", "{dir}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye completions fish > ~/.config/fish/completions/sockeye.fish",
        peer: "",
        puts: &[("~/.config/fish/completions", "{dir}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye man | man -l -",
        peer: "",
        puts: &[("man -l -", "cat")],
        then: Then::Prints(".TH sockeye 1"),
    },
    Row {
        line: "sockeye man connect | man -l -",
        peer: "",
        puts: &[("man -l -", "cat")],
        then: Then::Prints(".TH sockeye-connect 1"),
    },
    Row {
        line: "sockeye man --out /usr/local/share/man/man1",
        peer: "",
        puts: &[("/usr/local/share/man/man1", "{dir}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye connect tls://example.org:443",
        peer: TLS_ECHO,
        puts: &[("tls://example.org:443", "--insecure tls://127.0.0.1:{peer}")],
        then: Then::Takes("hi\n", "hi\n"),
    },
    Row {
        line: "sockeye listen tls://:8443 --reply echo",
        peer: "",
        puts: &[("8443", "{free}")],
        then: Then::Serves("send --insecure tls://127.0.0.1:{free} hi", "hi"),
    },
    Row { line: "sockeye demo", peer: "", puts: &[], then: Then::Begins("TCP carries a stream") },
    Row { line: "sockeye demo --fast", peer: "", puts: &[], then: Then::Prints("sockeye --help") },
    Row {
        line: "sockeye listen 8888",
        peer: "",
        puts: &[("8888", "{free}")],
        then: Then::Serves("send 127.0.0.1:{free} hi", ""),
    },
    Row {
        line: "sockeye listen 8888 --reply echo",
        peer: "",
        puts: &[("8888", "{free}")],
        then: Then::Serves("send 127.0.0.1:{free} hi", "hi"),
    },
    Row {
        line: "sockeye listen -u 9000 --reply upper",
        peer: "",
        puts: &[("9000", "{free}")],
        then: Then::Serves("send udp://127.0.0.1:{free} hi --expect HI", "HI"),
    },
    Row {
        line: r"sockeye listen 127.0.0.1:0 --on 'AT => OK' --on 're:^AT\+ => ERROR' --eol crlf",
        peer: "",
        puts: &[("127.0.0.1:0", "127.0.0.1:{free}")],
        then: Then::Serves("send 127.0.0.1:{free} AT+X", "ERROR\r\n"),
    },
    Row {
        line: "sockeye listen 8888 --exec 'cat -n'",
        peer: "",
        puts: &[("8888", "{free}")],
        then: Then::Serves("send 127.0.0.1:{free} hi", "     1\thi"),
    },
    Row {
        line: "sockeye listen unix:/tmp/talk.sock > received.bin",
        peer: "",
        puts: &[("/tmp", "{dir}")],
        then: Then::Serves("send unix:{dir}/talk.sock hi", ""),
    },
    Row {
        line: "echo hello | sockeye connect 127.0.0.1:8888",
        peer: ECHO,
        puts: &[("8888", "{peer}")],
        then: Then::Prints("hello\n"),
    },
    Row {
        line: "sockeye connect 127.0.0.1:8888",
        peer: ECHO,
        puts: &[("8888", "{peer}")],
        then: Then::Takes("hi\n", "hi\n"),
    },
    Row {
        line: "sockeye connect example.org 80",
        peer: ECHO,
        puts: &[("example.org 80", "127.0.0.1 {peer}")],
        then: Then::Takes("GET\n", "GET\n"),
    },
    Row {
        line: "echo hello | sockeye connect -u 127.0.0.1:9000 --idle-timeout 1s",
        peer: "listen -u 127.0.0.1:0 --reply upper",
        puts: &[("9000", "{peer}")],
        then: Then::Prints("HELLO\n"),
    },
    Row {
        line: "sockeye connect --frame len:u16be --view both 127.0.0.1:8888",
        peer: "listen 127.0.0.1:0 --reply upper --frame len:u16be",
        puts: &[("8888", "{peer}")],
        then: Then::Takes("hi\n", "00 02 48 49"),
    },
    Row {
        line: "sockeye connect -z 127.0.0.1 20-30,80",
        peer: ECHO,
        puts: &[("20-30,80", "{peer}-{peer},{peer}")],
        then: Then::Prints(" open\n"),
    },
    Row {
        line: "sockeye send 127.0.0.1:8888 hello feng",
        peer: ECHO,
        puts: &[("8888", "{peer}")],
        then: Then::Prints("hellofeng"),
    },
    Row {
        line: "sockeye send udp://127.0.0.1:9000 'hex:AA 55' --expect hex:55AA",
        peer: "listen -u 127.0.0.1:0 --reply hex:55AA",
        puts: &[("9000", "{peer}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye send --frame len:u32be 127.0.0.1:8888 'text:hello'",
        peer: ECHO,
        puts: &[("8888", "{peer}")],
        then: Then::Prints("\0\0\0\u{5}hello"),
    },
    Row {
        line: "sockeye send 127.0.0.1:8888 ping --repeat 3 --every 200ms",
        peer: ECHO,
        puts: &[("8888", "{peer}")],
        then: Then::Prints("pingpingping"),
    },
    Row {
        line: "sockeye relay 8080 example.org:80 --view both",
        peer: ECHO,
        puts: &[("8080", "{free}"), ("example.org:80", "127.0.0.1:{peer}")],
        then: Then::Serves("send 127.0.0.1:{free} hi", "hi"),
    },
    Row {
        line: "sockeye relay 8080 127.0.0.1:80",
        peer: ECHO,
        puts: &[("8080", "{free}"), ("127.0.0.1:80", "127.0.0.1:{peer}")],
        then: Then::Serves("send 127.0.0.1:{free} hi", "hi"),
    },
    Row {
        line: "sockeye relay unix:/tmp/front.sock 127.0.0.1:80 --tape talk.tape",
        peer: ECHO,
        puts: &[("/tmp", "{dir}"), ("127.0.0.1:80", "127.0.0.1:{peer}"), ("talk.tape", "new.tape")],
        then: Then::Serves("send unix:{dir}/front.sock hi", "hi"),
    },
    Row {
        line: "sockeye relay udp://127.0.0.1:5353 udp://127.0.0.1:53",
        peer: "listen -u 127.0.0.1:0 --reply upper",
        puts: &[("127.0.0.1:5353", "127.0.0.1:{free}"), ("127.0.0.1:53", "127.0.0.1:{peer}")],
        then: Then::Serves("send udp://127.0.0.1:{free} hi --expect HI", "HI"),
    },
    Row {
        line: "sockeye relay --dial - exec:cat",
        peer: "",
        puts: &[],
        then: Then::Takes("hi\n", "hi\n"),
    },
    Row { line: "sockeye tape show talk.tape", peer: "", puts: &[], then: Then::Prints("温度") },
    Row {
        line: "sockeye tape show talk.tape --view both --time since",
        peer: "",
        puts: &[],
        then: Then::Prints("CE C2 B6 C8"),
    },
    Row {
        line: "sockeye tape show talk.tape --encoding gbk",
        peer: "",
        puts: &[],
        then: Then::Prints("温度"),
    },
    Row {
        line: "sockeye classic download serve 127.0.0.1:7890 --root .",
        peer: "",
        puts: &[("7890", "{free}")],
        then: Then::Serves("send 127.0.0.1:{free} report.pdf", "a report"),
    },
    Row {
        line: "sockeye classic download connect 127.0.0.1:7890 report.pdf --out Downloads",
        peer: "classic download serve 127.0.0.1:0 --root .",
        puts: &[("7890", "{peer}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye classic upload serve 127.0.0.1:8090 --root inbox",
        peer: "",
        puts: &[("8090", "{free}")],
        then: Then::Serves("classic upload connect 127.0.0.1:{free} /etc/hostname", ""),
    },
    Row {
        line: "sockeye classic upload connect 127.0.0.1:8090 report.pdf",
        peer: "classic upload serve 127.0.0.1:0 --root inbox",
        puts: &[("8090", "{peer}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye classic command-struct serve 127.0.0.1:8080 --allow ls date",
        peer: "",
        puts: &[("8080", "{free}")],
        then: Then::Serves("classic command-struct connect 127.0.0.1:{free} date +x", "x\n"),
    },
    Row {
        line: "sockeye classic command-struct connect 127.0.0.1:8080 uname",
        peer: "classic command-struct serve 127.0.0.1:0 --allow uname",
        puts: &[("8080", "{peer}")],
        then: Then::Prints("Linux\n"),
    },
    Row {
        line: "sockeye classic hmac-chat serve 127.0.0.1:8889 --secret-file key --reply echo",
        peer: "",
        puts: &[("8889", "{free}")],
        then: Then::Serves(
            "classic hmac-chat connect 127.0.0.1:{free} --secret-file {dir}/key",
            "q\n",
        ),
    },
    Row {
        line: "sockeye classic hmac-chat connect 127.0.0.1:8889 --secret-file key",
        peer: "classic hmac-chat serve 127.0.0.1:0 --secret-file key --reply echo",
        puts: &[("8889", "{peer}")],
        then: Then::Takes("hello\n", "hello\nq\n"),
    },
];

fn row(line: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.line == line)
}

/// Records the tape that the examples of `tape show` look at.
fn record(folder: &Path) {
    let server = harness::words("listen 127.0.0.1:0 --reply hex:CEC2B6C8").start();
    let path = folder.join("talk.tape");
    let args = ["send", &server.at(), "x", "--tape", path.to_str().expect("a path of ours")];
    sockeye(args).run().exits(0);
    assert!(!tape::read(&path).is_empty());
}

/// Makes the files and folders that the examples of `classic` name.
fn furnish(folder: &Path) {
    for (name, bytes) in [("key", "hush"), ("report.pdf", "a report")] {
        std::fs::write(folder.join(name), bytes).expect("room on disk");
    }
    let own = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(folder.join("key"), own).expect("a file of ours");
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
                harness::words(&fill(call)).run().exits(0).prints(expected);
            }
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
    let threads: Vec<_> =
        ROWS.iter().map(|row| (row.line, std::thread::spawn(|| row.run()))).collect();
    let failed: Vec<&str> = threads
        .into_iter()
        .filter_map(|(line, thread)| thread.join().is_err().then_some(line))
        .collect();
    assert!(failed.is_empty(), "examples that fail: {failed:#?}");
}
