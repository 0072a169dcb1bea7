//! Diagrams as other programs read them: the picture by Python's XML parser.

mod harness;

use std::fs;

use harness::{Start, words};

const HEAD: &str =
    r#"{"v":1,"e":"tape","start":"2026-01-01T00:00:00Z","argv":["x"],"sockeye":"0.1.0"}"#;

/// What a peer, or whoever made the tape, would like a picture to hold.
const HOSTILE: &[&str] = &[
    "</text><script>alert(1)</script>",
    "<image href='http://x/'/>",
    "]]><!-- &amp; &#0; &x;",
    "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
    "\u{0}\u{1}\u{1B}[2J\u{7F}\u{85}\u{202E}\u{FFFE}\u{FFFF}\u{1FFFF}",
    "\" onload=\"alert(1)",
];

/// Says which elements and attributes a picture has, and prints its texts.
const READ: &str = "\
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
space = '{http://www.w3.org/2000/svg}'
assert root.tag == space + 'svg', root.tag
tags = {node.tag.removeprefix(space) for node in root.iter()}
assert tags <= {'svg', 'title', 'style', 'text', 'line', 'path', 'rect'}, tags
names = {name for node in root.iter() for name in node.attrib}
known = 'class x y x1 x2 y1 y2 d width height version viewBox text-anchor'
assert names <= set(known.split()), names
for node in root.iter(space + 'text'):
    assert len(node) == 0
    print(node.text)
";

#[test]
fn n58_a_picture_is_xml_and_hostile_bytes_are_text_in_it() {
    let desk = tempfile::tempdir().expect("a folder");
    let mut tape = HEAD.to_owned() + "\n";
    for (index, text) in HOSTILE.iter().enumerate() {
        let text = serde_json::Value::from(*text);
        let c = index + 1;
        let open = format!(
            r#"{{"t":0,"c":{c},"e":"open","role":"dial","local":{text},"peer":{text},"proto":{text}}}"#
        );
        let lines = ["in", "out", "note", "fault"]
            .map(|kind| format!(r#"{{"t":1,"c":{c},"e":"{kind}","s":{text}}}"#));
        tape += &[open, lines.join("\n"), String::new()].join("\n");
    }
    fs::write(desk.path().join("a.tape"), tape).expect("room");
    words("tape convert a.tape a.svg").folder(desk.path()).run().exits(0);
    let read = Start::program("python3").args(["-c", READ, "a.svg"]).folder(desk.path());
    let text = read.run().exits(0).text();
    assert!(text.contains("⚡ fault </text><script>alert(1)</script>"), "{text}");
    assert!(text.contains("⚡ fault ]]><!-- &amp; &#0; &x;"), "{text}");
    assert!(text.contains("‹U+FFFE›‹U+FFFF›"), "{text}");
}
