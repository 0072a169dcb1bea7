//! Pages that watch, and lives of the workbench: killed, taken up again, ended in order.

use std::net::TcpStream;
use std::time::Instant;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::harness::desk::{Desk, bearer, start};
use crate::harness::watch::{message, watch};
use crate::harness::{LONG, ports};
use crate::page::{Page, call, put, take};

/// Reads messages until each of these was so of one of them.
/// What a message is to be.
type Wanted = Box<dyn Fn(&Value) -> bool>;

fn hears(socket: &mut TcpStream, mut wanted: Vec<Wanted>) {
    let due = Instant::now() + LONG;
    while !wanted.is_empty() {
        assert!(Instant::now() < due, "waited in vain for {} messages", wanted.len());
        let message = message(socket);
        wanted.retain(|is_so| !is_so(&message));
    }
}

#[test]
fn pages_are_told_what_comes_grows_and_goes() {
    let page = Page::start();
    let shared = page.post("/api/share", &json!({"may": "look"}));
    let look = shared["link"].as_str().and_then(|link| link.split_once("/#")).expect("a code").1;
    let look = page.desk.enter(look);
    let (before, _) = page.listen(json!({"name": "before"}));
    let mut pages = [watch(&page.desk, &page.token), watch(&page.desk, &look)];
    let instance = page.get("/api/about")["instance"].clone();
    for socket in &mut pages {
        let hello = message(socket);
        assert_eq!((&hello["e"], &hello["instance"]), (&json!("hello"), &instance));
        assert_eq!(hello["runs"][0]["id"], before);
    }
    let (server, port) = page.listen(json!({"reply": "echo"}));
    let mut caller = call(port);
    put(&mut caller, "hi");
    take(&mut caller, 2);
    page.post(&format!("/api/runs/{server}/name"), &json!({"name": "named"}));
    let steps = json!([{"send": {"kind": "text", "data": "x"}}]);
    let endless = json!({"to": "all", "steps": steps, "every": "100ms"});
    page.post(&format!("/api/runs/{server}/sequences"), &endless);
    for socket in &mut pages {
        let of = move |message: &Value, kind: &str| message["e"] == kind && message["id"] == server;
        hears(
            socket,
            vec![
                Box::new(move |message| {
                    of(message, "grew") && message["events"].as_u64() > Some(3)
                }),
                Box::new(move |message| {
                    of(message, "changed") && message["run"]["name"] == "named"
                }),
                // Who came, with what went over by then, or the counts of who was there.
                Box::new(move |message| {
                    let came = &message["conversations"][0]["in"];
                    let moved = &message["counts"][0][1];
                    of(message, "changed") && (*came == 2 || *moved == 2)
                }),
                Box::new(move |message| of(message, "rates") && message["rate"]["out"] != 0),
            ],
        );
    }
    assert_eq!(page.ask("DELETE", &format!("/api/runs/{server}"), "").status, 204);
    for socket in &mut pages {
        let gone = move |message: &Value| message["e"] == "gone" && message["id"] == server;
        hears(socket, vec![Box::new(gone)]);
    }
    // Who comes now is told of what there is.
    let mut third = watch(&page.desk, &look);
    assert_eq!(message(&mut third)["runs"].as_array().map(Vec::len), Some(1));
}

/// The same folder, after SIGKILL.
fn killed(page: Page) -> Page {
    let Page { desk: Desk { running, folder, .. }, token } = page;
    // Its drop is SIGKILL.
    drop(running);
    let running = start(folder.path(), &["--listen", "127.0.0.1:0"]);
    let at = running.at();
    Page { desk: Desk { running, at, folder }, token }
}

#[test]
fn n73_what_was_killed_is_taken_up_with_all_that_it_had_written_down() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({"frame": "lines", "name": "before"}));
    for number in 0..50_u64 {
        put(&mut peer, "a line of it\n");
        page.until(client, "the line", |run| run["conversations"][0]["in"] == (number + 1) * 13);
    }
    page.listen(json!({"reply": "echo"}));
    let before = page.rows(client, "");
    let tape = page.desk.folder.path().join(format!("workbench/runs/{client}.tape"));
    // Events reach the disk by themselves, though nothing follows.
    ports::until("all on the disk", || {
        let text = std::fs::read(&tape).expect("the tape");
        text.split_inclusive(|byte| *byte == b'\n').count() as u64
            == before["events"].as_u64().expect("a number") + 1
    });
    let instance = page.get("/api/about")["instance"].clone();
    let page = killed(page);
    assert_ne!(page.get("/api/about")["instance"], instance, "the token is good, the life another");
    let run = page.run(client);
    assert_eq!((&run["interrupted"], &run["state"]), (&json!(true), &json!("ended")));
    assert_eq!((&run["name"], &run["conversations"][0]["in"]), (&json!("before"), &json!(650)));
    let after = page.rows(client, "");
    assert_eq!(after["rows"], before["rows"]);
    assert_eq!(page.rows(client, "by=frames&frame=lines&kind=data")["total"], 50);
    let mut socket = watch(&page.desk, &page.token);
    assert_eq!(message(&mut socket)["runs"].as_array().map(Vec::len), Some(2));

    // It is only looked at; what it did can be done again, under a new number.
    let send = json!({"to": "all", "message": {"kind": "text", "data": "x"}});
    assert_eq!(page.refused(&format!("/api/runs/{client}/send"), &send).0, 409);
    let run = page.post("/api/runs/2/again", &Value::Null);
    assert_eq!(
        (&run["id"], &run["state"], &run["interrupted"]),
        (&json!(3), &json!("open"), &json!(false))
    );
    // A last line that was cut off, a tape that is none, a note without a tape.
    let runs = page.desk.folder.path().join("workbench/runs");
    let torn = [std::fs::read(&tape).expect("the tape"), b"{\"t\":1,\"c\":1,\"e\":\"in".to_vec()];
    std::fs::write(&tape, torn.concat()).expect("written");
    std::fs::write(runs.join("7.tape"), "none\n").expect("written");
    std::fs::write(runs.join("8.json"), "{}").expect("written");
    let page = killed(page);
    assert_eq!(page.rows(client, "")["rows"], before["rows"]);
    assert_eq!(page.get("/api/runs")["runs"].as_array().map(Vec::len), Some(3));
    let (next, _) = page.listen(json!({}));
    assert!(next > 7, "{next}");
    assert_eq!(page.ask("DELETE", &format!("/api/runs/{client}"), "").status, 204);
    assert!(!tape.exists());
}

#[test]
fn n64_an_end_in_order_keeps_the_runs_and_tells() {
    let page = Page::start();
    let (_, port) = page.listen(json!({}));
    let (_, mut peer) = page.connect(json!({}));
    page.open(&json!({"do": "lesson", "program": "chat"}));
    let mut caller = call(port);
    put(&mut caller, "x");
    let mut socket = watch(&page.desk, &page.token);
    message(&mut socket);
    let Page { desk: Desk { running, folder, .. }, token } = page;
    running.signal(Signal::TERM);
    for socket in [&mut caller, &mut peer] {
        assert_eq!(std::io::Read::read(socket, &mut [0]).unwrap_or(0), 0);
    }
    running.wait().exits(143).told("4 runs are kept");
    let running = start(folder.path(), &["--listen", "127.0.0.1:0"]);
    let at = running.at();
    let desk = Desk { running, at, folder };
    let told = desk.ask("GET", "/api/runs", &bearer(&token), "").json();
    let runs = told["runs"].as_array().expect("a list");
    assert_eq!(runs.len(), 4);
    for run in runs {
        assert_eq!((&run["state"], &run["interrupted"]), (&json!("ended"), &json!(false)), "{run}");
        let all = run["conversations"].as_array().expect("a list");
        assert!(all.iter().all(|one| one["open"] == false && !one["close"].is_null()), "{run}");
    }
}
