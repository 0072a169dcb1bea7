//! The arguments of the commands that look.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sockeye_text::encoding::Encoding;

use crate::args::values::{TimeArg, ViewArg};

/// `sockeye tape …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Tape {
    /// Show what is on a tape
    Show(Show),
}

/// `sockeye tape show`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sockeye tape show talk.tape
  sockeye tape show talk.tape --view both --time since
  sockeye tape show talk.tape --encoding gbk")]
pub(crate) struct Show {
    /// The tape
    pub(crate) file: PathBuf,
    /// What is shown of the talk (raw: received bytes)
    #[arg(long, value_enum, default_value = "auto", hide_default_value = true)]
    pub(crate) view: ViewArg,
    /// The time shown
    #[arg(long, value_enum, default_value = "since", hide_default_value = true)]
    pub(crate) time: TimeArg,
    /// How text is read
    #[arg(long, default_value = "auto", hide_default_value = true)]
    pub(crate) encoding: Encoding,
}

/// `sockeye demo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sockeye demo
  sockeye demo --fast")]
pub(crate) struct Demo {
    /// Without the pauses for reading
    #[arg(long)]
    pub(crate) fast: bool,
}
