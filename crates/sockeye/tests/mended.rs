//! Bugs that an attack found, each with the test that holds its mending.

mod harness;

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::time::Duration;

use harness::{shell, sockeye};
use rustix::process::Signal;

#[test]
fn a_child_finishes_its_work_after_its_input_has_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let sorted = folder.path().join("sorted");
    let command = format!("exec:sh -c 'exec sort -n > \"{}\"'", sorted.display());
    let numbers: Vec<String> = (0..50_000).rev().map(|number: u32| number.to_string()).collect();
    sockeye(["connect", &command]).input(numbers.join("\n") + "\n").run().exits(0);
    let sorted = std::fs::read_to_string(sorted).expect("the child's file");
    assert_eq!(sorted.lines().count(), 50_000);
}

#[test]
fn a_child_that_fails_makes_the_conversation_fail() {
    sockeye(["connect", "exec:sh -c 'exit 3'"]).input("").run().exits(1).told("exit status: 3");
}

#[test]
fn a_full_stdout_is_a_failure_and_not_a_quiet_end() {
    let binary = env!("CARGO_BIN_EXE_sockeye");
    let script = format!("echo hi | '{binary}' relay --dial - exec:cat --view raw > /dev/full");
    shell(&script).run().exits(1).told("cannot write to stdout: no space left on device");
}

#[test]
fn what_a_full_disk_does_not_take_is_a_failure_of_what_only_tells() {
    let open = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = open.local_addr().expect("bound").port();
    let ask = format!("connect -z 127.0.0.1 {port}");
    let lines =
        ["addr", "addr --json", "port 80", "resolve ::1", "classic list", "man", ask.as_str()];
    for line in lines {
        let full = std::path::Path::new("/dev/full");
        let ended = harness::words(line).output_file(full).run().exits(1);
        ended.told("cannot write to stdout: no space left on device");
    }
}

#[test]
fn what_is_typed_by_habit_is_told_as_it_is_said_here() {
    let ended = sockeye(["127.0.0.1", "80"]).run().exits(2).fails_clearly("E-usage");
    ended.told("hint: to call it: `sockeye connect 127.0.0.1 80`");
    let ended = sockeye(["connect", "-N", "127.0.0.1", "80"]).run().exits(2);
    ended.fails_clearly("E-usage").told("unexpected argument '-N' found\nhint: leave it out");
}

#[test]
fn a_second_server_on_a_unix_socket_is_no_caller_of_the_first() {
    let folder = tempfile::tempdir().expect("a folder");
    for scheme in ["unix", "unixgram"] {
        let endpoint = format!("{scheme}:{}", folder.path().join(scheme).display());
        // In a pipe the first caller is the only one.
        let first = sockeye(["listen", &endpoint]).open().start();
        first.endpoint();
        sockeye(["listen", &endpoint]).run().exits(1).fails_clearly("E-in-use");
        let _caller = sockeye(["send", &endpoint, "hello"]).start();
        first.sees("hello");
    }
}

#[test]
fn a_signal_ends_a_run_whose_stdout_nobody_reads() {
    let mut server =
        sockeye(["listen", "127.0.0.1:0", "--reply", "echo", "--view", "raw"]).unread().start();
    let mut client = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
    client.set_write_timeout(Some(Duration::from_millis(300))).expect("set");
    while client.write_all(&[b'x'; 8_192]).is_ok() {}
    assert!(server.runs());
    server.signal(Signal::TERM);
    server.wait_for(Duration::from_secs(15)).exits(143);
}

#[test]
fn many_small_questions_with_large_answers_do_not_grow_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let answer = folder.path().join("answer");
    std::fs::write(&answer, vec![b'x'; 1 << 20]).expect("room");
    let reply = format!("file:{}", answer.display());
    let server = sockeye(["listen", "127.0.0.1:0", "--frame", "lines", "--reply", &reply]).start();
    let mut client = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
    client.write_all(&[b'\n'; 6_000]).expect("sent");
    // Some of the first answer is there: the questions are being worked off.
    client.read_exact(&mut [0; 8_192]).expect("an answer");
    let resident = server.resident();
    assert!(resident < 64 << 20, "{resident} bytes resident");
}

#[test]
fn a_relay_of_stdin_prints_each_byte_once() {
    sockeye(["relay", "--dial", "-", "exec:cat"]).input("hi\n").run().exits(0).prints("hi\n");
}

#[test]
fn what_could_not_be_sent_is_a_failure() {
    let server = sockeye(["listen", "127.0.0.1:0", "--reply", "echo"]).start();
    let at = server.at();
    let connect = sockeye(["connect", &at, "--encoding", "windows-1252"]).input("你\n").run();
    connect.exits(2).told("line 1 of stdin");
    let receiver = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let to = format!("udp://{}", receiver.local_addr().expect("bound"));
    let folder = tempfile::tempdir().expect("a folder");
    let large = folder.path().join("large");
    std::fs::write(&large, vec![0; 70_000]).expect("room");
    let file = format!("file:{}", large.display());
    sockeye(["send", &to, &file]).run().exits(1).fails_clearly("E-limit");
}

#[test]
fn an_answer_that_the_network_refuses_is_not_waited_for() {
    let free = UdpSocket::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let to = format!("udp://{free}");
    sockeye(["send", &to, "hi", "--expect", "ok"]).run().exits(1).fails_clearly("E-refused");
}

#[test]
fn a_relay_that_is_cut_in_mid_transfer_does_not_look_whole() {
    let slow = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let target = slow.local_addr().expect("bound").to_string();
    let relay = sockeye(["relay", "127.0.0.1:0", &target, "--idle-timeout", "300ms"]).start();
    let mut client = TcpStream::connect(("127.0.0.1", relay.port())).expect("a connection");
    let (mut server, _) = slow.accept().expect("the relay calls");
    client.set_write_timeout(Some(Duration::from_millis(100))).expect("set");
    while client.write_all(&[b'x'; 8_192]).is_ok() {}
    relay.says("did not reach the other side");
    let end = server.read_to_end(&mut Vec::new());
    assert!(end.is_err(), "a cut transfer ended as a whole one: {end:?}");
}

#[test]
fn a_relay_whose_end_is_itself_by_a_unix_path_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = format!("unix:{}", folder.path().join("s").display());
    sockeye(["relay", &path, &path]).run().exits(3).fails_clearly("E-denied");
}

#[test]
fn what_is_sent_to_a_file_is_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new");
    sockeye(["send", &format!("file:{}", path.display()), "hel", "lo"]).run().exits(0);
    assert_eq!(std::fs::read(&path).expect("the file"), b"hello");
}

#[test]
fn a_timer_that_ends_the_wait_for_the_peer_is_told() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = silent.local_addr().expect("bound").to_string();
    let ended = sockeye(["connect", &at, "-q", "0.1"]).input("x").run();
    ended.exits(0).told("closed first by us (FIN: `-q`: 100ms after the end)");
}

#[test]
fn a_port_that_is_asked_for_and_closed_is_told_as_any_error_is() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("bound").port().to_string();
    drop(free);
    sockeye(["connect", "-z", "127.0.0.1", &port]).run().exits(1).fails_clearly("E-refused");
}
