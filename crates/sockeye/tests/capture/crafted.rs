//! Captures that are written here by hand: what a network does seldom. tshark judges too.

use std::path::Path;

use super::{folder, numbers, place, tshark};
use crate::harness::sockeye;

/// Link type 101: IP by itself.
const RAW: u32 = 101;

const SYN: u8 = 2;
const ACK: u8 = 16;

/// A segment between 10.0.0.1:40000, the caller, and 10.0.0.2:8888.
pub(super) struct Segment {
    pub(super) out: bool,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) flags: u8,
    pub(super) window: u16,
    pub(super) payload: &'static [u8],
}

pub(super) fn out(seq: u32, flags: u8, payload: &'static [u8]) -> Segment {
    Segment { out: true, seq, ack: 501, flags, window: 1000, payload }
}

pub(super) fn back(seq: u32, ack: u32, flags: u8) -> Segment {
    Segment { out: false, seq, ack, flags, window: 1000, payload: b"" }
}

/// SYN, its answer and its acknowledgement; the streams begin at 101 and 501.
pub(super) fn begun() -> Vec<Segment> {
    // A SYN acknowledges nothing.
    let syn = Segment { ack: 0, ..out(100, SYN, b"") };
    vec![syn, back(500, 101, SYN | ACK), out(101, ACK, b"")]
}

impl Segment {
    fn bytes(&self) -> Vec<u8> {
        let (caller, called) = (([10, 0, 0, 1], 40_000_u16), ([10, 0, 0, 2], 8888));
        let (from, to) = if self.out { (caller, called) } else { (called, caller) };
        let length = u16::try_from(40 + self.payload.len()).expect("short");
        let [high, low] = length.to_be_bytes();
        let mut bytes = vec![0x45, 0, high, low, 0, 0, 0x40, 0, 64, 6, 0, 0];
        bytes.extend([from.0, to.0].concat());
        bytes.extend([from.1.to_be_bytes(), to.1.to_be_bytes()].concat());
        bytes.extend([self.seq.to_be_bytes(), self.ack.to_be_bytes()].concat());
        bytes.extend([0x50, self.flags]);
        bytes.extend([self.window.to_be_bytes(), [0, 0], [0, 0]].concat());
        bytes.extend(self.payload);
        bytes
    }
}

/// A pcap file of packets: the first three a tenth of a millisecond apart, the others a second.
pub(super) fn pcap(link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let words =
        |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let mut bytes = words(&[0xA1B2_C3D4, 0x0004_0002, 0, 0, 65535, link]);
    for (number, packet) in (0_u32..).zip(packets) {
        let length = u32::try_from(packet.len()).expect("short");
        let (seconds, micros) = (number.saturating_sub(2), number.min(2) * 100);
        bytes.extend(words(&[1_700_000_000 + seconds, micros, length, length]));
        bytes.extend(packet);
    }
    bytes
}

pub(super) fn written(path: &str, segments: &[Segment]) {
    let packets: Vec<Vec<u8>> = segments.iter().map(Segment::bytes).collect();
    std::fs::write(Path::new(path), pcap(RAW, &packets)).expect("a file of ours");
}

#[test]
fn what_was_lost_and_sent_again_is_found_where_tshark_finds_it() {
    let folder = folder();
    let file = place(&folder, "a.pcap");
    let mut segments = begun();
    segments.extend([
        out(101, ACK, b"lost1"),
        out(106, ACK, b"after"),
        back(501, 106, ACK),
        out(106, ACK, b"after"),
        back(501, 111, ACK),
        // A hole that is filled a second later was lost, not mixed up.
        out(116, ACK, b"ahead"),
        back(501, 111, ACK),
        out(111, ACK, b"holes"),
        Segment { window: 0, ..back(501, 121, ACK) },
        out(120, ACK, b"d"),
    ]);
    written(&file, &segments);
    let text = sockeye(["capture", "--read", &file, "8888"]).run().exits(0).text();
    assert_eq!(numbers(&text), tshark(&file, "tcp", "tcp.seq_raw"));
    for (mark, filter) in [
        ("[retransmission]", "tcp.analysis.retransmission"),
        ("not seen]", "tcp.analysis.lost_segment"),
        ("[zero window]", "tcp.analysis.zero_window"),
        ("[keep-alive]", "tcp.analysis.keep_alive"),
        ("[duplicate ack 1]", "tcp.analysis.duplicate_ack"),
    ] {
        let theirs = tshark(&file, filter, "tcp.seq_raw");
        let ours: Vec<&str> = text.lines().filter(|line| line.contains(mark)).collect();
        assert_eq!(numbers(&ours.join("\n")), theirs, "{mark}\n{text}");
        assert!(!theirs.is_empty(), "{filter}");
    }
    assert!(text.contains("→ 20 bytes in 5 segments, 2 retransmissions, 1 keep-alive"), "{text}");
}

#[test]
fn frames_lie_under_segments_without_a_tape() {
    let folder = folder();
    let file = place(&folder, "a.pcap");
    let mut segments = begun();
    segments.extend([out(101, ACK, b"one\ntw"), out(107, ACK, b"o\n")]);
    written(&file, &segments);
    let ended = sockeye(["capture", "--read", &file, "--frame", "lines"]).run().exits(0);
    let text = ended.text();
    assert!(text.contains("     segments |--6--|-2-|\n     frames   |-4-|--4--|\n"), "{text}");
}
