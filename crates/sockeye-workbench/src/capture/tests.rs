//! Tests of following conversations through packets.

use super::flows::{Flows, MOST};
use super::watched::{Carrier, End, Place, Watched};
use super::{Mark, Seen};
use proptest::prelude::{any, proptest};
use sockeye_tape::event::{By, Dir, How};
use sockeye_wire::packet::tcp::{Flags, Options, Tcp};
use sockeye_wire::packet::{Packet, Transport};
use std::time::Duration;

const CALLER: &str = "10.0.0.1:40000";
const CALLED: &str = "10.0.0.2:80";
const ACK: Flags = Flags::ACK;

/// Packets of one talk, a tenth of a millisecond apart unless said otherwise.
#[derive(Default)]
struct Talk {
    flows: Flows,
    at: Duration,
}

impl Talk {
    /// With a handshake; the streams begin at 1001 and 5001.
    fn begun() -> Self {
        let mut talk = Self::default();
        talk.out(1000, 0, Flags::SYN, b"");
        talk.back(5000, 1001, Flags::SYN.and(ACK), b"");
        talk.out(1001, 5001, ACK, b"");
        talk
    }

    fn out(&mut self, seq: u32, ack: u32, flags: Flags, payload: &[u8]) -> Seen {
        self.put((CALLER, CALLED), tcp(seq, ack, flags), payload).unwrap()
    }

    fn back(&mut self, seq: u32, ack: u32, flags: Flags, payload: &[u8]) -> Seen {
        self.put((CALLED, CALLER), tcp(seq, ack, flags), payload).unwrap()
    }

    fn put(&mut self, ends: (&str, &str), tcp: Tcp, payload: &[u8]) -> Option<Seen> {
        self.at += Duration::from_micros(100);
        let packet = packet(ends, Transport::Tcp(tcp), payload);
        self.flows.take(self.at, 1, &packet, End::Destination)
    }

    fn lines(&self) -> String {
        let summaries = self.flows.summaries();
        summaries.iter().flat_map(super::summary::Summary::lines).collect::<Vec<_>>().join("\n")
    }
}

fn tcp(seq: u32, ack: u32, flags: Flags) -> Tcp {
    let scale = flags.has(Flags::SYN).then_some(7);
    Tcp { seq, ack, flags, window: 502, options: Options { scale, ..Options::default() } }
}

fn packet<'a>(ends: (&str, &str), transport: Transport, payload: &'a [u8]) -> Packet<'a> {
    Packet {
        source: ends.0.parse().unwrap(),
        destination: ends.1.parse().unwrap(),
        vlan: None,
        payload,
        length: payload.len().try_into().unwrap(),
        transport,
    }
}

/// The bytes that became known, and where.
fn came(seen: &Seen) -> Vec<(u64, String)> {
    let piece = |piece: &super::Piece| (piece.off, String::from_utf8(piece.bytes.clone()).unwrap());
    seen.pieces.iter().map(piece).collect()
}

#[test]
fn a_talk_is_told_with_numbers_relative_and_as_they_stand() {
    let mut talk = Talk::default();
    let syn = talk.out(0xDEAD_BEEF, 0, Flags::SYN, b"");
    assert_eq!(syn.opened.as_ref().map(|open| open.peer.as_str()), Some(CALLED));
    assert_eq!(syn.text, "→ SYN  seq 0 (3735928559)  win 502  scale 7");
    let answer = talk.back(5000, 0xDEAD_BEF0, Flags::SYN.and(ACK), b"");
    assert_eq!(answer.text, "← SYN ACK  seq 0 (5000)  ack 1 (3735928560)  win 502  scale 7");
    talk.out(0xDEAD_BEF0, 5001, ACK, b"");
    let data = talk.out(0xDEAD_BEF0, 5001, Flags::PSH.and(ACK), b"hello\n");
    assert_eq!(
        data.text,
        "→ PSH ACK  seq 1 (3735928560)  ack 1 (5001)  win 64256  6 bytes  \"hello\\n\""
    );
    assert_eq!(came(&data), [(0, "hello\n".to_owned())]);
    assert!(talk.lines().contains("handshake 0.000200 s"), "{}", talk.lines());
}

#[test]
fn fins_either_way_close_it_by_the_first() {
    let mut talk = Talk::begun();
    assert!(talk.back(5001, 1001, Flags::FIN.and(ACK), b"bye").closed.is_none());
    assert!(talk.lines().contains("half open still"));
    assert_eq!(came(&talk.out(1001, 5005, ACK, b"late")), [(0, "late".to_owned())]);
    let close = talk.out(1005, 5005, Flags::FIN.and(ACK), b"").closed.unwrap();
    assert_eq!((close.by, close.how), (By::Peer, How::Fin));
    assert!(talk.back(5005, 1006, ACK, b"").closed.is_none());
    let lines = talk.lines();
    assert!(lines.contains("closed first by the called, 10.0.0.2:80 (FIN +0.000300)"), "{lines}");
    assert!(!lines.contains("not captured") && !lines.contains("retransmission"), "{lines}");
}

#[test]
fn a_rst_closes_it_at_once_and_once() {
    let mut talk = Talk::begun();
    let close = talk.back(5001, 1001, Flags::RST, b"").closed.unwrap();
    assert_eq!((close.by, close.how), (By::Peer, How::Rst));
    assert!(talk.out(1001, 0, Flags::RST, b"").closed.is_none());
    assert!(talk.lines().contains("cut off by the called"), "{}", talk.lines());
}

#[test]
fn a_segment_that_is_sent_again_is_told_and_its_bytes_come_once() {
    let mut talk = Talk::begun();
    talk.out(1001, 5001, ACK, b"abcd");
    let again = talk.out(1001, 5001, ACK, b"abcd");
    assert!(again.text.ends_with("[retransmission]"), "{}", again.text);
    assert!(again.pieces.is_empty());
    // Sent again together with what is new.
    let more = talk.out(1003, 5001, ACK, b"cdef");
    assert!(more.text.ends_with("[retransmission]"), "{}", more.text);
    assert_eq!(came(&more), [(4, "ef".to_owned())]);
    let counts = talk.flows.summaries().first().unwrap().out;
    assert_eq!((counts.bytes, counts.segments, counts.retransmissions), (6, 3, 2));
}

#[test]
fn what_comes_out_of_order_waits_for_what_is_before_it() {
    let mut talk = Talk::begun();
    let ahead = talk.out(1005, 5001, ACK, b"efgh");
    assert!(ahead.text.ends_with("[4 bytes before it not seen]") && ahead.pieces.is_empty());
    talk.out(1009, 5001, Flags::FIN.and(ACK), b"ij");
    let fills = talk.out(1001, 5001, ACK, b"abcd");
    assert!(fills.text.ends_with("[out of order]"), "{}", fills.text);
    let all: Vec<_> = ["abcd", "efgh", "ij"].iter().zip([0, 4, 8]).collect();
    let all: Vec<_> = all.into_iter().map(|(text, off)| (off, (*text).to_owned())).collect();
    assert_eq!(came(&fills), all);
    assert!(talk.back(5001, 1012, Flags::FIN.and(ACK), b"").closed.is_some());
}

#[test]
fn a_gap_that_is_filled_late_was_lost_and_sent_again() {
    let mut talk = Talk::begun();
    talk.out(1005, 5001, ACK, b"efgh");
    for count in 1..=2 {
        let again = talk.back(5001, 1001, ACK, b"");
        let told = format!("[duplicate ack {count}]");
        assert_eq!(again.text.ends_with(&told), count > 0, "{}", again.text);
    }
    talk.at += Duration::from_millis(200);
    let fills = talk.out(1001, 5001, ACK, b"abcd");
    assert!(fills.text.ends_with("[retransmission]"), "{}", fills.text);
    assert_eq!(came(&fills).len(), 2);
}

#[test]
fn what_was_acknowledged_and_never_seen_was_missed_by_the_capture() {
    let mut talk = Talk::begun();
    talk.back(5001, 1101, ACK, b"");
    let after = talk.out(1101, 5001, ACK, b"on");
    assert!(after.text.ends_with("[100 bytes before it not captured]"), "{}", after.text);
    assert_eq!(came(&after), [(100, "on".to_owned())]);
    let counts = talk.flows.summaries().first().unwrap().out;
    assert_eq!((counts.bytes, counts.missing), (2, 100));
}

#[test]
fn keep_alives_and_windows_without_room_are_told() {
    let mut talk = Talk::begun();
    talk.out(1001, 5001, ACK, b"abcd");
    talk.back(5001, 1005, ACK, b"");
    for payload in [&b""[..], b"d"] {
        let asks = talk.out(1004, 5001, ACK, payload);
        assert!(asks.text.ends_with("[keep-alive]"), "{}", asks.text);
        assert!(asks.pieces.is_empty());
    }
    let full = Tcp { window: 0, ..tcp(5001, 1005, ACK) };
    let full = talk.put((CALLED, CALLER), full, b"").unwrap();
    assert!(full.text.ends_with("win 0  [zero window]"), "{}", full.text);
    let summary = *talk.flows.summaries().first().unwrap();
    assert_eq!((summary.out.keep_alives, summary.into.zero_windows), (2, 1));
}

#[test]
fn numbers_go_on_over_the_end_of_32_bits() {
    let mut talk = Talk::default();
    talk.out(u32::MAX - 1, 0, Flags::SYN, b"");
    assert_eq!(came(&talk.out(u32::MAX, 0, ACK, b"abc")), [(0, "abc".to_owned())]);
    let after = talk.out(2, 0, ACK, b"def");
    assert_eq!(came(&after), [(3, "def".to_owned())]);
    assert!(after.text.contains("seq 4 (2)"), "{}", after.text);
}

#[test]
fn a_talk_that_had_begun_is_followed_from_where_it_is_seen() {
    let mut talk = Talk::default();
    let first = talk.back(777, 888, Flags::PSH.and(ACK), b"mid");
    // Without a SYN it is the watched end that was called: here the receiver's.
    assert_eq!((first.dir, came(&first)), (Dir::Out, vec![(0, "mid".to_owned())]));
    let answer = talk.out(888, 780, Flags::PSH.and(ACK), b"talk");
    assert!(answer.text.starts_with("← PSH ACK  seq 1 (888)  ack 4 (780)"), "{}", answer.text);
    assert!(talk.lines().contains("handshake not seen"), "{}", talk.lines());
}

#[test]
fn the_same_ends_may_talk_again() {
    let mut talk = Talk::begun();
    assert!(talk.out(1000, 0, Flags::SYN, b"").text.ends_with("[retransmission]"));
    talk.out(1001, 0, Flags::RST, b"");
    let next = talk.out(9000, 0, Flags::SYN, b"");
    assert_eq!((next.number, next.displaced.map(|summary| summary.number)), (2, Some(1)));
    assert!(next.opened.is_some());
}

#[test]
fn a_packet_that_is_seen_on_a_second_interface_counts_once() {
    let mut talk = Talk::begun();
    let packet = packet((CALLER, CALLED), Transport::Tcp(tcp(1001, 5001, ACK)), b"x");
    assert!(talk.flows.take(talk.at, 2, &packet, End::Destination).is_none());
    assert!(talk.flows.take(talk.at, 1, &packet, End::Destination).is_some());
    assert_eq!(talk.flows.copies(), 1);
}

#[test]
fn too_many_conversations_push_out_the_one_that_was_silent_longest() {
    let mut talk = Talk::begun();
    for number in 0..MOST {
        let caller = format!("10.1.{}.{}:5", number / 256, number % 256);
        let seen = talk.put((&caller, CALLED), tcp(1, 0, Flags::SYN), b"").unwrap();
        let pushed = seen.displaced.map(|summary| summary.number);
        assert_eq!(pushed, (number + 1 == MOST).then_some(1));
    }
    assert_eq!(talk.flows.summaries().len(), MOST);
}

#[test]
fn who_never_fills_a_gap_does_not_make_us_grow() {
    let mut talk = Talk::begun();
    let payload = vec![7; 60_000];
    let mut known = 0;
    for number in 0..100 {
        let seen = talk.out(2001 + number * 60_000, 5001, ACK, &payload);
        known += seen.pieces.iter().map(|piece| piece.bytes.len()).sum::<usize>();
    }
    assert_eq!(known, 100 * 60_000);
    let counts = talk.flows.summaries().first().unwrap().out;
    assert_eq!((counts.bytes, counts.missing), (6_000_000, 1000));
    // One byte each, with gaps between them.
    let mut talk = Talk::begun();
    let told = (0..5000).map(|number| talk.out(1003 + 2 * number, 5001, ACK, b"x").text);
    let given_up = told.filter(|text| text.contains("given up")).count();
    assert!(given_up > 0);
}

#[test]
fn datagrams_are_each_by_itself() {
    let mut flows = Flows::default();
    let at = Duration::from_secs(1);
    let ask = packet((CALLER, "10.0.0.2:53"), Transport::Udp, b"who");
    let seen = flows.take(at, 1, &ask, End::Destination).unwrap();
    assert_eq!(seen.opened.as_ref().map(|open| open.proto.as_str()), Some("udp"));
    assert_eq!(seen.text, "→ datagram  3 bytes  \"who\"");
    let empty = packet(("10.0.0.2:53", CALLER), Transport::Udp, b"");
    let seen = flows.take(at, 1, &empty, End::Source).unwrap();
    assert_eq!((seen.text.as_str(), seen.pieces.len()), ("← datagram  0 bytes", 1));
}

#[test]
fn endpoints_are_told_by_carrier_host_and_port() {
    let place = |carrier, hosts: &[&str], port| Place {
        carrier,
        hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
        port,
    };
    let watched = |place| Watched { places: vec![place] };
    let out = packet((CALLER, CALLED), Transport::Udp, b"");
    for (place, end) in [
        (place(Carrier::Udp, &[], Some(80)), Some(End::Destination)),
        (place(Carrier::Udp, &["10.0.0.2"], Some(80)), Some(End::Destination)),
        (place(Carrier::Udp, &["10.0.0.1"], None), Some(End::Source)),
        (place(Carrier::Udp, &["10.0.0.1"], Some(80)), None),
        (place(Carrier::Tcp, &[], Some(80)), None),
    ] {
        assert_eq!(watched(place.clone()).end(&out), end, "{place:?}");
    }
    assert!(watched(place(Carrier::Tcp, &[], None)).ports().is_empty());
    assert_eq!(Watched::default().end(&out), Some(End::Destination));
}

#[test]
fn marks_are_words_in_brackets() {
    assert_eq!(Mark::GivenUp(7).to_string(), "[7 bytes out of order given up]");
    assert_eq!(Mark::Cut(1).to_string(), "[1 bytes cut off by the capture]");
}

proptest! {
    #[test]
    fn a_stream_is_put_together_however_its_segments_are_mixed_and_doubled(
        cuts in proptest::collection::vec(1..40_usize, 1..12),
        order in proptest::collection::vec(any::<proptest::sample::Index>(), 0..30),
    ) {
        let mut talk = Talk::begun();
        let whole: Vec<u8> = (b'a'..=b'z').cycle().take(cuts.iter().sum()).collect();
        let mut segments = Vec::new();
        let mut from = 0;
        for cut in cuts {
            segments.push(from..from + cut);
            from += cut;
        }
        let mixed: Vec<_> =
            order.iter().map(|index| index.get(&segments).clone()).chain(segments.clone()).collect();
        let mut known = Vec::new();
        for range in mixed {
            let seq = 1001 + u32::try_from(range.start).unwrap();
            let seen = talk.out(seq, 5001, ACK, &whole[range]);
            for piece in seen.pieces {
                assert_eq!(piece.off, known.len() as u64);
                known.extend(piece.bytes);
            }
        }
        assert_eq!(known, whole);
    }

    #[test]
    fn no_segments_whatever_make_it_panic_or_grow(
        segments in proptest::collection::vec(
            (any::<bool>(), any::<u32>(), any::<u32>(), any::<u8>(), any::<u32>()), 1..60,
        ),
    ) {
        let mut talk = Talk::default();
        for (out, seq, ack, bits, length) in segments {
            let ends = if out { (CALLER, CALLED) } else { (CALLED, CALLER) };
            let transport = Transport::Tcp(tcp(seq, ack, Flags::of(bits)));
            let mut packet = packet(ends, transport, b"payload");
            packet.length = length.max(7);
            talk.flows.take(talk.at, 1, &packet, End::Source);
        }
        assert_eq!(talk.flows.summaries().len(), 1);
    }
}
