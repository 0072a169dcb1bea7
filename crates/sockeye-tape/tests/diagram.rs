//! Sequence diagrams as a caller of the library gets them: what is drawn, how much of it,
//! and that nothing of a peer's is more than text.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::any;
use proptest::prelude::proptest;
use sockeye_tape::diagram::Choice;
use sockeye_tape::diagram::DIAGRAMS;
use sockeye_tape::diagram::Diagrams;
use sockeye_tape::diagram::Drawing;
use sockeye_tape::diagram::chart::Fold;
use sockeye_tape::diagram::chart::Happened;
use sockeye_tape::diagram::mermaid;
use sockeye_tape::diagram::svg;
use sockeye_tape::diagram::terminal;
use sockeye_tape::diagram::terminal::Colour;
use sockeye_tape::event::By;
use sockeye_tape::event::Close;
use sockeye_tape::event::Dir;
use sockeye_tape::event::Event;
use sockeye_tape::event::How;
use sockeye_tape::event::Open;
use sockeye_tape::event::Role;
use sockeye_tape::event::What;
use sockeye_text::width::width;

fn open(role: Role, pair: Option<u64>) -> What<'static> {
    let (local, peer) = ("127.0.0.1:5000".into(), "127.0.0.1:80".into());
    What::Open(Open { role, local, peer, proto: "tcp".into(), pair })
}

fn came(bytes: &[u8]) -> What<'static> {
    What::In { bytes: bytes.to_vec().into(), from: None }
}

fn went(bytes: &[u8]) -> What<'static> {
    What::Out { bytes: bytes.to_vec().into(), to: None }
}

fn frame(dir: Dir, off: u64, len: u64) -> What<'static> {
    What::Frame { dir, off, len }
}

fn close(how: How) -> What<'static> {
    What::Close(Close { by: By::Peer, how, why: None })
}

fn drawn(choice: Choice, events: impl IntoIterator<Item = (u64, u64, What<'static>)>) -> Drawing {
    let mut diagrams = Diagrams::new(choice);
    for (ms, c, what) in events {
        diagrams.event(&Event { t: Duration::from_millis(ms), c, what });
    }
    diagrams.finish()
}

fn shown(drawing: &Drawing) -> String {
    terminal::draw(drawing, Colour::Off)
}

fn mermaid(drawing: &Drawing) -> String {
    let mut out = Vec::new();
    mermaid::write(drawing, &mut out).expect("room");
    String::from_utf8(out).expect("text")
}

fn svg(drawing: &Drawing) -> String {
    let mut out = Vec::new();
    svg::write(drawing, &mut out).expect("room");
    String::from_utf8(out).expect("text")
}

/// A talk in which two frames came in three reads.
fn talk() -> Vec<(u64, u64, What<'static>)> {
    vec![
        (0, 1, open(Role::Dial, None)),
        (2, 1, went(b"hi\n")),
        (3, 1, came(b"hello\nwor")),
        (3, 1, frame(Dir::In, 0, 6)),
        (5, 1, came(b"l")),
        (2500, 1, came("d 温度\n".as_bytes())),
        (2500, 1, frame(Dir::In, 6, 13)),
        (2501, 1, What::Fault { text: "split 3".into() }),
        (2600, 1, close(How::Rst)),
    ]
}

#[test]
fn reads_are_apart_from_the_frames_that_they_hold() {
    let expected = "\
#1 tcp (dial)
         us                                                                 peer
         127.0.0.1:5000                                             127.0.0.1:80
   0.002 │── 3 B  hi␊ ────────────────────────────────────────────────────────▶│
   0.003 │◀────────────────────────────────────────────── 9 B  ⟦hello␊⟧⟦wor… ──│
         │                                                        ⟦0..6⟧ ⟦6…   │
   0.005 │◀──────────────────────────────────────────────────────── 1 B  …l… ──│
         │                                                                 …   │
         ┊                        ┄┄┄ 2.495 s later ┄┄┄                        ┊
   2.500 │◀────────────────────────────────────────────────── 9 B  …d 温度␊⟧ ──│
         │                                                              …19⟧   │
   2.501 │ ⚡ fault split 3                                                    │
   2.600 │ ○ closed by peer (RST)                                              │
";
    let text = shown(&drawn(Choice::default(), talk()));
    assert_eq!(text, expected);
}

#[test]
fn a_relay_is_one_diagram_whichever_of_its_numbers_is_asked_for() {
    let events = || {
        [
            (0, 1, open(Role::Dial, None)),
            (0, 2, open(Role::Accept, None)),
            (0, 3, open(Role::Dial, Some(2))),
            (1, 2, came(b"ping")),
            (2, 3, came(b"pong")),
            (3, 2, close(How::Fin)),
            (3, 3, close(How::Fin)),
        ]
    };
    let all = drawn(Choice::default(), events());
    assert_eq!(all.charts.len(), 2);
    for number in [2, 3] {
        let one = drawn(Choice { conversation: Some(number), ..Choice::default() }, events());
        assert_eq!(one.charts, all.charts[1..]);
    }
    let expected = "\
#2 tcp (accept), #3 tcp (dial)
         caller                           relay                           target
         127.0.0.1:80                127.0.0.1:5000                 127.0.0.1:80
   0.001 │── 4 B  ping ────────────────────▶│╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▶│
   0.002 │◀╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌│◀──────────────────── 4 B  pong ──│
   0.003 │ ○ #2 closed by peer (FIN)                                           │
   0.003 │ ○ #3 closed by peer (FIN)                                           │
         dotted: passed on by the relay, which no tape records
";
    let one = Drawing { charts: all.charts[1..].to_vec(), more: 0 };
    assert_eq!(shown(&one), expected);
    let none = drawn(Choice { conversation: Some(9), ..Choice::default() }, events());
    assert_eq!(none.charts, []);
}

#[test]
fn a_long_talk_is_folded_and_its_last_words_are_kept() {
    let reads = (0..10_000).map(|ms| (ms, 1, came(&[b'a'; 100])));
    let events = [(0, 1, open(Role::Accept, None))].into_iter().chain(reads);
    let last = [(10_000, 1, came(b"bye")), (10_001, 1, close(How::Fin))];
    let drawing = drawn(Choice { most: 8, ..Choice::default() }, events.chain(last));
    let steps = &drawing.charts[0].steps;
    assert_eq!(steps.len(), 9);
    let Happened::Fold(fold) = &steps[6].what else { panic!("{steps:#?}") };
    let until = Duration::from_millis(9999);
    let expected = Fold { until, reads: 9994, came: 999_400, ..Fold::default() };
    assert_eq!(*fold, expected);
    let text = shown(&drawing);
    assert!(text.contains(" … 9,994 more reads, 976.0 KiB "), "{text}");
    assert!(text.contains(" 3 B  bye "), "{text}");
}

#[test]
fn nothing_that_a_tape_claims_makes_a_diagram_grow_without_bound() {
    let mut diagrams = Diagrams::new(Choice::default());
    for n in 0..100_000_u64 {
        let t = Duration::from_millis(n * 2000);
        let c = n % 3;
        let what = match n % 4 {
            0 => came(&[0; 10]),
            1 => What::Fault { text: "f".repeat(1000) },
            2 => frame(Dir::In, 0, n),
            _ => What::Note { text: "n".into() },
        };
        diagrams.event(&Event { t, c, what });
    }
    for c in 10..100_000 {
        let t = Duration::from_secs(1);
        diagrams.event(&Event { t, c, what: open(Role::Dial, Some(c - 1)) });
    }
    let drawing = diagrams.finish();
    assert_eq!(drawing.charts.len(), DIAGRAMS);
    assert!(drawing.more > 10_000);
    for chart in &drawing.charts {
        // The steps themselves, fifty loud ones with a fold between each, and a gap before each.
        assert!(chart.steps.len() < 2 * (200 + 2 * 50 + 2), "{}", chart.steps.len());
    }
    let text = mermaid(&drawing);
    assert!(text.encode_utf16().count() < 50_000, "{}", text.len());
    assert!(text.contains("left out, as Mermaid takes no longer text"), "{text:.300}");
}

/// What a peer might send to whoever draws it.
const HOSTILE: &[&str] = &[
    "</text><script>alert(1)</script>",
    "\" onload=\"alert(1)",
    "<image href='http://x/'/>",
    "]]><!-- &amp;",
    "a;b#35;%%{init: {'theme': 'dark'}}%%",
    "x\nclick u0 call f()\nend\nlink u0: a @ https://x",
    "wrap:style a:b#c; classDef a:#b;",
    "$$\\href{x}{y}$$ <br/> ```",
    "\u{FB02}°°60¶ßscript\u{FB02}°lt¶ß",
    "\u{1B}[2J\u{9B}2J\u{202E}\u{2028}\u{FFFE}\u{FFFF}",
    "⟦0..9⟧ ──▶│",
];

fn hostile(text: &str) -> Drawing {
    let text = || text.to_owned();
    let ends = Open { role: Role::Dial, local: text(), peer: text(), proto: text(), pair: None };
    let last = Close { by: By::Us, how: How::Error, why: Some(text()) };
    let from = What::In { bytes: text().into_bytes().into(), from: Some(text()) };
    drawn(
        Choice::default(),
        [
            (0, 1, What::Open(ends)),
            (1, 1, from),
            (2, 1, went(text().as_bytes())),
            (3, 1, What::Note { text: text() }),
            (4, 1, What::Fault { text: text() }),
            (5, 1, What::Error { code: text(), text: text() }),
            (6, 1, What::Close(last)),
        ],
    )
}

/// Each line is a statement of ours, with letters, digits, blanks, `.`, `,` and entities
/// where the tape had its say.
fn assert_inert(mermaid: &str) {
    let mut lines = mermaid.lines();
    assert_eq!(lines.next(), Some("sequenceDiagram"));
    for line in lines {
        let line = line.trim_start();
        let heads =
            ["participant u0 as us<br/>", "participant p0 as peer<br/>", "Note over u0,p0: "];
        let arrows = ["u0->>p0: ", "p0->>u0: ", "rect rgb(251, 235, 233)", "end"];
        let rest = heads.iter().chain(&arrows).find_map(|head| line.strip_prefix(head));
        let mut rest = rest.unwrap_or_else(|| panic!("no statement of ours: {line}"));
        while let Some((plain, entity)) = rest.split_once('#') {
            assert!(plain.chars().all(is_plain), "{line}");
            let (number, after) = entity.split_once(';').expect("the end of an entity");
            assert!(number.parse::<u32>().is_ok(), "{line}");
            rest = after;
        }
        assert!(rest.chars().all(is_plain), "{line}");
    }
}

fn is_plain(ch: char) -> bool {
    matches!(ch, ' ' | '.' | ',') || (ch.is_alphanumeric() && !matches!(ch, 'ﬂ' | 'ß'))
}

#[test]
fn n58_hostile_bytes_are_inert_in_mermaid() {
    for text in HOSTILE {
        assert_inert(&mermaid(&hostile(text)));
    }
}

#[test]
fn n58_hostile_bytes_are_text_nodes_in_a_picture() {
    let names = |svg: &str| {
        let tag = |part: &str| part.split(['>', ' ', '\n']).next().map(str::to_owned);
        svg.split('<').skip(1).filter_map(tag).collect::<BTreeSet<_>>()
    };
    let harmless = svg(&hostile("hello"));
    for text in HOSTILE {
        let picture = svg(&hostile(text));
        assert!(names(&picture).is_subset(&names(&harmless)), "{picture}");
        assert_eq!(picture.matches('"').count() % 2, 0);
        for ch in ['\u{1B}', '\u{9B}', '\u{202E}', '\u{FFFE}', '\u{FFFF}'] {
            assert!(!picture.contains(ch), "{ch:?}");
        }
    }
    for loaded in ["href", "url(", "@import", "<script", "http://x"] {
        assert!(!harmless.replace("http://www.w3.org/2000/svg", "").contains(loaded), "{loaded}");
    }
}

#[test]
fn n56_nothing_that_a_terminal_obeys_is_drawn_and_no_bracket_is_forged() {
    for text in HOSTILE {
        let text = shown(&hostile(text));
        let obeyed = |ch: char| ch != '\n' && (ch.is_control() || ch == '\u{202E}');
        assert!(!text.contains(obeyed), "{text:?}");
    }
    let text = shown(&drawn(Choice::default(), [(0, 1, came("⟦x⟧".as_bytes()))]));
    assert!(text.contains("‹U+27E6›x‹U+27E7›"), "{text}");
}

proptest! {
    #[test]
    fn every_line_fits_into_80_columns(
        texts in proptest::collection::vec(any::<String>(), 0..6),
        bytes in any::<Vec<u8>>(),
        ms in 0..10_000_000_u64,
        relayed in any::<bool>(),
    ) {
        let pair = relayed.then_some(1);
        let mut events = vec![(0, 1, open(Role::Accept, None)), (1, 2, open(Role::Dial, pair))];
        for (index, text) in texts.iter().enumerate() {
            let at = ms + index as u64;
            events.push((at, 1, came(text.as_bytes())));
            events.push((at, 2, came(&bytes)));
            events.push((at, 1, What::Note { text: text.clone() }));
            events.push((at, 2, frame(Dir::In, index as u64, text.len() as u64)));
        }
        let drawing = drawn(Choice::default(), events);
        let text = shown(&drawing);
        assert!(text.lines().all(|line| width(line) <= 80), "{text}");
        let coloured = terminal::draw(&drawing, Colour::On);
        let plain = coloured.replace("\x1B[2m", "").replace("\x1B[36m", "");
        assert_eq!(plain.replace("\x1B[31m", "").replace("\x1B[0m", ""), text);
    }

    #[test]
    fn no_text_whatever_is_an_instruction_to_mermaid(text in any::<String>()) {
        assert_inert(&mermaid(&hostile(&text)));
    }
}
