//! How the examples of `bench` are run. No test is in here.

use crate::rows::{Row, Then};

const ECHO: &str = "listen 127.0.0.1:0 --reply echo";
const SERVE: &str = "bench serve 127.0.0.1:0";
/// A bench of a moment, in which each client gets its answer on a busy machine too.
const SHORT: (&str, &str) = ("bench echo", "bench echo --time 1s");
const BRIEF: (&str, &str) = ("bench connect", "bench connect --time 500ms");

pub(crate) const ROWS: &[Row] = &[
    Row {
        line: "sockeye bench serve",
        peer: "",
        puts: &[("serve", "serve 127.0.0.1:0 --json")],
        then: Then::Begins(r#"{"e":"listening","endpoint":"tcp://127.0.0.1:"#),
    },
    Row {
        line: "sockeye bench serve 0.0.0.0:7627",
        peer: "",
        puts: &[("7627", "0 --json")],
        then: Then::Begins(r#"{"e":"listening","endpoint":"tcp://0.0.0.0:"#),
    },
    Row {
        line: "sockeye bench serve unix:/tmp/bench.sock",
        peer: "",
        puts: &[("/tmp/bench.sock", "{dir}/bench.sock --json")],
        then: Then::Begins(r#"{"e":"listening","endpoint":"unix:"#),
    },
    Row {
        line: "sockeye bench serve tls://127.0.0.1:7628",
        peer: "",
        puts: &[("7628", "0 --json")],
        then: Then::Begins(r#"{"e":"listening","endpoint":"tls://127.0.0.1:"#),
    },
    Row {
        line: "sockeye bench connect 127.0.0.1:7627",
        peer: SERVE,
        puts: &[BRIEF, ("7627", "{peer}")],
        then: Then::Prints("both: down"),
    },
    Row {
        line: "sockeye bench connect 127.0.0.1:7627 --only up,down --streams 4 --time 5s",
        peer: SERVE,
        puts: &[("7627", "{peer}"), ("5s", "1s")],
        then: Then::Prints("4 streams"),
    },
    Row {
        line: "sockeye bench connect 127.0.0.1:7627 --only round-trips --size 1KiB --json",
        peer: SERVE,
        puts: &[BRIEF, ("7627", "{peer}")],
        then: Then::Prints(r#""request_bytes":1024"#),
    },
    Row {
        line: "sockeye bench connect tls://127.0.0.1:7628 --insecure --only up",
        peer: "bench serve tls://127.0.0.1:0",
        puts: &[BRIEF, ("7628", "{peer}")],
        then: Then::Prints("up  "),
    },
    Row {
        line: "sockeye bench echo 127.0.0.1:8888",
        peer: ECHO,
        puts: &[SHORT, ("8888", "{peer}")],
        then: Then::Prints("64 clients"),
    },
    Row {
        line: "sockeye bench echo 127.0.0.1:8888 --clients 1000 --time 10s --json",
        peer: ECHO,
        puts: &[("1000", "20"), ("10s", "2s"), ("8888", "{peer}")],
        then: Then::Prints(r#""clients":20"#),
    },
    Row {
        line: r"sockeye bench echo 127.0.0.1:6379 --send 'PING\r\n' --answer '+PONG\r\n'",
        peer: "listen 127.0.0.1:0 --frame crlf --reply text:+PONG",
        puts: &[SHORT, ("6379", "{peer}")],
        then: Then::Prints("6 bytes there, 7 back"),
    },
    Row {
        line: "sockeye bench echo 127.0.0.1:8080 --connect-each",
        peer: ECHO,
        puts: &[SHORT, ("8080", "{peer}")],
        then: Then::Prints("a new connection for each"),
    },
    Row {
        line: "sockeye bench echo tls://127.0.0.1:8443 --insecure --size 1KiB",
        peer: "listen tls://127.0.0.1:0 --reply echo",
        puts: &[SHORT, ("8443", "{peer}")],
        then: Then::Prints("1024 bytes there"),
    },
    Row {
        line: "sockeye bench serve udp://127.0.0.1:7627",
        peer: "",
        puts: &[("7627", "0 --json")],
        then: Then::Begins(r#"{"e":"listening","endpoint":"udp://127.0.0.1:"#),
    },
    Row {
        line: "sockeye bench connect udp://127.0.0.1:7627 --rate 10000",
        peer: "bench serve udp://127.0.0.1:0",
        puts: &[BRIEF, ("7627", "{peer}")],
        then: Then::Prints("received"),
    },
    Row {
        line: "sockeye bench echo udp://127.0.0.1:8888",
        peer: "listen udp://127.0.0.1:0 --reply echo",
        puts: &[SHORT, ("8888", "{peer}")],
        then: Then::Prints("64 clients"),
    },
];
