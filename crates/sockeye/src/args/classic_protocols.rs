//! The arguments of the classic programs that are protocols of their own: files, commands,
//! a chat behind a secret.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use sockeye_net::cidr::Cidr;
use sockeye_text::encoding::Encoding;
use sockeye_workbench::access::Access;
use sockeye_workbench::led::Explain;
use sockeye_workbench::rules::Reply;

use crate::args::shared::{Callers, Keep, Messages, Reach};
use crate::args::values::{duration, size};

/// What they all share.
#[derive(Debug, Args)]
pub(crate) struct Common {
    #[arg(
        long,
        default_value = "auto",
        hide_default_value = true,
        help = "How text is encoded: auto, utf-8, gbk, gb18030, big5, shift_jis, …"
    )]
    pub(crate) encoding: Encoding,
    /// The silence that ends a message which marks no end (0: one recv, as the classic)
    #[arg(long, value_name = "TIME", default_value = "50ms", value_parser = duration)]
    pub(crate) settle: Duration,
    /// Tell each step while it runs, by the name of its socket call
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    pub(crate) keep: Keep,
    #[command(flatten)]
    pub(crate) reach: Reach,
}

impl Common {
    /// Whether each step is told.
    pub(crate) fn explain(&self) -> Explain {
        if self.explain { Explain::Steps } else { Explain::Quiet }
    }

    /// How what is shown is read; nothing is framed but by the protocol.
    pub(crate) fn messages(&self) -> Messages {
        Messages {
            frame: None,
            encoding: self.encoding,
            eol: None,
            checksum: None,
            until: None,
            read_size: Vec::new(),
            idle_timeout: None,
        }
    }
}

/// `sockeye classic download …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Download {
    /// Serve the files of a folder
    Serve(Box<DownloadServe>),
    /// Fetch a file
    Connect(Box<DownloadConnect>),
}

/// `sockeye classic download serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
A client sends a bare name, the file comes, and the close is its end. What is not there is closed
on at once. Names that lead out of the folder, links too, are refused, and so are pipes and devices.

Examples:
  sockeye classic download serve 127.0.0.1:7890 --root .")]
pub(crate) struct DownloadServe {
    /// The endpoint (127.0.0.1:7890)
    pub(crate) endpoint: Option<String>,
    /// The folder whose files are served, with all that lies below it
    #[arg(long, value_name = "DIR")]
    pub(crate) root: PathBuf,
    #[command(flatten)]
    pub(crate) callers: Callers,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `sockeye classic download connect`.
#[derive(Debug, Args)]
#[command(after_help = "\
The file gets its name once it is whole. One that is there already stays, unless --overwrite.

Examples:
  sockeye classic download connect 127.0.0.1:7890 report.pdf --out Downloads")]
pub(crate) struct DownloadConnect {
    /// The endpoint (127.0.0.1:7890) and the file's name; or the name alone
    #[arg(value_name = "ENDPOINT NAME", required = true, num_args = 1..=2)]
    pub(crate) words: Vec<String>,
    /// The folder that the file is written to
    #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub(crate) out: PathBuf,
    /// The largest file that is taken
    #[arg(long, value_name = "SIZE", default_value = "64GiB", value_parser = size)]
    pub(crate) max_size: u64,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `sockeye classic upload …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Upload {
    /// Take files into a folder
    Serve(Box<UploadServe>),
    /// Send a file
    Connect(Box<UploadConnect>),
}

/// `sockeye classic upload serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
A file gets its name once it is whole, and none that leads out of the folder. One that is there
already stays, unless --replace.

Examples:
  sockeye classic upload serve 127.0.0.1:8090 --root inbox")]
pub(crate) struct UploadServe {
    /// The endpoint (127.0.0.1:8090)
    pub(crate) endpoint: Option<String>,
    /// The folder that files land in
    #[arg(long, value_name = "DIR")]
    pub(crate) root: PathBuf,
    /// Let callers replace files that are there
    #[arg(long)]
    pub(crate) replace: bool,
    /// The largest file that is taken
    #[arg(long, value_name = "SIZE", default_value = "64GiB", value_parser = size)]
    pub(crate) max_size: u64,
    #[command(flatten)]
    pub(crate) callers: Callers,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `sockeye classic upload connect`.
#[derive(Debug, Args)]
#[command(after_help = "\
The server is told the file's bare name, and nothing of the folder that it lies in. The protocol
has no answer: that the server closed in order is all that can be known.

Examples:
  sockeye classic upload connect 127.0.0.1:8090 report.pdf")]
pub(crate) struct UploadConnect {
    /// The endpoint (127.0.0.1:8090) and the file; or the file alone
    #[arg(value_name = "ENDPOINT FILE", required = true, num_args = 1..=2)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `sockeye classic command-ascii …`, `sockeye classic command-struct …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Commanding {
    /// Run the commands of callers
    Serve(Box<CommandServe>),
    /// Have commands run
    Connect(Box<CommandConnect>),
}

/// `sockeye classic command-… serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
A command has no input, ends within --timeout or with its caller, and what it wrote to stderr, if
anything, goes over in place of its stdout. With --encoding, commands and outputs are in it.

Examples:
  sockeye classic command-struct serve 127.0.0.1:8080 --allow ls date")]
pub(crate) struct CommandServe {
    /// The endpoint (command-ascii: 127.0.0.1:8070, command-struct: 127.0.0.1:8080)
    pub(crate) endpoint: Option<String>,
    /// Programs that may be run, by exactly these names; no shell
    #[arg(long, value_name = "PROGRAM", num_args = 1.., required_unless_present = "allow_any")]
    pub(crate) allow: Vec<String>,
    /// Give every command to a shell: whoever can call may do all that you may
    #[arg(long, conflicts_with = "allow")]
    pub(crate) allow_any: bool,
    /// How long a command may take
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub(crate) timeout: Duration,
    /// The most that a command may print
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    pub(crate) max_output: u64,
    /// Let only these addresses in (repeatable)
    #[arg(long, value_name = "CIDR", help_heading = "Callers")]
    pub(crate) allow_from: Vec<Cidr>,
    /// Keep these addresses out (repeatable, goes before --allow-from)
    #[arg(long, value_name = "CIDR", help_heading = "Callers")]
    pub(crate) deny: Vec<Cidr>,
    /// At most so many at once
    #[arg(long, value_name = "N", default_value_t = 64, help_heading = "Callers")]
    pub(crate) max_conns: usize,
    #[command(flatten)]
    pub(crate) common: Common,
}

impl CommandServe {
    /// The door.
    pub(crate) fn access(&self) -> Access {
        Access {
            allow: self.allow_from.clone(),
            allowed_by: "--allow-from",
            deny: self.deny.clone(),
            most: Some(self.max_conns),
        }
    }
}

/// `sockeye classic command-… connect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sockeye classic command-struct connect 127.0.0.1:8080 uname")]
pub(crate) struct CommandConnect {
    /// The endpoint (command-ascii: 127.0.0.1:8070, command-struct: 127.0.0.1:8080)
    pub(crate) endpoint: Option<String>,
    /// One command; without it each line of stdin is one, and `quit` ends
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) command: Vec<String>,
    /// How long the server may take over a command
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration)]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `sockeye classic hmac-chat …`.
#[derive(Debug, Subcommand)]
pub(crate) enum HmacChat {
    /// Be called by those who know the secret
    Serve(Box<HmacServe>),
    /// Call, and prove the secret
    Connect(Box<HmacConnect>),
}

/// The secret and how it is proved.
#[derive(Debug, Args)]
pub(crate) struct Proof {
    /// The file that holds the secret; others must not be able to read it (or: the variable
    /// `SOCKEYE_SECRET`)
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
    /// The digest under the HMAC (md5: the classic)
    #[arg(long, value_enum, default_value = "md5")]
    pub(crate) digest: DigestArg,
}

/// `--digest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DigestArg {
    /// 16 bytes, as the classic
    Md5,
    /// 32 bytes
    Sha256,
}

/// `sockeye classic hmac-chat serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
The client proves that it knows the secret; then it speaks first. A typed line answers the request
that waits longest, `@n TEXT` the one of #n, `q` ends its talk. Nothing that is said is encrypted.

Examples:
  sockeye classic hmac-chat serve 127.0.0.1:8889 --secret-file key --reply echo")]
pub(crate) struct HmacServe {
    /// The endpoint (127.0.0.1:8889)
    pub(crate) endpoint: Option<String>,
    #[command(flatten)]
    pub(crate) proof: Proof,
    /// Answer each message: echo, upper, text:…, hex:…, file:…
    #[arg(long)]
    pub(crate) reply: Option<Reply>,
    #[command(flatten)]
    pub(crate) callers: Callers,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `sockeye classic hmac-chat connect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Each line of stdin is a text, and the next is sent once the answer has come. `q`, and stdin's end,
take leave.

Examples:
  sockeye classic hmac-chat connect 127.0.0.1:8889 --secret-file key")]
pub(crate) struct HmacConnect {
    /// The endpoint (127.0.0.1:8889)
    pub(crate) endpoint: Option<String>,
    #[command(flatten)]
    pub(crate) proof: Proof,
    #[command(flatten)]
    pub(crate) common: Common,
}
