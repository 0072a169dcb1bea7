//! The classic programs that take turns, each side against a Python program of the courses:
//! one recv(1024) there is one message.

mod harness;

use std::io::{Read, Write};
use std::net::TcpStream;

use harness::{Ended, LONG, Running, Start, ports, sockeye, words};
use rustix::process::Signal;

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/classic/turns_client.py");
const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/classic/turns_server.py");

/// `classic NAME serve 127.0.0.1:0 FLAGS…`.
fn serve(line: &str) -> Start {
    let (name, flags) = line.split_once(' ').unwrap_or((line, ""));
    words(&format!("classic {name} serve 127.0.0.1:0 {flags}"))
}

/// `classic NAME connect 127.0.0.1:PORT FLAGS…`.
fn connect(line: &str, port: u16) -> Start {
    let (name, flags) = line.split_once(' ').unwrap_or((line, ""));
    words(&format!("classic {name} connect 127.0.0.1:{port} {flags}"))
}

fn python_client(program: &str, port: u16, encoding: &str, messages: &[&str]) -> Ended {
    let args = [CLIENT, program, &port.to_string(), encoding].map(str::to_owned);
    let messages = messages.iter().map(|text| (*text).to_owned());
    Start::program("python3").args(args.into_iter().chain(messages)).run().exits(0)
}

fn python_server(program: &str, encoding: &str, answers: &[&str]) -> (Running, u16) {
    let port = ports::free();
    let args = [SERVER, program, &port.to_string(), encoding].map(str::to_owned);
    let answers = answers.iter().map(|text| (*text).to_owned());
    let server = Start::program("python3").args(args.into_iter().chain(answers)).open().start();
    if program.starts_with("udp") || program == "upper" {
        ports::await_udp(port);
    } else {
        ports::await_tcp(port);
    }
    (server, port)
}

fn stopped(server: Running) -> Ended {
    server.signal(Signal::TERM);
    server.wait_with_stdin_open().exits(143)
}

#[test]
fn greeting_chat_speaks_first_and_ends_at_the_clients_bye() {
    let server = serve("greeting-chat").input("欢迎\n一\n二\n").start();
    let client = python_client("greeting_chat", server.port(), "utf-8", &["你好", "b", "bye"]);
    client.prints("欢迎\n一\n二\n");
    server.wait().exits(0).prints("你好\nb\nbye\n").told("from #1 127.0.0.1:");
    let (server, port) = python_server("greeting_chat", "utf-8", &["欢迎", "一", "bye", "二"]);
    // `bye` from the server is a text like any other.
    let ours = connect("greeting-chat", port).input("你好\nb\nc\n").run().exits(0);
    ours.prints("欢迎\n一\nbye\n二\n");
    server.wait().exits(0).prints("你好\nb\nc\nbye\n");
}

#[test]
fn greeting_chat_greets_without_a_keyboard_and_takes_the_next_client() {
    let server = serve("greeting-chat -k --greeting hi --reply upper").start();
    let port = server.port();
    for _ in 0..2 {
        python_client("greeting_chat", port, "utf-8", &["a", "bye"]).prints("hi\nA\n");
    }
    stopped(server).prints("a\nbye\na\nbye\n");
}

#[test]
fn chat_answers_each_message_with_the_next_line_until_bye() {
    let server = serve("chat").input("一\n二\n").start();
    // The classic sender of `bye` reads an empty message.
    python_client("chat", server.port(), "utf-8", &["你好", "b", "bye"]).prints("一\n二\n\n");
    server.wait().exits(0).prints("你好\nb\nbye\n");
    let (server, port) = python_server("chat", "utf-8", &["一", "二"]);
    connect("chat", port).input("你好\nb\n").run().exits(0).prints("一\n二\n");
    server.wait().exits(0).prints("你好\nb\nbye\n");
}

#[test]
fn chat_ends_unanswered_whichever_side_hears_bye() {
    let (server, port) = python_server("chat", "utf-8", &["bye"]);
    // Two lines are left: nobody is asked for them.
    let ours = connect("chat", port).input("a\nb\nc\n").run().exits(0);
    ours.prints("bye\n").told("the word that ends it came");
    drop(server);
    let server = serve("chat").input("bye\n").start();
    connect("chat", server.port()).open().input("a\n").run().exits(0).prints("bye\n");
    server.wait().exits(0).prints("a\n").told("the word that ends it was sent");
}

#[test]
fn chat_talks_in_gbk() {
    let server = serve("chat --encoding gbk").input("温度\n").start();
    python_client("chat", server.port(), "gbk", &["你好", "bye"]).prints("温度\n\n");
    server.wait().exits(0).prints("你好\nbye\n");
    let (server, port) = python_server("chat", "gbk", &["温度"]);
    connect("chat --encoding gbk", port).input("你好\n").run().exits(0).prints("温度\n");
    server.wait().exits(0).prints("你好\nbye\n");
}

#[test]
fn what_comes_in_pieces_before_the_silence_is_one_message() {
    let server = serve("chat --settle 1s --reply echo --explain").start();
    python_client("pieces", server.port(), "utf-8", &["你好吗"]).prints("你好吗\n");
    server.wait().exits(0).prints("你好吗\n").told("recvs are one message");
}

#[test]
fn without_settling_one_recv_is_one_message_and_no_character_is_torn() {
    let server = serve("chat --settle 0 --reply text:ok").start();
    let mut client = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
    let mut answer = [0; 2];
    for part in ["好".as_bytes().split_at(2).0, "好".as_bytes().split_at(2).1] {
        client.write_all(part).expect("sent");
        client.read_exact(&mut answer).expect("an answer to each recv");
    }
    drop(client);
    server.wait().exits(0).prints("好\n");
}

#[test]
fn a_client_that_ends_its_side_still_gets_its_answer() {
    let mut server = serve("chat").open().start();
    let port = server.port();
    let client = std::thread::spawn(move || python_client("half_close", port, "utf-8", &["a"]));
    server.sees("a\n");
    server.write("late\n");
    client.join().expect("no panic").prints("late\n");
    server.wait_with_stdin_open().exits(0);
}

#[test]
fn queue_chat_answers_one_message_a_connection_until_a_request_bye() {
    let server = serve("queue-chat").input("一\n二\n").start();
    let port = server.port();
    python_client("queue_chat", port, "utf-8", &["你好", "b", "bye"]).prints("一\n二\n\n");
    server.wait().exits(0).prints("你好\nb\nbye\n");
    let (mut server, port) = python_server("queue_chat", "utf-8", &["一", "二", "三"]);
    // Our own `bye`, and stdin's end, are not sent.
    connect("queue-chat", port).input("你好\nb\nbye\nc\n").run().exits(0).prints("一\n二\n");
    assert!(server.runs());
    connect("queue-chat --stop-server", port).input("d\n").run().exits(0).prints("三\n");
    server.wait().exits(0).prints("你好\nb\nd\nbye\n");
}

#[test]
fn thanks_answers_and_closes() {
    let server = serve("thanks --encoding gbk").start();
    let port = server.port();
    python_client("queue_chat", port, "gbk", &["你好", "b"]).prints("thank you !\nthank you !\n");
    connect("thanks --encoding gbk 你好", port).run().exits(0).prints("thank you !\n");
    stopped(server).prints("你好\nb\n你好\n");
    let server = serve("thanks --answer hi").start();
    python_client("queue_chat", server.port(), "utf-8", &["a"]).prints("hi\n");
    stopped(server);
    let (server, port) = python_server("thanks", "gbk", &[]);
    connect("thanks --encoding gbk", port).input("你好\n").run().exits(0).prints("thank you !\n");
    server.wait().exits(0).prints("你好\n");
}

#[test]
fn until_close_prints_what_comes_and_answers_nothing() {
    let server = serve("until-close").start();
    python_client("until_close", server.port(), "utf-8", &["你好"]);
    server.wait().exits(0).prints("你好\n").told("from #1 127.0.0.1:");
    let (server, port) = python_server("until_close", "utf-8", &[]);
    let mut ours = connect("until-close", port).open().start();
    for text in ["你好", "b"] {
        ours.write(format!("{text}\n"));
        server.sees(text);
    }
    ours.wait().exits(0).prints("");
    server.wait().exits(0).prints("你好\nb\n");
}

#[test]
fn udp_chat_answers_each_datagram_with_one() {
    let server = serve("udp-chat").input("一\n二\n").start();
    let port = server.port();
    python_client("udp_chat", port, "utf-8", &["你好", "b", "bye"]).prints("一\n二\n");
    server.sees("bye\n");
    stopped(server).prints("你好\nb\nbye\n");
    let (server, port) = python_server("udp_chat", "utf-8", &["一", "二"]);
    connect("udp-chat", port).input("你好\nb\n").run().exits(0).prints("一\n二\n");
    server.wait().exits(0).prints("你好\nb\nbye\n");
}

#[test]
fn udp_chat_reads_gbk_where_it_is_no_utf_8() {
    let server = serve("udp-chat --reply echo").start();
    python_client("udp_chat", server.port(), "gbk", &["你好"]).prints("你好\n");
    stopped(server).prints("你好\n");
}

#[test]
fn an_empty_line_is_an_empty_datagram_and_over_tcp_it_is_not_sent() {
    let server = serve("udp-chat --reply text:x").start();
    let ours = connect("udp-chat", server.port()).input("\na\n").run();
    ours.exits(0).prints("x\nx\n");
    server.sees("bye\n");
    stopped(server).prints("\na\nbye\n");
    let server = serve("chat --reply text:x").start();
    let ours = connect("chat", server.port()).input("\na\n").run().exits(0);
    ours.prints("x\n").told("an empty line is not sent");
    server.wait().exits(0).prints("a\nbye\n");
}

#[test]
fn a_datagram_that_nobody_takes_ends_the_wait_for_its_answer() {
    let port = ports::free();
    for program in ["udp-chat", "upper", "udp-once"] {
        let ended = connect(program, port).input("a\n").run().exits(1);
        ended.fails_clearly("E-refused").prints("");
    }
}

#[test]
fn udp_once_takes_one_datagram_and_ends() {
    let server = serve("udp-once").start();
    python_client("udp_once", server.port(), "utf-8", &["你好"]);
    server.wait().exits(0).prints("你好\n").told("from #1 127.0.0.1:");
    let server = serve("udp-once --encoding gbk").start();
    python_client("udp_once", server.port(), "gbk", &["你好"]);
    server.wait().exits(0).prints("你好\n");
    // One course's other side answers.
    let (server, port) = python_server("udp_chat", "gbk", &["收到"]);
    connect("udp-once --encoding gbk 你好", port).run().exits(0).prints("收到\n");
    drop(server);
}

#[test]
fn every_listener_on_the_port_gets_a_broadcast() {
    let first = words("classic broadcast serve 0.0.0.0:0").start();
    let port = first.port();
    let second = words(&format!("classic broadcast serve 0.0.0.0:{port}")).start();
    second.says("listening on ");
    second.says("warning: bound wider than this machine");
    let from = ports::free();
    let to = format!("127.255.255.255:{port}");
    let from = from.to_string();
    sockeye(["classic", "broadcast", "connect", &to, "xiaocy", "--from", &from]).run().exits(0);
    for listener in [first, second] {
        listener.sees("xiaocy\n");
        listener.says(&format!(":{from}:"));
        stopped(listener).prints("xiaocy\n");
    }
}

#[test]
fn upper_answers_in_upper_case_and_leaves_other_letters_alone() {
    let server = serve("upper").start();
    python_client("udp_chat", server.port(), "utf-8", &["aé你"]).prints("Aé你\n");
    stopped(server).prints("aé你\n");
    let (server, port) = python_server("upper", "utf-8", &["2"]);
    connect("upper", port).input("a\nb\n").run().exits(0).prints("A\nB\n");
    server.wait().exits(0);
}

#[test]
fn sticky_shows_two_sends_in_one_recv_and_one_send_in_two() {
    let server = serve("sticky --read-size 2,10").start();
    python_client("until_close", server.port(), "utf-8", &["hello feng"]);
    server.sees("he\nllo feng\n");
    stopped(server).prints("he\nllo feng\n");
    let (server, port) = python_server("sticky", "utf-8", &["2", "10"]);
    connect("sticky --together", port).run().exits(0);
    server.wait().exits(0).prints("he\nllo feng\n");
    let (server, port) = python_server("sticky", "utf-8", &["10", "10"]);
    let ours = connect("sticky --json", port).run().exits(0).text();
    assert_eq!(ours.matches("\"e\":\"out\"").count(), 2, "two sends: {ours}");
    server.wait().exits(0).prints("hellofeng\n\n");
}

#[test]
fn threaded_answers_a_hundred_clients_at_once_each_with_a_line_of_its_own() {
    let lines: Vec<String> = (0..100).map(|number| format!("answer {number}\n")).collect();
    let mut server = serve("threaded").open().start();
    let port = server.port();
    let mut clients: Vec<TcpStream> =
        (0..100).map(|_| TcpStream::connect(("127.0.0.1", port)).expect("a connection")).collect();
    for client in &mut clients {
        client.set_read_timeout(Some(LONG)).expect("a timeout");
        client.write_all("问".as_bytes()).expect("sent");
    }
    server.write(lines.concat());
    let mut answers: Vec<String> = clients.iter_mut().map(heard).collect();
    answers.sort_unstable();
    answers.dedup();
    assert_eq!(answers.len(), 100, "{answers:?}");
    for client in &mut clients {
        client.write_all(b"q").expect("sent");
    }
    for client in &mut clients {
        assert_eq!(heard(client), "q");
        assert_eq!(heard(client), "", "the server closes after `q`");
    }
    let ended = stopped(server);
    assert_eq!(ended.text().matches("问\n").count(), 100);
}

fn heard(client: &mut TcpStream) -> String {
    let mut space = [0; 1024];
    let count = client.read(&mut space).expect("in time");
    String::from_utf8_lossy(space.get(..count).expect("within")).into_owned()
}

#[test]
fn threaded_answers_the_client_that_is_named() {
    let mut server = serve("threaded").open().start();
    let port = server.port();
    let mut clients = Vec::new();
    for text in ["first", "second"] {
        let mut client = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        client.set_read_timeout(Some(LONG)).expect("a timeout");
        client.write_all(text.as_bytes()).expect("sent");
        server.sees(text);
        clients.push(client);
    }
    server.write("@2 to the second\nto whoever is first\n");
    let heard: Vec<String> = clients.iter_mut().map(heard).collect();
    assert_eq!(heard, ["to whoever is first", "to the second"]);
    server.close_stdin();
    server.says("stdin has ended");
    assert!(server.runs());
    stopped(server);
}

#[test]
fn a_caller_that_leaves_before_its_answer_leaves_the_line_to_the_next() {
    let mut server = serve("greeting-chat -k").open().start();
    let port = server.port();
    drop(TcpStream::connect(("127.0.0.1", port)).expect("a connection"));
    server.says("#1 127.0.0.1:");
    server.write("@1 too late\nwelcome\n");
    server.says("not sent: there is no #1 any more");
    python_client("greeting_chat", port, "utf-8", &["bye"]).prints("welcome\n");
    server.sees("bye\n");
    stopped(server);
}

#[test]
fn a_line_that_the_encoding_does_not_have_is_told_and_fails() {
    let server = serve("chat --reply text:ok").start();
    let ours = connect("chat --encoding windows-1252", server.port()).input("a\n你\nb\n").run();
    ours.exits(2).prints("ok\nok\n").fails_clearly("E-usage");
    server.wait().exits(0).prints("a\nb\nbye\n");
}

#[test]
fn a_program_refuses_a_transport_that_it_does_not_go_over() {
    let line = "classic chat connect udp://127.0.0.1:9";
    words(line).run().exits(2).fails_clearly("E-usage").told("does not go over");
    // No flag was given that could be to blame.
    let line = "classic upper serve tcp://127.0.0.1:0";
    let ended = words(line).run().exits(2).fails_clearly("E-usage");
    ended.told("`upper` does not go over `tcp://127.0.0.1:0`");
    let line = "classic upper serve -u tcp://127.0.0.1:0";
    words(line).run().exits(2).told("`-u` contradicts `tcp:`");
}

#[test]
fn threaded_says_q_at_the_end_and_python_threads_answer() {
    let server = serve("threaded --reply upper").start();
    python_client("threaded", server.port(), "utf-8", &["a", "b", "q"]).prints("A\nB\n");
    server.sees("q\n");
    stopped(server).prints("a\nb\nq\n");
    let (server, port) = python_server("threaded", "utf-8", &[]);
    connect("threaded", port).input("a\nb\n").run().exits(0).prints("A\nB\nq\n");
    server.wait().exits(0).prints("a\nb\nq\n");
}

#[test]
fn a_client_that_cuts_itself_off_does_not_end_the_server() {
    for program in ["threaded", "queue-chat", "chat -k"] {
        let server = serve(&format!("{program} --reply echo")).start();
        let port = server.port();
        python_client("reset", port, "utf-8", &["a"]);
        server.says("RST");
        python_client("queue_chat", port, "utf-8", &["b"]).prints("b\n");
        stopped(server);
    }
}

#[test]
fn the_bare_steps_are_told_and_their_errors() {
    let server = serve("open-close").start();
    let port = server.port();
    server.says(&format!("it is ('127.0.0.1', {port})"));
    server.says("accept() waits");
    let ours = connect("open-close", port).run().exits(0).prints("hello\n");
    ours.told("sendall() of 5 bytes").told("recv() returned 5 bytes: b'hello'").told("close()");
    let twice = format!("classic open-close serve 127.0.0.1:{port}");
    words(&twice).run().exits(1).fails_clearly("E-in-use");
    words("classic open-close serve 192.0.2.1:8888").run().exits(1).fails_clearly("E-address");
    stopped(server);
    let refused = connect("open-close", ports::free()).run().exits(1);
    refused.fails_clearly("E-refused").told("connect_ex() returned 111");
}

#[test]
fn control_characters_and_noise_are_shown_and_not_obeyed() {
    let server = serve("chat --reply text:x").start();
    let mut client = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
    for (bytes, line) in [
        (&b"a\nb\r\n"[..], "a\\nb\\r\\n\n"),
        (b"\x1B[2J", "␛[2J\n"),
        (b"\xFF\xFE\x00", "FF FE 00\n"),
    ] {
        client.write_all(bytes).expect("sent");
        server.sees(line);
        assert_eq!(heard(&mut client), "x");
    }
    drop(client);
    server.wait().exits(0);
}

#[test]
fn a_message_without_an_end_is_refused_at_the_limit() {
    let server = serve("threaded --reply echo").start();
    let mut client = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
    // The server closes while we still send.
    let flood = vec![b'x'; 4 << 20];
    drop(client.write_all(&flood));
    server.says("came without a pause");
    assert!(server.peak() < 100 << 10, "{} KiB", server.peak());
    stopped(server);
}

#[test]
fn the_table_names_all_the_programs() {
    let listed = words("classic list --json").run().exits(0).text();
    assert_eq!(listed.lines().count(), 17);
    assert!(listed.contains("\"name\":\"hmac-chat\""), "{listed}");
    words("classic list").run().exits(0);
}
