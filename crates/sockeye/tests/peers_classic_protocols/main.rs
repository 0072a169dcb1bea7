//! The classic programs that are protocols of their own, each side against a Python program
//! that does what every course has it do, and against callers that mean no good.

#[path = "../harness/mod.rs"]
mod harness;

mod files;
mod download;
mod upload;
mod command;
mod hmac_chat;
mod long;

use std::io::Read as _;
use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::path::Path;

use files::Folder;
use harness::{LONG, Running, Start, noise, sockeye};

/// A classic Python program.
fn classic<'a>(name: &str, args: impl IntoIterator<Item = &'a str>) -> Start {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/classic");
    let script = folder.join(name).to_str().expect("UTF-8").to_owned();
    Start::program("python3").args([script.as_str()]).args(args).env("PYTHONUTF8", "1")
}

/// A classic Python server, and where it listens.
fn classic_server<'a>(name: &str, args: impl IntoIterator<Item = &'a str>) -> (Running, String) {
    let server = classic(name, args).start();
    let port = server.out.until(LONG, |bytes| {
        let text = std::str::from_utf8(bytes).ok()?;
        text.split_once('\n')?.0.parse::<u16>().ok()
    });
    (server, format!("127.0.0.1:{}", port.expect("the server's port")))
}

#[test]
fn noise_at_every_port_is_refused_and_the_server_goes_on() {
    let root = Folder::new();
    let programs: [&[&str]; 5] = [
        &["download", "--root", root.path()],
        &["upload", "--root", root.path()],
        &["command-ascii", "--allow", "echo"],
        &["command-struct", "--allow", "echo"],
        &["hmac-chat", "--reply", "echo"],
    ];
    for program in programs {
        let (name, more) = program.split_first().unwrap();
        let line = [&["classic", name, "serve", "127.0.0.1:0"], more].concat();
        let mut server = sockeye(line).env("SOCKEYE_SECRET", "x").start();
        for seed in 0..20 {
            let mut socket = TcpStream::connect(server.at()).unwrap();
            // It may be cut off at any point.
            let _cut = socket.write_all(&noise(1 << 20, seed));
            let _cut = socket.shutdown(Shutdown::Write);
            let _cut = socket.read_to_end(&mut Vec::new());
        }
        assert!(server.runs(), "{name}");
        assert!(server.peak() < 60_000, "{name}: {} KiB", server.peak());
        let said = String::from_utf8_lossy(&server.err.so_far()).into_owned();
        let obeyed = said.chars().any(|ch| ch.is_control() && ch != '\n');
        assert!(!obeyed, "{name}: {said:?}");
    }
    assert_eq!(root.names(), Vec::<String>::new());
}

#[test]
fn a_protocol_of_streams_says_that_it_does_not_go_over_datagrams() {
    let root = Folder::new();
    let programs: [&[&str]; 5] = [
        &["download", "--root", root.path()],
        &["upload", "--root", root.path()],
        &["command-ascii", "--allow", "echo"],
        &["command-struct", "--allow", "echo"],
        &["hmac-chat"],
    ];
    for program in programs {
        let (name, more) = program.split_first().unwrap();
        let said = format!("`{name}` does not go over `udp://127.0.0.1:9`");
        for at in [["udp://127.0.0.1:9"].as_slice(), &["-u", "127.0.0.1:9"]] {
            let line = [&["classic", name, "serve"], at, more].concat();
            let ended = sockeye(line).run().exits(2).fails_clearly("E-usage").told(&said);
            ended.told("hint: it wants tcp, as in tcp://127.0.0.1:");
        }
        let file = if name.ends_with("load") { &["main.rs"][..] } else { &[] };
        let line = [&["classic", name, "connect", "udp://127.0.0.1:9"], file].concat();
        sockeye(line).run().exits(2).fails_clearly("E-usage").told(&said);
    }
}

#[test]
fn a_folder_that_is_not_there_is_told_how_it_is_made() {
    let root = Folder::new();
    for name in ["download", "upload"] {
        let line = ["classic", name, "serve", "127.0.0.1:0", "--root", "in box"];
        let start = sockeye(line).folder(Path::new(root.path()));
        start.run().exits(1).fails_clearly("E-io").told("hint: `mkdir -p 'in box'` makes it");
    }
}
