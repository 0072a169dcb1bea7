//! What a lens finds, and what it does not trip over.

use std::borrow::Cow;
use std::time::Duration;

use sockeye_tape::event::{By, Close, Dir, Event, How, What};
use sockeye_tape::header::Header;
use sockeye_tape::reel::{Limit, Reel};

use crate::lens::{Bracket, Found, Lens};

fn came(t: u64, c: u64, bytes: &[u8]) -> Event<'static> {
    let bytes = Cow::Owned(bytes.to_vec());
    Event { t: Duration::from_millis(t), c, what: What::In { bytes, from: None } }
}

fn frame(c: u64, off: u64, len: u64) -> Event<'static> {
    Event { t: Duration::ZERO, c, what: What::Frame { dir: Dir::In, off, len } }
}

fn closed(c: u64) -> Event<'static> {
    let what = What::Close(Close { by: By::Us, how: How::Fin, why: None });
    Event { t: Duration::from_secs(9), c, what }
}

/// What a lens finds in events that were recorded, with the bytes of each.
fn looked(lens: &mut Lens, events: &[Event<'static>]) -> Vec<(Found, Option<Vec<u8>>)> {
    let folder = tempfile::tempdir().unwrap();
    let header = Header { start: String::new(), argv: Vec::new(), sockeye: "0".into() };
    let limit = Limit { bytes: u64::MAX, events: u64::MAX };
    let mut reel = Reel::create(&folder.path().join("a.tape"), &header, limit).unwrap();
    let mut found = Vec::new();
    for event in events {
        let number = reel.record(event).unwrap();
        reel.flush().unwrap();
        let entry = reel.reading().entry(number).unwrap();
        lens.take(number, &entry, event, &mut |frame, bytes| {
            found.push((frame, bytes.map(<[u8]>::to_vec)));
        });
    }
    found
}

fn places(found: &[(Found, Option<Vec<u8>>)]) -> Vec<(u64, u64, u64, u64)> {
    found.iter().map(|(found, _)| (found.number, found.c, found.off, found.len)).collect()
}

fn lens(framing: &str) -> Lens {
    Lens::new(Some(framing.parse().unwrap()))
}

#[test]
fn frames_are_found_across_reads_of_several_conversations() {
    let mut lens = lens("lines");
    let events =
        [came(0, 1, b"a\nb"), came(0, 2, b"x"), came(0, 1, b"c\n"), came(0, 2, b"\n"), closed(1)];
    let found = looked(&mut lens, &events);
    assert_eq!(places(&found), [(0, 1, 0, 2), (2, 1, 2, 3), (3, 2, 0, 2)]);
    let bytes: Vec<_> = found.iter().map(|(_, bytes)| bytes.as_deref().unwrap()).collect();
    assert_eq!(bytes, [&b"a\n"[..], b"bc\n", b"x\n"]);
    assert_eq!(lens.broken(), []);
}

#[test]
fn brackets_say_what_began_before_and_what_goes_on() {
    let mut lens = lens("lines");
    looked(&mut lens, &[came(0, 1, b"a\nb"), came(0, 1, b"c\nd"), came(0, 1, b"\n")]);
    let bracket = |from, len, before, after| Bracket { from, len, before, after };
    let touching = |off, len| lens.touching((1, Dir::In), off, len, 9);
    assert_eq!(touching(0, 3), [bracket(0, 2, false, false), bracket(2, 1, false, true)]);
    assert_eq!(touching(3, 3), [bracket(0, 2, true, false), bracket(2, 1, false, true)]);
    assert_eq!(touching(6, 1), [bracket(0, 1, true, false)]);
    assert_eq!(lens.touching((1, Dir::In), 0, 7, 1), [bracket(0, 2, false, false)]);
    assert_eq!(lens.touching((1, Dir::Out), 0, 7, 9), []);
}

#[test]
fn a_framing_that_breaks_stops_its_direction_alone() {
    let mut lens = lens("len:u8,max=2");
    let events =
        [came(0, 1, &[1, b'a', 9]), came(0, 2, &[1]), came(0, 1, &[1, b'b']), came(0, 2, b"c")];
    let found = looked(&mut lens, &events);
    assert_eq!(places(&found), [(0, 1, 0, 2), (3, 2, 0, 2)]);
    let [broken] = lens.broken() else { panic!("{:?}", lens.broken()) };
    assert_eq!((broken.number, broken.c, broken.dir), (0, 1, Dir::In));
    assert!(broken.why.contains("offset 2"), "{}", broken.why);
}

#[test]
fn the_end_in_mid_frame_is_told() {
    let mut lens = lens("len:u8");
    looked(&mut lens, &[came(0, 1, &[3, b'a']), closed(1)]);
    assert_eq!(lens.broken()[0].why, "closed in mid-frame at offset 2: the frame began at 0");
    assert_eq!(lens.broken()[0].number, 1);
}

#[test]
fn silences_end_frames_in_the_order_of_time() {
    let mut lens = lens("gap:20ms");
    let events = [came(0, 1, b"a"), came(5, 2, b"b"), came(15, 1, b"c"), came(90, 3, b"d")];
    let found = looked(&mut lens, &events);
    assert_eq!(places(&found), [(1, 2, 0, 1), (2, 1, 0, 2)]);
    let mut last = Vec::new();
    lens.tick(Duration::from_millis(110), &mut |found, _| last.push(found));
    assert_eq!(last.iter().map(|found| (found.number, found.c)).collect::<Vec<_>>(), [(3, 3)]);
}

#[test]
fn without_a_framing_the_tape_tells_the_frames() {
    let mut lens = Lens::new(None);
    let lies = [frame(1, 3, 9), frame(1, u64::MAX, 2), frame(7, 0, 1)];
    let events = [came(0, 1, b"abc"), came(0, 1, b"d"), frame(1, 0, 2), frame(1, 2, 2)];
    let found = looked(&mut lens, &[&events[..], &lies].concat());
    assert_eq!(places(&found), [(1, 1, 0, 2), (1, 1, 2, 2)]);
    let bytes: Vec<_> = found.iter().map(|(_, bytes)| bytes.as_deref().unwrap()).collect();
    assert_eq!(bytes, [b"ab", b"cd"]);
}

#[test]
fn each_datagram_is_a_frame_whatever_the_framing() {
    let mut lens = lens("len:u32");
    let datagram = |bytes: &[u8]| {
        let bytes = Cow::Owned(bytes.to_vec());
        let from = Some("udp://127.0.0.1:1".to_owned());
        Event { t: Duration::ZERO, c: 1, what: What::In { bytes, from } }
    };
    let found = looked(&mut lens, &[datagram(b"ab"), datagram(b""), datagram(b"c")]);
    assert_eq!(places(&found), [(0, 1, 0, 2), (1, 1, 2, 0), (2, 1, 2, 1)]);
}

#[test]
fn a_stream_whose_beginning_is_forgotten_begins_anew() {
    let mut lens = lens("lines");
    let folder = tempfile::tempdir().unwrap();
    let header = Header { start: String::new(), argv: Vec::new(), sockeye: "0".into() };
    let limit = Limit { bytes: u64::MAX, events: 4 };
    let mut reel = Reel::create(&folder.path().join("a.tape"), &header, limit).unwrap();
    for _ in 0..10 {
        reel.record(&came(0, 1, b"ab\n")).unwrap();
        reel.flush().unwrap();
    }
    let reading = reel.reading();
    let first = reading.first();
    assert!(first > 0);
    let mut found = Vec::new();
    for number in first..reading.len() {
        let (entry, event) = (reading.entry(number), reading.event(number).unwrap());
        lens.take(number, &entry.unwrap(), &event.unwrap(), &mut |frame, _| {
            found.push((frame.number, frame.off));
        });
    }
    assert_eq!(found, (first..10).map(|number| (number, number * 3)).collect::<Vec<_>>());
}

#[test]
fn what_is_held_is_bounded_and_told() {
    let mut lens = lens("len:u32");
    let mut events = Vec::new();
    for c in 0..5 {
        let mut bytes = vec![0; 8 << 20];
        bytes[..4].copy_from_slice(&(16u32 << 20).to_be_bytes());
        events.push(came(0, c, &bytes));
    }
    looked(&mut lens, &events);
    assert!(lens.held <= super::HELD);
    assert!(lens.broken().iter().all(|broken| broken.why.starts_with("too many unfinished")));
    assert_eq!(lens.broken().len(), 1);
}

proptest::proptest! {
    #[test]
    fn frames_and_their_bytes_do_not_depend_on_the_cuts(
        stream in "[a\n\\{\\}\0\u{1}\u{2}]{0,120}",
        cuts in proptest::collection::vec(1usize..20, 0..20),
        framing in proptest::sample::select(vec!["lines", "len:u8", "fixed:3", "json", "cobs", "slip"]),
    ) {
        let stream = stream.as_bytes();
        let mut events = Vec::new();
        let mut rest = stream;
        for cut in cuts {
            let (part, left) = rest.split_at(cut.min(rest.len()));
            events.push(came(0, 1, part));
            rest = left;
        }
        events.extend([came(0, 1, rest), closed(1)]);
        let whole = looked(&mut lens(framing), &[came(0, 1, stream), closed(1)]);
        let mut cut = lens(framing);
        let found = looked(&mut cut, &events);
        let place = |(found, bytes): &(Found, Option<Vec<u8>>)| (found.off, found.len, bytes.clone());
        assert!(found.iter().map(place).eq(whole.iter().map(place)));
        for (found, bytes) in &found {
            let begin = usize::try_from(found.off).unwrap();
            let end = begin + usize::try_from(found.len).unwrap();
            assert_eq!(bytes.as_deref(), Some(&stream[begin..end]));
        }
        let brackets = cut.touching((1, Dir::In), 0, stream.len() as u64, 999);
        let brackets: Vec<_> = brackets.iter().map(|bracket| (bracket.from, bracket.len)).collect();
        let places = found.iter().filter(|(found, _)| found.len > 0);
        assert_eq!(brackets, places.map(|(found, _)| (found.off, found.len)).collect::<Vec<_>>());
    }
}
