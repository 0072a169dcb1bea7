//! Children of `--exec` and `exec:`: what they are told, and what they do not inherit.

mod harness;

use std::io::Read as _;
use std::net::TcpStream;

use harness::{LONG, sockeye};

#[test]
fn a_child_is_told_of_both_ends() {
    let server = sockeye(["listen", "127.0.0.1:0", "--exec", "env"]).start();
    let client = TcpStream::connect(server.at()).expect("it listens");
    let own = client.local_addr().expect("connected").port();
    client.shutdown(std::net::Shutdown::Write).expect("connected");
    client.set_read_timeout(Some(LONG)).expect("a timeout");
    let mut told = String::new();
    (&client).read_to_string(&mut told).expect("the environment");
    for line in [
        "SOCKEYE_PEER_ADDR=127.0.0.1".to_owned(),
        format!("SOCKEYE_PEER_PORT={own}"),
        "SOCKEYE_LOCAL_ADDR=127.0.0.1".to_owned(),
        format!("SOCKEYE_LOCAL_PORT={}", server.port()),
        "SOCKEYE_PROTO=tcp".to_owned(),
    ] {
        assert!(told.lines().any(|had| had == line), "no {line} in\n{told}");
    }
}

#[test]
fn sigpipe_is_restored_in_children() {
    let command = "sh -c 'kill -PIPE $$; echo alive'";
    let server = sockeye(["listen", "127.0.0.1:0", "--exec", command]).start();
    sockeye(["connect", &server.at()]).run().prints("");
    // The same for a child that we dial.
    let ended = sockeye(["connect", &format!("exec:{command}")]).run();
    ended.prints("");
}

#[test]
fn a_child_inherits_no_socket_of_ours() {
    let server = sockeye(["listen", "127.0.0.1:0", "--exec", "ls -l /proc/self/fd"]).start();
    let ended = sockeye(["connect", &server.at()]).run().exits(0);
    assert!(!ended.text().contains("socket:"), "{}", ended.text());
    assert!(ended.text().contains("pipe:"), "{}", ended.text());
}
