//! Faults in streams.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use sockeye_tape::event::{By, Event, How, What};

use crate::harness::{LONG, Running, noise, sockeye, tape, words};

/// A relay with faults, and both ends of one client through it.
struct Through {
    relay: Running,
    client: TcpStream,
    server: TcpStream,
}

impl Through {
    fn with(fault: &str, more: &[&str]) -> Self {
        let target = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = target.local_addr().expect("bound").to_string();
        let all = ["relay", "127.0.0.1:0", &at, "--fault", fault];
        let relay = sockeye(all.iter().chain(more)).open().start();
        let (client, server) = Self::call(&relay, &target);
        Self { relay, client, server }
    }

    fn call(relay: &Running, target: &TcpListener) -> (TcpStream, TcpStream) {
        let client = TcpStream::connect(relay.at()).expect("it listens");
        let (server, _) = target.accept().expect("the relay calls");
        for socket in [&client, &server] {
            socket.set_read_timeout(Some(LONG)).expect("a timeout");
            socket.set_nodelay(true).expect("TCP");
        }
        (client, server)
    }
}

fn all_of(socket: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).expect("a FIN, no RST");
    bytes
}

fn exactly(socket: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    socket.read_exact(&mut bytes).expect("so many bytes");
    bytes
}

/// One recv each, until the end.
fn reads(socket: &mut TcpStream) -> Vec<Vec<u8>> {
    let mut space = [0; 1000];
    let mut reads = Vec::new();
    loop {
        match socket.read(&mut space).expect("bytes or a FIN") {
            0 => return reads,
            count => reads.push(space.get(..count).expect("within").to_vec()),
        }
    }
}

fn faults(events: &[Event<'_>]) -> Vec<(u64, String)> {
    let fault = |event: &Event<'_>| match &event.what {
        What::Fault { text } => Some((event.c, text.clone())),
        _ => None,
    };
    events.iter().filter_map(fault).collect()
}

#[test]
fn a_split_is_seen_by_each_recv_and_said_once() {
    let mut through = Through::with("split=2,gap=250ms,dir=up", &["--view", "text"]);
    through.relay.says("note: faults: split=2,gap=250ms,dir=up (seed ");
    through.client.write_all(b"hello").expect("connected");
    through.client.shutdown(Shutdown::Write).expect("connected");
    assert_eq!(reads(&mut through.server), [b"he".to_vec(), b"ll".to_vec(), b"o".to_vec()]);
    through.relay.sees("fault split=2,gap=250ms,dir=up: 5 B in 3 pieces");
}

#[test]
fn what_is_coalesced_comes_in_one_recv() {
    let mut through = Through::with("coalesce=1s,dir=up", &["--view", "text"]);
    for part in ["one ", "two ", "three"] {
        through.client.write_all(part.as_bytes()).expect("connected");
        // Each is a read of its own: the relay has shown it.
        through.relay.sees(part.trim());
    }
    assert_eq!(through.server.read(&mut [0; 100]).expect("bytes"), b"one two three".len());
}

#[test]
fn a_rate_is_held_and_no_idle_timeout_strikes_while_bytes_move() {
    let mut through = Through::with("rate=64kbit", &["--idle-timeout", "1s"]);
    let sent = noise(16 << 10, 1);
    let start = Instant::now();
    through.client.write_all(&sent).expect("the kernel has room");
    through.client.shutdown(Shutdown::Write).expect("connected");
    assert_eq!(exactly(&mut through.server, 8 << 10), sent[..8 << 10]);
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(900) && took < Duration::from_secs(5), "{took:?}");
    assert_eq!(all_of(&mut through.server), sent[8 << 10..]);
    assert!(start.elapsed() >= Duration::from_millis(1900));
    through.server.shutdown(Shutdown::Write).expect("connected");
    assert!(all_of(&mut through.client).is_empty());
    through.relay.says("closed first by the peer (FIN)");
}

#[test]
fn n05_four_mebibytes_with_200_ms_of_delay_both_ways_come_whole() {
    let mut through = Through::with("delay=200ms", &[]);
    let sent = noise(4 << 20, 5);
    let (mut sending, mut echoing) =
        (through.client.try_clone().expect("a socket"), through.server.try_clone().expect("one"));
    let up = sent.clone();
    let threads = [
        std::thread::spawn(move || {
            sending.write_all(&up).expect("connected");
            sending.shutdown(Shutdown::Write).expect("connected");
        }),
        std::thread::spawn(move || {
            std::io::copy(&mut echoing.try_clone().expect("a socket"), &mut echoing)
                .expect("connected");
            echoing.shutdown(Shutdown::Write).expect("connected");
        }),
    ];
    let start = Instant::now();
    assert!(all_of(&mut through.client) == sent, "altered");
    assert!(start.elapsed() >= Duration::from_millis(400));
    for thread in threads {
        thread.join().expect("no panic");
    }
}

#[test]
fn n12_half_closes_in_either_order_pass_a_relay_with_faults() {
    for client_first in [true, false] {
        let mut through = Through::with("delay=20ms±10ms; split=3; coalesce=5ms", &[]);
        let (first, second) = if client_first {
            (&mut through.client, &mut through.server)
        } else {
            (&mut through.server, &mut through.client)
        };
        first.write_all(b"question").expect("connected");
        first.shutdown(Shutdown::Write).expect("connected");
        assert_eq!(all_of(second), b"question");
        second.write_all(b"late answer").expect("this direction goes on");
        second.shutdown(Shutdown::Write).expect("connected");
        assert_eq!(all_of(first), b"late answer");
        through.relay.says("closed first by");
    }
}

#[test]
fn what_was_said_before_leaving_arrives_although_it_is_delayed() {
    let mut through = Through::with("delay=500ms", &[]);
    through.client.write_all(b"last words").expect("connected");
    drop(through.client);
    assert_eq!(all_of(&mut through.server), b"last words");
    drop(through.server);
    through.relay.says("closed first by the peer (FIN): 10 B in");
}

#[test]
fn frames_are_dropped_doubled_and_swapped_whole_however_they_are_cut() {
    let spec = "drop,on=frame:2,dir=up; dup,on=match:three; reorder,on=frame:4";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t");
    let tape_at = path.to_str().expect("a path of ours").to_owned();
    let more = ["--frame", "lines", "--read-size", "3", "--tape", &tape_at];
    let mut through = Through::with(spec, &more);
    through.client.write_all(b"one\ntwo\nthree\nfour\nfive\n").expect("connected");
    through.client.shutdown(Shutdown::Write).expect("connected");
    assert_eq!(all_of(&mut through.server), b"one\nthree\nthree\nfive\nfour\n");
    drop(through.server);
    through.relay.says("closed first by");
    through.relay.signal(Signal::INT);
    through.relay.wait().exits(130);
    let events = tape::read(&path);
    let told = [
        "drop: frame 2, 4 B",
        "dup: frame 3, 6 B",
        "reorder: frame 4, 5 B, after the one behind it",
    ];
    assert_eq!(faults(&events), told.map(|text| (1, text.to_owned())));
    // The tape has what was read, not what became of it.
    assert_eq!(tape::came(&events).concat(), b"one\ntwo\nthree\nfour\nfive\n");
}

#[test]
fn a_cut_is_at_the_byte_and_both_sides_get_a_fin() {
    for dir in ["up", "down"] {
        let mut through = Through::with(&format!("cut=10,dir={dir}"), &["--json"]);
        let (from, to) = if dir == "up" {
            (&mut through.client, &mut through.server)
        } else {
            (&mut through.server, &mut through.client)
        };
        from.write_all(&noise(100, 1)).expect("connected");
        assert_eq!(all_of(to), noise(100, 1)[..10]);
        assert!(all_of(from).is_empty());
        drop((through.client, through.server));
        through.relay.says(&format!("closed first by us (FIN: fault: cut=10,dir={dir})"));
        through.relay.signal(Signal::INT);
        let events = tape::lines(&through.relay.wait().exits(130).out).1;
        assert!(faults(&events).iter().any(|(_, text)| text.ends_with(": after 10 B")));
        assert!(tape::closes(&events).iter().all(|(_, c)| c.by == By::Us && c.how == How::Fin));
        assert_eq!(tape::closes(&events).len(), 2);
    }
}

#[test]
fn a_reset_is_a_rst_on_both_sides() {
    let mut through = Through::with("rst,on=match:QUIT", &[]);
    through.client.write_all(b"hello").expect("connected");
    assert_eq!(exactly(&mut through.server, 5), b"hello");
    through.client.write_all(b"QUIT").expect("connected");
    for socket in [&mut through.client, &mut through.server] {
        let error = socket.read(&mut [0]).expect_err("no FIN");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
    through.relay.says("closed first by us (RST: fault: rst,on=match:QUIT)");
}

#[test]
fn a_reset_strikes_although_the_target_reads_nothing() {
    let mut through = Through::with("rst=300ms,on=frame:1,dir=down", &[]);
    let mut sending = through.client.try_clone().expect("a socket");
    // More than fits anywhere: the relay is busy writing when the time comes.
    let writing = std::thread::spawn(move || sending.write_all(&noise(64 << 20, 1)));
    through.server.write_all(b"x").expect("connected");
    let read = through.client.read(&mut [0]).map(drop);
    let written = writing.join().expect("no panic");
    assert!(written.is_err(), "all of it went somewhere");
    // The kernel tells of a RST once: to whichever call comes first.
    let told = [read, written].map(|result| result.err().map(|error| error.kind()));
    assert!(told.contains(&Some(ErrorKind::ConnectionReset)), "{told:?}");
}

#[test]
fn a_half_close_is_told_while_the_sender_goes_on_and_the_answer_still_comes() {
    let mut through = Through::with("half-close,dir=up,first=1", &["--view", "text"]);
    through.client.write_all(b"one").expect("connected");
    assert_eq!(all_of(&mut through.server), b"one");
    through.client.write_all(b"nobody hears").expect("the client may go on");
    through.server.write_all(b"answer").expect("the other direction goes on");
    assert_eq!(exactly(&mut through.client, 6), b"answer");
    through.client.shutdown(Shutdown::Write).expect("connected");
    through.relay.sees("half-close,dir=up,first=1: 12 B thrown away");
    drop(through.server);
    assert!(all_of(&mut through.client).is_empty());
    through.relay.says("closed first by us (FIN: fault: half-close,dir=up,first=1)");
}

#[test]
fn a_stall_is_freed_by_a_typed_line_and_nothing_is_lost() {
    let mut through = Through::with("stall", &["--view", "text"]);
    through.client.write_all(b"held").expect("connected");
    through.relay.sees("held");
    through.server.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
    assert_eq!(
        through.server.read(&mut [0]).expect_err("nothing passes").kind(),
        ErrorKind::WouldBlock
    );
    through.server.set_read_timeout(Some(LONG)).expect("a timeout");
    through.relay.write("/fault\n");
    through.relay.says("\nfaults: stall (seed ");
    through.relay.write("/fault none\n");
    through.relay.says("\nfaults: none (seed ");
    assert_eq!(exactly(&mut through.server, 4), b"held");
    through.relay.sees("from now on: none");
    // The end of the lines is not the end of the relay.
    through.relay.close_stdin();
    through.client.write_all(b"more").expect("connected");
    assert_eq!(exactly(&mut through.server, 4), b"more");
}

#[test]
fn typed_lines_that_make_no_sense_change_nothing_and_quit_ends() {
    let mut relay = words("relay 127.0.0.1:0 127.0.0.1:1 --fault none --seed 9").open().start();
    relay.endpoint();
    relay.write("/fault dealy=5ms\n/falt\nhello\n/help\n");
    relay.says("not done: unknown fault `dealy` at column 1: did you mean `delay`?");
    relay.says("not done: there is no /falt: did you mean /fault?");
    relay.says("not done: a relay says nothing of its own");
    relay.says("/fault none   none");
    relay.write("/fault\n");
    relay.says("\nfaults: none (seed 9)");
    relay.write("/quit\n");
    relay.wait_with_stdin_open().exits(0);
}

#[test]
fn a_stall_that_closes_gives_both_sides_a_fin() {
    let mut through = Through::with("stall=200ms,then=close", &[]);
    through.client.write_all(b"nobody hears").expect("connected");
    assert!(all_of(&mut through.server).is_empty());
    assert!(all_of(&mut through.client).is_empty());
    drop((through.client, through.server));
    through.relay.says("closed first by us (FIN: fault: stall=200ms,then=close)");
}

#[test]
fn a_slow_close_holds_the_end_back() {
    let mut through = Through::with("slow-close=400ms,dir=up", &[]);
    let start = Instant::now();
    through.client.write_all(b"x").expect("connected");
    through.client.shutdown(Shutdown::Write).expect("connected");
    assert_eq!(exactly(&mut through.server, 1), b"x");
    assert!(all_of(&mut through.server).is_empty());
    assert!(start.elapsed() >= Duration::from_millis(400));
}

#[test]
fn a_half_close_cannot_be_taken_back_and_hurts_nobody() {
    let mut through = Through::with("half-close,dir=up", &["--view", "text"]);
    through.client.write_all(b"one").expect("connected");
    assert_eq!(all_of(&mut through.server), b"one");
    through.relay.write("/fault none\n");
    through.relay.sees("from now on: none");
    through.client.write_all(b"two").expect("the client may go on");
    through.relay.sees("two");
    through.server.write_all(b"answer").expect("the other direction goes on");
    assert_eq!(exactly(&mut through.client, 6), b"answer");
    drop(through.server);
    assert!(all_of(&mut through.client).is_empty());
    drop(through.client);
    through.relay.says("closed first by us (FIN: fault: half-close,dir=up): 6 B in, 6 B out");
}

#[test]
fn messages_of_a_websocket_are_units_and_stay_whole() {
    let server = words("listen ws://127.0.0.1:0 --reply echo").start();
    let to = format!("ws://{}", server.at());
    let fault = "drop,on=frame:1,dir=up; split=1; rate=64kbit";
    let relay = sockeye(["relay", "ws://127.0.0.1:0", &to, "--fault", fault, "--json"]).start();
    let mut client = sockeye(["connect", &format!("ws://{}", relay.at())]).open().start();
    client.write("lost\nkept whole\n");
    client.sees("kept whole\n");
    assert!(!String::from_utf8_lossy(&client.out.so_far()).contains("lost"));
    relay.sees("drop: message 1, 4 B");
}

#[test]
fn no_browser_reaches_a_command_through_faults_either() {
    let args = ["relay", "127.0.0.1:0", "exec:cat", "--fault", "delay=1ms; split=1"];
    let relay = sockeye(args).start();
    let mut client = TcpStream::connect(relay.at()).expect("it listens");
    client.set_read_timeout(Some(LONG)).expect("a timeout");
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("connected");
    assert_eq!(client.read(&mut [0]).expect_err("no FIN").kind(), ErrorKind::ConnectionReset);
    relay.says("a browser's request is no command");
    sockeye(["connect", &relay.at()]).input("a word").run().exits(0).prints("a word");
}

#[test]
fn n16_a_stalled_relay_is_not_read_for_ever() {
    let mut through = Through::with("stall", &[]);
    let limit = Duration::from_secs(2);
    through.client.set_write_timeout(Some(limit)).expect("a timeout");
    let error = through.client.write_all(&noise(64 << 20, 1)).expect_err("nobody reads");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert!(through.relay.peak() < 64 << 10, "{} KiB", through.relay.peak());
}

#[test]
fn n16_pieces_of_one_byte_take_no_more_memory_than_a_few_reads() {
    let mut through = Through::with("split=1,gap=0", &[]);
    let sent = noise(128 << 10, 1);
    let (mut sending, up) = (through.client.try_clone().expect("a socket"), sent.clone());
    let writing = std::thread::spawn(move || {
        sending.write_all(&up).expect("connected");
        sending.shutdown(Shutdown::Write).expect("connected");
    });
    assert!(all_of(&mut through.server) == sent, "altered");
    writing.join().expect("no panic");
    assert!(through.relay.peak() < 80 << 10, "{} KiB", through.relay.peak());
}

#[test]
fn n07_bits_flipped_under_tls_are_integrity_and_no_byte_of_them_is_printed() {
    let server = words("listen tls://127.0.0.1:0 --reply echo").start();
    let to = format!("tcp://{}", server.at());
    let args = ["relay", "tcp://127.0.0.1:0", &to, "--fault", "none", "--seed", "1"];
    let mut relay = sockeye(args).open().start();
    let at = format!("tls://{}?insecure", relay.at());
    let mut client = sockeye(["connect", &at]).open().start();
    client.write("whole\n");
    client.sees("whole\n");
    relay.write("/fault corrupt,dir=down\n");
    relay.says("\nfaults: corrupt,dir=down");
    client.write([b"secret ".repeat(1000).as_slice(), b"\n"].concat());
    let ended = client.wait_with_stdin_open().exits(1);
    ended.fails_clearly("E-integrity").prints("whole\n");
}

#[test]
fn a_share_of_conversations_is_the_same_for_the_same_seed() {
    let struck = |seed: &str| {
        let target = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = target.local_addr().expect("bound").to_string();
        let fault = ["--fault", "cut=1,share=50%", "--seed", seed];
        let relay = sockeye(["relay", "127.0.0.1:0", &at].iter().chain(&fault)).start();
        let one = || {
            let (mut client, mut server) = Through::call(&relay, &target);
            client.write_all(b"12").expect("connected");
            client.shutdown(Shutdown::Write).expect("connected");
            all_of(&mut server).len() == 1
        };
        (0..16).map(|_| one()).collect::<Vec<bool>>()
    };
    let first = struck("3");
    assert_eq!(first, struck("3"));
    assert!(first.contains(&true) && first.contains(&false), "{first:?}");
}
