//! What holds of any reel, whatever is recorded and forgotten.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop_oneof;
use proptest::prelude::proptest;

use super::header;
use crate::error::TapeError;
use crate::event::Dir;
use crate::event::Event;
use crate::event::What;
use crate::reader::Tape;
use crate::reel::Limit;
use crate::reel::Reel;

fn anything() -> impl Strategy<Value = Event<'static>> {
    let bytes = proptest::collection::vec(any::<u8>(), 0..40);
    let what = prop_oneof![
        3 => (bytes, any::<bool>()).prop_map(|(bytes, came)| {
            let bytes = Cow::Owned(bytes);
            if came { What::In { bytes, from: None } } else { What::Out { bytes, to: None } }
        }),
        1 => (any::<u64>(), any::<u64>()).prop_map(|(off, len)| What::Frame {
            dir: Dir::In,
            off,
            len,
        }),
        1 => any::<String>().prop_map(|text| What::Note { text }),
    ];
    (what, prop_oneof![Just(1), Just(2), any::<u64>()], any::<u64>())
        .prop_map(|(what, c, t)| Event { t: Duration::from_nanos(t), c, what })
}

fn events() -> impl Strategy<Value = Vec<Event<'static>>> {
    proptest::collection::vec(anything(), 1..40)
}

/// Every direction's stream, put together by hand.
fn streams(events: &[Event<'static>]) -> HashMap<(u64, Dir), Vec<u8>> {
    let mut streams: HashMap<(u64, Dir), Vec<u8>> = HashMap::new();
    for event in events {
        let (dir, bytes) = match &event.what {
            What::In { bytes, .. } => (Dir::In, bytes),
            What::Out { bytes, .. } => (Dir::Out, bytes),
            _ => continue,
        };
        streams.entry((event.c, dir)).or_default().extend_from_slice(bytes);
    }
    streams
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

proptest! {
    #[test]
    fn what_is_recorded_reads_back_by_any_range(
        events in events(),
        from in 0u64..70,
        count in 0u64..70,
        every in 1usize..9,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tape");
        let limit = Limit { bytes: u64::MAX, events: u64::MAX };
        let mut reel = Reel::create(&path, &header(), limit).unwrap();
        for (number, event) in events.iter().enumerate() {
            assert_eq!(reel.record(event).unwrap(), number as u64);
            if number % every == 0 {
                reel.flush().unwrap();
            }
        }
        reel.flush().unwrap();
        let all = events.len() as u64;
        let range = from.min(all)..(from + count).min(all);
        let part = &events[place(range.start)..place(range.end)];
        assert_eq!(reel.reading().events(from..from + count).unwrap(), part);
        let mut copy = Vec::new();
        reel.reading().save(&mut copy).unwrap();
        assert_eq!(copy, fs::read(&path).unwrap());
        let reading = reel.reading();
        drop(reel);
        let again = Reel::adopt(&path, limit).unwrap();
        assert_eq!(reading.events(0..all).unwrap(), events);
        assert_eq!(again.reading().events(0..all).unwrap(), events);
    }

    #[test]
    fn forgetting_never_gives_a_wrong_event_or_a_wrong_byte(
        events in events(),
        most in 1u64..20,
        room in 60u64..2000,
        every in 1usize..9,
        adopted in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tape");
        let limit = Limit { bytes: room, events: most };
        let plenty = Limit { bytes: u64::MAX, events: u64::MAX };
        let mut reel =
            Reel::create(&path, &header(), if adopted { plenty } else { limit }).unwrap();
        for (number, event) in events.iter().enumerate() {
            reel.record(event).unwrap();
            if number % every == 0 {
                reel.flush().unwrap();
            }
        }
        reel.flush().unwrap();
        if adopted {
            drop(reel);
            reel = Reel::adopt(&path, limit).unwrap();
        }
        let reading = reel.reading();
        assert_eq!((reel.len(), reading.len()), (events.len() as u64, events.len() as u64));
        assert!(reel.first() < reel.len());
        for (number, event) in (0..).zip(&events) {
            match reading.event(number) {
                Ok(read) => {
                    assert!(number >= reel.first());
                    assert_eq!(read.as_ref(), Some(event));
                }
                Err(TapeError::Forgotten { first, .. }) => assert!(number < first),
                Err(error) => panic!("{error}"),
            }
        }
        for ((c, dir), stream) in streams(&events) {
            // A direction of which nothing is kept may be unknown.
            let Some(span) = reading.span(c, dir) else { continue };
            assert_eq!(span.end, stream.len() as u64);
            let kept = reading.bytes(c, dir, span.start, u64::MAX).unwrap();
            assert_eq!(kept, stream[place(span.start)..]);
            if span.start > 0 {
                assert!(reading.bytes(c, dir, span.start - 1, 9).is_err());
            }
            for off in span.clone().step_by(7) {
                let two = reading.bytes(c, dir, off, 2).unwrap();
                let end = (off + 2).min(span.end);
                assert_eq!(two, stream[place(off)..place(end)]);
            }
        }
        let copy = folder.path().join("b.tape");
        reading.save(&mut fs::File::create(&copy).unwrap()).unwrap();
        let saved: Vec<_> = Tape::open(&copy).unwrap().map(Result::unwrap).collect();
        let first = place(reel.first());
        let is_frame = |event: &&Event<'_>| matches!(event.what, What::Frame { .. });
        let rest: Vec<_> = events[first..].iter().filter(|event| !is_frame(event)).collect();
        let told: Vec<_> = saved.iter().filter(|event| !is_frame(event)).collect();
        assert_eq!(told[usize::from(first > 0)..], rest);
    }

    #[test]
    fn no_file_whatever_makes_adopting_panic(
        content in any::<Vec<u8>>(),
        events in events(),
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tape");
        let mut file = Vec::new();
        header().write(&mut file);
        for event in &events {
            crate::json::write(event, &mut file);
        }
        file.extend(&content);
        let at = at.index(file.len());
        file[at] = byte;
        fs::write(&path, &file).unwrap();
        let limit = Limit { bytes: u64::MAX, events: u64::MAX };
        let Ok(mut reel) = Reel::adopt(&path, limit) else { return Ok(()) };
        let served: Vec<_> = Tape::open(&path).unwrap().filter_map(Result::ok).collect();
        let len = reel.len();
        assert_eq!(reel.reading().events(0..len).unwrap(), served);
        reel.record(&events[0]).unwrap();
        reel.flush().unwrap();
        assert_eq!(reel.reading().event(len).unwrap().as_ref(), Some(&events[0]));
        drop(reel);
        assert_eq!(Reel::adopt(&path, limit).unwrap().len(), len + 1);
    }
}
