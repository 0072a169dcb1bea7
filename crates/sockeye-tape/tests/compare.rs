//! Two tapes compared, as callers see it: files in, differences out.

use std::fs;
use std::path::Path;

use proptest::prelude::any;
use proptest::prelude::proptest;
use sockeye_tape::compare::Comparison;
use sockeye_tape::compare::Reads;
use sockeye_tape::compare::compare;
use sockeye_tape::difference::Difference;
use sockeye_tape::difference::Found;
use sockeye_tape::difference::Kind;
use sockeye_tape::error::TapeError;
use sockeye_tape::event::Dir;
use sockeye_tape::event::Event;
use sockeye_tape::event::What;
use sockeye_tape::json;
use sockeye_text::encoding::Encoding;

const HEAD: &str =
    r#"{"v":1,"e":"tape","start":"2026-01-01T00:00:00Z","argv":[],"sockeye":"0.1.0"}"#;

const OPEN: &str = r#"{"t":1,"c":1,"e":"open","role":"dial","local":"127.0.0.1:5","peer":"127.0.0.1:80","proto":"tcp"}"#;

const UDP: &str = r#"{"t":1,"c":1,"e":"open","role":"dial","local":"127.0.0.1:5","peer":"127.0.0.1:80","proto":"udp"}"#;

fn put(path: &Path, lines: &[&str]) {
    fs::write(path, [&[HEAD], lines].concat().join("\n") + "\n").expect("room");
}

fn compared(a: &[&str], b: &[&str], reads: Reads) -> Comparison {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = (folder.path().join("a"), folder.path().join("b"));
    put(&one, a);
    put(&other, b);
    compare(&one, &other, reads, &mut |error| panic!("{error}")).expect("two tapes")
}

fn differences(a: &[&str], b: &[&str]) -> Vec<Difference> {
    compared(a, b, Reads::Ignored).differences
}

fn told(differences: &[Difference]) -> String {
    let mut text = String::new();
    for difference in differences {
        difference.tell(Encoding::Auto, &mut text);
    }
    text
}

#[test]
fn times_ports_numbers_notes_and_cuts_do_not_count() {
    let a = [OPEN, r#"{"t":2,"c":1,"e":"in","s":"hello"}"#];
    let b = [
        r#"{"t":9,"c":4,"e":"open","role":"dial","local":"127.0.0.1:6","peer":"127.0.0.1:81","proto":"tcp"}"#,
        r#"{"t":9,"c":4,"e":"in","s":"hel"}"#,
        r#"{"t":9,"c":4,"e":"note","s":"slow"}"#,
        r#"{"t":10,"c":4,"e":"in","s":"lo"}"#,
    ];
    assert_eq!(differences(&a, &b), []);
    let reads = compared(&a, &b, Reads::Compared).differences;
    assert_eq!(
        told(&reads),
        "#1 and #4 tcp dial, in: read 1 differs (a has 1 reads, b 2)\n  a  5 B\n  b  3 B\n"
    );
}

#[test]
fn conversations_are_paired_by_transport_and_role_in_order() {
    let second = OPEN.replace("\"c\":1", "\"c\":2");
    let udp = UDP.replace("\"c\":1", "\"c\":3");
    let said = r#"{"t":2,"c":2,"e":"out","s":"x"}"#;
    let a = [OPEN, &second, said];
    let b = [&udp, OPEN, &second, said];
    let found = differences(&a, &b);
    assert_eq!(told(&found), "#3 udp dial: only on b (0 B in, 0 B out)\n");
}

#[test]
fn the_first_difference_is_shown_with_what_stands_around_it() {
    let a = [OPEN, r#"{"t":2,"c":1,"e":"out","s":"set temperature 25\nok\n"}"#];
    let b = [OPEN, r#"{"t":2,"c":1,"e":"out","s":"set temperature 26\n"}"#];
    assert_eq!(
        told(&differences(&a, &b)),
        "#1 tcp dial, out: bytes differ at offset 17 (a has 22 B, b 19 B)\n  \
         a  set temperature 2▸5␊ok␊\n  b  set temperature 2▸6␊\n"
    );
}

#[test]
fn what_is_no_text_is_shown_as_hex_on_both_sides() {
    let a = [OPEN, r#"{"t":2,"c":1,"e":"in","s":"ab"}"#];
    let b = [OPEN, r#"{"t":2,"c":1,"e":"in","b":"YQD/"}"#];
    assert_eq!(
        told(&differences(&a, &b)),
        "#1 tcp dial, in: bytes differ at offset 1 (a has 2 B, b 3 B)\n  a  61 ▸ 62\n  b  61 ▸ 00 FF\n"
    );
}

#[test]
fn datagrams_are_compared_one_by_one() {
    let datagram =
        |text: &str| format!(r#"{{"t":2,"c":1,"e":"in","s":"{text}","from":"127.0.0.1:80"}}"#);
    let (one, two, cut, rest) = (datagram("one"), datagram("two"), datagram("tw"), datagram("o"));
    let found = differences(&[UDP, &one, &two], &[UDP, &one, &cut, &rest]);
    assert_eq!(
        told(&found),
        "#1 udp dial, in: datagram 2 differs (a has 2 datagrams, b 3)\n  a  tw▸o\n  b  tw▸(ends here)\n"
    );
    assert_eq!(differences(&[UDP, &one, &two], &[UDP, &one, &two]), []);
    let found = differences(&[UDP, &one], &[UDP, &one, &two]);
    assert_eq!(
        told(&found),
        "#1 udp dial, in: datagram 2 differs (a has 1 datagrams, b 2)\n  a  nothing\n  b  ▸two\n"
    );
}

#[test]
fn frames_count_where_both_have_them_and_the_end_counts_always() {
    let said = r#"{"t":2,"c":1,"e":"in","s":"abcdef"}"#;
    let frame = |off: u64, len: u64| {
        format!(r#"{{"t":2,"c":1,"e":"frame","dir":"in","off":{off},"len":{len}}}"#)
    };
    let close = r#"{"t":3,"c":1,"e":"close","by":"peer","how":"fin"}"#;
    let cut = r#"{"t":3,"c":1,"e":"close","by":"us","how":"rst"}"#;
    let (first, short, long) = (frame(0, 2), frame(2, 2), frame(2, 4));
    assert_eq!(differences(&[OPEN, said, close], &[OPEN, said, &first, close]), []);
    let found =
        differences(&[OPEN, said, &first, &short, close], &[OPEN, said, &first, &long, cut]);
    assert_eq!(
        told(&found),
        "#1 tcp dial, in: frame 2 differs (a has 2 frames, b 2)\n  a  2..4\n  b  2..6\n\
         #1 tcp dial: closed by peer (fin) on a, closed by us (rst) on b\n"
    );
    let found = differences(&[OPEN, said, close], &[OPEN, said]);
    assert_eq!(told(&found), "#1 tcp dial: closed by peer (fin) on a, nothing on b\n");
}

#[test]
fn each_difference_is_one_harmless_json_object() {
    let a = [OPEN, r#"{"t":2,"c":1,"e":"in","s":"a"}"#];
    let b = [OPEN, r#"{"t":2,"c":1,"e":"in","b":"G1sySg=="}"#];
    let mut line = Vec::new();
    for difference in differences(&a, &b) {
        difference.write(&mut line);
    }
    assert_eq!(
        String::from_utf8(line).expect("JSON"),
        "{\"e\":\"difference\",\"what\":\"bytes\",\"proto\":\"tcp\",\"role\":\"dial\",\"dir\":\"in\",\"at\":0,\
         \"a\":{\"c\":1,\"len\":1,\"found\":{\"off\":0,\"len\":1,\"s\":\"a\"}},\
         \"b\":{\"c\":1,\"len\":4,\"found\":{\"off\":0,\"len\":4,\"b\":\"G1sySg==\"}}}\n"
    );
}

#[test]
fn more_conversations_than_can_be_kept_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a");
    let opens = (OPEN.to_owned() + "\n").repeat(65_537);
    fs::write(&path, format!("{HEAD}\n{opens}")).expect("room");
    let error = compare(&path, &path, Reads::Ignored, &mut |_| {}).expect_err("too many");
    assert!(matches!(error, TapeError::TooMany { limit: 65_536, .. }), "{error}");
}

proptest! {
    #[test]
    fn the_place_is_that_of_the_first_byte_that_differs(
        size in 1usize..70_000,
        at in any::<proptest::sample::Index>(),
        pieces in 1usize..9_000,
    ) {
        let at = at.index(size);
        let bytes = vec![b'x'; size];
        let mut other = bytes.clone();
        if let Some(byte) = other.get_mut(at) {
            *byte = b'y';
        }
        let lines = |bytes: &[u8], piece: usize| {
            let mut text = Vec::new();
            for bytes in bytes.chunks(piece) {
                let what = What::In { bytes: bytes.into(), from: None };
                json::write(&Event { t: std::time::Duration::ZERO, c: 1, what }, &mut text);
            }
            String::from_utf8(text).expect("JSON").trim_end().to_owned()
        };
        let (a, b) = (lines(&bytes, 65_536), lines(&other, pieces));
        let found = differences(&[OPEN, &a], &[OPEN, &b]);
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.kind, one.at), (Kind::Bytes(Dir::In), Some(at as u64)));
        let Found::Bytes { before, from, .. } = &one.b.found else { panic!("{one:?}") };
        assert_eq!(before.len(), at.min(24));
        assert_eq!(from.first(), Some(&b'y'));
        assert_eq!(from.len(), (size - at).min(24));
    }
}
