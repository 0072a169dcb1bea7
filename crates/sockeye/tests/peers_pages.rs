//! Each command of the pages under `docs/classics`, run as its reader would run it, with
//! ports of this machine's choice: every server of a page with every client of it, ours and
//! Python's. And what can be checked by reading: both languages alike, no page too long,
//! no link without its end.

mod harness;
#[path = "pages/alone.rs"]
mod alone;
#[path = "pages/page.rs"]
mod page;
#[path = "pages/pairs.rs"]
mod pairs;

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::os::unix::fs::PermissionsExt as _;

use crate::alone::ROWS;
use crate::harness::{LONG, sockeye, words};
use crate::page::{Command, Page, folder, pages, root};
use crate::pairs::{PAIRS, Program};

#[test]
fn every_python_server_of_the_pages_talks_to_every_python_client() {
    let meetings = meetings(|server, client| !server.is_classic() && !client.is_classic());
    assert_eq!(meetings.len(), PAIRS.len() + 1, "each once; `sockeye send` calls udp-once too");
    for (program, server, client) in meetings {
        println!("{}\n  {}", server.text, client.text);
        program.run(&server, &client);
    }
}

#[test]
fn every_classic_of_the_pages_talks_to_itself_and_to_python() {
    let meetings = meetings(|server, client| server.is_classic() || client.is_classic());
    assert_eq!(meetings.len(), 3 * PAIRS.len() - 1, "each three times, but udp-once");
    for (program, server, client) in meetings {
        println!("{}\n  {}", server.text, client.text);
        program.run(&server, &client);
    }
}

#[test]
fn every_other_command_of_the_pages_does_what_they_say() {
    for (text, scene) in ROWS {
        let command = Command { text: (*text).to_owned() };
        if !command.is_classic() {
            println!("{text}");
            scene(&command, folder().path());
        }
    }
}

#[test]
fn every_other_classic_command_of_the_pages_does_what_they_say() {
    for (text, scene) in ROWS {
        let command = Command { text: (*text).to_owned() };
        if command.is_classic() {
            println!("{text}");
            scene(&command, folder().path());
        }
    }
}

#[test]
fn no_command_of_the_pages_goes_untested_and_no_test_is_of_another_command() {
    let mut paired = Vec::new();
    for program in PAIRS {
        let page = Page::read(&format!("{}.md", program.page));
        let [servers, clients] = page.sides();
        paired.extend(servers.into_iter().chain(clients).map(|command| command.text));
    }
    let known = |text: &str| ROWS.iter().any(|(row, _)| *row == text);
    let mut found = Vec::new();
    for page in pages() {
        for command in page.commands() {
            let text = command.text;
            assert!(paired.contains(&text) || known(&text), "{}: `{text}` is not run", page.name);
            found.push(text);
        }
    }
    for (row, _) in ROWS {
        assert!(found.iter().any(|text| text == row), "no page has `{row}`");
    }
}

#[test]
fn both_languages_have_the_same_commands_and_the_same_snippets() {
    let names: Vec<String> = pages().into_iter().map(|page| page.name).collect();
    let english: Vec<_> = names.iter().filter(|name| !name.starts_with("zh-CN/")).collect();
    assert_eq!(english.len(), PAIRS.len() + 3);
    assert_eq!(names.len(), 2 * english.len());
    for name in english {
        let [ours, theirs] = [name.clone(), format!("zh-CN/{name}")].map(|name| Page::read(&name));
        let texts = |page: &Page| page.commands().into_iter().map(|c| c.text).collect::<Vec<_>>();
        assert_eq!(texts(&ours), texts(&theirs), "{name}");
        assert_eq!(ours.blocks("python"), theirs.blocks("python"), "{name}");
    }
}

#[test]
fn every_page_is_short_and_every_link_of_it_leads_somewhere() {
    for page in pages() {
        assert!(page.text.lines().count() < 120, "{} is long", page.name);
        let here = root().join("docs/classics").join(&page.name);
        let beside = here.parent().expect("a folder");
        let mut links = 0;
        for rest in page.text.split("](").skip(1) {
            let link = rest.split(')').next().unwrap_or_default();
            assert!(beside.join(link).is_file(), "{}: no `{link}`", page.name);
            links += 1;
        }
        assert!(links > 1, "{} has {links} links", page.name);
    }
}

#[test]
fn every_python_program_stands_on_a_page() {
    let folder = root().join("docs/classics/python");
    let index = Page::read("README.md").text;
    for entry in fs::read_dir(folder).expect("the programs") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_str().expect("a name of ours");
        assert!(index.contains(&format!("(python/{name})")), "the list has no {name}");
    }
}

#[test]
fn no_header_ends_the_python_upload_server() {
    let folder = folder();
    fs::create_dir(folder.path().join("inbox")).expect("a folder");
    let text = "python3 docs/classics/python/upload_server.py 127.0.0.1 8090 inbox".to_owned();
    let (mut server, port) = Command { text }.serve(8090, folder.path());
    let say = |header: &[u8]| {
        let length = i32::try_from(header.len()).expect("a size").to_ne_bytes();
        let mut client = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        client.set_read_timeout(Some(LONG)).expect("set");
        // A server that refuses may cut it off at any point.
        let _refused = client.write_all(&[&length, header, b"hello"].concat());
        let _refused = client.shutdown(Shutdown::Write);
        // A FIN or a RST: what counts is that it came.
        let end = client.read_to_end(&mut Vec::new());
        assert!(!end.is_err_and(|error| error.kind() == ErrorKind::WouldBlock), "no end");
    };
    let sizes = ["1e999", "-1e999", "NaN", "true", "1.0", "-1", "\"5\"", "null", "[5]"];
    for size in sizes.map(str::to_owned).into_iter().chain(["9".repeat(5000)]) {
        say(format!(r#"{{"filename": "a", "filesize": {size}}}"#).as_bytes());
        assert!(server.runs(), "ended by {size}: {}", server.err.shown());
    }
    for name in ["5", "null", "[\"a\"]", "\"../a\"", r#""\ud800""#, r#""\u0000""#, "\"\""] {
        say(format!(r#"{{"filename": {name}, "filesize": 5}}"#).as_bytes());
        assert!(server.runs(), "ended by {name}: {}", server.err.shown());
    }
    for header in ["[]", "5", "{}", "nothing", &"[".repeat(60_000)] {
        say(header.as_bytes());
        assert!(server.runs(), "ended by {:.9}: {}", header, server.err.shown());
    }
    let left = fs::read_dir(folder.path().join("inbox")).expect("it is there").count();
    assert_eq!(left, 0, "a file of a header that lies");
    say(br#"{"filename": "a", "filesize": 5}"#);
    assert_eq!(fs::read(folder.path().join("inbox/a")).expect("it came"), b"hello");
}

#[test]
fn a_secret_is_its_file_without_one_line_end_in_python_too() {
    for ending in [" \n", " \r\n", " ", "\n\n"] {
        let folder = folder();
        let file = folder.path().join("secret.txt");
        fs::write(&file, format!(" hush{ending}")).expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("set");
        for [ours, theirs] in [
            [
                "sockeye classic hmac-chat serve 127.0.0.1:8889 --secret-file secret.txt",
                "python3 docs/classics/python/hmac_chat_client.py 127.0.0.1 8889 secret.txt",
            ],
            [
                "python3 docs/classics/python/hmac_chat_server.py 127.0.0.1 8889 secret.txt",
                "sockeye classic hmac-chat connect 127.0.0.1:8889 --secret-file secret.txt",
            ],
        ] {
            let [server, client] = [ours, theirs].map(|text| Command { text: text.to_owned() });
            let (server, port) = server.serve(8889, folder.path());
            let client = client.call((8889, port), &[], folder.path()).input("hi\nq\n").start();
            server.sees("hi\n");
            drop((server, client));
        }
    }
}

#[test]
fn every_flag_and_every_option_of_the_map_exists() {
    let help: String = ["connect", "listen", "send", "relay"]
        .map(|command| words(&format!("{command} --help")).run().exits(0).text())
        .concat();
    let mut checked = 0;
    for span in Page::read("python-map.md").spans() {
        for word in span.split_ascii_whitespace().filter(|word| word.starts_with("--")) {
            let known = help.contains(&format!("{word} ")) || help.contains(&format!("{word}\n"));
            assert!(known || word == "--explain", "no command has {word}");
            checked += 1;
        }
        if span.starts_with('?') {
            // Port 9 of nobody: a known option gets as far as the network.
            let taken = ["tcp", "udp"].into_iter().any(|scheme| {
                let at = format!("{scheme}://127.0.0.1:9{span}");
                sockeye(["send", &at, "hello"]).run().code != Some(2)
            });
            assert!(taken, "no endpoint has {span}");
            checked += 1;
        }
    }
    assert!(checked > 25, "{checked} flags and options");
}

/// Those servers and clients of a program that are chosen to meet.
fn meetings(
    chosen: impl Fn(&Command, &Command) -> bool,
) -> Vec<(&'static Program, Command, Command)> {
    let mut found = Vec::new();
    for program in PAIRS {
        let [servers, clients] = Page::read(&format!("{}.md", program.page)).sides();
        for server in &servers {
            for client in clients.iter().filter(|client| chosen(server, client)) {
                found.push((program, server.clone(), client.clone()));
            }
        }
    }
    found
}
