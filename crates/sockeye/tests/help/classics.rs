//! The rows of the examples of `classic`: each program's usual port is another one here.

use crate::rows::{Row, Then};

/// A server on a free port, called by `classic …`, which prints the text.
const fn serves(line: &'static str, call: &'static str, prints: &'static str) -> Row {
    let puts = &[("serve", "serve 127.0.0.1:{free}")];
    Row { line, peer: "", puts, then: Then::Serves(call, prints) }
}

/// A client of `peer`, which is given the input and prints the text.
const fn calls(
    line: &'static str,
    peer: &'static str,
    input: &'static str,
    prints: &'static str,
) -> Row {
    let puts = &[("connect", "connect 127.0.0.1:{peer}")];
    Row { line, peer, puts, then: Then::Takes(input, prints) }
}

/// The table.
pub(crate) const ROWS: &[Row] = &[
    Row {
        line: "sockeye classic list",
        peer: "",
        puts: &[],
        then: Then::Prints("greeting-chat   tcp 8888"),
    },
    Row {
        line: "sockeye classic list --json",
        peer: "",
        puts: &[],
        then: Then::Prints("\"name\":\"open-close\""),
    },
    serves("sockeye classic greeting-chat serve", "send 127.0.0.1:{free} bye", ""),
    serves(
        "sockeye classic greeting-chat serve -k --greeting welcome --reply echo",
        "classic greeting-chat connect 127.0.0.1:{free}",
        "welcome\n",
    ),
    calls(
        "sockeye classic greeting-chat connect",
        "classic greeting-chat serve 127.0.0.1:0 --reply echo",
        "a\n",
        "hello\na\n",
    ),
    serves("sockeye classic chat serve", "classic chat connect 127.0.0.1:{free}", ""),
    serves("sockeye classic chat serve -k --reply echo", "send 127.0.0.1:{free} hi", "hi"),
    calls(
        "sockeye classic chat connect",
        "classic chat serve 127.0.0.1:0 --reply echo",
        "a\n",
        "a\n",
    ),
    calls(
        "sockeye classic chat connect --explain",
        "classic chat serve 127.0.0.1:0 --reply echo",
        "a\n",
        "a\n",
    ),
    serves("sockeye classic queue-chat serve --reply echo", "send 127.0.0.1:{free} hi", "hi"),
    calls(
        "sockeye classic queue-chat connect",
        "classic queue-chat serve 127.0.0.1:0 --reply echo",
        "a\nb\n",
        "a\nb\n",
    ),
    calls(
        "sockeye classic queue-chat connect --stop-server",
        "classic queue-chat serve 127.0.0.1:0 --reply echo",
        "a\nb\n",
        "a\nb\n",
    ),
    serves(
        "sockeye classic thanks serve --encoding gbk",
        "classic thanks connect 127.0.0.1:{free} hi",
        "thank you !\n",
    ),
    Row {
        line: "sockeye classic thanks serve 127.0.0.1:8898 --answer hi",
        peer: "",
        puts: &[("8898", "{free}")],
        then: Then::Serves("classic thanks connect 127.0.0.1:{free} hello", "hi\n"),
    },
    Row {
        line: "sockeye classic thanks connect 127.0.0.1:7788 hello",
        peer: "classic thanks serve 127.0.0.1:0",
        puts: &[("7788", "{peer}")],
        then: Then::Prints("thank you !\n"),
    },
    serves("sockeye classic until-close serve", "send 127.0.0.1:{free} hi", ""),
    calls(
        "sockeye classic until-close connect",
        "classic until-close serve 127.0.0.1:0",
        "a\n",
        "",
    ),
    serves(
        "sockeye classic udp-chat serve --reply echo",
        "send udp://127.0.0.1:{free} hi --expect hi",
        "hi",
    ),
    calls(
        "sockeye classic udp-chat connect",
        "classic udp-chat serve 127.0.0.1:0 --reply echo",
        "a\n",
        "a\n",
    ),
    serves("sockeye classic udp-once serve", "send udp://127.0.0.1:{free} hi", ""),
    Row {
        line: "sockeye classic udp-once connect 127.0.0.1:8080 hello",
        peer: "classic upper serve 127.0.0.1:0",
        puts: &[("8080", "{peer}")],
        then: Then::Prints("HELLO\n"),
    },
    serves("sockeye classic broadcast serve", "send udp://127.0.0.1:{free} hi", ""),
    Row {
        line: "sockeye classic broadcast connect xiaocy",
        peer: "classic broadcast serve 0.0.0.0:0",
        puts: &[("connect", "connect --from {free} 127.255.255.255:{peer}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye classic broadcast connect 127.255.255.255:8080 xiaocy",
        peer: "classic broadcast serve 0.0.0.0:0",
        puts: &[("connect", "connect --from {free}"), ("8080", "{peer}")],
        then: Then::Prints(""),
    },
    serves("sockeye classic upper serve", "send udp://127.0.0.1:{free} hi --expect HI", "HI"),
    calls("sockeye classic upper connect", "classic upper serve 127.0.0.1:0", "a\nb\n", "A\nB\n"),
    serves("sockeye classic sticky serve", "classic sticky connect 127.0.0.1:{free}", ""),
    serves(
        "sockeye classic sticky serve --read-size 2,10",
        "classic sticky connect 127.0.0.1:{free}",
        "",
    ),
    calls("sockeye classic sticky connect", "classic sticky serve 127.0.0.1:0", "", ""),
    calls("sockeye classic sticky connect --together", "classic sticky serve 127.0.0.1:0", "", ""),
    serves("sockeye classic threaded serve", "classic threaded connect 127.0.0.1:{free}", "q\n"),
    serves("sockeye classic threaded serve --reply upper", "send 127.0.0.1:{free} hi", "HI"),
    calls(
        "sockeye classic threaded connect",
        "classic threaded serve 127.0.0.1:0 --reply upper",
        "a\n",
        "A\nq\n",
    ),
    serves("sockeye classic open-close serve", "send 127.0.0.1:{free} hi", "hi"),
    calls(
        "sockeye classic open-close connect",
        "classic open-close serve 127.0.0.1:0",
        "",
        "hello\n",
    ),
    Row {
        line: "sockeye classic open-close connect 127.0.0.1:8888 hello",
        peer: "classic open-close serve 127.0.0.1:0",
        puts: &[("8888", "{peer}")],
        then: Then::Prints("hello\n"),
    },
];
