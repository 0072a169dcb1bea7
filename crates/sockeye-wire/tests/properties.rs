//! What holds for every framing, checksum and payload.

#[path = "../../../fuzz/bodies/framing.rs"]
mod framing_body;
mod stream;

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::sample::select;
use sockeye_wire::algorithm::Algorithm;
use sockeye_wire::checksum::Checksum;
use sockeye_wire::checksum::Verdict;
use sockeye_wire::enframe::Enframer;
use sockeye_wire::error::EnframeError;
use sockeye_wire::framing::Framing;
use sockeye_wire::framing::Rule;
use sockeye_wire::length::LengthField;
use sockeye_wire::length::Width;
use sockeye_wire::order::Order;

/// A byte that no marker below has.
const OTHER: u8 = b'z';

fn marker() -> impl Strategy<Value = Vec<u8>> {
    vec(select(vec![0, b'\r', b'\n', 0xAA, 0xFF]), 1..4)
}

fn order() -> impl Strategy<Value = Order> {
    select(vec![Order::Big, Order::Little])
}

fn length_field() -> impl Strategy<Value = LengthField> {
    let width = select(vec![Width::U8, Width::U16, Width::U24, Width::U32, Width::U64]);
    (width, order(), 0_usize..4, -8_i64..8).prop_map(|(width, order, offset, adjust)| LengthField {
        width,
        order,
        offset,
        adjust,
    })
}

fn rule() -> impl Strategy<Value = Rule> {
    let plain = vec![
        Rule::Raw,
        Rule::Lines,
        Rule::Crlf,
        Rule::LengthAscii,
        Rule::LengthVarint,
        Rule::Json,
        Rule::Cobs,
        Rule::Slip,
        Rule::ModbusTcp,
    ];
    prop_oneof![
        4 => select(plain),
        1 => marker().prop_map(Rule::Delimiter),
        2 => length_field().prop_map(Rule::Length),
        1 => (1_usize..9).prop_map(Rule::Fixed),
        1 => (marker(), marker()).prop_map(|(head, tail)| Rule::HeadTail { head, tail }),
        1 => (1_u64..5_000_000).prop_map(|micros| Rule::Gap(Duration::from_micros(micros))),
    ]
}

/// Any framing, with its usual limit or another.
fn framing() -> impl Strategy<Value = Framing> {
    let max = prop_oneof![Just(None), (1_usize..40).prop_map(Some), any::<usize>().prop_map(Some)];
    (rule(), max).prop_filter_map("the limit is too small", |(rule, max)| {
        let framing = Framing::new(rule).ok()?;
        match max {
            Some(max) => framing.with_max(max).ok(),
            None => Some(framing),
        }
    })
}

/// Bytes that mean something to one framing or another.
fn telling() -> impl Strategy<Value = Vec<u8>> {
    let pieces: [&[u8]; 22] = [
        b"\n",
        b"\r\n",
        b"\0",
        b"\xC0",
        b"\xDB\xDC",
        b"\xDB",
        b"\x01",
        b"\x02",
        b"\0\0\0\x03",
        b"5:",
        b"{",
        b"}",
        b"[]",
        b"\"",
        b"\\",
        b"12 ",
        b"true",
        b" ",
        b"\xAA",
        b"\xFF\xFF",
        b"\x80",
        b"abc",
    ];
    vec(select(pieces.to_vec()), 0..30).prop_map(|pieces| pieces.concat())
}

fn json() -> impl Strategy<Value = Vec<u8>> {
    let values =
        ["0", "-1.5e3", "null", "true", "\"\"", "\"a\\\"}\\\\\"", "{}", "[1,[2,{\"a\":\"]\"}]]"];
    select(values.to_vec()).prop_map(|value| value.as_bytes().to_vec())
}

/// A payload made to be one that the rule can carry.
fn fitted(rule: &Rule, mut payload: Vec<u8>, value: Vec<u8>) -> Vec<u8> {
    let least = match rule {
        Rule::Length(field) => field.offset + usize::try_from(field.adjust).unwrap_or(0),
        Rule::Fixed(size) => *size,
        Rule::ModbusTcp => 2,
        Rule::Slip | Rule::Gap(_) => 1,
        Rule::Json => return value,
        _ => 0,
    };
    if matches!(rule, Rule::Fixed(_)) {
        payload.truncate(least);
    }
    payload.resize(payload.len().max(least), OTHER);
    payload
}

/// The same without what ends a frame.
fn without_end(payload: &[u8]) -> Vec<u8> {
    let ends = |byte: &u8| !matches!(byte, 0 | b'\r' | b'\n' | 0xAA | 0xFF);
    payload.iter().map(|byte| if ends(byte) { *byte } else { OTHER }).collect()
}

/// The bytes of each payload; one that holds an end of a frame is refused, and
/// goes without.
fn encoded(framing: &Framing, payloads: &mut [Vec<u8>]) -> Vec<Vec<u8>> {
    let mut enframer = Enframer::new(framing.clone());
    let mut encode = |payload: &mut Vec<u8>| {
        if let Err(EnframeError::Delimiter { .. }) = enframer.encode(payload, None) {
            *payload = without_end(payload);
        }
        enframer.encode(payload, None).unwrap_or_else(|error| panic!("{error}"))
    };
    payloads.iter_mut().map(&mut encode).collect()
}

proptest::proptest! {
    #[test]
    fn what_is_made_of_payloads_gives_them_back_however_it_is_cut(
        rule in rule(),
        payloads in vec((vec(any::<u8>(), 0..40), json()), 1..8),
        sizes in vec(1_usize..9, 1..9),
    ) {
        let framing = Framing::new(rule).unwrap();
        let fit = |(payload, value)| fitted(framing.rule(), payload, value);
        let mut payloads: Vec<_> = payloads.into_iter().map(fit).collect();
        let bytes = encoded(&framing, &mut payloads);
        // Reads are the frames of `raw`, and silences cut `gap`: one by one.
        let timed = matches!(framing.rule(), Rule::Raw | Rule::Gap(_));
        let streams: Vec<Vec<u8>> = if timed { bytes } else { vec![bytes.concat()] };
        let mut found = Vec::new();
        for stream in &streams {
            let cuts = if timed { vec![stream.as_slice()] } else { cut(stream, &sizes) };
            let (frames, error) = stream::read(&framing, cuts);
            prop_assert_eq!(error, None);
            prop_assert!(frames.iter().all(|frame| frame.whole));
            found.extend(frames.into_iter().map(|frame| frame.payload));
        }
        prop_assert_eq!(found, payloads, "{}", framing);
    }

    #[test]
    fn any_bytes_are_read_within_bounds_and_the_same_however_they_are_cut(
        framing in framing(),
        sizes in vec(0_u8..10, 1..9),
        bytes in prop_oneof![telling(), vec(any::<u8>(), 0..200)],
    ) {
        let spelling = framing.to_string();
        framing_body::check(&[spelling.as_bytes(), b"\n", &sizes, b"\n", &bytes].concat());
    }

    #[test]
    fn a_spelling_reads_back_as_the_framing_that_it_was_printed_from(framing in framing()) {
        prop_assert_eq!(framing.to_string().parse(), Ok(framing));
    }

    #[test]
    fn any_text_is_a_framing_or_is_refused(text in "[a-z0-9:=,.-]{0,24}|\\PC{0,12}") {
        if let Ok(framing) = text.parse::<Framing>() {
            prop_assert_eq!(framing.to_string().parse(), Ok(framing));
        }
    }

    #[test]
    fn a_checksum_that_was_appended_is_good_and_reads_back_as_it_was_printed(
        algorithm in select(Algorithm::ALL.to_vec()),
        order in order(),
        from in prop_oneof![Just(0), -9_i64..9, any::<i64>()],
        to in prop_oneof![Just(None), (-9_i64..9).prop_map(Some), any::<i64>().prop_map(Some)],
        message in vec(any::<u8>(), 0..20),
    ) {
        let checksum = Checksum { algorithm, order, from, to };
        let mut sent = message.clone();
        checksum.append(&mut sent);
        prop_assert_eq!(sent.len(), message.len() + checksum.len());
        prop_assert_eq!(checksum.verify(&sent), Verdict::Good);
        prop_assert_eq!(checksum.to_string().parse(), Ok(checksum));
    }

    #[test]
    fn a_flipped_bit_is_seen(
        algorithm in select(Algorithm::ALL.to_vec()),
        message in vec(any::<u8>(), 1..20),
        place in any::<proptest::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let checksum = Checksum::new(algorithm);
        let mut sent = message;
        checksum.append(&mut sent);
        let at = place.index(sent.len());
        sent[at] ^= 1 << bit;
        let seen = matches!(checksum.verify(&sent), Verdict::Bad { .. });
        prop_assert!(seen);
    }
}

fn cut<'a>(stream: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = stream;
    let mut cuts = Vec::new();
    for size in sizes.iter().cycle() {
        let Some((piece, after)) = rest.split_at_checked(*size) else {
            break;
        };
        cuts.push(piece);
        rest = after;
    }
    cuts.push(rest);
    cuts
}
