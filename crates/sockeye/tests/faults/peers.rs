//! Lines 16 to 28: peers that mean no good.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::{LONG, Running, noise, sockeye, tape, words};

/// What a program of ours may take at most, in KiB, whatever a peer does to it.
const FLAT: u64 = 64 * 1024;

fn call(server: &Running) -> TcpStream {
    let socket = TcpStream::connect(server.at()).expect("it listens");
    socket.set_read_timeout(Some(LONG)).expect("a timeout");
    socket
}

/// Writes until nothing is taken any more for half a second; returns how much was taken.
fn stuff(mut socket: &TcpStream, limit: usize) -> usize {
    socket.set_write_timeout(Some(Duration::from_millis(500))).expect("a timeout");
    let bytes = noise(1 << 20, 7);
    let mut taken = 0;
    while taken < limit {
        match socket.write(&bytes) {
            Ok(count) => taken += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return taken,
            Err(error) => panic!("{error}"),
        }
    }
    taken
}

#[test]
fn n16_a_peer_that_never_reads_its_answers_is_pushed_back_and_memory_stays_flat() {
    for args in ["--reply echo", "--reply upper --frame fixed:100", "--exec cat"] {
        let line = format!("listen 127.0.0.1:0 {args}");
        let server = words(&line).start();
        let greedy = call(&server);
        let taken = stuff(&greedy, 256 << 20);
        assert!(taken < 256 << 20, "{args}: all of it was taken");
        assert!(server.peak() < FLAT, "{args}: {} KiB", server.peak());
        // Others are served meanwhile.
        let fair = [b'x'; 100];
        let ended = sockeye(["connect", &server.at()]).input(fair).run().exits(0);
        assert!(ended.text().eq_ignore_ascii_case(&"x".repeat(100)), "{args}: {}", ended.text());
    }
}

#[test]
fn n16_a_stdout_that_nobody_reads_holds_the_peer_back_and_memory_stays_flat() {
    let server = words("listen 127.0.0.1:0").unread().open().start();
    let greedy = call(&server);
    let taken = stuff(&greedy, 256 << 20);
    assert!(taken < 256 << 20, "all of it was taken");
    assert!(server.peak() < FLAT, "{} KiB", server.peak());
    server.signal(Signal::INT);
    server.signal(Signal::INT);
    server.wait_with_stdin_open().exits(130);
}

#[test]
fn n17_a_flood_beyond_max_conns_is_refused_with_a_reason_and_the_old_stay_untouched() {
    let server = words("listen 127.0.0.1:0 --reply echo --max-conns 5").start();
    let mut old: Vec<TcpStream> = (0..5).map(|_| call(&server)).collect();
    let mut speak = |turn: u8| {
        for socket in &mut old {
            socket.write_all(&[turn]).expect("still open");
            let mut got = [0];
            socket.read_exact(&mut got).expect("still served");
            assert_eq!(got, [turn]);
        }
    };
    speak(1);
    for _ in 0..2000 {
        // Let in by the kernel, cut off by the program: a FIN or a RST.
        let mut refused = call(&server);
        assert!(matches!(refused.read(&mut [0]), Ok(0) | Err(_)));
    }
    speak(2);
    server.says("(`--max-conns 5`)");
    server.signal(Signal::USR1);
    server.says("5 open, 5 opened, 0 closed, 2000 refused");
    let told = String::from_utf8_lossy(&server.err.so_far()).lines().count();
    assert!(told < 40, "the log is flooded: {told} lines");
    assert!(server.peak() < FLAT, "{} KiB", server.peak());
}

#[test]
fn n21_length_prefixes_of_2_to_the_31_2_to_the_64_and_below_zero_allocate_nothing() {
    for (frame, bytes) in [
        ("len:u32be", &b"\x80\0\0\0more"[..]),
        ("len:u32be", b"\xFF\xFF\xFF\xFFmore"),
        ("len:u64be", b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFmore"),
        ("len:u64le", b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7Fmore"),
        ("len:u16be,adjust=-2", b"\0\0more"),
        ("len:varint", b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFmore"),
        ("len:ascii", b"99999999999999999999:more"),
        ("len:ascii", b"-5:more"),
    ] {
        let server =
            sockeye(["listen", "127.0.0.1:0", "--reply", "echo", "--frame", frame]).start();
        let mut socket = call(&server);
        socket.write_all(bytes).expect("connected");
        assert!(matches!(socket.read(&mut [0]), Ok(0) | Err(_)), "{frame}: answered");
        server.says("failed: ");
        assert!(server.peak() < FLAT, "{frame}: {} KiB", server.peak());
        // In a pipe it is the run's own failure.
        let alone = sockeye(["listen", "127.0.0.1:0", "--frame", frame]).start();
        call(&alone).write_all(bytes).expect("connected");
        alone.wait_with_stdin_open().exits(1).fails_clearly("E-frame");
    }
}

#[test]
fn n21_a_length_of_zero_is_an_empty_message_and_no_endless_loop() {
    let server = words("listen 127.0.0.1:0 --json --frame len:u16be").start();
    let mut socket = call(&server);
    socket.write_all(&vec![0; 20_000]).expect("connected");
    socket.shutdown(Shutdown::Write).expect("connected");
    let events = tape::lines(&server.wait().exits(0).out).1;
    let frames = events
        .iter()
        .filter(|event| matches!(event.what, sockeye_tape::event::What::Frame { len: 2, .. }));
    assert_eq!(frames.count(), 10_000);
}

#[test]
fn n22_a_frame_cut_by_eof_is_told_with_its_offset() {
    let server = words("listen 127.0.0.1:0 --frame len:u16be").start();
    let mut socket = call(&server);
    socket.write_all(b"\0\x02hi\0\x05hel").expect("connected");
    socket.shutdown(Shutdown::Write).expect("connected");
    let ended = server.wait().exits(1).fails_clearly("E-frame");
    ended.told("closed in mid-frame at offset 9: the frame began at 4");
}

#[test]
fn n23_random_bytes_at_every_kind_of_port_make_no_panic_and_no_growth() {
    let frames = [
        "raw",
        "lines",
        "crlf",
        "delim:0D0A",
        "len:u8",
        "len:u16be",
        "len:u32le",
        "len:u64be",
        "len:ascii",
        "len:varint",
        "fixed:7",
        "head:AA,tail:55",
        "gap:20ms",
        "json",
        "cobs",
        "slip",
        "modbus-tcp",
    ];
    let mut settings: Vec<String> = frames.map(|frame| format!("--frame {frame}")).to_vec();
    settings.extend(
        ["", "--view both", "--view text --encoding gbk", "--json", "--checksum crc32"]
            .map(str::to_owned),
    );
    for (seed, setting) in settings.iter().enumerate() {
        let server = words(&format!("listen 127.0.0.1:0 --reply text:x {setting}")).start();
        let mut socket = call(&server);
        let mut hearing = socket.try_clone().expect("a socket");
        let listening = std::thread::spawn(move || drop(hearing.read_to_end(&mut Vec::new())));
        let written = socket.write_all(&noise(1 << 20, seed as u64 + 1));
        // A frame that breaks its rule may have ended the talk before.
        drop(written.and_then(|()| socket.shutdown(Shutdown::Write)));
        listening.join().expect("no panic");
        server.says("#1 ");
        assert!(server.peak() < FLAT, "{setting}: {} KiB", server.peak());
        server.signal(Signal::TERM);
        let ended = server.wait().exits(143);
        assert!(!ended.err.contains("panicked"), "{setting}: {}", ended.err);
    }
}

#[test]
fn n24_bytes_that_are_no_text_are_kept_as_bytes_and_shown_without_loss() {
    let folder = tempfile::tempdir().expect("a folder");
    let save = folder.path().join("s");
    for bytes in [
        &b"\xFF\xFEbad"[..],
        b"nul\0nul",
        b"\xC4\xE3\xBA",
        b"\xE4\xBD",
        b"\xF0\x9F\x98",
        b"ok\xC3\x28",
    ] {
        let args = ["listen", "127.0.0.1:0", "--overwrite", "--view", "text", "--save"];
        let server = sockeye(args.into_iter().chain([save.to_str().expect("ours")])).start();
        let mut socket = call(&server);
        socket.write_all(bytes).expect("connected");
        socket.shutdown(Shutdown::Write).expect("connected");
        let text = server.wait().exits(0).text();
        assert_eq!(std::fs::read(&save).expect("saved"), bytes);
        assert!(!text.contains('\u{FFFD}') && !text.contains('\0'), "{bytes:?}: {text:?}");
    }
}

#[test]
fn n25_a_line_of_ten_megabytes_is_shown_in_pieces_with_memory_flat() {
    let server = words("listen 127.0.0.1:0 --frame lines --view text --reply text:x").start();
    let mut socket = call(&server);
    let mut hearing = socket.try_clone().expect("a socket");
    let heard = std::thread::spawn(move || {
        let mut got = Vec::new();
        hearing.read_to_end(&mut got).map(|_| got)
    });
    socket.write_all(&vec![b'x'; 10_000_000]).expect("connected");
    socket.write_all(b"\nshort\n").expect("connected");
    socket.shutdown(Shutdown::Write).expect("connected");
    let heard = heard.join().expect("no panic").expect("a FIN");
    assert!(heard.ends_with(b"x\n"), "the line after it was not answered: {heard:?}");
    server.sees("short");
    assert!(server.peak() < FLAT, "{} KiB", server.peak());
}

#[test]
fn n27_a_relay_pointed_at_itself_is_refused() {
    let port = crate::harness::ports::free();
    let ended = sockeye(["relay", &port.to_string(), &format!("127.0.0.1:{port}")]).run();
    ended.exits(3).fails_clearly("E-denied");
}

#[test]
fn n28_a_browsers_post_to_a_raw_port_is_never_a_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let marker = folder.path().join("pwned");
    let body = format!("touch {}\n", marker.display());
    let post = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n\r\n{body}");
    // A page whose name was rebound to this machine may use any method.
    let rebound = format!("echo / HTTP/1.1\r\nHost: x\r\n\r\n{body}");
    for (args, post) in [
        (vec!["listen", "127.0.0.1:0", "--exec", "sh"], &post),
        (vec!["relay", "127.0.0.1:0", "exec:sh"], &post),
        (vec!["listen", "127.0.0.1:0", "--exec", "sh"], &rebound),
        (vec!["relay", "127.0.0.1:0", "exec:sh"], &rebound),
    ] {
        for pieces in [1, 3] {
            let server = sockeye(&args).start();
            let mut socket = call(&server);
            for piece in post.as_bytes().chunks(post.len().div_ceil(pieces)) {
                // Cut off in the middle is what is wanted.
                drop(socket.write_all(piece));
            }
            drop(socket.shutdown(Shutdown::Write));
            drop(socket.read_to_end(&mut Vec::new()));
            server.says("closed first by");
            assert!(!marker.exists(), "{args:?}: a browser ran a command");
        }
    }
    // A caller that is no browser is served.
    let server = sockeye(["listen", "127.0.0.1:0", "--exec", "sh"]).start();
    sockeye(["connect", &server.at()]).input("echo served\n").run().exits(0).prints("served\n");
}

#[test]
fn n26_json_a_million_levels_deep_is_refused_at_the_limit_with_memory_flat() {
    let server = words("listen 127.0.0.1:0 --frame json --reply echo").start();
    // More than the sockets between them hold: the client is still sending when it is refused.
    let deep = [vec![b'['; 1 << 24], vec![b']'; 1 << 24]].concat();
    let client = sockeye(["connect", &server.at(), "-q", "5"]).input(deep).run();
    assert_eq!(client.code, Some(1), "{}", client.err);
    server.says("is nested deeper than 512");
    assert!(server.peak() < FLAT, "{} KiB at most", server.peak());
    words(&format!("send {} [1]", server.at())).run().exits(0).prints("[1]\n");
}
