//! Each command of README.md and README.zh-CN.md, run as its reader would run it, with ports
//! of this machine's choice and a plain socket as the other side. And the papers' promises
//! that can be checked by reading: both READMEs alike, the tests that ARCHITECTURE.md names.
//! What the commands do beyond that is for the other tests.

mod harness;
#[path = "readme/line.rs"]
mod line;
#[path = "readme/scenes.rs"]
mod scenes;
#[path = "readme/classics.rs"]
mod classics;
#[path = "readme/browser.rs"]
mod browser;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use crate::browser::BROWSER;
use crate::classics::CLASSICS;
use crate::harness::{ports, sockeye, words};
use crate::line::{GBK, Line, TWO, accept, call, peer, talk, talk_back};
use crate::scenes::{
    accepts_and_closes, answers, answers_a_chat, answers_datagrams_by_hand, answers_in_upper_case,
    asks_once, broadcasts, chats, chats_in_datagrams, connects_in_frames, converted,
    fetches_a_file, finds_an_open_port, gives_a_file, greets, listens_until_close,
    opens_and_closes, reads_in_pieces, receives_from_a_unix_socket, recorded, records, relays,
    relays_datagrams, relays_into_tls, relays_with_faults, says, says_and_hears,
    says_goodbye_to_one, sends_to_a_unix_socket, serves_a_command, serves_a_serial_port,
    shows_a_tape, shows_boundaries, shows_datagrams, talks_to_a_board, tells,
    waits_for_a_late_answer,
};

const PAPERS: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// How a command is run: what its other side does, and what must come of it.
type Scene = fn(&Line);

/// Every command but the classic programs' and the workbench's, as the READMEs write it.
const ROWS: &[(&str, Scene)] = &[
    ("sockeye listen 8888 -k --serial --eol none --until bye", greets),
    ("sockeye connect 8888 --eol none --until bye", |line| chats(line, "8888", "bye")),
    ("sockeye listen 8088 --eol none --until bye", answers_a_chat),
    ("sockeye connect 8088 --eol none --until bye", |line| chats(line, "8088", "bye")),
    ("sockeye listen 8088 --serial --reply text:ok --close-after-reply", |line| {
        answers(line, "8088", b"one", b"ok");
    }),
    ("sockeye send 127.0.0.1:8088 hello", |line| says(line, "8088", b"hello")),
    ("sockeye listen 7788 --reply 'text:thank you !' --close-after-reply --view text", |line| {
        let server = answers(line, "7788", GBK, b"thank you !");
        server.sees("你好");
    }),
    ("sockeye send --encoding gbk 127.0.0.1:7788 你好", |line| says(line, "7788", GBK)),
    ("sockeye listen 7788 --view text", listens_until_close),
    ("sockeye send 127.0.0.1:7788 hello", |line| says(line, "7788", b"hello")),
    ("sockeye listen -u 8888 --eol none", answers_datagrams_by_hand),
    ("sockeye connect -u 8888 --eol none --until bye", chats_in_datagrams),
    ("sockeye listen -u 7788 --view text", |line| shows_datagrams(line, "7788", "127.0.0.1")),
    ("sockeye send udp://127.0.0.1:8080 hello --expect ''", |line| {
        asks_once(line, "8080", b"hello", b"any answer").prints("any answer");
    }),
    ("sockeye listen -u 8080 --view text", |line| {
        shows_datagrams(line, "8080", "127.255.255.255");
    }),
    ("sockeye send 'udp://255.255.255.255:8080?bind=0.0.0.0:7788' xiaocy", broadcasts),
    ("sockeye listen -u 9000 --reply upper", answers_in_upper_case),
    ("sockeye send -u 127.0.0.1:9000 hello --expect HELLO", |line| {
        asks_once(line, "9000", b"hello", b"HELLO").prints("HELLO");
    }),
    ("sockeye listen 8080 --read-size 2,10 --view text", reads_in_pieces),
    ("sockeye send 127.0.0.1:8080 hello feng", |line| says(line, "8080", b"hellofeng")),
    (
        "sockeye listen 7890 --on 'notes.txt => file:notes.txt' --reply text: --close-after-reply",
        gives_a_file,
    ),
    ("sockeye send 127.0.0.1:7890 notes.txt > notes.txt", fetches_a_file),
    ("sockeye listen 8889 --eol none --on 'q => q' --close-after-reply", says_goodbye_to_one),
    ("sockeye connect 8889 --eol none --until q", |line| chats(line, "8889", "q")),
    ("sockeye listen 8888 -v", accepts_and_closes),
    ("sockeye connect 8888 -v", opens_and_closes),
    ("sockeye connect -z 127.0.0.1 20-30,80", finds_an_open_port),
    (
        "sockeye listen 127.0.0.1:8080 --reply upper --frame len:u16be --view text --time delta",
        shows_boundaries,
    ),
    ("sockeye send 127.0.0.1:8080 --frame len:u16be hello feng", |line| {
        says_and_hears(line, "8080", TWO, TWO);
    }),
    ("sockeye listen 127.0.0.1:8888 --frame len:u16be --tape talk.tape", |line| {
        let tape = line.folder.path().join("talk.tape");
        records(line);
        assert!(fs::read_to_string(tape).expect("a tape").contains(r#""e":"frame""#));
    }),
    ("sockeye tape show talk.tape", |line| shows_a_tape(line, "⟦00 05 68")),
    ("sockeye tape show talk.tape --view both --time since", |line| {
        shows_a_tape(line, "|..hello..feng|");
    }),
    ("sockeye listen unix:/tmp/talk.sock > received.bin", receives_from_a_unix_socket),
    ("sockeye send unix:/tmp/talk.sock hello", sends_to_a_unix_socket),
    ("echo hello | sockeye connect 'exec:cat -n' --view both", |line| {
        let told = line.start(&[]).run().exits(0).text();
        assert!(told.contains("1.hello.|"), "{told}");
    }),
    ("sockeye relay 127.0.0.1:8080 127.0.0.1:8888 --view text --tape relay.tape", relays),
    ("sockeye relay udp://127.0.0.1:5353 udp://127.0.0.1:5300 --view text", relays_datagrams),
    ("sockeye listen 127.0.0.1:8888 --reply echo", |line| {
        let server = line.serve("127.0.0.1:8888");
        let mut client = call(&server);
        talk(&mut client, b"hello", b"hello");
    }),
    ("sockeye send 127.0.0.1:8888 hello", |line| says(line, "8888", b"hello")),
    ("echo hello | sockeye connect 127.0.0.1:8888", |line| says(line, "8888", b"hello\n")),
    ("sockeye shake 127.0.0.1:8080 --send hello --send feng", |line| {
        let server = words("listen 127.0.0.1:0 --reply text:ok").start();
        let told = line.start(&[("127.0.0.1:8080", &server.at())]).run().exits(1).text();
        assert!(told.contains("messages 1 and 2 together") && told.contains("unshaken"), "{told}");
    }),
    ("sockeye shake talk.tape 127.0.0.1:8888 --frame len:u16be --budget 10s", |line| {
        let server = recorded(line);
        let swaps = [("127.0.0.1:8888", server.at()), ("10s", "1s".to_owned())];
        let swaps = swaps.each_ref().map(|(old, new)| (*old, new.as_str()));
        assert!(line.start(&swaps).run().exits(0).text().contains("nothing found"));
    }),
    (
        "sockeye shake talk.tape --as-server 127.0.0.1:0 --client 'python3 client.py {port}'",
        |line| {
            recorded(line);
            let ours = env!("CARGO_BIN_EXE_sockeye");
            let client = format!("{ours} send 127.0.0.1:{{port}} hello' --budget '1s");
            let told = line.start(&[("python3 client.py {port}", &client)]).run().exits(0).text();
            assert!(told.contains("nothing found"), "{told}");
        },
    ),
    ("sockeye detect talk.tape", |line| {
        recorded(line);
        let told = line.start(&[]).run().exits(1).text();
        assert!(told.contains("not sure"), "{told}");
    }),
    (
        "sockeye relay 127.0.0.1:8080 127.0.0.1:8888 --fault 'split=1; delay=50ms±10ms' --seed 7",
        relays_with_faults,
    ),
    ("sockeye relay --toxiproxy 127.0.0.1:8474 127.0.0.1:8080 127.0.0.1:8888", |line| {
        let (listener, port) = peer();
        let swaps =
            [("127.0.0.1:8474", "127.0.0.1:0"), ("127.0.0.1:8080", "127.0.0.1:0"), ("8888", &port)];
        let ours = line.start(&swaps).start();
        ours.says("listening on http://127.0.0.1:");
        ours.says("listening on tcp://127.0.0.1:");
        drop(listener);
    }),
    ("sockeye capture 127.0.0.1:8888 --write talk.pcapng --for 10s", |line| {
        let server = words("listen 127.0.0.1:0 --reply echo").start();
        let at = server.at();
        let swaps = [("127.0.0.1:8888", at.as_str()), ("10s", "2s")];
        let ours = line.start(&swaps).start();
        ours.says("capturing");
        sockeye(["send", &at, "hello", "--expect", "hello"]).run().exits(0);
        let told = ours.wait().exits(0).text();
        assert!(told.contains("SYN") && told.contains("hello"), "{told}");
        let made = fs::read(line.folder.path().join("talk.pcapng")).expect("it is made");
        assert!(made.starts_with(&[0x0A, 0x0D, 0x0D, 0x0A]));
    }),
    ("sockeye tape show talk.tape --as diagram", |line| shows_a_tape(line, "──▶")),
    ("sockeye tape convert talk.tape talk.svg", |line| {
        converted(line, "talk.svg", b"<?xml");
    }),
    ("sockeye connect 127.0.0.1:8888 --frame len:u16be --view both", connects_in_frames),
    ("sockeye bench echo 127.0.0.1:8888 --clients 64", |line| {
        let server = words("listen 127.0.0.1:0 --reply echo").start();
        // The number first: a port may have it in its digits.
        let swaps = [("64", "8 --time 100ms".to_owned()), ("127.0.0.1:8888", server.at())];
        let swaps = swaps.each_ref().map(|(old, new)| (*old, new.as_str()));
        let told = line.start(&swaps).run().exits(0).text();
        assert!(told.contains("answers"), "{told}");
    }),
    ("sockeye demo --fast", |line| {
        let told = line.start(&[]).run().exits(0).text();
        assert!(told.contains("⟦␀␅hel…") && told.contains("TWO reads"), "{told}");
        assert!(told.contains("found: messages 1 and 2 together"), "{told}");
        assert!(told.contains("nothing found in"), "{told}");
    }),
    (
        r"sockeye listen 127.0.0.1:8888 --on 'AT => OK' --on 're:^AT\+ => ERROR' --eol crlf",
        |line| {
            let server = line.serve("127.0.0.1:8888");
            let mut client = call(&server);
            talk(&mut client, b"AT\r\n", b"OK\r\n");
            talk(&mut client, b"AT+X\r\n", b"ERROR\r\n");
        },
    ),
    ("sockeye send 127.0.0.1:8888 AT --eol crlf --expect OK", |line| {
        let (listener, port) = peer();
        let ours = line.start(&[("8888", &port)]).start();
        let mut theirs = accept(&listener);
        talk_back(&mut theirs, b"AT\r\n", b"OK\r\n");
        ours.wait().exits(0).prints("OK\r\n");
    }),
    ("sockeye send 127.0.0.1:8888 --checksum crc16-modbus 'hex:01 03 00 00 00 0A'", |line| {
        says(line, "8888", b"\x01\x03\0\0\0\x0A\xC5\xCD");
    }),
    ("sockeye send udp://127.0.0.1:9000 'hex:AA 55' --expect hex:55AA", |line| {
        asks_once(line, "9000", b"\xAA\x55", b"\x55\xAA").prints(b"\x55\xAA");
    }),
    (
        "sockeye listen 127.0.0.1:8888 --exec 'cat -n' --allow 127.0.0.0/8 --max-conns 10",
        serves_a_command,
    ),
    ("sockeye connect h p", waits_for_a_late_answer),
    ("sockeye listen tls://127.0.0.1:8443 --reply echo", |line| {
        let server = line.serve("127.0.0.1:8443");
        server.says("?pin=sha256:");
        let at = format!("tls://{}", server.at());
        sockeye(["send", "--insecure", &at, "hello"]).run().exits(0).prints("hello");
    }),
    ("sockeye send tls://127.0.0.1:8443 hello --insecure", |line| {
        let server = words("listen tls://127.0.0.1:0 --reply echo").start();
        let sent = line.start(&[("127.0.0.1:8443", &server.at())]).run().exits(0);
        sent.prints("hello").told("warning: insecure");
    }),
    ("sockeye relay 127.0.0.1:8080 tls://127.0.0.1:8443 --ca ca.pem", relays_into_tls),
    ("sockeye ports", |line| drop(line.start(&[]).run().exits(0))),
    (
        "sockeye connect 'serial:/dev/ttyUSB0?baud=9600' --eol crlf --on 'READY => AT'",
        talks_to_a_board,
    ),
    ("sockeye relay 127.0.0.1:4000 'serial:/dev/ttyUSB0?baud=115200'", serves_a_serial_port),
    ("sockeye listen ws://127.0.0.1:8080/chat --reply echo", |line| {
        let server = line.serve("127.0.0.1:8080");
        let at = format!("ws://{}/chat", server.at());
        sockeye(["send", &at, "hello"]).run().exits(0).prints("hello\n");
    }),
    ("sockeye send ws://127.0.0.1:8080/chat hello --expect hello", |line| {
        let server = words("listen ws://127.0.0.1:0/chat --reply echo").start();
        line.start(&[("127.0.0.1:8080", &server.at())]).run().exits(0).prints("hello\n");
    }),
    ("sockeye connect 'ws://127.0.0.1:8080/chat?ping=5s' --view text", |line| {
        let server = words("listen ws://127.0.0.1:0/chat --reply upper").start();
        let mut ours = line.start(&[("127.0.0.1:8080", &server.at())]).open().start();
        ours.write("hello\n");
        ours.sees("⟦HELLO⟧");
    }),
    ("sockeye listen 'udp://239.1.2.3:5000?iface=lo' --view text", |line| {
        let port = ports::free().to_string();
        let ours = line.start(&[("5000", &port)]).start();
        ours.endpoint();
        let to = format!("udp://239.1.2.3:{port}?iface=lo");
        sockeye(["send", &to, "hello"]).run().exits(0);
        ours.sees("hello");
    }),
    ("sockeye send 'udp://239.1.2.3:5000?iface=lo&ttl=1' hello", |line| {
        let port = ports::free().to_string();
        let at = format!("udp://239.1.2.3:{port}?iface=lo");
        let theirs = sockeye(["listen", &at, "--view", "text"]).start();
        theirs.endpoint();
        line.start(&[("5000", &port)]).run().exits(0);
        theirs.sees("hello");
    }),
    ("sockeye connect 'tcp://127.0.0.1:8888?via=socks5://127.0.0.1:1080'", |line| {
        let proxy = format!("127.0.0.1:{}", ports::free());
        let told = line.start(&[("127.0.0.1:1080", &proxy)]).run().exits(1);
        told.told("E-refused").told(&proxy);
    }),
    ("sockeye connect -z 127.0.0.1:5432 --retry 30s", |line| {
        let server = words("listen 127.0.0.1:0 --reply echo").start();
        let port = server.port().to_string();
        line.start(&[("5432", &port)]).run().exits(0).prints(format!("127.0.0.1 {port} open\n"));
    }),
    ("sockeye replay talk.tape 127.0.0.1:8888 --speed 10 --tape again.tape", |line| {
        let server = recorded(line);
        line.start(&[("127.0.0.1:8888", &server.at())]).run().exits(0).told("those of the tape");
    }),
    ("sockeye replay talk.tape --as-server 127.0.0.1:8888", |line| {
        recorded(line);
        let ours = line.serve("127.0.0.1:8888");
        sockeye(["send", &ours.at(), "hello"]).run().exits(0).prints("hello");
    }),
    ("sockeye tape diff talk.tape again.tape", |line| {
        recorded(line);
        let file = |name: &str| line.folder.path().join(name);
        fs::copy(file("talk.tape"), file("again.tape")).expect("copied");
        line.start(&[]).run().exits(0);
    }),
    ("sockeye tape convert talk.tape talk.pcapng", |line| {
        converted(line, "talk.pcapng", &[0x0A, 0x0D, 0x0D, 0x0A]);
    }),
    ("sockeye tape convert talk.tape talk.html", |line| {
        converted(line, "talk.html", b"<!doctype html>");
    }),
    ("sockeye addr", |line| tells(line, "127.0.0.1/8")),
    ("sockeye addr 192.168.5.6/24 192.168.6.1", |line| tells(line, "another network")),
    ("sockeye port 8888", |line| tells(line, "user ports")),
    ("sockeye resolve localhost", |line| tells(line, "127.0.0.1")),
];

/// Commands that are known and not run here: they build or test this very workspace.
const NOT_RUN: [&str; 2] = ["cargo run --release -- workbench", "cargo xtask test --install"];

fn rows() -> impl Iterator<Item = &'static (&'static str, Scene)> {
    ROWS.iter().chain(CLASSICS).chain(BROWSER)
}

#[test]
fn every_command_of_the_readmes_does_what_they_say() {
    let mut run = Vec::new();
    for command in PAPERS.iter().flat_map(|paper| commands(paper)) {
        if NOT_RUN.contains(&command.as_str()) || run.contains(&command) {
            continue;
        }
        let row = rows().find(|(known, _)| *known == command);
        let (_, scene) = row.unwrap_or_else(|| panic!("no row says how to run `{command}`"));
        println!("{command}");
        let folder = Arc::new(TempDir::new().expect("a folder"));
        scene(&Line { command: command.clone(), folder });
        run.push(command);
    }
    for (known, _) in rows() {
        assert!(run.iter().any(|command| command == known), "no README has `{known}`");
    }
}

#[test]
fn both_readmes_have_the_same_commands() {
    let [english, chinese] = PAPERS.map(commands);
    assert_eq!(english, chinese);
}

#[test]
fn both_readmes_have_the_same_tables() {
    let [english, chinese] = PAPERS.map(|name| {
        let mut tables = Vec::new();
        let mut rows = 0;
        for line in paper(name).lines().chain([""]) {
            if line.starts_with('|') {
                rows += 1;
            } else if rows > 0 {
                tables.push(std::mem::take(&mut rows));
            }
        }
        tables
    });
    assert_eq!(english, chinese, "rows of each table");
}

#[test]
fn the_tests_that_the_architecture_names_exist() {
    let text = paper("ARCHITECTURE.md");
    assert!(text.lines().count() < 200);
    let table = text.split("## Invariants").nth(1).and_then(|rest| rest.split("\n## ").next());
    let mut source = String::new();
    let mut found = 0;
    for code in table.expect("the table").split('`').skip(1).step_by(2) {
        if std::path::Path::new(code).extension().is_some_and(|ending| ending == "rs") {
            let folder = if code.starts_with("xtask/") { "" } else { "crates/" };
            source = paper(&format!("{folder}{code}"));
        } else {
            assert!(source.contains(&format!("fn {code}(")), "no test `{code}`");
            found += 1;
        }
    }
    assert!(found > 10, "{found} tests");
}

#[test]
fn every_picture_of_the_readmes_is_there() {
    for name in ["README.md", "README.zh-CN.md"] {
        let text = paper(name);
        let pictures = text.split("docs/images/").skip(1).filter_map(|rest| rest.split('"').next());
        let mut count = 0;
        for picture in pictures {
            let path = root().join("docs/images").join(picture);
            assert!(path.is_file(), "{name} shows `{picture}`, which is not there");
            count += 1;
        }
        assert!(count > 0, "{name} shows nothing");
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn paper(name: &str) -> String {
    let path = root().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of a paper's `sh` blocks, and the commands in its sentences and tables.
fn commands(name: &str) -> Vec<String> {
    let text = paper(name);
    let mut found = Vec::new();
    let mut fence = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), fence) {
            (Some(_), Some(_)) => fence = None,
            (Some(kind), None) => fence = Some(kind),
            (None, Some("sh")) => found.push(line.to_owned()),
            (None, Some(_)) => {}
            (None, None) => {
                let spans = line.split('`').skip(1).step_by(2);
                found.extend(spans.filter(|span| span.starts_with("sockeye ")).map(str::to_owned));
            }
        }
    }
    assert!(found.len() > 40, "{name} has {} commands", found.len());
    found
}
