//! What a conversation makes of bytes, without a socket: one exchange, fed by hand.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use sockeye_tape::event::{By, Dir};
use sockeye_workbench::answers::Answers;
use sockeye_workbench::exchange::{Act, Exchange};
use sockeye_workbench::lines::{Lines, Wanting};
use sockeye_workbench::message::Composer;
use sockeye_workbench::plan::{Plan, Then, Turns, Word};
use sockeye_workbench::rules::Reply;
use sockeye_workbench::spoken::Tells;

fn plan(frame: &str) -> Plan {
    let framing = (!frame.is_empty()).then(|| frame.parse().expect("a framing"));
    let composer = Composer { framing, ..Composer::default() };
    Plan { composer, answers: Answers::new(Vec::new(), Some(Reply::Upper)), ..Plan::default() }
}

/// Feeds the reads, and tells what was done: `frame OFF+LEN`, `send TEXT`, `end`, `note`.
fn done(plan: Plan, reads: &[&[u8]]) -> Vec<String> {
    let mut exchange = Exchange::new(Arc::new(plan));
    let mut acts = Vec::new();
    for read in reads {
        exchange.received(Duration::ZERO, read, None, &mut acts);
        while exchange.step(&mut acts) {}
    }
    acts.iter().map(told).collect()
}

fn told(act: &Act) -> String {
    match act {
        Act::Frame(Dir::In, off, len) => format!("frame {off}+{len}"),
        Act::Frame(Dir::Out, off, len) => format!("out frame {off}+{len}"),
        Act::Tell(text) => format!("tell {text}"),
        Act::Finish => "finish".to_owned(),
        Act::Over => "over".to_owned(),
        Act::Send(bytes, _) => format!("send {}", bytes.escape_ascii()),
        Act::Message(bytes) => format!("message {}", bytes.escape_ascii()),
        Act::Turn => "turn".to_owned(),
        Act::Part => "part".to_owned(),
        Act::Halt(why) => format!("halt {why}"),
        Act::Note(text) => format!("note {text}"),
        Act::End(why) => format!("end {why}"),
        Act::Met => "met".to_owned(),
        Act::Fail(failure) => format!("fail {} {}", failure.code, failure.text),
    }
}

#[test]
fn without_a_framing_one_read_is_one_message() {
    assert_eq!(done(plan(""), &[b"hellofeng"]), ["send HELLOFENG"]);
    assert_eq!(done(plan(""), &[b"hel", b"lo"]), ["send HEL", "send LO"]);
}

#[test]
fn with_a_framing_a_message_is_a_frame_however_it_was_cut() {
    let stuck = b"\x00\x05hello\x00\x04feng";
    let answers = ["frame 0+7", r"send \x00\x05HELLO", "frame 7+6", r"send \x00\x04FENG"];
    assert_eq!(done(plan("len:u16be"), &[stuck]), answers);
    let bytes: Vec<&[u8]> = stuck.chunks(1).collect();
    assert_eq!(done(plan("len:u16be"), &bytes), answers);
}

#[test]
fn the_first_rule_that_matches_answers_and_the_reply_answers_the_rest() {
    let rules = ["AT => OK", "re:^AT => ERROR"].map(|rule| rule.parse().expect("a rule"));
    let answers = Answers::new(rules.to_vec(), Some(Reply::Upper));
    let plan = Plan { answers, ..plan("lines") };
    assert_eq!(
        done(plan, &[b"AT\nAT+X\nhi\n"]),
        ["frame 0+3", r"send OK\n", "frame 3+5", r"send ERROR\n", "frame 8+3", r"send HI\n"]
    );
}

#[test]
fn a_rule_matches_gbk_text_and_answers_in_gbk() {
    let composer = Composer { encoding: "gbk".parse().expect("a label"), ..Composer::default() };
    let answers = Answers::new(vec!["你好 => 再见".parse().expect("a rule")], None);
    let plan = Plan { composer, answers, ..Plan::default() };
    assert_eq!(done(plan, &[b"\xC4\xE3\xBA\xC3"]), [r"send \xd4\xd9\xbc\xfb"]);
}

#[test]
fn until_is_a_whole_message_in_either_direction() {
    let until = |text: &str| Plan { until: Some(text.to_owned()), ..Plan::default() };
    assert_eq!(done(until("bye"), &[b"hello bye", b"byebye"]), Vec::<String>::new());
    assert_eq!(done(until("bye"), &[b"bye\r\n"]), ["end `--until` came"]);
    let mut exchange = Exchange::new(Arc::new(until("bye")));
    let mut acts = Vec::new();
    exchange.sent(Duration::ZERO, b"bye\n", &mut acts);
    assert_eq!(acts.iter().map(told).collect::<Vec<_>>(), ["end `--until` was sent"]);
}

#[test]
fn a_wrong_checksum_is_noted_and_not_answered() {
    let mut plan = plan("");
    plan.composer.checksum = Some("crc16-modbus".parse().expect("a checksum"));
    let good = b"\x01\x03\x00\x00\x00\x0A\xC5\xCD";
    assert_eq!(done(plan.clone(), &[good]), [r"send \x01\x03\x00\x00\x00\n\xc5\xcd"]);
    let bad = b"\x01\x03\x00\x00\x00\x0B\xC5\xCD";
    let told = done(plan, &[bad]);
    assert!(told.len() == 1 && told[0].starts_with("note wrong checksum"), "{told:?}");
}

#[test]
fn a_line_end_goes_behind_the_checksum_and_is_taken_off_before_it() {
    let mut plan = plan("");
    plan.composer.checksum = Some("sum8".parse().expect("a checksum"));
    plan.composer.eol = Some(sockeye_workbench::message::Eol::CrLf);
    assert_eq!(done(plan, &[b"ab\xC3\r\n"]), [r"send AB\x83\r\n"]);
}

#[test]
fn nothing_is_answered_after_the_end() {
    let plan = Plan { until: Some("bye".into()), ..plan("lines") };
    let mut exchange = Exchange::new(Arc::new(plan));
    let mut acts = Vec::new();
    exchange.received(Duration::ZERO, b"bye\nb\n", None, &mut acts);
    assert!(exchange.step(&mut acts));
    assert_eq!(acts.iter().map(told).collect::<Vec<_>>(), ["frame 0+4", "end `--until` came"]);
}

#[test]
fn a_broken_framing_is_told_once() {
    let told = done(plan("len:u32be"), &[&[0xFF; 64], &[0xFF; 64], &[0xFF; 64]]);
    assert!(told.len() == 1 && told[0].starts_with("fail E-frame"), "{told:?}");
}

#[test]
fn a_modbus_answer_carries_the_transaction_it_answers() {
    let asked = b"\x12\x34\x00\x00\x00\x03\x01\x03a";
    assert_eq!(
        done(plan("modbus-tcp"), &[asked]),
        ["frame 0+9", r"send \x124\x00\x00\x00\x03\x01\x03A"]
    );
}

#[test]
fn what_is_expected_is_found_over_any_cut() {
    let plan = |expect: &[u8]| Plan { expect: Some(expect.to_vec()), ..Plan::default() };
    assert_eq!(done(plan(b"pong"), &[b"..po", b"ng.."]), ["met"]);
    assert_eq!(done(plan(b"pong"), &[b"po", b"xng"]), Vec::<String>::new());
}

#[test]
fn a_frame_cut_by_the_end_is_a_failure_that_names_its_offset() {
    let mut exchange = Exchange::new(Arc::new(plan("len:u16be")));
    let mut acts = Vec::new();
    exchange.received(Duration::ZERO, b"\x00\x01a\x00\x05he", None, &mut acts);
    while exchange.step(&mut acts) {}
    acts.clear();
    exchange.ended(&mut acts);
    let told: Vec<String> = acts.iter().map(told).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("fail E-frame") && told[0].contains("offset 7: the frame began at 3"),
        "{told:?}"
    );
}

#[test]
fn no_frame_goes_from_one_datagram_into_the_next() {
    let mut exchange = Exchange::new(Arc::new(plan("len:u16be")));
    let mut acts = Vec::new();
    exchange.datagram(Duration::ZERO, b"\x00\x05he", &mut acts);
    exchange.datagram(Duration::ZERO, b"\x00\x02hi", &mut acts);
    let told: Vec<String> = acts.iter().map(told).collect();
    assert!(told[0].starts_with("note "), "{told:?}");
    assert_eq!(told[1..], ["frame 0+4".to_owned(), r"send \x00\x02HI".to_owned()]);
}

proptest! {
    #[test]
    fn answers_do_not_depend_on_the_cuts(
        texts in proptest::collection::vec("[a-z]{0,12}", 1..8),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let stream: Vec<u8> =
            texts.iter().flat_map(|text| [&[u8::try_from(text.len()).expect("short")], text.as_bytes()].concat()).collect();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let reads: Vec<&[u8]> =
            cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]).filter(|read| !read.is_empty()).collect();
        prop_assert_eq!(done(plan("len:u8"), &reads), done(plan("len:u8"), &[&stream]));
    }
}

fn words(words: &[(By, &str, Then)]) -> Vec<Word> {
    let word = |(by, text, then): &(By, &str, Then)| Word {
        text: (*text).to_owned(),
        by: *by,
        then: *then,
    };
    words.iter().map(word).collect()
}

fn in_turn(first: By) -> Plan {
    let lines = Arc::new(Lines::new(Wanting::EachTime));
    let turns = Turns { lines, first, farewell: Some("bye".into()) };
    Plan { turns: Some(turns), tells: Tells::Messages, ..Plan::default() }
}

#[test]
fn a_word_ends_only_when_the_side_says_it_that_is_meant() {
    let ends = words(&[(By::Peer, "bye", Then::Close), (By::Peer, "q", Then::Answer)]);
    let plan = Plan { words: ends, ..in_turn(By::Peer) };
    assert_eq!(
        done(plan.clone(), &[b"bye bye", b"bye"]),
        ["message bye bye", "turn", "message bye", "end the word that ends it came"]
    );
    assert_eq!(
        done(plan.clone(), &[b"Q", b"q"]),
        ["message Q", "turn", "message q", "send q", "end the word that ends it came"]
    );
    let mut exchange = Exchange::new(Arc::new(plan));
    let mut acts = Vec::new();
    exchange.say(b"bye".to_vec(), &mut acts);
    assert_eq!(acts.iter().map(told).collect::<Vec<_>>(), ["send bye"]);
}

#[test]
fn what_we_say_last_is_sent_or_not_as_its_word_wants() {
    for (then, expected) in [
        (Then::Close, &["send bye", "end the word that ends it was sent"][..]),
        (Then::Await, &["send bye", "part"]),
        (Then::Unsaid, &["end the word that ends it was typed"]),
    ] {
        let plan = Plan { words: words(&[(By::Us, "bye", then)]), ..in_turn(By::Us) };
        let mut exchange = Exchange::new(Arc::new(plan));
        let mut acts = Vec::new();
        exchange.start(Duration::ZERO, &mut acts);
        exchange.say_farewell(&mut acts);
        let got: Vec<String> = acts.iter().map(told).collect();
        assert_eq!(got, [&["turn"], expected].concat());
    }
}

#[test]
fn a_greeting_goes_first_and_the_count_of_messages_ends_it() {
    let plan = Plan { greeting: Some(b"hi".to_vec()), ends_after: Some(2), ..in_turn(By::Peer) };
    let mut exchange = Exchange::new(Arc::new(plan.clone()));
    let mut acts = Vec::new();
    exchange.start(Duration::ZERO, &mut acts);
    assert_eq!(acts.iter().map(told).collect::<Vec<_>>(), ["send hi"]);
    let got = done(plan, &[b"a", b"b"]);
    assert_eq!(got.get(3).map(String::as_str), Some("end all that was waited for came"), "{got:?}");
}
