//! CONVENTIONS.md, line by line: what users of nc, ncat, socat and websocat expect, with
//! Python and the netcats as the other side where one is needed.

mod harness;

use std::io::Read as _;
use std::net::{TcpListener, UdpSocket};

use harness::{LONG, Running, Start, noise, ports, shell, sockeye, tape, words};
use rustix::process::Signal;

/// Listens, reads to the EOF, waits 1.2 s by its own clock, and answers.
const LATE: &str = r#"
import socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
print(s.getsockname()[1], flush=True)
c = s.accept()[0]
got = b""
while True:
    b = c.recv(65536)
    if not b:
        break
    got += b
time.sleep(1.2)
c.sendall(b"late reply to " + got)
c.close()
"#;

/// A Python server that prints its port first.
fn python(script: &str) -> (Running, u16) {
    let server = Start::program("python3").args(["-c", script]).start();
    let port = server.out.until(LONG, |bytes| {
        let text = std::str::from_utf8(bytes).ok()?;
        text.split_once('\n')?.0.parse().ok()
    });
    (server, port.expect("the server's port"))
}

#[test]
fn an_answer_late_by_more_than_a_second_is_received_after_our_eof() {
    let (server, port) = python(LATE);
    let at = format!("127.0.0.1:{port}");
    sockeye(["connect", &at]).input("req").run().exits(0).prints("late reply to req");
    server.wait().exits(0);
}

#[test]
fn send_too_waits_for_an_answer_that_is_late() {
    let (server, port) = python(LATE);
    let at = format!("127.0.0.1:{port}");
    sockeye(["send", &at, "req"]).run().exits(0).prints("late reply to req");
    server.wait().exits(0);
}

#[test]
fn a_fin_is_sent_at_the_end_of_stdin_and_the_netcats_end_by_it() {
    for name in ["nc.openbsd", "ncat"] {
        let port = ports::free();
        let server = Start::program(name).args(["-l", "127.0.0.1", &port.to_string()]).start();
        ports::await_tcp(port);
        let at = format!("127.0.0.1:{port}");
        sockeye(["connect", &at]).input("all").run().exits(0);
        server.wait().exits(0).prints("all");
    }
}

#[test]
fn refused_is_exit_one_and_one_line_that_names_the_address() {
    let port = ports::free();
    let at = format!("127.0.0.1:{port}");
    for command in ["connect", "send"] {
        let data = if command == "send" { vec!["x"] } else { vec![] };
        let args = [command, at.as_str()].into_iter().chain(data);
        let ended = sockeye(args).run().exits(1).fails_clearly("E-refused");
        let named = ended.err.lines().filter(|line| line.contains(&format!("tcp://{at}"))).count();
        assert_eq!(named, 1, "{}", ended.err);
    }
}

#[test]
fn a_usage_error_is_exit_two() {
    for line in [
        "connect",
        "connect nonsense://x",
        "listen 99999",
        "nothing",
        "connect -u tcp://127.0.0.1:1",
    ] {
        let ended = words(line).run();
        assert_eq!(ended.code, Some(2), "{line}: {}", ended.err);
        assert!(ended.err.starts_with("error[E-usage]: "), "{line}: {}", ended.err);
    }
}

#[test]
fn the_eof_of_stdin_never_becomes_an_empty_datagram() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(LONG)).expect("a timeout");
    let at = socket.local_addr().expect("bound").to_string();
    let mut space = [0; 100];
    for (args, input) in [
        (vec!["connect", "-u", &at, "-q", "0"], "one"),
        (vec!["connect", "-u", &at, "-q", "0"], ""),
        (vec!["connect", "-u", &at, "--idle-timeout", "0.1"], ""),
        (vec!["send", "-u", &at, "two"], ""),
        (vec!["send", "-u", &at, "end"], ""),
    ] {
        sockeye(args).input(input).run().exits(0);
    }
    let mut came = Vec::new();
    while came.last().is_none_or(|last| last != b"end") {
        let count = socket.recv(&mut space).expect("a datagram");
        came.push(space[..count].to_vec());
    }
    assert_eq!(came, [b"one".to_vec(), b"two".to_vec(), b"end".to_vec()]);
}

#[test]
fn a_udp_connection_outlives_its_stdin_until_a_signal() {
    let (server, port) = python(
        r#"
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
b, peer = s.recvfrom(100)
import time; time.sleep(1.2)
s.sendto(b"late " + b, peer)
"#,
    );
    let ours = sockeye(["connect", "-u", &format!("127.0.0.1:{port}")]).input("req").start();
    ours.sees("late req");
    ours.signal(Signal::TERM);
    ours.wait().exits(143).prints("late req");
    server.wait().exits(0);
}

#[test]
fn bytes_pass_unaltered_and_each_read_is_flushed() {
    let every: Vec<u8> = (0..=255).chain(*b"\r\n\0\xFF\xF4\r\0").collect();
    let mut server = words("listen 127.0.0.1:0").open().start();
    let mut client = sockeye(["connect", &server.at()]).open().start();
    client.write(&every);
    server.sees(&every);
    server.write("no line end");
    client.sees("no line end");
    client.close_stdin();
    server.close_stdin();
    client.wait().exits(0).prints("no line end");
    server.wait().exits(0).prints(&every);
}

#[test]
fn the_ready_line_names_the_port_chosen_for_port_zero() {
    for (args, head) in [
        ("listen 127.0.0.1:0", "tcp://127.0.0.1:"),
        ("listen 127.0.0.1 0", "tcp://127.0.0.1:"),
        ("listen -u 127.0.0.1:0", "udp://127.0.0.1:"),
        ("listen [::1]:0", "tcp://[::1]:"),
        ("listen -u [::1]:0", "udp://[::1]:"),
        ("listen ::1 0", "tcp://[::1]:"),
        ("-l 127.0.0.1:0", "tcp://127.0.0.1:"),
        ("-l -u -4 -n -v 127.0.0.1:0", "udp://127.0.0.1:"),
        ("listen -4 0", "tcp://0.0.0.0:"),
        ("listen -6 0", "tcp://[::]:"),
        ("relay 127.0.0.1:0 127.0.0.1:1", "tcp://127.0.0.1:"),
    ] {
        let server = words(args).open().start();
        let endpoint = server.endpoint();
        assert!(endpoint.starts_with(head), "{args}: {endpoint}");
        assert_ne!(server.port(), 0, "{args}");
        let ready = server.err.so_far();
        assert!(ready.starts_with(b"listening on "), "{args}: {}", server.err.shown());
    }
}

#[test]
fn listening_on_every_address_takes_ipv4_and_ipv6() {
    let server = words("listen 0 --reply echo").start();
    let port = server.port();
    for host in ["127.0.0.1", "[::1]"] {
        sockeye(["send", &format!("{host}:{port}"), "hi"]).run().exits(0).prints("hi");
    }
}

#[test]
fn ipv6_addresses_are_written_in_brackets_and_scopes_work() {
    let server = words("listen [::1]:0 --reply echo").start();
    let port = server.port().to_string();
    sockeye(["send", &format!("[::1]:{port}"), "six"]).run().exits(0).prints("six");
    sockeye(["send", &format!("tcp://[::1%lo]:{port}"), "six"]).run().exits(0).prints("six");
    sockeye(["connect", "::1", &port]).input("words").run().exits(0).prints("words");
}

#[test]
fn four_and_six_choose_the_family_of_a_name() {
    let four = words("listen 127.0.0.1:0 --reply text:four -k").start();
    let port = four.port();
    sockeye(["send", "-4", &format!("localhost:{port}"), "x"]).run().exits(0).prints("four");
    sockeye(["send", "-6", &format!("localhost:{port}"), "x"]).run().exits(1);
    words("connect -4 -6 127.0.0.1:1").run().exits(2);
}

#[test]
fn n_looks_no_names_up() {
    words("connect -n localhost:1").run().exits(1).fails_clearly("E-name");
}

#[test]
fn upper_case_u_is_a_unix_path_and_with_u_datagrams() {
    let folder = tempfile::tempdir().expect("a folder");
    for (flags, scheme) in [("-U", "unix:"), ("-uU", "unixgram:")] {
        let path = folder.path().join(scheme.trim_end_matches(':'));
        let path = path.to_str().expect("a path of ours");
        let server = sockeye(["listen", flags, path, "--reply", "echo"]).start();
        assert_eq!(server.endpoint(), format!("{scheme}{path}"));
        let ended = sockeye(["send", flags, path, "hi", "--expect", "hi"]).run();
        ended.exits(0).prints("hi");
    }
}

#[test]
fn v_says_more_on_stderr_and_never_on_stdout() {
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let quiet = sockeye(["connect", &server.at()]).input("x").run().exits(0).prints("x");
    let loud = sockeye(["connect", "-v", &server.at()]).input("x").run().exits(0).prints("x");
    assert!(loud.err.len() > quiet.err.len(), "{}", loud.err);
    loud.told(&server.at());
}

#[test]
fn z_says_which_ports_are_open_and_sends_nothing() {
    let open = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = open.local_addr().expect("bound").port();
    let closed = ports::free();
    let ports = format!("{port},{closed}");
    let ended = sockeye(["connect", "-z", "127.0.0.1", &ports]).run().exits(1);
    ended.prints(format!("127.0.0.1 {port} open\n"));
    let (mut called, _) = open.accept().expect("the question");
    let mut got = Vec::new();
    // A RST ends a scan as well as a FIN does: no byte is what counts.
    drop(called.read_to_end(&mut got));
    assert!(got.is_empty());
    let one = sockeye(["connect", "-z", "127.0.0.1", &port.to_string()]).run();
    one.exits(0).prints(format!("127.0.0.1 {port} open\n"));
    let none = sockeye(["connect", "-z", "127.0.0.1", &closed.to_string()]).run().exits(1);
    none.told(&closed.to_string()).prints("");
}

#[test]
fn sigusr1_prints_the_totals_and_the_talk_goes_on() {
    let mut server = words("listen 127.0.0.1:0").open().start();
    let mut client = sockeye(["connect", &server.at()]).open().start();
    client.write("12345");
    server.sees("12345");
    server.signal(Signal::USR1);
    server.says("1 open, 1 opened, 0 closed, 0 refused; 5 B in, 0 B out");
    server.write("on");
    client.sees("on");
    client.close_stdin();
    server.close_stdin();
    server.wait().exits(0);
    client.wait().exits(0);
}

#[test]
fn sigint_is_130_and_sigterm_143_for_every_command_that_stays() {
    let sink = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = sink.local_addr().expect("bound").to_string();
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        for line in [
            "listen 127.0.0.1:0".to_owned(),
            "listen 127.0.0.1:0 --reply echo".to_owned(),
            "listen -u 127.0.0.1:0".to_owned(),
            format!("relay 127.0.0.1:0 {at}"),
        ] {
            let ours = words(&line).open().start();
            ours.endpoint();
            ours.signal(signal);
            ours.wait_with_stdin_open().exits(code);
        }
        let ours = sockeye(["connect", "-v", &at]).open().start();
        ours.says("connected to");
        ours.signal(signal);
        ours.wait_with_stdin_open().exits(code);
    }
}

#[test]
fn a_broken_stdout_is_a_quiet_end() {
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let script = format!("yes | head -c 4000000 | \"$S\" connect {} | head -c 1", server.at());
    shell(&script).run().exits(0).prints("y");
    // The program itself ends with 0, and says nothing of a broken pipe.
    let script = format!(
        "{{ yes | head -c 4000000 | \"$S\" connect {}; echo $? >&2; }} | head -c 1",
        server.at()
    );
    let ended = shell(&script).run().exits(0).prints("y");
    assert!(ended.err.ends_with("\n0\n") || ended.err == "0\n", "{}", ended.err);
    assert!(!ended.err.to_lowercase().contains("broken pipe"), "{}", ended.err);
}

#[test]
fn a_unix_socket_path_is_left_clean_however_the_listener_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let endpoint = format!("unix:{}", path.display());
    for signal in [None, Some(Signal::INT), Some(Signal::TERM)] {
        let mut server = sockeye(["listen", &endpoint]).open().start();
        server.endpoint();
        assert!(path.exists());
        if let Some(signal) = signal {
            server.signal(signal);
            server.wait_with_stdin_open();
        } else {
            server.close_stdin();
            sockeye(["connect", &endpoint]).input("x").run().exits(0);
            server.wait().exits(0).prints("x");
        }
        assert!(!path.exists(), "left behind after {signal:?}");
    }
}

#[test]
fn a_megabyte_through_a_slow_python_reader_arrives_whole() {
    let (server, port) = python(
        r#"
import hashlib, socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.bind(("127.0.0.1", 0)); s.listen()
print(s.getsockname()[1], flush=True)
c = s.accept()[0]
count = 0
total = bytearray()
while True:
    b = c.recv(65536)
    if not b:
        break
    total += b
    time.sleep(0.001)
c.sendall(hashlib.sha256(total).hexdigest().encode())
"#,
    );
    let bytes = noise(1 << 20, 3);
    let ended = sockeye(["connect", &format!("127.0.0.1:{port}")]).input(&bytes).run().exits(0);
    server.wait().exits(0);
    let mut hash = Start::program("sha256sum").open().start();
    hash.write(&bytes);
    let expected = hash.wait().text();
    assert_eq!(Some(ended.text().as_str()), expected.split(' ').next());
}

#[test]
fn json_errors_are_on_stdout_too() {
    let at = format!("127.0.0.1:{}", ports::free());
    let ended = sockeye(["connect", "--json", &at]).run().exits(1).fails_clearly("E-refused");
    let (others, _) = tape::lines(&ended.out);
    assert_eq!(others[0]["e"], "error");
    assert_eq!(others[0]["code"], "E-refused");
}
