//! The arguments of `sockeye detect`.

use std::time::Duration;

use clap::Args;
use sockeye_workbench::message::Data;

use crate::args::shared::{Reach, Tls};
use crate::args::values::{duration, size};

/// `sockeye detect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Tells, the best first, what a recorded talk may be framed by, and the flag that frames it so;
in which encoding its text is, and which checksum its frames have. Each framing is tried: its
share is what `--frame` would find. An endpoint is called, sent what --send gives, and listened
to; only what comes is looked at. A guess: few messages are little to go by.

Examples:
  sockeye detect talk.tape
  sockeye detect talk.tape --json
  sockeye detect 127.0.0.1:8888 --for 1s --send hello

Exit: 0 something is likely, 1 not sure, 2 usage.")]
pub(crate) struct Detect {
    /// The tape, or an endpoint to call
    #[arg(value_name = "TAPE|ENDPOINT")]
    pub(crate) what: String,
    /// The conversation of that number (the first in which something was said)
    #[arg(long, value_name = "N")]
    pub(crate) conversation: Option<u64>,
    /// Show so many candidates at most
    #[arg(long, value_name = "N", default_value = "5", hide_default_value = true)]
    pub(crate) most: usize,
    /// As a JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Listen so long (5s)
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub(crate) long: Option<Duration>,
    /// Listen until so many bytes have come (64KiB)
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) bytes: Option<u64>,
    /// Send this first: text:…, hex:…, file:…, or plain text; repeatable
    #[arg(long, value_name = "DATA")]
    pub(crate) send: Vec<Data>,
    /// How long the connect may take (10 s)
    #[arg(short = 'w', long = "connect-timeout", value_name = "SECS", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    #[command(flatten)]
    pub(crate) tls: Tls,
    #[command(flatten)]
    pub(crate) reach: Reach,
}
