//! One direction, with a clock that is moved by hand.

mod properties;

use super::*;
use crate::fault::Dir;
use crate::fault::read::Spec;

const MS: Duration = Duration::from_millis(1);

fn faults(spec: &str) -> Vec<Fault> {
    spec.parse::<Spec>().unwrap_or_else(|error| panic!("{error}")).0
}

fn place(seed: u64) -> Place {
    Place { seed, ordinal: 1, dir: Dir::Up }
}

fn disturber(spec: &str) -> Disturber {
    Disturber::new(&faults(spec), place(7), None, "read")
}

fn framed(spec: &str, framing: &str) -> Disturber {
    Disturber::new(&faults(spec), place(7), Some(&framing.parse().unwrap()), "read")
}

/// A direction, its time, and all that has been done by then.
struct Scene {
    disturber: Disturber,
    now: Duration,
    acts: Vec<(Duration, Act)>,
    most: usize,
}

impl Scene {
    fn of(disturber: Disturber) -> Self {
        let mut scene = Self { disturber, now: Duration::ZERO, acts: Vec::new(), most: 0 };
        scene.look();
        scene
    }

    fn look(&mut self) {
        self.most = self.most.max(self.disturber.held());
        let acts = self.disturber.due(self.now);
        self.acts.extend(acts.into_iter().map(|act| (self.now, act)));
    }

    fn take(&mut self, bytes: &[u8]) -> &mut Self {
        self.disturber.take(self.now, bytes.to_vec(), None);
        self.look();
        self
    }

    fn end(&mut self) -> &mut Self {
        self.disturber.end(self.now);
        self.look();
        self
    }

    /// Lets so much time pass, from one deadline to the next.
    fn pass(&mut self, time: Duration) -> &mut Self {
        let until = self.now + time;
        while let Some(due) = self.disturber.deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.look();
        }
        self.now = until;
        self.look();
        self
    }

    fn change(&mut self, spec: &str) -> &mut Self {
        self.disturber.change(self.now, &faults(spec).into());
        self.look();
        self
    }

    fn writes(&self) -> Vec<&[u8]> {
        let bytes = self.acts.iter().filter_map(|(_, act)| match act {
            Act::Write { bytes, .. } => Some(bytes.as_slice()),
            _ => None,
        });
        bytes.collect()
    }

    /// When each write was made, in ms.
    fn times(&self) -> Vec<u128> {
        let writes = self.acts.iter().filter(|(_, act)| matches!(act, Act::Write { .. }));
        writes.map(|(at, _)| at.as_millis()).collect()
    }

    fn told(&self) -> Vec<&str> {
        let told = self.acts.iter().filter_map(|(_, act)| match act {
            Act::Told(text) => Some(text.as_str()),
            _ => None,
        });
        told.collect()
    }

    fn has(&self, wanted: &Act) -> bool {
        self.acts.iter().any(|(_, act)| act == wanted)
    }

    /// Bytes that were accounted for, gone on or lost.
    fn accounted(&self) -> usize {
        let counts = self.acts.iter().map(|(_, act)| match act {
            Act::Write { counts, .. } | Act::Lost(counts) => *counts,
            _ => 0,
        });
        counts.sum()
    }
}

fn scene(spec: &str) -> Scene {
    Scene::of(disturber(spec))
}

#[test]
fn without_faults_each_read_goes_on_at_once() {
    let mut scene = scene("none");
    scene.take(b"ab").take(b"c").end();
    assert_eq!(scene.writes(), [b"ab".as_slice(), b"c"]);
    assert_eq!(scene.acts.last(), Some(&(Duration::ZERO, Act::End(None))));
}

#[test]
fn splits_into_pieces_with_a_gap_and_says_so_once() {
    let mut scene = scene("split=2,gap=5ms");
    scene.take(b"abcde").end().pass(100 * MS);
    assert_eq!(scene.writes(), [b"ab".as_slice(), b"cd", b"e"]);
    assert_eq!(scene.times(), [0, 5, 10]);
    scene = self::scene("split=1");
    scene.take(b"hello").take(b"more").pass(100 * MS);
    assert_eq!(scene.told(), ["split=1: 5 B in 5 pieces"]);
    assert!(scene.writes().iter().all(|piece| piece.len() == 1));
}

#[test]
fn pieces_of_varied_size_stay_within_the_spread() {
    let mut scene = scene("split=8±4,gap=0");
    scene.take(&[b'x'; 10_000]).pass(MS);
    let sizes: Vec<usize> = scene.writes().iter().map(|piece| piece.len()).collect();
    let (last, others) = sizes.split_last().unwrap();
    assert!(others.iter().all(|size| (4..=12).contains(size)) && *last <= 12, "{sizes:?}");
    assert!(others.contains(&4) && others.contains(&12));
}

#[test]
fn coalesces_what_comes_within_the_time_after_the_first_byte() {
    let mut scene = scene("coalesce=20ms");
    scene.take(b"a").pass(10 * MS).take(b"b").pass(15 * MS).take(b"c").end().pass(50 * MS);
    assert_eq!(scene.writes(), [b"ab".as_slice(), b"c"]);
    assert_eq!(scene.times(), [20, 45]);
    assert!(scene.has(&Act::End(None)));
}

#[test]
fn delays_each_read_and_the_end_and_keeps_the_order() {
    let mut scene = scene("delay=50ms");
    scene.take(b"a").pass(10 * MS).take(b"b").end().pass(49 * MS);
    assert_eq!(scene.times(), [50]);
    assert!(!scene.has(&Act::End(None)));
    scene.pass(MS);
    assert_eq!(scene.times(), [50, 60]);
    assert!(scene.has(&Act::End(None)));
    let mut jitter = self::scene("delay=50ms±40ms");
    for number in 0..100 {
        jitter.take(&[number]).pass(MS);
    }
    jitter.pass(200 * MS);
    assert_eq!(jitter.writes().concat(), (0..100).collect::<Vec<u8>>());
    assert!(jitter.times().iter().zip(0..).all(|(at, sent)| (10..=190).contains(&(at - sent))));
}

#[test]
fn a_rate_is_held_from_the_first_byte_on() {
    let mut scene = scene("rate=64kbit");
    scene.take(&[0; 8000]).pass(Duration::from_secs(2));
    assert_eq!(scene.times().last(), Some(&1000));
    let by_half: usize = scene
        .writes()
        .iter()
        .zip(scene.times())
        .filter(|(_, at)| *at <= 500)
        .map(|(piece, _)| piece.len())
        .sum();
    assert_eq!(by_half, 4000);
}

#[test]
fn a_late_timer_makes_no_burst_of_more_than_a_tenth_of_a_second() {
    let mut scene = scene("rate=64kbit");
    scene.take(&[0; 8000]);
    scene.now = Duration::from_millis(700);
    scene.look();
    let burst: usize = scene.writes().iter().map(|piece| piece.len()).sum();
    assert!((800..=1000).contains(&burst), "{burst}");
}

#[test]
fn drops_doubles_and_swaps_units_and_names_them() {
    let mut scene = scene("drop,on=frame:2");
    scene.take(b"one").take(b"two").take(b"three").end();
    assert_eq!(scene.writes(), [b"one".as_slice(), b"three"]);
    assert_eq!(scene.told(), ["drop: read 2, 3 B"]);
    assert_eq!(scene.accounted(), 11);
    let mut scene = self::scene("dup,on=match:wo; dup");
    scene.take(b"one").take(b"two").end();
    assert_eq!(scene.writes(), [b"one".as_slice(), b"one", b"two", b"two", b"two"]);
    assert_eq!(scene.accounted(), 6);
    let mut scene = self::scene("reorder,first=1");
    scene.take(b"1").take(b"2").take(b"3").end();
    assert_eq!(scene.writes().concat(), b"213");
}

#[test]
fn what_nothing_follows_is_not_kept_for_ever() {
    let mut scene = scene("reorder");
    scene.take(b"alone").pass(100 * MS);
    assert_eq!(scene.writes(), [b"alone"]);
    assert!(scene.told().is_empty(), "it was in order");
    let mut scene = self::scene("reorder");
    scene.take(b"last").end();
    assert_eq!(scene.writes(), [b"last"]);
    assert_eq!(scene.acts.last().unwrap().1, Act::End(None));
}

#[test]
fn flips_one_bit_and_says_which() {
    let mut scene = scene("corrupt,first=1");
    scene.take(&[0; 16]).take(&[0; 16]);
    let writes = scene.writes();
    let (place, byte) = writes[0].iter().enumerate().find(|(_, byte)| **byte != 0).unwrap();
    assert_eq!(byte.count_ones(), 1);
    assert_eq!(writes[0].iter().filter(|byte| **byte != 0).count(), 1);
    assert_eq!(writes[1], [0; 16]);
    let bit = byte.trailing_zeros();
    assert_eq!(scene.told(), [format!("corrupt: read 1, 16 B: offset {place} bit {bit}")]);
}

#[test]
fn a_corruption_of_many_bytes_names_a_few_and_counts_the_rest() {
    let mut scene = scene("corrupt=100%");
    scene.take(&[0; 1000]);
    assert!(scene.writes()[0].iter().all(|byte| byte.is_power_of_two()));
    assert!(scene.told()[0].ends_with(" and 992 more"), "{:?}", scene.told());
}

#[test]
fn a_reset_comes_so_long_after_its_unit_and_nothing_passes_any_more() {
    let mut scene = scene("rst=5ms,on=match:QUIT");
    scene.take(b"hello").take(b"QUIT").take(b"more").pass(4 * MS);
    assert_eq!(scene.writes(), [b"hello"]);
    assert!(!scene.acts.iter().any(|(_, act)| matches!(act, Act::Reset(_))));
    scene.pass(MS);
    assert!(scene.has(&Act::Reset("rst=5ms,on=match:QUIT".to_owned())));
    assert_eq!(scene.accounted(), 13);
}

#[test]
fn a_half_close_tells_the_end_and_counts_what_is_thrown_away() {
    let mut scene = scene("half-close,on=frame:1");
    scene.take(b"hello").take(b"more").take(b"more").end();
    assert_eq!(scene.writes(), [b"hello"]);
    let ends = scene.acts.iter().filter(|(_, act)| matches!(act, Act::End(_))).count();
    assert_eq!(ends, 1);
    assert_eq!(scene.told().last(), Some(&"half-close,on=frame:1: 8 B thrown away"));
    assert_eq!(scene.accounted(), 13);
}

#[test]
fn a_stall_holds_everything_and_the_end_until_its_time() {
    let mut scene = scene("stall=50ms");
    scene.take(b"a").pass(30 * MS).take(b"b").end().pass(19 * MS);
    assert!(scene.writes().is_empty());
    scene.pass(MS);
    assert_eq!(scene.writes().concat(), b"ab");
    assert!(scene.has(&Act::End(None)));
    let mut closed = self::scene("stall=50ms,then=close");
    closed.take(b"a").pass(50 * MS);
    assert!(closed.writes().is_empty() && closed.accounted() == 1);
    assert!(closed.has(&Act::Close("stall=50ms,then=close".to_owned())));
}

#[test]
fn a_stall_that_is_taken_away_frees_what_it_held() {
    let mut scene = scene("stall; delay=10ms");
    scene.take(b"held").pass(Duration::from_secs(1000));
    assert!(scene.writes().is_empty());
    scene.change("stall").take(b"too").pass(Duration::from_secs(1));
    assert!(scene.writes().is_empty());
    scene.change("none").take(b"now").end().pass(10 * MS);
    assert_eq!(scene.writes().concat(), b"heldtoonow");
    assert!(scene.has(&Act::End(None)));
    for spec in ["stall,then=close", "stall=50ms,then=close"] {
        let mut closed = self::scene(spec);
        closed.take(b"a").change("none");
        assert!(closed.has(&Act::Close(spec.to_owned())));
    }
}

#[test]
fn other_faults_are_for_what_is_read_from_then_on_and_the_order_is_kept() {
    let mut scene = scene("delay=50ms");
    scene.take(b"old").change("none").take(b"new");
    assert!(scene.writes().is_empty(), "the new must not overtake the old");
    scene.pass(50 * MS);
    assert_eq!(scene.writes(), [b"old".as_slice(), b"new"]);
    scene.take(b"newer");
    assert_eq!(scene.times(), [50, 50, 50]);
}

#[test]
fn a_fault_that_stays_goes_on_counting() {
    let mut scene = scene("cut=10; drop,first=1,on=match:x");
    scene.take(b"x").take(b"123456").change("drop,first=1,on=match:x; cut=10; dup,first=1");
    scene.take(b"x").take(b"789").take(b"0");
    assert_eq!(scene.writes().concat(), b"123456xx78");
    assert!(scene.has(&Act::Close("cut=10".to_owned())));
}

#[test]
fn the_very_same_faults_again_begin_anew() {
    let mut scene = scene("stall=10ms; cut=4");
    scene.take(b"123").pass(10 * MS).change("stall=10ms; cut=4").take(b"456").pass(9 * MS);
    assert_eq!(scene.writes().concat(), b"123");
    scene.pass(MS);
    assert_eq!(scene.writes().concat(), b"123456");
}

#[test]
fn a_reset_that_is_taken_away_in_time_leaves_the_end() {
    let mut scene = scene("rst=50ms");
    scene.take(b"lost").end().change("none").pass(100 * MS);
    assert!(!scene.acts.iter().any(|(_, act)| matches!(act, Act::Reset(_))));
    assert_eq!(scene.acts.last().unwrap().1, Act::End(None));
}

#[test]
fn a_slow_close_is_for_the_end_alone() {
    let mut scene = scene("slow-close=30ms");
    scene.take(b"a").end();
    assert_eq!(scene.times(), [0]);
    assert!(!scene.has(&Act::End(None)));
    scene.pass(30 * MS);
    assert!(scene.has(&Act::End(None)));
}

#[test]
fn a_frame_is_a_unit_however_it_is_cut() {
    let mut scene = Scene::of(framed("drop,on=frame:2", "lines"));
    scene.take(b"on").take(b"e\ntw").take(b"o\nthr").take(b"ee\n").take(b"rest").end();
    assert_eq!(scene.writes().concat(), b"one\nthree\nrest");
    assert_eq!(scene.told(), ["drop: frame 2, 4 B"]);
    assert_eq!(scene.accounted(), 18);
}

#[test]
fn a_frame_that_stops_in_the_middle_goes_on_as_it_came() {
    let mut scene = Scene::of(framed("drop", "len:u8"));
    scene.take(b"\x05he").pass(99 * MS);
    assert!(scene.writes().is_empty());
    scene.pass(MS);
    assert_eq!(scene.writes(), [b"\x05he"]);
    // The rest of it is no unit, the next one is.
    scene.take(b"llo\x02ok\x01").pass(100 * MS);
    assert_eq!(scene.writes().concat(), b"\x05hello\x01");
    assert_eq!(scene.told(), ["drop: frame 2, 3 B"]);
}

#[test]
fn a_broken_framing_and_one_without_end_stop_nothing() {
    let mut scene = Scene::of(framed("delay=1ms", "len:u8,max=2"));
    scene.take(b"\x01a\x09bcd").take(b"efg").end().pass(MS);
    assert_eq!(scene.writes().concat(), b"\x01a\x09bcdefg");
    let mut scene = Scene::of(framed("delay=1ms", "len:u32be"));
    for _ in 0..10 {
        scene.take(&vec![0; 1 << 16]).take(&[0xFF, 0, 0]).pass(MS);
    }
    assert!(scene.disturber.held() < 2 * BOUND);
}

#[test]
fn a_share_is_of_conversations_and_both_directions_agree() {
    let spec = faults("drop,share=50%");
    let drops = |ordinal, dir| {
        let place = Place { seed: 1, ordinal, dir };
        let mut scene = Scene::of(Disturber::new(&spec, place, None, "read"));
        scene.take(b"x");
        scene.writes().is_empty()
    };
    let up: Vec<bool> = (1..=200).map(|ordinal| drops(ordinal, Dir::Up)).collect();
    let down: Vec<bool> = (1..=200).map(|ordinal| drops(ordinal, Dir::Down)).collect();
    assert_eq!(up, down);
    let struck = up.iter().filter(|struck| **struck).count();
    assert!((70..130).contains(&struck), "{struck}");
}

#[test]
fn messages_stay_whole_and_a_text_that_is_none_any_more_is_binary() {
    let mut scene = scene("split=1; corrupt=100%");
    scene.disturber.take(Duration::ZERO, "温度".into(), Some(Kind::Text));
    scene.look();
    let kinds = scene.acts.iter().filter_map(|(_, act)| match act {
        Act::Write { bytes, kind, .. } => Some((bytes.len(), *kind)),
        _ => None,
    });
    assert_eq!(kinds.collect::<Vec<_>>(), [(6, Some(Kind::Binary))]);
}
