//! `download`, both sides.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use rustix::process::Signal;

use crate::classic;
use crate::classic_server;
use crate::files::Folder;
use crate::harness::{LONG, Running, noise, sockeye, tape};

fn serve(root: &Folder, more: &[&str]) -> Running {
    let args = ["classic", "download", "serve", "127.0.0.1:0", "--root", root.path()];
    sockeye(args.iter().chain(more)).start()
}

fn fetch(at: &str, name: &str, out: &Folder) -> crate::harness::Start {
    sockeye(["classic", "download", "connect", at, name, "--out", out.path()])
}

/// What a raw client gets for a name.
fn asked(at: &str, name: &[u8]) -> Vec<u8> {
    let mut socket = TcpStream::connect(at).expect("a connection");
    socket.write_all(name).expect("the server listens");
    let mut all = Vec::new();
    socket.read_to_end(&mut all).expect("the server answers");
    all
}

#[test]
fn a_classic_client_gets_a_small_file_and_a_large_one_is_told_of() {
    let (root, out) = (Folder::new(), Folder::new());
    root.put("温度.txt", "25 ℃");
    root.put("large", noise(5000, 1));
    let server = serve(&root, &[]);
    let port = server.port().to_string();
    let client = classic("download_client.py", [port.as_str(), "温度.txt", out.path()]);
    client.run().exits(0).prints("ok 6\n");
    assert_eq!(out.file("[接收]温度.txt"), "25 ℃".as_bytes());
    let client = classic("download_client.py", [port.as_str(), "nothing", out.path()]);
    client.run().exits(0).prints("nothing\n");
    let client = classic("download_client.py", [port.as_str(), "large", out.path()]);
    client.run().exits(0);
    server.says("a classic client will cut it at 1024 bytes");
    server.says("refused: `nothing`: no such file");
    server.signal(Signal::TERM);
    server.wait().exits(143);
}

#[test]
fn our_client_reads_what_a_classic_server_sends_to_its_end() {
    let (root, out) = (Folder::new(), Folder::new());
    let bytes = noise(3_000_000, 2);
    root.put("报告 1.bin", &bytes);
    root.put("empty", "");
    let (_server, at) = classic_server("download_server.py", [root.path()]);
    fetch(&at, "报告 1.bin", &out).run().exits(0).prints("");
    assert_eq!(out.file("报告 1.bin"), bytes);
    for name in ["empty", "missing"] {
        let ended = fetch(&at, name, &out).run().exits(1).fails_clearly("E-io");
        ended.told("no such file, or an empty one");
    }
    assert_eq!(out.names(), ["报告 1.bin"]);
}

#[test]
fn what_is_there_is_replaced_only_when_asked() {
    let (root, out) = (Folder::new(), Folder::new());
    root.put("a", "new");
    out.put("a", "old");
    let (_server, at) = classic_server("download_server.py", [root.path()]);
    fetch(&at, "a", &out).run().exits(1).fails_clearly("E-io").told("is there already");
    assert_eq!(out.file("a"), b"old");
    fetch(&at, "a", &out).args(["--overwrite"]).run().exits(0);
    assert_eq!(out.file("a"), b"new");
    assert_eq!(out.names(), ["a"]);
}

#[test]
fn sixty_four_mebibytes_go_over_whole_and_memory_stays_flat() {
    let (root, out) = (Folder::new(), Folder::new());
    let bytes = noise(64 << 20, 3);
    root.put("big", &bytes);
    let server = serve(&root, &[]);
    fetch(&server.at(), "big", &out).run().exits(0);
    assert!(out.file("big") == bytes, "the bytes differ");
    assert!(server.peak() < 60_000, "{} KiB", server.peak());
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let outside = Folder::new();
    outside.put("secret", "hush");
    let root = Folder::new();
    std::os::unix::fs::symlink(outside.path(), root.at("way")).unwrap();
    std::os::unix::fs::symlink(outside.at("secret"), root.at("leaf")).unwrap();
    let fifo = std::process::Command::new("mkfifo").arg(root.at("pipe")).status().unwrap();
    assert!(fifo.success());
    let _socket = std::os::unix::net::UnixListener::bind(root.at("socket")).unwrap();
    std::fs::create_dir(root.at("folder")).unwrap();
    let server = serve(&root, &[]);
    let at = server.at();
    let up = format!("../{}/secret", outside.path().rsplit('/').next().unwrap());
    let absolute = format!("{}/secret", outside.path());
    let long = "x".repeat(4096);
    for name in [
        up.as_str(),
        absolute.as_str(),
        "way/secret",
        "leaf",
        "pipe",
        "socket",
        "folder",
        ".",
        "..",
        "a\0b",
        "C:\\secret",
        "\\\\host\\share",
        "\x1B[2J",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        long.as_str(),
    ] {
        assert_eq!(asked(&at, name.as_bytes()), b"", "{name:?}");
    }
    assert_eq!(asked(&at, b"\xFF\xFE\x00"), b"");
    // Nothing that a terminal obeys is in what was said.
    server.says("␛");
    assert!(!String::from_utf8_lossy(&server.err.so_far()).contains('\x1B'));
}

#[test]
fn a_name_in_gbk_is_found_where_that_was_said_or_can_be_seen() {
    let root = Folder::new();
    root.put("温度.txt", "25");
    for more in [&[][..], &["--encoding", "gbk"]] {
        let server = serve(&root, more);
        assert_eq!(asked(&server.at(), b"\xCE\xC2\xB6\xC8.txt"), b"25", "{more:?}");
    }
}

#[test]
fn a_name_in_two_pieces_is_one_where_the_silence_between_them_is_short() {
    let root = Folder::new();
    root.put("ab", "both");
    root.put("a", "one");
    let server = serve(&root, &["--settle", "10s"]);
    let mut socket = TcpStream::connect(server.at()).unwrap();
    socket.write_all(b"a").unwrap();
    socket.write_all(b"b").unwrap();
    socket.shutdown(std::net::Shutdown::Write).unwrap();
    let mut all = Vec::new();
    socket.read_to_end(&mut all).unwrap();
    assert_eq!(all, b"both");
    let server = serve(&root, &["--settle", "0"]);
    assert_eq!(asked(&server.at(), b"a"), b"one");
}

#[test]
fn a_file_that_is_cut_off_is_not_kept() {
    let out = Folder::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let client = fetch(&at, "half", &out).start();
    let (mut socket, _) = listener.accept().unwrap();
    let mut name = [0; 4];
    socket.read_exact(&mut name).unwrap();
    socket.write_all(&noise(100_000, 4)).unwrap();
    let linger = Some(std::time::Duration::ZERO);
    rustix::net::sockopt::set_socket_linger(&socket, linger).unwrap();
    drop(socket);
    client.wait().exits(1).fails_clearly("E-reset");
    assert_eq!(out.names(), Vec::<String>::new());
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_does_not_look_whole() {
    let root = Folder::new();
    root.put("log", noise(64 << 20, 5));
    let server = serve(&root, &[]);
    let mut socket = TcpStream::connect(server.at()).unwrap();
    socket.write_all(b"log").unwrap();
    let mut some = [0; 1000];
    socket.read_exact(&mut some).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(root.at("log")).unwrap();
    file.set_len(20 << 20).unwrap();
    let mut rest = Vec::new();
    let error = socket.read_to_end(&mut rest).expect_err("a RST");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    server.says("was changed while it was sent");
}

#[test]
fn a_file_that_grows_while_it_is_sent_is_told_of() {
    let root = Folder::new();
    root.put("log", noise(64 << 20, 7));
    let server = serve(&root, &[]);
    let mut socket = TcpStream::connect(server.at()).unwrap();
    socket.write_all(b"log").unwrap();
    socket.read_exact(&mut [0; 1000]).unwrap();
    let file = std::fs::OpenOptions::new().append(true).open(root.at("log")).unwrap();
    (&file).write_all(b"more").unwrap();
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).unwrap();
    assert_eq!(rest.len(), (64 << 20) - 1000);
    server.says("`log` grew while it was sent");
}

#[test]
fn a_stop_in_the_middle_does_not_look_like_the_end_of_the_file() {
    let root = Folder::new();
    root.put("big", noise(64 << 20, 8));
    let server = serve(&root, &[]);
    let mut socket = TcpStream::connect(server.at()).unwrap();
    socket.write_all(b"big").unwrap();
    socket.read_exact(&mut [0; 1000]).unwrap();
    server.signal(Signal::TERM);
    server.wait().exits(143).told("`big` did not go over whole");
    let error = socket.read_to_end(&mut Vec::new()).expect_err("a RST");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn one_client_that_resets_or_dawdles_disturbs_nobody() {
    let (root, out) = (Folder::new(), Folder::new());
    root.put("big", noise(20 << 20, 6));
    let mut server = serve(&root, &[]);
    let _idle = TcpStream::connect(server.at()).unwrap();
    let mut unread = TcpStream::connect(server.at()).unwrap();
    unread.write_all(b"big").unwrap();
    let mut cut = TcpStream::connect(server.at()).unwrap();
    cut.write_all(b"big").unwrap();
    cut.read_exact(&mut [0; 10]).unwrap();
    drop(cut);
    fetch(&server.at(), "big", &out).run().exits(0);
    server.says("closed first by the peer (RST)");
    assert!(server.runs());
}

#[test]
fn the_tape_and_the_explanation_tell_each_step() {
    let (root, out) = (Folder::new(), Folder::new());
    root.put("a", "bytes");
    let (_server, at) = classic_server("download_server.py", [root.path()]);
    let path = out.at("talk.tape");
    let ended = fetch(&at, "a", &out)
        .args(["--explain", "--tape", path.to_str().unwrap()])
        .run()
        .exits(0)
        .told("connect(")
        .told("sendall() of 1 byte")
        .told("returned b'': the peer has closed its side");
    assert!(ended.err.contains("close()"), "{}", ended.err);
    let events = tape::read(&path);
    assert_eq!(tape::came(&events).concat(), b"bytes");
    assert_eq!(tape::went(&events).concat(), b"a");
    assert_eq!(tape::closes(&events).len(), 1);
}

#[test]
fn who_may_not_call_is_refused() {
    let root = Folder::new();
    root.put("a", "bytes");
    let server = serve(&root, &["--deny", "127.0.0.0/8"]);
    let mut socket = TcpStream::connect(server.at()).unwrap();
    let mut all = Vec::new();
    // Closed, by a FIN or a RST.
    let _closed = socket.read_to_end(&mut all);
    assert_eq!(all, b"");
    server.says("refused 127.0.0.1:");
}

#[test]
fn a_file_that_may_have_been_cut_off_is_not_kept() {
    // A TLS server that ends as an attacker on the way would have it end: without close_notify.
    let out = Folder::new();
    let script = "import socket, ssl, subprocess, sys, tempfile\n\
         d = tempfile.mkdtemp()\n\
         subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', \
         'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', d + '/k', '-out', d + '/c', '-days', \
         '3', '-subj', '/CN=localhost'], check=True, stderr=subprocess.DEVNULL)\n\
         context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n\
         context.load_cert_chain(d + '/c', d + '/k')\n\
         s = socket.create_server(('127.0.0.1', 0))\n\
         print(s.getsockname()[1], flush=True)\n\
         c, _ = s.accept()\n\
         t = context.wrap_socket(c, server_side=True)\n\
         t.recv(1024); t.sendall(b'half of the file')\n\
         t.close()\n";
    let (_server, port) = python_server(script);
    let at = format!("tls://127.0.0.1:{port}?insecure");
    let ended = fetch(&at, "notes.txt", &out).run().exits(1).fails_clearly("E-integrity");
    ended.told("may have been cut off");
    assert_eq!(out.names(), Vec::<String>::new());
}

fn python_server(script: &str) -> (Running, u16) {
    let server = crate::Start::program("python3").args(["-c", script]).start();
    let port = server.out.until(LONG, |bytes| {
        std::str::from_utf8(bytes).ok()?.split_once('\n')?.0.parse::<u16>().ok()
    });
    (server, port.expect("a port"))
}

#[test]
fn over_a_websocket_only_a_close_frame_is_the_end_of_a_file() {
    // The file in one binary message, then a close frame and the end, or the bare end.
    let script = |close: &str| {
        format!(
            "import base64, hashlib, re, socket\n\
             s = socket.create_server(('127.0.0.1', 0))\n\
             print(s.getsockname()[1], flush=True)\n\
             c, _ = s.accept()\n\
             head = b''\n\
             while b'\\r\\n\\r\\n' not in head: head += c.recv(4096)\n\
             key = re.search(rb'(?i)sec-websocket-key: *(\\S+)', head)[1]\n\
             mix = key + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'\n\
             accept = base64.b64encode(hashlib.sha1(mix).digest())\n\
             c.sendall(b'HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\n'\n\
             b'Connection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + b'\\r\\n\\r\\n')\n\
             c.recv(4096)\n\
             c.sendall(b'\\x82\\x05bytes' + {close})\n\
             c.shutdown(socket.SHUT_WR)\n\
             while c.recv(4096): pass\n"
        )
    };
    for (close, kept) in [("b''", false), (r"b'\x88\x02\x03\xe8'", true)] {
        let out = Folder::new();
        let (_server, port) = python_server(&script(close));
        let ended = fetch(&format!("ws://127.0.0.1:{port}"), "a", &out).run();
        if kept {
            ended.exits(0);
            assert_eq!(out.file("a"), b"bytes");
        } else {
            ended.exits(1).fails_clearly("E-integrity");
            assert_eq!(out.names(), Vec::<String>::new());
        }
    }
}
