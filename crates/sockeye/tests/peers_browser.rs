//! The workbench in a real browser: Chromium, driven by playwright. What it does there, and what
//! it must see, is written in `browser/*.test.js`; a test here runs one file of them.

mod harness;
#[path = "peers_browser/page.rs"]
mod page;

use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::{SOCKEYE, Start};

/// Longer than any file takes on a machine that does other things too.
const LIMIT: Duration = Duration::from_mins(4);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser")
}

/// Runs the scenarios of one file. What they say is shown where one fails.
fn plays(file: &str) {
    let file = folder().join(format!("{file}.test.js"));
    let node = Start::program("node").args(["--test", file.to_str().expect("a plain path")]);
    let ended = node.env("SOCKEYE", SOCKEYE).start().wait_for(LIMIT);
    assert!(ended.code == Some(0), "{}\n{}", ended.text(), ended.err);
    assert!(ended.text().contains("\n# fail 0"), "nothing was played:\n{}", ended.text());
}

#[test]
fn the_main_way() {
    plays("main");
}

#[test]
fn every_file_of_scenarios_is_run() {
    let own = include_str!("peers_browser.rs");
    let mut files = 0;
    for entry in std::fs::read_dir(folder()).expect("a folder") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_str().expect("a plain name").to_owned();
        if let Some(stem) = name.strip_suffix(".test.js") {
            assert!(own.contains(&format!("plays(\"{stem}\")")), "{name} is run by no test");
            files += 1;
        }
    }
    assert!(files > 0);
}
