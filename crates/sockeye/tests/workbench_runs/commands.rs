//! The command that a run shows does the same in a terminal.

use std::net::TcpListener;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Running, shell};
use crate::page::{Page, call, port, put, take};

/// Starts the command of a draft, as `/api/draft` writes it.
fn started(page: &Page, draft: &Value, folder: &TempDir) -> Running {
    let told = page.post("/api/draft", draft);
    let command = told["command"].as_str().expect("a command").to_owned();
    let rest = command.strip_prefix("sockeye ").expect("ours");
    shell(&format!("exec \"$S\" {rest}")).folder(folder.path()).open().start()
}

#[test]
fn servers_listen_and_do_what_the_form_said() {
    let (page, folder) = (Page::start(), TempDir::new().expect("a folder"));
    let ugly = json!({"do": "listen", "endpoint": "tcp://127.0.0.1:0", "frame": "lines", "name": "not told",
        "encoding": "gbk", "on": ["-x => it's $HOME \"quoted\"", "你 => 好"], "reply": "text:-none",
        "idle-timeout": "1m", "read-size": "2,10", "max-conns": "3",
        "allow": ["127.0.0.0/8"], "deny": ["10.0.0.0/8"]});
    let running = started(&page, &ugly, &folder);
    let (_, run) = page.open(&ugly);
    // In both places the same is answered.
    for port in [running.port(), port(&run)] {
        let mut caller = call(port);
        put(&mut caller, b"-x\n\xC4\xE3\nelse\n");
        let wanted = b"it's $HOME \"quoted\"\n\xBA\xC3\n-none\n";
        assert_eq!(take(&mut caller, wanted.len()), wanted);
    }
    let relay = json!({"do": "relay", "a": "127.0.0.1:0", "b": format!("127.0.0.1:{}", port(&run)),
        "fault": "delay=1ms; split=1", "seed": "7", "frame": "lines"});
    let mut caller = call(started(&page, &relay, &folder).port());
    // The command ended with the handle: its caller hears of it.
    drop(std::io::Read::read(&mut caller, &mut [0]));
    for draft in [
        json!({"do": "listen", "endpoint": "udp://127.0.0.1:0", "checksum": "crc16-modbus,le"}),
        json!({"do": "listen", "endpoint": "127.0.0.1:0", "reply": "echo", "close-after-reply": true}),
        json!({"do": "lesson", "program": "chat"}),
    ] {
        // A classic has a port of its own: it may be taken here.
        let running = started(&page, &draft, &folder);
        if draft["do"] == "lesson" {
            running.err.until(crate::harness::LONG, |text| {
                let text = String::from_utf8_lossy(text);
                (text.contains("listening on ") || text.contains("E-in-use")).then_some(())
            });
        } else {
            running.endpoint();
        }
    }
}

#[test]
fn a_client_calls_and_calls_again() {
    let (page, folder) = (Page::start(), TempDir::new().expect("a folder"));
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = server.local_addr().expect("an address");
    let draft = json!({"do": "connect", "endpoint": format!("tcp://{at}?nodelay"), "eol": "none",
        "wait": "5s", "reconnect": "10ms", "until": "never"});
    let mut running = started(&page, &draft, &folder);
    drop(server.accept().expect("a call"));
    let (mut peer, _) = server.accept().expect("another call");
    running.write("hi\n");
    assert_eq!(take(&mut peer, 2), b"hi");
    let (run, _) = page.open(&draft);
    drop(server.accept().expect("a call"));
    let (_peer, _) = server.accept().expect("another call");
    page.until(run, "its conversation", |run| run["open"] == 1);
}

#[test]
fn tapes_are_replayed_shaken_and_shown_by_the_name_they_are_saved_under() {
    let (page, folder) = (Page::start(), TempDir::new().expect("a folder"));
    let (_, naive) = page.listen(json!({"on": ["ask => answer"]}));
    let at = format!("127.0.0.1:{naive}");
    let (client, _) = page.open(&json!({"do": "connect", "endpoint": at}));
    page.until(client, "its conversation", |run| run["open"] == 1);
    page.send(client, &json!([1]), &json!({"kind": "text", "data": "ask"}));
    page.until(client, "the answer", |run| run["conversations"][0]["in"] == 6);
    page.post(&format!("/api/runs/{client}/end"), &Value::Null);
    page.until(client, "its end", |run| run["state"] == "ended");
    let (tape, _) = page.octets(&format!("/api/runs/{client}/save?as=tape"));
    std::fs::write(folder.path().join(format!("run-{client}.tape")), tape).expect("written");

    let replay =
        json!({"do": "replay", "tape": client, "conversation": 1, "endpoint": at, "speed": "max"});
    started(&page, &replay, &folder).says("the answers are those of the tape");
    let server =
        json!({"do": "replay", "tape": client, "endpoint": "127.0.0.1:0", "as-server": true});
    let running = started(&page, &server, &folder);
    let mut caller = call(running.port());
    put(&mut caller, "ask");
    assert_eq!(take(&mut caller, 6), b"answer");
    let shake =
        json!({"do": "shake", "tape": client, "conversation": 1, "endpoint": at, "budget": "3s"});
    started(&page, &shake, &folder).wait().exits(1);
    let said = json!({"do": "shake", "send": ["-x", "hex:41"], "endpoint": at, "pause": "1ms"});
    let told = page.post("/api/draft", &said);
    let wanted = format!("sockeye shake {at} --pause 1ms --send=-x --send hex:41 --budget 20s");
    assert_eq!(told["command"], wanted);
}

#[test]
fn a_draft_that_cannot_be_read_names_its_field() {
    let page = Page::start();
    let listen = |name: &str, value: Value| {
        let mut draft = json!({"do": "listen", "endpoint": "127.0.0.1:0"});
        draft[name] = value;
        draft
    };
    let at = "127.0.0.1:1";
    for (draft, field) in [
        (json!({"do": "listen"}), "endpoint"),
        (json!({"do": "connect", "endpoint": "tcp://:x"}), "endpoint"),
        (json!({"do": "connect", "endpoint": "-"}), "endpoint"),
        (json!({"do": "connect", "endpoint": "tcp://127.0.0.1:1?nodelya"}), "endpoint"),
        (json!({"do": "connect", "endpoint": at, "wait": "soon"}), "wait"),
        (json!({"do": "connect", "endpoint": at, "reconnect": "often"}), "reconnect"),
        (listen("frame", json!("len:u9")), "frame"),
        (listen("encoding", json!("klingon")), "encoding"),
        (listen("checksum", json!("crc99")), "checksum"),
        (listen("eol", json!("cr+lf")), "eol"),
        (listen("idle-timeout", json!("-1s")), "idle-timeout"),
        (listen("read-size", json!("0")), "read-size"),
        (listen("on", json!(["no arrow"])), "on"),
        (listen("on", json!(["re:( => x"])), "on"),
        (listen("reply", json!("hex:A")), "reply"),
        (listen("max-conns", json!("many")), "max-conns"),
        (listen("allow", json!(["10.0.0.0/33"])), "allow"),
        (listen("deny", json!(["all"])), "deny"),
        (listen("name", json!("x".repeat(101))), "name"),
        (json!({"do": "relay", "b": at}), "a"),
        (json!({"do": "relay", "a": "127.0.0.1:0"}), "b"),
        (json!({"do": "relay", "a": "udp://127.0.0.1:0", "b": at}), "b"),
        (json!({"do": "relay", "a": "127.0.0.1:0", "b": at, "fault": "explode"}), "fault"),
        (json!({"do": "relay", "a": "127.0.0.1:0", "b": at, "seed": "x"}), "seed"),
        (json!({"do": "shake", "as-server": true, "endpoint": at}), "as-server"),
        (json!({"do": "lesson", "program": "tea"}), "program"),
        (json!({"do": "tape"}), "file"),
        (json!({"do": "capture", "endpoints": ["tcp://:x"]}), "endpoints"),
    ] {
        for path in ["/api/draft", "/api/runs"] {
            let told = page.refused(path, &draft);
            assert_eq!((told.0, told.2.as_deref()), (400, Some(field)), "{path} {draft}");
        }
    }
    for (draft, field) in [
        (json!({"do": "replay", "endpoint": at}), "tape"),
        (json!({"do": "shake", "endpoint": at}), "tape"),
        (json!({"do": "shake", "endpoint": at, "send": ["hex:A"]}), "send"),
        (json!({"do": "shake", "endpoint": at, "send": ["x"], "budget": "?"}), "budget"),
        (json!({"do": "shake", "endpoint": at, "send": ["x"], "pause": "?"}), "pause"),
        (json!({"do": "shake", "endpoint": at, "send": ["x"], "seed": "?"}), "seed"),
        (json!({"do": "shake", "endpoint": at, "send": ["x"], "frame": "?"}), "frame"),
        (json!({"do": "capture", "endpoints": []}), "endpoints"),
    ] {
        let told = page.refused("/api/runs", &draft);
        assert_eq!((told.0, told.2.as_deref()), (400, Some(field)), "{draft}");
    }
    for draft in
        [json!({"do": "replay", "tape": 9, "endpoint": at}), json!({"do": "tape", "file": 9})]
    {
        assert_eq!(page.refused("/api/runs", &draft).0, 404, "{draft}");
    }
    for draft in [json!({"do": "fly"}), json!({}), json!([]), listen("ednpoint", json!("1"))] {
        assert_eq!(page.refused("/api/runs", &draft).0, 400, "{draft}");
    }
    assert_eq!(page.get("/api/runs"), json!({"runs": []}), "nothing was begun");
}
