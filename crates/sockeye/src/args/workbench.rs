//! The arguments of `sockeye workbench`.

use std::path::PathBuf;

use clap::Args;

/// `sockeye workbench`.
#[derive(Debug, Args)]
#[command(after_help = "\
The link that is printed lets one page in, once, within ten minutes. Who is in opens conversations
from this machine as you do, but for exec: and file:, which take --allow-exec; links that may only
look are made in the page. Beyond loopback tls:// and --login are needed, or on the other machine
ssh -L 7626:127.0.0.1:7626 HOST.

SIGINT ends all runs; their tapes, settings, the quick list and who is in stay in the folder (--data)
for the next start. One folder is for one workbench at a time: a second start prints a new link.

Examples:
  sockeye workbench
  sockeye workbench --no-open
  sockeye workbench --listen 127.0.0.1:8000 --allow-exec
  sockeye workbench --listen tls://0.0.0.0:7626 --login password.txt")]
pub(crate) struct Workbench {
    /// Where the page is served: tcp:// on this machine's loopback, or tls:// (127.0.0.1:7626,
    /// or a free port if that is taken)
    #[arg(long, value_name = "ENDPOINT")]
    pub(crate) listen: Option<String>,
    /// Only print the link; else xdg-open opens it where this terminal is on a desktop
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Let the page start programs (exec:, a server's command) and use file:
    #[arg(long)]
    pub(crate) allow_exec: bool,
    /// Let in who knows the password: the first line of a file that you alone can read, of 12
    /// characters or more
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
