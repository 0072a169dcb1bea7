//! The arguments of the commands that talk.

use std::time::Duration;

use clap::Args;
use sockeye_workbench::fault::read::Spec;
use sockeye_workbench::message::Data;
use sockeye_workbench::rules::Reply;

use crate::args::shared::{Answers, Callers, Keep, Messages, Reach, Tls};
use crate::args::values::duration;

/// `sockeye connect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Stdin is sent, what comes is printed. At stdin's end a FIN is sent, and reading goes on until
the peer's end: no hidden timer. In a terminal: lines with history, /help for the commands.

Examples:
  sockeye connect 127.0.0.1:8888
  sockeye connect example.org 80
  sockeye connect tls://example.org:443
  echo hello | sockeye connect -u 127.0.0.1:9000 --idle-timeout 1s
  sockeye connect --frame len:u16be --view both 127.0.0.1:8888
  sockeye connect 'wss://example.org/chat?subprotocol=chat&ping=5s'
  sockeye connect 'serial:/dev/ttyUSB0?baud=9600' --eol crlf
  sockeye connect -z 127.0.0.1 20-30,80
  sockeye connect -z 127.0.0.1:5432 --retry 30s")]
pub(crate) struct Connect {
    /// The endpoint; or a host and a port as two words
    #[arg(value_name = "ENDPOINT", required = true, num_args = 1..=2)]
    pub(crate) endpoint: Vec<String>,
    /// Only ask which ports are open: -z HOST PORTS, as 20-30,80; or -z ENDPOINT
    #[arg(short = 'z')]
    pub(crate) zero: bool,
    /// With -z: ask again until all are open, for so long
    #[arg(long, value_name = "TIME", requires = "zero", value_parser = duration)]
    pub(crate) retry: Option<Duration>,
    /// How long the connect may take (10 s)
    #[arg(short = 'w', long = "connect-timeout", value_name = "SECS", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// After one side's end, wait at most so long for the other's
    #[arg(short = 'q', value_name = "SECS", value_parser = duration)]
    pub(crate) quit: Option<Duration>,
    /// Connect again when the peer is gone, so long after (1s)
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "1s",
        require_equals = true, value_parser = duration)]
    pub(crate) reconnect: Option<Duration>,
    #[command(flatten)]
    pub(crate) answers: Answers,
    #[command(flatten)]
    pub(crate) messages: Messages,
    #[command(flatten)]
    pub(crate) keep: Keep,
    #[command(flatten)]
    pub(crate) tls: Tls,
    #[command(flatten)]
    pub(crate) reach: Reach,
}

/// `sockeye listen`.
#[derive(Debug, Args)]
#[command(after_help = "\
In a terminal, or with --reply, --exec or --on: many callers at once, until a signal. In a
pipe: the first caller is talked to, then exit 0; with -k the next one follows.
In a terminal each caller is #n; a line goes to all, `@n TEXT` to one; /help for more.

Examples:
  sockeye listen 8888
  sockeye listen 8888 --reply echo
  sockeye listen -u 9000 --reply upper
  sockeye listen 127.0.0.1:0 --on 'AT => OK' --on 're:^AT\\+ => ERROR' --eol crlf
  sockeye listen 8888 --exec 'cat -n'
  sockeye listen tls://:8443 --reply echo
  sockeye listen ws://:8080/chat --reply echo
  sockeye listen unix:/tmp/talk.sock > received.bin")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Listen {
    /// The endpoint; or a host and a port as two words
    #[arg(value_name = "ENDPOINT", required = true, num_args = 1..=2)]
    pub(crate) endpoint: Vec<String>,
    /// Answer each message: echo, upper, text:…, hex:…, file:…
    #[arg(long)]
    pub(crate) reply: Option<Reply>,
    /// Hang up after the first answer
    #[arg(long)]
    pub(crate) close_after_reply: bool,
    /// One caller at a time
    #[arg(long)]
    pub(crate) serial: bool,
    /// Start this for each caller, its stdin and stdout are the caller's (no shell)
    #[arg(long, value_name = "CMD", conflicts_with = "reply")]
    pub(crate) exec: Option<String>,
    /// With --exec: let a caller's first message be an HTTP request
    #[arg(long, requires = "exec")]
    pub(crate) allow_http: bool,
    /// In a pipe: after one caller, the next
    #[arg(short = 'k', long)]
    pub(crate) keep_open: bool,
    /// After one side's end, wait at most so long for the other's
    #[arg(short = 'q', value_name = "SECS", value_parser = duration)]
    pub(crate) quit: Option<Duration>,
    #[command(flatten)]
    pub(crate) callers: Callers,
    #[command(flatten)]
    pub(crate) answers: Answers,
    #[command(flatten)]
    pub(crate) messages: Messages,
    #[command(flatten)]
    pub(crate) keep: Keep,
    #[command(flatten)]
    pub(crate) tls: Tls,
    #[command(flatten)]
    pub(crate) reach: Reach,
}

/// `sockeye send`.
#[derive(Debug, Args)]
#[command(after_help = "\
Each DATA is one write, in order: text:… hex:… file:… or plain text; - is stdin. Then a FIN,
and all until the peer's end is printed. UDP, WebSocket, serial: exits after sending unless
-q or --idle-timeout is given, or --expect, which waits for 10 s unless they say other.

Examples:
  sockeye send 127.0.0.1:8888 hello feng
  sockeye send udp://127.0.0.1:9000 'hex:AA 55' --expect hex:55AA
  sockeye send --frame len:u32be 127.0.0.1:8888 'text:hello'
  sockeye send 127.0.0.1:8888 ping --repeat 3 --every 200ms")]
pub(crate) struct Send {
    /// The endpoint
    pub(crate) endpoint: String,
    /// What to send
    #[arg(required = true)]
    pub(crate) data: Vec<Data>,
    /// Exit 1 unless what comes holds this: text, hex:… (ends as soon as it came)
    #[arg(long, value_name = "DATA")]
    pub(crate) expect: Option<Data>,
    /// Send all DATA so many times
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    pub(crate) repeat: u64,
    /// With so long between two times
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) every: Option<Duration>,
    /// How long the connect may take (10 s)
    #[arg(short = 'w', long = "connect-timeout", value_name = "SECS", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// After our end, wait at most so long for the peer's
    #[arg(short = 'q', value_name = "SECS", value_parser = duration)]
    pub(crate) quit: Option<Duration>,
    #[command(flatten)]
    pub(crate) messages: Messages,
    #[command(flatten)]
    pub(crate) keep: Keep,
    #[command(flatten)]
    pub(crate) tls: Tls,
    #[command(flatten)]
    pub(crate) reach: Reach,
}

/// `sockeye relay`.
#[derive(Debug, Args)]
#[command(after_help = "\
Half-closes are passed on, a RST as a RST. TCP, TLS and Unix streams, WebSockets, serial ports,
child processes and files go with each other; UDP and Unix datagrams too. A serial port as B
serves one client at a time; as A it is opened once, and B with it.

--fault disturbs on purpose. SPEC is NAME[=VALUE][,KEY=VALUE…], several with `;` between. A unit
is a frame (--frame), a datagram, a message, else a read.
  split=N[±M][,gap=TIME]      pieces of N bytes, 2ms between them
  coalesce=TIME               what comes within TIME, in one piece
  delay=TIME[±TIME]           later, in order
  rate=64kbit, rate=8KiB      bits or bytes per second
  drop dup reorder [=P%]      units lost, doubled, swapped with the next
  corrupt[=P%]                a bit flipped in P% of the bytes, or in one of each unit
  cut=SIZE                    after so many bytes, a FIN to both sides
  rst[=TIME]                  TIME after a unit came, a RST to both sides
  half-close[=TIME]           TIME after a unit, its direction's end, though the sender goes on
  stall[=TIME][,then=close]   nothing passes
  slow-close=TIME             the end later
  size=N                      datagrams cut to N bytes
Each takes dir=up|down, on=frame:N, on=match:DATA (text or hex:…), first=N, p=P% (of occasions),
share=P% (of conversations). The same --seed gives the same faults. While it runs, a line
`/fault SPEC` on stdin sets others, `/fault none` none; /help for more.

Examples:
  sockeye relay 8080 127.0.0.1:80
  sockeye relay 8080 127.0.0.1:80 --fault 'split=1; delay=50ms±10ms'
  sockeye relay unix:/tmp/front.sock 127.0.0.1:80 --tape talk.tape
  sockeye relay udp://127.0.0.1:5353 udp://127.0.0.1:53
  sockeye relay 4000 'serial:/dev/ttyUSB0?baud=115200'
  sockeye relay --dial - exec:cat
  sockeye relay --toxiproxy 8474 5001 127.0.0.1:5432")]
pub(crate) struct Relay {
    /// Listened on
    #[arg(value_name = "A", required_unless_present = "toxiproxy", requires = "right")]
    pub(crate) left: Option<String>,
    /// Opened for each client
    #[arg(value_name = "B", required_unless_present = "toxiproxy")]
    pub(crate) right: Option<String>,
    /// Open both, once
    #[arg(long)]
    pub(crate) dial: bool,
    /// Disturb what goes through, as told below (repeatable)
    #[arg(long, value_name = "SPEC")]
    pub(crate) fault: Vec<Spec>,
    /// What all draws of --fault come from (drawn and said unless given)
    #[arg(long, value_name = "N", requires = "fault")]
    pub(crate) seed: Option<u64>,
    /// Serve toxiproxy's HTTP API there, on loopback alone: its clients make proxies and disturb
    /// them; A and B are the first one, named `relay`
    #[arg(long, value_name = "[IP:]PORT", conflicts_with_all = ["dial", "fault", "ca", "insecure",
        "cert", "udp", "unix"])]
    pub(crate) toxiproxy: Option<String>,
    /// How long the connect to B may take (10 s)
    #[arg(short = 'w', long = "connect-timeout", value_name = "SECS", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    #[command(flatten)]
    pub(crate) callers: Callers,
    #[command(flatten)]
    pub(crate) messages: Messages,
    #[command(flatten)]
    pub(crate) keep: Keep,
    #[command(flatten)]
    pub(crate) tls: Tls,
    #[command(flatten)]
    pub(crate) reach: Reach,
}
