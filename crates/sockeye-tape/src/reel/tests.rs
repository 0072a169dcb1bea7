//! How a reel behaves as a whole.

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::error::TapeError;
use crate::event::Dir;
use crate::event::Event;
use crate::event::What;
use crate::header::Header;
use crate::reader::Tape;
use crate::reel::Limit;
use crate::reel::Reel;
use crate::reel::entry::Kind;

const PLENTY: Limit = Limit { bytes: u64::MAX, events: u64::MAX };

fn header() -> Header {
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
