//! `hmac-chat`, both sides.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;

use crate::classic;
use crate::classic_server;
use crate::files::Folder;
use crate::harness::{LONG, Running, Start, sockeye};

const DIGESTS: [&str; 2] = ["md5", "sha256"];

fn with_secret(args: &[&str]) -> Start {
    sockeye(["classic", "hmac-chat"].iter().chain(args)).env("SOCKEYE_SECRET", "密码")
}

fn serve(more: &[&str]) -> Start {
    with_secret(&[&["serve", "127.0.0.1:0"], more].concat())
}

fn challenged(server: &Running) -> (TcpStream, [u8; 32]) {
    let mut socket = TcpStream::connect(server.at()).expect("a connection");
    socket.set_read_timeout(Some(LONG)).expect("the server listens");
    let mut challenge = [0; 32];
    socket.read_exact(&mut challenge).expect("the server answers");
    (socket, challenge)
}

/// The proof, by Python.
fn proof(challenge: &[u8]) -> Vec<u8> {
    let hex: String =
        challenge.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let script = "import hmac,sys; sys.stdout.buffer.write(hmac.new('密码'.encode(), \
                  bytes.fromhex(sys.argv[1]), 'md5').digest())";
    Start::program("python3").args(["-c", script, &hex]).env("PYTHONUTF8", "1").run().exits(0).out
}

#[test]
fn a_classic_client_chats_with_whoever_types() {
    for digest in DIGESTS {
        let mut server = serve(&["--digest", digest]).open().start();
        let port = server.port().to_string();
        let client = classic(
            "hmac_chat_client.py",
            [port.as_str(), "密码", digest, "你好", "two\nlines", "q"],
        );
        let client = client.start();
        server.sees("你好\n");
        server.write("还好\n");
        client.sees("还好\n");
        server.sees("two\\nlines\n");
        server.write("yes\n");
        client.wait().exits(0).prints("还好\nyes\nq\n");
        assert!(server.runs());
    }
}

#[test]
fn our_client_chats_with_a_classic_server() {
    for digest in DIGESTS {
        let (server, at) = classic_server("hmac_chat_server.py", ["密码", digest, "一", "二", "q"]);
        let client = with_secret(&["connect", &at, "--digest", digest]);
        client.input("你好\n\nhello\n").run().exits(0).prints("一\n二\nq\n");
        server.sees("你好\nhello\nq\n");
        // The operator's `q` ends it too.
        let client = with_secret(&["connect", &at, "--digest", digest]).open().start();
        let mut client = client;
        client.write("once more\n");
        client.sees("q\n");
        client.wait_with_stdin_open().exits(0);
    }
}

#[test]
fn a_wrong_secret_is_refused_on_both_sides() {
    let server = serve(&["--reply", "echo"]).start();
    let port = server.port().to_string();
    classic("hmac_chat_client.py", [port.as_str(), "wrong", "md5", "x"])
        .run()
        .exits(1)
        .prints("refused\n");
    let wrong = sockeye(["classic", "hmac-chat", "connect", &server.at()]);
    let ended = wrong.env("SOCKEYE_SECRET", "wrong").input("x\n").run().exits(3);
    ended.fails_clearly("E-denied").told("did not accept the secret");
    let (_server, at) = classic_server("hmac_chat_server.py", ["other", "md5", "answer"]);
    with_secret(&["connect", &at]).input("x\n").run().exits(3).fails_clearly("E-denied");
    server.says("does not know the secret");
}

#[test]
fn every_cut_of_the_proof_is_the_same_proof() {
    let server = serve(&["--reply", "text:ok", "--explain"]).start();
    for cut in 1..16 {
        let (mut socket, challenge) = challenged(&server);
        socket.set_nodelay(true).unwrap();
        let proof = proof(&challenge);
        let (first, second) = proof.split_at(cut);
        socket.write_all(first).unwrap();
        server.says(&format!("#{cut} recv(16) returned {cut} byte"));
        socket.write_all(second).unwrap();
        let mut legal = [0; 5];
        socket.read_exact(&mut legal).unwrap();
        assert_eq!(&legal, b"legal", "cut at {cut}");
    }
}

#[test]
fn a_proof_that_is_short_long_or_wrong_in_one_bit_is_none() {
    let server = serve(&["--reply", "text:ok"]).start();
    for spoil in 0..3 {
        let (mut socket, challenge) = challenged(&server);
        let mut proof = proof(&challenge);
        match spoil {
            0 => proof.truncate(15),
            1 => proof[15] ^= 1,
            _ => proof = challenge[..16].to_vec(),
        }
        socket.write_all(&proof).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        socket.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"");
    }
    let (_, one) = challenged(&server);
    let (_, two) = challenged(&server);
    assert_ne!(one, two);
}

#[test]
fn legal_in_five_pieces_is_legal() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let client = with_secret(&["connect", &at]).input("").start();
    let (mut socket, _) = listener.accept().unwrap();
    socket.set_nodelay(true).unwrap();
    for half in [[7; 16], [8; 16]] {
        socket.write_all(&half).unwrap();
    }
    socket.read_exact(&mut [0; 16]).unwrap();
    for byte in b"legal" {
        socket.write_all(&[*byte]).unwrap();
    }
    // At its input's end the client takes its leave.
    let mut leave = [0];
    socket.read_exact(&mut leave).unwrap();
    assert_eq!(&leave, b"q");
    socket.write_all(b"q").unwrap();
    client.wait().exits(0).prints("q\n");
}

#[test]
fn each_request_takes_the_next_line_and_one_can_be_named() {
    let mut server = serve(&[]).open().start();
    let at = server.at();
    let mut first = with_secret(&["connect", &at]).open().start();
    first.write("from one\n");
    server.sees("from one\n");
    let mut second = with_secret(&["connect", &at]).open().start();
    second.write("from two\n");
    server.sees("from two\n");
    server.write("@2 to two\n");
    second.sees("to two\n");
    server.write("to one\n");
    first.sees("to one\n");
    server.write("typed ahead\n");
    first.write("again\n");
    first.sees("typed ahead\n");
    // Their own `q` ends each of them alone.
    first.write("Q\n");
    first.wait_with_stdin_open().exits(0).prints("to one\ntyped ahead\nq\n");
    second.close_stdin();
    second.wait().exits(0).prints("to two\nq\n");
    assert!(server.runs());
}

#[test]
fn the_end_of_a_servers_stdin_ends_nothing() {
    let mut server = serve(&[]).start();
    let mut client = with_secret(&["connect", &server.at()]).open().start();
    client.write("anybody?\n");
    server.says("stdin has ended");
    assert!(client.runs() && server.runs());
    client.close_stdin();
}

#[test]
fn a_secret_is_never_on_the_command_line_nor_open_to_all() {
    let folder = Folder::new();
    folder.put("secret", "密码\n");
    let path = folder.at("secret");
    let name = path.to_str().unwrap();
    let start = |program: &[&str]| sockeye(["classic", "hmac-chat"].iter().chain(program));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o604)).unwrap();
    let open = start(&["serve", "127.0.0.1:0", "--secret-file", name, "--reply", "echo"]);
    let ended = open.run().exits(3).fails_clearly("E-denied");
    assert!(!ended.err.contains("密码"), "{}", ended.err);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let server =
        start(&["serve", "127.0.0.1:0", "--secret-file", name, "--reply", "upper"]).start();
    // The line end is no part of it.
    with_secret(&["connect", &server.at()]).input("abc\n").run().exits(0).prints("ABC\nq\n");
    folder.put("empty", "\n");
    let empty = folder.at("empty");
    std::fs::set_permissions(&empty, std::fs::Permissions::from_mode(0o600)).unwrap();
    start(&["serve", "127.0.0.1:0", "--secret-file", empty.to_str().unwrap()]).run().exits(2);
    start(&["serve", "127.0.0.1:0"]).run().exits(2).fails_clearly("E-usage");
}

#[test]
fn what_a_terminal_would_obey_is_not_said() {
    let server = serve(&["--reply", "echo"]).start();
    let (mut socket, challenge) = challenged(&server);
    socket.write_all(&proof(&challenge)).unwrap();
    socket.read_exact(&mut [0; 5]).unwrap();
    socket.write_all("半\u{1B}[2J".as_bytes()).unwrap();
    let mut echo = [0; 7];
    socket.read_exact(&mut echo).unwrap();
    assert!(!String::from_utf8_lossy(&server.err.so_far()).contains('\x1B'));
}
