//! What is not done for a page: acting on this machine, calling the workbench itself, too much
//! of anything.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, ToSocketAddrs as _};

use serde_json::{Value, json};

use crate::page::{Page, call, port, put, take};

#[test]
fn commands_and_files_of_this_machine_are_for_who_allows_them() {
    let page = Page::start();
    let at = "127.0.0.1:0";
    for (draft, field) in [
        (json!({"do": "connect", "endpoint": "exec:cat"}), "endpoint"),
        (json!({"do": "connect", "endpoint": "file:/etc/passwd"}), "endpoint"),
        (json!({"do": "relay", "a": at, "b": "exec:cat"}), "b"),
        (json!({"do": "relay", "a": at, "b": "file:/tmp/x"}), "b"),
        (json!({"do": "shake", "endpoint": "exec:cat", "send": ["x"]}), "endpoint"),
        (json!({"do": "replay", "tape": 1, "endpoint": "exec:cat"}), "endpoint"),
        (json!({"do": "listen", "endpoint": at, "exec": "cat"}), "exec"),
        (json!({"do": "connect", "endpoint": at, "exec": "cat"}), "exec"),
        (json!({"do": "listen", "endpoint": at, "reply": "file:/etc/passwd"}), "reply"),
        (json!({"do": "listen", "endpoint": at, "on": ["x => file:/etc/passwd"]}), "on"),
        (json!({"do": "connect", "endpoint": at, "on": ["re:x => file:/etc/passwd"]}), "on"),
    ] {
        for path in ["/api/draft", "/api/runs"] {
            let told = page.refused(path, &draft);
            let wanted = (403, "E-denied".to_owned(), Some(field.to_owned()));
            assert_eq!(told, wanted, "{path} {draft}");
        }
    }
    let shake =
        json!({"do": "shake", "endpoint": "127.0.0.1:1", "send": ["x", "file:/etc/passwd"]});
    assert_eq!(page.refused("/api/runs", &shake), (403, "E-denied".into(), Some("send".into())));
    assert_eq!(page.get("/api/runs"), json!({"runs": []}));
    let (server, _) = page.listen(json!({}));
    let path = format!("/api/runs/{server}/answers");
    let told = page.refused(&path, &json!({"rules": ["x => file:/etc/passwd"]}));
    assert_eq!(told, (403, "E-denied".into(), Some("rules".into())));
    let told = page.refused(&path, &json!({"rules": [], "reply": "file:/etc/passwd"}));
    assert_eq!(told, (403, "E-denied".into(), Some("reply".into())));
}

#[test]
fn with_leave_they_are_opened_and_bound_to_this_machine_alone() {
    let page = Page::with(&["--allow-exec"]);
    assert_eq!(page.get("/api/about")["exec"], true);
    let (_, run) = page.open(&json!({"do": "listen", "endpoint": "0", "exec": "cat"}));
    assert!(run["endpoint"].as_str().is_some_and(|at| at.starts_with("tcp://127.0.0.1:")), "{run}");
    let mut caller = call(port(&run));
    put(&mut caller, "cat");
    assert_eq!(take(&mut caller, 3), b"cat");
    let (client, _) = page.open(&json!({"do": "connect", "endpoint": "exec:cat"}));
    page.send(client, &json!([1]), &json!({"kind": "text", "data": "there and back"}));
    page.until(client, "the answer", |run| run["conversations"][0]["in"] == 14);
    let told =
        page.refused("/api/runs", &json!({"do": "listen", "endpoint": "0", "reply": "file:/none"}));
    assert_eq!((told.0, told.2.as_deref()), (400, Some("reply")));
}

/// Every way to write where the workbench listens, on `127.0.0.1`.
fn spellings(port: u16) -> Vec<String> {
    let mut all: Vec<String> = [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "0.0.0.0",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:0.0.0.0]",
        "[::ffff:7f00:1]",
    ]
    .map(|host| format!("{host}:{port}"))
    .to_vec();
    all.push(format!(":{port}"));
    all.push(port.to_string());
    // This machine's own name, where that is an address that leads here.
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name");
    let name = name.trim();
    let leads_here = format!("{name}:{port}")
        .to_socket_addrs()
        .is_ok_and(|mut all| all.any(|at| at.ip().to_canonical().to_string() == "127.0.0.1"));
    all.extend(leads_here.then(|| format!("{name}:{port}")));
    all
}

#[test]
fn n27_the_workbench_is_not_called_by_its_own_runs_however_it_is_written() {
    let page = Page::start();
    let own = page.desk.running.port();
    let (taped, mut peer) = page.connect(json!({}));
    page.send(taped, &json!([1]), &json!({"kind": "text", "data": "GET / HTTP/1.1\r\n\r\n"}));
    take(&mut peer, 18);
    page.until(taped, "the write", |run| run["conversations"][0]["out"] == 18);
    let mut drafts = Vec::new();
    for at in spellings(own) {
        drafts.push(json!({"do": "connect", "endpoint": at}));
        drafts.push(json!({"do": "replay", "tape": taped, "endpoint": at, "speed": "max"}));
        drafts.push(json!({"do": "shake", "send": ["x"], "endpoint": at, "budget": "1s"}));
        let via =
            at.strip_prefix(':').map_or_else(|| at.clone(), |port| format!("127.0.0.1:{port}"));
        if via.contains(':') {
            for kind in ["socks5", "http"] {
                let endpoint = format!("tcp://192.0.2.1:9?via={kind}://{via}");
                drafts.push(json!({"do": "connect", "endpoint": endpoint}));
            }
            for scheme in ["tls", "ws", "wss"] {
                drafts.push(json!({"do": "connect", "endpoint": format!("{scheme}://{via}")}));
            }
        }
    }
    for draft in &drafts {
        let (id, _) = page.open(draft);
        let run = page.until(id, "its end", |run| run["state"] == "ended");
        assert_eq!(run["error"]["code"], "E-denied", "{draft}: {run}");
        assert_eq!(run["conversations"], json!([]), "{draft}");
    }
    // The other spelling of loopback is not where it listens: nobody is there.
    let (_, run) = page.open(&json!({"do": "connect", "endpoint": format!("[::1]:{own}")}));
    assert_ne!(run["error"], Value::Null, "{run}");
}

#[test]
fn n27_a_relay_at_the_workbench_lets_nobody_through() {
    let page = Page::start();
    let own = page.desk.running.port();
    for at in spellings(own) {
        let draft = json!({"do": "relay", "a": "127.0.0.1:0", "b": at});
        let (relay, run) = page.open(&draft);
        if run["state"] == "ended" {
            assert_eq!(run["error"]["code"], "E-denied", "{draft}");
            continue;
        }
        let mut caller = call(port(&run));
        // It may be gone by now.
        drop(write!(caller, "GET / HTTP/1.1\r\nHost: {}\r\n\r\n", page.desk.at));
        assert_eq!(caller.read(&mut [0]).unwrap_or(0), 0, "{draft}");
        let said = page.get(&format!("/api/runs/{relay}/said"));
        assert!(said.to_string().contains("error[E-denied]: "), "{draft}: {said}");
    }
    // A relay at itself, too.
    let free = crate::harness::ports::free();
    let at = format!("127.0.0.1:{free}");
    let (_, run) = page.open(&json!({"do": "relay", "a": at, "b": format!("localhost:{free}")}));
    assert_eq!(run["error"]["code"], "E-denied", "{run}");
}

#[test]
fn n27_no_proxy_brings_a_run_back_to_the_workbench() {
    let page = Page::start();
    let proxy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let via = proxy.local_addr().expect("an address");
    for at in [page.desk.at.clone(), format!("localhost:{}", page.desk.running.port())] {
        let endpoint = format!("tcp://{at}?via=http://{via}");
        let (_, run) = page.open(&json!({"do": "connect", "endpoint": endpoint}));
        assert_eq!(run["error"]["code"], "E-denied", "{run}");
        let (mut asked, _) = proxy.accept().expect("a call");
        assert_eq!(asked.read(&mut [0]).expect("an end"), 0, "the proxy was asked for nothing");
    }
}

#[test]
fn there_are_two_hundred_runs_and_those_that_ended_make_room() {
    let page = Page::start();
    let udp = json!({"do": "listen", "endpoint": "udp://127.0.0.1:0"});
    for _ in 0..199 {
        page.open(&udp);
    }
    // A lesson is two: half of one is not kept.
    assert_eq!(page.refused("/api/runs", &json!({"do": "lesson", "program": "chat"})).0, 503);
    assert_eq!(page.get("/api/runs")["runs"].as_array().map(Vec::len), Some(199));
    page.open(&udp);
    let told = page.refused("/api/runs", &udp);
    assert_eq!((told.0, told.1.as_str()), (503, "E-limit"));
    page.post("/api/runs/5/end", &Value::Null);
    page.until(5, "its end", |run| run["state"] == "ended");
    page.open(&udp);
    assert_eq!(page.ask("GET", "/api/runs/5", "").status, 404);
    assert_eq!(page.tapes().len(), 400);
}

#[test]
fn what_is_too_long_or_unknown_is_refused() {
    let page = Page::start();
    let (client, _peer) = page.connect(json!({}));
    let send = |message: Value| json!({"to": "all", "message": message});
    let path = format!("/api/runs/{client}/send");
    let long = send(json!({"kind": "text", "data": "x".repeat(2 << 20)}));
    assert_eq!(page.refused(&path, &long), (413, "E-limit".into(), None));
    let most = send(json!({"kind": "text", "data": "\u{1}".repeat(1 << 20)}));
    assert_eq!(page.post(&path, &most)["bytes"], 1 << 20);
    let beyond = send(json!({"kind": "text", "data": "x".repeat(1 << 20), "eol": "lf"}));
    assert_eq!(page.refused(&path, &beyond).0, 413);
    for body in [
        send(json!({"kind": "text", "data": "x", "colour": "red"})),
        send(json!({"kind": "morse", "data": "x"})),
        json!({"to": "all", "message": {"kind": "text", "data": "x"}, "urgent": true}),
        json!({"to": "everybody", "message": {"kind": "text", "data": "x"}}),
        json!({"to": "all"}),
        json!({"message": {"kind": "text", "data": "x"}}),
    ] {
        assert_eq!(page.refused(&path, &body).0, 400, "{body}");
    }
    for (order, body) in [
        ("kick", json!({"to": "all", "x": 1})),
        ("finish", json!({"to": "all", "x": 1})),
        ("name", json!({"name": "a", "x": 1})),
        ("answers", json!({"rules": [], "x": 1})),
        ("faults", json!({"faults": "", "x": 1})),
        ("control", json!({"to": "all", "dtr": "on", "x": 1})),
        ("control", json!({"to": "all", "dtr": "on", "rts": "on"})),
        ("control", json!({"to": "all", "break": "2h"})),
        ("sequences", json!({"to": "all", "steps": [{"wait": "1s"}], "x": 1})),
    ] {
        let told = page.refused(&format!("/api/runs/{client}/{order}"), &body);
        assert_eq!(told.0, 400, "{order} {body}");
    }
    assert_eq!(page.run(client)["open"], 1, "nothing was kicked");
    assert_eq!(page.ask("GET", "/api/runs/1/lesson", "").status, 404);
    assert_eq!(page.ask("GET", "/api/runs/1/rulers", "").status, 404);
}

#[test]
fn rules_and_patterns_are_bounded() {
    let page = Page::start();
    let listen = |on: Vec<String>| json!({"do": "listen", "endpoint": "127.0.0.1:0", "on": on});
    let many = (0..101).map(|number| format!("{number} => x")).collect();
    for on in [many, vec!["re:\\w{200}{200}i => x".to_owned()]] {
        let told = page.refused("/api/draft", &listen(on));
        assert_eq!(told, (400, "E-usage".to_owned(), Some("on".to_owned())));
    }
}

#[test]
fn a_login_file_is_not_read_for_a_proxy() {
    let page = Page::start();
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "user:secret\n").expect("written");
    let at = format!("tcp://a:1?via=socks5://127.0.0.1:1&via-auth={}", secret.display());
    let told = page.refused("/api/runs", &json!({"do": "connect", "endpoint": at}));
    assert_eq!(told, (403, "E-denied".to_owned(), Some("endpoint".to_owned())));
    let at = "tls://127.0.0.1:1?ca=/dev/null";
    let told = page.refused("/api/runs", &json!({"do": "connect", "endpoint": at}));
    assert_eq!(told, (400, "E-usage".to_owned(), Some("endpoint".to_owned())), "no regular file");
}
