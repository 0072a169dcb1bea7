//! What takes minutes and gigabytes; run by name.

use std::time::Duration;

use crate::files::Folder;
use crate::harness::{Start, sockeye};

const LIMIT: Duration = Duration::from_mins(10);

/// A file of 4 GiB and a bit, which takes no room, with something to find in it.
fn huge(folder: &Folder, name: &str) {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::create(folder.at(name)).expect("room on disk");
    file.set_len((4 << 30) + 5).expect("room on disk");
    for place in [0_u64, 1 << 31, 1 << 32] {
        file.write_all_at(b"here", place).expect("room on disk");
    }
}

fn same(one: &Folder, two: &Folder, name: &str) {
    let files = [one.at(name), two.at(name)];
    Start::program("cmp").args(files).start().wait_for(LIMIT).exits(0);
}

#[test]
#[ignore = "moves 4 GiB"]
fn four_gibibytes_come_down_and_memory_stays_flat() {
    let (root, out) = (Folder::new(), Folder::new());
    huge(&root, "huge");
    let args = ["classic", "download", "serve", "127.0.0.1:0", "--root", root.path()];
    let server = sockeye(args).start();
    let args = ["classic", "download", "connect", &server.at(), "huge", "--out", out.path()];
    sockeye(args).start().wait_for(LIMIT).exits(0);
    same(&root, &out, "huge");
    assert!(server.peak() < 60_000, "{} KiB", server.peak());
}

#[test]
#[ignore = "moves 4 GiB"]
fn four_gibibytes_go_up_and_memory_stays_flat() {
    let (root, from) = (Folder::new(), Folder::new());
    huge(&from, "huge");
    let args = ["classic", "upload", "serve", "127.0.0.1:0", "--root", root.path()];
    let server = sockeye(args).start();
    let path = from.at("huge");
    let args = ["classic", "upload", "connect", &server.at(), path.to_str().unwrap()];
    let ended = sockeye(args).start().wait_for(LIMIT).exits(0);
    ended.told("a server that counts in 32 bits would misread that");
    same(&root, &from, "huge");
    assert!(server.peak() < 60_000, "{} KiB", server.peak());
}
