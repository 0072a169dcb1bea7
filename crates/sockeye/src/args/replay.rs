//! The arguments of `sockeye replay`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use sockeye_workbench::player::Speed;

use crate::args::shared::{Answers, Callers, Keep, Messages, Reach, Tls};
use crate::args::values::duration;

/// `sockeye replay`.
#[derive(Debug, Args)]
#[command(after_help = "\
Plays the side of the tape that called, against ENDPOINT; with --as-server the side that was
called, to every caller. What was written in one go is written in one go again, when as long a
pause has passed and what had come by then has come again. A line at the end says whether the
answers are those of the tape; `tape diff` shows how they differ. An endpoint on the tape is
never called. Rules (--on) answer besides.

Examples:
  sockeye replay talk.tape 127.0.0.1:8888
  sockeye replay talk.tape 127.0.0.1:8888 --speed max --strict --tape again.tape
  sockeye replay talk.tape --as-server 127.0.0.1:8888 --speed 10")]
pub(crate) struct Replay {
    /// The tape
    #[arg(value_name = "TAPE")]
    pub(crate) file: PathBuf,
    /// Who is called; with --as-server, what is listened on
    pub(crate) endpoint: String,
    /// Play the side that was called
    #[arg(long)]
    pub(crate) as_server: bool,
    /// So many times as fast as it was; max: without pauses
    #[arg(long, value_name = "N|max", default_value = "1", hide_default_value = true)]
    pub(crate) speed: Speed,
    /// The conversation of that number (the first in which something was said)
    #[arg(long, value_name = "N")]
    pub(crate) conversation: Option<u64>,
    /// How long what had come is waited for before going on without it (5s)
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) patience: Option<Duration>,
    /// Exit 1 if the answers are not those of the tape
    #[arg(long)]
    pub(crate) strict: bool,
    /// How long the connect may take (10 s)
    #[arg(short = 'w', long = "connect-timeout", value_name = "SECS", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
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
