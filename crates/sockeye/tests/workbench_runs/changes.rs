//! Runs and conversations that are ended, changed and forgotten while they go on.

use std::io::Read as _;
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::harness::ports;
use crate::page::{Page, call, port, put, take};

#[test]
fn one_is_kicked_and_the_others_talk_on() {
    let page = Page::start();
    let (server, port) = page.listen(json!({"reply": "echo"}));
    let mut first = call(port);
    page.until(server, "the caller", |run| run["open"] == 1);
    let mut second = call(port);
    page.until(server, "the other", |run| run["open"] == 2);
    page.post(&format!("/api/runs/{server}/kick"), &json!({"to": [1]}));
    let mut space = [0; 8];
    // A FIN or a RST: an end either way.
    assert_eq!(first.read(&mut space).unwrap_or(0), 0);
    put(&mut second, "still");
    assert_eq!(take(&mut second, 5), b"still");
    let run = page.until(server, "its end", |run| run["open"] == 1);
    assert_eq!(run["conversations"][0]["close"]["by"], "us", "{run}");
    let kick = format!("/api/runs/{server}/kick");
    assert_eq!(page.refused(&kick, &json!({"to": [1]})).0, 409);
    assert_eq!(page.refused(&kick, &json!({"to": [2], "why": "?"})).0, 400);
    page.post(&kick, &json!({"to": "all"}));
    assert_eq!(second.read(&mut space).unwrap_or(0), 0);
}

#[test]
fn our_end_leaves_theirs_open() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    page.post(&format!("/api/runs/{client}/finish"), &json!({"to": "all"}));
    assert_eq!(peer.read(&mut [0]).expect("an end"), 0);
    put(&mut peer, "after your end");
    page.until(client, "the bytes", |run| run["conversations"][0]["in"] == 14);
    drop(peer);
    page.until(client, "its end", |run| run["state"] == "ended");
}

#[test]
fn nobody_more_is_let_in_and_who_is_there_talks_on() {
    let page = Page::start();
    let (server, port) = page.listen(json!({"reply": "echo"}));
    let mut caller = call(port);
    page.until(server, "the caller", |run| run["open"] == 1);
    assert_eq!(page.run(server)["accepting"], true);
    page.post(&format!("/api/runs/{server}/stop-accepting"), &Value::Null);
    assert_eq!(page.run(server)["accepting"], false);
    ports::until("a closed port", || TcpStream::connect(("127.0.0.1", port)).is_err());
    put(&mut caller, "on");
    assert_eq!(take(&mut caller, 2), b"on");
}

#[test]
fn a_run_is_ended_opened_again_renamed_and_forgotten() {
    let page = Page::start();
    let (server, port) = page.listen(json!({"reply": "echo", "name": "first"}));
    let mut caller = call(port);
    put(&mut caller, "x");
    assert_eq!(take(&mut caller, 1), b"x");
    page.post(&format!("/api/runs/{server}/end"), &Value::Null);
    assert_eq!(caller.read(&mut [0]).unwrap_or(0), 0);
    let run = page.until(server, "its end", |run| run["state"] == "ended");
    assert_eq!((&run["error"], &run["open"]), (&Value::Null, &json!(0)));
    // It is still there to be looked at.
    assert_eq!(page.rows(server, "kind=data")["total"], 2);
    let send = json!({"to": "all", "message": {"kind": "text", "data": "x"}});
    assert_eq!(page.refused(&format!("/api/runs/{server}/send"), &send).0, 409);

    let run = page.post(&format!("/api/runs/{server}/again"), &Value::Null);
    assert_eq!(
        (&run["id"], &run["state"], &run["name"]),
        (&json!(2), &json!("open"), &json!("first"))
    );
    let mut caller = call(crate::page::port(&run));
    put(&mut caller, "y");
    assert_eq!(take(&mut caller, 1), b"y");

    let run = page.post("/api/runs/2/name", &json!({"name": "第二个"}));
    assert_eq!(run["name"], "第二个");
    let told = page.refused("/api/runs/2/name", &json!({"name": "x".repeat(101)}));
    assert_eq!((told.0, told.2.as_deref()), (400, Some("name")));

    assert_eq!(page.tapes(), ["1.json", "1.tape", "2.json", "2.tape"]);
    assert_eq!(page.ask("DELETE", "/api/runs/1", "").status, 204);
    assert_eq!(page.ask("DELETE", "/api/runs/2", "").status, 204);
    assert_eq!(caller.read(&mut [0]).unwrap_or(0), 0, "what is forgotten has ended");
    assert_eq!(page.tapes(), Vec::<String>::new());
    assert_eq!(page.ask("GET", "/api/runs/2", "").status, 404);
    assert_eq!(page.get("/api/runs"), json!({"runs": []}));
    assert_eq!(page.ask("DELETE", "/api/runs/2", "").status, 404);
}

#[test]
fn answers_are_changed_while_it_runs() {
    let page = Page::start();
    let (server, port) = page.listen(json!({"frame": "lines", "on": ["ping => pong"]}));
    let mut caller = call(port);
    let mut ask = |say: &str, wanted: &str| {
        put(&mut caller, format!("{say}\n"));
        assert_eq!(take(&mut caller, wanted.len() + 1), format!("{wanted}\n").as_bytes(), "{say}");
    };
    let path = format!("/api/runs/{server}/answers");
    ask("ping", "pong");
    let run = page
        .post(&path, &json!({"rules": ["ping => PANG", "re:^n=(.*)$ => text:got"], "reply": null}));
    assert_eq!(run["rules"].as_array().map(Vec::len), Some(2));
    ask("ping", "PANG");
    ask("n=7", "got");
    let run = page.post(&path, &json!({"rules": [], "reply": "upper"}));
    assert_eq!((&run["rules"], &run["reply"]), (&json!([]), &json!("upper")));
    ask("ping", "PING");
    for (answers, field) in [
        (json!({"rules": ["no arrow"], "reply": null}), "rules"),
        (json!({"rules": ["re:( => x"], "reply": null}), "rules"),
        (json!({"rules": [], "reply": "hex:A"}), "reply"),
    ] {
        let told = page.refused(&path, &answers);
        assert_eq!((told.0, told.2.as_deref()), (400, Some(field)), "{answers}");
    }
    // What was refused has changed nothing.
    ask("ping", "PING");
    page.post(&path, &json!({"rules": []}));
    put(&mut caller, "ping\n");
    page.until(server, "the read", |run| run["conversations"][0]["in"] == 29);
    assert_eq!(page.run(server)["conversations"][0]["writes"], 5);
}

#[test]
fn faults_are_changed_while_it_runs() {
    let page = Page::start();
    let (server, behind) = page.listen(json!({"reply": "echo"}));
    let (relay, run) = page.open(&json!({"do": "relay", "a": "127.0.0.1:0",
        "b": format!("127.0.0.1:{behind}"), "fault": "corrupt=100%", "seed": "7"}));
    assert_eq!(run["faults"], "corrupt=100%");
    let mut caller = call(port(&run));
    put(&mut caller, "abcd");
    assert_ne!(take(&mut caller, 4), b"abcd");
    let path = format!("/api/runs/{relay}/faults");
    let run = page.post(&path, &json!({"faults": "split=1; delay=1ms"}));
    assert_eq!(run["faults"], "split=1; delay=1ms");
    put(&mut caller, "efgh");
    assert_eq!(take(&mut caller, 4), b"efgh");
    assert_eq!(page.post(&path, &json!({"faults": ""}))["faults"], "");
    put(&mut caller, "whole");
    assert_eq!(take(&mut caller, 5), b"whole");
    let told = page.refused(&path, &json!({"faults": "explode=1"}));
    assert_eq!((told.0, told.2.as_deref()), (400, Some("faults")));
    let told = page.refused(&format!("/api/runs/{server}/faults"), &json!({"faults": ""}));
    assert_eq!(told.0, 409);
}
