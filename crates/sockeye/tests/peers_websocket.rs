//! WebSocket against other programs: Python's `websockets` as client and as server, curl, and
//! servers that are none.

mod harness;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use harness::{LONG, Running, Start, noise, ports, python, sockeye, tape, words};

/// A `websockets` server whose handler is `body`; prints its port.
fn server(body: &str, arguments: &str) -> (Running, String) {
    let script = format!(
        "import asyncio, sys\nfrom websockets.asyncio.server import serve\n\
         async def handler(ws):\n    {}\n\
         async def main():\n    async with serve(handler, '127.0.0.1', 0{arguments}) as s:\n        \
         print(s.sockets[0].getsockname()[1], flush=True)\n        await s.serve_forever()\n\
         asyncio.run(main())\n",
        body.replace('\n', "\n    ")
    );
    let server = python().args(["-c", &script]).start();
    let port = server.out.until(LONG, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        text.split_once('\n').map(|(port, _)| port.to_owned())
    });
    let port = port.unwrap_or_else(|| panic!("no port: {}", server.err.shown()));
    (server, format!("ws://127.0.0.1:{port}"))
}

/// A `websockets` client that runs `body` with `ws` connected to `at`.
fn client(at: &str, body: &str, arguments: &str) -> Start {
    let script = format!(
        "import asyncio, sys, os\nfrom websockets.asyncio.client import connect\n\
         async def main():\n    async with connect('{at}'{arguments}) as ws:\n        {}\n\
         asyncio.run(main())\n",
        body.replace('\n', "\n        ")
    );
    python().args(["-c", &script])
}

const ECHO: &str = "async for message in ws:\n    await ws.send(message)";

#[test]
fn each_line_is_a_message_and_each_text_message_a_line() {
    let (_server, at) = server(ECHO, "");
    let mut ours = sockeye(["connect", &at, "--until", "bye"]).open().start();
    ours.write("hello\n你好\n\nbye\n");
    ours.wait_with_stdin_open().exits(0);
    let mut ours = sockeye(["connect", &at]).open().start();
    ours.write("hello\n你好\n\n");
    ours.sees("hello\n你好\n\n");
}

#[test]
fn messages_are_frames_on_the_tape_both_ways() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("talk.tape");
    let (_server, at) = server(ECHO, "");
    let args = ["send", &at, "hello", "feng", "--expect", "feng", "--tape"];
    sockeye(args.iter().copied().chain([file.to_str().expect("plain")])).run().exits(0);
    let events = tape::read(&file);
    assert_eq!(tape::went(&events), [b"hello".to_vec(), b"feng".to_vec()]);
    assert_eq!(tape::came(&events), [b"hello".to_vec(), b"feng".to_vec()]);
    let frames =
        events.iter().filter(|e| matches!(e.what, sockeye_tape::event::What::Frame { .. }));
    assert_eq!(frames.count(), 4);
}

#[test]
fn a_shot_gets_its_answer_before_the_close_in_order() {
    let (_server, at) = server(ECHO, "");
    let sent = sockeye(["send", &at, "hello", "-v", "--expect", "hello"]).run().exits(0);
    // What is expected bounds the wait: nothing is to be said of a missing half-close.
    assert_eq!(sent.prints("hello\n").err.matches("half-close").count(), 0);
    let ours = words("listen ws://127.0.0.1:0 --reply upper").start();
    let to = format!("ws://{}", ours.at());
    sockeye(["send", &to, "hello"]).run().exits(0).prints("HELLO\n");
    ours.says("close 1000 normal");
}

#[test]
fn a_megabyte_of_bytes_and_fragments_come_whole_both_ways() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = folder.path().join("bytes");
    std::fs::write(&bytes, noise(1 << 20, 5)).expect("written");
    let path = bytes.to_str().expect("plain");
    let ours = words("listen ws://127.0.0.1:0 --reply echo").start();
    let body = format!(
        "data = open('{path}', 'rb').read()\n\
         await ws.send(data)\nassert await ws.recv() == data\n\
         await ws.send(['a', 'b', 'c'])\nassert await ws.recv() == 'abc'\n\
         await ws.send([b'a', b'b'])\nassert await ws.recv() == b'ab'\n\
         await ws.send('')\nassert await ws.recv() == ''"
    );
    let at = format!("ws://{}", ours.at());
    client(&at, &body, ", max_size=None").run().exits(0);
    ours.says("close 1000 normal");
    let body = format!(
        "data = open('{path}', 'rb').read()\nassert await ws.recv() == data\nawait ws.send(b'same')"
    );
    let (_server, at) = server(&body, ", max_size=None");
    sockeye(["send", &at, &format!("file:{path}"), "--expect", "same"]).run().exits(0);
}

#[test]
fn a_subprotocol_is_agreed_upon_or_refused() {
    let ours = words("listen ws://127.0.0.1:0?subprotocol=chat,mqtt --reply echo").start();
    let at = format!("ws://{}", ours.at());
    let body = "assert ws.subprotocol == 'mqtt', ws.subprotocol";
    client(&at, body, ", subprotocols=['other', 'mqtt']").run().exits(0);
    let (_server, at) = server(ECHO, ", subprotocols=['chat']");
    let chosen = format!("{at}?subprotocol=x,chat");
    sockeye(["send", &chosen, "hi", "--expect", "hi", "--view", "text"]).run().exits(0);
    let none = format!("{at}?subprotocol=mqtt");
    sockeye(["send", &none, "hi"]).run().exits(1).told("subprotocol");
}

#[test]
fn close_codes_are_in_the_explained_close_both_ways() {
    let (_server, at) = server("await ws.close(4001, 'gone \\x1b[2J')", "");
    let ended = sockeye(["connect", &at]).open().start().wait_with_stdin_open().exits(0);
    ended.told("closed first by the peer (FIN: close 4001: gone ␛[2J)");
    let (_server, at) = server("os._exit(1)", "");
    let ended = sockeye(["connect", &at]).open().start().wait_with_stdin_open();
    assert!(
        ended.err.contains("1006") || ended.err.contains("E-reset") || ended.err.contains("1011"),
        "{}",
        ended.err
    );
    let ours = words("listen ws://127.0.0.1:0 --reply echo").start();
    let at = format!("ws://{}", ours.at());
    client(&at, "await ws.close(1001, 'bye')", "").run().exits(0);
    ours.says("close 1001 going away: bye");
    let body = "await ws.send('x')\nawait ws.recv()\nawait ws.wait_closed()\nprint(ws.close_code)";
    let ours = words("listen ws://127.0.0.1:0 --reply echo --close-after-reply").start();
    client(&format!("ws://{}", ours.at()), body, "").run().exits(0).prints("1000\n");
}

#[test]
fn round_trips_of_pings_are_told() {
    let (_server, at) = server(ECHO, "");
    let ours = sockeye(["connect", &format!("{at}?ping=20ms"), "--view", "text"]).open().start();
    ours.sees("pong after ");
    let ours = words("listen ws://127.0.0.1:0?ping=20ms --reply echo --view text").start();
    let _theirs = client(&format!("ws://{}", ours.at()), "await asyncio.sleep(30)", "").start();
    ours.sees("pong after ");
}

#[test]
fn n19_a_plain_http_request_is_answered_and_told() {
    let ours = words("listen ws://127.0.0.1:0/chat --reply echo").start();
    let url = format!("http://{}/chat", ours.at());
    let asked = Start::program("curl").args(["-s", "-i", "--max-time", "10", &url]).run().exits(0);
    assert!(asked.text().starts_with("HTTP/1.1 426 "), "{}", asked.text());
    ours.says("asked by HTTP for a page");
    let wrong = client(&format!("ws://{}/other", ours.at()), "pass", "").run();
    assert!(wrong.err.contains("404"), "{}", wrong.err);
    client(&format!("ws://{}/chat", ours.at()), "pass", "").run().exits(0);
}

#[test]
fn n28_a_page_in_a_browser_reaches_no_command() {
    let ours = words("listen ws://127.0.0.1:0 --exec cat").start();
    let at = format!("ws://{}", ours.at());
    let refused = client(&at, "pass", ", origin='http://evil.example'").run();
    assert!(refused.err.contains("403"), "{}", refused.err);
    ours.says("no page may come here");
    client(&at, "await ws.send('x')\nassert await ws.recv() == b'x'", "").run();
    let open = words("listen ws://127.0.0.1:0 --exec cat --allow-http").start();
    client(&format!("ws://{}", open.at()), "pass", ", origin='http://o'").run().exits(0);
}

#[test]
fn n28_a_page_in_a_browser_reaches_no_program_no_file_and_no_device() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().to_str().expect("plain");
    std::fs::write(folder.path().join("key"), "hush").expect("room");
    let key = format!("file:{dir}/key");
    let any = "ws://127.0.0.1:0";
    let relayed = format!("file:{dir}/new");
    for args in [
        vec!["classic", "command-struct", "serve", any, "--allow-any"],
        vec!["classic", "download", "serve", any, "--root", dir],
        vec!["classic", "upload", "serve", any, "--root", dir],
        vec!["listen", any, "--reply", &key],
        vec!["relay", any, &relayed],
    ] {
        let ours = sockeye(&args).start();
        let at = format!("ws://{}", ours.at());
        let refused = client(&at, "pass", ", origin='http://evil.example'").run();
        assert!(refused.err.contains("403"), "{args:?}: {}", refused.err);
    }
}

#[test]
fn what_is_no_websocket_server_is_told() {
    for (reply, part) in [
        ("text:hello", "does not speak WebSocket"),
        ("hex:485454502f312e3120343034204e6f0d0a0d0a", "404"),
    ] {
        let plain =
            sockeye(["listen", "127.0.0.1:0", "--reply", reply, "--close-after-reply"]).start();
        let at = format!("ws://{}/", plain.at());
        sockeye(["connect", &at]).run().exits(1).told("cannot connect to").told(part);
    }
    let at = format!("ws://127.0.0.1:{}", ports::free());
    sockeye(["connect", &at]).run().exits(1).fails_clearly("E-refused");
    let silent = words("listen 127.0.0.1:0").open().start();
    let at = format!("ws://{}", silent.at());
    sockeye(["connect", "-w", "0.3", &at]).run().exits(1).fails_clearly("E-timeout");
}

#[test]
fn wss_goes_through_tls_with_the_pin_that_is_shown() {
    let ours = words("listen wss://127.0.0.1:0/chat --reply upper").start();
    let line = ours.err.until(LONG, |bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.split_once("others dial ")
            .and_then(|(_, rest)| Some(rest.split_once('\n')?.0.to_owned()))
    });
    let at = line.expect("the pin");
    sockeye(["send", at.trim(), "hi"]).run().exits(0).prints("HI\n");
    let body = "await ws.send('x')\nassert await ws.recv() == 'X'";
    let context = ", ssl=__import__('ssl')._create_unverified_context()";
    client(&format!("wss://{}/chat", ours.at()), body, context).run().exits(0);
}

#[test]
fn n21_n23_a_length_of_2_to_the_63_and_noise_allocate_nothing() {
    let ours = words("listen ws://127.0.0.1:0 --reply echo").start();
    let mut frames: Vec<Vec<u8>> =
        vec![b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0".to_vec()];
    frames.extend((0..20).map(|seed| noise(4096, seed)));
    for frame in frames {
        let mut socket = TcpStream::connect(ours.at()).expect("it listens");
        socket.set_read_timeout(Some(LONG)).expect("set");
        let ask = format!(
            "GET / HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            ours.at()
        );
        socket.write_all(ask.as_bytes()).expect("sent");
        let mut head = [0; 12];
        socket.read_exact(&mut head).expect("an answer");
        assert_eq!(&head, b"HTTP/1.1 101");
        // It may have had enough before all of it is written.
        drop(socket.write_all(&frame));
        drop(socket.shutdown(std::net::Shutdown::Write));
        drop(socket.read_to_end(&mut Vec::new()));
    }
    assert!(ours.peak() < 64 * 1024, "{} KiB", ours.peak());
    let at = format!("ws://{}", ours.at());
    sockeye(["send", &at, "still here"]).run().exits(0).prints("still here\n");
}

#[test]
fn n12_a_relay_to_a_websocket_brings_back_what_comes_after_the_callers_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("much");
    let bytes = harness::noise(5_000_000, 3);
    std::fs::write(&file, &bytes).expect("room");
    let echo = words("listen ws://127.0.0.1:0 --reply echo").start();
    let target = format!("ws://{}?binary", echo.at());
    for more in [vec![], vec!["--fault", "delay=10ms"]] {
        let args = ["relay", "127.0.0.1:0", target.as_str()].into_iter().chain(more);
        let relay = sockeye(args).start();
        let ended = sockeye(["connect", &relay.at()]).input_file(&file).run().exits(0);
        assert!(ended.out == bytes, "{} bytes came back", ended.out.len());
        relay.says("4.8 MiB in, 4.8 MiB out");
    }
}

#[test]
fn n16_a_peer_that_pings_and_reads_nothing_makes_nothing_grow() {
    let server = words("listen ws://127.0.0.1:0 --reply echo").start();
    let before = server.resident();
    let flood = format!(
        "import base64, os, socket, struct\n\
         s = socket.create_connection(('127.0.0.1', {}))\n\
         key = base64.b64encode(os.urandom(16)).decode()\n\
         s.sendall(f'GET / HTTP/1.1\\r\\nHost: x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n'\n\
        \x20         f'Sec-WebSocket-Key: {{key}}\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n'.encode())\n\
         assert b'101' in s.recv(1000)\n\
         pings = (b'\\x89' + bytes([0x80 | 125]) + b'abcd' + b'x' * 125) * 1000\n\
         s.settimeout(1)\n\
         try:\n\
        \x20   for _ in range(1000): s.sendall(pings)\n\
        \x20   print('all taken')\n\
         except TimeoutError:\n\
        \x20   print('held up')\n",
        server.port()
    );
    python().args(["-c", &flood]).run().exits(0).prints("held up\n");
    let grown = server.resident().saturating_sub(before);
    assert!(grown < 16 << 20, "{grown} bytes more");
    // Others are served meanwhile.
    let at = format!("ws://{}", server.at());
    sockeye(["send", &at, "hi", "--expect", "hi"]).run().exits(0);
}

#[test]
fn an_echo_goes_out_before_the_close_that_came_with_its_message_is_read() {
    let server = words("listen ws://127.0.0.1:0 --reply echo").start();
    // Both frames in one segment, fifty times: a race would lose some.
    let body = "import asyncio\n\
                got = []\n\
                t = ws.transport\n\
                ws.protocol.send_text(b'hi')\n\
                ws.protocol.send_close(1000)\n\
                t.write(b''.join(ws.protocol.data_to_send()))\n\
                async for m in ws: got.append(m)\n\
                assert got == ['hi'], got";
    for _ in 0..50 {
        client(&format!("ws://{}", server.at()), body, "").run().exits(0);
    }
}

#[test]
fn a_close_code_that_nobody_may_send_is_not_told_as_the_peers_words() {
    let server = words("listen ws://127.0.0.1:0 --reply echo").start();
    let mut client = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
    let ask = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
               Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    client.write_all(ask.as_bytes()).expect("sent");
    client.read_exact(&mut [0; 12]).expect("an answer");
    // A close of 1005, masked by zeros.
    client.write_all(&[0x88, 0x82, 0, 0, 0, 0, 0x03, 0xED]).expect("sent");
    server.says("closed first by the peer (FIN: close with a code that no peer may send)");
}

#[test]
fn a_refused_handshake_is_told_with_the_next_step_of_its_own() {
    let server = words("listen ws://127.0.0.1:0/chat --reply echo").start();
    let at = format!("ws://{}/other", server.at());
    sockeye(["send", &at, "x"]).run().exits(1).fails_clearly("E-refused").told("is the path right");
    server.says("hint: it is to dial the path /chat");
    let tls = words("listen wss://127.0.0.1:0 --reply echo").start();
    let at = format!("ws://{}", tls.at());
    sockeye(["send", &at, "x"]).run().exits(1).told("hint: it speaks TLS: dial wss://");
}
