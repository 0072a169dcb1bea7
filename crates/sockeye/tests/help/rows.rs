//! How each example of the help is run, and what must come of it. No test is in here.

#![allow(unreachable_pub, reason = "a module of a test has no outside")]

/// How an example is run. In `puts`, `calls` and `peer`, `{free}` is a free port, `{peer}`
/// the port of the peer, `{dir}` a folder, which is also the working folder.
pub struct Row {
    pub line: &'static str,
    /// A server of ours that is started first: the arguments of `sockeye`.
    pub peer: &'static str,
    /// What is put in place of what stands in the line.
    pub puts: &'static [(&'static str, &'static str)],
    pub then: Then,
}

pub enum Then {
    /// It ends with 0, and its stdout holds this.
    Prints(&'static str),
    /// It is given this input; it ends with 0, and its stdout holds the second.
    Takes(&'static str, &'static str),
    /// It serves: `sockeye` with these arguments ends with 0 and prints the second.
    Serves(&'static str, &'static str),
    /// It wants a device that is not here: it ends with 1, and says so by this code.
    Fails(&'static str),
    /// It begins with this, and goes on for longer than a test wants to wait.
    Begins(&'static str),
}

const ECHO: &str = "listen 127.0.0.1:0 --reply echo";

const TLS_ECHO: &str = "listen tls://127.0.0.1:0 --reply echo";

pub const ROWS: &[Row] = &[
    Row {
        line: "sockeye classic download serve 127.0.0.1:7890 --root .",
        peer: "",
        puts: &[("7890", "{free}")],
        then: Then::Serves("send 127.0.0.1:{free} report.pdf", "a report"),
    },
    Row {
        line: "sockeye classic download connect 127.0.0.1:7890 report.pdf --out Downloads",
        peer: "classic download serve 127.0.0.1:0 --root .",
        puts: &[("7890", "{peer}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye classic upload serve 127.0.0.1:8090 --root inbox",
        peer: "",
        puts: &[("8090", "{free}")],
        then: Then::Serves("classic upload connect 127.0.0.1:{free} /etc/hostname", ""),
    },
    Row {
        line: "sockeye classic upload connect 127.0.0.1:8090 report.pdf",
        peer: "classic upload serve 127.0.0.1:0 --root inbox",
        puts: &[("8090", "{peer}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye classic command-struct serve 127.0.0.1:8080 --allow ls date",
        peer: "",
        puts: &[("8080", "{free}")],
        then: Then::Serves("classic command-struct connect 127.0.0.1:{free} date +x", "x\n"),
    },
    Row {
        line: "sockeye classic command-struct connect 127.0.0.1:8080 uname",
        peer: "classic command-struct serve 127.0.0.1:0 --allow uname",
        puts: &[("8080", "{peer}")],
        then: Then::Prints("Linux\n"),
    },
    Row {
        line: "sockeye classic hmac-chat serve 127.0.0.1:8889 --secret-file key --reply echo",
        peer: "",
        puts: &[("8889", "{free}")],
        then: Then::Serves(
            "classic hmac-chat connect 127.0.0.1:{free} --secret-file {dir}/key",
            "q\n",
        ),
    },
    Row {
        line: "sockeye classic hmac-chat connect 127.0.0.1:8889 --secret-file key",
        peer: "classic hmac-chat serve 127.0.0.1:0 --secret-file key --reply echo",
        puts: &[("8889", "{peer}")],
        then: Then::Takes("hello\n", "hello\nq\n"),
    },
    Row {
        line: "sockeye tape diff before.tape after.tape",
        peer: "",
        puts: &[("before.tape", "talk.tape"), ("after.tape", "talk.tape")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye tape diff before.tape after.tape --reads",
        peer: "",
        puts: &[("before.tape", "talk.tape"), ("after.tape", "talk.tape")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye tape diff before.tape after.tape --json",
        peer: "",
        puts: &[("before.tape", "talk.tape"), ("after.tape", "talk.tape")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye tape convert talk.tape talk.pcapng",
        peer: "",
        puts: &[],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye tape convert talk.tape talk.html",
        peer: "",
        puts: &[],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye tape convert talk.tape talk.txt --overwrite",
        peer: "",
        puts: &[],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye replay talk.tape 127.0.0.1:8888",
        peer: "listen 127.0.0.1:0 --reply hex:CEC2B6C8",
        puts: &[("127.0.0.1:8888", "127.0.0.1:{peer}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye replay talk.tape 127.0.0.1:8888 --speed max --strict --tape again.tape",
        peer: "listen 127.0.0.1:0 --reply hex:CEC2B6C8",
        puts: &[("127.0.0.1:8888", "127.0.0.1:{peer}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye replay talk.tape --as-server 127.0.0.1:8888 --speed 10",
        peer: "",
        puts: &[("8888", "{free}")],
        then: Then::Serves("connect -z 127.0.0.1 {free}", "127.0.0.1 {free} open\n"),
    },
    Row {
        line: "sockeye connect 'wss://example.org/chat?subprotocol=chat&ping=5s'",
        peer: "listen ws://127.0.0.1:0/chat?subprotocol=chat --reply echo --close-after-reply",
        puts: &[("wss://example.org", "ws://127.0.0.1:{peer}")],
        then: Then::Takes("hi\n", "hi\n"),
    },
    Row {
        line: "sockeye listen ws://:8080/chat --reply echo",
        peer: "",
        puts: &[("8080", "{free}")],
        then: Then::Serves("send ws://127.0.0.1:{free}/chat hi", "hi\n"),
    },
    Row {
        line: "sockeye capture 8888",
        peer: "",
        puts: &[("8888", "{free} --for 0.1s")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye capture 127.0.0.1:8888 udp://:53 --write talk.pcapng --for 10s",
        peer: "",
        puts: &[("8888", "{free}"), (":53", ":{free}"), ("10s", "0.1s")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye capture 8888 --with talk.tape --count 40",
        peer: "",
        puts: &[("8888", "{free}"), ("--count 40", "--for 0.1s")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye capture --read talk.pcapng",
        peer: "",
        puts: &[("talk.pcapng", "seen.pcapng")],
        then: Then::Prints("PSH ACK"),
    },
    Row {
        line: "sockeye capture --read talk.pcapng 8888 --frame lines",
        peer: "",
        puts: &[("talk.pcapng 8888", "seen.pcapng")],
        then: Then::Prints("frames   |"),
    },
    Row { line: "sockeye ports", peer: "", puts: &[], then: Then::Prints("") },
    Row { line: "sockeye ports --json", peer: "", puts: &[], then: Then::Prints("") },
    Row {
        line: "sockeye connect 'serial:/dev/ttyUSB0?baud=9600' --eol crlf",
        peer: "",
        puts: &[("/dev/ttyUSB0", "{dir}/none")],
        then: Then::Fails("E-io"),
    },
    Row {
        line: "sockeye relay 4000 'serial:/dev/ttyUSB0?baud=115200'",
        peer: "",
        puts: &[("4000", "{free}"), ("'serial:/dev/ttyUSB0?baud=115200'", "exec:cat")],
        then: Then::Serves("send 127.0.0.1:{free} hi", "hi"),
    },
    Row { line: "sockeye addr", peer: "", puts: &[], then: Then::Prints("lo") },
    Row { line: "sockeye addr 192.168.5.6", peer: "", puts: &[], then: Then::Prints("private") },
    Row {
        line: "sockeye addr 192.168.5.6/24",
        peer: "",
        puts: &[],
        then: Then::Prints("192.168.5.255"),
    },
    Row {
        line: "sockeye addr 10.1.2.3/255.255.240.0 10.1.16.1",
        peer: "",
        puts: &[],
        then: Then::Prints("another network"),
    },
    Row {
        line: "sockeye addr 2001:db8::1/64 --json",
        peer: "",
        puts: &[],
        then: Then::Prints("\"network\":\"2001:db8::/64\""),
    },
    Row { line: "sockeye port 8888", peer: "", puts: &[], then: Then::Prints("user ports") },
    Row { line: "sockeye port https", peer: "", puts: &[], then: Then::Prints("443") },
    Row {
        line: "sockeye port 443 --json",
        peer: "",
        puts: &[],
        then: Then::Prints("\"port\":443"),
    },
    Row { line: "sockeye resolve localhost", peer: "", puts: &[], then: Then::Prints("127.0.0.1") },
    Row {
        line: "sockeye resolve localhost --json",
        peer: "",
        puts: &[],
        then: Then::Prints("\"name\":\"localhost\""),
    },
    Row {
        line: "sockeye completions bash > /etc/bash_completion.d/sockeye",
        peer: "",
        puts: &[("/etc/bash_completion.d", "{dir}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye completions zsh > \"${fpath[1]}/_sockeye\"",
        peer: "",
        puts: &[("${fpath[1]}", "{dir}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye completions fish > ~/.config/fish/completions/sockeye.fish",
        peer: "",
        puts: &[("~/.config/fish/completions", "{dir}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye man | man -l -",
        peer: "",
        puts: &[("man -l -", "cat")],
        then: Then::Prints(".TH sockeye 1"),
    },
    Row {
        line: "sockeye man connect | man -l -",
        peer: "",
        puts: &[("man -l -", "cat")],
        then: Then::Prints(".TH sockeye-connect 1"),
    },
    Row {
        line: "sockeye man --out /usr/local/share/man/man1",
        peer: "",
        puts: &[("/usr/local/share/man/man1", "{dir}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye connect tls://example.org:443",
        peer: TLS_ECHO,
        puts: &[("tls://example.org:443", "--insecure tls://127.0.0.1:{peer}")],
        then: Then::Takes("hi\n", "hi\n"),
    },
    Row {
        line: "sockeye listen tls://:8443 --reply echo",
        peer: "",
        puts: &[("8443", "{free}")],
        then: Then::Serves("send --insecure tls://127.0.0.1:{free} hi", "hi"),
    },
    Row { line: "sockeye demo", peer: "", puts: &[], then: Then::Begins("TCP carries a stream") },
    Row { line: "sockeye demo --fast", peer: "", puts: &[], then: Then::Prints("sockeye --help") },
    Row {
        line: "sockeye listen 8888",
        peer: "",
        puts: &[("8888", "{free}")],
        then: Then::Serves("send 127.0.0.1:{free} hi", ""),
    },
    Row {
        line: "sockeye listen 8888 --reply echo",
        peer: "",
        puts: &[("8888", "{free}")],
        then: Then::Serves("send 127.0.0.1:{free} hi", "hi"),
    },
    Row {
        line: "sockeye listen -u 9000 --reply upper",
        peer: "",
        puts: &[("9000", "{free}")],
        then: Then::Serves("send udp://127.0.0.1:{free} hi --expect HI", "HI"),
    },
    Row {
        line: r"sockeye listen 127.0.0.1:0 --on 'AT => OK' --on 're:^AT\+ => ERROR' --eol crlf",
        peer: "",
        puts: &[("127.0.0.1:0", "127.0.0.1:{free}")],
        then: Then::Serves("send 127.0.0.1:{free} AT+X", "ERROR\r\n"),
    },
    Row {
        line: "sockeye listen 8888 --exec 'cat -n'",
        peer: "",
        puts: &[("8888", "{free}")],
        then: Then::Serves("send 127.0.0.1:{free} hi", "     1\thi"),
    },
    Row {
        line: "sockeye listen unix:/tmp/talk.sock > received.bin",
        peer: "",
        puts: &[("/tmp", "{dir}")],
        then: Then::Serves("send unix:{dir}/talk.sock hi", ""),
    },
    Row {
        line: "echo hello | sockeye connect 127.0.0.1:8888",
        peer: ECHO,
        puts: &[("8888", "{peer}")],
        then: Then::Prints("hello\n"),
    },
    Row {
        line: "sockeye connect 127.0.0.1:8888",
        peer: ECHO,
        puts: &[("8888", "{peer}")],
        then: Then::Takes("hi\n", "hi\n"),
    },
    Row {
        line: "sockeye connect example.org 80",
        peer: ECHO,
        puts: &[("example.org 80", "127.0.0.1 {peer}")],
        then: Then::Takes("GET\n", "GET\n"),
    },
    Row {
        line: "echo hello | sockeye connect -u 127.0.0.1:9000 --idle-timeout 1s",
        peer: "listen -u 127.0.0.1:0 --reply upper",
        puts: &[("9000", "{peer}")],
        then: Then::Prints("HELLO\n"),
    },
    Row {
        line: "sockeye connect --frame len:u16be --view both 127.0.0.1:8888",
        peer: "listen 127.0.0.1:0 --reply upper --frame len:u16be",
        puts: &[("8888", "{peer}")],
        then: Then::Takes("hi\n", "00 02 48 49"),
    },
    Row {
        line: "sockeye connect -z 127.0.0.1 20-30,80",
        peer: ECHO,
        puts: &[("20-30,80", "{peer}-{peer},{peer}")],
        then: Then::Prints(" open\n"),
    },
    Row {
        line: "sockeye connect -z 127.0.0.1:5432 --retry 30s",
        peer: ECHO,
        puts: &[("5432", "{peer}")],
        then: Then::Prints(" open\n"),
    },
    Row {
        line: "sockeye send 127.0.0.1:8888 hello feng",
        peer: ECHO,
        puts: &[("8888", "{peer}")],
        then: Then::Prints("hellofeng"),
    },
    Row {
        line: "sockeye send udp://127.0.0.1:9000 'hex:AA 55' --expect hex:55AA",
        peer: "listen -u 127.0.0.1:0 --reply hex:55AA",
        puts: &[("9000", "{peer}")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye send --frame len:u32be 127.0.0.1:8888 'text:hello'",
        peer: ECHO,
        puts: &[("8888", "{peer}")],
        then: Then::Prints("\0\0\0\u{5}hello"),
    },
    Row {
        line: "sockeye send 127.0.0.1:8888 ping --repeat 3 --every 200ms",
        peer: ECHO,
        puts: &[("8888", "{peer}")],
        then: Then::Prints("pingpingping"),
    },
    Row {
        line: "sockeye relay 8080 example.org:80 --view both",
        peer: ECHO,
        puts: &[("8080", "{free}"), ("example.org:80", "127.0.0.1:{peer}")],
        then: Then::Serves("send 127.0.0.1:{free} hi", "hi"),
    },
    Row {
        line: "sockeye relay 8080 127.0.0.1:80",
        peer: ECHO,
        puts: &[("8080", "{free}"), ("127.0.0.1:80", "127.0.0.1:{peer}")],
        then: Then::Serves("send 127.0.0.1:{free} hi", "hi"),
    },
    Row {
        line: "sockeye relay 8080 127.0.0.1:80 --fault 'split=1; delay=50ms±10ms'",
        peer: ECHO,
        puts: &[("8080", "{free}"), ("127.0.0.1:80", "127.0.0.1:{peer}")],
        then: Then::Serves("send 127.0.0.1:{free} hi", "hi"),
    },
    Row {
        line: "sockeye relay unix:/tmp/front.sock 127.0.0.1:80 --tape talk.tape",
        peer: ECHO,
        puts: &[("/tmp", "{dir}"), ("127.0.0.1:80", "127.0.0.1:{peer}"), ("talk.tape", "new.tape")],
        then: Then::Serves("send unix:{dir}/front.sock hi", "hi"),
    },
    Row {
        line: "sockeye relay udp://127.0.0.1:5353 udp://127.0.0.1:53",
        peer: "listen -u 127.0.0.1:0 --reply upper",
        puts: &[("127.0.0.1:5353", "127.0.0.1:{free}"), ("127.0.0.1:53", "127.0.0.1:{peer}")],
        then: Then::Serves("send udp://127.0.0.1:{free} hi --expect HI", "HI"),
    },
    Row {
        line: "sockeye relay --dial - exec:cat",
        peer: "",
        puts: &[],
        then: Then::Takes("hi\n", "hi\n"),
    },
    Row {
        line: "sockeye relay --toxiproxy 8474 5001 127.0.0.1:5432",
        peer: ECHO,
        puts: &[("8474", "0"), ("5001", "127.0.0.1:{free}"), ("5432", "{peer}")],
        then: Then::Serves("send 127.0.0.1:{free} disturbed", "disturbed"),
    },
    Row { line: "sockeye tape show talk.tape", peer: "", puts: &[], then: Then::Prints("温度") },
    Row {
        line: "sockeye tape show talk.tape --view both --time since",
        peer: "",
        puts: &[],
        then: Then::Prints("CE C2 B6 C8"),
    },
    Row {
        line: "sockeye tape show talk.tape --encoding gbk",
        peer: "",
        puts: &[],
        then: Then::Prints("温度"),
    },
    Row {
        line: "sockeye tape diff before.tape after.tape",
        peer: "",
        puts: &[("before.tape", "talk.tape"), ("after.tape", "talk.tape")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye tape diff before.tape after.tape --reads",
        peer: "",
        puts: &[("before.tape", "talk.tape"), ("after.tape", "talk.tape")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye tape diff before.tape after.tape --json",
        peer: "",
        puts: &[("before.tape", "talk.tape"), ("after.tape", "talk.tape")],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye tape convert talk.tape talk.pcapng",
        peer: "",
        puts: &[],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye tape convert talk.tape talk.html",
        peer: "",
        puts: &[],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye tape show talk.tape --as diagram",
        peer: "",
        puts: &[],
        then: Then::Prints("▶│"),
    },
    Row {
        line: "sockeye tape convert talk.tape talk.svg --conversation 1",
        peer: "",
        puts: &[],
        then: Then::Prints(""),
    },
    Row {
        line: "sockeye tape convert talk.tape talk.txt --overwrite",
        peer: "",
        puts: &[],
        then: Then::Prints(""),
    },
];
