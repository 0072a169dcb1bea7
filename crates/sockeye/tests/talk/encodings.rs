//! GBK and its kin, both ways: sent, matched, shown; and characters cut between reads.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};

use crate::harness::{LONG, sockeye, words};

/// What people who make devices send, and what chardetng alone reads wrong.
const WORDS: [(&str, &[u8]); 12] = [
    ("你好", b"\xC4\xE3\xBA\xC3"),
    ("温度", b"\xCE\xC2\xB6\xC8"),
    ("联通", b"\xC1\xAA\xCD\xA8"),
    ("报警", b"\xB1\xA8\xBE\xAF"),
    ("开机", b"\xBF\xAA\xBB\xFA"),
    ("湿度", b"\xCA\xAA\xB6\xC8"),
    ("正常", b"\xD5\xFD\xB3\xA3"),
    ("错误", b"\xB4\xED\xCE\xF3"),
    ("连接", b"\xC1\xAC\xBD\xD3"),
    ("断开", b"\xB6\xCF\xBF\xAA"),
    ("设备", b"\xC9\xE8\xB1\xB8"),
    ("电压", b"\xB5\xE7\xD1\xB9"),
];

/// What a listener shows of these writes, each a read of its own.
fn shown(args: &str, writes: &[&[u8]]) -> String {
    let server = words(&format!("listen 127.0.0.1:0 {args}")).start();
    let mut socket = TcpStream::connect(server.at()).expect("it listens");
    socket.write_all(&writes.concat()).expect("connected");
    socket.shutdown(Shutdown::Write).expect("connected");
    server.wait().exits(0).text()
}

/// The same, cut by `--read-size`.
fn cut(args: &str, sizes: &str, bytes: &[u8]) -> String {
    shown(&format!("{args} --read-size {sizes}"), &[bytes])
}

#[test]
fn the_words_of_devices_are_read_as_gbk_by_themselves() {
    for (word, gbk) in WORDS {
        let text = shown("--view text", &[gbk]);
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn the_words_are_read_as_utf_8_where_they_are_that() {
    for (word, _) in WORDS {
        let text = shown("--view text", &[word.as_bytes()]);
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn text_is_sent_in_gbk_and_the_bytes_are_on_the_wire() {
    for (word, gbk) in WORDS {
        let server = words("listen 127.0.0.1:0").start();
        sockeye(["send", &server.at(), word, "--encoding", "gbk"]).run().exits(0);
        server.wait().exits(0).prints(gbk);
    }
}

#[test]
fn stdin_too_is_sent_in_gbk() {
    let server = words("listen 127.0.0.1:0").start();
    let client = sockeye(["connect", &server.at(), "--encoding", "gbk"]).input("温度\n");
    client.run().exits(0);
    server.wait().exits(0).prints(b"\xCE\xC2\xB6\xC8\n");
}

#[test]
fn gbk_is_matched_and_answered_in_gbk() {
    let server =
        sockeye(["listen", "127.0.0.1:0", "--on", "温度 => 正常", "--encoding", "gbk"]).start();
    let ended = sockeye(["send", &server.at(), "hex:CEC2 B6C8"]).run().exits(0);
    assert_eq!(ended.out, b"\xD5\xFD\xB3\xA3");
    let ended = sockeye(["send", &server.at(), "温度", "--encoding", "gbk", "--view", "text"]);
    assert!(ended.run().exits(0).text().contains("正常"));
}

#[test]
fn until_and_expect_are_matched_in_gbk() {
    let server = sockeye(["listen", "127.0.0.1:0", "--until", "断开", "--encoding", "gbk"]).start();
    let mut client = TcpStream::connect(server.at()).expect("it listens");
    client.write_all(b"\xB6\xCF\xBF\xAA").expect("connected");
    server.wait_with_stdin_open().exits(0).told("`--until` came");
    let server = words("listen 127.0.0.1:0 --reply hex:D5FDB3A3").start();
    let args = ["send", &server.at(), "x", "--expect", "正常", "--encoding", "gbk"];
    sockeye(args).run().exits(0);
}

#[test]
fn a_utf_8_character_cut_in_half_between_two_reads_is_shown_once_and_right() {
    for sizes in ["1,10", "2,10", "4,10", "5,10"] {
        let text = cut("--view text", sizes, "你好吗".as_bytes());
        for character in ["你", "好", "吗"] {
            assert_eq!(text.matches(character).count(), 1, "{sizes}: {text}");
        }
        assert!(!text.contains('\u{FFFD}'), "{sizes}: {text}");
    }
}

#[test]
fn a_gbk_character_cut_in_half_between_two_reads_is_shown_once_and_right() {
    for encoding in ["gbk", "auto"] {
        for sizes in ["1,10", "3,10"] {
            let args = format!("--view text --encoding {encoding}");
            let text = cut(&args, sizes, b"\xC4\xE3\xBA\xC3");
            for character in ["你", "好"] {
                assert_eq!(text.matches(character).count(), 1, "{encoding} {sizes}: {text}");
            }
            assert!(!text.contains('\u{FFFD}'), "{encoding} {sizes}: {text}");
        }
    }
}

#[test]
fn what_came_stays_as_bytes_whatever_the_encoding() {
    let bytes = b"\xFF\xFE\0\x80half \xE4\xBD";
    let server = words("listen 127.0.0.1:0 --encoding gbk").start();
    let mut socket = TcpStream::connect(server.at()).expect("it listens");
    socket.write_all(bytes).expect("connected");
    drop(socket);
    server.wait().exits(0).prints(bytes);
}

#[test]
fn a_guess_never_changes_what_is_sent() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = server.local_addr().expect("bound").to_string();
    let mut client = sockeye(["connect", &at]).open().start();
    let (mut socket, _) = server.accept().expect("a caller");
    socket.set_read_timeout(Some(LONG)).expect("a timeout");
    socket.write_all(b"\xC4\xE3\xBA\xC3").expect("connected");
    client.sees(b"\xC4\xE3\xBA\xC3");
    client.write("你好");
    client.close_stdin();
    let mut got = Vec::new();
    socket.read_to_end(&mut got).expect("all of it");
    assert_eq!(got, "你好".as_bytes());
}

#[test]
fn a_character_that_the_encoding_lacks_is_refused_and_named() {
    let ended = words("send 127.0.0.1:1 你 --encoding windows-1252").run().exits(2);
    ended.told("你").fails_clearly("E-usage");
}

#[test]
fn an_encoding_that_is_none_is_refused_with_the_nearest_name() {
    words("send 127.0.0.1:1 x --encoding gbkk").run().exits(2).told("gbk");
}
