//! What every section of a run shares: the programs, how much, how often, and where.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tempfile::TempDir;

/// The limits that are programs in C, each a file of `xtask/limits`.
const LIMITS: [&str; 7] = ["copy", "splice", "relay", "echo", "udp_echo", "udp_send", "udp_count"];

/// How much is done, and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Rounds of each row.
    pub(crate) rounds: usize,
    /// MiB of each transfer.
    pub(crate) mib: u64,
    /// Seconds of each load.
    pub(crate) seconds: u64,
}

/// What a run works with.
#[derive(Debug)]
pub(crate) struct Setting {
    /// The root of the workspace.
    pub(crate) root: PathBuf,
    /// Our own binary.
    pub(crate) ours: PathBuf,
    /// How much and how often.
    pub(crate) sizes: Sizes,
    /// A folder of this run alone, on tmpfs where there is one.
    scratch: TempDir,
    /// Whether the limits could be compiled.
    compiled: bool,
}

impl Setting {
    /// Compiles the limits, if there is a compiler, and allows as many open files as may be.
    pub(crate) fn of(root: &Path, ours: PathBuf, sizes: Sizes) -> anyhow::Result<Self> {
        let memory = Path::new("/dev/shm");
        let scratch = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
        let scratch = scratch.context("cannot make a folder for this run")?;
        // A thousand clients, and as many children, are more than a shell often allows.
        let files = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: files.maximum, maximum: files.maximum })?;
        let compiled = is_here("cc");
        if compiled {
            compile(root)?;
        }
        Ok(Self { root: root.into(), ours, sizes, scratch, compiled })
    }

    /// Bytes of each transfer.
    pub(crate) fn bytes(&self) -> u64 {
        self.sizes.mib * 1024 * 1024
    }

    /// The path of a file of this run alone.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Our own binary, to be run.
    pub(crate) fn sockeye(&self) -> Command {
        Command::new(&self.ours)
    }

    /// A program of `xtask/limits`, to be run.
    pub(crate) fn limit(&self, name: &str) -> Command {
        Command::new(folder(&self.root).join(name))
    }

    /// Whether what a contender is run by is on this machine.
    pub(crate) fn has(&self, program: &str) -> bool {
        if LIMITS.contains(&program) { self.compiled } else { is_here(program) }
    }
}

fn folder(root: &Path) -> PathBuf {
    root.join("target/limits")
}

fn compile(root: &Path) -> anyhow::Result<()> {
    let folder = folder(root);
    std::fs::create_dir_all(&folder).context("cannot make `target/limits`")?;
    for name in LIMITS {
        let mut compiler = Command::new("cc");
        compiler.args(["-O2", "-Wall", "-Wextra", "-Werror", "-o"]).arg(folder.join(name));
        compiler.arg(root.join("xtask/limits").join(name).with_extension("c"));
        if !compiler.status().context("cannot run `cc`")?.success() {
            bail!("`xtask/limits/{name}.c` does not compile");
        }
    }
    Ok(())
}

/// Whether a folder of `PATH`, or one of the system's, holds this program.
pub(crate) fn is_here(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.into_iter().any(|folder| folder.join(program).is_file())
}
