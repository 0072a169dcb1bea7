//! The page, whatever the tape says: elements and attributes are ours alone.

use std::time::Duration;

use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop_oneof;
use proptest::prelude::proptest;
use sockeye_tape::contents::Contents;
use sockeye_tape::event::By;
use sockeye_tape::event::Close;
use sockeye_tape::event::Dir;
use sockeye_tape::event::Event;
use sockeye_tape::event::How;
use sockeye_tape::event::Open;
use sockeye_tape::event::Role;
use sockeye_tape::event::What;
use sockeye_tape::header::Header;
use sockeye_tape::html::Html;
use sockeye_text::encoding::Encoding;

/// Tags that a page has; whatever else begins with `<` came from the tape.
const TAGS: &[&str] = &[
    "!doctype html",
    "a",
    "b",
    "body",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "h1",
    "h2",
    "head",
    "header",
    "html",
    "i",
    "li",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "pre",
    "span",
    "style",
    "title",
];

fn page(text: &str, events: &[Event<'_>]) -> String {
    let (start, sockeye) = (text.to_owned(), text.to_owned());
    let header = Header { start, argv: vec![text.to_owned(); 3], sockeye };
    let mut contents = Contents::default();
    for event in events {
        contents.add(event);
    }
    let mut html = Html::new(Vec::new(), &header, &contents, Encoding::Auto).expect("memory");
    for event in events {
        html.event(event).expect("memory");
    }
    String::from_utf8(html.end().expect("memory")).expect("UTF-8")
}

/// Fails unless every tag is ours, with no attribute but ours.
fn check(page: &str) {
    let body = page.split_once("<body>").expect("a body").1;
    for tag in page.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("a whole tag");
        let name = tag.strip_prefix('/').unwrap_or(tag);
        let name = if name.starts_with('!') { name } else { name.split(' ').next().expect("one") };
        assert!(TAGS.contains(&name), "<{tag}>");
        assert!(!text.contains('>') || name == "style", "{text}");
    }
    for tag in body.split('<').skip(1) {
        let tag = tag.split('>').next().expect("one");
        for attribute in tag.split(' ').skip(1).filter(|word| word.contains('=')) {
            let (name, value) = attribute.split_once('=').expect("it has one");
            let ours = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit();
            let value = value.trim_matches('"').trim_start_matches('#');
            assert!(["class", "id", "href"].contains(&name), "<{tag}>");
            assert!(value.chars().all(ours), "<{tag}>");
        }
    }
    let seen = |ch: char| matches!(ch, '\u{202A}'..='\u{202E}' | '\u{200B}' | '\x7F'..='\u{9F}');
    assert!(
        !page.chars().any(|ch| seen(ch) || (ch.is_ascii_control() && ch != '\n' && ch != '\t'))
    );
}

fn open(c: u64, text: &str) -> Event<'static> {
    let [local, peer, proto] = [text, text, text].map(str::to_owned);
    let what = What::Open(Open { role: Role::Dial, local, peer, proto, pair: Some(c) });
    Event { t: Duration::ZERO, c, what }
}

#[test]
fn a_page_loads_nothing_and_shows_reads_frames_and_closes() {
    let at = |what| Event { t: Duration::from_millis(1500), c: 7, what };
    let page = page(
        "x",
        &[
            open(7, "tcp"),
            at(What::In { bytes: b"one\ntw".as_slice().into(), from: None }),
            at(What::Frame { dir: Dir::In, off: 0, len: 4 }),
            at(What::Out { bytes: b"\0\x01".as_slice().into(), to: Some("<peer>".into()) }),
            at(What::Close(Close { by: By::Peer, how: How::Rst, why: Some("<why>".into()) })),
        ],
    );
    check(&page);
    for part in [
        "content=\"default-src 'none'; style-src 'unsafe-inline'\"",
        "<a href=\"#o1\">#7</a>",
        "<div class=\"e open\" id=\"o1\"><span class=\"t\">0.000</span>",
        "<b>⟦</b>one<i>⏎</i><b>⟧</b>\n<b>⟦</b>tw<b>…</b>",
        "<div class=\"w\">to &lt;peer&gt;</div><pre>00 01</pre>",
        "<div class=\"e close loud\">",
        "closed by peer (RST): &lt;why&gt;",
        "6 B in",
        "2 B out",
        "1 frame",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    for other in ["http:", "https:", "<script", "url(", "@import", "src="] {
        assert!(!page.contains(other), "{other}");
    }
}

#[test]
fn what_a_page_remembers_does_not_grow_with_the_tape() {
    let mut contents = Contents::default();
    for c in 0..5000 {
        contents.add(&open(c, "tcp"));
    }
    let header = Header { start: "x".into(), argv: vec![], sockeye: "x".into() };
    let html = Html::new(Vec::new(), &header, &contents, Encoding::Auto).expect("memory");
    let page = String::from_utf8(html.end().expect("memory")).expect("UTF-8");
    assert!(page.contains("and 4000 more"));
    assert_eq!(page.matches("<li>").count(), 1000);
}

fn hostile() -> impl Strategy<Value = String> {
    let nasty = [
        "<script>alert(1)</script>",
        "</style>",
        "\"><img src=x onerror=a>",
        "'",
        "&lt;",
        "\x1B[2J",
        "\u{202E}",
        "\u{9B}",
        "⟦",
        "⟧\n",
        "]]>",
        "-->",
        "\r\n",
        "\u{200B}",
        "\0",
        "温度",
    ];
    let nasty = proptest::sample::select(nasty.to_vec()).prop_map(str::to_owned);
    proptest::collection::vec(prop_oneof![nasty, any::<String>()], 0..6)
        .prop_map(|all| all.concat())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![hostile().prop_map(String::into_bytes), any::<Vec<u8>>()]
}

fn what() -> impl Strategy<Value = What<'static>> {
    let ends = prop_oneof![Just(How::Fin), Just(How::Rst)];
    prop_oneof![
        (hostile(), 0u64..3).prop_map(|(text, c)| open(c, &text).what),
        (bytes(), proptest::option::of(hostile()))
            .prop_map(|(bytes, from)| What::In { bytes: bytes.into(), from }),
        (bytes(), proptest::option::of(hostile()))
            .prop_map(|(bytes, to)| What::Out { bytes: bytes.into(), to }),
        (0u64..40, 0u64..40).prop_map(|(off, len)| What::Frame { dir: Dir::In, off, len }),
        (hostile(), ends)
            .prop_map(|(why, how)| { What::Close(Close { by: By::Us, how, why: Some(why) }) }),
        hostile().prop_map(|text| What::Note { text }),
        hostile().prop_map(|text| What::Fault { text }),
        (hostile(), hostile()).prop_map(|(code, text)| What::Error { code, text }),
    ]
}

proptest! {
    #[test]
    fn nothing_of_a_tape_is_ever_more_than_text(
        text in hostile(),
        events in proptest::collection::vec((0u64..3, what()), 0..20),
    ) {
        let events: Vec<_> =
            events.into_iter().map(|(c, what)| Event { t: Duration::ZERO, c, what }).collect();
        check(&page(&text, &events));
    }
}
