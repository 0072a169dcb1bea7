//! What is seen of TLS: `-v`, the tape, the secrets for a capture; and that frames and
//! characters do not care what carries them.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::harness::{LONG, Start, shell, sockeye, tape, words};
use crate::papers::{HERE, Papers};
use crate::python;
use crate::talk::{caller, listener};

#[test]
fn v_shows_version_cipher_protocol_and_certificate() {
    let papers = Papers::here();
    let pin = papers.fingerprint("here").replace(':', "").to_lowercase();
    for (version, shown) in
        [("-tls1_3", "TLS 1.3, TLS13_AES_"), ("-tls1_2", "TLS 1.2, TLS_ECDHE_ECDSA_")]
    {
        let port = crate::harness::ports::free();
        let server = Start::program("openssl").folder(papers.folder()).args([
            "s_server",
            "-accept",
            &format!("127.0.0.1:{port}"),
            "-cert",
            "here.pem",
            "-key",
            "here.key",
            "-quiet",
            "-naccept",
            "1",
            "-alpn",
            "one",
            version,
        ]);
        let _server = server.open().start();
        crate::harness::ports::await_tcp(port);
        let at = format!("tls://127.0.0.1:{port}?alpn=one");
        let ca = papers.path("ca.pem");
        let ended = sockeye(["connect", &at, "-v", "--ca", &ca]).run().exits(0);
        let ended = ended.told(&format!("connected to tls://127.0.0.1:{port}")).told(shown);
        ended.told("alpn one").told(&format!("certificate sha256:{pin}"));
    }
}

#[test]
fn the_tape_has_what_the_handshake_brought_to_light_on_both_sides() {
    let papers = Papers::here().signs("client", "DNS:client");
    let (ours, theirs) = (papers.path("ours.tape"), papers.path("theirs.tape"));
    let ca = papers.path("ca.pem");
    let at = format!("tls://127.0.0.1:0?client-ca={ca}&{}", papers.shows("here"));
    let server = sockeye(["listen", at.as_str(), "--tape", &theirs]).start();
    let at = format!("tls://localhost:{}?{}", server.port(), papers.shows("client"));
    sockeye(["connect", "-4", &at, "--ca", &ca, "--tape", &ours]).input("hi").run().exits(0);
    server.wait().exits(0);
    let pin = |name| papers.fingerprint(name).replace(':', "").to_lowercase();
    for (file, held) in [
        (&ours, vec![format!("certificate sha256:{}", pin("here"))]),
        (
            &theirs,
            vec![
                "asked for localhost".to_owned(),
                format!("client certificate sha256:{}", pin("client")),
            ],
        ),
    ] {
        let events = tape::read(Path::new(file));
        assert_eq!(tape::opens(&events)[0].1.proto, "tls");
        let notes = tape::notes(&events);
        for part in held.iter().map(String::as_str).chain(["TLS 1.3"]) {
            assert!(notes[0].contains(part), "{part}: {notes:?}");
        }
    }
    assert_eq!(tape::went(&tape::read(Path::new(&ours))), [b"hi"]);
    assert_eq!(tape::came(&tape::read(Path::new(&theirs))), [b"hi"]);
}

#[test]
fn a_certificate_made_on_the_spot_is_shown_by_its_pin_and_that_can_be_dialled() {
    let server = words("listen tls://127.0.0.1:0 --reply echo").start();
    server.says("?pin=sha256:");
    let text = String::from_utf8_lossy(&server.err.so_far()).into_owned();
    let dial = text.split_ascii_whitespace().find(|word| word.contains("?pin=")).expect("it");
    sockeye(["send", dial, "hi"]).run().exits(0).prints("hi");
    sockeye(["send", &format!("tls://{}", server.at()), "hi"]).run().exits(3);
}

/// The lines of a key log, without comments.
fn secrets(path: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).expect("a key log");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(str::to_lowercase).collect()
}

#[test]
fn sslkeylogfile_has_the_same_secrets_that_openssl_writes() {
    let papers = Papers::here();
    for version in ["-tls1_3", "-tls1_2"] {
        let (ours, theirs) =
            (papers.file(&format!("ours{version}")), papers.file(&format!("theirs{version}")));
        let server = listener(&papers, &[]).env("SSLKEYLOGFILE", ours.to_str().expect("ours"));
        let server = server.open().start();
        let openssl = Start::program("openssl").args([
            "s_client",
            "-connect",
            &server.at(),
            version,
            "-quiet",
            "-no_ign_eof",
            "-keylogfile",
            theirs.to_str().expect("ours"),
        ]);
        openssl.input("x").run().exits(0);
        server.wait().exits(0).prints("x");
        let found = secrets(&ours);
        assert_eq!(found, secrets(&theirs), "{version}");
        assert!(!found.is_empty());
        let mode = std::fs::metadata(&ours).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

/// Passes one caller on, and writes what went over as a capture file of TCP from port 50000
/// to port 443.
const CAPTURE: &str = r#"
import time
a = bound().accept()[0]
b = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
lock, seq, out = threading.Lock(), {True: 1, False: 1}, open("capture.pcap", "wb")
out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
def packet(up, flags, data):
    ports = (50000, 443) if up else (443, 50000)
    tcp = struct.pack(">HHIIBBHHH", *ports, seq[up], seq[not up], 0x50, flags, 65535, 0, 0) + data
    ends = (b"\x0a\0\0\1", b"\x0a\0\0\2") if up else (b"\x0a\0\0\2", b"\x0a\0\0\1")
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + ends[0] + ends[1] + tcp
    t = time.time()
    out.write(struct.pack("<IIII", int(t), int(t % 1 * 1e6), len(ip), len(ip)) + ip)
    seq[up] += len(data)
def go(x, y, up):
    while True:
        d = x.recv(16000)
        if not d: break
        with lock: packet(up, 0x18, d)
        y.sendall(d)
    y.shutdown(socket.SHUT_WR)
t = threading.Thread(target=go, args=(a, b, True)); t.start()
go(b, a, False); t.join(); out.close()
"#;

#[test]
fn with_sslkeylogfile_of_either_side_wireshark_reads_the_conversation() {
    let papers = Papers::here();
    let server = listener(&papers, &[]).env("SSLKEYLOGFILE", &papers.path("server.keys"));
    let mut server = server.open().start();
    let relay = python::script(&papers, CAPTURE, &[&server.port().to_string()]).start();
    let port = relay
        .out
        .until(LONG, |bytes| std::str::from_utf8(bytes).ok()?.split_once('\n')?.0.parse().ok());
    let ours = caller(&papers, port.expect("a port"), &[]).input("a question");
    let ours = ours.env("SSLKEYLOGFILE", &papers.path("client.keys")).start();
    server.sees("a question");
    server.write("an answer");
    server.close_stdin();
    ours.wait().exits(0).prints("an answer");
    server.wait().exits(0);
    relay.wait().exits(0);
    for (keys, reads) in [("client.keys", true), ("server.keys", true), ("none", false)] {
        let option = format!("tls.keylog_file:{}", papers.path(keys));
        let capture = papers.path("capture.pcap");
        let tshark = Start::program("tshark").args([
            "-r",
            &capture,
            "-o",
            &option,
            "-q",
            "-z",
            "follow,tls,ascii,0",
        ]);
        let text = tshark.run().exits(0).text();
        assert_eq!(text.contains("a question"), reads, "{keys}: {text}");
        assert_eq!(text.contains("an answer"), reads, "{keys}: {text}");
    }
}

#[test]
fn a_key_log_that_cannot_be_written_is_told_before_anything_is_sent() {
    let papers = Papers::here();
    let server = listener(&papers, &["--reply", "echo"]).start();
    let ours = caller(&papers, server.port(), &[]).env("SSLKEYLOGFILE", "/nowhere/keys");
    let ended = ours.input("x").run().exits(1).told("SSLKEYLOGFILE");
    ended.told("error[E-io]").prints("");
}

#[test]
fn n21_n22_frames_do_not_care_that_tls_carries_them() {
    let papers = Papers::here();
    let text = "s = call(sys.argv[1])\nfor c in b'\\0\\5hello\\0\\3you\\0\\4cu':\n    s.sendall(bytes([c]))\ns.unwrap()";
    let ours = listener(&papers, &["--json", "--frame", "len:u16be"]).start();
    python::script(&papers, text, &[&ours.port().to_string()]).run();
    let ended = ours.wait().exits(1).fails_clearly("E-frame");
    ended.told("closed in mid-frame at offset 16: the frame began at 12");
    let ours = listener(&papers, &["--frame", "len:u32be"]).open().start();
    let text = "s = call(sys.argv[1]); s.sendall(b'\\x80\\0\\0\\0more')\ntry: all_of(s)\nexcept OSError: pass";
    python::script(&papers, text, &[&ours.port().to_string()]).run().exits(0);
    ours.wait_with_stdin_open().exits(1).fails_clearly("E-frame");
}

#[test]
fn n24_a_character_cut_between_two_records_is_shown_once() {
    let papers = Papers::here();
    let text = "s = call(sys.argv[1])\nfor c in '温度'.encode(): s.sendall(bytes([c]))\ns.unwrap()";
    let ours = listener(&papers, &["--view", "text", "--read-size", "1"]).start();
    python::script(&papers, text, &[&ours.port().to_string()]).run();
    let shown = ours.wait().exits(0).text();
    assert_eq!(shown.matches('温').count(), 1, "{shown}");
    assert_eq!(shown.matches('度').count(), 1, "{shown}");
    assert!(!shown.contains('\u{FFFD}'), "{shown}");
}

#[test]
fn read_size_cuts_what_one_record_brought() {
    let papers = Papers::here();
    let file = papers.path("tape");
    let ours = listener(&papers, &["--read-size", "3", "--tape", &file]).start();
    let text = "s = call(sys.argv[1]); s.sendall(b'12345678'); s.unwrap()";
    python::script(&papers, text, &[&ours.port().to_string()]).run().exits(0);
    ours.wait().exits(0).prints("12345678");
    let came = tape::came(&tape::read(Path::new(&file)));
    assert_eq!(came, [&b"123"[..], b"456", b"78"]);
}

#[test]
fn a_certificate_on_every_kind_of_key_works() {
    let papers = Papers::here();
    for (name, how) in [
        ("rsa", "rsa:2048"),
        ("ed", "ed25519"),
        ("p384", "ec -pkeyopt ec_paramgen_curve:secp384r1"),
    ] {
        let script = format!(
            "openssl req -x509 -newkey {how} -nodes -keyout {name}.key -out {name}.pem -days 9 \
             -subj /CN={name} -addext subjectAltName={HERE}"
        );
        shell(&script).folder(papers.folder()).run().exits(0);
        let at = format!("tls://127.0.0.1:0?{}", papers.shows(name));
        let server = sockeye(["listen", at.as_str(), "--reply", "echo"]).start();
        let at = format!("tls://{}", server.at());
        let ca = papers.path(&format!("{name}.pem"));
        sockeye(["send", &at, name, "--ca", &ca]).run().exits(0).prints(name);
    }
}

#[test]
fn n01_n02_n04_what_fails_below_tls_keeps_its_own_code() {
    let free = crate::harness::ports::free();
    let ended = sockeye(["send", &format!("tls://127.0.0.1:{free}"), "x"]).run();
    ended.exits(1).fails_clearly("E-refused");
    let ended = words("send tls://no-such-host.invalid:443 x -w 5").run();
    ended.exits(1).fails_clearly("E-name");
    let ended = words("send tls://255.255.255.255:1 x -w 5").run().exits(1);
    assert!(
        ended.err.contains("E-unreachable") || ended.err.contains("E-permission"),
        "{}",
        ended.err
    );
}
