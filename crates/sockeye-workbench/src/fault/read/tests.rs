//! What is read is what is printed.

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Vec<Fault> {
    text.parse::<Spec>().unwrap_or_else(|error| panic!("{text}: {error}")).0
}

fn printed(text: &str) -> String {
    text.parse::<Spec>().unwrap_or_else(|error| panic!("{text}: {error}")).to_string()
}

fn refused(text: &str) -> String {
    text.parse::<Spec>().expect_err(text).to_string()
}

#[test]
fn reads_each_fault_and_prints_it_as_it_was() {
    for text in [
        "split=1",
        "split=8±4,gap=0s",
        "coalesce=20ms",
        "delay=50ms±10ms",
        "rate=64kbit",
        "rate=8KiB",
        "drop",
        "drop=5%",
        "dup=0.5%",
        "reorder=33.3333%",
        "corrupt",
        "corrupt=1%",
        "cut=10KiB",
        "cut=0",
        "rst",
        "rst=5s",
        "half-close",
        "half-close=100us",
        "stall",
        "stall=1s,then=close",
        "stall,then=close",
        "slow-close=1500ms",
        "size=512",
        "drop,dir=up,on=frame:3,first=2,p=50%,share=10%",
        "drop,on=match:PING",
        "drop,on=match:hex:2C 3B 20",
        "split=1; delay=50ms±10ms",
        "none",
    ] {
        assert_eq!(printed(text), text);
    }
}

#[test]
fn reads_other_spellings_of_the_same() {
    for (text, same) in [
        ("", "none"),
        (" ; ", "none"),
        (" split = 1 , gap = 2ms ;; dup ", "split=1; dup"),
        ("delay=50ms+-10ms", "delay=50ms±10ms"),
        ("delay=0.05", "delay=50ms"),
        ("rate=1.5Mbit/s", "rate=1500kbit"),
        ("rate=1000B", "rate=1000"),
        ("drop=100%", "drop"),
        ("drop=12.34567", "drop=12.3456%"),
        ("drop,on=match:text:PING", "drop,on=match:PING"),
        ("drop,on=match:hex:50 49", "drop,on=match:PI"),
        ("half-close=0", "half-close"),
    ] {
        assert_eq!(printed(text), same, "{text}");
    }
    assert_eq!("drop=5%".parse::<Fault>().unwrap(), read("drop=5%")[0]);
}

#[test]
fn names_what_was_probably_meant_and_where_it_stands() {
    assert_eq!(
        refused("split=1; dealy=5ms"),
        "unknown fault `dealy` at column 10: did you mean `delay`?"
    );
    assert_eq!(
        refused("drop, frist=2"),
        "`drop` has no `frist`, at column 7: did you mean `first`?"
    );
    assert_eq!(
        refused("delay=5ms,gap=2ms"),
        "`delay` has no `gap`, at column 11: every fault has dir, on, first, p, share"
    );
    assert_eq!(
        refused("split=0"),
        "`split` at column 7 wants a number of bytes, as 1 or 8±4, not `0`"
    );
    assert_eq!(refused("drop,p=5%,p=6%"), "`p` stands twice, at column 11 again");
    assert!(refused("xyzzy").contains("known are split, coalesce"));
    assert!(refused(&"drop;".repeat(33)).contains("more than 32"));
}

#[test]
fn refuses_values_that_are_none() {
    for text in [
        "split",
        "split=x",
        "split=1±",
        "coalesce",
        "delay=",
        "rate=0",
        "rate=0kbit",
        "rate=-1",
        "drop=101%",
        "drop=-1%",
        "drop=%",
        "drop=1.%",
        "drop=99999999999%",
        "cut",
        "size",
        "stall=1s,then=what",
        "drop,dir=left",
        "drop,on=frame:0",
        "drop,on=match:",
        "drop,on=match:hex:A",
        "drop,on=3",
        "drop,first=0",
        "drop,",
        "\u{1b}[31m",
    ] {
        let said = refused(text);
        assert!(!said.contains('\u{1b}'), "{said}");
    }
}

fn time() -> impl Strategy<Value = Duration> {
    prop_oneof![0..5_000_000_000_u64, (0..100_u64).prop_map(|s| s * 1_000_000_000)]
        .prop_map(Duration::from_nanos)
}

fn share() -> impl Strategy<Value = Percent> {
    (0..=1_000_000_u32).prop_map(|count| Percent::of_millionths(count).unwrap())
}

fn kinds() -> impl Strategy<Value = Kind> {
    let rate = prop_oneof![
        (1..u64::MAX).prop_map(Rate::Bits),
        (1..u64::MAX).prop_map(Rate::Bytes),
        (1..9000_u64).prop_map(|count| Rate::Bits(count * 1000)),
    ];
    let then = prop_oneof![Just(Then::GoOn), Just(Then::Close)];
    prop_oneof![
        (1..u64::MAX, any::<u64>(), time()).prop_map(|(size, spread, gap)| Kind::Split {
            size,
            spread,
            gap
        }),
        time().prop_map(Kind::Coalesce),
        (time(), time()).prop_map(|(time, spread)| Kind::Delay { time, spread }),
        rate.prop_map(Kind::Rate),
        share().prop_map(Kind::Drop),
        share().prop_map(Kind::Dup),
        share().prop_map(Kind::Reorder),
        proptest::option::of(share()).prop_map(Kind::Corrupt),
        any::<u64>().prop_map(Kind::Cut),
        time().prop_map(Kind::Rst),
        time().prop_map(Kind::HalfClose),
        (proptest::option::of(time()), then).prop_map(|(time, then)| Kind::Stall { time, then }),
        time().prop_map(Kind::SlowClose),
        any::<u64>().prop_map(Kind::Size),
    ]
}

fn faults() -> impl Strategy<Value = Fault> {
    let dir = proptest::option::of(prop_oneof![Just(Dir::Up), Just(Dir::Down)]);
    let on = prop_oneof![
        Just(On::All),
        (1..u64::MAX).prop_map(On::Nth),
        proptest::collection::vec(any::<u8>(), 1..20).prop_map(On::Match),
        "[ -~]{1,20}".prop_map(|text| On::Match(text.into_bytes())),
    ];
    let first = proptest::option::of(1..u64::MAX);
    let (p, part) = (proptest::option::of(share()), proptest::option::of(share()));
    (kinds(), dir, on, first, p, part).prop_map(|(kind, dir, on, first, p, share)| Fault {
        kind,
        dir,
        on,
        first,
        p,
        share,
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_as_the_same(faults in proptest::collection::vec(faults(), 0..6)) {
        let spec = Spec(faults);
        prop_assert_eq!(spec.to_string().parse::<Spec>(), Ok(spec));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}|[a-z=,;:%± 0-9]{0,60}") {
        drop(text.parse::<Spec>());
    }
}
