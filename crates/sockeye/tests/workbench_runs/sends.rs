//! What conversations are sent: messages as they are composed, to whom, and files.

use std::net::TcpStream;

use serde_json::{Value, json};

use crate::harness::desk::bearer;
use crate::harness::{noise, ports};
use crate::opens::upload;
use crate::page::{Page, call, number, put, take};

/// The hex of an answer, without what parts its bytes.
fn hex(value: &Value) -> String {
    let text = value.as_str().expect("hex").to_ascii_lowercase();
    text.chars().filter(char::is_ascii_hexdigit).collect()
}

fn hex_of(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes it");
        text
    })
}

#[test]
fn a_message_is_what_its_preview_said_whatever_is_put_around_it() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({"frame": "len:u8", "encoding": "gbk"}));
    let shared = page.post("/api/share", &json!({"may": "look"}));
    let look = shared["link"].as_str().and_then(|link| link.split_once("/#")).expect("a code").1;
    let look = bearer(&page.desk.enter(look));
    for (message, wanted) in [
        (json!({"kind": "text", "data": "hi"}), &b"\x02hi"[..]),
        (json!({"kind": "text", "data": "hi", "frame": ""}), b"hi"),
        (json!({"kind": "text", "data": "你好", "frame": ""}), b"\xC4\xE3\xBA\xC3"),
        (json!({"kind": "text", "data": "你", "encoding": "utf-8"}), b"\x03\xE4\xBD\xA0"),
        (json!({"kind": "hex", "data": "AA 55,0x0d"}), b"\x03\xAA\x55\x0D"),
        (
            json!({"kind": "text", "data": r"a\r\n\t\0\xFF\u{4f60}\\", "escapes": true, "frame": ""}),
            b"a\r\n\t\0\xFF\xC4\xE3\\",
        ),
        (json!({"kind": "text", "data": r"a\n", "frame": ""}), br"a\n"),
        (json!({"kind": "text", "data": "a", "frame": "", "eol": "crlf"}), b"a\r\n"),
        (
            json!({"kind": "text", "data": "123456789", "frame": "", "checksum": "crc16-modbus,le"}),
            b"123456789\x37\x4B",
        ),
        (
            json!({"kind": "hex", "data": "01", "checksum": "sum8", "frame": "len:u16be"}),
            b"\0\x02\x01\x01",
        ),
        (json!({"kind": "text", "data": "x", "frame": "lines"}), b"x\n"),
    ] {
        let send = json!({"to": "all", "message": message});
        let path = format!("/api/runs/{client}/preview");
        let preview = page.desk.ask("POST", &path, &look, &send.to_string());
        assert_eq!(preview.status, 200, "{preview:?}");
        let preview = preview.json();
        let sent = page.send(client, &json!("all"), &message);
        assert_eq!(take(&mut peer, wanted.len()), wanted, "{message}");
        for told in [&preview, &sent] {
            let said = (number(&told["bytes"]), hex(&told["hex"]));
            assert_eq!(said, (wanted.len() as u64, hex_of(wanted)), "{message}");
        }
        assert_eq!((&sent["told"], &sent["busy"]), (&json!(1), &json!([])));
    }
    // Nothing else went out: who may only look sends nothing.
    let path = format!("/api/runs/{client}/send");
    let send = json!({"to": "all", "message": {"kind": "text", "data": "no"}}).to_string();
    assert_eq!(page.desk.ask("POST", &path, &look, &send).status, 403);
    page.post(&format!("/api/runs/{client}/finish"), &json!({"to": "all"}));
    assert_eq!(std::io::Read::read(&mut peer, &mut [0]).expect("an end"), 0);
}

#[test]
fn a_message_goes_to_one_to_some_or_to_all() {
    let page = Page::start();
    let (server, port) = page.listen(json!({}));
    let mut callers: Vec<TcpStream> = Vec::new();
    for count in 1..=3 {
        callers.push(call(port));
        page.until(server, "the caller", |run| run["open"] == count);
    }
    let say = |to: Value, text: &str| {
        number(&page.send(server, &to, &json!({"kind": "text", "data": text}))["told"])
    };
    assert_eq!(say(json!([2]), "b"), 1);
    assert_eq!(say(json!([1, 3]), "c"), 2);
    assert_eq!(say(json!("all"), "d"), 3);
    // Whoever is gone is not counted; nobody at all is a conflict.
    assert_eq!(say(json!([1, 9]), "e"), 1);
    let heard: Vec<Vec<u8>> =
        callers.iter_mut().zip([3, 2, 2]).map(|(caller, count)| take(caller, count)).collect();
    assert_eq!(heard, [&b"cde"[..], b"bd", b"cd"]);
    let nobody = json!({"to": [9], "message": {"kind": "text", "data": "x"}});
    let path = format!("/api/runs/{server}/send");
    assert_eq!(page.refused(&path, &nobody).0, 409);
}

#[test]
fn who_does_not_read_is_told_of_as_busy_and_holds_nobody_up() {
    let page = Page::start();
    let (server, port) = page.listen(json!({}));
    let mut slow = call(port);
    page.until(server, "the caller", |run| run["open"] == 1);
    let mut quick = call(port);
    page.until(server, "the other", |run| run["open"] == 2);
    let text = "x".repeat(256 * 1024);
    let message = json!({"kind": "text", "data": text});
    let mut took: u64 = 0;
    ports::until("a full queue", || {
        let sent = page.send(server, &json!([1]), &message);
        took += number(&sent["told"]);
        assert!(took < 400, "nothing is bounded");
        sent["busy"] == json!([1])
    });
    let sent = page.send(server, &json!("all"), &json!({"kind": "text", "data": "all"}));
    assert_eq!(take(&mut quick, 3), b"all");
    // It may have come by a little room since.
    let heard = number(&sent["told"]) + sent["busy"].as_array().expect("a list").len() as u64;
    assert_eq!(heard, 2, "{sent}");
    // What was taken arrives once it reads.
    let whole = usize::try_from(took).expect("few") * text.len();
    assert!(take(&mut slow, whole).iter().all(|byte| *byte == b'x'));
}

#[test]
fn a_file_goes_out_in_pieces_and_arrives_whole() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    let bytes = noise(300_000, 7);
    let file = upload(&page, "noise.bin", &bytes);
    let send = json!({"to": "all", "file": file, "piece": "10KiB", "gap": "1ms"});
    let sequence = &page.post(&format!("/api/runs/{client}/send"), &send)["sequence"];
    assert_eq!(take(&mut peer, bytes.len()), bytes);
    let run = page.until(client, "its end", |run| run["sequences"][0]["state"] != "running");
    let told = &run["sequences"][0];
    assert_eq!((&told["sequence"], &told["what"]), (sequence, &json!("file")));
    assert_eq!(
        (&told["state"], &told["done"], &told["times"]),
        (&json!("done"), &json!(300_000), &json!(300_000))
    );
    // Each piece is a write of its own.
    let rows = page.rows(client, "kind=data&count=1");
    assert_eq!((&rows["total"], &rows["rows"][0]["len"]), (&json!(30), &json!(10 * 1024)));
}

#[test]
fn a_file_on_its_way_is_stopped() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    let file = upload(&page, "long.bin", &noise(100_000, 7));
    let send = json!({"to": "all", "file": file, "piece": "1", "gap": "1ms"});
    let sequence = number(&page.post(&format!("/api/runs/{client}/send"), &send)["sequence"]);
    take(&mut peer, 3);
    let path = format!("/api/runs/{client}/sequences/{sequence}");
    assert_eq!(page.ask("DELETE", &path, "").status, 204);
    let run = page.until(client, "its end", |run| run["sequences"][0]["state"] == "stopped");
    let done = number(&run["sequences"][0]["done"]);
    assert!((3..100_000).contains(&done), "{done}");
    // The conversation goes on, after what was sent by then.
    page.send(client, &json!("all"), &json!({"kind": "text", "data": "on"}));
    page.post(&format!("/api/runs/{client}/finish"), &json!({"to": "all"}));
    let mut rest = Vec::new();
    std::io::Read::read_to_end(&mut peer, &mut rest).expect("an end");
    assert!(rest.ends_with(b"on"), "{}", rest.len());
    assert_eq!(page.ask("DELETE", &format!("/api/runs/{client}/sequences/99"), "").status, 404);
}

#[test]
fn a_file_to_nobody_has_failed() {
    let page = Page::start();
    let (client, mut peer) = page.connect(json!({}));
    put(&mut peer, "x");
    let file = upload(&page, "short.bin", b"short");
    let send = json!({"to": [9], "file": file});
    page.post(&format!("/api/runs/{client}/send"), &send);
    let run = page.until(client, "its end", |run| run["sequences"][0]["state"] == "failed");
    assert!(run["sequences"][0]["why"].is_string(), "{run}");
    for (more, field) in [("piece", "0"), ("piece", "2MiB"), ("gap", "soon")] {
        let mut send = json!({"to": "all", "file": file});
        send[more] = json!(field);
        let told = page.refused(&format!("/api/runs/{client}/send"), &send);
        assert_eq!((told.0, told.2.as_deref()), (400, Some(more)));
    }
}
