//! The arguments of `sockeye workbench`.

use std::path::PathBuf;

use clap::Args;

/// `sockeye workbench`.
#[derive(Debug, Args)]
#[command(after_help = "\
Who has the link that is printed can do here whatever you can do with sockeye: it works once,
within ten minutes. On this machine alone it is served without TLS; beyond it tls:// and
--login are needed.

Examples:
  sockeye workbench
  sockeye workbench --no-open
  sockeye workbench --listen tls://0.0.0.0:7626 --login password.txt")]
pub(crate) struct Workbench {
    /// Where the page is served: tcp:// on this machine's loopback, or tls:// (127.0.0.1:7626,
    /// or a free port if that is taken)
    #[arg(long, value_name = "ENDPOINT")]
    pub(crate) listen: Option<String>,
    /// Do not open the browser
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Let the page start programs of this machine (exec:) and use its files (file:)
    #[arg(long)]
    pub(crate) allow_exec: bool,
    /// Let in who knows the password: the file's first line, 12 characters or more
    #[arg(long, value_name = "FILE")]
    pub(crate) login: Option<PathBuf>,
    /// A name that browsers may find this machine by, beside its addresses (repeatable)
    #[arg(long = "name", value_name = "HOST")]
    pub(crate) names: Vec<String>,
    #[arg(
        long,
        value_name = "DIR",
        help = "Where tapes, tokens and settings are kept ($SOCKEYE_DATA, or \
                $XDG_DATA_HOME/sockeye, or ~/.local/share/sockeye)"
    )]
    pub(crate) data: Option<PathBuf>,
    /// What is said on stdout too, as JSON lines
    #[arg(long)]
    pub(crate) json: bool,
}
