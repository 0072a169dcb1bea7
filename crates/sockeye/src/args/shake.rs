//! The arguments of `sockeye shake`.

use std::time::Duration;

use clap::Args;
use sockeye_text::encoding::Encoding;
use sockeye_wire::framing::Framing;
use sockeye_workbench::message::Data;
use sockeye_workbench::shake::answer::Normalise;
use sockeye_workbench::shake::case::Case;

use crate::args::shared::{Reach, Tls};
use crate::args::values::duration;

/// `sockeye shake`.
#[derive(Debug, Args)]
#[command(after_help = "\
TCP may deliver the same bytes cut in any way. shake says a recorded talk again in all of them:
messages together, byte by byte, every single cut, then pairs until the time is up; and compares
the answers with those of the talk as it was. What fails is tried three times more, made as
small as it gets, and told as one line that runs it again. A server that is not started by
--server must be there; it is called again and again.
A client is tested with --as-server: ENDPOINT is listened on, and --client is run for each case;
{host}, {port} and {endpoint} in it are replaced. What it sends, its stdout and its exit count.

Examples:
  sockeye shake talk.tape 127.0.0.1:8888
  sockeye shake talk.tape 127.0.0.1:8888 --frame len:u16be --server 'python3 server.py'
  sockeye shake 127.0.0.1:8888 --frame lines --send hello --send feng --budget 10s
  sockeye shake talk.tape 127.0.0.1:8888 --only cut=7
  sockeye shake talk.tape --as-server 127.0.0.1:0 --client 'python3 client.py {port}'

Exit: 0 nothing found, 1 found, or it could not be tried.")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Shake {
    /// The tape, unless --send says what is said; and whom to test
    #[arg(value_names = ["TAPE", "ENDPOINT"], required = true, num_args = 1..=2)]
    pub(crate) words: Vec<String>,
    /// Instead of a tape: say this, and wait for an answer (repeatable)
    #[arg(long, value_name = "DATA")]
    pub(crate) send: Vec<Data>,
    /// Play the side that was called, and test a client
    #[arg(long, requires = "client", conflicts_with_all = ["server", "send"])]
    pub(crate) as_server: bool,
    /// Start the server with this (no shell), again whenever it has ended
    #[arg(long, value_name = "COMMAND")]
    pub(crate) server: Option<String>,
    /// Start the server anew for each case
    #[arg(long, requires = "server")]
    pub(crate) fresh: bool,
    /// Run this client for each case (no shell)
    #[arg(long, value_name = "COMMAND", requires = "as_server")]
    pub(crate) client: Option<String>,
    /// The conversation of that number (the first in which something was said)
    #[arg(long, value_name = "N")]
    pub(crate) conversation: Option<u64>,
    /// Where messages and answers end: what comes together, and what is compared, one by one
    #[arg(long, value_name = "FRAMING")]
    pub(crate) frame: Option<Framing>,
    /// Make alike what may differ in answers: times, ids, or 'PATTERN => TEXT' (repeatable)
    #[arg(long, value_name = "RULE")]
    pub(crate) normalise: Vec<Normalise>,
    /// This case alone, as it was told: cut=7, glue=2, cut=1-17,glue=3
    #[arg(long, value_name = "CASE")]
    pub(crate) only: Option<Case>,
    /// How long cases are tried
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub(crate) budget: Duration,
    /// Between two pieces; without one the kernel joins them
    #[arg(long, value_name = "TIME", default_value = "2ms", value_parser = duration)]
    pub(crate) pause: Duration,
    /// How long an answer is waited for (20 times as long as the slowest unshaken one, at least
    /// 250 ms)
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) patience: Option<Duration>,
    /// The most runs at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,
    /// Draw the same pairs again
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// How long the connect may take (10 s)
    #[arg(short = 'w', long = "connect-timeout", value_name = "SECS", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// How text is read and sent
    #[arg(long, default_value = "auto", hide_default_value = true)]
    pub(crate) encoding: Encoding,
    /// The report as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[arg(long, value_name = "FILE", help = "Write the report as JUnit XML too (a new file)")]
    pub(crate) junit: Option<std::path::PathBuf>,
    /// Let --junit replace a file that is there
    #[arg(long, requires = "junit")]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) tls: Tls,
    #[command(flatten)]
    pub(crate) reach: Reach,
}
