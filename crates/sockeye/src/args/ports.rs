//! The arguments of `sockeye ports`.

use clap::Args;

/// `sockeye ports`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sockeye ports
  sockeye ports --json")]
pub(crate) struct Ports {
    /// A JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}
