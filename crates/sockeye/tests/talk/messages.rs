//! `--frame`, `--checksum`, `--eol`, `--read-size`: from messages to bytes and back.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};

use crate::harness::{LONG, sockeye, tape, words};

/// What `sockeye send` with these arguments puts on the wire.
fn wire(args: &[&str]) -> Vec<u8> {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = server.local_addr().expect("bound").to_string();
    let all = ["send", at.as_str()].into_iter().chain(args.iter().copied());
    let client = sockeye(all).start();
    let (mut socket, _) = server.accept().expect("a caller");
    socket.set_read_timeout(Some(LONG)).expect("a timeout");
    let mut got = Vec::new();
    socket.read_to_end(&mut got).expect("all of it");
    drop(socket);
    client.wait().exits(0);
    got
}

/// What a listener makes of these bytes: its `in` frames' lengths, and its end.
fn framed(args: &str, bytes: &[u8]) -> (Vec<u64>, i32) {
    let server = words(&format!("listen 127.0.0.1:0 --json {args}")).start();
    let mut socket = TcpStream::connect(server.at()).expect("it listens");
    socket.write_all(bytes).expect("connected");
    socket.shutdown(Shutdown::Write).expect("connected");
    let ended = server.wait();
    let events = tape::lines(&ended.out).1;
    let lengths = events.iter().filter_map(|event| match event.what {
        sockeye_tape::event::What::Frame { len, .. } => Some(len),
        _ => None,
    });
    (lengths.collect(), ended.code.unwrap_or(-1))
}

#[test]
fn every_framing_seals_what_is_sent() {
    for (frame, expected) in [
        ("lines", &b"hi\nyou\n"[..]),
        ("crlf", b"hi\r\nyou\r\n"),
        ("delim:00", b"hi\0you\0"),
        ("len:u8", b"\x02hi\x03you"),
        ("len:u16be", b"\0\x02hi\0\x03you"),
        ("len:u16le", b"\x02\0hi\x03\0you"),
        ("len:u24be", b"\0\0\x02hi\0\0\x03you"),
        ("len:u32le", b"\x02\0\0\0hi\x03\0\0\0you"),
        ("len:u64be", b"\0\0\0\0\0\0\0\x02hi\0\0\0\0\0\0\0\x03you"),
        ("len:varint", b"\x02hi\x03you"),
        ("head:AA,tail:55", b"\xAAhi\x55\xAAyou\x55"),
        ("cobs", b"\x03hi\0\x04you\0"),
    ] {
        assert_eq!(wire(&["hi", "you", "--frame", frame]), expected, "{frame}");
    }
    assert_eq!(wire(&["ab", "cd", "--frame", "fixed:2"]), b"abcd");
}

#[test]
fn every_framing_finds_the_messages_that_came() {
    for (frame, bytes, lengths) in [
        ("lines", &b"hello\nfeng\n"[..], vec![6, 5]),
        ("crlf", b"hello\r\nfe\nng\r\n", vec![7, 7]),
        ("delim:0D0A0D0A", b"a\r\n\r\nb\r\n\r\n", vec![5, 5]),
        ("len:u16be", b"\0\x05hello\0\x04feng", vec![7, 6]),
        ("len:u32le", b"\x05\0\0\0hello", vec![9]),
        ("len:varint", b"\x05hello\x04feng", vec![6, 5]),
        ("fixed:4", b"abcdefgh", vec![4, 4]),
        ("head:AA,tail:55", b"\xAAhello\x55\xAAx\x55", vec![7, 3]),
        ("json", b"{\"a\":1}{\"b\":[2]}", vec![7, 9]),
        ("cobs", b"\x03hi\0\x04you\0", vec![4, 5]),
    ] {
        for cut in ["", " --read-size 1", " --read-size 2,10", " --read-size 3"] {
            let found = framed(&format!("--frame {frame}{cut}"), bytes);
            assert_eq!(found, (lengths.clone(), 0), "{frame}{cut}");
        }
    }
}

#[test]
fn frames_go_through_a_whole_round_trip() {
    for frame in
        ["len:u16be", "lines", "len:varint", "cobs", "slip", "len:ascii", "head:02,tail:03"]
    {
        let server = words(&format!("listen 127.0.0.1:0 --reply upper --frame {frame}")).start();
        let args = ["send", &server.at(), "hello", "feng", "--frame", frame, "--json"];
        let ended = sockeye(args).run().exits(0);
        let events = tape::lines(&ended.out).1;
        let sealed = wire(&["HELLO", "FENG", "--frame", frame]);
        assert_eq!(tape::came(&events).concat(), sealed, "{frame}");
    }
}

#[test]
fn a_checksum_is_appended_and_checked() {
    assert_eq!(
        wire(&["hex:01 03 00 00 00 0A", "--checksum", "crc16-modbus"]),
        [1, 3, 0, 0, 0, 10, 0xC5, 0xCD]
    );
    assert_eq!(wire(&["123456789", "--checksum", "crc16-ccitt-false"]), b"123456789\x29\xB1");
    assert_eq!(wire(&["123456789", "--checksum", "crc32"]).len(), 13);
    assert_eq!(wire(&["hex:01 02", "--checksum", "sum8"]), [1, 2, 3]);
    assert_eq!(wire(&["hex:01 02", "--checksum", "xor8"]), [1, 2, 3]);
    let server =
        words("listen 127.0.0.1:0 --reply echo --checksum crc16-modbus --view text").start();
    let at = server.at();
    let good = sockeye(["send", &at, "hex:01 03 00 00 00 0A C5 CD"]).run().exits(0);
    assert_eq!(good.out, [1, 3, 0, 0, 0, 10, 0xC5, 0xCD]);
    sockeye(["send", &at, "hex:01 03 00 00 00 0A C5 CE"]).run().exits(0).prints("");
    server.sees("wrong checksum");
}

#[test]
fn a_checksum_both_ways_is_taken_off_before_a_rule_looks() {
    let server = sockeye([
        "listen",
        "127.0.0.1:0",
        "--on",
        "get => text:21.5",
        "--checksum",
        "crc8",
        "--frame",
        "len:u8",
    ])
    .start();
    let args = ["send", &server.at(), "get", "--checksum", "crc8", "--frame", "len:u8", "--json"];
    let events = tape::lines(&sockeye(args).run().exits(0).out).1;
    let expected = wire(&["21.5", "--checksum", "crc8", "--frame", "len:u8"]);
    assert_eq!(tape::came(&events).concat(), expected);
    assert!(tape::notes(&events).is_empty(), "{events:?}");
}

#[test]
fn eol_replaces_the_end_of_each_line_of_stdin_and_bytes_stay_unaltered_without() {
    for (eol, expected) in [
        (None, &b"one\r\ntwo\nthree"[..]),
        (Some("none"), b"onetwothree"),
        (Some("lf"), b"one\ntwo\nthree\n"),
        (Some("crlf"), b"one\r\ntwo\r\nthree\r\n"),
        (Some("cr"), b"one\rtwo\rthree\r"),
    ] {
        let server = words("listen 127.0.0.1:0").start();
        let at = server.at();
        let more = eol.map(|eol| ["--eol", eol]).into_iter().flatten();
        sockeye(["connect", at.as_str()].into_iter().chain(more))
            .input("one\r\ntwo\nthree")
            .run()
            .exits(0);
        server.wait().exits(0).prints(expected);
    }
}

#[test]
fn eol_of_a_listener_and_of_its_answers_too() {
    let server = words("listen 127.0.0.1:0 --reply text:OK --eol crlf").start();
    sockeye(["send", &server.at(), "AT"]).run().exits(0).prints("OK\r\n");
    assert_eq!(wire(&["AT", "--eol", "crlf"]), b"AT\r\n");
}

#[test]
fn read_size_bounds_each_recv_and_the_last_is_used_on() {
    let server = words("listen 127.0.0.1:0 --json --read-size 2,10").start();
    let mut socket = TcpStream::connect(server.at()).expect("it listens");
    socket.write_all(&[b'x'; 25]).expect("connected");
    socket.shutdown(Shutdown::Write).expect("connected");
    let came = tape::came(&tape::lines(&server.wait().exits(0).out).1);
    let lengths: Vec<usize> = came.iter().map(Vec::len).collect();
    assert_eq!(lengths[0], 2, "{lengths:?}");
    assert!(lengths[1..].iter().all(|length| *length <= 10), "{lengths:?}");
    assert_eq!(came.concat(), [b'x'; 25]);
    for bad in ["0", "x", "2,,3", "1GiB"] {
        words(&format!("listen 127.0.0.1:0 --read-size {bad}")).run().exits(2);
    }
}

#[test]
fn hex_is_read_in_every_way_it_is_written_and_an_odd_digit_has_its_column() {
    for hex in ["AA 55", "aa55", "0xAA,0x55", "\\xAA\\x55", "AA-55", "AA\n55"] {
        assert_eq!(wire(&[&format!("hex:{hex}")]), [0xAA, 0x55], "{hex}");
    }
    let ended = words("send 127.0.0.1:1 hex:AA5").run().exits(2);
    assert!(ended.err.contains("column"), "{}", ended.err);
}

#[test]
fn what_no_frame_can_carry_is_refused_before_anybody_is_called() {
    let long = "x".repeat(300);
    let ended = sockeye(["send", "127.0.0.1:1", &long, "--frame", "len:u8"]).run().exits(2);
    ended.fails_clearly("E-usage");
}
