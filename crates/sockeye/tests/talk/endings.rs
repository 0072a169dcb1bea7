//! How a talk ends: both FINs, `--until`, `-q`, `--idle-timeout`, `--reconnect`, and what
//! is said of it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::harness::{LONG, shell, sockeye, words};

#[test]
fn until_ends_by_a_whole_message_in_either_direction() {
    for (from_server, from_client) in [("bye\n", ""), ("", "bye\n")] {
        let mut server = words("listen 127.0.0.1:0").open().start();
        let client = sockeye(["connect", &server.at(), "--until", "bye"]);
        let mut client = client.open().start();
        if from_client.is_empty() {
            server.write("hello bye\n");
            client.sees("hello bye\n");
            server.write(from_server);
        } else {
            client.write("hello bye\n");
            server.sees("hello bye\n");
            client.write(from_client);
        }
        client.wait_with_stdin_open().exits(0).told("`--until`");
    }
}

#[test]
fn hello_bye_ends_nothing() {
    let mut server = words("listen 127.0.0.1:0 --reply echo").start();
    let mut client = sockeye(["connect", &server.at(), "--until", "bye"]).open().start();
    client.write("hello bye");
    client.sees("hello bye");
    client.write("still here");
    client.sees("hello byestill here");
    client.write("bye");
    client.wait_with_stdin_open().exits(0);
    assert!(server.runs());
}

#[test]
fn until_with_a_frame_is_a_whole_frame_however_it_was_cut() {
    let server = words("listen 127.0.0.1:0 --until bye --frame lines --read-size 1").start();
    let data = "text:good\nhello bye\nbye\nmore\n";
    sockeye(["send", &server.at(), data]).run();
    server.wait().exits(0).told("`--until` came");
}

#[test]
fn a_listener_and_a_sender_know_until_too() {
    let server = words("listen 127.0.0.1:0 --until over").start();
    let mut client = sockeye(["connect", &server.at()]).open().start();
    client.write("over");
    server.wait_with_stdin_open().exits(0).prints("over");
    client.close_stdin();
    client.wait().exits(0);
}

#[test]
fn idle_timeout_ends_a_silent_talk_and_says_so() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = server.local_addr().expect("bound").to_string();
    let client = sockeye(["connect", &at, "--idle-timeout", "100ms"]).open().start();
    client.wait_with_stdin_open().exits(0).told("timer: silent for 100ms");
}

#[test]
fn q_bounds_the_wait_after_our_end() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = server.local_addr().expect("bound").to_string();
    let ended = sockeye(["connect", &at, "-q", "0.1"]).input("x").run().exits(0);
    ended.told("closed first by us (");
}

#[test]
fn the_close_is_explained_in_one_line() {
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let client = sockeye(["connect", &server.at()]).input("12345").run().exits(0);
    client.told("closed first by us (FIN): 5 B in, 5 B out, ");
    server.says("closed first by the peer (FIN): 5 B in, 5 B out, ");
}

#[test]
fn a_reset_is_told_as_one_with_exit_one() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = server.local_addr().expect("bound").to_string();
    let client = sockeye(["connect", "-v", &at]).open().start();
    let (socket, _) = server.accept().expect("a caller");
    client.says("connected to");
    drop(lingering(socket));
    let ended = client.wait_with_stdin_open().exits(1).fails_clearly("E-reset");
    ended.told("closed first by the peer (RST)");
}

/// A socket whose close is a RST.
fn lingering(socket: std::net::TcpStream) -> std::net::TcpStream {
    rustix::net::sockopt::set_socket_linger(&socket, Some(std::time::Duration::ZERO))
        .expect("an open socket");
    socket
}

#[test]
fn reconnect_goes_on_after_a_reset_board() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = server.local_addr().expect("bound").to_string();
    let mut client = sockeye(["connect", &at, "--reconnect=10ms"]).open().start();
    for turn in 0..3 {
        let (mut socket, _) = server.accept().expect("a caller");
        socket.set_read_timeout(Some(LONG)).expect("a timeout");
        socket.write_all(format!("boot {turn}\n").as_bytes()).expect("connected");
        client.sees(format!("boot {turn}\n"));
        client.write("x");
        let mut got = [0; 1];
        socket.read_exact(&mut got).expect("what was typed");
        if turn == 1 {
            drop(lingering(socket));
        }
    }
    client.says("connecting again every");
}

#[test]
fn both_sides_may_end_at_once() {
    let server = words("listen 127.0.0.1:0").input("from the server").start();
    let client = sockeye(["connect", &server.at()]).input("from the client").run();
    client.exits(0).prints("from the server");
    server.wait().exits(0).prints("from the client");
}

#[test]
fn a_reader_of_stdout_that_has_enough_ends_it_quietly_whatever_stdin_still_holds() {
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    for talk in ["connect", "connect --view raw --idle-timeout 1h"] {
        let script = format!(
            "yes | {{ \"$S\" {talk} {}; echo \"rc $?\" >&2; }} | head -c 1000 >/dev/null",
            server.at()
        );
        shell(&script).run().exits(0).told("rc 0");
    }
    // A relay that cannot say what it took says so, and ends as well.
    let script = format!("yes | \"$S\" relay --dial - {} | head -c 1000 >/dev/null", server.at());
    shell(&script).run().exits(0);
}

#[test]
fn a_peer_that_takes_nothing_makes_a_limit_a_failure() {
    let deaf = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let at = deaf.local_addr().expect("bound").to_string();
    for more in [&[][..], &["--until", "never"]] {
        let words = ["connect", &at, "--idle-timeout", "200ms"];
        let much = vec![b'.'; 32 << 20];
        sockeye(words).args(more).input(much).run().exits(1).told("did not take");
    }
}
