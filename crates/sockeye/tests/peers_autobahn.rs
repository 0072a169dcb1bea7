//! The Autobahn cases for WebSocket, both ways: our server under the fuzzing client, our
//! client under the fuzzing server. All but 12.* and 13.*, which are about compression: we
//! offer none.

mod harness;

use std::path::Path;
use std::time::Duration;

use harness::{Running, ports, python, sockeye, words};
use serde_json::Value;

/// How many cases there are.
const CASES: usize = 301;
/// What is echoed is of no use here.
const NOWHERE: &str = "/dev/null";
/// How long all of them may take.
const ALL: Duration = Duration::from_mins(3);

fn kosoku(mode: &str, at: &str, reports: &Path) -> Running {
    let reports = reports.to_str().expect("a plain path");
    let script = "import sys; from kosoku._cli import main; sys.exit(main())";
    python()
        .args(["-c", script, "-m", mode, "-x", "12.*", "-x", "13.*", "-p", "4", "-o", reports, at])
        .start()
}

/// Each case must have been passed as the suite sees it, its close too.
fn judge(reports: &Path) {
    let index = std::fs::read_to_string(reports.join("index.json")).expect("the reports");
    let index: Value = serde_json::from_str(&index).expect("JSON");
    let agents = index.as_object().expect("agents");
    let cases: Vec<(&String, &Value)> =
        agents.values().filter_map(Value::as_object).flatten().collect();
    assert_eq!(cases.len(), CASES);
    let good =
        |verdict: &Value| matches!(verdict.as_str(), Some("OK" | "NON-STRICT" | "INFORMATIONAL"));
    for (name, case) in cases {
        assert!(good(&case["behavior"]) && good(&case["behaviorClose"]), "case {name}: {case}");
    }
}

#[test]
fn our_server_passes_every_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = words("listen ws://127.0.0.1:0 --reply echo").output_file(Path::new(NOWHERE));
    let server = server.start();
    kosoku("fuzzingclient", &server.at(), folder.path()).wait_for(ALL).exits(0);
    judge(folder.path());
}

#[test]
fn our_client_passes_every_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = ports::free();
    let at = format!("127.0.0.1:{port}");
    let suite = kosoku("fuzzingserver", &at, folder.path());
    suite.sees("listening on");
    let asked = words(&format!("connect ws://{at}/getCaseCount")).run().exits(0);
    let count: usize = asked.text().trim().parse().expect("a number");
    assert_eq!(count, CASES);
    for case in 1..=count {
        let run = format!("ws://{at}/runCase%3Fcase={case}&agent=sockeye");
        // A peer that breaks the protocol makes it end with 1: what counts is the suite's word.
        let client = sockeye(["connect", &run, "--on", "re:.* => echo"]);
        client.output_file(Path::new(NOWHERE)).run();
    }
    words(&format!("connect ws://{at}/updateReports%3Fagent=sockeye")).run();
    suite.wait_for(ALL);
    judge(folder.path());
}
