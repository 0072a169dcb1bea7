//! What holds for any faults, bytes and times.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn any_faults() -> impl Strategy<Value = String> {
    let lossless = prop_oneof![
        (1..50_u32, 0..20_u32, 0..3_u32)
            .prop_map(|(n, m, gap)| format!("split={n}±{m},gap={gap}ms")),
        (0..50_u32).prop_map(|time| format!("coalesce={time}ms")),
        (0..50_u32, 0..50_u32).prop_map(|(time, spread)| format!("delay={time}ms±{spread}ms")),
        (1..50_u32).prop_map(|rate| format!("rate={rate}KiB")),
        (0..50_u32).prop_map(|time| format!("slow-close={time}ms")),
        (0..50_u32).prop_map(|time| format!("stall={time}ms")),
        Just("stall=5ms,on=match:a".to_owned()),
        Just("delay=9ms,p=30%".to_owned()),
    ];
    vec(lossless, 0..5).prop_map(|list| list.join(";"))
}

fn framings() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![Just(None), Just(Some("lines")), Just(Some("len:u8")), Just(Some("gap:5ms"))]
}

fn chunks() -> impl Strategy<Value = Vec<(Vec<u8>, u64)>> {
    vec((vec(prop_oneof![Just(b'\n'), Just(b'a'), any::<u8>()], 1..60), 0..30_u64), 0..30)
}

fn run(spec: &str, framing: Option<&str>, chunks: &[(Vec<u8>, u64)], seed: u64) -> Scene {
    let framing = framing.map(|framing| framing.parse().unwrap());
    let mut scene = Scene::of(Disturber::new(&faults(spec), place(seed), framing.as_ref(), "read"));
    for (bytes, wait) in chunks {
        scene.take(bytes).pass(Duration::from_millis(*wait));
    }
    scene.end().pass(Duration::from_secs(1000));
    scene
}

proptest! {
    #[test]
    fn faults_of_time_alone_lose_and_change_nothing(
        spec in any_faults(), framing in framings(), chunks in chunks(), seed in any::<u64>()
    ) {
        let scene = run(&spec, framing, &chunks, seed);
        let all: Vec<u8> = chunks.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        prop_assert_eq!(scene.writes().concat(), all.clone());
        prop_assert_eq!(scene.accounted(), all.len());
        let mut done = scene.acts.iter().filter(|(_, act)| !matches!(act, Act::Told(_)));
        prop_assert_eq!(done.next_back().map(|(_, act)| act.clone()), Some(Act::End(None)));
        prop_assert_eq!(scene.disturber.held(), 0);
        prop_assert_eq!(scene.disturber.deadline(), None);
    }

    #[test]
    fn changes_of_such_faults_lose_and_change_nothing_either(
        specs in vec(any_faults(), 1..6), framing in framings(), chunks in chunks()
    ) {
        let framing = framing.map(|framing| framing.parse().unwrap());
        let mut scene = Scene::of(Disturber::new(&[], place(1), framing.as_ref(), "read"));
        for ((bytes, wait), spec) in chunks.iter().zip(specs.iter().cycle()) {
            scene.change(spec).take(bytes).pass(Duration::from_millis(*wait));
        }
        scene.end().change("stall").change("none").pass(Duration::from_secs(1000));
        let all: Vec<u8> = chunks.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        prop_assert_eq!(scene.writes().concat(), all.clone());
        prop_assert_eq!(scene.accounted(), all.len());
        let ends = scene.acts.iter().filter(|(_, act)| *act == Act::End(None)).count();
        prop_assert_eq!(ends, 1);
        prop_assert_eq!(scene.disturber.held(), 0);
    }

    #[test]
    fn the_same_seed_does_the_same(chunks in chunks(), framing in framings(), seed in any::<u64>()) {
        let spec = "drop=20%; dup=20%; reorder=20%; corrupt=5%; delay=5ms±5ms; split=3±2";
        let (one, two) = (run(spec, framing, &chunks, seed), run(spec, framing, &chunks, seed));
        prop_assert_eq!(&one.acts, &two.acts);
        let all: usize = chunks.iter().map(|(bytes, _)| bytes.len()).sum();
        prop_assert_eq!(one.accounted(), all, "each byte is accounted for once");
        prop_assert_eq!(one.disturber.held(), 0);
    }

    #[test]
    fn a_cut_is_at_the_byte(chunks in chunks(), framing in framings(), at in 0..500_usize, rest in any_faults()) {
        let scene = run(&format!("cut={at};{rest}"), framing, &chunks, 1);
        let all: Vec<u8> = chunks.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        let closed = scene.acts.iter().any(|(_, act)| matches!(act, Act::Close(_)));
        prop_assert_eq!(scene.writes().concat(), all[..at.min(all.len())].to_vec());
        prop_assert_eq!(closed, !all.is_empty() && all.len() >= at);
    }

    #[test]
    fn no_more_is_held_than_the_bound_and_what_one_read_brings(
        spec in any_faults(), framing in framings()
    ) {
        let mut scene = Scene::of(Disturber::new(
            &faults(&format!("{spec};stall;dup")),
            place(1),
            framing.map(|framing| framing.parse().unwrap()).as_ref(),
            "read",
        ));
        let read = 4096;
        for _ in 0..1000 {
            if scene.disturber.held() >= BOUND {
                break;
            }
            scene.take(&vec![b'\n'; read]);
        }
        // An empty line weighs more than its one byte.
        let most = BOUND + 2 * read * 70;
        prop_assert!(scene.most <= most, "{}", scene.most);
    }
}
