//! What each program's server and client say to each other, whichever of them is ours. No
//! test is in here.

#![allow(unreachable_pub, reason = "a module of a test has no outside")]
#![allow(clippy::needless_pass_by_value, reason = "a scene owns both, to wait for their ends")]

use std::fs;
use std::path::Path;

use crate::harness::{Ended, LONG, Running, noise, ports};
use crate::page::{self, Command, Page};

/// One of the programs, and how a server and a client of it are run together.
pub struct Program {
    /// Its page, without the ending.
    pub page: &'static str,
    port: u16,
    /// What the client's stdin holds before it ends; none: the scene types.
    typed: Option<&'static str>,
    /// Makes the files that the page speaks of.
    prepare: fn(&Path),
    scene: fn(Running, Running, &Path),
}

/// A program whose scene types, and which needs no files.
const fn program(page: &'static str, port: u16, scene: fn(Running, Running, &Path)) -> Program {
    Program { page, port, typed: None, prepare: |_| {}, scene }
}

/// All of them, in the list's order.
pub const PAIRS: &[Program] = &[
    program("01-greeting-chat", 8888, greets),
    program("02-chat", 8088, chats),
    program("03-queue-chat", 8088, queues),
    Program { typed: Some("你好\n"), ..program("04-thanks", 7788, thanks) },
    program("05-until-close", 7788, reads_until_the_close),
    program("06-udp-chat", 8888, takes_turns_until_bye),
    Program { typed: Some("你好\n"), ..program("07-udp-once", 7788, receives_once) },
    program("08-broadcast", 8080, broadcasts),
    program("09-upper", 9000, raises),
    program("10-sticky", 8080, sticks),
    program("11-command-ascii", 8070, commands),
    program("12-command-struct", 8080, commands),
    Program { prepare: to_download, ..program("13-download", 7890, downloads) },
    Program { prepare: to_upload, ..program("14-upload", 8090, uploads) },
    Program { prepare: a_secret, ..program("15-hmac-chat", 8889, takes_turns_until_q) },
    program("16-threaded", 8889, takes_turns_until_q),
    program("17-open-close", 8888, opens_and_closes),
];

impl Program {
    /// Starts both, in a folder of their own, and lets them talk.
    pub fn run(&self, server: &Command, client: &Command) {
        let folder = page::folder();
        let folder = folder.path();
        (self.prepare)(folder);
        let (server, port) = server.serve(self.port, folder);
        let further: &[_] = match (self.page, client.is_python()) {
            // Not to everybody on the network of whoever runs this, nor from a fixed port.
            ("08-broadcast", true) => {
                &[("255.255.255.255", "127.255.255.255"), (" xiaocy", " xiaocy 0")]
            }
            ("08-broadcast", false) => {
                &[("255.255.255.255", "127.255.255.255"), (" xiaocy", " xiaocy --from 0")]
            }
            _ => &[],
        };
        let client = client.call((self.port, port), further, folder);
        let client = match self.typed {
            Some(line) => client.input(line),
            None => client.open(),
        };
        (self.scene)(server, client.start(), folder);
    }
}

fn greets(mut server: Running, mut client: Running, _: &Path) {
    server.write("欢迎\n");
    client.sees("欢迎\n");
    client.write("你好\n");
    server.sees("你好\n");
    server.write("再说一句\n");
    client.sees("再说一句\n");
    client.write("bye\n");
    client.wait_with_stdin_open().exits(0);
    server.sees("bye\n");
}

/// A message each way; the client speaks first.
fn take_a_turn(server: &mut Running, client: &mut Running) {
    client.write("你好\n");
    server.sees("你好\n");
    server.write("早上好\n");
    client.sees("早上好\n");
}

fn chats(mut server: Running, mut client: Running, _: &Path) {
    take_a_turn(&mut server, &mut client);
    client.write("bye\n");
    client.wait_with_stdin_open().exits(0);
    server.wait_with_stdin_open().exits(0);
}

fn queues(mut server: Running, mut client: Running, _: &Path) {
    take_a_turn(&mut server, &mut client);
    client.write("again\n");
    server.sees("again\n");
    server.write("and again\n");
    client.sees("and again\n");
    client.write("bye\n");
    client.wait_with_stdin_open().exits(0);
    assert!(server.runs(), "the client's `bye` is the client's own");
}

fn thanks(server: Running, client: Running, _: &Path) {
    server.sees("你好");
    client.wait().exits(0).prints("thank you !\n");
}

fn reads_until_the_close(server: Running, mut client: Running, _: &Path) {
    client.write("你好\n");
    server.sees("你好\n");
    client.write("再见\n");
    client.wait().exits(0);
    server.sees("再见\n");
    server.wait_with_stdin_open().exits(0);
}

fn takes_turns_until_bye(mut server: Running, mut client: Running, _: &Path) {
    take_a_turn(&mut server, &mut client);
    client.write("bye\n");
    client.wait_with_stdin_open().exits(0);
    server.sees("bye\n");
}

fn takes_turns_until_q(mut server: Running, mut client: Running, _: &Path) {
    take_a_turn(&mut server, &mut client);
    client.write("q\n");
    client.wait_with_stdin_open().exits(0);
    server.sees("q\n");
    assert!(server.runs(), "`q` ends the one client");
}

fn receives_once(server: Running, _client: Running, _: &Path) {
    server.sees("你好");
    server.wait_with_stdin_open().exits(0);
}

fn broadcasts(server: Running, client: Running, _: &Path) {
    client.wait().exits(0);
    server.sees("xiaocy");
}

fn raises(_server: Running, mut client: Running, _: &Path) {
    client.write("hello, 你好\n");
    client.sees("HELLO, 你好\n");
    client.write("again\n");
    client.sees("AGAIN\n");
}

fn sticks(server: Running, client: Running, _: &Path) {
    client.wait().exits(0);
    // One read or two: both are right, and nothing is lost.
    let all = server.out.until(LONG, |bytes| {
        let read: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\n').collect();
        (read == b"hellofeng").then_some(())
    });
    assert!(all.is_some(), "{}", server.out.shown());
}

fn commands(mut server: Running, mut client: Running, _: &Path) {
    client.write("echo 你好\n");
    client.sees("你好\n");
    client.write("echo again\n");
    client.sees("again\n");
    client.write("quit\n");
    client.wait_with_stdin_open().exits(0);
    assert!(server.runs(), "`quit` is the client's own");
}

/// Longer than one recv, and no multiple of one.
fn notes() -> Vec<u8> {
    noise(300_001, 13)
}

/// Makes what a page says has to be made first, by the page's own words.
fn made_first(page: &str, folder: &Path) {
    for page in [page.to_owned(), format!("zh-CN/{page}")] {
        let spans = Page::read(&page).spans();
        let text = spans.into_iter().find(|span| span.starts_with("mkdir "));
        let text = text.unwrap_or_else(|| panic!("{page} does not say what to make first"));
        Command { text }.start(&[], folder).run().exits(0);
    }
}

/// What the page makes is there; what is sent is longer.
fn to_download(folder: &Path) {
    made_first("13-download.md", folder);
    assert_eq!(fs::read(folder.join("shared/notes.txt")).expect("it is made"), b"hello\n");
    fs::write(folder.join("shared/notes.txt"), notes()).expect("a file");
}

fn downloads(_server: Running, client: Running, folder: &Path) {
    let ended: Ended = client.wait().exits(0);
    let found = ["[接收]notes.txt", "notes.txt"].map(|name| fs::read(folder.join(name)).ok());
    assert!(found.into_iter().flatten().eq([notes()]), "{}", ended.err);
}

fn to_upload(folder: &Path) {
    made_first("14-upload.md", folder);
    assert_eq!(fs::read(folder.join("notes.txt")).expect("it is made"), b"hello\n");
    fs::write(folder.join("notes.txt"), notes()).expect("a file");
}

fn uploads(_server: Running, client: Running, folder: &Path) {
    client.wait().exits(0);
    let target = folder.join("inbox/notes.txt");
    ports::until("the uploaded file", || target.exists());
    // Its name is given once it is whole.
    assert!(fs::read(target).expect("it is there") == notes());
}

/// Runs the page's own command for it.
fn a_secret(folder: &Path) {
    let page = Page::read("15-hmac-chat.md");
    let command = page.commands().into_iter().find(|command| command.text.starts_with("(umask"));
    command.expect("the page makes a secret").start(&[], folder).run().exits(0);
}

fn opens_and_closes(server: Running, client: Running, _: &Path) {
    client.wait().exits(0).prints("hello\n");
    server.sees("hello\n");
}
