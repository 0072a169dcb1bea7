//! The arguments of the commands that look.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use sockeye_text::encoding::Encoding;

use crate::args::values::{TimeArg, ViewArg};

/// `sockeye tape …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Tape {
    /// Show what is on a tape
    Show(Show),
    /// Compare two tapes
    Diff(Diff),
    /// Turn a tape into a capture file, a page, text or a diagram
    Convert(Convert),
}

/// `sockeye tape show`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sockeye tape show talk.tape
  sockeye tape show talk.tape --view both --time since
  sockeye tape show talk.tape --encoding gbk
  sockeye tape show talk.tape --as diagram")]
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
    /// Draw each conversation as a sequence diagram, 80 columns wide
    #[arg(long = "as", value_enum, value_name = "FORM", conflicts_with_all = ["view", "time"])]
    pub(crate) form: Option<AsArg>,
    /// This conversation alone (of a relay: either of its two, both are drawn)
    #[arg(long, value_name = "N")]
    pub(crate) conversation: Option<u64>,
    /// Events drawn one by one; the others are folded [default: 200]
    #[arg(long, value_name = "N", requires = "form", value_parser = most)]
    pub(crate) most: Option<usize>,
}

/// `--as`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AsArg {
    /// A sequence diagram
    Diagram,
}

/// `--most`: at least one, and no more than a reader could look at.
fn most(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(most @ 1..=100_000) => Ok(most),
        _ => Err("a number from 1 to 100000".to_owned()),
    }
}

/// `sockeye tape diff`.
#[derive(Debug, Args)]
#[command(after_help = "\
Conversations are paired by transport and role, in the order in which they opened. Compared
are the bytes each way (datagrams: one by one), the frames where both tapes have them, and
how it closed. Times, addresses, ports, notes and faults do not count. Where the bytes
differ, the frames and reads of that direction are not compared.

Examples:
  sockeye tape diff before.tape after.tape
  sockeye tape diff before.tape after.tape --reads
  sockeye tape diff before.tape after.tape --json

Exit: 0 same, 1 different, 2 usage, or a tape that cannot be read or is damaged.")]
pub(crate) struct Diff {
    /// One tape
    pub(crate) a: PathBuf,
    /// The other
    pub(crate) b: PathBuf,
    /// Compare how the bytes were cut into reads and writes too
    #[arg(long)]
    pub(crate) reads: bool,
    /// JSON lines on stdout, one object a difference
    #[arg(long)]
    pub(crate) json: bool,
    /// How text is read
    #[arg(long, default_value = "auto", hide_default_value = true)]
    pub(crate) encoding: Encoding,
}

/// `sockeye tape convert`.
#[derive(Debug, Args)]
#[command(after_help = "\
OUT's ending says what to: .pcapng for tools that read packets (the segments are made up
around what was read and written, and the file says so), .html for a page that stands alone,
.txt for what `tape show` prints, .svg and .mmd (Mermaid) for sequence diagrams.

Examples:
  sockeye tape convert talk.tape talk.pcapng
  sockeye tape convert talk.tape talk.html
  sockeye tape convert talk.tape talk.txt --overwrite
  sockeye tape convert talk.tape talk.svg --conversation 1")]
pub(crate) struct Convert {
    /// The tape
    #[arg(value_name = "IN")]
    pub(crate) tape: PathBuf,
    /// The file to make
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// Replace OUT if it is there
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// How text is read (all but .pcapng) [default: auto]
    #[arg(long)]
    pub(crate) encoding: Option<Encoding>,
    /// A TLS key log to embed (.pcapng)
    #[arg(long, value_name = "FILE")]
    pub(crate) secrets: Option<PathBuf>,
    /// This conversation alone (.svg, .mmd)
    #[arg(long, value_name = "N")]
    pub(crate) conversation: Option<u64>,
    /// Events drawn one by one; the others are folded (.svg, .mmd) [default: 200]
    #[arg(long, value_name = "N", value_parser = most)]
    pub(crate) most: Option<usize>,
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
