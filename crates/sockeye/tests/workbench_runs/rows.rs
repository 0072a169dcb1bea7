//! Rows of a view: by reads and by frames, filtered, searched, numbered for good.

use std::net::TcpStream;

use serde_json::{Value, json};

use crate::page::{Page, call, put, take};

/// Writes each piece once the one before it was read.
fn speak(page: &Page, run: u64, peer: &mut TcpStream, pieces: &[&[u8]]) {
    let mut came = page.run(run)["conversations"][0]["in"].as_u64().expect("a number");
    for piece in pieces {
        put(peer, piece);
        came += piece.len() as u64;
        page.until(run, "the piece", |run| run["conversations"][0]["in"] == came);
    }
}

fn column(rows: &Value, name: &str) -> Vec<Value> {
    rows["rows"].as_array().expect("rows").iter().map(|row| row[name].clone()).collect()
}

#[test]
fn reads_have_brackets_where_frames_begin_and_end() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    speak(&page, client, &mut peer, &[b"he", b"llo\nwor", b"ld\n", b"a\nb\n", b"end"]);
    let rows = page.rows(client, "by=reads&frame=lines&kind=data");
    assert_eq!(column(&rows, "off"), [0, 2, 9, 12, 16].map(Value::from));
    assert_eq!(column(&rows, "len"), [2, 7, 3, 4, 3].map(Value::from));
    let wanted = [
        json!([[0, 2, 2]]),
        json!([[0, 4, 1], [4, 3, 2]]),
        json!([[0, 3, 1]]),
        json!([[0, 2, 0], [2, 2, 0]]),
    ];
    assert_eq!(column(&rows, "frames")[..4], wanted);
    // What is not whole yet is no frame.
    assert_eq!(column(&rows, "frames")[4], Value::Null);
    let rows = page.rows(client, "by=reads&frame=&kind=data");
    assert_eq!(column(&rows, "frames"), vec![Value::Null; 5]);
}

#[test]
fn frames_are_rows_with_the_cuts_at_which_reads_began() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    speak(&page, client, &mut peer, &[b"he", b"l", b"lo\nwor", b"ld\n", b"a\nb\n"]);
    let rows = page.rows(client, "by=frames&frame=lines&kind=data");
    assert_eq!(column(&rows, "off"), [0, 6, 12, 14].map(Value::from));
    assert_eq!(column(&rows, "len"), [6, 6, 2, 2].map(Value::from));
    assert_eq!(column(&rows, "cuts"), [json!([2, 3]), json!([3]), Value::Null, Value::Null]);
    assert_eq!(column(&rows, "kind"), vec![json!("frame"); 4]);
    // Both of the last are complete in the same read.
    assert_eq!(column(&rows, "n")[2], column(&rows, "n")[3]);
    // A text that lies across reads is found in its frame, and in no read.
    let found = |query: &str| page.rows(client, &format!("kind=data&{query}"))["total"].clone();
    assert_eq!(found("by=frames&frame=lines&find=hello"), 1);
    assert_eq!(found("by=frames&frame=lines&find=hex:6F0A"), 1);
    assert_eq!(found("by=frames&frame=lines&find=re:%5Ew.*d"), 1);
    assert_eq!(found("by=reads&find=hello"), 0);
    assert_eq!(found("by=reads&find=lo"), 1);
}

#[test]
fn a_message_that_a_silence_ends_is_there_though_nothing_follows() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    speak(&page, client, &mut peer, &[b"alone"]);
    crate::harness::ports::until("the frame", || {
        page.rows(client, "by=frames&frame=gap:20ms&kind=data")["total"] == 1
    });
    let rows = page.rows(client, "by=frames&frame=gap:20ms&kind=data");
    assert_eq!(column(&rows, "data"), ["YWxvbmU="].map(Value::from));
}

#[test]
fn rows_are_filtered_by_conversation_direction_and_kind() {
    let page = Page::start();
    let (server, port) = page.listen(json!({"reply": "upper"}));
    for text in ["one", "two"] {
        let mut caller = call(port);
        put(&mut caller, text);
        take(&mut caller, 3);
        drop(caller);
        page.until(server, "its end", |run| run["open"] == 0);
    }
    let total = |query: &str| page.rows(server, query)["total"].clone();
    assert_eq!(total(""), 8);
    assert_eq!(total("kind=data"), 4);
    assert_eq!(total("kind=data&dir=in"), 2);
    assert_eq!(total("kind=data&dir=out&c=2"), 1);
    assert_eq!(total("kind=data&c=1&c=2"), 4);
    assert_eq!(
        (total("kind=open"), total("kind=close"), total("kind=open&kind=close")),
        (json!(2), json!(2), json!(4))
    );
    assert_eq!((total("kind=note"), total("c=9")), (json!(0), json!(0)));
    let rows = page.rows(server, "c=2");
    assert_eq!(column(&rows, "k"), [0, 1, 2, 3].map(Value::from));
    assert_eq!(column(&rows, "n"), [4, 5, 6, 7].map(Value::from));
    assert_eq!(column(&rows, "kind"), ["open", "in", "out", "close"].map(Value::from));
    assert_eq!(rows["rows"][0]["open"]["role"], "accept");
    assert_eq!(rows["rows"][3]["close"]["by"], "peer");
    for (query, field) in [
        ("by=words", "by"),
        ("frame=len:u9", "frame"),
        ("encoding=klingon", "encoding"),
        ("dir=up", "dir"),
        ("kind=bird", "kind"),
        ("c=one", "c"),
        ("from=x", "from"),
        ("count=-1", "count"),
        ("count=1&count=2", "count"),
        ("find=re:(", "find"),
        ("find=hex:A", "find"),
    ] {
        // What may be half typed is answered with what is wrong with it; the rest is refused.
        let told = page.ask("GET", &format!("/api/runs/{server}/rows?{query}"), "");
        let body = told.json();
        let field = (Some(field), told.status == 200);
        assert_eq!(
            body.get("refused").map_or((body["field"].as_str(), false), |refused| {
                (refused["field"].as_str(), true)
            }),
            field,
            "{query}"
        );
    }
}

#[test]
fn numbers_stay_while_the_run_grows_and_the_tail_is_the_end() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    let lines: Vec<String> = (0..60).map(|number| format!("line {number}\n")).collect();
    let pieces: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
    speak(&page, client, &mut peer, &pieces[..20]);
    for view in ["by=reads&kind=data&find=1", "by=frames&frame=lines&kind=data&find=1"] {
        let before = page.rows(client, view);
        assert_eq!((before["total"].clone(), column(&before, "k").len()), (json!(11), 11));
    }
    let before = [page.rows(client, "find=1"), page.rows(client, "by=frames&frame=lines")];
    speak(&page, client, &mut peer, &pieces[20..]);
    let after = [page.rows(client, "find=1"), page.rows(client, "by=frames&frame=lines")];
    for (before, after) in before.iter().zip(&after) {
        let (before, after) = (before["rows"].as_array(), after["rows"].as_array());
        let (before, after) = (before.expect("rows"), after.expect("rows"));
        assert!(after.len() > before.len());
        assert_eq!(after[..before.len()], before[..]);
    }
    // A view that was never asked for before gives the same numbers.
    for other in 0..8 {
        page.rows(client, &format!("find=other{other}"));
    }
    assert_eq!(page.rows(client, "find=1"), after[0]);
    let part = page.rows(client, "kind=data&from=30&count=2");
    assert_eq!(
        (column(&part, "k"), part["first"].clone()),
        (vec![json!(30), json!(31)], json!(30))
    );
    let tail = page.rows(client, "kind=data&from=tail&count=2");
    assert_eq!(
        (column(&tail, "k"), tail["total"].clone()),
        (vec![json!(58), json!(59)], json!(60))
    );
    let beyond = page.rows(client, "kind=data&from=999");
    assert_eq!((column(&beyond, "k").len(), beyond["total"].clone()), (0, json!(60)));
    assert_eq!(column(&page.rows(client, "count=9999&kind=data"), "k").len(), 60);
}

#[test]
fn a_long_read_shows_its_beginning_and_says_how_long_it_is() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    page.send(client, &json!([1]), &json!({"kind": "text", "data": "x".repeat(1000)}));
    take(&mut peer, 1000);
    let row = page.rows(client, "kind=data")["rows"][0].clone();
    assert_eq!(
        (&row["len"], &row["kind"], &row["dir"]),
        (&json!(1000), &json!("out"), &json!("out"))
    );
    assert_eq!(row["data"].as_str().map(str::len), Some(344), "256 bytes in base64");
}
