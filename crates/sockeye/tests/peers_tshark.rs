//! Capture files made of tapes that we recorded, read by tshark: nothing malformed, no
//! analysis flags, the right ends and the right payloads.

mod harness;

use std::io::Read as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use harness::{LONG, SOCKEYE, Start, noise, sockeye, tape, words};
use tempfile::TempDir;

/// Ports mean nothing here: no dissector is to guess at the payload.
const TCP_DATA: &str = "tcp.port==1-65535,data";
const UDP_DATA: &str = "udp.port==1-65535,data";

/// A tape to be recorded, and the capture file that is made of it.
struct Shelf {
    folder: TempDir,
}

/// One packet as tshark sees it.
struct Packet {
    from: String,
    to: String,
    flags: String,
    payload: String,
}

impl Shelf {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn tape(&self) -> PathBuf {
        self.folder.path().join("t.tape")
    }

    fn tape_arg(&self) -> String {
        self.tape().to_str().expect("a path of ours").to_owned()
    }

    fn packets(&self) -> Vec<Packet> {
        let out = self.folder.path().join("t.pcapng");
        let out = out.to_str().expect("a path of ours");
        sockeye(["tape", "convert", &self.tape_arg(), out]).run().exits(0);
        let bad = "_ws.malformed or tcp.analysis.flags or tcp.checksum.status == 0 \
            or udp.checksum.status == 0 or ip.checksum.status == 0";
        let check = ["-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"];
        let check = check.iter().chain(&["-o", "ip.check_checksum:TRUE"]);
        let complaints = tshark(out).args(check).args(["-Y", bad]).run().exits(0);
        assert_eq!(complaints.text(), "", "tshark complains");
        let fields = ["ip.src", "ipv6.src", "tcp.srcport", "udp.srcport", "ip.dst", "ipv6.dst"];
        let fields = fields.iter().chain(&["tcp.dstport", "udp.dstport", "tcp.flags"]);
        let fields = fields.chain(&["tcp.payload", "udp.payload"]);
        let fields = fields.flat_map(|field| ["-e", field]);
        let ended = tshark(out).args(["-T", "fields", "-E", "separator=,"]).args(fields).run();
        ended.exits(0).text().lines().map(packet).collect()
    }
}

fn tshark(file: &str) -> Start {
    Start::program("tshark").args(["-n", "-d", TCP_DATA, "-d", UDP_DATA, "-r", file])
}

fn packet(line: &str) -> Packet {
    let words: Vec<_> = line.split(',').collect();
    let [v4, v6, tcp, udp, to_v4, to_v6, to_tcp, to_udp, flags, stream, datagram] =
        words.as_slice()
    else {
        panic!("{line}")
    };
    Packet {
        from: format!("{v4}{v6} {tcp}{udp}"),
        to: format!("{to_v4}{to_v6} {to_tcp}{to_udp}"),
        flags: (*flags).to_owned(),
        payload: format!("{stream}{datagram}"),
    }
}

/// What went from one end, in hex.
fn stream(packets: &[Packet], from: &str) -> String {
    let of = packets.iter().filter(|packet| packet.from == from);
    of.map(|packet| packet.payload.as_str()).collect()
}

fn hex(bytes: &[u8]) -> String {
    sockeye_text::hex::encode(bytes).replace(' ', "").to_lowercase()
}

fn flags(packets: &[Packet]) -> Vec<&str> {
    packets.iter().map(|packet| packet.flags.trim_start_matches("0x0")).collect()
}

/// The ends of the first conversation: `127.0.0.1 80`.
fn ends(tape_path: &Path) -> (String, String) {
    let opens = tape::opens(&tape::read(tape_path));
    let end = |text: &str| {
        let (host, port) = text.rsplit_once(':').expect("an address");
        format!("{} {port}", host.trim_matches(['[', ']']))
    };
    let (_, open) = opens.first().expect("a conversation");
    (end(&open.local), end(&open.peer))
}

#[test]
fn a_tcp_talk_over_both_families_is_a_whole_connection() {
    for bind in ["127.0.0.1:0", "[::1]:0"] {
        let shelf = Shelf::new();
        let server = words(&format!("listen {bind} --reply upper")).start();
        let at = server.endpoint();
        sockeye(["send", &at, "hello", "--tape", &shelf.tape_arg()]).run().exits(0);
        let packets = shelf.packets();
        let (ours, theirs) = ends(&shelf.tape());
        assert_eq!(stream(&packets, &ours), hex(b"hello"));
        assert_eq!(stream(&packets, &theirs), hex(b"HELLO"));
        assert_eq!(flags(&packets), ["002", "012", "010", "018", "018", "011", "011", "010"]);
        let first = packets.first().expect("a SYN");
        assert_eq!((&first.from, &first.to), (&ours, &theirs));
    }
}

#[test]
fn a_large_talk_raises_no_flag_of_the_analysis() {
    let shelf = Shelf::new();
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let bytes = noise(3_000_000, 5);
    let args = ["connect", &server.at(), "--tape", &shelf.tape_arg()];
    sockeye(args).input(&bytes).run().exits(0).prints(&bytes);
    let packets = shelf.packets();
    let (ours, theirs) = ends(&shelf.tape());
    assert!(stream(&packets, &ours) == hex(&bytes), "what went");
    assert!(stream(&packets, &theirs) == hex(&bytes), "what came");
}

#[test]
fn datagrams_go_between_their_peers() {
    for bind in ["127.0.0.1:0", "[::1]:0"] {
        let shelf = Shelf::new();
        let args = ["listen", "-u", bind, "--reply", "upper", "--tape", &shelf.tape_arg()];
        let server = sockeye(args).start();
        let at = server.endpoint();
        for text in ["one", "two"] {
            let expected = text.to_uppercase();
            sockeye(["send", &at, text, "--expect", &expected]).run().exits(0);
        }
        server.signal(rustix::process::Signal::TERM);
        server.wait_with_stdin_open().exits(143);
        let packets = shelf.packets();
        let (ours, first) = ends(&shelf.tape());
        assert_eq!(packets.len(), 4);
        assert_eq!(stream(&packets, &first), hex(b"one"));
        assert_eq!(stream(&packets, &ours), hex(b"ONETWO"));
        assert!(packets.iter().all(|packet| (packet.from == ours) != (packet.to == ours)));
    }
}

#[test]
fn a_relayed_talk_is_two_connections_with_both_ways_in_each() {
    let shelf = Shelf::new();
    let server = words("listen 127.0.0.1:0 --reply upper").start();
    let args = ["relay", "127.0.0.1:0", &server.at(), "--tape", &shelf.tape_arg()];
    let relay = sockeye(args).start();
    sockeye(["send", &relay.at(), "via"]).run().exits(0).prints("VIA");
    relay.signal(rustix::process::Signal::TERM);
    relay.wait_with_stdin_open().exits(143);
    let packets = shelf.packets();
    let opens = tape::opens(&tape::read(&shelf.tape()));
    assert_eq!(opens.len(), 2);
    for (c, open) in opens {
        let [local, peer] = [&open.local, &open.peer].map(|end| end.replace(':', " "));
        let (asks, answers) = if c == 1 { (&peer, &local) } else { (&local, &peer) };
        assert_eq!(stream(&packets, asks), hex(b"via"), "#{c}");
        assert_eq!(stream(&packets, answers), hex(b"VIA"), "#{c}");
        let syn = packets.iter().find(|packet| packet.from == *asks).expect("packets");
        assert_eq!(syn.flags, "0x0002", "#{c}");
    }
}

#[test]
fn a_reset_is_the_peers_rst() {
    let shelf = Shelf::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("bound").to_string();
    let args = ["connect", &at, "--tape", &shelf.tape_arg()];
    let mut client = Start::program(SOCKEYE).args(args).open().start();
    let (mut socket, _) = listener.accept().expect("a caller");
    socket.set_read_timeout(Some(LONG)).expect("a socket");
    client.write("hello");
    socket.read_exact(&mut [0; 5]).expect("what was said");
    rustix::net::sockopt::set_socket_linger(&socket, Some(std::time::Duration::ZERO))
        .expect("a socket");
    drop(socket);
    client.wait_with_stdin_open().exits(1);
    let packets = shelf.packets();
    let (ours, theirs) = ends(&shelf.tape());
    assert_eq!(stream(&packets, &ours), hex(b"hello"));
    let last = packets.last().expect("packets");
    assert_eq!((last.flags.as_str(), &last.from), ("0x0014", &theirs));
}
