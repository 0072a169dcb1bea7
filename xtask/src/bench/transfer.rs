//! Transfers: stdin to a connection at one end, a connection to /dev/null at the other, the
//! same tool at both.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::bench::payload;
use crate::bench::process::{Process, serve};
use crate::bench::setting::Setting;
use crate::bench::table::{Bar, Better, Row, Taken, section};
use crate::bench::tools::{Tool, Wire};

/// A transfer that takes longer stands still.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);
/// By how much the bytes that a receiver wrote beside the payload may differ between two runs:
/// handshakes, tickets, alerts. The tail that ncat loses is larger, and its twin finds it.
const HANDSHAKE: u64 = 4096;

/// The limit of a receiver's memory.
const MEMORY: Bar = Bar::AtMost(0, 16.0);

/// Where the sender's stdin comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Pipe,
    File,
}

/// One row's transfers.
struct Transfers<'a> {
    setting: &'a Setting,
    wire: Wire,
    source: Source,
    file: PathBuf,
}

/// What the stdout of who receives is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sink {
    /// /dev/null, as it is timed.
    Null,
    /// A pipe, each byte of which is compared.
    Compared,
}

impl Sink {
    /// What the receiver is given.
    pub(crate) fn stdout(self) -> Stdio {
        match self {
            Self::Null => Stdio::null(),
            Self::Compared => Stdio::piped(),
        }
    }

    /// Begins to compare, where that is asked for.
    pub(crate) fn check(self, from: &mut Process, bytes: u64) -> anyhow::Result<Compared> {
        Ok(match self {
            Self::Null => None,
            Self::Compared => Some(payload::check(from.stdout()?, bytes)),
        })
    }
}

/// A comparison that goes on.
type Compared = Option<JoinHandle<anyhow::Result<()>>>;

/// Waits for the comparison, if there is one.
pub(crate) fn found_whole(compared: Compared) -> anyhow::Result<()> {
    compared.map_or(Ok(()), |compared| {
        compared.join().map_err(|_| anyhow::anyhow!("the comparer panicked"))?
    })
}

/// A transfer that has come to its end.
struct Done {
    /// From the sender's start to the receiver's end.
    took: Duration,
    /// The receiver's count.
    count: u64,
    /// The receiver's memory, in MiB.
    peak: f64,
}

/// The section.
pub(crate) fn figures(setting: &Setting, page: &mut String) -> anyhow::Result<()> {
    let file = setting.file("payload");
    payload::store(&file, setting.bytes())?;
    certificate(setting)?;
    let transfers = |wire, source| Transfers { setting, wire, source, file: file.clone() };
    let rate = ("GB/s", Better::More);
    let mut rows = Vec::new();
    let plain = [Tool::Sockeye, Tool::Nc, Tool::Ncat, Tool::Socat, Tool::Copy];
    let works: [(_, _, _, &[Tool], &[Bar]); 4] = [
        ("pipe to TCP", Wire::Tcp, Source::Pipe, &plain, &[Bar::Peers(1.0), MEMORY]),
        (
            "file to TCP",
            Wire::Tcp,
            Source::File,
            &[Tool::Sockeye, Tool::Nc, Tool::Ncat, Tool::Socat, Tool::Splice],
            &[Bar::Peers(2.0), Bar::Named("C", 0.85), MEMORY],
        ),
        ("file to Unix", Wire::Unix, Source::File, &plain, &[Bar::Peers(2.0), MEMORY]),
        (
            "pipe to TLS",
            Wire::Tls,
            Source::Pipe,
            &[Tool::Sockeye, Tool::Ncat, Tool::Socat],
            &[Bar::Peers(1.25), MEMORY],
        ),
    ];
    for (title, wire, source, tools, bars) in works {
        let mut row = Row::of(title, rate, &["receiver's peak MiB"], bars);
        for tool in tools {
            let of = transfers(wire, source);
            row.enters(setting, tool.entry(), move || of.timed(*tool));
        }
        rows.push(row);
    }
    section(setting, rows, page)?;
    std::fs::remove_file(file)?;
    Ok(())
}

impl Transfers<'_> {
    /// A transfer that is timed, and its twin, whose every byte is compared.
    fn timed(&self, tool: Tool) -> anyhow::Result<Taken> {
        let bytes = self.setting.bytes();
        let overhead = match (self.wire, tool.counts_itself()) {
            (Wire::Tls, false) => self.once(tool, Sink::Null, 0)?.count,
            _ => 0,
        };
        let Done { took, count, peak } = self.once(tool, Sink::Null, bytes)?;
        let came = count.saturating_sub(overhead);
        let tolerance = if overhead > 0 { HANDSHAKE } else { 0 };
        ensure!(came.abs_diff(bytes) <= tolerance, "{came} of {bytes} bytes came");
        self.once(tool, Sink::Compared, bytes).context("compared")?;
        Ok(Taken { value: rate(bytes, took), besides: vec![peak] })
    }

    /// One transfer, and what came of it.
    fn once(&self, tool: Tool, sink: Sink, bytes: u64) -> anyhow::Result<Done> {
        let (mut receiver, place) = serve(
            &self.setting.file("receiver"),
            || self.wire.place(self.setting),
            |place| {
                let mut command = tool.receiver(self.setting, self.wire, place);
                command.stdin(Stdio::null()).stdout(sink.stdout());
                Ok(command)
            },
        )?;
        let compared = sink.check(&mut receiver, bytes)?;
        let command = tool.sender(self.setting, self.wire, &place);
        let started = Instant::now();
        let (mut sender, fed) = self.send(command, bytes)?;
        let ended = receiver.ended_well(PATIENCE)?;
        sender.ended_well(PATIENCE)?;
        if let Some(fed) = fed {
            fed.join().map_err(|_| anyhow::anyhow!("the writer panicked"))??;
        }
        found_whole(compared)?;
        Ok(Done { took: ended.at - started, count: tool.count(&ended)?, peak: ended.peak })
    }

    fn send(&self, mut command: Command, bytes: u64) -> anyhow::Result<(Process, Option<Fed>)> {
        let piped = self.source == Source::Pipe;
        let stdin = match self.source {
            Source::Pipe => Stdio::piped(),
            Source::File => Stdio::from(File::open(&self.file)?),
        };
        command.stdin(stdin).stdout(Stdio::null());
        let mut sender = Process::start(&mut command, self.setting.file("sender"))?;
        let fed = if piped { Some(payload::feed(sender.stdin()?, bytes)) } else { None };
        Ok((sender, fed))
    }
}

type Fed = JoinHandle<std::io::Result<()>>;

/// In GB/s.
pub(crate) fn rate(bytes: u64, took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52 bytes")]
    let bytes = bytes as f64;
    bytes / took.as_secs_f64() / 1e9
}

/// One certificate for all, as each has it by an option.
fn certificate(setting: &Setting) -> anyhow::Result<()> {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    openssl.args(["-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout"]);
    openssl.arg(setting.file("key.pem")).arg("-out").arg(setting.file("cert.pem"));
    let output = openssl.output().context("cannot run `openssl`")?;
    if !output.status.success() {
        bail!("no certificate: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
