//! What happens to each command of the READMEs: what its other side does, and what must
//! come of it. Which command gets which scene is told in `readme.rs`.

#![allow(unreachable_pub, reason = "a module of a test has no outside")]

use std::fs;
use std::io::Write as _;
use std::net::{Shutdown, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;

use crate::harness::{Ended, LONG, Running, noise, ports, sockeye};
use crate::line::{
    GBK, Line, TWO, accept, call, datagrams, hear, hear_datagram, hear_the_end, peer, talk,
    talk_back,
};

pub fn greets(line: &Line) {
    let mut ours = line.serve("8888");
    for text in ["hi", "hello"] {
        let mut client = call(&ours);
        ours.write("welcome\n");
        hear(&mut client, b"welcome");
        client.write_all(text.as_bytes()).expect("sent");
        ours.sees(text);
        ours.write("and you\n");
        hear(&mut client, b"and you");
        client.write_all(b"bye").expect("sent");
        hear_the_end(&mut client);
    }
    assert!(ours.runs());
}

pub fn chats(line: &Line, port: &str, word: &str) {
    let (listener, chosen) = peer();
    let mut ours = line.start(&[(port, &chosen)]).open().start();
    let mut server = accept(&listener);
    server.write_all(b"welcome").expect("sent");
    ours.sees("welcome");
    ours.write("hi\n");
    talk_back(&mut server, b"hi", b"and you");
    ours.sees("and you");
    ours.write(format!("{word}\n"));
    hear(&mut server, word.as_bytes());
    hear_the_end(&mut server);
    ours.wait_with_stdin_open().exits(0);
}

pub fn answers_a_chat(line: &Line) {
    let mut ours = line.serve("8088");
    let mut client = call(&ours);
    client.write_all(b"hello").expect("sent");
    ours.sees("hello");
    ours.write("hi there\n");
    hear(&mut client, b"hi there");
    client.write_all(b"bye").expect("sent");
    hear_the_end(&mut client);
    ours.wait_with_stdin_open().exits(0);
}

/// Two callers, one after the other, get the answer and the end.
pub fn answers(line: &Line, port: &str, question: &[u8], answer: &[u8]) -> Running {
    let ours = line.serve(port);
    for _ in 0..2 {
        let mut client = call(&ours);
        talk(&mut client, question, answer);
        hear_the_end(&mut client);
    }
    ours
}

/// A client of ours says this, then its end, and prints the answer.
pub fn says(line: &Line, port: &str, said: &[u8]) {
    says_and_hears(line, port, said, b"fine");
}

/// The same with another answer.
pub fn says_and_hears(line: &Line, port: &str, said: &[u8], answer: &[u8]) {
    let (listener, chosen) = peer();
    let ours = line.start(&[(port, &chosen)]).start();
    let mut server = accept(&listener);
    hear(&mut server, said);
    hear_the_end(&mut server);
    server.write_all(answer).expect("sent");
    drop(server);
    ours.wait().exits(0).prints(answer).told("closed first by us (FIN)");
}

pub fn listens_until_close(line: &Line) {
    let ours = line.serve("7788");
    let mut client = call(&ours);
    let address = client.local_addr().expect("connected").to_string();
    client.write_all(b"one").expect("sent");
    ours.sees("one");
    ours.sees(&address);
    client.write_all(b"two").expect("sent");
    drop(client);
    let told = ours.wait_with_stdin_open().exits(0).text();
    assert!(told.contains("  two\n") && told.contains("closed by peer (FIN)"), "{told}");
}

pub fn answers_datagrams_by_hand(line: &Line) {
    let mut ours = line.serve("8888");
    let (client, _) = datagrams();
    client.send_to(GBK, ours.at()).expect("sent");
    ours.sees(GBK);
    ours.write("answer\n");
    hear_datagram(&client, b"answer");
}

pub fn chats_in_datagrams(line: &Line) {
    let (server, port) = datagrams();
    let mut ours = line.start(&[("8888", &port)]).open().start();
    ours.write("hi\n");
    let client = hear_datagram(&server, b"hi");
    server.send_to(b"and you", client).expect("sent");
    ours.sees("and you");
    ours.write("bye\n");
    hear_datagram(&server, b"bye");
    ours.wait_with_stdin_open().exits(0);
}

pub fn shows_datagrams(line: &Line, port: &str, host: &str) {
    let ours = line.start(&[(port, &format!("{host}:0"))]).open().start();
    let (client, own) = datagrams();
    client.set_broadcast(true).expect("set");
    for text in ["once", "again"] {
        client.send_to(text.as_bytes(), (host, ours.port())).expect("sent");
        ours.sees(format!("from 127.0.0.1:{own}  {text}"));
    }
}

pub fn asks_once(line: &Line, port: &str, question: &[u8], answer: &[u8]) -> Ended {
    let (server, chosen) = datagrams();
    let ours = line.start(&[(port, &chosen)]).start();
    let client = hear_datagram(&server, question);
    server.send_to(answer, client).expect("sent");
    ours.wait().exits(0)
}

pub fn broadcasts(line: &Line) {
    let everyone = "127.255.255.255";
    let socket = UdpSocket::bind((everyone, 0)).expect("a port");
    socket.set_read_timeout(Some(LONG)).expect("set");
    let to = socket.local_addr().expect("bound").to_string();
    let own = ports::free();
    let swaps = [("255.255.255.255:8080", to.as_str()), ("7788", &own.to_string())];
    let ours = line.start(&swaps).start();
    assert_eq!(hear_datagram(&socket, b"xiaocy").port(), own);
    ours.wait().exits(0);
}

pub fn answers_in_upper_case(line: &Line) {
    let ours = line.serve("9000");
    let (client, _) = datagrams();
    client.send_to("abc你".as_bytes(), ours.at()).expect("sent");
    hear_datagram(&client, "ABC你".as_bytes());
}

pub fn reads_in_pieces(line: &Line) {
    let ours = line.serve("8080");
    let mut client = call(&ours);
    client.write_all(b"hello feng").expect("sent");
    drop(client);
    let told = ours.wait_with_stdin_open().exits(0).text();
    assert!(told.contains("2 B  he\n") && told.contains("8 B  llo feng\n"), "{told}");
}

pub fn gives_a_file(line: &Line) {
    let notes = noise(5000, 7);
    fs::write(line.folder.path().join("notes.txt"), &notes).expect("written");
    let ours = line.serve("7890");
    let mut client = call(&ours);
    talk(&mut client, b"notes.txt", &notes);
    hear_the_end(&mut client);
    let mut client = call(&ours);
    client.write_all(b"passwords.txt").expect("sent");
    hear_the_end(&mut client);
}

pub fn fetches_a_file(line: &Line) {
    let notes = noise(5000, 7);
    let (listener, port) = peer();
    let ours = line.start(&[("7890", &port)]).start();
    let mut server = accept(&listener);
    talk_back(&mut server, b"notes.txt", &notes);
    server.shutdown(Shutdown::Write).expect("ended");
    ours.wait().exits(0);
    let fetched = fs::read(line.folder.path().join("notes.txt")).expect("a file");
    assert!(fetched == notes, "{} bytes came", fetched.len());
}

pub fn says_goodbye_to_one(line: &Line) {
    let ours = line.serve("8889");
    let (mut first, mut second) = (call(&ours), call(&ours));
    second.write_all(b"hello").expect("sent");
    ours.sees("hello");
    for client in [&mut first, &mut second] {
        talk(client, b"q", b"q");
        hear_the_end(client);
    }
}

pub fn accepts_and_closes(line: &Line) {
    let ours = line.serve("8888");
    drop(call(&ours));
    ours.wait_with_stdin_open().exits(0).told("closed first by the peer (FIN)");
}

pub fn opens_and_closes(line: &Line) {
    let (listener, port) = peer();
    let ours = line.start(&[("8888", &port)]).start();
    hear_the_end(&mut accept(&listener));
    ours.wait().exits(0).told("connected to tcp://127.0.0.1:");
}

pub fn finds_an_open_port(line: &Line) {
    let (_listener, port) = peer();
    let ended = line.start(&[("20-30,80", &port)]).run();
    ended.exits(0).prints(format!("127.0.0.1 {port} open\n"));
}

pub fn shows_boundaries(line: &Line) {
    let ours = line.serve("127.0.0.1:8080");
    let mut client = call(&ours);
    talk(&mut client, TWO, b"\0\x05HELLO\0\x04FENG");
    ours.sees("⟦␀␅hello⟧⟦␀␄feng⟧");
    client.write_all(b"\0\x05hel").expect("sent");
    ours.sees("⟦␀␅hel…");
    talk(&mut client, b"lo", b"\0\x05HELLO");
    ours.sees("…lo⟧");
    drop(client);
    ours.says("closed first by the peer (FIN): 20 B in, 20 B out, 3 frames in, 3 out");
}

/// A server of ours records one client.
pub fn records(line: &Line) {
    let ours = line.serve("127.0.0.1:8888");
    let mut client = call(&ours);
    client.write_all(TWO).expect("sent");
    drop(client);
    ours.wait_with_stdin_open().exits(0);
}

pub fn shows_a_tape(line: &Line, expected: &str) {
    let recording = "sockeye listen 127.0.0.1:8888 --frame len:u16be --tape talk.tape";
    records(&Line { command: recording.to_owned(), folder: Arc::clone(&line.folder) });
    let told = line.start(&[]).run().exits(0).text();
    assert!(told.contains(expected), "{told}");
}

pub fn receives_from_a_unix_socket(line: &Line) {
    let path = line.folder.path().join("talk.sock");
    let ours = line.start(&[("/tmp/talk.sock", path.to_str().expect("a path"))]).open().start();
    ours.endpoint();
    let mut client = UnixStream::connect(&path).expect("it listens");
    client.write_all(b"hello").expect("sent");
    drop(client);
    ours.wait_with_stdin_open().exits(0);
    assert_eq!(fs::read(line.folder.path().join("received.bin")).expect("a file"), b"hello");
}

pub fn sends_to_a_unix_socket(line: &Line) {
    let path = line.folder.path().join("talk.sock");
    let listener = UnixListener::bind(&path).expect("a path of ours");
    listener.set_nonblocking(true).expect("set");
    let ours = line.start(&[("/tmp/talk.sock", path.to_str().expect("a path"))]).start();
    let mut caller = None;
    ports::until("a caller", || {
        caller = listener.accept().ok();
        caller.is_some()
    });
    let (mut server, _) = caller.expect("somebody called");
    server.set_nonblocking(false).expect("set");
    server.set_read_timeout(Some(LONG)).expect("set");
    hear(&mut server, b"hello");
    hear_the_end(&mut server);
    drop(server);
    ours.wait().exits(0);
}

pub fn relays(line: &Line) {
    let (listener, port) = peer();
    let swaps = [("127.0.0.1:8080", "127.0.0.1:0"), ("8888", port.as_str())];
    let ours = line.start(&swaps).start();
    let mut client = call(&ours);
    let mut server = accept(&listener);
    client.write_all(b"ping").expect("sent");
    talk_back(&mut server, b"ping", b"pong");
    hear(&mut client, b"pong");
    ours.sees("#1 ←  4 B  ping");
    ours.sees("#2 ←  4 B  pong");
}

pub fn relays_with_faults(line: &Line) {
    let (listener, port) = peer();
    let swaps = [("127.0.0.1:8080", "127.0.0.1:0"), ("8888", port.as_str())];
    let ours = line.start(&swaps).start();
    ours.says("split=1; delay=50ms±10ms (seed 7)");
    let mut client = call(&ours);
    let mut server = accept(&listener);
    client.write_all(b"ping").expect("sent");
    talk_back(&mut server, b"ping", b"pong");
    hear(&mut client, b"pong");
}

pub fn relays_datagrams(line: &Line) {
    let (server, port) = datagrams();
    let ours = line.start(&[("5353", "0"), ("5300", &port)]).start();
    let (client, _) = datagrams();
    client.send_to(b"ping", ours.at()).expect("sent");
    let relay = hear_datagram(&server, b"ping");
    server.send_to(b"pong", relay).expect("sent");
    hear_datagram(&client, b"pong");
    ours.sees("pong");
}

pub fn connects_in_frames(line: &Line) {
    let (listener, port) = peer();
    let mut ours = line.start(&[("8888", &port)]).open().start();
    let mut server = accept(&listener);
    ours.write("hello\n");
    talk_back(&mut server, b"\0\x05hello", b"\0\x02hi");
    ours.sees("|..hi|");
    drop(server);
    ours.wait().exits(0);
}

pub fn serves_a_command(line: &Line) {
    let ours = line.serve("127.0.0.1:8888");
    let mut client = call(&ours);
    client.write_all(b"one\n").expect("sent");
    client.shutdown(Shutdown::Write).expect("ended");
    hear(&mut client, b"     1\tone\n");
    hear_the_end(&mut client);
}

pub fn waits_for_a_late_answer(line: &Line) {
    let (listener, port) = peer();
    let ours = line.start(&[("h p", &format!("127.0.0.1 {port}"))]).input("req").start();
    let mut server = accept(&listener);
    hear(&mut server, b"req");
    hear_the_end(&mut server);
    server.write_all(b"late").expect("sent");
    drop(server);
    ours.wait().exits(0).prints("late");
}

pub fn tells(line: &Line, what: &str) {
    let told = line.start(&[]).run().exits(0).text();
    assert!(told.contains(what), "{told}");
}

pub fn relays_into_tls(line: &Line) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let path = |name: &str| line.folder.path().join(name).to_str().expect("plain").to_owned();
    let (cert, key) = (path("ca.pem"), path("key.pem"));
    fs::write(&cert, made.cert.pem()).expect("written");
    fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("set");
    let server = ["listen", "tls://127.0.0.1:0", "--cert", &cert, "--key", &key, "--reply", "echo"];
    let server = sockeye(server).start();
    let relay = line.start(&[("127.0.0.1:8080", "127.0.0.1:0"), ("127.0.0.1:8443", &server.at())]);
    let relay = relay.start();
    talk(&mut call(&relay), b"hello", b"hello");
}

/// A pseudo-terminal: our end, and the path of the other, which is as good as a port.
fn board() -> (fs::File, String) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("granted");
    // A board does not echo.
    let mut mode = tcgetattr(&ours).expect("a terminal");
    mode.make_raw();
    tcsetattr(&ours, OptionalActions::Now, &mode).expect("set");
    let path = ptsname(&ours, Vec::new()).expect("a name").into_string().expect("plain");
    (ours.into(), path)
}

pub fn talks_to_a_board(line: &Line) {
    let (mut board, path) = board();
    let ours = line.start(&[("/dev/ttyUSB0", &path)]).open().start();
    board.write_all(b"READY\r\n").expect("sent");
    hear(&mut board, b"AT\r\n");
    board.write_all(b"OK\r\n").expect("sent");
    ours.sees("OK");
}

pub fn serves_a_serial_port(line: &Line) {
    let (mut board, path) = board();
    let swaps = [("127.0.0.1:4000", "127.0.0.1:0"), ("/dev/ttyUSB0", path.as_str())];
    let relay = line.start(&swaps).start();
    let mut client = call(&relay);
    client.write_all(b"AT\r").expect("sent");
    hear(&mut board, b"AT\r");
    board.write_all(b"OK\r").expect("sent");
    hear(&mut client, b"OK\r");
}

/// An echoing server, and `talk.tape` of a `hello` to it in the line's folder.
pub fn recorded(line: &Line) -> Running {
    let server = sockeye(["listen", "127.0.0.1:0", "--reply", "echo"]).start();
    let tape = line.folder.path().join("talk.tape");
    let tape = tape.to_str().expect("a plain path");
    sockeye(["send", &server.at(), "hello", "--tape", tape]).run().exits(0);
    server
}

pub fn converted(line: &Line, name: &str, begin: &[u8]) {
    recorded(line);
    line.start(&[]).run().exits(0);
    let made = fs::read(line.folder.path().join(name)).expect("it is made");
    assert!(
        made.to_ascii_lowercase().starts_with(&begin.to_ascii_lowercase()),
        "{:?}",
        made.get(..16)
    );
}
