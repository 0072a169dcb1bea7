//! Sequences: steps done by themselves, once or again and again.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::page::{Page, number};

/// Answers each `ask` with `OK`, on a thread of its own, until the other side's end.
fn answering(mut peer: TcpStream) {
    std::thread::spawn(move || {
        let mut space = [0; 3];
        while peer.read_exact(&mut space).is_ok() && peer.write_all(b"OK\n").is_ok() {}
    });
}

fn text(data: &str) -> Value {
    json!({"send": {"kind": "text", "data": data}})
}

/// Begins one, and waits for its end.
fn ended(page: &Page, run: u64, sequence: &Value) -> Value {
    let begun = page.post(&format!("/api/runs/{run}/sequences"), sequence);
    let number = &begun["sequence"];
    let of = |run: &Value| {
        let all = run["sequences"].as_array().expect("a list").clone();
        all.into_iter().find(|one| one["sequence"] == *number).expect("it is told of")
    };
    of(&page.until(run, "its end", |run| of(run)["state"] != "running"))
}

#[test]
fn steps_are_done_so_many_times_and_what_is_expected_is_heard() {
    let page = Page::start();
    let (client, peer) = page.connect(json!({}));
    answering(peer);
    let steps = json!([text("ask"), {"expect": "OK", "within": "10s"}, {"wait": "1ms"}]);
    let told =
        ended(&page, client, &json!({"to": "all", "steps": steps, "times": 5, "every": "5ms"}));
    assert_eq!(
        (&told["state"], &told["done"], &told["times"]),
        (&json!("done"), &json!(5), &json!(5)),
        "{told}"
    );
    assert_eq!((&told["what"], &told["why"]), (&json!("steps"), &Value::Null));
    for expect in ["hex:4F4B", "re:^O.", "text:OK"] {
        let steps = json!([text("ask"), {"expect": expect, "within": "10s"}]);
        let told = ended(&page, client, &json!({"to": [1], "steps": steps, "times": 1}));
        assert_eq!(told["state"], "done", "{told}");
    }
}

#[test]
fn what_does_not_come_is_missed_and_whoever_is_not_there_makes_it_fail() {
    let page = Page::start();
    let (client, peer) = page.connect(json!({}));
    answering(peer);
    let steps = json!([text("ask"), {"expect": "NO", "within": "50ms"}, text("never")]);
    let told = ended(&page, client, &json!({"to": "all", "steps": steps, "times": 3}));
    assert_eq!((&told["state"], &told["done"]), (&json!("missed"), &json!(0)), "{told}");
    let (at, why) = (told["at"].as_str().expect("where"), told["why"].as_str().expect("why"));
    assert!(at.starts_with("step 2: expects") && why.contains("NO"), "{told}");
    let told = ended(&page, client, &json!({"to": [9], "steps": [text("x")], "times": 1}));
    assert_eq!(told["state"], "failed", "{told}");
    let rows = page.rows(client, "kind=data&dir=out");
    assert_eq!(rows["total"], 1, "nothing went out after what was missed");
}

#[test]
fn one_without_an_end_is_stopped_and_one_ends_with_its_run() {
    let page = Page::start();
    let (client, peer) = page.connect(json!({}));
    answering(peer);
    let path = format!("/api/runs/{client}/sequences");
    let endless = json!({"to": "all", "steps": [text("ask")], "every": "2ms"});
    let first = number(&page.post(&path, &endless)["sequence"]);
    page.post(&path, &endless);
    page.until(client, "some passes", |run| run["sequences"][0]["done"].as_u64() > Some(5));
    assert_eq!(page.ask("DELETE", &format!("{path}/{first}"), "").status, 204);
    let run = page.until(client, "a stop", |run| run["sequences"][0]["state"] == "stopped");
    assert_eq!(run["sequences"][0]["times"], Value::Null);
    assert_eq!(run["sequences"][1]["state"], "running", "the other goes on");
    page.post(&format!("/api/runs/{client}/end"), &json!({}));
    page.until(client, "its end", |run| run["sequences"][1]["state"] == "stopped");
    page.until(client, "the run's end", |run| run["state"] == "ended");
    assert_eq!(page.refused(&path, &endless).0, 409, "nothing begins in what has ended");
}

#[test]
fn what_cannot_be_a_sequence_is_refused_with_its_field_and_its_step() {
    let page = Page::start();
    let (client, _peer) = page.connect(json!({}));
    let path = format!("/api/runs/{client}/sequences");
    for (steps, more, field) in [
        (json!([]), json!({}), "steps"),
        (json!([text("x")]), json!({"times": 0}), "steps"),
        (json!([text("x")]), json!({"every": "often"}), "every"),
        (json!([text("x"), {"wait": "long"}]), json!({}), "wait"),
        (json!([{"wait": "25h"}]), json!({"times": 1}), "steps"),
        (json!([{"expect": "re:("}]), json!({}), "expect"),
        (json!([{"expect": "x", "within": "?"}]), json!({}), "within"),
        (json!([{"send": {"kind": "hex", "data": "A"}}]), json!({}), "data"),
        (json!([{"send": {"kind": "text", "data": "a", "frame": "len:u9"}}]), json!({}), "frame"),
    ] {
        let mut sequence = json!({"to": "all", "steps": steps});
        for (name, value) in more.as_object().expect("an object") {
            sequence[name] = value.clone();
        }
        let told = page.refused(&path, &sequence);
        assert_eq!((told.0, told.2.as_deref()), (400, Some(field)), "{sequence}");
    }
    for steps in [json!([{"wait": "1s", "expect": "x"}]), json!([{"sent": 1}]), json!([7])] {
        assert_eq!(page.refused(&path, &json!({"to": "all", "steps": steps})).0, 400);
    }
    assert_eq!(page.refused(&path, &json!({"to": "some", "steps": [text("x")]})).0, 400);
    assert_eq!(page.run(client)["sequences"], json!([]));
}

#[test]
fn there_are_sixteen_at_once_in_a_run_and_no_more() {
    let page = Page::start();
    let (client, _peer) = page.connect(json!({}));
    let path = format!("/api/runs/{client}/sequences");
    let waiting = json!({"to": "all", "steps": [{"wait": "1h"}], "times": 1});
    let all: Vec<u64> = (0..16).map(|_| number(&page.post(&path, &waiting)["sequence"])).collect();
    assert_eq!(page.refused(&path, &waiting).0, 503);
    assert_eq!(page.ask("DELETE", &format!("{path}/{}", all[0]), "").status, 204);
    page.until(client, "a place", |run| run["sequences"][0]["state"] == "stopped");
    page.post(&path, &waiting);
}
