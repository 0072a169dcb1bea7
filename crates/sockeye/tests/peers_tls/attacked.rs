//! FAULTS.md, 7 and what is like it: bytes changed on the way, an end that somebody cut off,
//! a RST, other sides that speak no TLS.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use crate::harness::{LONG, Running, Start, noise, sockeye, tape, words};
use crate::papers::Papers;
use crate::python;
use crate::talk::{caller, listener};

/// A relay that passes everything on until a line comes on its stdin; then it flips one bit of
/// the next record that goes in one direction. Arguments: the target's port, whose record
/// (`caller` or `target`), which byte of the record (from its header on), which bit.
const FLIPPER: &str = r#"
port, whose, place, mask = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
a = bound().accept()[0]
b = socket.create_connection(("127.0.0.1", port))
armed = threading.Event()
def arm():
    sys.stdin.readline(); armed.set(); print("armed", flush=True)
threading.Thread(target=arm, daemon=True).start()
def go(x, y, flips):
    held = b""
    try:
        while True:
            d = x.recv(65536)
            if not d: break
            held += d
            while len(held) >= 5 and len(held) >= 5 + int.from_bytes(held[3:5], "big"):
                size = 5 + int.from_bytes(held[3:5], "big")
                record, held = bytearray(held[:size]), held[size:]
                if flips and armed.is_set() and record[0] == 0x17:
                    record[place] ^= mask; flips = False
                y.sendall(record)
        y.shutdown(socket.SHUT_WR)
    except OSError: pass
t = threading.Thread(target=go, args=(a, b, whose == "caller"), daemon=True); t.start()
go(b, a, whose == "target")
t.join(5)
"#;

/// The bytes and bits of a record that are flipped: its type, its version, its length, the
/// first and a later byte of what is sealed.
const PLACES: [(usize, u8); 5] = [(0, 0x40), (1, 0x40), (3, 0x80), (5, 0x01), (12, 0x80)];

fn flipper(papers: &Papers, port: u16, whose: &str, (place, mask): (usize, u8)) -> (Running, u16) {
    let args = [port.to_string(), whose.to_owned(), place.to_string(), mask.to_string()];
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let relay = python::script(papers, FLIPPER, &args).open().start();
    let port = relay
        .out
        .until(LONG, |bytes| std::str::from_utf8(bytes).ok()?.split_once('\n')?.0.parse().ok());
    (relay, port.expect("a port"))
}

#[test]
fn n07_a_bit_flipped_on_its_way_to_us_is_integrity_and_no_byte_of_it_is_written() {
    let papers = Papers::here();
    let echo = listener(&papers, &["--reply", "echo"]).start();
    for place in PLACES {
        let (mut relay, port) = flipper(&papers, echo.port(), "target", place);
        let save = papers.path("saved");
        let mut ours = caller(&papers, port, &["--overwrite", "--save", &save]).open().start();
        ours.write("whole");
        ours.sees("whole");
        relay.write("go\n");
        relay.sees("armed");
        ours.write("to be corrupted on its way back");
        let ended = ours.wait_with_stdin_open().exits(1).fails_clearly("E-integrity");
        ended.prints("whole");
        assert_eq!(std::fs::read(&save).expect("saved"), b"whole", "{place:?}");
    }
}

#[test]
fn n07_a_bit_flipped_under_a_websocket_is_integrity_too() {
    let papers = Papers::here();
    let at = format!("wss://127.0.0.1:0/?{}", papers.shows("here"));
    let echo = sockeye(["listen", at.as_str(), "--reply", "echo"]).start();
    for place in PLACES {
        let (mut relay, port) = flipper(&papers, echo.port(), "target", place);
        let at = format!("wss://127.0.0.1:{port}/");
        let mut ours = sockeye(["connect", &at, "--ca", &papers.path("ca.pem")]).open().start();
        ours.write("whole\n");
        ours.sees("whole\n");
        relay.write("go\n");
        relay.sees("armed");
        ours.write("to be corrupted\n");
        let ended = ours.wait_with_stdin_open().exits(1).fails_clearly("E-integrity");
        ended.prints("whole\n");
    }
}

#[test]
fn n07_a_bit_that_means_nothing_changes_nothing() {
    let papers = Papers::here();
    let echo = listener(&papers, &["--reply", "echo"]).start();
    // In TLS 1.3 a record's true type is sealed, and the one outside but an envelope.
    let (mut relay, port) = flipper(&papers, echo.port(), "target", (0, 0x01));
    let mut ours = caller(&papers, port, &[]).open().start();
    ours.write("whole ");
    ours.sees("whole ");
    relay.write("go\n");
    relay.sees("armed");
    ours.write("and unaltered");
    ours.sees("whole and unaltered");
}

#[test]
fn n07_a_bit_flipped_on_its_way_from_a_caller_of_ours_is_integrity_too() {
    let papers = Papers::here();
    for place in PLACES {
        let mut ours = listener(&papers, &[]).open().start();
        let (mut relay, port) = flipper(&papers, ours.port(), "caller", place);
        let text = "s = call(sys.argv[1]); s.sendall(b'whole'); sys.stdin.readline()\n\
            s.sendall(b'to be corrupted')\ntry: all_of(s)\nexcept OSError as e: print(e)";
        let mut theirs = python::script(&papers, text, &[&port.to_string()]).open().start();
        ours.sees("whole");
        relay.write("go\n");
        relay.sees("armed");
        theirs.write("\n");
        ours.write("");
        let ended = ours.wait_with_stdin_open().exits(1).fails_clearly("E-integrity");
        ended.prints("whole");
    }
}

#[test]
fn n07_what_we_sent_and_was_changed_is_told_by_the_other_sides_alert() {
    let papers = Papers::here();
    let text = "s = serve(); s.sendall(b'ready')\ntry: all_of(s)\nexcept OSError: pass";
    let (theirs, target) = python::server(&papers, text);
    let (mut relay, port) = flipper(&papers, target, "caller", (12, 1));
    let mut ours = caller(&papers, port, &[]).open().start();
    ours.sees("ready");
    relay.write("go\n");
    relay.sees("armed");
    ours.write("to be corrupted");
    let ended = ours.wait_with_stdin_open().exits(1).fails_clearly("E-integrity");
    ended.told("BadRecordMac");
    theirs.wait().exits(0);
}

#[test]
fn n07_a_relay_that_is_told_of_a_flipped_bit_cuts_the_other_side_off() {
    let papers = Papers::here();
    let echo = words("listen 127.0.0.1:0 --reply echo").start();
    let from = format!("tls://127.0.0.1:0?{}", papers.shows("here"));
    let relay = sockeye(["relay", from.as_str(), &format!("tcp://{}", echo.at())]).start();
    let (mut flips, port) = flipper(&papers, relay.port(), "caller", (20, 1));
    let mut ours = caller(&papers, port, &[]).open().start();
    ours.write("whole");
    ours.sees("whole");
    flips.write("go\n");
    flips.sees("armed");
    ours.write("to be corrupted");
    ours.wait_with_stdin_open().exits(1).fails_clearly("E-integrity").prints("whole");
    relay.says("changed on their way");
    echo.says("5 B in, 5 B out");
}

/// FIN, and no `close_notify` before it.
const CUT: &str = "s.shutdown(socket.SHUT_WR)\nos._exit(0)";

#[test]
fn an_end_without_tls_own_end_is_told_whoever_ended_first() {
    let papers = Papers::here();
    for version in ["TLSv1_2", "TLSv1_3"] {
        for (first, wait) in [("ours", "all_of(s); "), ("theirs", "")] {
            let text = format!(
                "c = server_side(); c.maximum_version = ssl.TLSVersion.{version}\n\
                 s = serve(c); {wait}s.sendall(b'a part of')\n{CUT}"
            );
            let (theirs, port) = python::server(&papers, &text);
            let tape = papers.path("tape");
            let ours = caller(&papers, port, &["--overwrite", "--tape", &tape]);
            let ended = if first == "ours" {
                ours.input("x").run()
            } else {
                ours.open().start().wait_with_stdin_open()
            };
            let ended = ended.exits(0).prints("a part of");
            assert!(ended.err.contains("may have been cut off"), "{first}: {}", ended.err);
            let notes = tape::notes(&tape::read(std::path::Path::new(&tape)));
            assert!(notes.iter().any(|note| note.contains("close_notify")), "{notes:?}");
            theirs.wait().exits(0);
        }
    }
    // Where it ended as it should nothing of the kind is said.
    let (_theirs, port) = python::server(&papers, "s = serve(); s.sendall(b'all'); s.unwrap()");
    let ended = caller(&papers, port, &[]).run().exits(0).prints("all");
    assert!(!ended.err.contains("cut off"), "{}", ended.err);
}

#[test]
fn our_own_end_is_whole_for_those_who_look() {
    let papers = Papers::here();
    let text = "s = call(sys.argv[1]); s.sendall(b'x'); s.suppress_ragged_eofs = False; \
        print(all_of(s).decode()); s.unwrap()";
    for args in [&["--reply", "echo", "--close-after-reply"][..], &[]] {
        let server = listener(&papers, args).input("x").start();
        let theirs = python::script(&papers, text, &[&server.port().to_string()]).run();
        theirs.exits(0).prints("x\n");
    }
}

#[test]
fn a_rst_in_mid_conversation_is_told_as_that() {
    let papers = Papers::here();
    let text = "s = serve(); s.sendall(b'part'); s.recv(1)\n\
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); os._exit(0)";
    let (_theirs, port) = python::server(&papers, text);
    let mut ours = caller(&papers, port, &[]).open().start();
    ours.sees("part");
    ours.write("x");
    ours.wait_with_stdin_open().exits(1).fails_clearly("E-reset").prints("part");
}

#[test]
fn n19_http_to_a_tls_port_is_answered_by_400_and_told() {
    let papers = Papers::here();
    let server = listener(&papers, &["--reply", "echo"]).start();
    let url = format!("http://{}/a/long/path?{}", server.at(), "x".repeat(3000));
    let body = "y".repeat(20_000);
    for more in [vec![], vec!["-d", &body], vec!["-X", "PUT", "-d", "z"], vec!["-X", "OPTIONS"]] {
        let curl = Start::program("curl").args(["-sS", "-m", "15", "-w", "%{http_code}", &url]);
        curl.args(more).run().exits(0).prints("this port speaks TLS: ask it by https://\r\n400");
    }
    server.says("error[E-tls-plain]: cannot accept on `127.0.0.1:");
    server.says("it came without TLS and said `OPTIONS /a/long/path");
    let at = format!("tls://{}", server.at());
    sockeye(["send", &at, "on", "--ca", &papers.path("ca.pem")]).run().exits(0).prints("on");
}

#[test]
fn n19_plain_words_to_a_tls_port_are_answered_by_an_alert_and_shown_safely() {
    let papers = Papers::here();
    let server = listener(&papers, &["--reply", "echo"]).start();
    for words in ["hello\n", "\x1b[31m\u{202e}red\r\nmore\n", "SSH-2.0-x\r\n", "\0"] {
        let mut socket = TcpStream::connect(server.at()).expect("it listens");
        socket.write_all(words.as_bytes()).expect("connected");
        socket.set_read_timeout(Some(LONG)).expect("a timeout");
        let mut got = Vec::new();
        socket.read_to_end(&mut got).expect("an alert and a FIN");
        assert_eq!(got, b"\x15\x03\x03\0\x02\x02\x0a", "{words:?}");
    }
    server.says("said `hello`");
    server.says("said `SSH-2.0-x`");
    assert!(!server.err.so_far().contains(&0x1B), "{}", server.err.shown());
    let theirs = Start::program("ncat").args(["127.0.0.1", &server.port().to_string()]);
    theirs.input("from nc\n").run();
    server.says("said `from nc`");
}

#[test]
fn n19_tls_to_a_plain_port_is_told() {
    let server = words("listen 127.0.0.1:0").open().start();
    let mut theirs =
        Start::program("openssl").args(["s_client", "-connect", &server.at()]).open().start();
    server.says("speaks TLS to a plain port: listen on tls:// for it");
    assert!(theirs.runs());
}

#[test]
fn n19_a_plain_server_dialled_by_tls_is_told() {
    let papers = Papers::here();
    for (server, why) in [
        ("c.sendall(b'220 mail.example ready\\r\\n')", "is no TLS"),
        ("c.recv(9999); c.sendall(b'HTTP/1.1 400 Bad Request\\r\\n\\r\\n')", "is no TLS"),
        ("c.sendall(b'\\0' * 100)", "is no TLS"),
        ("c.sendall(c.recv(9999))", "our own hello back"),
    ] {
        let text =
            format!("c = bound().accept()[0]; {server}\ntry: c.recv(9999)\nexcept OSError: pass");
        let (theirs, port) = python::server(&papers, &text);
        let ended = sockeye(["send", &format!("tls://127.0.0.1:{port}"), "secret"]).run();
        ended.exits(3).fails_clearly("E-tls-plain").told(why).prints("");
        theirs.wait().exits(0);
    }
    let echo = words("listen 127.0.0.1:0 --reply echo").start();
    let ended = sockeye(["send", &format!("tls://{}", echo.at()), "secret"]).run();
    ended.exits(3).fails_clearly("E-tls-plain");
    assert!(!echo.err.shown().contains("secret"));
}

#[test]
fn n19_a_server_that_says_nothing_hangs_up_or_resets_is_told() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = silent.local_addr().expect("bound");
    let ended = sockeye(["send", &format!("tls://{at}?connect-timeout=200ms"), "x"]).run();
    ended.exits(1).fails_clearly("E-timeout");
    let papers = Papers::here();
    let rst = "c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))";
    for (before, how) in [("c.recv(1)", rst), ("c.recv(9999)", rst), ("c.recv(9999)", "")] {
        let text = format!("c = bound().accept()[0]; {before}\n{how}\nc.close()");
        let (theirs, port) = python::server(&papers, &text);
        let ended = sockeye(["send", &format!("tls://127.0.0.1:{port}"), "x"]).run();
        ended.exits(1).fails_clearly("E-reset").told("during the TLS handshake");
        theirs.wait().exits(0);
    }
}

#[test]
fn n23_random_bytes_where_a_handshake_belongs_make_no_panic_and_no_growth() {
    let papers = Papers::here();
    let server = listener(&papers, &["--reply", "echo"]).start();
    for (seed, head) in [
        &b""[..],
        b"\x16",
        b"\x16\x03\x01",
        b"\x16\x03\x01\x40\0\x01\0\x3f\xfc\x03\x03",
        b"\x16\x03\x01\0\0",
    ]
    .iter()
    .enumerate()
    {
        for round in 0..10_u64 {
            let mut socket = TcpStream::connect(server.at()).expect("it listens");
            let bytes = [head, noise(100_000, seed as u64 * 10 + round).as_slice()].concat();
            // It is cut off as soon as it makes no sense.
            drop(socket.write_all(&bytes));
            drop(socket.shutdown(std::net::Shutdown::Write));
            drop(socket.read_to_end(&mut Vec::new()));
        }
    }
    let at = format!("tls://{}", server.at());
    sockeye(["send", &at, "on", "--ca", &papers.path("ca.pem")]).run().exits(0).prints("on");
    let told = String::from_utf8_lossy(&server.err.so_far()).into_owned();
    assert!(!told.contains("panicked"), "{told}");
    assert!(server.peak() < 64 * 1024, "{} KiB", server.peak());
}
