//! The commands of the READMEs that are classic programs by themselves, each met by its other
//! side. How such a command is run is told in `readme.rs`.

#![allow(unreachable_pub, reason = "a module of a test has no outside")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::Scene;
use crate::harness::{Ended, Running, Start, words};
use crate::line::{Line, call, datagrams, hear, hear_the_end};

/// Each of them, as the READMEs write it.
pub const CLASSICS: &[(&str, Scene)] = &[
    ("sockeye classic list", |line| {
        assert!(line.start(&[]).run().exits(0).text().contains("hmac-chat"));
    }),
    ("sockeye classic queue-chat serve", |line| {
        use std::io::Write as _;
        let mut ours = serve(line);
        let mut client = call(&ours);
        client.write_all(b"hello").expect("sent");
        ours.sees("hello");
        ours.write("ok\n");
        hear(&mut client, b"ok");
        hear_the_end(&mut client);
    }),
    ("sockeye classic udp-once serve", |line| {
        let ours = serve(line);
        let (client, _) = datagrams();
        client.send_to(b"hello", ours.at()).expect("sent");
        ours.wait_with_stdin_open().exits(0).prints("hello\n");
    }),
    ("sockeye classic command-ascii serve --allow echo ls", |line| runs(line, "command-ascii")),
    ("sockeye classic command-ascii connect", |line| has_run(line, "command-ascii")),
    ("sockeye classic command-struct serve --allow echo ls", |line| runs(line, "command-struct")),
    ("sockeye classic command-struct connect", |line| has_run(line, "command-struct")),
    ("sockeye classic download serve --root shared", |line| {
        let root = line.folder.path().join("shared");
        fs::create_dir(&root).expect("a folder");
        fs::write(root.join("notes.txt"), "hello").expect("a file");
        let server = serve(line);
        meet(line, "download", &server.at()).args(["notes.txt"]).run().exits(0);
        assert_eq!(fs::read(line.folder.path().join("notes.txt")).expect("it came"), b"hello");
    }),
    ("sockeye classic upload serve --root inbox", |line| {
        fs::create_dir(line.folder.path().join("inbox")).expect("a folder");
        fs::write(line.folder.path().join("notes.txt"), "hello").expect("a file");
        let server = serve(line);
        uploaded(line, &server, meet(line, "upload", &server.at()).args(["notes.txt"]).run());
    }),
    ("sockeye classic upload connect notes.txt", |line| {
        fs::create_dir(line.folder.path().join("inbox")).expect("a folder");
        fs::write(line.folder.path().join("notes.txt"), "hello").expect("a file");
        let server = words("classic upload serve 127.0.0.1:0 --root inbox");
        let server = server.folder(line.folder.path()).start();
        uploaded(line, &server, connect(line, &server).run());
    }),
    ("sockeye classic hmac-chat serve --secret-file secret.txt", |line| {
        let secret = secret(line);
        let mut server = serve(line);
        let client = meet(line, "hmac-chat", &server.at()).args(["--secret-file", &secret]);
        let mut client = client.open().start();
        client.write("hi\n");
        server.sees("hi\n");
        server.write("and you\n");
        client.sees("and you\n");
    }),
    ("sockeye classic hmac-chat connect --secret-file secret.txt", |line| {
        let secret = secret(line);
        let server = words("classic hmac-chat serve 127.0.0.1:0 --reply upper --secret-file");
        let server = server.args([&secret]).start();
        connect(line, &server).input("hi\n").run().exits(0).prints("HI\nq\n");
    }),
];

/// The command as a server, at a port of its choice instead of its usual one.
fn serve(line: &Line) -> Running {
    line.start(&[(" serve", " serve 127.0.0.1:0")]).open().start()
}

/// The command as a client of that server.
fn connect(line: &Line, server: &Running) -> Start {
    line.start(&[(" connect", &format!(" connect {}", server.at()))])
}

/// The program's own client, in the same folder.
fn meet(line: &Line, program: &str, at: &str) -> Start {
    words(&format!("classic {program} connect {at}")).folder(line.folder.path())
}

fn runs(line: &Line, program: &str) {
    let server = serve(line);
    let client = meet(line, program, &server.at()).args(["echo", "hello"]);
    client.run().exits(0).prints("hello\n");
}

fn has_run(line: &Line, program: &str) {
    let server = words(&format!("classic {program} serve 127.0.0.1:0 --allow echo")).start();
    connect(line, &server).input("echo hello\nquit\n").run().exits(0).prints("hello\n");
}

/// What the client sent is under its name, once the server says so.
fn uploaded(line: &Line, server: &Running, client: Ended) {
    client.exits(0);
    server.says("notes.txt`");
    let file = line.folder.path().join("inbox/notes.txt");
    assert_eq!(fs::read(file).expect("it is there"), b"hello");
}

/// A secret that nobody else may read; its path.
fn secret(line: &Line) -> String {
    let path = line.folder.path().join("secret.txt");
    fs::write(&path, "hush\n").expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
    path.to_str().expect("UTF-8").to_owned()
}
