//! The section of the tape: a bulk stream recorded, on tmpfs.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::ensure;

use crate::bench::payload;
use crate::bench::process::{Place, Process, serve};
use crate::bench::setting::Setting;
use crate::bench::table::{Bar, Better, Kind, Row, Taken, section};
use crate::bench::transfer::{PATIENCE, found_whole, rate};

/// What the tape must take in any case, in GB/s.
const LEAST: f64 = 0.15;

/// The section.
pub(crate) fn figures(setting: &Setting, page: &mut String) -> anyhow::Result<()> {
    let file = setting.file("payload");
    payload::store(&file, setting.bytes())?;
    let bars = [Bar::Named("base64", 0.8), Bar::Figure(LEAST)];
    let mut row = Row::of("tape, bulk", ("GB/s", Better::More), &[], &bars);
    row.enters(setting, ("sockeye --tape", Kind::Ours, ""), || recorded(setting));
    row.enters(setting, ("base64 -w0", Kind::Peer, "base64"), || encoded(setting, &file));
    section(setting, vec![row], page)?;
    std::fs::remove_file(&file)?;
    Ok(())
}

/// From the source's start to the receiver's end; after it, all that the tape says came in is
/// compared.
fn recorded(setting: &Setting) -> anyhow::Result<Taken> {
    let (bytes, tape) = (setting.bytes(), setting.file("tape"));
    let _left = std::fs::remove_file(&tape);
    let (mut receiver, place) = serve(&setting.file("receiver"), Place::tcp, |place| {
        let mut command = setting.sockeye();
        command.args(["listen", &format!("tcp://127.0.0.1:{}", place.text()), "--tape"]);
        command.arg(&tape).stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command)
    })?;
    let mut source = setting.limit("copy");
    source.args(["make", &place.text(), &bytes.to_string()]);
    let started = Instant::now();
    let mut source = Process::start(&mut source, setting.file("source"))?;
    let ended = receiver.ended_well(PATIENCE)?;
    source.ended_well(PATIENCE)?;
    let mut reader = Command::new("python3");
    reader.arg(setting.root.join("xtask/limits/untape.py")).arg(&tape).stdout(Stdio::piped());
    let mut reader = Process::start(&mut reader, setting.file("reader"))?;
    let compared = payload::check(reader.stdout()?, bytes);
    found_whole(Some(compared))?;
    reader.ended_well(PATIENCE)?;
    std::fs::remove_file(&tape)?;
    Ok(Taken { value: rate(bytes, ended.at - started), besides: Vec::new() })
}

/// The same bytes by the encoder of the system, from a file to a file beside the tape.
fn encoded(setting: &Setting, payload: &Path) -> anyhow::Result<Taken> {
    let (bytes, to) = (setting.bytes(), setting.file("encoded"));
    let mut command = Command::new("base64");
    command.arg("-w0").stdin(File::open(payload)?).stdout(File::create(&to)?);
    let started = Instant::now();
    let mut encoder = Process::start(&mut command, setting.file("encoder"))?;
    let ended = encoder.ended_well(PATIENCE)?;
    let length = std::fs::metadata(&to)?.len();
    ensure!(length == bytes.div_ceil(3) * 4, "base64 wrote {length} bytes for {bytes}");
    std::fs::remove_file(&to)?;
    Ok(Taken { value: rate(bytes, ended.at - started), besides: Vec::new() })
}
