//! What the kernel knows of a TCP connection, and what a close leaves behind, as a user
//! sees it. The peers are sockets of this test: they count what really reached them.

#![cfg(target_os = "linux")]

mod harness;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use harness::{Ended, LONG, Running, noise, sockeye, tape, words};
use rustix::process::Signal;
use tempfile::TempDir;

/// More than the kernels of both sides hold together.
const MUCH: usize = 32 * 1024 * 1024;

/// `sockeye connect` with these bytes as its input, and its peer, which reads nothing.
fn connect(bytes: usize, flags: &str) -> (Running, TcpStream, TempDir) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("input");
    std::fs::write(&input, noise(bytes, 7)).expect("room");
    let at = listener.local_addr().expect("bound").to_string();
    let args = ["connect", &at].map(str::to_owned).into_iter();
    let args = args.chain(flags.split_ascii_whitespace().map(str::to_owned));
    let tape = tape_in(&folder).to_str().expect("a plain path").to_owned();
    let running = sockeye(args.chain(["--tape".into(), tape])).input_file(&input).start();
    let (peer, _) = listener.accept().expect("a caller");
    (running, peer, folder)
}

fn tape_in(folder: &TempDir) -> PathBuf {
    folder.path().join("talk.tape")
}

/// The number before ` B were …`, in the last line that the command said.
#[track_caller]
fn bytes_that(ended: &Ended, fate: &str) -> u64 {
    let line = ended.err.lines().find(|line| line.contains("closed first")).expect("a close");
    let (before, _) = line.split_once(&format!(" B {fate}")).unwrap_or_else(|| panic!("{line}"));
    let number = before.rsplit(' ').next().expect("a number").replace(',', "");
    number.parse().unwrap_or_else(|_| panic!("{line}"))
}

/// Asks by a signal for the `times`th time, and waits for the answer.
fn unsent(running: &Running, times: usize) -> u64 {
    running.signal(Signal::USR1);
    let answer = running.err.until(LONG, |err| {
        let text = String::from_utf8_lossy(err);
        let (line, _) = text.split(": rtt ").nth(times)?.split_once('\n')?;
        let (before, _) = line.split_once(" B unsent")?;
        before.rsplit(' ').next()?.replace(',', "").parse().ok()
    });
    answer.expect("an answer")
}

/// What the kernel took of us, by the tape; whose close says the same as stderr.
fn went(path: &Path, fate: &str) -> u64 {
    let events = tape::read(path);
    let (_, close) = tape::closes(&events).pop().expect("a close");
    assert!(close.why.is_some_and(|why| why.contains(fate)));
    tape::went(&events).iter().map(|piece| piece.len() as u64).sum()
}

/// What a peer can still read, to the end or the reset.
fn count(mut peer: TcpStream) -> u64 {
    let (mut sum, mut space) = (0, vec![0; 65_536]);
    loop {
        match peer.read(&mut space) {
            Ok(0) => return sum,
            Ok(count) => sum += count as u64,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return sum,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn what_a_reset_of_ours_throws_away_is_told_to_the_byte() {
    let (running, peer, folder) = connect(MUCH, "--idle-timeout 0.3");
    let ended =
        running.wait().exits(1).fails_clearly("E-timeout").told("closed first by us (timer");
    let fate = "were never acknowledged by the peer";
    let lost = bytes_that(&ended, fate);
    assert!(lost > 0);
    assert_eq!(count(peer) + lost, went(&tape_in(&folder), fate));
}

#[test]
fn what_a_reset_of_the_peers_throws_away_is_told() {
    let (running, peer, folder) = connect(MUCH, "");
    peer.peek(&mut [0]).expect("its first byte");
    // A talk that can send no more answers all the same.
    let stuck = (1..10_000).find(|&times| unsent(&running, times) > 0);
    assert!(stuck.is_some());
    // The peer closes with bytes unread.
    drop(peer);
    let ended = running.wait().exits(1).fails_clearly("E-reset");
    let fate = "were never acknowledged by the peer";
    let lost = bytes_that(&ended, fate);
    assert!(lost > 0 && lost <= went(&tape_in(&folder), fate), "{lost}");
}

#[test]
fn what_is_still_on_its_way_at_our_end_is_told_and_arrives() {
    let much = 300_000;
    let (running, peer, folder) = connect(much, "-q 0.2");
    let ended = running.wait().exits(0).told("`-q`");
    let fate = "were not yet acknowledged by the peer";
    let waiting = bytes_that(&ended, fate);
    assert!(waiting > 0 && waiting < much as u64, "{waiting}");
    assert_eq!(went(&tape_in(&folder), fate), much as u64);
    assert_eq!(count(peer), much as u64);
}

#[test]
fn a_relay_that_is_stopped_tells_what_its_target_never_got() {
    let target = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = target.local_addr().expect("bound").to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let tape = tape_in(&folder);
    let args = ["relay", "127.0.0.1:0", &at, "--tape"];
    let relay = sockeye(args.into_iter().chain(tape.to_str())).start();
    let mut caller = TcpStream::connect(relay.at()).expect("it listens");
    let (peer, _) = target.accept().expect("the relay");
    caller.set_nonblocking(true).expect("a socket");
    // Until nobody on the way takes any more: what is read then cannot go on.
    let mut stuck = 0;
    while stuck < 50 {
        match caller.write(&noise(65_536, 3)) {
            Ok(_) => stuck = 0,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                stuck += 1;
                std::thread::sleep(harness::ports::LOOK_EVERY);
            }
            Err(error) => panic!("{error}"),
        }
    }
    relay.signal(Signal::INT);
    let ended = relay.wait().exits(130);
    let fate = "were never acknowledged by the peer";
    let line = ended.err.lines().find(|line| line.starts_with("#2 ")).expect("a line");
    let lost = line.strip_suffix(&format!(" B {fate}")).and_then(|line| line.rsplit(' ').next());
    let lost: u64 = lost.expect(line).replace(',', "").parse().expect("a number");
    let got = count(peer);
    let read: usize = tape::came(&tape::read(&tape)).iter().map(Vec::len).sum();
    // What the relay had read and not yet given to the kernel is told apart from it.
    let (_, undelivered) = ended.err.split_once("failed: ").expect("a failure");
    let undelivered = undelivered.split(' ').next().expect("a number");
    let undelivered: u64 = undelivered.parse().expect("a number");
    assert_eq!(got + lost + undelivered, read as u64, "{}", ended.err);
}

#[test]
fn a_talk_that_ends_in_order_says_nothing_of_it_and_v_tells_the_round_trip() {
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let ended = sockeye(["send", &server.at(), "hello"]).run().exits(0).prints("hello");
    assert!(!ended.err.contains("acknowledged") && !ended.err.contains("rtt"), "{}", ended.err);
    let ended = sockeye(["send", &server.at(), "hello", "-v"]).run().exits(0);
    let (before, rtt) = ended.err.rsplit_once("; rtt ").expect("the round trip");
    assert!(before.ends_with("; 5 B in, 5 B out"), "{}", ended.err);
    assert!(rtt.trim_end().ends_with(" µs") || rtt.trim_end().ends_with(" ms"), "{rtt}");
    assert!(!rtt.starts_with("0 "), "{rtt}");
}

#[test]
fn sigusr1_tells_how_every_open_connection_fares() {
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let mut peers = Vec::new();
    for _ in 0..25 {
        let mut peer = TcpStream::connect(server.at()).expect("it listens");
        peer.write_all(b"hello").expect("room");
        peer.read_exact(&mut [0; 5]).expect("the echo");
        peers.push(peer);
    }
    server.signal(Signal::USR1);
    server.says("25 open, 25 opened");
    let twenty = |err: &[u8]| String::from_utf8_lossy(err).matches(": rtt ").nth(19).map(drop);
    server.err.until(LONG, twenty).expect("twenty answers");
    drop(peers);
    server.signal(Signal::INT);
    let ended = server.wait().exits(130);
    let lines: Vec<_> = ended.err.lines().filter(|line| line.contains(": rtt ")).collect();
    assert_eq!(lines.len(), 20, "{}", ended.err);
    for line in lines {
        assert!(line.trim_start().starts_with('#') && line.contains(" tcp://127.0.0.1:"), "{line}");
        assert!(line.contains(" B unacknowledged, 0 B unsent, 0 B unread"), "{line}");
    }
}
