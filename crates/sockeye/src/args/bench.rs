//! The arguments of `sockeye bench`.

use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use sockeye_text::escape::unescape;
use sockeye_text::units::parse_size;
use sockeye_workbench::bench::course::Part;
use sockeye_workbench::bench::request::MOST;
use sockeye_workbench::message::Data;

use crate::args::shared::{Callers, Reach, Tls};
use crate::args::values::duration;

/// How long may be measured.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_hours(1);

/// `sockeye bench …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// The other end of connect: as many at once as come
    Serve(Box<Serve>),
    /// Throughput, round trips and connections with a serve
    Connect(Box<Connect>),
    /// Round trips with any server that answers, many clients at once
    Echo(Box<Echo>),
}

/// `sockeye bench serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Serves as many as come, until a signal; on loopback unless an address is given. Each bench that
is over is told on stderr. It sends in bulk over streams alone, and to who asked on that stream;
over UDP it only counts, and answers nobody whose address is not proved.

Examples:
  sockeye bench serve
  sockeye bench serve 0.0.0.0:7627
  sockeye bench serve unix:/tmp/bench.sock
  sockeye bench serve tls://127.0.0.1:7628
  sockeye bench serve udp://127.0.0.1:7627")]
pub(crate) struct Serve {
    /// Where: any kind of stream that can be listened on, or udp://
    #[arg(default_value = "127.0.0.1:7627")]
    pub(crate) endpoint: String,
    /// That it listens, and errors, as JSON lines on stdout too
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) callers: Callers,
    #[command(flatten)]
    pub(crate) tls: Tls,
    #[command(flatten)]
    pub(crate) reach: Reach,
}

/// What `sockeye bench connect` measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PartArg {
    /// Throughput to the server
    Up,
    /// Throughput from the server
    Down,
    /// Both ways at once
    Both,
    /// Round trips, and how long each took
    RoundTrips,
    /// Connections made, used once and closed
    Connections,
}

impl From<PartArg> for Part {
    fn from(part: PartArg) -> Self {
        match part {
            PartArg::Up => Self::Up,
            PartArg::Down => Self::Down,
            PartArg::Both => Self::Both,
            PartArg::RoundTrips => Self::RoundTrips,
            PartArg::Connections => Self::Connections,
        }
    }
}

/// `sockeye bench connect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Up, down, both ways at once, round trips, connections: one after the other, two seconds each.
Every byte that comes is compared with what was sent, at both ends, and the receiver's clock
counts. Sizes are in powers of 1024 (MiB), Gbit/s in powers of 1000, of the bytes that were moved.
Over udp:// numbered datagrams go one way, and the receiver counts what came, was lost, came late
or twice; as fast as they go, or at a --rate.

Examples:
  sockeye bench connect 127.0.0.1:7627
  sockeye bench connect 127.0.0.1:7627 --only up,down --streams 4 --time 5s
  sockeye bench connect 127.0.0.1:7627 --only round-trips --size 1KiB --json
  sockeye bench connect tls://127.0.0.1:7628 --insecure --only up
  sockeye bench connect udp://127.0.0.1:7627 --rate 10000

Exit: 0 if all that streams were to move came and was right, else 1. How many datagrams were lost is
a figure, and no failure; it is one if nobody counts them, or the count cannot be right.")]
pub(crate) struct Connect {
    /// The `bench serve`
    pub(crate) endpoint: String,
    /// These alone, in this order
    #[arg(long, value_name = "WHAT[,WHAT…]", value_enum, value_delimiter = ',')]
    pub(crate) only: Vec<PartArg>,
    /// How long each is measured
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = bench_time)]
    pub(crate) time: Duration,
    /// Throughput: over so many streams side by side
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) streams: u16,
    /// Round trips, and datagrams: of so many bytes
    #[arg(long, value_name = "SIZE", default_value = "64", value_parser = request_size)]
    pub(crate) size: usize,
    /// Datagrams: so many a second (as many as go)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) rate: Option<u64>,
    /// Datagrams: the system is not to make many of one piece
    #[arg(long)]
    pub(crate) no_gso: bool,
    /// Round trips and connections: so many at once (1, and 64)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) clients: Option<u32>,
    /// How long a connect may take (10 s)
    #[arg(short = 'w', long = "connect-timeout", value_name = "SECS", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// The result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tls: Tls,
    #[command(flatten)]
    pub(crate) reach: Reach,
}

/// `sockeye bench echo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Each client has one request in the air: it sends, waits for the whole answer, compares it with
what is expected, and sends the next. Requests are lines that differ from each other, unless
--send says what is sent. DATA is text with \\r \\n \\t \\0 \\\\ \\xAA in it, hex:…, file:…; an answer that
is a number is so many bytes, whichever they are. The time begins when all are connected. Over
UDP each client has a socket of its own, and what is not answered within a second is lost.

Examples:
  sockeye bench echo 127.0.0.1:8888
  sockeye bench echo 127.0.0.1:8888 --clients 1000 --time 10s --json
  sockeye bench echo 127.0.0.1:6379 --send 'PING\\r\\n' --answer '+PONG\\r\\n'
  sockeye bench echo 127.0.0.1:8080 --connect-each
  sockeye bench echo tls://127.0.0.1:8443 --insecure --size 1KiB
  sockeye bench echo udp://127.0.0.1:8888

Exit: 0 if every answer came and was right, else 1.")]
pub(crate) struct Echo {
    /// The server, of any kind of stream, or udp://
    pub(crate) endpoint: String,
    /// How many ask at the same time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) clients: u32,
    /// The bytes of one request
    #[arg(long, value_name = "SIZE", default_value = "64", value_parser = request_size, conflicts_with = "send")]
    pub(crate) size: usize,
    /// How long
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = bench_time)]
    pub(crate) time: Duration,
    /// Send this each time
    #[arg(long, value_name = "DATA")]
    pub(crate) send: Option<Said>,
    /// What must come back (what was sent)
    #[arg(long, value_name = "DATA|BYTES", requires = "send")]
    pub(crate) answer: Option<Said>,
    /// A new connection for each request
    #[arg(long)]
    pub(crate) connect_each: bool,
    /// How long a connect, and all of them before the time begins, may take (10 s)
    #[arg(short = 'w', long = "connect-timeout", value_name = "SECS", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// The result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) tls: Tls,
    #[command(flatten)]
    pub(crate) reach: Reach,
}

/// DATA with escapes in its text.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// A number, as it stands there.
    Number(String),
    /// Bytes, once a file has been read.
    Data(Data),
}

impl FromStr for Said {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
            return Ok(Self::Number(text.to_owned()));
        }
        let data = text.parse::<Data>().map_err(|error| error.to_string())?;
        Ok(Self::Data(match data {
            Data::Text(text) => Data::Bytes(unescape(&text).map_err(|error| error.to_string())?),
            other => other,
        }))
    }
}

/// The size of a request that is made up.
fn request_size(text: &str) -> Result<usize, String> {
    let size = parse_size(text).map_err(|error| error.to_string())?;
    match usize::try_from(size) {
        Ok(size @ 1..=MOST) => Ok(size),
        _ => Err("a request is of 1 byte to 16 MiB".to_owned()),
    }
}

/// How long something is measured.
fn bench_time(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        time if (SHORTEST..=LONGEST).contains(&time) => Ok(time),
        _ => Err("a bench takes 1 ms to 1 h".to_owned()),
    }
}
