//! The arguments of the commands that write what comes along with a program.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// `sockeye completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sockeye completions bash > /etc/bash_completion.d/sockeye
  sockeye completions zsh > \"${fpath[1]}/_sockeye\"
  sockeye completions fish > ~/.config/fish/completions/sockeye.fish")]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: Shell,
}

/// `sockeye man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sockeye man | man -l -
  sockeye man connect | man -l -
  sockeye man --out /usr/local/share/man/man1")]
pub(crate) struct Man {
    /// The command whose page is printed, as in `tape show`; sockeye's own unless given
    pub(crate) command: Vec<String>,
    /// Write every page into this folder, which is there
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub(crate) out: Option<PathBuf>,
}
