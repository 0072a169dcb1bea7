//! Other sides written in Python's `ssl`, each for what no ready program does. No test is in
//! here.

use crate::harness::{LONG, Running, Start};
use crate::papers::Papers;

/// What every script begins with: `serve()` binds a port, prints it and returns the caller.
const HEAD: &str = r#"
import hashlib, os, socket, ssl, struct, sys, threading
def bound(rcvbuf=None):
    s = socket.socket()
    if rcvbuf: s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    s.bind(("127.0.0.1", 0)); s.listen(50)
    print(s.getsockname()[1], flush=True)
    return s
def server_side(name="here"):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(name + ".pem", name + ".key")
    return c
def client_side():
    return ssl.create_default_context(cafile="ca.pem")
def serve(c=None):
    return (c or server_side()).wrap_socket(bound().accept()[0], server_side=True)
def call(port, c=None):
    s = socket.create_connection(("127.0.0.1", int(port)))
    return (c or client_side()).wrap_socket(s, server_hostname="localhost")
def all_of(s):
    got = b""
    while True:
        b = s.recv(65536)
        if not b: return got
        got += b
"#;

/// A script that runs in the folder of the papers.
pub(crate) fn script(papers: &Papers, text: &str, args: &[&str]) -> Start {
    let text = format!("{HEAD}{text}");
    Start::program("python3").folder(papers.folder()).args(["-c", text.as_str()]).args(args)
}

/// A script that is called, and its port.
pub(crate) fn server(papers: &Papers, text: &str) -> (Running, u16) {
    let server = script(papers, text, &[]).start();
    let port = server.out.until(LONG, |bytes| {
        let text = std::str::from_utf8(bytes).ok()?;
        text.split_once('\n')?.0.parse().ok()
    });
    (server, port.expect("the server's port"))
}
