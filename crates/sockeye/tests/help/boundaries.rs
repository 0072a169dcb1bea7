//! How the examples of the commands that look for bugs at boundaries are run. No test is in
//! here.

use crate::rows::{Row, Then};

pub(crate) const ROWS: &[Row] = &[
    Row {
        line: "sockeye detect talk.tape",
        peer: "",
        puts: &[("talk.tape", "lines.tape")],
        then: Then::Prints("--frame lines"),
    },
    Row {
        line: "sockeye detect talk.tape --json",
        peer: "",
        puts: &[("talk.tape", "lines.tape")],
        then: Then::Prints("\"flag\":\"--frame lines\""),
    },
    Row {
        line: "sockeye detect 127.0.0.1:8888 --for 1s --send hello",
        peer: "listen 127.0.0.1:0 --reply hex:68656C6C6F0A776F726C640A627965206E6F770A",
        puts: &[("127.0.0.1:8888", "127.0.0.1:{peer}")],
        then: Then::Prints("--frame lines"),
    },
    Row {
        line: "sockeye shake talk.tape 127.0.0.1:8888",
        peer: "listen 127.0.0.1:0 --reply hex:CEC2B6C8",
        puts: &[("127.0.0.1:8888", "127.0.0.1:{peer} --budget 1s")],
        then: Then::Prints("nothing found"),
    },
    Row {
        line: "sockeye shake talk.tape 127.0.0.1:8888 --frame len:u16be --server 'python3 server.py'",
        peer: "",
        puts: &[
            ("8888", "{free}"),
            ("len:u16be", "raw --budget 1s"),
            ("python3 server.py", "'\"$S\"' listen {free} --reply upper"),
        ],
        then: Then::Prints("nothing found"),
    },
    Row {
        line: "sockeye shake 127.0.0.1:8888 --frame lines --send hello --send feng --budget 10s",
        peer: "listen 127.0.0.1:0 --frame lines --reply echo",
        puts: &[("127.0.0.1:8888", "127.0.0.1:{peer}"), ("10s", "1s")],
        then: Then::Prints("nothing found"),
    },
    Row {
        line: "sockeye shake talk.tape 127.0.0.1:8888 --only cut=7",
        peer: "listen 127.0.0.1:0 --reply hex:CEC2B6C8",
        puts: &[("cut=7", "as-is"), ("127.0.0.1:8888", "127.0.0.1:{peer}")],
        then: Then::Prints("passes, 3 of 3 times"),
    },
    Row {
        line: "sockeye shake talk.tape --as-server 127.0.0.1:0 --client 'python3 client.py {port}'",
        peer: "",
        puts: &[(
            "python3 client.py {port}",
            "'\"$S\"' send 127.0.0.1:{port} x --expect hex:CEC2B6C8' --budget '1s",
        )],
        then: Then::Prints("nothing found"),
    },
];
