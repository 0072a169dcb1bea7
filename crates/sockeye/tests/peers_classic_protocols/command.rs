//! `command-ascii` and `command-struct`, both sides.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use rustix::process::Signal;

use crate::classic;
use crate::classic_server;
use crate::harness::{LONG, Running, ports, sockeye};

const BOTH: [(&str, &str); 2] = [("command-ascii", "ascii"), ("command-struct", "struct")];

fn serve(program: &str, more: &[&str]) -> Running {
    sockeye(["classic", program, "serve", "127.0.0.1:0"].iter().chain(more)).start()
}

/// One command of `command-struct`, raw.
fn asked(socket: &mut TcpStream, command: &str) -> String {
    socket.write_all(command.as_bytes()).expect("the server listens");
    let mut length = [0; 4];
    socket.read_exact(&mut length).expect("the server answers");
    let mut output = vec![0; usize::try_from(i32::from_ne_bytes(length)).expect("a size")];
    socket.read_exact(&mut output).expect("the server answers");
    String::from_utf8_lossy(&output).into_owned()
}

fn call(server: &Running) -> TcpStream {
    let socket = TcpStream::connect(server.at()).expect("a connection");
    socket.set_read_timeout(Some(LONG)).expect("the server listens");
    socket
}

#[test]
fn a_classic_client_has_commands_run() {
    for (program, kind) in BOTH {
        let server = serve(program, &["--allow-any"]);
        let port = server.port().to_string();
        let commands = ["echo 温度; echo '$(x)'", "true", "echo out; echo err >&2", "printf %s a"];
        let client =
            classic("command_client.py", [&[port.as_str(), kind, "utf-8"][..], &commands].concat());
        client.run().exits(0).prints("温度\n$(x)\nerr\na");
        server.says("whoever can call may do all that you may");
        server.signal(Signal::TERM);
        server.wait().exits(143);
    }
}

#[test]
fn a_client_that_reads_gbk_is_served_in_gbk() {
    for (program, kind) in BOTH {
        let server = serve(program, &["--allow-any", "--encoding", "gbk"]);
        let port = server.port().to_string();
        let args = [port.as_str(), kind, "gbk", "echo 温度 25"];
        classic("command_client.py", args).run().exits(0).prints("温度 25\n");
    }
}

#[test]
fn our_client_has_a_classic_server_run_commands() {
    for (program, kind) in BOTH {
        let (_server, at) = classic_server("command_server.py", [kind]);
        let client = sockeye(["classic", program, "connect", &at]);
        let lines = "echo 温度\n\ntrue\nprintf 'a\\nb'\nquit\necho never\n";
        client.input(lines).run().exits(0).prints("温度\na\nb").told("an empty line is not sent");
        let client = sockeye(["classic", program, "connect", &at, "echo", "one", "two"]);
        client.run().exits(0).prints("one two\n");
        let client = sockeye(["classic", program, "connect", &at, "head -c 9000000 /dev/zero"]);
        assert_eq!(client.run().exits(0).out.len(), 9_000_000);
    }
}

#[test]
fn our_client_sends_and_reads_the_encoding_that_was_named() {
    let (server, at) = classic_server("command_server.py", ["struct"]);
    drop(server);
    let server = serve("command-struct", &["--allow-any", "--encoding", "gbk"]);
    let client =
        sockeye(["classic", "command-struct", "connect", &server.at(), "--encoding", "gbk"]);
    client.input("echo 温度\n").run().exits(0).prints("温度\n");
    assert_ne!(at, server.at());
}

#[test]
fn a_command_is_an_argument_list_unless_a_shell_was_asked_for() {
    let server = serve("command-struct", &["--allow", "echo", "printf"]);
    let mut socket = call(&server);
    assert_eq!(
        asked(&mut socket, "echo 'a b' $(id); rm -rf / | cat > x"),
        "a b $(id); rm -rf / | cat > x\n"
    );
    assert_eq!(asked(&mut socket, "printf %s,%s \"1\n2\" 3"), "1\n2,3");
    for command in ["id", "/bin/echo x", "sh -c 'echo x'", "ECHO x", "echo 'x"] {
        let said = asked(&mut socket, command);
        assert!(said.starts_with("sockeye: "), "{command}: {said}");
    }
    server.says("`id` may not be run here, only: echo, printf");
}

#[test]
fn the_endpoint_may_follow_the_programs() {
    let line = ["classic", "command-struct", "serve", "--allow", "echo", "printf", "127.0.0.1:0"];
    let server = sockeye(line).start();
    assert_eq!(asked(&mut call(&server), "printf x"), "x");
    sockeye(["classic", "command-struct", "serve"]).run().exits(2);
    sockeye(["classic", "command-struct", "serve", "--allow", "8080"]).run().exits(2);
}

#[test]
fn two_large_outputs_at_once_and_a_command_that_reads_do_not_hang() {
    let server = serve("command-struct", &["--allow-any"]);
    let mut socket = call(&server);
    let script = "head -c 5000000 /dev/zero; head -c 200000 /dev/zero >&2";
    assert_eq!(asked(&mut socket, script).len(), 200_000);
    assert_eq!(asked(&mut socket, "cat; echo done"), "done\n");
    assert_eq!(asked(&mut socket, "head -c 5000000 /dev/zero").len(), 5_000_000);
}

#[test]
fn what_takes_too_long_or_says_too_much_is_ended_and_told() {
    let more = ["--allow-any", "--timeout", "500ms", "--max-output", "1MiB"];
    let server = serve("command-struct", &more);
    let mut socket = call(&server);
    assert!(asked(&mut socket, "trap '' TERM; sleep 100").contains("not done within 500ms"));
    assert!(asked(&mut socket, "yes").contains("more than 1.0 MiB of output"));
    assert_eq!(asked(&mut socket, "echo on"), "on\n");
}

#[test]
fn no_secret_of_ours_is_in_the_environment() {
    let args = ["classic", "command-struct", "serve", "127.0.0.1:0", "--allow", "env"];
    let server = sockeye(args).env("SOCKEYE_SECRET", "hush").env("AWS_KEY", "hush").start();
    let said = asked(&mut call(&server), "env");
    assert!(said.contains("PATH=") && !said.contains("hush"), "{said}");
}

#[test]
fn a_command_ends_with_the_peer_that_wanted_it() {
    let server = serve("command-struct", &["--allow-any"]);
    let mut socket = call(&server);
    let mark = format!("9{:07}", std::process::id());
    socket.write_all(format!("sleep {mark} & sleep {mark}").as_bytes()).unwrap();
    let running = || {
        let mut count = 0;
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            count += usize::from(line == format!("sleep\0{mark}\0").into_bytes());
        }
        count
    };
    ports::until("two children", || running() == 2);
    drop(socket);
    server.says("the peer has gone: the command was ended");
    ports::until("no children", || running() == 0);
}

#[test]
fn a_browsers_request_is_no_command() {
    for (program, _) in BOTH {
        let folder = crate::files::Folder::new();
        let server = serve(program, &["--allow-any"]);
        let mut socket = call(&server);
        let request = format!("POST / HTTP/1.1\r\nHost: x\r\n\r\ntouch {}/made", folder.path());
        socket.write_all(request.as_bytes()).unwrap();
        let mut all = Vec::new();
        let _cut = socket.read_to_end(&mut all);
        assert_eq!(all, b"");
        server.says("a browser's request is no command");
        assert_eq!(folder.names(), Vec::<String>::new());
    }
}

#[test]
fn digits_and_output_survive_their_cuts() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let line = ["classic", "command-ascii", "connect", &at, "--settle", "2s", "--", "x"];
    let client = sockeye(line).start();
    let (mut socket, _) = listener.accept().unwrap();
    socket.set_nodelay(true).unwrap();
    socket.read_exact(&mut [0]).unwrap();
    socket.write_all(b"1").unwrap();
    socket.write_all(b"2").unwrap();
    let mut ready = [0; 10];
    socket.read_exact(&mut ready).unwrap();
    assert_eq!(&ready, b"recv_ready");
    for byte in b"hello, world" {
        socket.write_all(&[*byte]).unwrap();
    }
    client.wait().exits(0).prints("hello, world");
}

#[test]
fn a_length_that_is_none_and_an_output_that_is_cut_are_told() {
    for (program, bytes, code) in [
        ("command-struct", b"\xFF\xFF\xFF\xFF".as_slice(), "E-frame"),
        ("command-struct", b"\x05\0\0\0abc", "E-frame"),
        ("command-struct", b"\x05\0", "E-frame"),
        ("command-ascii", b"five", "E-frame"),
        ("command-ascii", b"-5", "E-frame"),
        ("command-ascii", b"99999999999999999999", "E-frame"),
        ("command-ascii", b"999999999999999999999999", "E-limit"),
        ("command-ascii", b"", "E-frame"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let client = sockeye(["classic", program, "connect", &at, "x"]).start();
        let (mut socket, _) = listener.accept().unwrap();
        socket.read_exact(&mut [0]).unwrap();
        socket.write_all(bytes).unwrap();
        drop(socket);
        client.wait().exits(1).fails_clearly(code);
    }
}

#[test]
fn a_client_that_does_not_say_recv_ready_is_told_of() {
    let server = serve("command-ascii", &["--allow-any"]);
    let mut socket = call(&server);
    socket.write_all(b"echo x").unwrap();
    socket.read_exact(&mut [0]).unwrap();
    socket.write_all(b"not ready!").unwrap();
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"");
    server.says("did not answer the length by `recv_ready`");
}

#[test]
fn a_client_that_has_said_all_gets_its_answer() {
    let server = serve("command-struct", &["--allow-any"]);
    let mut socket = call(&server);
    socket.write_all(b"sleep 0.3; echo half-closed").expect("the server listens");
    socket.shutdown(std::net::Shutdown::Write).expect("half a close");
    let mut all = Vec::new();
    socket.read_to_end(&mut all).expect("the server answers");
    assert_eq!(all.get(4..), Some(&b"half-closed\n"[..]));
}

#[test]
fn n28_a_request_by_any_method_is_no_command() {
    let server = serve("command-struct", &["--allow-any"]);
    let mut socket = call(&server);
    let post = b"echo / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nid";
    socket.write_all(post).expect("the server listens");
    // Cut off, one way or the other.
    drop(socket.read_to_end(&mut Vec::new()));
    server.says("a browser's request is no command");
    assert!(!server.err.shown().contains("runs"), "{}", server.err.shown());
}

#[test]
fn a_command_that_was_never_sent_is_no_success() {
    for program in ["command-ascii", "hmac-chat"] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = listener.local_addr().expect("bound").to_string();
        let closing = std::thread::spawn(move || drop(listener.accept().expect("a caller")));
        let args = ["classic", program, "connect", &at];
        let start = sockeye(args).env("SOCKEYE_SECRET", "hush").input("echo hi\n");
        start.run().exits(1).told("hint: ");
        closing.join().expect("it closed");
    }
}

#[test]
fn who_is_refused_is_told_of_by_the_flag_of_this_command() {
    let server = serve("command-ascii", &["--allow", "echo", "--allow-from", "192.0.2.0/24"]);
    let mut socket = call(&server);
    // Closed, by a FIN or a RST.
    let _closed = socket.read_to_end(&mut Vec::new());
    server.says("not in any range of `--allow-from`");
}
