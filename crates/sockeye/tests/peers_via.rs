//! `?via=`: through real proxies to a peer. Small ones in Python that do as they are told,
//! which curl checks as well; ncat's as one that we did not write.

mod harness;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use harness::{LONG, Running, Start, ports, sockeye, words};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/proxy.py");

/// A Python proxy of that kind with these options, and `kind://127.0.0.1:port`.
fn proxy(kind: &str, options: &[&str]) -> (Running, String) {
    let args = [SCRIPT, kind].into_iter().chain(options.iter().copied());
    let server = Start::program("python3").args(args).start();
    let port = server.out.until(LONG, |bytes| {
        let text = std::str::from_utf8(bytes).ok()?;
        text.split_once('\n')?.0.parse::<u16>().ok()
    });
    let port = port.expect("the proxy's port");
    (server, format!("{kind}://127.0.0.1:{port}"))
}

/// An echo server, and the endpoint of it by a name that the proxy alone knows.
fn echo() -> (Running, String) {
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    let endpoint = format!("tcp://peer.test:{}", server.port());
    (server, endpoint)
}

/// A file with a login, of that mode.
fn login(folder: &Path, text: &str, mode: u32) -> String {
    let path = folder.join(format!("login-{mode:o}"));
    std::fs::write(&path, text).expect("room");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("ours");
    path.to_str().expect("a path of ours").to_owned()
}

#[test]
fn goes_through_either_proxy_by_a_name_that_only_the_proxy_knows() {
    let (server, at) = echo();
    for kind in ["socks5", "http"] {
        for options in [&[][..], &["bytewise"]] {
            let (proxy, via) = proxy(kind, options);
            let ours = sockeye(["connect", "-v", &format!("{at}?via={via}")]).input("and back");
            ours.run().exits(0).prints("and back").told(&format!("connected to {at}"));
            proxy.sees(format!("asked peer.test {}", server.port()));
        }
    }
}

#[test]
fn a_half_close_goes_through_and_so_does_a_mebibyte() {
    let (_server, at) = echo();
    let bytes = harness::noise(1 << 20, 7);
    for kind in ["socks5", "http"] {
        let (_proxy, via) = proxy(kind, &[]);
        let ended = sockeye(["connect", &format!("{at}?via={via}")]).input(&bytes).run().exits(0);
        assert!(ended.out == bytes, "{kind}: {} bytes came back", ended.out.len());
    }
}

#[test]
fn a_login_comes_from_a_file_and_is_neither_guessed_nor_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_server, at) = echo();
    let good = login(folder.path(), "feng:hush hush\n", 0o600);
    let wrong = login(folder.path(), "feng:something else\n", 0o400);
    for kind in ["socks5", "http"] {
        let (_proxy, via) = proxy(kind, &["login=feng:hush hush"]);
        let send = |query: &str| sockeye(["send", &format!("{at}?via={via}{query}"), "hi"]).run();
        send(&format!("&via-auth={good}")).exits(0).prints("hi");
        let ended = send(&format!("&via-auth={wrong}")).exits(3).fails_clearly("E-denied");
        ended.told("check user and password").told("the proxy says");
        send("").exits(3).fails_clearly("E-denied").told("via-auth=FILE");
    }
}

#[test]
fn a_login_that_everyone_can_read_is_refused_and_one_in_the_endpoint_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_server, at) = echo();
    let (_proxy, via) = proxy("socks5", &["login=feng:hush"]);
    let open = login(folder.path(), "feng:hush", 0o644);
    let ended = sockeye(["send", &format!("{at}?via={via}&via-auth={open}"), "hi"]).run();
    let ended = ended.exits(3).fails_clearly("E-denied").told("everyone").told("chmod 600");
    assert!(!ended.err.contains("hush"), "{}", ended.err);
    let written = via.replace("://", "://feng:hush@");
    let ended = sockeye(["send", &format!("{at}?via={written}"), "hi"]).run();
    ended.exits(2).told("via-auth=FILE");
    let missing = format!("{at}?via={via}&via-auth={}/none", folder.path().display());
    sockeye(["send", &missing, "hi"]).run().exits(1).fails_clearly("E-io").told("/none");
}

#[test]
fn what_the_proxy_refuses_has_our_codes_and_its_words() {
    let closed = ports::free();
    for kind in ["socks5", "http"] {
        let (_proxy, via) = proxy(kind, &[]);
        let ended = sockeye(["send", &format!("127.0.0.1:{closed}?via={via}"), "x"]).run();
        let code = if kind == "socks5" { "E-refused" } else { "E-unreachable" };
        ended.exits(1).fails_clearly(code).told("the proxy says: ").told(&via);
    }
    for (kind, status, code, exit) in [
        ("socks5", "2", "E-denied", 3),
        ("socks5", "4", "E-unreachable", 1),
        ("socks5", "6", "E-timeout", 1),
        ("http", "403", "E-denied", 3),
        ("http", "504", "E-timeout", 1),
    ] {
        let (_proxy, via) = proxy(kind, &[&format!("status={status}")]);
        let ended = sockeye(["send", &format!("peer.test:1?via={via}"), "x"]).run().exits(exit);
        ended.fails_clearly(code).told("the proxy says: ");
    }
}

#[test]
fn a_proxy_that_is_not_there_is_told_as_the_proxy() {
    let via = format!("socks5://127.0.0.1:{}", ports::free());
    let ended = sockeye(["send", &format!("peer.test:1?via={via}"), "x"]).run().exits(1);
    ended.fails_clearly("E-refused").told(&format!("cannot connect to `{via}`"));
}

#[test]
fn a_listener_has_no_proxy() {
    let ended = sockeye(["listen", "127.0.0.1:0?via=socks5://127.0.0.1:1"]).run().exits(2);
    ended.fails_clearly("E-usage").told("`via` is a way to call");
}

#[test]
fn what_is_no_proxy_is_told_by_its_first_bytes() {
    for kind in ["socks5", "http"] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let via = format!("{kind}://{}", listener.local_addr().expect("bound"));
        let ours = sockeye(["send", &format!("peer.test:1?via={via}"), "x"]).start();
        let (mut client, _) = listener.accept().expect("a call");
        client.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").expect("it reads");
        let ended = ours.wait().exits(1).fails_clearly("E-io");
        ended.told("began with `S").told("check the proxy's address");
    }
}

#[test]
fn a_silent_proxy_is_left_at_the_connect_timeout_and_one_that_hangs_up_at_once() {
    for kind in ["socks5", "http"] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let via = format!("{kind}://{}", listener.local_addr().expect("bound"));
        let at = format!("peer.test:1?via={via}");
        let start = Instant::now();
        sockeye(["send", "-w", "0.3", &at, "x"]).run().exits(1).fails_clearly("E-timeout");
        assert!(start.elapsed() >= Duration::from_millis(300), "{:?}", start.elapsed());
        drop(listener.accept());
        let ours = sockeye(["send", &at, "x"]).start();
        let (mut client, _) = listener.accept().expect("a call");
        let mut asked = [0; 3];
        client.read_exact(&mut asked).expect("its first words");
        client.shutdown(std::net::Shutdown::Write).expect("connected");
        ours.wait().exits(1).fails_clearly("E-reset").told("hung up before its answer");
    }
}

#[test]
fn z_asks_through_the_proxy() {
    let (server, at) = echo();
    let (_proxy, via) = proxy("socks5", &[]);
    let ended = sockeye(["connect", "-z", &format!("{at}?via={via}")]).run().exits(0);
    ended.prints(format!("peer.test {} open\n", server.port()));
    let closed = format!("peer.test:{}?via={via}", ports::free());
    sockeye(["connect", "-z", &closed]).run().exits(1).fails_clearly("E-refused");
}

/// Beyond the proxy the relay's own address is another machine's.
#[test]
fn a_relay_goes_through_the_proxy_and_looks_no_name_up() {
    let (_server, at) = echo();
    let (proxy, via) = proxy("socks5", &[]);
    let relay = sockeye(["relay", "127.0.0.1:0", &format!("{at}?via={via}")]).start();
    sockeye(["send", &relay.at(), "round"]).run().exits(0).prints("round");
    proxy.sees("asked peer.test ");
}

#[test]
fn ncats_own_proxy_is_gone_through_with_and_without_a_login() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_server, at) = echo();
    let at = at.replace("peer.test", "127.0.0.1");
    let file = login(folder.path(), "feng:hush", 0o600);
    for with in [false, true] {
        let port = ports::free().to_string();
        let mut args = vec!["-l", "127.0.0.1", &port, "--proxy-type", "http", "-k"];
        args.extend(if with { &["--proxy-auth", "feng:hush"][..] } else { &[] });
        let _ncat = Start::program("ncat").args(args).start();
        ports::await_tcp(port.parse().expect("a port"));
        let via = format!("{at}?via=http://127.0.0.1:{port}");
        let given = if with { format!("{via}&via-auth={file}") } else { via.clone() };
        // Its proxy takes one side's end for both's: ours comes after the answer.
        let mut ours = sockeye(["connect", &given]).open().start();
        ours.write("through ncat");
        ours.sees("through ncat");
        ours.wait().exits(0);
        if with {
            sockeye(["send", &via, "x"]).run().exits(3).fails_clearly("E-denied").told("407");
        }
    }
}

/// What our tests trust is trusted by a client that we did not write.
#[test]
fn curl_goes_through_the_tests_own_proxies() {
    let web = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = web.local_addr().expect("bound").port();
    let answering = std::thread::spawn(move || {
        for _ in 0..2 {
            let (mut client, _) = web.accept().expect("a call");
            answer(&mut client);
        }
    });
    for (kind, scheme) in [("socks5", "socks5h"), ("http", "http")] {
        let (_proxy, via) = proxy(kind, &["login=feng:hush"]);
        let via = via.replace(&format!("{kind}://"), &format!("{scheme}://feng:hush@"));
        let url = format!("http://peer.test:{port}/");
        let args = ["--silent", "--proxytunnel", "--proxy", &via, "--noproxy", "", &url];
        Start::program("curl").args(args).run().exits(0).prints("from the web");
    }
    answering.join().expect("two calls");
}

fn answer(client: &mut TcpStream) {
    let mut asked = Vec::new();
    let mut byte = [0];
    while !asked.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).expect("a request");
        asked.push(byte[0]);
    }
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\nfrom the web";
    client.write_all(text.as_bytes()).expect("it reads");
}
