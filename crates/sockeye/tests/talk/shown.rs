//! What is shown: the views' blocks, `--time`, `--json`.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};

use sockeye_tape::event::{By, How, Role};

use crate::harness::{sockeye, tape, words};

/// What a listener with these flags prints when these bytes come.
fn shown(args: &str, bytes: &[u8]) -> String {
    let server = words(&format!("listen 127.0.0.1:0 {args}")).start();
    let mut socket = TcpStream::connect(server.at()).expect("it listens");
    socket.write_all(bytes).expect("connected");
    socket.shutdown(Shutdown::Write).expect("connected");
    server.wait().exits(0).text()
}

/// The lines that show bytes that came.
fn blocks(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.contains('←') && !line.contains('●')).collect()
}

#[test]
fn in_a_pipe_the_bytes_come_raw_unless_a_view_is_asked_for() {
    assert_eq!(shown("", b"a\r\n\x1B[1mb"), "a\r\n\x1B[1mb");
    assert_eq!(shown("--view raw", b"a\r\n\x1B[1mb"), "a\r\n\x1B[1mb");
}

#[test]
fn text_shows_each_read_as_a_block_with_its_size() {
    let text = shown("--view text --read-size 5", b"hellofeng\n");
    let blocks = blocks(&text);
    assert_eq!(blocks.len(), 2, "{text}");
    assert!(blocks[0].contains("5 B") && blocks[0].ends_with("hello"), "{text}");
    assert!(blocks[1].contains("5 B") && blocks[1].contains("feng"), "{text}");
}

#[test]
fn text_marks_frames_inside_and_across_reads() {
    let text = shown("--view text --frame len:u16be --read-size 11,100", b"\0\x05hello\0\x04feng");
    let blocks = blocks(&text);
    assert_eq!(blocks.len(), 2, "{text}");
    assert!(blocks[0].contains("hello⟧⟦") && blocks[1].contains("⟧"), "{text}");
    assert_eq!(text.matches('⟦').count(), 2, "{text}");
}

#[test]
fn hex_shows_bytes_in_hex_and_both_shows_text_beside() {
    let hex = shown("--view hex", b"\x01AB\xFF");
    assert!(hex.contains("01 41 42 FF"), "{hex}");
    assert!(!hex.contains("AB"), "{hex}");
    let both = shown("--view both", b"\x01AB\xFF");
    assert!(both.contains("01 41 42 FF"), "{both}");
    assert!(both.contains("AB"), "{both}");
}

#[test]
fn auto_shows_text_as_text_and_what_is_no_text_as_hex() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    // In a pipe auto is raw on stdout; a log is always a view.
    let args = format!("--log {}", log.display());
    shown(&args, b"plain words");
    shown(&args, b"\x00\x01\xFE\xFF");
    let log = std::fs::read_to_string(log).expect("the log");
    assert!(log.contains("plain words") && log.contains("00 01 FE FF"), "{log}");
}

#[test]
fn time_is_shown_when_asked() {
    let head = |args: &str| {
        let text = shown(&format!("--view text {args}"), b"hi");
        blocks(&text)[0].split('#').next().unwrap_or_default().trim().to_owned()
    };
    assert_eq!(head("--time off"), "");
    let clock = head("--time clock");
    assert_eq!(clock.len(), "12:03:04.120".len(), "{clock}");
    for args in ["--time delta", "--time since"] {
        let shown = head(args);
        assert!(
            shown.contains('.') && shown.chars().any(|c| c.is_ascii_digit()),
            "{args}: {shown}"
        );
    }
}

#[test]
fn json_lines_carry_listening_open_in_out_and_close() {
    let mut server = words("listen 127.0.0.1:0 --json --reply upper --frame lines").start();
    let at = server.at();
    let ended = sockeye(["send", &at, "--frame", "lines", "--json", "hello"]).run().exits(0);
    server.sees("\"close\"");
    server.signal(rustix::process::Signal::INT);
    server.close_stdin();
    let served = server.wait().exits(130);
    let (others, events) = tape::lines(&served.out);
    assert_eq!(others[0]["e"], "listening");
    assert_eq!(others[0]["endpoint"], format!("tcp://{at}"));
    let (_, open) = &tape::opens(&events)[0];
    assert_eq!((open.role, open.proto.as_str()), (Role::Accept, "tcp"));
    assert!(open.local.contains(&at), "{open:?}");
    assert_eq!(tape::came(&events), [b"hello\n".to_vec()]);
    assert_eq!(tape::went(&events), [b"HELLO\n".to_vec()]);
    let (_, close) = &tape::closes(&events)[0];
    assert_eq!((close.by, close.how), (By::Peer, How::Fin));

    let (others, events) = tape::lines(&ended.out);
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(tape::opens(&events)[0].1.role, Role::Dial);
    assert_eq!(tape::closes(&events)[0].1.by, By::Us);
    let times: Vec<_> = events.iter().map(|event| event.t).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn view_json_is_the_same_as_json() {
    let text = shown("--view json", b"hi");
    let (others, events) = tape::lines(text.as_bytes());
    assert_eq!(others[0]["e"], "listening");
    assert_eq!(tape::came(&events), [b"hi".to_vec()]);
}

#[test]
fn what_a_peer_sends_cannot_draw_on_the_terminal() {
    for view in ["text", "both", "hex"] {
        let bytes = "\x1B[2J\x1B]0;title\x07\u{202E}evil\u{9b}1m\r\n".as_bytes();
        let text = shown(&format!("--view {view}"), bytes);
        let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202E}';
        assert!(!text.contains(bad), "{view}: {text:?}");
    }
}

#[test]
fn several_callers_are_told_apart_by_their_numbers() {
    let server = words("listen 127.0.0.1:0 --view text --reply echo").start();
    for said in ["first", "second"] {
        sockeye(["send", &server.at(), said]).run().exits(0);
    }
    server.sees("second");
    server.says("#2 ");
    let text = String::from_utf8_lossy(&server.out.so_far()).into_owned();
    let line = |word: &str| text.lines().find(|line| line.ends_with(word)).map(str::to_owned);
    assert!(line("first").is_some_and(|line| line.starts_with("#1 ")), "{text}");
    assert!(line("second").is_some_and(|line| line.starts_with("#2 ")), "{text}");
}
