//! The boundary view as its callers see it: events in, lines out.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop_oneof;
use proptest::prelude::proptest;
use proptest::sample::Index;
use sockeye_tape::event::By;
use sockeye_tape::event::Close;
use sockeye_tape::event::Dir;
use sockeye_tape::event::Event;
use sockeye_tape::event::How;
use sockeye_tape::event::Open;
use sockeye_tape::event::Role;
use sockeye_tape::event::What;
use sockeye_tape::view::Show;
use sockeye_tape::view::Style;
use sockeye_tape::view::TimeShown;
use sockeye_tape::view::View;
use sockeye_text::encoding::Encoding;

fn style(show: Show) -> Style {
    let start: Timestamp = "2025-03-01T12:03:04Z".parse().expect("a time");
    Style {
        show,
        time: TimeShown::Off,
        encoding: Encoding::Auto,
        colour: false,
        start: start.to_zoned(TimeZone::UTC),
        numbered: false,
        framed: false,
    }
}

fn framed(show: Show) -> Style {
    Style { framed: true, ..style(show) }
}

fn at(ms: u64, c: u64, what: What<'_>) -> Event<'_> {
    Event { t: Duration::from_millis(ms), c, what }
}

fn received(bytes: &[u8]) -> What<'_> {
    What::In { bytes: Cow::Borrowed(bytes), from: None }
}

fn sent(bytes: &[u8]) -> What<'_> {
    What::Out { bytes: Cow::Borrowed(bytes), to: None }
}

fn frame(off: u64, len: u64) -> What<'static> {
    What::Frame { dir: Dir::In, off, len }
}

fn open(proto: &str) -> What<'static> {
    What::Open(Open {
        role: Role::Dial,
        local: "tcp://127.0.0.1:5000".into(),
        peer: "tcp://127.0.0.1:8888".into(),
        proto: proto.into(),
        pair: None,
    })
}

fn close(by: By, how: How) -> What<'static> {
    What::Close(Close { by, how, why: None })
}

fn drawn_at(style: Style, events: &[Event<'_>]) -> String {
    let mut out = String::new();
    let mut view = View::new(style);
    for event in events {
        view.event(event, &mut out);
    }
    view.settle(&mut out);
    out
}

fn drawn(style: Style, events: Vec<What<'_>>) -> String {
    let events: Vec<_> = events.into_iter().map(|what| at(0, 1, what)).collect();
    drawn_at(style, &events)
}

#[test]
fn a_conversation_is_drawn_with_its_boundaries() {
    let style = Style { time: TimeShown::Clock, numbered: true, ..framed(Show::Text) };
    let events = [
        at(120, 1, open("tcp")),
        at(123, 1, received(b"hellowor")),
        at(123, 1, frame(0, 5)),
        at(125, 1, received(b"ld")),
        at(125, 1, frame(5, 5)),
        at(126, 1, sent(b"thanks")),
        at(126, 1, What::Frame { dir: Dir::Out, off: 0, len: 6 }),
        at(130, 1, What::Fault { text: "delay 20 ms".into() }),
        at(131, 1, What::Note { text: "slow".into() }),
        at(132, 1, close(By::Peer, How::Fin)),
    ];
    let expected = "\
        12:03:04.120 #1 ● open tcp 127.0.0.1:5000 → 127.0.0.1:8888 (dial)\n\
        12:03:04.123 #1 ←  8 B  ⟦hello⟧⟦wor…\n\
        12:03:04.125 #1 ←  2 B  …ld⟧\n\
        12:03:04.126 #1 →  6 B  ⟦thanks⟧\n\
        12:03:04.130 #1 ⚡ fault delay 20 ms\n\
        12:03:04.131 #1 · note slow\n\
        12:03:04.132 #1 ○ closed by peer (FIN)\n";
    assert_eq!(drawn_at(style, &events), expected);
}

#[test]
fn no_framing_no_brackets() {
    let events = vec![received(b"hello"), received(b"world"), sent(b"thanks")];
    let expected = "←  5 B  hello\n←  5 B  world\n→  6 B  thanks\n";
    assert_eq!(drawn(style(Show::Auto), events), expected);
}

#[test]
fn a_tape_that_has_frames_is_framed_whatever_the_style_says() {
    let events = vec![received(b"hellowor"), frame(0, 5), received(b"ld"), frame(5, 5)];
    assert_eq!(drawn(style(Show::Auto), events), "←  8 B  ⟦hello⟧⟦wor…\n←  2 B  …ld⟧\n");
}

#[test]
fn lines_of_text_go_on_under_the_first() {
    let style = Style { numbered: true, ..style(Show::Auto) };
    let request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let expected = "\
        #1 ← 27 B  GET / HTTP/1.1␍⏎\n         \
                 │ Host: x␍⏎\n         \
                 │ ␍⏎\n";
    assert_eq!(drawn(style, vec![received(request)]), expected);
}

#[test]
fn a_character_cut_between_two_reads_is_shown_once() {
    let bytes = "温度".as_bytes();
    let reads = |style| drawn(style, vec![received(&bytes[..4]), received(&bytes[4..])]);
    assert_eq!(reads(style(Show::Auto)), "←  4 B  温‹E5›…\n←  2 B  …度\n");
    assert_eq!(reads(framed(Show::Auto)), "←  4 B  ⟦温‹E5›…\n←  2 B  …度…\n");
}

#[test]
fn gbk_is_read_and_what_is_no_text_is_hex() {
    let gbk = Encoding::Auto;
    let events = vec![received(b"\xCE\xC2\xB6\xC8"), received(b"\xFF\xFE\x00"), received(b"ok")];
    let shown = drawn(Style { encoding: gbk, ..style(Show::Auto) }, events);
    assert_eq!(shown, "←  4 B  温度\n←  3 B  FF FE 00\n←  2 B  ok\n");
}

#[test]
fn auto_shows_zeros_as_hex_and_text_shows_their_pictures() {
    let events = || vec![received(b"\0\x05hello")];
    assert_eq!(drawn(style(Show::Auto), events()), "←  7 B  00 05 68 65 6C 6C 6F\n");
    assert_eq!(drawn(style(Show::Text), events()), "←  7 B  ␀␅hello\n");
}

#[test]
fn hex_and_dump_mark_the_frames_too() {
    let events = || vec![received(b"hello\nwor"), frame(0, 6), received(b"ld\n"), frame(6, 6)];
    let hex = "←  9 B  ⟦68 65 6C 6C 6F 0A⟧ ⟦77 6F 72…\n←  3 B  …6C 64 0A⟧\n";
    assert_eq!(drawn(framed(Show::Hex), events()), hex);
    let both = "\
        ←  9 B  frames ⟦0..6⟧ ⟦6..9…\n\
        │ 00000000  68 65 6C 6C 6F 0A 77 6F  72                       |hello.wor|\n\
        ←  3 B  frames …6..12⟧\n\
        │ 00000009  6C 64 0A                                          |ld.|\n";
    assert_eq!(drawn(framed(Show::Both), events()), both);
}

#[test]
fn datagrams_name_their_peer_and_are_never_the_beginning_of_a_frame() {
    let from = |bytes: &'static [u8]| What::In {
        bytes: Cow::Borrowed(bytes),
        from: Some("udp://127.0.0.1:9".into()),
    };
    let events = vec![
        open("udp"),
        from(b"a\nb"),
        frame(0, 2),
        from(b""),
        from(b"\xE4"),
        from(b"cd"),
        frame(0, 1),
        sent(b"x"),
    ];
    let shown = drawn(framed(Show::Auto), events);
    let (_, shown) = shown.split_once('\n').expect("the open");
    let expected = "\
        ←  3 B  from udp://127.0.0.1:9  ⟦a⏎⟧\n                              \
                                      │ b\n\
        ←  0 B  from udp://127.0.0.1:9\n\
        ←  1 B  from udp://127.0.0.1:9  E4\n\
        ←  2 B  from udp://127.0.0.1:9  ⟦c⟧d\n\
        →  1 B  x\n";
    assert_eq!(shown, expected);
}

#[test]
fn a_frame_that_ends_by_silence_is_told_when_it_does() {
    let mut view = View::new(framed(Show::Auto));
    let mut out = String::new();
    view.event(&at(0, 1, received(b"hello")), &mut out);
    assert_eq!(out, "");
    view.settle(&mut out);
    view.event(&at(20, 1, frame(0, 5)), &mut out);
    view.event(&at(30, 1, received(b"you")), &mut out);
    view.settle(&mut out);
    assert_eq!(out, "←  5 B  ⟦hello…\n←       ⟦0..5⟧\n←  3 B  ⟦you…\n");
}

#[test]
fn a_transport_of_datagrams_is_known_by_its_name() {
    let shown = drawn(framed(Show::Auto), vec![open("unixgram"), sent(b"x"), sent(b"y")]);
    assert!(shown.ends_with("\n→  1 B  x\n→  1 B  y\n"), "{shown}");
}

#[test]
fn what_waits_at_a_close_is_drawn_first_and_then_all_is_forgotten() {
    let end = || close(By::Us, How::Fin);
    let events = vec![received(b"hel"), received(b"lo"), end(), received(b"you"), frame(0, 3)];
    let expected = "\
        ←  3 B  ⟦hel…\n\
        ←  2 B  …lo…\n\
        ○ closed by us (FIN)\n\
        ←  3 B  ⟦you⟧\n";
    assert_eq!(drawn(framed(Show::Auto), events), expected);
    let events = vec![received(b"hel"), end(), received(b"lo"), end()];
    let shown = drawn(framed(Show::Auto), events);
    assert!(shown.contains("←  2 B  ⟦lo…\n"), "{shown}");
}

#[test]
fn frames_of_bytes_that_nobody_saw_are_not_drawn() {
    let events = vec![frame(0, 5), received(b"hello"), frame(5, 5), frame(100, 5)];
    assert_eq!(drawn(framed(Show::Auto), events), "←  5 B  ⟦hello…\n");
}

#[test]
fn blocks_of_many_conversations_keep_their_order() {
    let style = Style { numbered: true, ..framed(Show::Auto) };
    let events = [
        at(0, 1, received(b"a")),
        at(1, 2, received(b"b")),
        at(2, 1, sent(b"c")),
        at(3, 2, frame(0, 1)),
        at(4, 1, frame(0, 1)),
        at(5, 2, close(By::Us, How::Fin)),
        at(6, 2, received(b"d")),
    ];
    let expected = "\
        #1 ←  1 B  ⟦a⟧\n\
        #2 ←  1 B  ⟦b⟧\n\
        #1 →  1 B  ⟦c…\n\
        #2 ○ closed by us (FIN)\n\
        #2 ←  1 B  ⟦d…\n";
    assert_eq!(drawn_at(style, &events), expected);
}

#[test]
fn colour_is_for_arrows_in_and_for_what_is_loud() {
    let style = Style { colour: true, ..style(Show::Auto) };
    let events = vec![received(b"a\n"), sent(b"b"), close(By::Peer, How::Rst)];
    let expected = "\
        \x1B[36m←\x1B[0m \x1B[2m 2 B\x1B[0m  a\x1B[2m⏎\x1B[0m\n\
        → \x1B[2m 1 B\x1B[0m  b\n\
        \x1B[31m○ closed by peer (RST)\x1B[0m\n";
    assert_eq!(drawn(style, events), expected);
}

#[test]
fn a_line_of_ten_megabytes_is_shown_whole_in_pieces() {
    let long = vec![b'x'; 10_000_000];
    let shown = drawn(style(Show::Auto), vec![received(&long)]);
    assert_eq!(shown.bytes().filter(|&byte| byte == b'x').count(), long.len());
    assert!(shown.lines().all(|line| line.len() < 4200));
}

fn anything() -> impl Strategy<Value = What<'static>> {
    let bytes = prop_oneof![
        any::<Vec<u8>>(),
        any::<String>().prop_map(String::into_bytes),
        Just(b"\x1B[2J\r\n\t\x9B\xE2\x80\xAE\xE4".to_vec()),
    ];
    let dir = prop_oneof![Just(Dir::In), Just(Dir::Out)];
    let who = any::<Option<String>>();
    prop_oneof![
        4 => (bytes, who, any::<bool>()).prop_map(|(bytes, who, got)| {
            let bytes = Cow::Owned(bytes);
            if got { What::In { bytes, from: who } } else { What::Out { bytes, to: who } }
        }),
        4 => (dir, 0u64..200, 0u64..60).prop_map(|(dir, off, len)| What::Frame { dir, off, len }),
        1 => any::<[u64; 2]>().prop_map(|[off, len]| frame(off, len)),
        1 => any::<Option<String>>()
            .prop_map(|why| What::Close(Close { by: By::Us, how: How::Timer, why })),
        1 => any::<[String; 3]>().prop_map(|[local, peer, proto]| {
            What::Open(Open { role: Role::Accept, local, peer, proto, pair: Some(2) })
        }),
        1 => any::<String>().prop_map(|text| What::Note { text }),
        1 => any::<[String; 2]>().prop_map(|[code, text]| What::Error { code, text }),
    ]
}

fn events() -> impl Strategy<Value = Vec<Event<'static>>> {
    let event = (any::<u64>(), 1u64..3, anything());
    let event = event.prop_map(|(t, c, what)| Event { t: Duration::from_nanos(t), c, what });
    proptest::collection::vec(event, 0..30)
}

fn show() -> impl Strategy<Value = Show> {
    prop_oneof![Just(Show::Auto), Just(Show::Text), Just(Show::Hex), Just(Show::Both)]
}

proptest! {
    #[test]
    fn nothing_that_a_terminal_obeys_is_ever_drawn(
        events in events(),
        show in show(),
        time in prop_oneof![Just(TimeShown::Clock), Just(TimeShown::Delta)],
        framed in any::<bool>(),
    ) {
        let shown = drawn_at(Style { time, framed, ..style(show) }, &events);
        assert!(shown.chars().all(|ch| ch == '\n' || ch == '\t' || !ch.is_control()));
        assert!(!shown.contains(['\u{202E}', '\u{200B}', '\u{2028}', '\u{FEFF}']));
        let blocks = events.iter().filter(|event| !matches!(event.what, What::Frame { .. }));
        let heads = shown.lines().filter(|line| !line.trim_start().starts_with('│'));
        assert!(heads.count() >= blocks.count());
    }

    #[test]
    fn every_byte_is_in_the_hex_whatever_frames_are_claimed(events in events(), framed in any::<bool>()) {
        let bytes = |event: &Event<'_>| match &event.what {
            What::In { bytes, .. } | What::Out { bytes, .. } => bytes.to_vec(),
            _ => Vec::new(),
        };
        let expected: Vec<u8> = events.iter().flat_map(bytes).collect();
        let expected = sockeye_text::hex::encode(&expected).replace(' ', "");
        let nameless = events.into_iter().map(|event| match event.what {
            What::In { bytes, .. } => at(0, event.c, What::In { bytes, from: None }),
            What::Out { bytes, .. } => at(0, event.c, What::Out { bytes, to: None }),
            what => at(0, event.c, what),
        });
        let shown = drawn_at(Style { framed, ..style(Show::Hex) }, &nameless.collect::<Vec<_>>());
        let is_hex = |line: &&str| line.starts_with(['←', '→', ' ']) && !line.contains("..");
        let rows = shown.lines().filter(is_hex).map(|line| line.rsplit("  ").next().unwrap_or(line));
        let is_size = |row: &str| row.ends_with(" B");
        let rows: Vec<_> = rows.filter(|row| !is_size(row)).collect();
        let digits: String = rows.concat().chars().filter(char::is_ascii_hexdigit).collect();
        assert_eq!(digits, expected);
    }

    #[test]
    fn text_comes_out_once_however_the_stream_was_read(
        text in "[a-z 温度ключ😀\n]{1,60}",
        cuts in proptest::collection::vec(any::<Index>(), 0..6),
    ) {
        let bytes = text.as_bytes();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let reads = cuts.windows(2).map(|pair| received(&bytes[pair[0]..pair[1]])).collect();
        let encoding = "utf-8".parse().expect("a label");
        let shown = drawn(Style { encoding, ..style(Show::Text) }, reads);
        let mut again = String::new();
        for line in shown.lines() {
            let line = line.split_once("│ ").or_else(|| line.split_once(" B  "));
            let (_, line) = line.unwrap_or_default();
            let (line, _) = line.split_once('‹').unwrap_or((line, ""));
            again += &line.replace('…', "").replace('⏎', "\n");
        }
        assert_eq!(again, text);
    }

    #[test]
    fn what_is_drawn_does_not_depend_on_what_waited(events in events()) {
        // Without frames there is nothing to wait for: drawn at once or late, it is the same.
        let is_frame = |event: &Event<'_>| matches!(event.what, What::Frame { .. });
        let events: Vec<_> = events.into_iter().filter(|event| !is_frame(event)).collect();
        let mut view = View::new(style(Show::Auto));
        let mut at_once = String::new();
        for event in &events {
            view.event(event, &mut at_once);
            view.settle(&mut at_once);
        }
        assert_eq!(drawn_at(style(Show::Auto), &events), at_once);
    }
}
