//! `upload`, both sides.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::classic;
use crate::classic_server;
use crate::files::Folder;
use crate::harness::{LONG, Running, noise, shell, sockeye};

fn serve(root: &Folder, more: &[&str]) -> Running {
    let args = ["classic", "upload", "serve", "127.0.0.1:0", "--root", root.path()];
    sockeye(args.iter().chain(more)).start()
}

/// Length and header.
fn head(header: &str) -> Vec<u8> {
    let length = i32::try_from(header.len()).expect("a size");
    [length.to_ne_bytes().as_slice(), header.as_bytes()].concat()
}

fn of(name: &str, size: usize) -> Vec<u8> {
    head(&format!(r#"{{"filepath": "/home/me", "filename": "{name}", "filesize": {size}}}"#))
}

/// Sends it all, then the end; waits for the server's.
fn sent(at: &str, bytes: &[u8]) {
    let mut socket = TcpStream::connect(at).expect("a connection");
    // A server that refuses may cut it off at any point.
    let _refused = socket.write_all(bytes);
    let _refused = socket.shutdown(std::net::Shutdown::Write);
    let _cut = socket.read_to_end(&mut Vec::new());
}

#[test]
fn a_classic_client_uploads_and_the_file_is_the_same() {
    let (root, from) = (Folder::new(), Folder::new());
    let bytes = noise(3_000_001, 1);
    from.put("报告 1.bin", &bytes);
    from.put("empty", "");
    let server = serve(&root, &[]);
    let port = server.port().to_string();
    for name in ["报告 1.bin", "empty"] {
        let path = from.at(name);
        classic("upload_client.py", [port.as_str(), path.to_str().unwrap()]).run().exits(0);
    }
    server.says("/empty`");
    server.says("#2 127.0.0.1");
    server.says("#1 127.0.0.1");
    assert_eq!(root.file("报告 1.bin"), bytes);
    assert_eq!(root.names(), ["empty", "报告 1.bin"]);
}

#[test]
fn our_client_uploads_to_a_classic_server_and_tells_it_no_folder() {
    let (root, from) = (Folder::new(), Folder::new());
    let bytes = noise(3_000_001, 2);
    from.put("报告 1.bin", &bytes);
    let (server, at) = classic_server("upload_server.py", [root.path()]);
    let path = from.at("报告 1.bin");
    sockeye(["classic", "upload", "connect", &at, path.to_str().unwrap()]).run().exits(0);
    assert_eq!(root.file("报告 1.bin"), bytes);
    server.sees(r#"{"filepath": "", "filename": "\u62a5\u544a 1.bin", "filesize": 3000001}"#);
}

#[test]
fn sixty_four_mebibytes_go_up_whole_and_memory_stays_flat() {
    let (root, from) = (Folder::new(), Folder::new());
    let bytes = noise(64 << 20, 3);
    from.put("big", &bytes);
    let server = serve(&root, &[]);
    let path = from.at("big");
    sockeye(["classic", "upload", "connect", &server.at(), path.to_str().unwrap()]).run().exits(0);
    assert!(root.file("big") == bytes, "the bytes differ");
    assert!(server.peak() < 60_000, "{} KiB", server.peak());
}

#[test]
fn every_cut_of_length_header_and_file_gives_the_same_file() {
    let root = Folder::new();
    let server = serve(&root, &["--replace", "--explain"]);
    let whole = [of("a", 5), b"bytes".to_vec()].concat();
    for cut in 1..whole.len() {
        let _none = std::fs::remove_file(root.at("a"));
        let (first, second) = whole.split_at(cut);
        let mut socket = TcpStream::connect(server.at()).unwrap();
        socket.set_nodelay(true).unwrap();
        socket.write_all(first).unwrap();
        // The first part, or its first four bytes, is taken before the second is sent.
        server.says(&format!("#{cut} recv(4) returned"));
        socket.write_all(second).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(socket.read_to_end(&mut Vec::new()).unwrap(), 0);
        assert_eq!(root.file("a"), b"bytes", "cut at {cut}");
    }
    let mut socket = TcpStream::connect(server.at()).unwrap();
    socket.set_nodelay(true).unwrap();
    for byte in &whole {
        socket.write_all(&[*byte]).unwrap();
    }
    socket.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(socket.read_to_end(&mut Vec::new()).unwrap(), 0);
    assert_eq!(root.file("a"), b"bytes");
}

#[test]
fn a_length_or_a_header_that_lies_is_refused_and_leaves_nothing() {
    let root = Folder::new();
    let server = serve(&root, &["--max-size", "1MiB"]);
    let at = server.at();
    for length in [0, -1, i32::MIN, i32::MAX] {
        sent(&at, &length.to_ne_bytes());
    }
    let deep = format!(r#"{{"filename": {}"#, "[".repeat(60_000));
    for header in ["{}", "null", "[1", r#"{"filename": "a", "filesize": -1}"#, deep.as_str()] {
        sent(&at, &head(header));
    }
    for name in
        ["../a", "/tmp/a", "a/b", "..", ".", "", "C:\\\\a", "\\\\\\\\h\\\\s", "a\\u0000", "a\\n"]
    {
        sent(&at, &[of(name, 1), b"x".to_vec()].concat());
    }
    sent(&at, &of(&"x".repeat(4096), 1));
    sent(&at, &of("huge", 2 << 20));
    sent(&at, &of("huge", 1 << 62));
    sent(&at, &noise(10_000, 4));
    sent(&at, b"\x00\x00");
    server.says("a header of -1 bytes");
    server.says("leads out of its folder");
    server.says("more than 1.0 MiB");
    assert_eq!(root.names(), Vec::<String>::new());
    assert!(server.peak() < 60_000, "{} KiB", server.peak());
}

#[test]
fn a_file_that_ends_early_never_gets_its_name_and_one_that_goes_on_is_told_of() {
    let root = Folder::new();
    let server = serve(&root, &[]);
    sent(&server.at(), &[of("short", 1000), noise(999, 5)].concat());
    server.says("closed after 999 of 1000 bytes of `short`");
    assert_eq!(root.names(), Vec::<String>::new());
    sent(&server.at(), &[of("long", 10), b"0123456789extra".to_vec()].concat());
    server.says("5 bytes came beyond the 10 of its header");
    assert_eq!(root.file("long"), b"0123456789");
}

#[test]
fn a_reset_in_the_middle_leaves_nothing_and_the_server_goes_on() {
    let root = Folder::new();
    let mut server = serve(&root, &[]);
    let mut socket = TcpStream::connect(server.at()).unwrap();
    socket.write_all(&[of("half", 1_000_000), noise(1000, 6)].concat()).unwrap();
    let linger = Some(std::time::Duration::ZERO);
    rustix::net::sockopt::set_socket_linger(&socket, linger).unwrap();
    drop(socket);
    server.says("(RST)");
    assert_eq!(root.names(), Vec::<String>::new());
    sent(&server.at(), &[of("next", 1), b"x".to_vec()].concat());
    assert_eq!(root.file("next"), b"x");
    assert!(server.runs());
}

#[test]
fn what_is_there_stays_and_the_client_learns_it() {
    let (root, from) = (Folder::new(), Folder::new());
    root.put("a", "old");
    from.put("a", noise(8 << 20, 7));
    let server = serve(&root, &[]);
    let path = from.at("a");
    let client = sockeye(["classic", "upload", "connect", &server.at(), path.to_str().unwrap()]);
    client.run().exits(1).fails_clearly("E-reset");
    server.says("refused: `a` is there already");
    assert_eq!(root.file("a"), b"old");
    let server = serve(&root, &["--replace"]);
    let client = sockeye(["classic", "upload", "connect", &server.at(), path.to_str().unwrap()]);
    client.run().exits(0);
    assert_eq!(root.file("a").len(), 8 << 20);
    assert_eq!(root.names(), ["a"]);
}

#[test]
fn a_planted_link_is_not_followed() {
    let (root, outside) = (Folder::new(), Folder::new());
    outside.put("target", "mine");
    std::os::unix::fs::symlink(outside.at("target"), root.at("link")).unwrap();
    let server = serve(&root, &[]);
    sent(&server.at(), &[of("link", 3), b"new".to_vec()].concat());
    server.says("is there already");
    let server = serve(&root, &["--replace"]);
    sent(&server.at(), &[of("link", 3), b"new".to_vec()].concat());
    assert_eq!(outside.file("target"), b"mine");
    assert_eq!(root.file("link"), b"new");
}

#[test]
fn a_file_for_which_there_is_no_room_is_refused_and_leaves_nothing() {
    let (root, from) = (Folder::new(), Folder::new());
    from.put("big", noise(8 << 20, 8));
    // A file system of 1 MiB, in a mount namespace of its own.
    let script = format!(
        "exec unshare -rm sh -c 'mount -t tmpfs -o size=1m none {root} && \
         exec $S classic upload serve 127.0.0.1:0 --root {root}'",
        root = root.path()
    );
    let server = shell(&script).start();
    let path = from.at("big");
    let client = sockeye(["classic", "upload", "connect", &server.at(), path.to_str().unwrap()]);
    client.run().exits(1).fails_clearly("E-reset");
    server.says("cannot keep `big`: no space left on device; nothing of it was kept");
    // There is room again: what had come is gone.
    sent(&server.at(), &[of("small", 1000), noise(1000, 9)].concat());
    server.says("small`");
}

#[test]
fn what_a_killed_server_left_is_told_of_and_is_not_served() {
    let root = Folder::new();
    let line = ["classic", "upload", "serve", "127.0.0.1:0", "--root", root.path()];
    let server = sockeye(line).start();
    let half = [of("a", 1000), noise(500, 3)].concat();
    let mut socket = TcpStream::connect(server.at()).unwrap();
    socket.write_all(&half).unwrap();
    let start = std::time::Instant::now();
    while root.names().is_empty() {
        assert!(start.elapsed() < LONG);
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    server.signal(rustix::process::Signal::KILL);
    drop(server.wait());
    let left = root.names().pop().unwrap();
    sockeye(line).start().says(&format!("note: `{left}`, "));
    let line = ["classic", "download", "serve", "127.0.0.1:0", "--root", root.path()];
    let server = sockeye(line).start();
    let out = Folder::new();
    let line = ["classic", "download", "connect", &server.at(), &left, "--out", out.path()];
    sockeye(line).run().exits(1).fails_clearly("E-io");
    server.says("is a name of files that are being written");
}

#[test]
fn a_server_that_keeps_nothing_is_noticed() {
    let from = Folder::new();
    from.put("a", noise(4 << 20, 9));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let path = from.at("a");
    let client = sockeye(["classic", "upload", "connect", &at, path.to_str().unwrap()]).start();
    let (socket, _) = listener.accept().unwrap();
    // Closing with unread bytes is a RST.
    (&socket).read_exact(&mut [0; 100]).unwrap();
    drop(socket);
    client.wait().exits(1).fails_clearly("E-reset");
}
