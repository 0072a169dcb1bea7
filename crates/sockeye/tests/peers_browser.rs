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
    plays_with(file, &[]);
}

fn plays_with(file: &str, env: &[(&str, &str)]) {
    let file = folder().join(format!("{file}.test.js"));
    let mut node = Start::program("node").args(["--test", file.to_str().expect("a plain path")]);
    for (name, value) in env {
        node = node.env(name, value);
    }
    let ended = node.env("SOCKEYE", SOCKEYE).start().wait_for(LIMIT);
    assert!(ended.code == Some(0), "{}\n{}", ended.text(), ended.err);
    assert!(ended.text().contains("\n# fail 0"), "nothing was played:\n{}", ended.text());
}

#[test]
fn a_page_with_trouble_fails_its_scenario() {
    plays("harness");
}

#[test]
fn the_main_way() {
    plays("main");
}

#[test]
fn every_transport_talks_to_others_programs() {
    plays("transports");
}

#[test]
fn what_is_written_becomes_the_bytes_that_were_meant() {
    plays("sending");
}

#[test]
fn what_is_kept_and_runs_by_itself() {
    plays("keeping");
}

#[test]
fn what_is_looked_at_is_found_and_understood() {
    plays("looking");
}

#[test]
fn what_is_saved_is_read_by_others_programs() {
    plays("saving");
}

#[test]
fn the_tools_beside_the_stream() {
    plays("tools");
}

#[test]
fn lessons_are_taken_to_their_end() {
    plays("lessons");
}

#[test]
fn keys_alone_suffice_and_every_look_fits() {
    plays("keys");
}

#[test]
fn n58_what_a_peer_sends_stays_text_on_the_page_and_in_what_is_saved() {
    plays("hostile");
}

#[test]
fn n28_n71_n72_pages_of_others_reach_nothing_in_a_real_browser() {
    plays("door");
}

#[test]
fn n73_a_killed_server_comes_back_under_an_open_page_and_no_row_twice() {
    plays("restart");
}

#[test]
fn n74_very_many_events_scroll_smoothly_in_bounded_memory() {
    plays("many");
}

#[test]
#[ignore = "long: a million events of a binary that is not optimised"]
fn n74_a_million_events_scroll_smoothly_in_bounded_memory() {
    plays_with("many", &[("SOCKEYE_EVENTS", "1000000")]);
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
