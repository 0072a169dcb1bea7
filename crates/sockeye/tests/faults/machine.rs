//! Lines 59 to 67 and 80: this machine.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixListener;

use rustix::process::Signal;

use crate::harness::{LONG, SOCKEYE, Start, noise, ports, shell, sockeye, tape, words};

#[test]
fn n59_no_descriptors_left_is_one_log_line_no_spinning_and_served_again_later() {
    let server = shell("ulimit -n 40; exec \"$S\" listen 127.0.0.1:0 --reply echo").start();
    let at = server.at();
    let callers: Vec<_> = (0..60).map(|_| TcpStream::connect(&at).expect("it listens")).collect();
    server.says("cannot accept: ");
    let busy = || -> u64 {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", server.pid())).expect("it runs");
        let after = stat.rsplit(") ").next().unwrap_or_default();
        after.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
    };
    let before = busy();
    // Half a second of somebody else's time: a read that nobody answers.
    let quiet = UdpSocket::bind("127.0.0.1:0").expect("a port");
    quiet.set_read_timeout(Some(std::time::Duration::from_millis(500))).expect("a timeout");
    quiet.recv(&mut [0]).expect_err("nobody sends");
    assert!(busy() - before < 10, "{} ticks of 10 ms", busy() - before);
    drop(callers);
    sockeye(["send", &at, "again"]).run().exits(0).prints("again");
    let told = String::from_utf8_lossy(&server.err.so_far()).matches("cannot accept").count();
    assert_eq!(told, 1);
}

#[test]
fn n60_a_port_in_use_is_told_with_its_owner() {
    let own = format!("pid {}", std::process::id());
    let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
    let tcp = tcp.local_addr().map(|at| (tcp, at.to_string())).expect("bound");
    let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let udp = udp.local_addr().map(|at| (udp, format!("udp://{at}"))).expect("bound");
    for endpoint in [&tcp.1, &udp.1] {
        let ended = sockeye(["listen", endpoint]).run().exits(1);
        ended.fails_clearly("E-in-use").told(&own);
    }
    sockeye(["relay", &tcp.1, "127.0.0.1:1"]).run().exits(1).told(&own);
}

#[test]
fn n61_a_port_below_1024_without_the_right_is_told_with_a_hint() {
    let first = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    let first: u16 = first.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(1024);
    if first < 2 {
        // This kernel keeps no port from anybody: there is nothing to be refused.
        return;
    }
    let at = format!("127.0.0.1:{}", first - 1);
    let start = if rustix::process::geteuid().is_root() {
        let dropped = ["--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"];
        Start::program("setpriv").args(dropped).args([SOCKEYE])
    } else {
        Start::program(SOCKEYE)
    };
    let ended = start.args(["listen", &at]).run().exits(1).fails_clearly("E-permission");
    ended.told("below 1024");
}

#[test]
fn n62_a_stale_unix_socket_is_taken_over_a_living_one_and_what_is_none_are_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let endpoint = format!("unix:{}", path.display());
    drop(UnixListener::bind(&path).expect("a socket"));
    assert!(path.exists());
    let server = sockeye(["listen", &endpoint, "--reply", "echo"]).start();
    server.endpoint();
    sockeye(["send", &endpoint, "mine now"]).run().exits(0).prints("mine now");

    sockeye(["listen", &endpoint]).run().exits(1).fails_clearly("E-in-use");
    sockeye(["send", &endpoint, "still"]).run().exits(0).prints("still");

    let file = folder.path().join("file");
    std::fs::write(&file, "precious").expect("room");
    let ended = sockeye(["listen", &format!("unix:{}", file.display())]).run().exits(1);
    ended.told("hint: ");
    assert_eq!(std::fs::read_to_string(&file).expect("still there"), "precious");
}

#[test]
fn n62_a_path_taken_by_another_meanwhile_is_not_removed_at_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let server = sockeye(["listen", &format!("unix:{}", path.display())]).open().start();
    server.endpoint();
    std::fs::remove_file(&path).expect("it is there");
    std::fs::write(&path, "somebody else's").expect("room");
    server.signal(Signal::INT);
    server.wait_with_stdin_open().exits(130);
    assert_eq!(std::fs::read_to_string(&path).expect("still there"), "somebody else's");
}

#[test]
fn n63_a_closed_stdout_is_a_quiet_end() {
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    for script in [
        "echo x | \"$S\" connect AT >&-",
        "{ yes | head -c 1000000 | \"$S\" connect AT --view both; test $? = 0 || echo bad >&2; } | head -c 1",
        "{ \"$S\" --help; test $? = 0 || echo bad >&2; } | true",
    ] {
        let ended = shell(&script.replace("AT", &server.at())).run().exits(0);
        let err = ended.err.to_lowercase();
        for word in ["bad", "panic", "pipe", "error"] {
            assert!(!err.contains(word), "{script}: {}", ended.err);
        }
    }
}

#[test]
fn n64_sigterm_in_mid_transfer_keeps_what_came_and_tells_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_str().expect("ours").to_owned();
    let (save, tape_file) = (file("save"), file("tape"));
    let args = ["listen", "127.0.0.1:0", "--save", &save, "--tape", &tape_file];
    let server = sockeye(args).open().start();
    let mut socket = TcpStream::connect(server.at()).expect("it listens");
    let bytes = noise(300_000, 4);
    socket.write_all(&bytes).expect("connected");
    server.out.until(LONG, |out| (out.len() == bytes.len()).then_some(())).expect("all of it");
    server.signal(Signal::TERM);
    let ended = server.wait_with_stdin_open().exits(143);
    ended.told("closed first by us (FIN: stopped): 293.0 KiB in");
    assert!(std::fs::read(&save).expect("saved") == bytes);
    let events = tape::read(folder.path().join("tape").as_path());
    assert!(tape::came(&events).concat() == bytes);
    assert_eq!(tape::closes(&events).len(), 1);
    assert_eq!(socket.read(&mut [0]).expect("a FIN, no RST"), 0);
}

#[test]
fn n67_without_a_home_or_with_one_that_is_read_only_everything_runs() {
    let server = words("listen 127.0.0.1:0 --reply echo").start();
    for (name, value) in
        [("HOME", ""), ("HOME", "/proc"), ("HOME", "/nowhere"), ("XDG_STATE_HOME", "/proc/x")]
    {
        let start = sockeye(["connect", &server.at()]).env(name, value).input("x");
        let ended = start.run().exits(0).prints("x");
        assert!(!ended.err.contains("error"), "{}", ended.err);
    }
    shell(&format!("unset HOME; echo x | \"$S\" connect {}", server.at()))
        .run()
        .exits(0)
        .prints("x\n");
}

#[test]
fn n80_an_address_that_is_not_this_machines_is_told_with_its_own() {
    for endpoint in ["192.0.2.1:0", "udp://192.0.2.1:0"] {
        let ended = sockeye(["listen", endpoint]).run().exits(1).fails_clearly("E-address");
        ended.told("127.0.0.1").told("192.0.2.1");
    }
    let at = format!("127.0.0.1:{}?bind=192.0.2.1:0", ports::free());
    sockeye(["connect", &at]).run().exits(1).fails_clearly("E-address");
}
