//! `sockeye shake` against servers and clients in Python, each with one classic boundary bug,
//! and against their mended twins.

#[path = "../harness/mod.rs"]
mod harness;
mod bugs;
mod manners;
mod servers;

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
