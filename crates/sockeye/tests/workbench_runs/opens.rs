//! Each kind of draft opens, and what cannot be read names its field.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::{UnixListener, UnixStream};

use serde_json::{Value, json};

use crate::harness::{LONG, ports};
use crate::page::{Page, call, number, port, put, take};

#[test]
fn a_server_and_a_client_open_over_every_transport() {
    let page = Page::start();
    let (server, port) = page.listen(json!({"reply": "upper"}));
    let mut caller = call(port);
    put(&mut caller, "hi");
    assert_eq!(take(&mut caller, 2), b"HI");
    let run = page.until(server, "its bytes", |run| run["conversations"][0]["out"] == 2);
    let one = &run["conversations"][0];
    assert_eq!(
        (&one["in"], &one["role"], &one["open"]),
        (&json!(2), &json!("accept"), &json!(true))
    );
    assert_eq!(
        (&run["do"], &run["state"], &run["proto"]),
        (&json!("listen"), &json!("open"), &json!("tcp"))
    );

    let (udp, run) =
        page.open(&json!({"do": "listen", "endpoint": "udp://127.0.0.1:0", "reply": "echo"}));
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(LONG)).expect("a time");
    socket.send_to(b"datagram", ("127.0.0.1", crate::page::port(&run))).expect("sent");
    let mut space = [0; 64];
    assert_eq!(socket.recv(&mut space).expect("an answer"), 8);
    page.until(udp, "a conversation", |run| run["open"] == 1);

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("talk.sock");
    let endpoint = format!("unix:{}", path.display());
    let (_, run) = page.open(&json!({"do": "listen", "endpoint": endpoint, "reply": "echo"}));
    assert_eq!(run["endpoint"], json!(endpoint));
    let mut caller = UnixStream::connect(&path).expect("it listens");
    caller.set_read_timeout(Some(LONG)).expect("a time");
    std::io::Write::write_all(&mut caller, b"over a path").expect("sent");
    assert_eq!(take(&mut caller, 11), b"over a path");
    let other = folder.path().join("other.sock");
    let server = UnixListener::bind(&other).expect("a path");
    let (client, _) =
        page.open(&json!({"do": "connect", "endpoint": format!("unix:{}", other.display())}));
    let (_peer, _) = server.accept().expect("a caller");
    page.until(client, "its conversation", |run| run["open"] == 1);

    let (client, peer) = page.connect(json!({}));
    drop(peer);
    let run = page.until(client, "its end", |run| run["state"] == "ended");
    assert!(run["closing"].as_str().is_some_and(|text| text.contains("by the peer")), "{run}");
    assert_eq!(run["error"], Value::Null);
}

#[test]
fn a_relay_passes_on_and_its_two_conversations_are_a_pair() {
    let page = Page::start();
    let (_, behind) = page.listen(json!({"reply": "echo"}));
    let (relay, run) = page.open(
        &json!({"do": "relay", "a": "127.0.0.1:0", "b": format!("127.0.0.1:{behind}"), "seed": "7"}),
    );
    let mut caller = call(port(&run));
    put(&mut caller, "through");
    assert_eq!(take(&mut caller, 7), b"through");
    let run = page.until(relay, "both", |run| run["open"] == 2);
    assert!(run["conversations"][0]["pair"].is_u64() || run["conversations"][1]["pair"].is_u64());
    assert_eq!(run["faults"], "");
}

#[test]
fn a_tape_of_a_run_is_replayed_either_way() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    page.send(client, &json!("all"), &json!({"kind": "text", "data": "ask"}));
    assert_eq!(take(&mut peer, 3), b"ask");
    put(&mut peer, "answer");
    page.until(client, "the answer", |run| run["conversations"][0]["in"] == 6);
    drop(peer);
    page.until(client, "its end", |run| run["state"] == "ended");

    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = server.local_addr().expect("an address").to_string();
    let draft = json!({"do": "replay", "tape": client, "endpoint": at, "speed": "max"});
    let (again, _) = page.open(&draft);
    let (mut peer, _) = server.accept().expect("a caller");
    assert_eq!(take(&mut peer, 3), b"ask");
    put(&mut peer, "answer");
    drop(peer);
    page.until(again, "its end", |run| run["state"] == "ended");

    let draft = json!({"do": "replay", "tape": client, "endpoint": "127.0.0.1:0",
        "as-server": true, "speed": "max"});
    // The server's side of the client's tape is the one that the client saw.
    let (_, run) = page.open(&draft);
    let mut caller = call(port(&run));
    put(&mut caller, "ask");
    assert_eq!(take(&mut caller, 6), b"answer");
}

#[test]
fn a_tape_from_the_users_disk_is_looked_at() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    put(&mut peer, "on tape");
    page.until(client, "the bytes", |run| run["conversations"][0]["in"] == 7);
    let (tape, _) = page.octets(&format!("/api/runs/{client}/save?as=tape"));
    let file = upload(&page, "talk.tape", &tape);
    let (looked, run) = page.open(&json!({"do": "tape", "file": file, "name": "from disk"}));
    assert_eq!((&run["state"], &run["interrupted"]), (&json!("ended"), &json!(false)));
    assert_eq!((&run["name"], &run["conversations"][0]["in"]), (&json!("from disk"), &json!(7)));
    let rows = page.rows(looked, "kind=data");
    assert_eq!((&rows["total"], &rows["rows"][0]["data"]), (&json!(1), &json!("b24gdGFwZQ==")));

    let file = upload(&page, "none.tape", b"no tape at all\n");
    let (status, code, _) = page.refused("/api/runs", &json!({"do": "tape", "file": file}));
    assert_eq!((status, code.as_str()), (422, "E-io"));
    assert_eq!(page.tapes(), ["1.json", "1.tape", "2.json", "2.tape"], "nothing is left of it");
    assert_eq!(page.refused("/api/runs", &json!({"do": "tape", "file": 99})).0, 404);
}

/// Hands a file over, in one piece.
pub(crate) fn upload(page: &Page, name: &str, bytes: &[u8]) -> u64 {
    let file =
        number(&page.post("/api/files", &json!({"name": name, "size": bytes.len()}))["file"]);
    for (place, piece) in bytes.chunks(1 << 20).enumerate() {
        let head = format!(
            "PUT /api/files/{file}?off={} HTTP/1.1\r\nHost: {}\r\n{}Content-Length: {}\r\n\r\n",
            place << 20,
            page.desk.at,
            crate::harness::desk::bearer(&page.token),
            piece.len()
        );
        let mut socket = crate::harness::desk::call(&page.desk.at);
        put(&mut socket, [head.as_bytes(), piece].concat());
        assert_eq!(crate::harness::desk::answer(&mut socket, false).status, 200);
    }
    file
}

#[test]
fn a_server_is_shaken_and_a_break_is_found_in_one_that_reads_once() {
    let page = Page::start();
    // It takes each read for a message.
    let (_, naive) = page.listen(json!({"on": ["hello => bye"]}));
    let draft = json!({"do": "shake", "send": ["hello"], "endpoint": format!("127.0.0.1:{naive}"),
        "budget": "4s", "seed": "7"});
    let (shake, run) = page.open(&draft);
    assert_eq!(run["state"], "open", "{run}");
    page.until(shake, "its end", |run| run["state"] == "ended");
    let told = page.get(&format!("/api/runs/{shake}/shake"));
    assert_eq!(told["state"], "found", "{told}");
    assert!(told["text"].as_str().is_some_and(|text| text.contains("--only ")), "{told}");
    assert!(!told["fails"].as_array().expect("a list").is_empty() && told["report"].is_object());
    assert_eq!(page.ask("GET", "/api/runs/1/shake", "").status, 404);
}

#[test]
fn packets_are_captured_where_that_is_allowed() {
    let page = Page::start();
    let (server, port) = page.listen(json!({"reply": "echo", "frame": "lines"}));
    let draft = json!({"do": "capture", "of": server, "endpoints": [format!("127.0.0.1:{port}")]});
    let (capture, run) = page.open(&draft);
    if run["error"]["code"] == "E-permission" {
        // Without the right there is nothing more to see.
        return;
    }
    assert_eq!(run["state"], "open", "{run}");
    let mut caller = call(port);
    put(&mut caller, "one\ntwo\n");
    assert_eq!(take(&mut caller, 8), b"one\ntwo\n");
    ports::until("packets", || {
        page.rows(capture, "")["rows"].to_string().contains(r#""data":"b25lCnR3bwo=""#)
    });
    ports::until("rulers", || {
        let rulers = page.get(&format!("/api/runs/{capture}/rulers"));
        rulers["rows"].as_array().is_some_and(|rows| !rows.is_empty())
    });
    page.post(&format!("/api/runs/{capture}/end"), &json!({}));
    let run = page.until(capture, "its end", |run| run["state"] == "ended");
    assert_eq!(run["error"], Value::Null);
}

#[test]
fn a_lesson_and_the_demo_are_two_runs_each() {
    let page = Page::start();
    let (lesson, run) = page.open(&json!({"do": "lesson", "program": "chat", "language": "en"}));
    assert_eq!(run["state"], "open", "{run}");
    let stands = page.get(&format!("/api/runs/{lesson}/lesson"));
    let client = number(&stands["client"]["run"]);
    assert_eq!(number(&stands["server"]["run"]), lesson);
    page.post(&format!("/api/runs/{lesson}/lesson"), &json!({"do": "next"}));
    page.post(&format!("/api/runs/{client}/end"), &json!({}));
    page.until(lesson, "its end with the client's", |run| run["state"] == "ended");

    let (lesson, _) = page.open(&json!({"do": "lesson", "program": "until-close"}));
    let stands = page.get(&format!("/api/runs/{lesson}/lesson"));
    let client = number(&stands["client"]["run"]);
    for _ in stands["steps"].as_array().expect("steps") {
        page.post(&format!("/api/runs/{lesson}/lesson"), &json!({"do": "next"}));
    }
    for side in [lesson, client] {
        page.until(side, "its end with the last step", |run| run["state"] == "ended");
    }
    // What was taught can still be looked at.
    assert_eq!(page.get(&format!("/api/runs/{client}/lesson"))["ended"], true);

    let (demo, run) = page.open(&json!({"do": "demo"}));
    assert_eq!((&run["do"], &run["state"]), (&json!("connect"), &json!("open")));
    // Every write of the client comes back in capital letters, as lines.
    page.until(demo, "the last line", |run| run["conversations"][0]["in"] == 37);
    let rows = page.rows(demo, "by=frames&dir=in&kind=data");
    assert_eq!(rows["total"], 5, "{rows}");
}

#[test]
fn a_client_that_is_refused_is_a_run_with_its_error() {
    let page = Page::start();
    let closed = ports::free();
    let (client, run) =
        page.open(&json!({"do": "connect", "endpoint": format!("127.0.0.1:{closed}")}));
    assert_eq!(
        (&run["state"], &run["error"]["code"]),
        (&json!("ended"), &json!("E-refused")),
        "{run}"
    );
    let text = run["error"]["text"].as_str().expect("a text");
    assert!(text.contains(&closed.to_string()) && run["error"]["hint"].is_string(), "{run}");
    let said = page.get(&format!("/api/runs/{client}/said"));
    assert!(said.to_string().contains("error[E-refused]: "), "{said}");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = taken.local_addr().expect("an address").to_string();
    let (_, run) = page.open(&json!({"do": "listen", "endpoint": at}));
    assert_eq!((&run["state"], &run["error"]["code"]), (&json!("ended"), &json!("E-in-use")));
}
