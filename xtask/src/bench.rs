//! Figures that anyone can take again: ours and the peers' side by side, alternating, in
//! one run. Never a test: these machines are shared, and only ratios mean anything.

mod spread;
mod setting;
mod versions;
mod page;
mod process;
mod payload;
mod table;
mod tools;
mod starts;
mod idle;
mod transfer;
mod load;
mod relays;
mod relay;
mod echo;
mod udp;
mod tape;
mod workbench;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use crate::bench::setting::{Setting, Sizes};
use crate::out;
use crate::peers;

/// What can be taken alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Section {
    /// From start to end of `--version`
    Starts,
    /// stdin to a connection to /dev/null, over TCP, Unix and TLS
    Pipes,
    /// A relay from TCP to TCP: throughput, short connections, round trips
    Relay,
    /// Echo servers with 64 and with 1,000 clients
    Echo,
    /// Datagrams, echoed and one way
    Udp,
    /// A bulk stream recorded
    Tape,
    /// The memory of idle clients
    Idle,
    /// The workbench in a real browser
    Workbench,
}

impl Section {
    fn title(self) -> &'static str {
        match self {
            Self::Starts => "Starts",
            Self::Pipes => "Pipes and files",
            Self::Relay => "Relays",
            Self::Echo => "Echo servers",
            Self::Udp => "Datagrams",
            Self::Tape => "The tape",
            Self::Idle => "Idle clients",
            Self::Workbench => "Workbench",
        }
    }

    fn take(self, setting: &Setting, page: &mut String) -> anyhow::Result<()> {
        match self {
            Self::Starts => starts::figures(setting, page),
            Self::Pipes => transfer::figures(setting, page),
            Self::Relay => relay::figures(setting, page),
            Self::Echo => echo::figures(setting, page),
            Self::Udp => udp::figures(setting, page),
            Self::Tape => tape::figures(setting, page),
            Self::Idle => idle::clients(&setting.ours, page),
            Self::Workbench => workbench::figures(&setting.ours, &setting.root, page),
        }
    }
}

/// `cargo xtask bench`.
#[derive(Debug, Args)]
pub(crate) struct Asked {
    /// Take these alone; without one: all
    sections: Vec<Section>,
    /// How often each program of a row is run
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
    /// The size of each transfer, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(1..))]
    mib: u32,
    /// How long each load is, in seconds
    #[arg(long, value_name = "S", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..))]
    seconds: u8,
    /// Take this as ours instead of building it: an older build, to compare
    #[arg(long, value_name = "FILE", conflicts_with = "write")]
    binary: Option<PathBuf>,
    /// Install the peers that only this needs with apt-get, as root, where they are missing
    #[arg(long)]
    install: bool,
    /// Write what was taken into docs/BENCHMARKS.md as well
    #[arg(long)]
    write: bool,
}

/// Builds the release binary, takes the figures, prints the tables.
pub(crate) fn run(asked: &Asked, root: &Path) -> anyhow::Result<ExitCode> {
    if asked.install {
        peers::install_for_figures()?;
    }
    let all = Section::value_variants();
    let wanted = if asked.sections.is_empty() { all } else { &asked.sections };
    let sizes =
        Sizes { rounds: asked.rounds.into(), mib: asked.mib.into(), seconds: asked.seconds.into() };
    let ours = match &asked.binary {
        Some(file) => file.canonicalize().with_context(|| format!("no `{}`", file.display()))?,
        None => built(root)?,
    };
    let setting = Setting::of(root, ours, sizes)?;
    let mut taken = Vec::new();
    let mut worst = ExitCode::SUCCESS;
    for section in all.iter().filter(|section| wanted.contains(section)) {
        let mut text = heading(&setting)?;
        match section.take(&setting, &mut text) {
            Ok(()) => taken.push((section.title().to_owned(), text)),
            Err(error) => {
                out::note(&format!("error: {}: {error:#}", section.title()));
                worst = ExitCode::FAILURE;
            }
        }
    }
    out::print(&page::text(&taken));
    if asked.write {
        let order: Vec<_> = all.iter().map(|section| section.title()).collect();
        page::write(&root.join("docs/BENCHMARKS.md"), &order, taken)?;
    }
    Ok(worst)
}

fn built(root: &Path) -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--locked", "--package", "sockeye"]).current_dir(root);
    if !cargo.status()?.success() {
        bail!("the release build failed");
    }
    Ok(root.join("target/release/sockeye"))
}

/// When, where and how a section was taken.
fn heading(setting: &Setting) -> anyhow::Result<String> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name\t: ")).unwrap_or("?");
    let cores = std::thread::available_parallelism()?;
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut text = String::new();
    writeln!(
        text,
        "Taken on {}: {cores} cores ({model}), Linux {}; rounds: {}, transfers of {} MiB, loads of \
         {} s. Ours: {}. Peers: {}.",
        jiff::Zoned::now().date(),
        kernel.trim().split('-').next().unwrap_or_default(),
        setting.sizes.rounds,
        setting.sizes.mib,
        setting.sizes.seconds,
        versions::ours(setting),
        versions::all(),
    )?;
    Ok(text)
}
