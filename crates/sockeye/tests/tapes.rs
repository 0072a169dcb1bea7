//! Tapes compared and converted, as a user types it.

mod harness;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use harness::{Ended, shell, sockeye, words};
use tempfile::TempDir;

const HEAD: &str = r#"{"v":1,"e":"tape","start":"2026-01-01T00:00:00Z","argv":["sockeye","<b>"],"sockeye":"0.1.0"}
{"t":1,"c":1,"e":"open","role":"dial","local":"127.0.0.1:5","peer":"127.0.0.1:80","proto":"tcp"}
"#;

/// A folder with tapes in it.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A tape of one conversation, with these lines besides.
    fn tape(&self, name: &str, lines: &str) {
        fs::write(self.path(name), HEAD.to_owned() + lines + "\n").expect("room");
    }

    /// `sockeye tape …`, in the folder.
    fn run(&self, line: &str) -> Ended {
        words(&format!("tape {line}")).folder(self.0.path()).run()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("text")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("a folder");
        let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("ours");
        let mut names: Vec<_> = entries.map(|entry| name(entry.expect("an entry"))).collect();
        names.sort();
        names
    }
}

fn said(text: &str) -> String {
    format!(r#"{{"t":2000000,"c":1,"e":"in","s":"{text}"}}"#)
}

#[test]
fn two_recordings_of_one_talk_are_the_same_and_of_another_are_not() {
    let desk = Desk::new();
    let server = words("listen 127.0.0.1:0 --reply upper").start();
    for (tape, text) in [("a", "hello"), ("b", "hello"), ("c", "help")] {
        let path = desk.path(tape);
        let args = ["send", &server.at(), text, "--tape", path.to_str().expect("ours")];
        sockeye(args).run().exits(0);
    }
    desk.run("diff a b").exits(0).prints("").told("same: 1 conversation, 5 B in, 5 B out");
    let ended = desk.run("diff a c").exits(1);
    let ended = ended.told("different: 2 differences in 1 of 1 conversation");
    assert!(ended.text().contains("out: bytes differ at offset 3"), "{}", ended.text());
    assert!(ended.text().contains("  a  hel▸lo\n  b  hel▸p\n"), "{}", ended.text());
    let ended = desk.run("diff a c --json").exits(1);
    let (others, _) = harness::tape::lines(&ended.out);
    assert_eq!(others.len(), 2);
    assert!(others.iter().all(|line| line["e"] == "difference" && line["at"] == 3));
}

#[test]
fn what_cannot_be_compared_is_neither_the_same_nor_different() {
    let desk = Desk::new();
    desk.tape("a", &said("x"));
    desk.tape("damaged", &format!("nonsense\n{}", said("x")));
    fs::write(desk.path("other"), "no tape").expect("room");
    desk.run("diff a nowhere").exits(2).fails_clearly("E-io");
    desk.run("diff a other").exits(2).fails_clearly("E-io");
    desk.run("diff a /dev/null").exits(2).fails_clearly("E-usage");
    desk.run("diff a").exits(2);
    desk.run("diff a damaged").exits(2).told("line 3").told("same: ");
    desk.tape("torn", &(said("x") + "\n{\"t\":3,\"c\""));
    let torn = fs::read(desk.path("torn")).expect("it");
    fs::write(desk.path("torn"), torn.trim_ascii_end()).expect("room");
    desk.run("diff a torn").exits(0).told("cut in its last line");
}

#[test]
fn what_a_peer_said_is_harmless_in_a_difference_and_in_text() {
    let desk = Desk::new();
    desk.tape("a", &said(r"x"));
    desk.tape("b", &said(r"\u001b[2J\u202e\u009b<script>"));
    let ended = desk.run("diff a b").exits(1);
    desk.run("convert b b.txt").exits(0);
    for text in [ended.text(), desk.read("b.txt")] {
        assert!(text.contains("‹U+202E›"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{text}");
    }
}

#[test]
fn a_page_has_nothing_of_a_peer_but_text() {
    let desk = Desk::new();
    desk.tape("a", &said(r"</pre><script>alert('x')</script>\u001b[2J\u202e<img src=x onerror=y>"));
    desk.run("convert a a.html").exits(0).prints("");
    let page = desk.read("a.html");
    assert!(
        page.contains("&lt;/pre&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;␛[2J‹U+202E›")
    );
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<b>\n"));
    assert!(page.contains("sockeye &lt;b&gt;"));
    assert!(page.contains("default-src 'none'"));
    assert!(page.ends_with("</html>\n"));
}

#[test]
fn text_is_what_tape_show_prints_behind_a_header() {
    let desk = Desk::new();
    desk.tape(
        "a",
        &(said("one\\ntwo") + "\n" + r#"{"t":3,"c":1,"e":"close","by":"us","how":"fin"}"#),
    );
    desk.run("convert a a.txt").exits(0);
    let shown = desk.run("show a --time since").exits(0).text();
    let text = desk.read("a.txt");
    assert!(text.starts_with("# recorded 2026-01-01T00:00:00Z by sockeye 0.1.0\n"), "{text}");
    assert!(text.ends_with(&shown), "{text}");
    desk.tape("gbk", r#"{"t":2,"c":1,"e":"in","b":"zsK2yA=="}"#);
    desk.run("convert gbk gbk.txt --encoding gbk").exits(0);
    assert!(desk.read("gbk.txt").contains("温度"));
}

#[test]
fn the_ending_says_what_to_and_others_are_named() {
    let desk = Desk::new();
    desk.tape("a", &said("x"));
    for name in ["a.svgz", "a", "a.pcap", "html"] {
        let ended = desk.run(&format!("convert a {name}")).exits(2).fails_clearly("E-usage");
        ended.told("`.pcapng`, `.html`, `.txt`, `.svg`, `.mmd`");
    }
    desk.run("convert a a.HTML").exits(0);
    desk.run("convert a a.html --secrets a").exits(2).fails_clearly("E-usage");
    desk.run("convert a a.pcapng --encoding gbk").exits(2).fails_clearly("E-usage");
    assert_eq!(desk.names(), ["a", "a.HTML"]);
}

#[test]
fn a_file_that_is_there_stays_unless_it_is_to_be_overwritten() {
    let desk = Desk::new();
    desk.tape("a.txt", &said("x"));
    fs::write(desk.path("b.txt"), "precious").expect("room");
    fs::set_permissions(desk.path("b.txt"), fs::Permissions::from_mode(0o644)).expect("ours");
    desk.run("convert a.txt b.txt").exits(1).fails_clearly("E-io").told("--overwrite");
    assert_eq!(desk.read("b.txt"), "precious");
    desk.run("convert a.txt b.txt --overwrite").exits(0);
    assert!(desk.read("b.txt").starts_with("# recorded"));
    let mode = fs::metadata(desk.path("b.txt")).expect("it").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    desk.run("convert a.txt a.txt --overwrite").exits(2).fails_clearly("E-usage");
    desk.run("convert a.txt /nowhere/b.txt").exits(1).fails_clearly("E-io");
    assert_eq!(desk.names(), ["a.txt", "b.txt"]);
}

#[test]
fn a_full_disk_leaves_nothing_behind_and_what_was_there() {
    let desk = Desk::new();
    let lines = vec![said(&"x".repeat(10_000)); 20].join("\n");
    desk.tape("a", &lines);
    for ending in ["html", "txt", "pcapng"] {
        let out = format!("a.{ending}");
        fs::write(desk.path(&out), "precious").expect("room");
        // A file of ours may have 64 blocks of 512 bytes: what comes is more than that.
        let script =
            format!("trap '' XFSZ; ulimit -f 64; exec \"$S\" tape convert a {out} --overwrite");
        let ended = shell(&script).folder(desk.0.path()).run().exits(1);
        ended.fails_clearly("E-io").told(&format!("cannot write `{out}`"));
        assert_eq!(desk.read(&out), "precious");
    }
    assert_eq!(desk.names(), ["a", "a.html", "a.pcapng", "a.txt"]);
}

#[test]
fn a_damaged_tape_is_converted_as_far_as_it_goes() {
    let desk = Desk::new();
    desk.tape("a", &format!("nonsense\n{}\n{{\"t\":4,\"c\":1,\"e\":\"later\"}}", said("kept")));
    for out in ["a.html", "a.txt", "a.pcapng"] {
        let ended = desk.run(&format!("convert a {out}")).exits(1);
        ended.told("`a` line 3").told("1 events of a later version");
        let made = fs::read(desk.path(out)).expect("it");
        assert!(made.windows(4).any(|part| part == b"kept"), "{out}");
    }
    fs::write(desk.path("none"), "no tape").expect("room");
    desk.run("convert none b.txt").exits(1).fails_clearly("E-io");
    assert!(!desk.path("b.txt").exists());
}

#[test]
fn a_key_log_is_checked_and_never_quoted() {
    let desk = Desk::new();
    desk.tape("a", &said("x"));
    let line = format!("CLIENT_RANDOM {} aabb\n", "0f".repeat(32));
    fs::write(desk.path("keys"), &line).expect("room");
    fs::write(desk.path("bad"), format!("{line}hunter2 is the secret\n")).expect("room");
    let ended = desk.run("convert a a.pcapng --secrets bad").exits(1).fails_clearly("E-io");
    let ended = ended.told("line 2");
    assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    assert!(!desk.path("a.pcapng").exists());
    desk.run("convert a a.pcapng --secrets keys").exits(0);
    let made = fs::read(desk.path("a.pcapng")).expect("it");
    assert!(made.windows(line.len()).any(|part| part == line.as_bytes()));
}

#[test]
fn what_has_no_place_in_packets_is_told() {
    let desk = Desk::new();
    let unix =
        r#"{"t":1,"c":2,"e":"open","role":"dial","local":"","peer":"/tmp/x","proto":"unix"}"#;
    desk.tape("a", unix);
    desk.run("convert a a.pcapng").exits(0).told("left out: 1 conversations without IP addresses");
}

#[test]
fn a_first_frame_that_came_in_two_reads_has_its_opening_bracket() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cut.tape").display().to_string();
    let args =
        ["listen", "127.0.0.1:0", "--frame", "len:u16be", "--reply", "echo", "--tape", &file];
    let server = sockeye(args).start();
    let mut client = std::net::TcpStream::connect(server.at()).expect("it listens");
    client.write_all(b"\0\x05hel").expect("sent");
    // The first read is on the tape before the second piece is sent.
    harness::ports::until("the first read", || {
        std::fs::read_to_string(&file).is_ok_and(|text| text.contains("\"in\""))
    });
    client.write_all(b"lo").expect("sent");
    drop(client);
    server.says("closed first by the peer");
    let shown = sockeye(["tape", "show", &file]).run().exits(0).text();
    assert!(shown.contains("⟦00 05 68 65 6C…") && shown.contains("…lo⟧"), "{shown}");
}
