//! Figures that anyone can take again: ours and the peers' side by side, alternating, in
//! one run. Never a test: these machines are shared, and only ratios mean anything.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;

use crate::idle;
use crate::out;
use crate::workbench;

/// How often each program is started.
const STARTS: usize = 100;

/// `cargo xtask bench`.
#[derive(Debug, Args)]
pub(crate) struct Asked {
    /// Write the table to docs/BENCHMARKS.md as well
    #[arg(long)]
    write: bool,
}

/// Builds the release binary, takes the figures, prints the table.
pub(crate) fn run(asked: &Asked, root: &Path) -> anyhow::Result<ExitCode> {
    let ours = built(root)?;
    let mut page = heading()?;
    starts(&ours, &mut page)?;
    idle::clients(&ours, &mut page)?;
    workbench::figures(&ours, root, &mut page)?;
    out::print(&page);
    if asked.write {
        std::fs::write(root.join("docs/BENCHMARKS.md"), &page)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn built(root: &Path) -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--locked", "--package", "sockeye"]).current_dir(root);
    if !cargo.status()?.success() {
        bail!("the release build failed");
    }
    Ok(root.join("target/release/sockeye"))
}

fn heading() -> anyhow::Result<String> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name\t: ")).unwrap_or("?");
    let cores = std::thread::available_parallelism()?;
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Ok(format!(
        "# Figures\n\nTaken by `cargo xtask bench --write` on {}: {cores} cores ({model}), Linux {}. \
         The machine is shared and noisy: only ratios taken in one run mean anything.\n",
        jiff::Zoned::now().date(),
        kernel.trim().split('-').next().unwrap_or_default(),
    ))
}

/// From start to end of `--version`, ours and the peers' in turns.
fn starts(ours: &Path, page: &mut String) -> anyhow::Result<()> {
    let ours = ours.to_str().context("the path of the checkout is not UTF-8")?;
    let programs =
        [("sockeye", ours, "--version"), ("ncat", "ncat", "--version"), ("nc", "nc.openbsd", "-h")];
    let mut taken: Vec<Vec<Duration>> = vec![Vec::new(); programs.len()];
    for _ in 0..STARTS {
        for ((_, program, flag), times) in programs.iter().zip(&mut taken) {
            let started = Instant::now();
            let mut command = Command::new(program);
            command.arg(flag).stdout(Stdio::null()).stderr(Stdio::null());
            command.status().with_context(|| format!("`{program}` is missing"))?;
            times.push(started.elapsed());
        }
    }
    let rows: Vec<Spread> = taken.into_iter().map(Spread::of).collect();
    let base = rows.get(1).map_or(Duration::ZERO, |ncat| ncat.median);
    writeln!(page, "\n## Start to end of `--version` ({STARTS} times each, in turns)\n")?;
    writeln!(
        page,
        "| program | min | median | max | median against ncat |\n|---|---|---|---|---|"
    )?;
    for ((name, program, flag), row) in programs.iter().zip(&rows) {
        let version = if *name == "sockeye" { String::new() } else { version(program) };
        let ratio = row.median.as_secs_f64() / base.as_secs_f64();
        writeln!(
            page,
            "| {name} `{flag}` {version} | {:.2} ms | {:.2} ms | {:.2} ms | {ratio:.2} |",
            millis(row.least),
            millis(row.median),
            millis(row.most)
        )?;
    }
    Ok(())
}

/// The version that Debian's package has, if it is one of Debian's.
fn version(program: &str) -> String {
    let package = if program == "nc.openbsd" { "netcat-openbsd" } else { program };
    let query = Command::new("dpkg-query").args(["-W", "-f", "${Version}", package]).output();
    query.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

/// The least, the middle and the most of some times.
struct Spread {
    least: Duration,
    median: Duration,
    most: Duration,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |index: usize| times.get(index).copied().unwrap_or_default();
        Self { least: at(0), median: at(times.len() / 2), most: at(times.len().saturating_sub(1)) }
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
