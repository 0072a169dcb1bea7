//! The arguments of `sockeye capture`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use sockeye_wire::framing::Framing;

use crate::args::values::duration;

/// `sockeye capture`.
#[derive(Debug, Args)]
#[command(after_help = "\
Shows each packet of the endpoints: its flags, its sequence and acknowledgement numbers
(relative, and as they stand in it), its window and what it carries; at the end what each
conversation came to. A port alone is of any address. It takes the right CAP_NET_RAW.
On the tape are the bytes each way in their order, with packets as notes.

Rulers: --frame lays frames under segments; --with lays the reads and frames of a tape that
was recorded of the same talk under them.

Examples:
  sockeye capture 8888
  sockeye capture 127.0.0.1:8888 udp://:53 --write talk.pcapng --for 10s
  sockeye capture 8888 --with talk.tape --count 40
  sockeye capture --read talk.pcapng
  sockeye capture --read talk.pcapng 8888 --frame lines")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Capture {
    /// What is watched: as in connect; a host left out is any, port 0 too
    #[arg(value_name = "ENDPOINT", required_unless_present = "read")]
    pub(crate) endpoints: Vec<String>,
    /// Read a capture file (pcapng, pcap) instead
    #[arg(long, value_name = "FILE")]
    pub(crate) read: Option<PathBuf>,
    /// Write the packets to a capture file (a new one, pcapng)
    #[arg(long, value_name = "FILE.pcapng")]
    pub(crate) write: Option<PathBuf>,
    /// Record the conversations to a tape (a new file)
    #[arg(long, value_name = "FILE")]
    pub(crate) tape: Option<PathBuf>,
    /// Let --write and --tape replace a file that is there
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// End after so long
    #[arg(long = "for", value_name = "TIME", value_parser = duration, conflicts_with = "read")]
    pub(crate) within: Option<Duration>,
    /// End after so many packets
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// Packets of one interface alone
    #[arg(long, value_name = "NAME", conflicts_with = "read")]
    pub(crate) iface: Option<String>,
    /// Where messages end, for the rulers (see connect)
    #[arg(long, value_name = "FRAMING")]
    pub(crate) frame: Option<Framing>,
    /// A tape of the same talk, for the rulers; read at the end
    #[arg(long, value_name = "TAPE")]
    pub(crate) with: Option<PathBuf>,
    /// Events as JSON lines on stdout, the tape's own
    #[arg(long)]
    pub(crate) json: bool,
    /// UDP, where an endpoint names no scheme
    #[arg(short = 'u', long)]
    pub(crate) udp: bool,
    /// Addresses only: look no names up
    #[arg(short = 'n', long)]
    pub(crate) numeric: bool,
}
