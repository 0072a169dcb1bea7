//! Transfers: stdin to a connection at one end, a connection to /dev/null at the other, the
//! same tool at both.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::bench::payload;
use crate::bench::process::{Process, serve};
use crate::bench::setting::Setting;
use crate::bench::table::{Bar, Better, Row, Taken, section};
use crate::bench::tools::{Tool, Wire};

/// A transfer that takes longer stands still.
const PATIENCE: Duration = Duration::from_mins(2);
/// By how much the bytes that a receiver wrote may differ between two handshakes.
const HANDSHAKE: u64 = 64;

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

/// What the receiver's stdout is.
enum Sink {
    /// /dev/null, as it is timed.
    Null,
    /// A pipe, each byte of which is compared.
    Compared,
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
        ("pipe to TCP", Wire::Tcp, Source::Pipe, &plain, &[Bar::Peers(1.0)]),
        (
            "file to TCP",
            Wire::Tcp,
            Source::File,
            &[Tool::Sockeye, Tool::Nc, Tool::Ncat, Tool::Socat, Tool::Splice],
            &[Bar::Peers(2.0), Bar::Named("C", 0.85)],
        ),
        ("file to Unix", Wire::Unix, Source::File, &plain, &[Bar::Peers(2.0)]),
        (
            "pipe to TLS",
            Wire::Tls,
            Source::Pipe,
            &[Tool::Sockeye, Tool::Ncat, Tool::Socat],
            &[Bar::Peers(1.25)],
        ),
    ];
    for (title, wire, source, tools, bars) in works {
        let mut row = Row::of(title, rate, &[], bars);
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
            (Wire::Tls, false) => self.once(tool, &Sink::Null, 0)?.1,
            _ => 0,
        };
        let (took, count) = self.once(tool, &Sink::Null, bytes)?;
        let came = count.saturating_sub(overhead);
        let tolerance = if overhead > 0 { HANDSHAKE } else { 0 };
        ensure!(came.abs_diff(bytes) <= tolerance, "{came} of {bytes} bytes came");
        self.once(tool, &Sink::Compared, bytes).context("compared")?;
        Ok(Taken { value: rate(bytes, took), besides: Vec::new() })
    }

    /// From the sender's start to the receiver's end, and the receiver's count.
    fn once(&self, tool: Tool, sink: &Sink, bytes: u64) -> anyhow::Result<(Duration, u64)> {
        let (mut receiver, place) = serve(
            &self.setting.file("receiver"),
            || self.wire.place(self.setting),
            |place| {
                let mut command = tool.receiver(self.setting, self.wire, place);
                let out = match sink {
                    Sink::Null => Stdio::null(),
                    Sink::Compared => Stdio::piped(),
                };
                command.stdin(Stdio::null()).stdout(out);
                Ok(command)
            },
        )?;
        let compared = match sink {
            Sink::Null => None,
            Sink::Compared => Some(payload::check(receiver.stdout()?, bytes)),
        };
        let command = tool.sender(self.setting, self.wire, &place);
        let started = Instant::now();
        let (mut sender, fed) = self.send(command, bytes)?;
        let ended = receiver.ended_well(PATIENCE)?;
        sender.ended_well(PATIENCE)?;
        if let Some(fed) = fed {
            fed.join().map_err(|_| anyhow::anyhow!("the writer panicked"))??;
        }
        if let Some(compared) = compared {
            compared.join().map_err(|_| anyhow::anyhow!("the comparer panicked"))??;
        }
        Ok((ended.at - started, tool.count(&ended)?))
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

type Fed = std::thread::JoinHandle<std::io::Result<()>>;

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
