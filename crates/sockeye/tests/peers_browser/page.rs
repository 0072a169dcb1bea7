//! The page's sources, judged by the programs that know their languages: TypeScript's compiler,
//! and Node for the parts that need no browser.

use std::path::Path;

use crate::LIMIT;
use crate::harness::{Start, node};

fn web() -> String {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sockeye-web");
    place.to_str().expect("a plain path").to_owned()
}

#[test]
fn ui_is_typed() {
    let compiler = format!("{}/../../target/node/node_modules/typescript/bin/tsc", web());
    let project = format!("{}/ui/jsconfig.json", web());
    let judged = node().args([&compiler, "--project", &project]).start().wait_for(LIMIT);
    assert_eq!((judged.code, judged.text()), (Some(0), String::new()), "{}", judged.err);
}

#[test]
fn the_parts_of_the_page_do_what_they_say() {
    let mut files = Vec::new();
    for area in std::fs::read_dir(format!("{}/ui-tests", web())).expect("a folder") {
        for file in std::fs::read_dir(area.expect("an area").path()).expect("a folder") {
            let path = file.expect("a file").path();
            if path.to_str().is_some_and(|path| path.ends_with(".test.js")) {
                files.push(path);
            }
        }
    }
    assert!(files.len() > 20, "{} files", files.len());
    let ended = Start::program("node").args(["--test"]).args(&files).start().wait_for(LIMIT);
    assert!(ended.code == Some(0), "{}\n{}", ended.text(), ended.err);
}
