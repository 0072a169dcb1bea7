//! Tests of reading captures: whole ones, cut ones, hostile ones.

use super::Capture;
use super::LARGEST;
use crate::blocks;
use crate::capture::Captured;
use crate::capture::writing::About;
use crate::capture::writing::Writer;
use crate::draft::Over;
use crate::error::TapeError;
use proptest::prelude::any;
use proptest::prelude::proptest;
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

const ABOUT: About<'static> =
    About { link: 276, snap: 262_144, interface: "any", program: "sockeye" };

fn read(bytes: &[u8]) -> (Vec<Captured>, Option<u64>, Option<String>) {
    let mut capture = match Capture::new(Path::new("F"), Cursor::new(bytes)) {
        Ok(capture) => capture,
        Err(error) => return (Vec::new(), None, Some(error.to_string())),
    };
    let mut packets = Vec::new();
    let mut error = None;
    for found in &mut capture {
        match found {
            Ok(packet) => packets.push(packet),
            Err(told) => error = Some(told.to_string()),
        }
    }
    assert!(capture.next().is_none());
    (packets, capture.torn(), error)
}

fn packet(nanos: u64, bytes: &[u8]) -> Captured {
    let length = u32::try_from(bytes.len()).unwrap() + 7;
    let at = Duration::from_nanos(nanos);
    Captured { at, link: 276, interface: 0, length, bytes: bytes.to_vec() }
}

fn head() -> Vec<u8> {
    let mut out = Vec::new();
    blocks::section(&mut out, "", "");
    blocks::interface(&mut out, 276, 0, "any");
    out
}

#[test]
fn what_is_written_is_read_back_to_the_nanosecond() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let packets =
        [packet(1_700_000_000_123_456_789, b"one"), packet(1_700_000_000_123_456_790, b"")];
    let mut writer = Writer::create(&path, Over::Refused, ABOUT).unwrap();
    for packet in &packets {
        writer.packet(packet).unwrap();
    }
    writer.count(Duration::from_secs(1), 2, 0).unwrap();
    assert_eq!(read(&std::fs::read(&path).unwrap()), (packets.to_vec(), None, None));
    let again = Writer::create(&path, Over::Refused, ABOUT).unwrap_err();
    assert!(matches!(again, TapeError::Taken { .. }), "{again}");
    Writer::create(&path, Over::Replaced, ABOUT).unwrap();
    assert_eq!(read(&std::fs::read(&path).unwrap()).0, []);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let refused = Writer::create(Path::new("/dev/full"), Over::Replaced, ABOUT).unwrap_err();
    assert!(matches!(refused, TapeError::Put { .. }), "{refused}");
}

#[test]
fn classic_pcap_is_read_in_either_order_and_precision() {
    for (magic, nanos) in [(0xA1B2_C3D4_u32, 5000), (0xA1B2_3C4D, 5)] {
        let words = [magic, 0x0004_0002, 0, 0, 65535, 1, 9, 5, 2, 60];
        let little: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let mut big: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        big[4..8].copy_from_slice(&[0, 2, 0, 4]);
        for head in [little, big] {
            let (packets, torn, error) = read(&[&head[..], b"hi"].concat());
            let at = Duration::new(9, nanos);
            let expected = Captured { at, link: 1, interface: 0, length: 60, bytes: b"hi".into() };
            assert_eq!((packets, torn, error), (vec![expected], None, None));
            assert_eq!(read(&[&head[..], b"h"].concat()).1, Some(17));
        }
    }
}

#[test]
fn n21_a_length_that_cannot_be_is_told_with_its_place() {
    let at = head().len();
    for length in [0_u32, 4, 11, 13, LARGEST + 4, 1 << 31, u32::MAX] {
        let bytes = [&head()[..], &6_u32.to_le_bytes(), &length.to_le_bytes(), &[0; 64]].concat();
        let (packets, torn, error) = read(&bytes);
        assert_eq!((packets.len(), torn), (0, None));
        let told = format!("`F` at byte {at}: a block that claims to have {length} bytes");
        assert_eq!(error, Some(told));
    }
}

#[test]
fn n21_a_packet_longer_than_its_block_is_refused() {
    let mut bytes = head();
    let at = bytes.len();
    blocks::packet(&mut bytes, 5, b"12345678", "");
    for claimed in [9_u32, 100, u32::MAX, 1 << 31] {
        bytes[at + 20..at + 24].copy_from_slice(&claimed.to_le_bytes());
        let (packets, _, error) = read(&bytes);
        assert!(packets.is_empty());
        assert!(error.is_some_and(|told| told.contains("contradicts itself")), "{claimed}");
    }
}

#[test]
fn a_packet_of_an_interface_that_nobody_described_is_counted() {
    let mut bytes = Vec::new();
    blocks::section(&mut bytes, "", "");
    blocks::packet(&mut bytes, 5, b"stray", "");
    let mut capture = Capture::new(Path::new("F"), Cursor::new(bytes)).unwrap();
    assert!(capture.next().is_none());
    assert_eq!(capture.strays(), 1);
}

#[test]
fn what_is_no_capture_is_told() {
    for (bytes, told) in [
        (&b""[..], "`F` is no capture file: it is empty"),
        (b"\xD4\xC3\xB2\xA1\x02", "`F` is no capture file: it is cut within its header"),
        (
            b"{\"v\":1,\"e\":\"tape\",\"start\":\"x\"}",
            "`F` is no capture file: it begins with neither pcapng's nor pcap's mark",
        ),
        (
            b"\x0A\x0D\x0D\x0A\x1C\0\0\0abcdefgh",
            "`F` at byte 0: a section without pcapng's byte order mark",
        ),
    ] {
        assert_eq!(read(bytes).2.as_deref(), Some(told));
    }
}

proptest! {
    #[test]
    fn a_file_cut_anywhere_is_served_to_its_last_whole_packet(
        lengths in proptest::collection::vec(0..60_usize, 0..6),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut bytes = head();
        let mut ends = Vec::new();
        for (number, length) in lengths.iter().enumerate() {
            blocks::packet(&mut bytes, number as u64, &vec![7; *length], "");
            ends.push(bytes.len());
        }
        let begin = head().len();
        let end = begin + cut.index(bytes.len() - begin + 1);
        let (packets, torn, error) = read(&bytes[..end]);
        let whole = ends.iter().filter(|&&whole| whole <= end).count();
        assert_eq!((packets.len(), error), (whole, None));
        let last = ends.iter().copied().filter(|&whole| whole <= end).max().unwrap_or(begin);
        assert_eq!(torn, (end > last).then_some((end - last) as u64));
    }

    #[test]
    fn no_bytes_whatever_make_the_reader_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        kind in 0..12_u32,
    ) {
        read(&bytes);
        let length = (u32::try_from(bytes.len()).unwrap() + 12).next_multiple_of(4);
        let body: Vec<u8> = bytes.iter().copied().chain([0; 4]).take(length as usize - 12).collect();
        let block = [
            &head()[..], &kind.to_le_bytes(), &length.to_le_bytes(), &body, &length.to_le_bytes(),
        ].concat();
        read(&block);
    }

    #[test]
    fn a_flipped_bit_never_makes_the_reader_panic(
        at in any::<proptest::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let mut bytes = head();
        for time in 0..3 {
            blocks::packet(&mut bytes, time, b"hello world", "comment");
        }
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        read(&bytes);
    }
}
