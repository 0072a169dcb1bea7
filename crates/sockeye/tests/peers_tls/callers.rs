//! FAULTS.md, 16 to 18: many callers, slow ones, and such as never finish what they began.

use std::net::TcpStream;

use rustix::process::Signal;

use crate::harness::{LONG, noise, ports, sockeye};
use crate::papers::Papers;
use crate::python;
use crate::talk::{caller, listener};

/// What a program of ours may take at most, in KiB, whatever a peer does to it.
const FLAT: u64 = 64 * 1024;

#[test]
fn n18_the_257th_unfinished_handshake_of_a_source_is_refused_and_other_sources_get_in() {
    let papers = Papers::here();
    let server = listener(&papers, &["--reply", "echo"]).start();
    let mut idle: Vec<TcpStream> =
        (0..256).map(|_| TcpStream::connect(server.at()).expect("it listens")).collect();
    let at = format!("tls://{}", server.at());
    let ca = papers.path("ca.pem");
    let ended = sockeye(["send", &at, "x", "--ca", &ca]).run().exits(1);
    ended.fails_clearly("E-reset").told("a limit on callers");
    server.says("error[E-limit]: cannot accept on `127.0.0.1:");
    server.says("256 callers of its address are at their handshake already");
    let other = format!("{at}?bind=127.0.0.2");
    sockeye(["send", &other, "in", "--ca", &ca]).run().exits(0).prints("in");
    // Whoever leaves gives its place to the next.
    drop(idle.pop());
    server.says("it hung up during the TLS handshake");
    sockeye(["send", &at, "in", "--ca", &ca]).run().exits(0).prints("in");
}

#[test]
#[ignore = "long: waits for the ten seconds that a handshake may take"]
fn n18_long_300_handshakes_that_are_never_finished_are_let_go_after_ten_seconds() {
    let papers = Papers::here();
    let server = listener(&papers, &["--reply", "echo"]).start();
    let begin = std::time::Instant::now();
    let idle: Vec<TcpStream> =
        (0..300).map(|_| TcpStream::connect(server.at()).expect("it listens")).collect();
    server
        .err
        .until(LONG, |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let refused = text.matches("E-limit").count();
            let let_go = text.matches("did not finish its handshake within 10s").count();
            (refused == 44 && let_go == 256).then_some(())
        })
        .expect("each is told of");
    assert!(begin.elapsed().as_secs() >= 9, "{:?}", begin.elapsed());
    server.signal(Signal::USR1);
    server.says("0 open, 300 opened, 300 closed");
    drop(idle);
}

#[test]
fn n18_a_listener_with_callers_at_their_handshake_ends_at_once() {
    let papers = Papers::here();
    for args in [&["--reply", "echo"][..], &[]] {
        let server = listener(&papers, args).open().start();
        let _idle: Vec<TcpStream> =
            (0..20).map(|_| TcpStream::connect(server.at()).expect("it listens")).collect();
        let port = format!(":{:04X} ", server.port());
        ports::until("twenty connections", || {
            let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
            table.matches(&port).count() > 20
        });
        server.signal(Signal::INT);
        server.wait_with_stdin_open().exits(130);
    }
}

#[test]
fn n17_beyond_max_conns_callers_are_refused_and_the_old_stay_untouched() {
    let papers = Papers::here();
    let server = listener(&papers, &["--reply", "echo", "--max-conns", "2"]).start();
    let mut old: Vec<_> =
        (0..2).map(|_| caller(&papers, server.port(), &[]).open().start()).collect();
    for caller in &mut old {
        caller.write("1");
        caller.sees("1");
    }
    for _ in 0..50 {
        caller(&papers, server.port(), &[]).input("x").run().exits(1).fails_clearly("E-reset");
    }
    for caller in &mut old {
        caller.write("2");
        caller.sees("12");
    }
    server.says("(`--max-conns 2`)");
}

/// A caller that writes and never reads, until nothing more is taken for half a second; then
/// it says how much was.
const GREEDY: &str = r#"
s = call(sys.argv[1]); s.settimeout(0.5); taken = 0; b = bytes(1 << 16)
try:
    while taken < 256 << 20: taken += s.send(b)
except TimeoutError: pass
print("taken", taken, flush=True); sys.stdin.read()
"#;

#[test]
fn n16_a_peer_that_never_reads_is_pushed_back_and_memory_stays_flat() {
    let papers = Papers::here();
    for args in [vec!["--reply", "echo"], vec!["--exec", "cat"]] {
        let server = listener(&papers, &args).start();
        let port = server.port().to_string();
        let greedy = python::script(&papers, GREEDY, &[&port]).open().start();
        greedy.sees("taken");
        let out = String::from_utf8_lossy(&greedy.out.so_far()).into_owned();
        assert!(!out.contains(&(256 << 20).to_string()), "{args:?}: all of it was taken");
        assert!(server.peak() < FLAT, "{args:?}: {} KiB", server.peak());
        caller(&papers, server.port(), &[]).input("fair").run().exits(0).prints("fair");
    }
}

#[test]
fn n16_a_slow_reader_holds_our_stdin_back_and_gets_all_of_it() {
    let papers = Papers::here();
    let text = r"
s = server_side().wrap_socket(bound(4096).accept()[0], server_side=True)
sys.stdin.readline()
h = hashlib.sha256()
while True:
    b = s.recv(16384)
    if not b: break
    h.update(b)
s.sendall(h.hexdigest().encode()); s.unwrap()
";
    let size = 32 << 20;
    std::fs::write(papers.file("bytes"), noise(size, 9)).expect("room");
    let theirs = python::script(&papers, text, &[]).open().start();
    let port = theirs
        .out
        .until(LONG, |bytes| std::str::from_utf8(bytes).ok()?.split_once('\n')?.0.parse().ok());
    let tape = papers.path("tape");
    let ours = caller(&papers, port.expect("a port"), &["--tape", &tape]);
    let ours = ours.input_file(&papers.file("bytes")).start();
    ports::until("the first bytes out", || {
        std::fs::metadata(&tape).is_ok_and(|meta| meta.len() > 100_000)
    });
    let held = std::fs::metadata(&tape).expect("a tape").len();
    assert!(held < 16 << 20, "{held}");
    assert!(ours.peak() < FLAT, "{} KiB", ours.peak());
    let hash =
        crate::harness::Start::program("sha256sum").args([papers.path("bytes")]).run().text();
    let mut theirs = theirs;
    theirs.write("\n");
    let ended = ours.wait().exits(0);
    assert_eq!(Some(ended.text().as_str()), hash.split(' ').next());
    theirs.wait().exits(0);
}
