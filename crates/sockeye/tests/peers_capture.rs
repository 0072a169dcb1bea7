//! `sockeye capture` over the loopback of this machine, against Python, tshark and dumpcap.
//! Needs root: seeing packets takes `CAP_NET_RAW`.

mod harness;
#[path = "capture/crafted.rs"]
mod crafted;
#[path = "capture/files.rs"]
mod files;

use std::path::Path;

use harness::{Ended, LONG, Running, Start, ports, shell, sockeye, tape};
use rustix::process::Signal;
use sockeye_tape::event::{By, Event, How};
use tempfile::TempDir;

/// A running capture. It sees packets from here on.
fn capture(args: &[&str]) -> Running {
    let capture = sockeye(["capture"].iter().chain(args)).start();
    capture.says("capturing ");
    capture
}

/// Interrupts it: what had come by then is still told.
fn ended(capture: Running) -> Ended {
    capture.signal(Signal::INT);
    capture.wait().exits(130)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn place(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().expect("a path of ours").to_owned()
}

/// One field of each packet as tshark sees it.
fn tshark(file: &str, filter: &str, field: &str) -> Vec<String> {
    let args = ["-n", "-r", file, "-Y", filter, "-T", "fields", "-e", field];
    let done = Start::program("tshark").args(args).run().exits(0);
    done.text().lines().map(str::to_owned).collect()
}

/// The sequence numbers of the lines of packets, as they stand in them.
fn numbers(text: &str) -> Vec<String> {
    let packets = text.lines().filter_map(|line| line.split_once("  seq "));
    let number =
        |(_, rest): (&str, &str)| Some(rest.split_once('(')?.1.split_once(')')?.0.to_owned());
    packets.filter_map(number).collect()
}

/// A server in Python on a free port: `TALK` is what it does with its one caller, `c`.
fn python(talk: &str) -> (Running, u16) {
    let script = format!(
        "import socket, struct\n\
         s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\n\
         print('port', s.getsockname()[1], '', flush=True)\n\
         c = s.accept()[0]\n{talk}\nprint('done', flush=True)"
    );
    let server = Start::program("python3").args(["-c", &script]).start();
    let port = server.out.until(LONG, |bytes| {
        let text = std::str::from_utf8(bytes).ok()?;
        text.strip_prefix("port ")?.split_once(' ')?.0.parse::<u16>().ok()
    });
    (server, port.expect("a port"))
}

#[test]
fn our_own_talk_is_told_and_tshark_reads_the_same_numbers_from_the_file() {
    let folder = folder();
    let (file, recorded) = (place(&folder, "a.pcapng"), place(&folder, "a.tape"));
    let server = sockeye(["listen", "127.0.0.1:0", "--reply", "upper"]).start();
    let port = server.port().to_string();
    let watching = capture(&[&port, "--write", &file, "--tape", &recorded]);
    sockeye(["send", &server.at(), "hello"]).run().exits(0).prints("HELLO");
    watching.sees("\"HELLO\"");
    let text = ended(watching).text();
    for told in ["→ SYN  seq 0 (", "← SYN ACK  seq 0 (", "\"hello\"", "handshake 0.", "FIN ACK"]
    {
        assert!(text.contains(told), "no {told}:\n{text}");
    }
    assert!(!text.contains("retransmission") && !text.contains("not captured"), "{text}");
    let seen = tshark(&file, "tcp", "tcp.seq_raw");
    assert!(seen.len() > 6, "{seen:?}");
    assert_eq!(numbers(&text), seen);
    assert_eq!(tshark(&file, "_ws.malformed or tcp.analysis.flags", "frame.number"), [""; 0]);
    let events: Vec<Event<'_>> = tape::read(Path::new(&recorded));
    assert_eq!(tape::went(&events), [b"hello"]);
    assert_eq!(tape::came(&events), [b"HELLO"]);
    let (_, open) = tape::opens(&events).remove(0);
    assert_eq!((open.proto.as_str(), open.peer), ("tcp", server.at()));
    assert_eq!(numbers(&tape::notes(&events).join("\n")), seen);
    // The caller ends first: `send` has said all.
    let (_, close) = tape::closes(&events).remove(0);
    assert_eq!((close.by, close.how), (By::Us, How::Fin));
    let again = sockeye(["capture", "--read", &file]).run().exits(0);
    assert_eq!(numbers(&again.text()), seen);
}

#[test]
fn a_rst_of_python_is_told_with_who_sent_it() {
    let linger = "c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))";
    let (server, port) = python(&format!("c.recv(10)\n{linger}\nc.close()"));
    let watching = capture(&[&port.to_string()]);
    let called = sockeye(["send", &format!("127.0.0.1:{port}"), "x"]).run();
    assert_ne!(called.code, Some(0));
    server.wait().exits(0);
    watching.sees("RST");
    let text = ended(watching).text();
    assert!(text.contains(&format!("cut off by the called, 127.0.0.1:{port} (RST +")), "{text}");
}

#[test]
fn a_half_close_is_told_in_the_order_in_which_it_came() {
    let (server, port) =
        python("c.shutdown(socket.SHUT_WR)\nassert c.recv(10) == b'late'\nc.close()");
    let watching = capture(&[&format!("127.0.0.1:{port}")]);
    let mut caller = sockeye(["connect", &format!("127.0.0.1:{port}")]).open().start();
    watching.sees("← FIN ACK");
    caller.write("late");
    watching.sees("\"late\"");
    caller.close_stdin();
    caller.wait().exits(0);
    server.wait().exits(0);
    watching.sees("→ FIN ACK");
    let text = ended(watching).text();
    let first = format!("closed first by the called, 127.0.0.1:{port} (FIN +");
    assert!(text.contains(&first) && text.contains("then by the other"), "{text}");
}

#[test]
fn datagrams_of_either_family_are_taken_once_and_those_of_others_not_at_all() {
    for host in ["127.0.0.1", "[::1]"] {
        let at = format!("udp://{host}:0");
        let server = sockeye(["listen", &at, "--reply", "upper"]).start();
        let other = sockeye(["listen", &at, "--reply", "upper"]).start();
        let watching = capture(&[&server.endpoint()]);
        for endpoint in [other.endpoint(), server.endpoint()] {
            let asked = ["send", &endpoint, "who", "--expect", "WHO"];
            sockeye(asked).run().exits(0);
        }
        watching.sees("\"WHO\"");
        let text = ended(watching).text();
        assert_eq!(text.matches("→ datagram  3 bytes  \"who\"").count(), 1, "{text}");
        assert_eq!(text.matches("← datagram  3 bytes  \"WHO\"").count(), 1, "{text}");
        assert!(text.contains("→ 3 bytes in 1 datagram"), "{text}");
    }
}

#[test]
fn a_host_and_a_port_both_count_and_several_endpoints_are_watched_at_once() {
    let one = sockeye(["listen", "127.0.0.1:0", "--reply", "echo"]).start();
    let two = sockeye(["listen", "[::1]:0", "--reply", "echo"]).start();
    let elsewhere = format!("192.0.2.1:{}", one.port());
    let watching = capture(&[&elsewhere, &two.endpoint(), "--iface", "lo"]);
    sockeye(["send", &one.endpoint(), "one"]).run().exits(0).prints("one");
    sockeye(["send", &two.endpoint(), "two"]).run().exits(0).prints("two");
    watching.sees("\"two\"");
    let text = ended(watching).text();
    assert!(!text.contains("\"one\"") && text.contains("#1 tcp [::1]:"), "{text}");
}

#[test]
fn it_ends_by_itself_after_so_many_packets_or_so_long() {
    let server = sockeye(["listen", "127.0.0.1:0", "--reply", "echo"]).start();
    let watching = capture(&[&server.endpoint(), "--count", "3", "--json"]);
    sockeye(["send", &server.at(), "x"]).run().exits(0);
    let ended = watching.wait().exits(0).told("3 packets");
    let (_, events) = tape::lines(&ended.out);
    let notes = tape::notes(&events);
    assert_eq!(notes.iter().filter(|note| note.contains("seq ")).count(), 3, "{notes:?}");
    assert!(notes.iter().any(|note| note.starts_with("summary: handshake ")), "{notes:?}");
    let free = ports::free().to_string();
    sockeye(["capture", &free, "--for", "50ms"]).run().exits(0).told("0 packets").prints("");
}

#[test]
fn segments_reads_and_frames_lie_one_under_the_other() {
    let folder = folder();
    let recorded = place(&folder, "t.tape");
    let flags = ["--tape", &recorded, "--frame", "lines", "--read-size", "4"];
    let server =
        sockeye(["listen", "127.0.0.1:0", "--reply", "upper"].iter().chain(&flags)).start();
    let watching = capture(&[&server.endpoint(), "--with", &recorded]);
    let send = ["send", &server.at(), "hex:6F6E650A74776F0A", "hex:74687265650A"];
    sockeye(send).run().exits(0).prints("ONE\nTWO\nTHREE\n");
    server.signal(Signal::INT);
    server.wait().exits(130);
    let text = ended(watching).text();
    let rulers: Vec<&str> = text
        .lines()
        .skip_while(|line| *line != "   → cut into")
        .skip(1)
        .take_while(|line| line.starts_with("     "))
        .collect();
    let [segments, reads, frames] = rulers.as_slice() else { panic!("{text}") };
    assert!(segments.starts_with("     segments |"), "{text}");
    assert!(reads.starts_with("     reads    |"), "{text}");
    assert_eq!(
        frames.split('|').map(|part| part.trim_matches('-')).collect::<Vec<_>>(),
        ["     frames   ", "4", "4", "6", ""]
    );
    // No recv was of more than four bytes.
    let reads = reads.split('|').skip(1).filter_map(|part| part.trim_matches('-').parse().ok());
    let reads: Vec<u32> = reads.collect();
    assert!(reads.iter().all(|&read| read <= 4) && reads.iter().sum::<u32>() == 14, "{text}");
    assert!(text.contains("     writes   |"), "{text}");
}

#[test]
fn who_may_not_see_packets_is_told_which_right_it_takes() {
    let script = "exec setpriv --bounding-set -net_raw --inh-caps -net_raw \"$S\" capture 8888";
    let ended = shell(script).run().exits(1).fails_clearly("E-permission");
    ended.told("CAP_NET_RAW").told("setcap cap_net_raw+ep").told("sudo");
}

#[test]
fn what_cannot_be_captured_is_told() {
    sockeye(["capture", "8888", "--iface", "sk-none"]).run().exits(1).fails_clearly("E-address");
    sockeye(["capture"]).run().exits(2).told("ENDPOINT");
    for endpoint in ["unix:/tmp/x", "exec:cat", "-"] {
        let ended = sockeye(["capture", endpoint]).run().exits(2).fails_clearly("E-usage");
        ended.told("nothing of it crosses a network");
    }
    let two = ["capture", "1?iface=lo", "--iface", "eth9"];
    sockeye(two).run().exits(2).fails_clearly("E-usage").told("two interfaces");
}

/// A network namespace with a loopback of the usual MTU; removed at the end.
struct Space(String);

impl Space {
    fn new(name: &str) -> Self {
        let space = Self(format!("sk-cap-{name}-{}", std::process::id()));
        ip(&format!("netns add {}", space.0));
        ip(&format!("-n {} link set lo up mtu 1500", space.0));
        space
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        drop(std::process::Command::new("ip").args(["netns", "del", &self.0]).output());
    }
}

fn ip(args: &str) {
    drop(Start::program("ip").args(args.split(' ')).run().exits(0));
}

#[test]
fn a_namespace_is_looked_into_from_outside() {
    let space = Space::new("in");
    let at = format!("127.0.0.1:0?netns={}", space.0);
    let server = sockeye(["listen", &at, "--reply", "upper"]).start();
    let at = format!("127.0.0.1:{}?netns={}", server.port(), space.0);
    let watching = capture(&[&at]);
    sockeye(["send", &at, "inside"]).run().exits(0).prints("INSIDE");
    watching.sees("\"INSIDE\"");
    drop(ended(watching));
}

#[test]
fn the_fragments_of_a_datagram_are_told_as_left_out() {
    let space = Space::new("frag");
    let at = format!("udp://127.0.0.1:0?netns={}", space.0);
    let server = sockeye(["listen", &at, "--reply", "text:ok"]).start();
    let at = format!("udp://127.0.0.1:{}?netns={}", server.port(), space.0);
    let watching = capture(&[&at]);
    let long = "a".repeat(4000);
    sockeye(["send", &at, &long, "--expect", "ok"]).run().exits(0);
    watching.sees("\"ok\"");
    let ended = ended(watching).told("1 packet\n");
    // 4,008 bytes by 1,480 at most.
    ended.told("left out: 1 packet (a fragment, the first").told("2 packets (a fragment, a later");
}

#[test]
fn a_classic_that_explains_shows_the_packets_of_its_own_handshake_and_close() {
    let serve = ["classic", "open-close", "serve", "127.0.0.1:0", "--explain"];
    let server = sockeye(serve).start();
    let at = server.at();
    let connect = ["classic", "open-close", "connect", &at, "--explain"];
    let client = sockeye(connect).run().exits(0);
    let steps: Vec<&str> = client.err.lines().filter(|line| line.starts_with("wire ")).collect();
    let shows = |step: usize, told: &str| {
        assert!(steps.get(step).is_some_and(|line| line.contains(told)), "{told}: {steps:#?}");
    };
    for (step, told) in
        ["→ SYN  seq 0 (", "← SYN ACK  seq 0 (", "→ ACK  seq 1 ("].iter().enumerate()
    {
        shows(step, told);
    }
    assert!(steps.iter().any(|line| line.contains("→ FIN ACK")), "{steps:#?}");
    assert!(steps.iter().any(|line| line.contains("← FIN ACK")), "{steps:#?}");
    assert!(!steps.iter().any(|line| line.contains("PSH ACK")), "{steps:#?}");
    // Both sides saw the same packets.
    for step in steps {
        server.says(step);
    }
}

#[test]
fn a_classic_that_may_not_see_packets_says_so_in_one_line_and_goes_on() {
    let server = sockeye(["classic", "open-close", "serve", "127.0.0.1:0"]).start();
    let script = format!(
        "exec setpriv --bounding-set -net_raw --inh-caps -net_raw \
         \"$S\" classic open-close connect {} --explain",
        server.at()
    );
    let ended = shell(&script).run().exits(0).told("connect_ex((").told("setcap cap_net_raw+ep");
    assert_eq!(ended.err.matches("CAP_NET_RAW").count(), 1, "{}", ended.err);
}

#[test]
fn what_is_read_is_never_written_over_and_two_files_are_never_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (capture, tape) = (path("a.pcapng"), path("a.tape"));
    for name in [&capture, &tape] {
        std::fs::write(name, "not to be lost").expect("room");
    }
    let new = path("new");
    for args in [
        ["--read", &capture, "--tape", &capture],
        ["--read", &capture, "--write", &capture],
        ["--with", &tape, "--tape", &tape],
        ["--with", &tape, "--write", &tape],
        ["--write", &new, "--tape", &new],
    ] {
        let line = ["capture", "127.0.0.1:9", "--overwrite"].into_iter().chain(args);
        sockeye(line).run().exits(2).fails_clearly("E-usage");
    }
    for name in [&capture, &tape] {
        assert_eq!(std::fs::read_to_string(name).expect("there"), "not to be lost");
    }
}
