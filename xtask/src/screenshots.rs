//! The pictures of `docs/images`: taken of the real page at the real binary, by the harness of
//! the browser tests. What is on them is written there.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, bail};

use crate::node;
use crate::peers;

/// What takes them.
const SCRIPT: &str = "crates/sockeye/tests/browser/screenshots.js";

/// Builds the binary and takes the pictures.
pub(crate) fn run(root: &Path) -> anyhow::Result<ExitCode> {
    peers::require()?;
    node::require(root)?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--package", "sockeye"]).current_dir(root);
    if !cargo.status()?.success() {
        bail!("the build failed");
    }
    let mut script = Command::new("node");
    script.args(["--test", SCRIPT]).current_dir(root).stdin(Stdio::null());
    let status = script
        .env("SOCKEYE", root.join("target/debug/sockeye"))
        .status()
        .context("cannot run `node`")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
