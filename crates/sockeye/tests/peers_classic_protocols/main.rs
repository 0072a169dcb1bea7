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

use std::path::Path;

use harness::{LONG, Running, Start};

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
