//! Both ways round with each program: a text, 8 MiB each way, both orders of ending.

use std::path::Path;

use crate::harness::{LONG, Running, Start, noise, ports, sockeye};
use crate::papers::Papers;
use crate::python;

const MIB: usize = 1 << 20;

/// Our listener that shows `here`, in a pipe.
pub(crate) fn listener(papers: &Papers, more: &[&str]) -> Start {
    let at = format!("tls://127.0.0.1:0?{}", papers.shows("here"));
    sockeye(["listen", at.as_str()]).args(more)
}

/// Our caller that trusts the papers' authority.
pub(crate) fn caller(papers: &Papers, port: u16, more: &[&str]) -> Start {
    let at = format!("tls://127.0.0.1:{port}");
    sockeye(["connect", at.as_str(), "--ca", papers.path("ca.pem").as_str()]).args(more)
}

/// `openssl s_server` that takes one caller and passes its own stdin and stdout on.
fn s_server(papers: &Papers, more: &[&str]) -> (Start, u16) {
    let port = ports::free();
    let at = format!("127.0.0.1:{port}");
    let server = Start::program("openssl").folder(papers.folder()).args([
        "s_server", "-accept", &at, "-cert", "here.pem", "-key", "here.key", "-quiet", "-naccept",
        "1",
    ]);
    (server.args(more), port)
}

/// `openssl s_client` that checks us and goes on after its stdin's end.
fn s_client(papers: &Papers, port: u16, more: &[&str]) -> Start {
    let at = format!("127.0.0.1:{port}");
    let client = Start::program("openssl").folder(papers.folder()).args([
        "s_client",
        "-connect",
        &at,
        "-CAfile",
        "ca.pem",
        "-verify_return_error",
        "-verify_ip",
        "127.0.0.1",
        "-quiet",
    ]);
    client.args(more)
}

#[test]
fn a_text_goes_both_ways_with_openssl_as_the_server() {
    let papers = Papers::here();
    for version in ["-tls1_3", "-tls1_2"] {
        let (server, port) = s_server(&papers, &[version]);
        let mut theirs = server.open().start();
        ports::await_tcp(port);
        let mut ours = caller(&papers, port, &[]).open().start();
        ours.write("hello from us\n");
        theirs.sees("hello from us\n");
        theirs.write("你好 from them\n");
        ours.sees("你好 from them\n");
        ours.close_stdin();
        ours.wait().exits(0).prints("你好 from them\n");
        theirs.wait().exits(0).prints("hello from us\n");
    }
}

#[test]
fn a_text_goes_both_ways_with_openssl_as_the_client() {
    let papers = Papers::here();
    for version in ["-tls1_3", "-tls1_2"] {
        let mut ours = listener(&papers, &[]).open().start();
        let mut theirs = s_client(&papers, ours.port(), &[version]).open().start();
        theirs.write("hello from them\n");
        ours.sees("hello from them\n");
        ours.write("你好 from us\n");
        theirs.sees("你好 from us\n");
        ours.close_stdin();
        theirs.wait_with_stdin_open().exits(0).prints("你好 from us\n");
        ours.wait().exits(0).prints("hello from them\n");
    }
}

#[test]
fn openssl_at_its_stdins_end_says_so_and_we_end_well() {
    let papers = Papers::here();
    let ours = listener(&papers, &[]).open().start();
    let theirs = s_client(&papers, ours.port(), &["-no_ign_eof"]).input("all of it");
    theirs.run().exits(0);
    ours.wait().exits(0).prints("all of it");
}

#[test]
fn a_text_goes_both_ways_with_ncat_either_way_round() {
    let papers = Papers::here();
    let mut ours = listener(&papers, &[]).open().start();
    let port = ours.port().to_string();
    let cert = papers.path("ca.pem");
    let theirs = Start::program("ncat");
    let theirs = theirs.args(["--ssl-verify", "--ssl-trustfile", &cert, "localhost", &port, "-4"]);
    let mut theirs = theirs.open().start();
    theirs.write("hello from them\n");
    ours.sees("hello from them\n");
    ours.write("hello from us\n");
    theirs.sees("hello from us\n");
    ours.close_stdin();
    theirs.wait().exits(0);
    ours.wait().exits(0).prints("hello from them\n");

    let port = ports::free();
    let listening = Start::program("ncat").folder(papers.folder()).args([
        "--ssl",
        "--ssl-cert",
        "here.pem",
        "--ssl-key",
        "here.key",
        "-l",
        "127.0.0.1",
        &port.to_string(),
    ]);
    let mut theirs = listening.open().start();
    ports::await_tcp(port);
    let mut ours = caller(&papers, port, &[]).open().start();
    ours.write("hello from us\n");
    theirs.sees("hello from us\n");
    theirs.write("hello from them\n");
    ours.sees("hello from them\n");
    ours.close_stdin();
    ours.wait().exits(0).prints("hello from them\n");
    theirs.wait().exits(0);
}

#[test]
fn curl_is_answered_by_a_rule_and_by_a_file() {
    let papers = Papers::here();
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";
    std::fs::write(papers.file("answer"), answer).expect("room");
    let hex = answer.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let rule = format!("re:^GET => hex:{hex}");
    let file = format!("file:{}", papers.path("answer"));
    for more in [["--on", rule.as_str()], ["--reply", file.as_str()]] {
        let ours = listener(&papers, &more).start();
        let url = format!("https://localhost:{}/", ours.port());
        let ca = papers.path("ca.pem");
        let curl = Start::program("curl").args(["-sS", "-m", "15", "-4", "--cacert", &ca, &url]);
        curl.run().exits(0).prints("hello\n");
    }
}

/// Both sides send 8 MiB at once and read what comes; then each its end.
fn both_ways(papers: &Papers, ours: Start, theirs: impl FnOnce(&Running) -> Running) {
    std::fs::write(papers.file("from us"), noise(8 * MIB, 1)).expect("room");
    let ours = ours.input_file(&papers.file("from us")).output_file(&papers.file("to us"));
    let ours = ours.start();
    let theirs = theirs(&ours);
    ours.wait().exits(0);
    theirs.wait().exits(0);
    same(&papers.file("from us"), &papers.file("to them"));
    same(&papers.file("from them"), &papers.file("to us"));
}

fn same(sent: &Path, got: &Path) {
    let (sent, got) = (std::fs::read(sent).expect("a file"), std::fs::read(got).expect("a file"));
    assert_eq!(got.len(), sent.len());
    assert!(got == sent, "altered bytes");
}

/// Sends `from them` and keeps what comes in `to them`, both at once: over memory BIOs, for
/// Python's TLS sockets are not for two threads.
const BOTH: &str = r#"
import selectors
def exchange(raw, context, server):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side=server,
                           server_hostname=None if server else "localhost")
    raw.setblocking(False)
    data = memoryview(open("from them", "rb").read())
    out = open("to them", "wb")
    queue, done, ended, shut = b"", False, False, False
    selector = selectors.DefaultSelector()
    while not (ended and shut and not queue):
        try:
            if not done: tls.do_handshake(); done = True
        except ssl.SSLWantReadError: pass
        while done and not ended:
            try:
                b = tls.read(65536)
                if not b: ended = True
                out.write(b)
            except ssl.SSLWantReadError: break
            except ssl.SSLZeroReturnError: ended = True
        if done and data and len(queue) < 1 << 18:
            data = data[tls.write(data[:16384]):]
        if done and not data and not shut:
            try: tls.unwrap()
            except ssl.SSLWantReadError: pass
            shut = True
        queue += outgoing.read()
        events = selectors.EVENT_READ if not ended else 0
        if queue: events |= selectors.EVENT_WRITE
        if not events: continue
        selector.register(raw, events)
        wait = 0 if done and data and len(queue) < 1 << 18 else 20
        for _, ready in selector.select(wait):
            if ready & selectors.EVENT_READ:
                b = raw.recv(65536)
                if b: incoming.write(b)
                else: incoming.write_eof(); ended = True
            if ready & selectors.EVENT_WRITE:
                queue = queue[raw.send(queue):]
        selector.unregister(raw)
    out.close()
    raw.shutdown(socket.SHUT_WR)
"#;

#[test]
fn eight_mebibytes_go_both_ways_at_once_when_we_are_called() {
    let papers = Papers::here();
    std::fs::write(papers.file("from them"), noise(8 * MIB, 2)).expect("room");
    both_ways(&papers, listener(&papers, &[]), |ours| {
        let text = format!(
            "{BOTH}\nexchange(socket.create_connection(('127.0.0.1', {})), client_side(), False)",
            ours.port()
        );
        python::script(&papers, &text, &[]).start()
    });
}

#[test]
fn eight_mebibytes_go_both_ways_at_once_when_we_call() {
    let papers = Papers::here();
    std::fs::write(papers.file("from them"), noise(8 * MIB, 2)).expect("room");
    let text = format!("{BOTH}\nexchange(bound().accept()[0], server_side(), True)");
    let (theirs, port) = python::server(&papers, &text);
    both_ways(&papers, caller(&papers, port, &[]), |_| theirs);
}

#[test]
fn eight_mebibytes_are_sent_by_send_and_their_hash_comes_back() {
    let papers = Papers::here();
    let text =
        "s = serve(); b = all_of(s); s.sendall(hashlib.sha256(b).hexdigest().encode()); s.unwrap()";
    let (theirs, port) = python::server(&papers, text);
    let bytes = noise(8 * MIB, 3);
    std::fs::write(papers.file("bytes"), &bytes).expect("room");
    let at = format!("tls://127.0.0.1:{port}");
    let data = format!("file:{}", papers.path("bytes"));
    let hash = Start::program("sha256sum").args([papers.path("bytes")]).run().text();
    let ended = sockeye(["send", &at, &data, "--ca", &papers.path("ca.pem")]).run().exits(0);
    assert_eq!(Some(ended.text().as_str()), hash.split(' ').next());
    theirs.wait().exits(0);
}

#[test]
fn our_end_comes_first_and_a_late_answer_is_read() {
    let papers = Papers::here();
    let text = "s = serve(); b = all_of(s)\nsys.stdin.read()\ns.sendall(b'late ' + b); s.unwrap()";
    for version in ["TLSv1_3", "TLSv1_2"] {
        let text = text.replace("serve()", "serve(c)");
        let text =
            format!("c = server_side(); c.maximum_version = ssl.TLSVersion.{version}\n{text}");
        let theirs = python::script(&papers, &text, &[]).open().start();
        let port = theirs
            .out
            .until(LONG, |bytes| std::str::from_utf8(bytes).ok()?.split_once('\n')?.0.parse().ok());
        let ours = caller(&papers, port.expect("a port"), &[]).input("req").start();
        // Its stdin ends here; it looks at it only once our end has come.
        theirs.wait().exits(0);
        ours.wait().exits(0).prints("late req");
    }
}

#[test]
fn their_end_comes_first_and_our_late_answer_is_read() {
    let papers = Papers::here();
    // Half-closed by hand: `unwrap` would wait for our end before it reads our answer.
    let text = r#"
raw = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
i, o = ssl.MemoryBIO(), ssl.MemoryBIO()
t = client_side().wrap_bio(i, o, server_hostname="localhost")
def step(job):
    while True:
        try: return job()
        except ssl.SSLWantReadError:
            raw.sendall(o.read()); i.write(raw.recv(65536))
step(t.do_handshake); t.write(b"req")
try: t.unwrap()
except ssl.SSLWantReadError: pass
raw.sendall(o.read()); raw.shutdown(socket.SHUT_WR)
while True:
    try:
        b = t.read(100)
        if not b: break
        sys.stdout.buffer.write(b)
    except ssl.SSLWantReadError:
        b = raw.recv(65536)
        i.write(b) if b else i.write_eof()
    except ssl.SSLZeroReturnError: break
"#;
    let mut ours = listener(&papers, &[]).open().start();
    let theirs = python::script(&papers, text, &[&ours.port().to_string()]).start();
    ours.sees("req");
    ours.write("late");
    ours.close_stdin();
    ours.wait().exits(0).prints("req");
    theirs.wait().exits(0).prints("late");
}
