//! The capture file, read back by other hands: pcap-parser for the blocks, etherparse for
//! the packets.

use pcap_parser::Block;
use pcap_parser::PcapBlockOwned;
use pcap_parser::PcapError;
use pcap_parser::PcapNGReader;
use pcap_parser::traits::PcapReaderIterator;
use proptest::prelude::any;
use proptest::prelude::proptest;
use sockeye_tape::header::Header;
use sockeye_tape::json;
use sockeye_tape::keylog::KeyLog;
use sockeye_tape::pcapng::LeftOut;
use sockeye_tape::pcapng::Pcapng;

/// One packet: its time in nanoseconds, and what etherparse finds in it.
struct Packet {
    time: u64,
    from: String,
    to: String,
    payload: Vec<u8>,
    flags: String,
    seq: u32,
    ack: u32,
}

fn header() -> Header {
    Header { start: "1970-01-01T00:00:02Z".into(), argv: vec![], sockeye: "0.1\u{1b}".into() }
}

fn convert(lines: &[&str]) -> (Vec<u8>, LeftOut) {
    let mut pcapng = Pcapng::new(Vec::new(), &header(), None).expect("sound");
    for line in lines {
        pcapng.event(&json::parse(line).expect("sound")).expect("sound");
    }
    pcapng.end().expect("sound")
}

/// Every block must parse, and the first two be what the draft asks for.
fn packets(file: &[u8]) -> Vec<Packet> {
    let mut reader = PcapNGReader::new(1 << 20, file).expect("sound");
    let mut packets = Vec::new();
    let mut count = 0;
    loop {
        match reader.next() {
            Ok((size, PcapBlockOwned::NG(block))) => {
                match (count, block) {
                    (0, Block::SectionHeader(_)) | (2, Block::DecryptionSecrets(_)) => {}
                    (1, Block::InterfaceDescription(about)) => {
                        assert_eq!(about.linktype.0, 101);
                        assert_eq!(about.if_tsresol, 9);
                    }
                    (2.., Block::EnhancedPacket(packet)) => {
                        assert_eq!(packet.caplen, packet.origlen);
                        let time = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                        let caplen = usize::try_from(packet.caplen).expect("sound");
                        packets.push(parse(time, packet.data.get(..caplen).expect("all of it")));
                    }
                    (_, other) => panic!("{other:?}"),
                }
                count += 1;
                reader.consume(size);
            }
            Ok(_) => panic!("no pcapng"),
            Err(PcapError::Eof) => break,
            Err(PcapError::Incomplete(_)) => reader.refill().expect("sound"),
            Err(error) => panic!("{error:?}"),
        }
    }
    assert!(count >= 2);
    packets
}

fn parse(time: u64, packet: &[u8]) -> Packet {
    use etherparse::{NetHeaders, PacketHeaders, TransportHeader};
    let parsed = PacketHeaders::from_ip_slice(packet).expect("sound");
    let payload = parsed.payload.slice().to_vec();
    let transport = parsed.transport.expect("sound");
    let mut whole = transport.clone();
    let (from, to) = match parsed.net.expect("sound") {
        NetHeaders::Ipv4(ip, _) => {
            assert_eq!(ip.header_checksum, ip.calc_header_checksum());
            whole.update_checksum_ipv4(&ip, &payload).expect("sound");
            (ip.source.map(u16::from).to_vec(), ip.destination.map(u16::from).to_vec())
        }
        NetHeaders::Ipv6(ip, _) => {
            whole.update_checksum_ipv6(&ip, &payload).expect("sound");
            let words = |all: [u8; 16]| all.map(u16::from).to_vec();
            (words(ip.source), words(ip.destination))
        }
        other @ NetHeaders::Arp(_) => panic!("{other:?}"),
    };
    assert_eq!(transport, whole, "the checksum");
    let (ports, flags, seq, ack) = match transport {
        TransportHeader::Tcp(tcp) => {
            let names = [('S', tcp.syn), ('A', tcp.ack), ('P', tcp.psh), ('F', tcp.fin)];
            let names = names.into_iter().chain([('R', tcp.rst)]);
            let flags = names.filter(|(_, set)| *set).map(|(name, _)| name).collect();
            let ports = (tcp.source_port, tcp.destination_port);
            (ports, flags, tcp.sequence_number, tcp.acknowledgment_number)
        }
        TransportHeader::Udp(udp) => ((udp.source_port, udp.destination_port), "U".into(), 0, 0),
        other => panic!("{other:?}"),
    };
    let at = |ip: &[u16], port| format!("{}:{port}", ip.last().expect("sound"));
    let (from, to) = (at(&from, ports.0), at(&to, ports.1));
    Packet { time, from, to, payload, flags, seq, ack }
}

fn flags(packets: &[Packet]) -> Vec<&str> {
    packets.iter().map(|packet| packet.flags.as_str()).collect()
}

const DIAL: &str = r#"{"t":1,"c":1,"e":"open","role":"dial","local":"127.0.0.1:5","peer":"127.0.0.2:80","proto":"tcp"}"#;

#[test]
fn a_connection_has_a_handshake_its_bytes_and_its_end() {
    let (file, left_out) = convert(&[
        DIAL,
        r#"{"t":2,"c":1,"e":"out","s":"hello"}"#,
        r#"{"t":3,"c":1,"e":"in","s":"HI"}"#,
        r#"{"t":4,"c":1,"e":"close","by":"peer","how":"fin"}"#,
    ]);
    assert_eq!(left_out, LeftOut::default());
    let packets = packets(&file);
    assert_eq!(flags(&packets), ["S", "SA", "A", "AP", "AP", "AF", "AF", "A"]);
    assert_eq!((packets[3].from.as_str(), packets[3].to.as_str()), ("1:5", "2:80"));
    assert_eq!(packets[3].payload, b"hello");
    assert_eq!(packets[4].payload, b"HI");
    assert_eq!(packets[3].time, 2_000_000_002);
    assert_eq!(packets[5].from, "2:80");
    let [first, .., last] = packets.as_slice() else { panic!("packets") };
    // SYN, five bytes, FIN.
    assert_eq!(last.ack.wrapping_sub(first.seq), 7);
}

#[test]
fn who_was_called_gets_the_first_syn_and_who_cut_it_off_sends_the_rst() {
    let (file, _) = convert(&[
        r#"{"t":1,"c":1,"e":"open","role":"accept","local":"[::1]:5","peer":"[::2]:80","proto":"tls"}"#,
        r#"{"t":4,"c":1,"e":"close","by":"us","how":"rst"}"#,
    ]);
    let packets = packets(&file);
    assert_eq!(flags(&packets), ["S", "SA", "A", "AR"]);
    assert_eq!(packets[0].from, "2:80");
    assert_eq!(packets[3].from, "1:5");
}

#[test]
fn both_connections_of_a_relay_show_both_ways() {
    let (file, _) = convert(&[
        r#"{"t":1,"c":1,"e":"open","role":"accept","local":"127.0.0.1:1","peer":"127.0.0.2:2","proto":"tcp"}"#,
        r#"{"t":1,"c":2,"e":"open","role":"dial","local":"127.0.0.3:3","peer":"127.0.0.4:4","proto":"tcp","pair":1}"#,
        r#"{"t":2,"c":1,"e":"in","s":"ask"}"#,
        r#"{"t":3,"c":2,"e":"in","s":"answer"}"#,
    ]);
    let packets = packets(&file);
    let carries = |packet: &&Packet| !packet.payload.is_empty();
    let way = |packet: &Packet| (packet.from.clone(), packet.payload.clone());
    let ways: Vec<_> = packets.iter().filter(carries).map(way).collect();
    let expected = [("2:2", "ask"), ("3:3", "ask"), ("4:4", "answer"), ("1:1", "answer")];
    assert_eq!(ways, expected.map(|(from, said)| (from.into(), said.into())));
}

#[test]
fn a_datagram_goes_from_or_to_the_peer_that_it_names() {
    let (file, left_out) = convert(&[
        r#"{"t":1,"c":1,"e":"open","role":"accept","local":"[::]:5","peer":"127.0.0.2:80","proto":"udp"}"#,
        r#"{"t":2,"c":1,"e":"in","s":"a","from":"127.0.0.9:7"}"#,
        r#"{"t":2,"c":1,"e":"out","s":"b"}"#,
        r#"{"t":2,"c":1,"e":"out","b":"","to":"[::3]:9"}"#,
    ]);
    assert_eq!(left_out, LeftOut::default());
    let packets = packets(&file);
    let ways: Vec<_> = packets.iter().map(|p| (p.from.as_str(), p.to.as_str())).collect();
    assert_eq!(ways, [("9:7", "0:5"), ("0:5", "2:80"), ("0:5", "3:9")]);
}

#[test]
fn what_has_no_place_in_packets_is_counted() {
    let (file, left_out) = convert(&[
        r#"{"t":1,"c":1,"e":"open","role":"dial","local":"","peer":"/tmp/x","proto":"unix"}"#,
        r#"{"t":2,"c":1,"e":"in","s":"a"}"#,
        r#"{"t":2,"c":7,"e":"in","s":"a"}"#,
    ]);
    assert_eq!(left_out, LeftOut { conversations: 1, strays: 1, datagrams: 0 });
    assert!(packets(&file).is_empty());
}

#[test]
fn a_large_write_is_cut_and_acknowledged_within_the_window() {
    let mut pcapng = Pcapng::new(Vec::new(), &header(), None).expect("sound");
    pcapng.event(&json::parse(DIAL).expect("sound")).expect("sound");
    let large = format!(r#"{{"t":2,"c":1,"e":"out","s":"{}"}}"#, "x".repeat(20 << 20));
    pcapng.event(&json::parse(&large).expect("sound")).expect("sound");
    let packets = packets(&pcapng.end().expect("sound").0);
    let sum: usize = packets.iter().map(|packet| packet.payload.len()).sum();
    assert_eq!(sum, 20 << 20);
    let (mut sent, mut acked) = (0_u32, 0);
    for packet in packets.iter().skip(3) {
        assert!(packet.payload.len() <= 65_000);
        match packet.payload.len() {
            0 => acked = sent,
            size => sent += u32::try_from(size).expect("sound"),
        }
        assert!(sent - acked <= 65_535 << 8);
    }
}

#[test]
fn secrets_are_embedded_as_they_are() {
    let folder = tempfile::tempdir().expect("sound");
    let path = folder.path().join("keys");
    let line = format!("CLIENT_RANDOM {} aabb\n", "0f".repeat(32));
    std::fs::write(&path, &line).expect("sound");
    let secrets = KeyLog::open(&path).expect("sound");
    let pcapng = Pcapng::new(Vec::new(), &header(), Some(&secrets)).expect("sound");
    let (file, _) = pcapng.end().expect("sound");
    packets(&file);
    let at = file.windows(line.len()).position(|part| part == line.as_bytes()).expect("sound");
    // Kind and length of the secrets stand before them.
    assert_eq!(file[at - 8..at - 4], 0x544c_534b_u32.to_le_bytes());
    assert_eq!(usize::from(file[at - 4]), line.len());
}

proptest! {
    #[test]
    fn any_events_become_a_file_that_parses(
        events in proptest::collection::vec((any::<u64>(), 0u64..4, 0u8..7, any::<Vec<u8>>()), 0..30),
    ) {
        use sockeye_tape::event::{By, Close, Dir, Event, How, Open, Role, What};
        let ends = ["127.0.0.1:1", "[::1]:2", "[::]:3", "/x", "0.0.0.0:0", "[::ffff:1.2.3.4]:5"];
        let mut pcapng = Pcapng::new(Vec::new(), &header(), None).expect("sound");
        for (t, c, kind, bytes) in events {
            let end = |by: u64| {
                let at = usize::try_from(t.wrapping_add(by) % 6).expect("sound");
                ends[at].to_owned()
            };
            let what = match kind {
                0 | 1 => What::Open(Open {
                    role: if t.is_multiple_of(2) { Role::Dial } else { Role::Accept },
                    local: end(0),
                    peer: end(c),
                    proto: if kind == 0 { "tcp".into() } else { "udp".into() },
                    pair: Some(t % 4),
                }),
                2 | 3 => What::In { bytes: bytes.into(), from: Some(end(1)) },
                4 => What::Out { bytes: bytes.into(), to: None },
                5 => What::Frame { dir: Dir::In, off: t, len: t },
                _ => What::Close(Close { by: By::Us, how: How::Fin, why: None }),
            };
            let t = std::time::Duration::from_nanos(t);
            pcapng.event(&Event { t, c, what }).expect("sound");
        }
        packets(&pcapng.end().expect("sound").0);
    }
}
