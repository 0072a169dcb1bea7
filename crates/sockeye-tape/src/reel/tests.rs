//! How a reel behaves as a whole.

mod properties;

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::error::TapeError;
use crate::event::By;
use crate::event::Close;
use crate::event::Dir;
use crate::event::Event;
use crate::event::How;
use crate::event::Open;
use crate::event::Role;
use crate::event::What;
use crate::header::Header;
use crate::reader::Tape;
use crate::recorder::Recorder;
use crate::reel::Damage;
use crate::reel::Limit;
use crate::reel::Reel;
use crate::reel::entry::Kind;
use crate::reel::reading::Reading;

const PLENTY: Limit = Limit { bytes: u64::MAX, events: u64::MAX };

pub(super) fn header() -> Header {
    Header { start: "2025-01-01T00:00:00Z".into(), argv: vec![], sockeye: "0.1.0".into() }
}

fn note(number: u64) -> Event<'static> {
    let text = format!("note {number}");
    Event { t: Duration::from_nanos(number), c: 1, what: What::Note { text } }
}

fn came(c: u64, bytes: &[u8]) -> Event<'static> {
    let bytes = Cow::Owned(bytes.to_vec());
    Event { t: Duration::ZERO, c, what: What::In { bytes, from: None } }
}

fn served(path: &Path) -> Vec<Event<'static>> {
    Tape::open(path).unwrap().map(Result::unwrap).collect()
}

#[test]
fn what_is_flushed_is_read_while_more_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tape");
    let mut reel = Reel::create(&path, &header(), PLENTY).unwrap();
    assert_eq!(reel.record(&note(0)).unwrap(), 0);
    assert_eq!(reel.reading().len(), 0);
    reel.flush().unwrap();
    let reading = reel.reading();
    assert_eq!(reel.record(&came(1, b"hello")).unwrap(), 1);
    assert_eq!((reel.len(), reading.len()), (2, 1));
    assert_eq!(reading.events(0..9).unwrap(), [note(0)]);
    assert_eq!(reading.event(1).unwrap(), None);
    reel.flush().unwrap();
    let entry = reel.reading().entry(1).unwrap();
    assert_eq!((entry.kind, entry.dir, entry.len), (Kind::In, Some(Dir::In), 5));
    assert_eq!(served(&path), [note(0), came(1, b"hello")]);
}

#[test]
fn bytes_are_found_across_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tape");
    let mut reel = Reel::create(&path, &header(), PLENTY).unwrap();
    for bytes in ["ab", "", "cde", "f"] {
        reel.record(&came(1, bytes.as_bytes())).unwrap();
        reel.record(&came(2, b"zz")).unwrap();
    }
    reel.flush().unwrap();
    let reading = reel.reading();
    assert_eq!(reading.bytes(1, Dir::In, 1, 3).unwrap(), b"bcd");
    assert_eq!(reading.bytes(1, Dir::In, 5, 9).unwrap(), b"f");
    assert_eq!(reading.bytes(1, Dir::In, 6, 9).unwrap(), b"");
    assert_eq!(reading.bytes(1, Dir::Out, 0, 9).unwrap(), b"");
    assert_eq!(reading.across(1, Dir::In, 1..3), [0, 4]);
    assert_eq!((reading.span(2, Dir::In), reading.span(3, Dir::In)), (Some(0..8), None));
}

#[test]
fn the_oldest_are_forgotten_and_never_mistaken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tape");
    let mut reel = Reel::create(&path, &header(), Limit { bytes: u64::MAX, events: 100 }).unwrap();
    let early = {
        reel.record(&note(0)).unwrap();
        reel.flush().unwrap();
        reel.reading()
    };
    for number in 1..1000 {
        reel.record(&note(number)).unwrap();
        reel.flush().unwrap();
        assert!(reel.len() - reel.first() <= 100);
    }
    assert!(matches!(early.event(0), Err(TapeError::Forgotten { number: 0, .. })));
    let reading = reel.reading();
    let kept: Vec<_> = (reel.first()..1000).map(note).collect();
    assert_eq!(reading.events(reel.first()..1000).unwrap(), kept);
    assert_eq!(reel.forgotten(), reel.first());
    let copy = folder.path().join("b.tape");
    reading.save(&mut fs::File::create(&copy).unwrap()).unwrap();
    let saved = served(&copy);
    let text = format!("the first {} events are forgotten", reel.first());
    assert_eq!(saved[0].what, What::Note { text });
    assert_eq!(saved[1..], kept);
}

#[test]
fn who_reads_while_others_record_and_forget_gets_the_event_that_was_asked_for_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let limit = Limit { bytes: 8192, events: 200 };
    let mut reel = Reel::create(&folder.path().join("a.tape"), &header(), limit).unwrap();
    reel.record(&note(0)).unwrap();
    reel.flush().unwrap();
    let (readings, taken) = std::sync::mpsc::sync_channel(1);
    let reader = std::thread::spawn(move || {
        let mut read = 0;
        while let Ok(reading) = taken.recv() {
            let reading: Reading = reading;
            for number in reading.first()..reading.len() {
                match reading.event(number) {
                    Ok(event) => assert_eq!(event, Some(note(number))),
                    Err(TapeError::Forgotten { .. }) => break,
                    Err(error) => panic!("{error}"),
                }
                read += 1;
            }
        }
        read
    });
    for number in 1..20_000 {
        reel.record(&note(number)).unwrap();
        reel.flush().unwrap();
        drop(readings.try_send(reel.reading()));
    }
    readings.send(reel.reading()).unwrap();
    drop(readings);
    assert!(reader.join().unwrap() > 0);
}

#[test]
fn a_tape_that_was_torn_is_adopted_cut_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tape");
    let mut reel = Reel::create(&path, &header(), PLENTY).unwrap();
    reel.record(&note(0)).unwrap();
    reel.record(&note(1)).unwrap();
    drop(reel);
    let mut torn = fs::read(&path).unwrap();
    torn.extend_from_slice(b"rubbish\n{\"t\":1,\"c\":1,\"e\":\"no");
    fs::write(&path, &torn).unwrap();
    let mut reel = Reel::adopt(&path, PLENTY).unwrap();
    assert_eq!((reel.len(), reel.damage().torn, reel.damage().corrupt), (2, 20, 1));
    assert_eq!(reel.record(&note(2)).unwrap(), 2);
    reel.flush().unwrap();
    assert_eq!(reel.reading().events(0..9).unwrap(), [note(0), note(1), note(2)]);
    assert_eq!(reel.header(), &header());
    assert!(matches!(Reel::adopt(&path, PLENTY), Err(TapeError::Busy { .. })));
}

#[test]
fn after_a_failed_write_what_is_on_the_disk_is_read_and_nothing_more_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tape");
    let mut reel = Reel::create(&path, &header(), PLENTY).unwrap();
    reel.record(&came(1, b"ab")).unwrap();
    reel.flush().unwrap();
    let kept = fs::metadata(&path).unwrap().len();
    // A file that takes nothing, as a full disk does.
    reel.recorder = Recorder::resume(&path, fs::File::open(&path).unwrap(), kept);
    assert_eq!(reel.record(&came(1, b"cd")).unwrap(), 1);
    assert!(matches!(reel.flush(), Err(TapeError::Write { .. })));
    assert!(matches!(reel.record(&note(1)), Err(TapeError::Ended { .. })));
    assert_eq!((reel.len(), reel.reading().len()), (1, 1));
    assert_eq!(reel.reading().bytes(1, Dir::In, 0, 9).unwrap(), b"ab");
    assert_eq!(reel.reading().span(1, Dir::In), Some(0..2));
}

#[test]
fn a_giant_read_is_several_events_with_a_note_before_them() {
    const GIANT: usize = 33 * 1024 * 1024;
    let folder = tempfile::tempdir().unwrap();
    let mut reel = Reel::create(&folder.path().join("a.tape"), &header(), PLENTY).unwrap();
    let giant: Vec<u8> = (0..=250).cycle().take(GIANT).collect();
    assert_eq!(reel.record(&came(1, &giant)).unwrap(), 0);
    assert_eq!(reel.record(&note(9)).unwrap(), 4);
    reel.flush().unwrap();
    let reading = reel.reading();
    assert_eq!(reading.entry(0).unwrap().kind, Kind::Note);
    let across = (16 << 20) - 100..(16 << 20) + 100;
    let bytes = reading.bytes(1, Dir::In, across.start as u64, 200).unwrap();
    assert_eq!(bytes, giant[across]);
    assert_eq!(reading.events(1..4).unwrap().len(), 1);
    assert_eq!(reading.bytes(1, Dir::In, 0, u64::MAX).unwrap().len(), 16 << 20);
}

#[test]
fn refuses_a_file_with_something_in_it_and_what_is_no_tape() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tape");
    fs::write(&path, "precious").unwrap();
    let refused = Reel::create(&path, &header(), PLENTY).unwrap_err();
    assert!(matches!(refused, TapeError::Exists { .. }));
    let refused = Reel::adopt(&path, PLENTY).unwrap_err();
    assert!(matches!(refused, TapeError::NotATape { .. }));
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    assert!(matches!(Reel::adopt(folder.path(), PLENTY), Err(TapeError::Open { .. })));
    let missing = folder.path().join("b.tape");
    assert!(matches!(Reel::adopt(&missing, PLENTY), Err(TapeError::Open { .. })));
    assert!(!missing.exists());
}

#[cfg(unix)]
#[test]
fn a_reel_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tape");
    drop(Reel::create(&path, &header(), PLENTY).unwrap());
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_forgotten_takes_no_room_on_the_disk() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tape");
    let limit = Limit { bytes: 1 << 20, events: u64::MAX };
    let mut reel = Reel::create(&path, &header(), limit).unwrap();
    for _ in 0..200 {
        reel.record(&came(1, &b"x".repeat(64 * 1024))).unwrap();
    }
    reel.flush().unwrap();
    let about = fs::metadata(&path).unwrap();
    assert!(about.len() > 12 << 20);
    assert!(about.blocks() * 512 < 3 << 20, "{} blocks", about.blocks());
    let span = reel.reading().span(1, Dir::In).unwrap();
    assert_eq!(span.end, 200 * 64 * 1024);
    assert!(span.end - span.start <= 1 << 20);
    assert!(matches!(reel.reading().bytes(1, Dir::In, 0, 9), Err(TapeError::Forgotten { .. })));
}

#[test]
fn frames_of_a_saved_rest_lie_where_its_bytes_lie() {
    let folder = tempfile::tempdir().unwrap();
    let limit = Limit { bytes: u64::MAX, events: 10 };
    let mut reel = Reel::create(&folder.path().join("a.tape"), &header(), limit).unwrap();
    let frame =
        |off| Event { t: Duration::ZERO, c: 1, what: What::Frame { dir: Dir::In, off, len: 4 } };
    for number in 0..20 {
        reel.record(&came(1, b"abcd")).unwrap();
        reel.record(&frame(number * 4)).unwrap();
        reel.flush().unwrap();
    }
    let copy = folder.path().join("b.tape");
    reel.reading().save(&mut fs::File::create(&copy).unwrap()).unwrap();
    let saved = served(&copy);
    let frames: Vec<_> =
        saved.iter().filter(|event| matches!(event.what, What::Frame { .. })).cloned().collect();
    let reads = saved.iter().filter(|event| matches!(event.what, What::In { .. })).count();
    let expected: Vec<_> = (0..reads as u64).map(|number| frame(number * 4)).collect();
    assert!(!expected.is_empty());
    assert_eq!(frames, expected);
}

#[cfg(target_os = "linux")]
#[test]
fn a_reel_that_had_forgotten_is_adopted_with_its_numbers_offsets_and_open_conversations() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tape");
    let limit = Limit { bytes: u64::MAX, events: 100 };
    let mut reel = Reel::create(&path, &header(), limit).unwrap();
    let open = |c, peer: &str| Event {
        t: Duration::ZERO,
        c,
        what: What::Open(Open {
            role: Role::Dial,
            local: "tcp://127.0.0.1:1".into(),
            peer: peer.into(),
            proto: "tcp".into(),
            pair: None,
        }),
    };
    let close = What::Close(Close { by: By::Us, how: How::Fin, why: None });
    reel.record(&open(1, "tcp://127.0.0.1:2")).unwrap();
    reel.record(&open(2, "tcp://127.0.0.1:3")).unwrap();
    reel.record(&Event { t: Duration::ZERO, c: 2, what: close }).unwrap();
    for _ in 0..1000 {
        reel.record(&came(1, b"abc")).unwrap();
        reel.flush().unwrap();
    }
    let (first, len) = (reel.first(), reel.len());
    let kept = reel.reading().events(first..len).unwrap();
    let copy = folder.path().join("b.tape");
    reel.reading().save(&mut fs::File::create(&copy).unwrap()).unwrap();
    assert_eq!(served(&copy)[1], open(1, "tcp://127.0.0.1:2"));
    assert_eq!(served(&copy)[2..], kept);
    drop(reel);
    let reel = Reel::adopt(&path, PLENTY).unwrap();
    assert_eq!(reel.damage(), Damage::default());
    assert_eq!((reel.first(), reel.len()), (first, len + 1));
    let reading = reel.reading();
    assert_eq!(reading.event(first).unwrap(), Some(open(1, "tcp://127.0.0.1:2")));
    assert_eq!(reading.events(first + 1..len + 1).unwrap(), kept);
    assert_eq!(reading.span(1, Dir::In).unwrap(), (first - 3) * 3..3000);
}
