//! Where the workbench may listen, and how it says where it is.

use rustix::process::Signal;
use serde_json::Value;

use crate::harness::desk::{Desk, call, code, exchange, start};
use crate::harness::sockeye;

fn password() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "correct horse battery\n").expect("written");
    file
}

#[test]
fn beyond_loopback_it_needs_tls_and_a_login() {
    let login = password();
    let login = login.path().to_str().expect("text");
    for place in ["0.0.0.0:0", "tcp://0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:0.0.0.0]:0"] {
        for more in [&[][..], &["--login", login]] {
            let args = ["workbench", "--no-open", "--listen", place];
            let ended = sockeye(args.iter().chain(more)).run();
            ended.exits(3).fails_clearly("E-denied").told("tls://");
        }
    }
    for place in ["tls://0.0.0.0:0", "tls://[::]:0"] {
        let ended = sockeye(["workbench", "--no-open", "--listen", place]).run();
        ended.exits(3).fails_clearly("E-denied").told("--login");
    }
    for place in ["udp://127.0.0.1:0", "unix:/tmp/x", "ws://127.0.0.1:0", "exec:cat"] {
        let ended = sockeye(["workbench", "--no-open", "--listen", place]).run();
        ended.exits(2).fails_clearly("E-usage");
    }
}

#[test]
fn over_tls_it_is_found_by_its_addresses_and_the_names_that_were_given() {
    let (login, folder) = (password(), tempfile::tempdir().expect("a folder"));
    let login = login.path().to_str().expect("text");
    let args = ["--listen", "tls://0.0.0.0:0", "--login", login, "--name", "bench.example"];
    let running = start(folder.path(), &args);
    let port = running.port();
    assert_eq!(running.endpoint(), format!("https://bench.example:{port}"));
    let place = format!("tls://127.0.0.1:{port}?insecure");
    for (headers, status) in [
        (format!("Host: bench.example:{port}\r\n"), "200"),
        (format!("Host: BENCH.example:{port}\r\nOrigin: https://bench.example:{port}\r\n"), "200"),
        (format!("Host: 127.0.0.1:{port}\r\n"), "200"),
        (format!("Host: localhost:{port}\r\n"), "200"),
        (format!("Host: bench.example:{port}\r\nOrigin: http://bench.example:{port}\r\n"), "403"),
        (format!("Host: other.example:{port}\r\n"), "403"),
        (format!("Host: 192.0.2.1:{port}\r\n"), "403"),
        (format!("Host: 0.0.0.0:{port}\r\n"), "403"),
        ("Host: bench.example\r\n".to_owned(), "403"),
    ] {
        let mut caller = sockeye(["connect", &place]).open().start();
        caller.write(format!("GET / HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"));
        caller.sees("\r\n\r\n");
        let told = caller.wait_with_stdin_open().text();
        assert!(told.starts_with(&format!("HTTP/1.1 {status}")), "{headers}: {told}");
    }
}

#[test]
fn it_says_where_it_is_to_people_and_to_programs_and_ends_in_order() {
    let desk = Desk::with(&["--json"]);
    let code = code(&desk.running);
    desk.running.sees("\"e\":\"open\"");
    desk.running.signal(Signal::INT);
    let Desk { running, at, folder } = desk;
    let ended = running.wait().exits(130);
    let lines: Vec<Value> =
        ended.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let home = format!("http://{at}");
    assert_eq!(
        lines,
        [
            serde_json::json!({"e": "listening", "endpoint": home}),
            serde_json::json!({"e": "open", "url": format!("{home}/#{code}")}),
        ]
    );
    ended.told(&format!("listening on {home}\nopen {home}/#{code}\n"));
    drop(folder);
}

#[test]
fn a_second_one_takes_a_free_port_if_the_usual_one_is_taken() {
    // Whoever has it, this test or another program: it is taken.
    let _held = std::net::TcpListener::bind("127.0.0.1:7626");
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), &[]);
    running.says("taking a free port");
    let at = running.at();
    assert!(!at.ends_with(":7626"));
    let told = exchange(&mut call(&at), &format!("GET / HTTP/1.1\r\nHost: {at}\r\n\r\n"));
    assert_eq!(told.status, 200);
}

#[test]
fn a_page_that_is_there_already_is_not_sent_again() {
    let desk = Desk::start();
    let first = desk.ask("GET", "/", "", "");
    assert_eq!(first.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    let tag = first.header("etag").expect("a tag").to_owned();
    for (sent, status) in [
        (tag.clone(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"x\", {tag}"), 304),
        ("\"x\"".to_owned(), 200),
    ] {
        let told = desk.ask("GET", "/", &format!("If-None-Match: {sent}\r\n"), "");
        assert_eq!((told.status, told.header("etag")), (status, Some(tag.as_str())), "{sent}");
    }
}
