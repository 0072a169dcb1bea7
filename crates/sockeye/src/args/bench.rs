//! The arguments of `sockeye bench`.

use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Subcommand};
use sockeye_text::escape::unescape;
use sockeye_text::units::parse_size;
use sockeye_workbench::bench::request::MOST;
use sockeye_workbench::message::Data;

use crate::args::shared::{Reach, Tls};
use crate::args::values::duration;

/// `sockeye bench …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Round trips with any server that answers, many clients at once
    Echo(Box<Echo>),
}

/// `sockeye bench echo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Each client has one request in the air: it sends, waits for the whole answer, compares it with
what is expected, and sends the next. Requests are lines that differ from each other, unless
--send says what is sent. DATA is text with \\r \\n \\t \\0 \\\\ \\xAA in it, hex:…, file:…; an answer that
is a number is so many bytes, whichever they are. The time begins when all are connected.

Examples:
  sockeye bench echo 127.0.0.1:8888
  sockeye bench echo 127.0.0.1:8888 --clients 1000 --time 10s --json
  sockeye bench echo 127.0.0.1:6379 --send 'PING\\r\\n' --answer '+PONG\\r\\n'
  sockeye bench echo 127.0.0.1:8080 --connect-each
  sockeye bench echo tls://127.0.0.1:8443 --insecure --size 1KiB

Exit: 0 if every answer came and was right, else 1.")]
pub(crate) struct Echo {
    /// The server, of any kind of stream
    pub(crate) endpoint: String,
    /// How many ask at the same time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) clients: u32,
    /// The bytes of one request
    #[arg(long, value_name = "SIZE", default_value = "64", value_parser = request_size, conflicts_with = "send")]
    pub(crate) size: usize,
    /// How long
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
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
