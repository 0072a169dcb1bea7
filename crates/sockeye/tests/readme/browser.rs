//! How the commands of the browser workbench in the READMEs are run: each on a port of this
//! machine's choice, with its things in the line's own folder. No test is in here.

#![allow(unreachable_pub, reason = "a module of a test has no outside")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;

use rustix::process::Signal;

use crate::Scene;
use crate::harness::{LONG, Running};
use crate::line::{Line, call};

pub const BROWSER: &[(&str, Scene)] = &[
    ("sockeye workbench", |line| serves_the_page(line, "workbench")),
    ("sockeye workbench --listen 127.0.0.1:8000 --no-open", |line| {
        serves_the_page(line, "workbench --listen 127.0.0.1:8000");
    }),
    ("sockeye workbench --allow-exec", |line| {
        let ours = begins(line, "workbench", "127.0.0.1:0");
        assert!(asks_what_it_may(&ours).contains(r#""exec":true"#));
        ends(ours, line);
    }),
    ("head -c 18 /dev/urandom | base64 > password.txt; chmod 600 password.txt", |line| {
        makes_a_password(line);
    }),
    (
        "sockeye workbench --listen tls://0.0.0.0:7626 --login password.txt --name \
         bench.example.org",
        |line| {
            let password =
                "head -c 18 /dev/urandom | base64 > password.txt; chmod 600 password.txt";
            makes_a_password(&Line { command: password.to_owned(), folder: line.folder.clone() });
            let ours = begins(line, "workbench --listen tls://0.0.0.0:7626", "tls://0.0.0.0:0");
            let port = ours.port();
            assert_eq!(ours.endpoint(), format!("https://bench.example.org:{port}"));
            ends(ours, line);
        },
    ),
];

/// The workbench at `place`, where the README has `usual`.
fn begins(line: &Line, usual: &str, place: &str) -> Running {
    line.start(&[(usual, &format!("workbench --data data --listen {place}"))]).start()
}

fn serves_the_page(line: &Line, usual: &str) {
    let ours = begins(line, usual, "127.0.0.1:0");
    let page = ask(&ours, "GET / HTTP/1.1", "");
    assert!(page.contains("<!doctype html>"), "{page}");
    assert!(asks_what_it_may(&ours).contains(r#""exec":false"#));
    ends(ours, line);
}

/// What the page of the link that is printed is told of the workbench.
fn asks_what_it_may(ours: &Running) -> String {
    let link = format!("open http://{}/#", ours.at());
    let code = ours.err.until(LONG, |said| {
        let said = String::from_utf8_lossy(said).into_owned();
        let (code, _) = said.split_once(&link)?.1.split_once('\n')?;
        Some(code.to_owned())
    });
    let proof = format!(r#"{{"code":"{}"}}"#, code.expect("a link"));
    let length = format!("POST /api/enter HTTP/1.1\r\nContent-Length: {}", proof.len());
    let entered = ask(ours, &length, &proof);
    let token = entered.split_once(r#""token":""#).expect("a token").1;
    let token = token.split_once('"').expect("its end").0;
    ask(ours, &format!("GET /api/about HTTP/1.1\r\nAuthorization: Bearer {token}"), "")
}

fn ask(ours: &Running, head: &str, body: &str) -> String {
    let mut browser = call(ours);
    let at = ours.at();
    write!(browser, "{head}\r\nHost: {at}\r\nConnection: close\r\n\r\n{body}").expect("sent");
    let mut told = String::new();
    browser.read_to_string(&mut told).expect("an answer");
    assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    told
}

/// It ends in order.
fn ends(ours: Running, line: &Line) {
    ours.signal(Signal::INT);
    ours.wait().exits(130);
    let folder = line.folder.path().join("data/workbench");
    assert!(folder.join("tokens").is_dir());
}

fn makes_a_password(line: &Line) {
    drop(line.start(&[]).run().exits(0));
    let file = line.folder.path().join("password.txt");
    assert_eq!(fs::metadata(&file).expect("made").permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(file).expect("text").trim().len() >= 12);
}
