//! TLS put on and taken off between two others.

use crate::harness::{noise, sockeye, words};
use crate::papers::Papers;
use crate::talk::listener;

const SIZE: usize = 8 << 20;

#[test]
fn a_relay_puts_tls_on() {
    let papers = Papers::here();
    let echo = listener(&papers, &["--reply", "echo"]).start();
    let to = format!("tls://{}", echo.at());
    let ca = papers.path("ca.pem");
    let relay = sockeye(["relay", "tcp://127.0.0.1:0", to.as_str(), "--ca", &ca]).start();
    let bytes = noise(SIZE, 4);
    sockeye(["connect", &relay.at()]).input(&bytes).run().exits(0).prints(&bytes);
}

#[test]
fn a_relay_takes_tls_off() {
    let papers = Papers::here();
    let echo = words("listen 127.0.0.1:0 --reply echo").start();
    let from = format!("tls://127.0.0.1:0?{}", papers.shows("here"));
    let relay = sockeye(["relay", from.as_str(), &format!("tcp://{}", echo.at())]).start();
    let bytes = noise(SIZE, 5);
    let ours = crate::talk::caller(&papers, relay.port(), &[]);
    ours.input(&bytes).run().exits(0).prints(&bytes);
}

#[test]
fn a_relay_gives_each_caller_a_child_inside_tls() {
    let papers = Papers::here();
    let from = format!("tls://127.0.0.1:0?{}", papers.shows("here"));
    let relay = sockeye(["relay", from.as_str(), "exec:tr a-z A-Z"]).start();
    let ours = || crate::talk::caller(&papers, relay.port(), &[]).input("shout").run();
    ours().exits(0).prints("SHOUT");
    ours().exits(0).prints("SHOUT");
}

#[test]
fn a_relay_whose_target_is_not_trusted_cuts_its_caller_off_and_lives() {
    let papers = Papers::here();
    let echo = listener(&papers, &["--reply", "echo"]).start();
    let relay = sockeye(["relay", "tcp://127.0.0.1:0", &format!("tls://{}", echo.at())]).start();
    for _ in 0..2 {
        let ended = sockeye(["connect", &relay.at()]).input("secret").run();
        assert_eq!(ended.code, Some(1), "{}", ended.err);
        assert!(ended.out.is_empty());
    }
    relay.says("error[E-tls-unknown]: for 127.0.0.1:");
    assert!(!echo.err.shown().contains("6 B in"), "{}", echo.err.shown());
}

#[test]
fn a_cut_in_a_relay_does_not_look_whole_to_the_other_side() {
    let papers = Papers::here();
    let (theirs, port) = crate::python::server(
        &papers,
        "s = serve(); s.sendall(b'half of'); s.recv(1)\n\
         s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); os._exit(0)",
    );
    let to = format!("tls://127.0.0.1:{port}");
    let ca = papers.path("ca.pem");
    let relay = sockeye(["relay", "tcp://127.0.0.1:0", to.as_str(), "--ca", &ca]).start();
    let mut ours = sockeye(["connect", &relay.at()]).open().start();
    ours.sees("half of");
    ours.write("x");
    ours.wait_with_stdin_open().exits(1).fails_clearly("E-reset").prints("half of");
    theirs.wait().exits(0);
}
