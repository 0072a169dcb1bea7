//! What there is to know of a run beside its rows: bytes, checksums, what it said, rates, how
//! its connections fare, framings, its picture, and all of it as a file.

use serde_json::{Value, json};

use crate::harness::{noise, ports, sockeye};
use crate::page::{Page, call, number, put, take};

#[test]
fn bytes_are_given_by_event_and_by_stream_in_parts() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    let bytes = noise(3000, 7);
    for (count, piece) in [(1000, &bytes[..1000]), (3000, &bytes[1000..])] {
        put(&mut peer, piece);
        page.until(client, "the piece", |run| run["conversations"][0]["in"] == count);
    }
    let at = |path: &str| page.octets(&format!("/api/runs/{client}/{path}"));
    assert_eq!(at("events/1"), (bytes[..1000].to_vec(), 1000));
    assert_eq!(at("events/1?off=10&len=5"), (bytes[10..15].to_vec(), 1000));
    assert_eq!(at("events/1?off=5000"), (Vec::new(), 1000));
    assert_eq!(at("bytes?c=1&dir=in&off=995&len=10"), (bytes[995..1005].to_vec(), 3000));
    assert_eq!(at("bytes?c=1&dir=in"), (bytes.clone(), 3000));
    assert_eq!(at("bytes?c=1&dir=in&off=2990&len=999999999"), (bytes[2990..].to_vec(), 3000));
    assert_eq!(at("bytes?c=1&dir=out"), (Vec::new(), 0));
    for (path, status) in [
        ("events/0", 404),
        ("events/99", 404),
        ("events/x", 400),
        ("events/1?off=-1", 400),
        ("bytes?c=1", 400),
        ("bytes?dir=in", 400),
        ("look?c=1&dir=both", 400),
    ] {
        let told = page.ask("GET", &format!("/api/runs/{client}/{path}"), "");
        assert_eq!((told.status, told.field("code").starts_with("E-")), (status, true), "{path}");
    }
    assert_eq!(page.ask("GET", "/api/runs/none", "").field("code"), "E-usage");
}

#[test]
fn checksums_of_chosen_bytes_are_those_of_the_catalogue() {
    let page = Page::start();
    let (client, _peer) = page.connect(json!({}));
    page.send(client, &json!([1]), &json!({"kind": "text", "data": "..123456789.."}));
    page.until(client, "the write", |run| run["conversations"][0]["out"] == 13);
    let sums = page.get(&format!("/api/runs/{client}/look?c=1&dir=out&off=2&len=9"));
    let of = |name: &str| {
        let all = sums["checksums"].as_array().expect("a list");
        let one = all.iter().find(|one| one["name"] == name).expect("it is there");
        (one["be"].clone(), one["le"].clone())
    };
    // The check values of the CRC catalogue (reveng).
    assert_eq!(of("crc16-modbus"), (json!("4B37"), json!("374B")));
    assert_eq!(of("crc16-xmodem"), (json!("31C3"), json!("C331")));
    assert_eq!(of("crc32"), (json!("CBF43926"), json!("2639F4CB")));
    assert_eq!(of("sum8"), (json!("DD"), json!("DD")));
}

#[test]
fn what_a_run_said_is_told_from_any_line_on() {
    let page = Page::start();
    let (server, port) = page.listen(json!({"deny": ["127.0.0.0/8"]}));
    drop(std::io::Read::read(&mut call(port), &mut [0]));
    page.until(server, "a refusal", |run| run["said"] == 2);
    let said = page.get(&format!("/api/runs/{server}/said"));
    assert_eq!((&said["first"], &said["total"]), (&json!(0), &json!(2)));
    let lines = said["lines"].as_array().expect("lines");
    assert!(lines[0]["text"].as_str().is_some_and(|text| text.contains("tcp://127.0.0.1:")));
    assert!(lines[1]["text"].as_str().is_some_and(|text| text.contains("refused 127.0.0.1:")));
    assert!(number(&lines[1]["t"]) > number(&lines[0]["t"]));
    let later = page.get(&format!("/api/runs/{server}/said?from=1"));
    assert_eq!((&later["first"], &later["lines"][0]), (&json!(1), &lines[1]));
}

#[test]
fn rates_have_the_bursts_and_the_silence_between_them() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    let began = number(&page.run(client)["began"]);
    let second = || (number(&page.get("/api/about")["now"]) - began) / 1000;
    let sum =
        |series: &[Value], name: &str| -> u64 { series.iter().map(|one| number(&one[name])).sum() };
    let rates = || {
        let told = page.get(&format!("/api/runs/{client}/rates"));
        (number(&told["second"]), told["series"].as_array().expect("a list").clone())
    };
    put(&mut peer, "burst");
    page.until(client, "the burst", |run| run["conversations"][0]["in"] == 5);
    page.send(client, &json!([1]), &json!({"kind": "text", "data": "ask"}));
    assert_eq!(take(&mut peer, 3), b"ask");
    put(&mut peer, "answer");
    page.until(client, "the answer", |run| run["conversations"][0]["in"] == 11);
    let (first, series) = rates();
    assert_eq!((sum(&series, "in"), sum(&series, "out"), sum(&series, "trips")), (11, 3, 1));
    let trip = series.iter().find(|one| one["trips"] == 1).expect("an answer");
    assert!(trip["tripP50"].is_u64() && trip["tripMax"] == trip["tripP50"], "{trip}");
    ports::until("a second of silence", || second() > first + 2);
    put(&mut peer, "again");
    page.until(client, "the last", |run| run["conversations"][0]["in"] == 16);
    let (last, series) = rates();
    assert!(last >= first + 2);
    assert_eq!((sum(&series, "in"), sum(&series, "outEvents")), (16, 1));
    let silent = &series[series.len() - 2];
    assert_eq!(
        (&silent["in"], &silent["inEvents"], &silent["tripP50"]),
        (&json!(0), &json!(0), &Value::Null)
    );
}

#[test]
fn how_connections_fare_and_what_their_framing_may_be_is_found_out() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({"frame": "len:u16be"}));
    for length in [3, 17, 250, 41, 5, 90, 12, 33] {
        let text = "x".repeat(length);
        page.send(client, &json!([1]), &json!({"kind": "text", "data": text}));
        take(&mut peer, length + 2);
        put(
            &mut peer,
            [&u16::try_from(length).expect("short").to_be_bytes()[..], text.as_bytes()].concat(),
        );
    }
    page.until(client, "all of it", |run| run["conversations"][0]["in"] == 451 + 16);
    let info = page.get(&format!("/api/runs/{client}/info"));
    let one = &info["conversations"][0];
    let at = peer.local_addr().expect("an address").to_string();
    assert!(one["rows"].as_array().expect("rows").contains(&json!(["peer", at])), "{info}");
    assert!(one["rtt"].is_u64() && !one["tcp"].as_array().expect("rows").is_empty(), "{info}");
    let found = page.get(&format!("/api/runs/{client}/detect?c=1"));
    assert_eq!(found["candidates"][0]["frame"], "len:u16be", "{found}");
    assert_eq!(found["unsure"], false);
    assert!(found["text"].as_str().is_some_and(|text| text.contains("len:u16be")));
    let drawn = page.ask("GET", &format!("/api/runs/{client}/diagram?c=1"), "");
    assert_eq!(drawn.header("content-type"), Some("image/svg+xml"));
    assert!(
        drawn.body.starts_with("<svg ") || drawn.body.starts_with("<?xml"),
        "{:.80}",
        drawn.body
    );
    for path in ["detect?c=9", "diagram?c=x"] {
        assert_eq!(
            page.ask("GET", &format!("/api/runs/{client}/{path}"), "").status,
            400,
            "{path}"
        );
    }
}

#[test]
fn a_run_is_saved_in_every_form() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    let bytes = noise(200_000, 7);
    let folder = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        scope.spawn(|| put(&mut peer, &bytes));
        page.until(client, "all of it", |run| run["conversations"][0]["in"] == 200_000);
    });
    page.send(client, &json!([1]), &json!({"kind": "text", "data": "你好"}));
    page.until(client, "the write", |run| run["conversations"][0]["out"] == 6);
    let save = |query: &str| {
        let told = page.ask("GET", &format!("/api/runs/{client}/save?{query}"), "");
        assert_eq!(told.status, 200, "{query}: {}", told.body);
        let kept = told.header("content-disposition").expect("a name").to_owned();
        assert!(kept.starts_with("attachment; filename=\"run-1."), "{kept}");
        told.bytes
    };
    let place = folder.path().join("run-1.tape");
    std::fs::write(&place, save("as=tape")).expect("written");
    let shown = sockeye(["tape", "show"]).args([&place]).run().exits(0);
    assert!(shown.text().contains("你好"), "{}", shown.text());
    let events = crate::harness::tape::read(&place);
    assert_eq!(crate::harness::tape::came(&events).concat(), bytes);
    assert!(save("as=raw&c=1&dir=in") == bytes, "the bytes as they came");
    assert_eq!(save("as=raw&c=1&dir=out"), "你好".as_bytes());
    assert!(save("as=pcapng").starts_with(&[0x0A, 0x0D, 0x0D, 0x0A]));
    assert!(save("as=html").to_ascii_lowercase().starts_with(b"<!doctype html"));
    assert!(String::from_utf8(save("as=txt")).expect("text").contains("你好"));
    assert!(String::from_utf8(save("as=svg&c=1")).expect("text").contains("<svg"));
    assert!(save("as=mmd").starts_with(b"sequenceDiagram"));
    // A page made of a stranger's bytes is a file, whatever the browser thinks of it.
    let told = page.ask("GET", &format!("/api/runs/{client}/save?as=html"), "");
    assert_eq!(told.header("content-type"), Some("application/octet-stream"));
    for query in ["as=exe", "as=raw", "as=raw&c=1", "as=../x"] {
        assert_eq!(page.ask("GET", &format!("/api/runs/{client}/save?{query}"), "").status, 400);
    }
    assert_eq!(page.tapes(), ["1.json", "1.tape"], "nothing lies about");
}
