//! The command line as written: what can be typed, and its help.

pub(crate) mod values;
pub(crate) mod shared;
pub(crate) mod talk;
pub(crate) mod see;
pub(crate) mod papers;
pub(crate) mod learn;
pub(crate) mod ports;
pub(crate) mod capture;
pub(crate) mod replay;
pub(crate) mod shake;
pub(crate) mod detect;
pub(crate) mod bench;
pub(crate) mod classic_protocols;
pub(crate) mod classic;
pub(crate) mod workbench;
mod habits;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::printer;

/// A workbench for sockets: open any endpoint, see every byte and every message
/// boundary.
#[derive(Debug, Parser)]
#[command(
    name = "sockeye",
    version,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "\
Endpoints: host:port, port, tcp://h:p, udp://h:p, unix:/path, unix:@name, unixgram:/path,
tls://h:p, ws://h/path, wss://h/path, serial:/dev/ttyUSB0, exec:CMD, file:PATH,
- (stdin and stdout), fd:3 (passed by systemd). Options follow as ?name=value&name.

Examples:
  sockeye demo
  sockeye listen 8888 --reply echo
  echo hello | sockeye connect 127.0.0.1:8888
  sockeye relay 8080 example.org:80 --view both

Exit: 0 ok, 1 failed, 2 usage, 3 refused by policy or trust, 130 SIGINT, 143 SIGTERM."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, in the order of their groups: talk, see, break, learn.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Open an endpoint and talk (talk)
    Connect(Box<talk::Connect>),
    /// Be called, by many (talk)
    #[command(short_flag = 'l')]
    Listen(Box<talk::Listen>),
    /// One shot, and the answer (talk)
    Send(Box<talk::Send>),
    /// Listen on A, open B for each client (talk)
    Relay(Box<talk::Relay>),
    /// One side of a recorded tape again (see)
    Replay(Box<replay::Replay>),
    /// Look at a recorded tape (see)
    #[command(subcommand)]
    Tape(see::Tape),
    /// Which framing, which encoding, which checksum (see)
    Detect(Box<detect::Detect>),
    /// What really crossed the wire (see)
    Capture(Box<capture::Capture>),
    /// The serial ports of this machine (see)
    Ports(ports::Ports),
    /// Find the smallest cut that breaks a server, or a client (break)
    Shake(Box<shake::Shake>),
    /// How fast it is: throughput, round trips, connections (see)
    #[command(subcommand)]
    Bench(bench::Bench),
    /// The workbench in the browser (see)
    Workbench(workbench::Workbench),
    /// What this is for, in 20 seconds, alone, in one terminal (learn)
    Demo(see::Demo),
    /// What an address is; alone: this machine's own (learn)
    Addr(learn::Addr),
    /// What a port is, and who listens there (learn)
    Port(learn::Port),
    /// Every address of a name, and where it came from (learn)
    Resolve(learn::Resolve),
    /// The classic programs of the socket courses, both sides (learn)
    #[command(subcommand)]
    Classic(classic::Classic),
    /// Print the completions of a shell
    Completions(papers::Completions),
    /// Print a manual page, or write them all
    Man(papers::Man),
}

/// The declaration of the whole command line.
pub(crate) fn declared() -> clap::Command {
    Args::command()
}

/// The command line, or the exit code once help or a usage error has been shown.
pub(crate) fn parse() -> Result<Args, ExitCode> {
    Args::try_parse().map_err(|error| {
        let text = error.render().to_string();
        if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
            printer::out(&text);
            return ExitCode::SUCCESS;
        }
        let text = text.replacen("error:", "error[E-usage]:", 1);
        let words: Vec<String> =
            std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
        if let (Some(hint), Some(first)) = (habits::hint(&error, &words), text.lines().next()) {
            printer::say(&sockeye_text::safe::shown(&format!("{first}\nhint: {hint}")));
            return ExitCode::from(2);
        }
        let text = text.replace("For more information, try '--help'.", "hint: try '--help'");
        printer::say(&sockeye_text::safe::shown(text.trim_end()));
        ExitCode::from(2)
    })
}
