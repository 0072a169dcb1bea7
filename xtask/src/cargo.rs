//! Cargo as the chores call it: in the workspace's root, its test output passed through
//! while it is counted. Which tests are asked for is the caller's business.

use std::ffi::OsString;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;

use anyhow::Context as _;
use anyhow::ensure;

use crate::tally::Tally;

/// What one run of `cargo test` came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) tally: Tally,
    pub(crate) status: ExitStatus,
}

/// Runs cargo with its output passed through, and sums up what the test binaries say.
pub(crate) fn test(root: &Path, arguments: &[&str]) -> anyhow::Result<Outcome> {
    writeln!(std::io::stderr(), "+ cargo {}", arguments.join(" "))?;
    let mut child = command(root)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run `cargo`")?;
    let output = child.stdout.take().context("`cargo` has no standard output")?;
    let tally = pass_through(output, &mut std::io::stdout().lock())?;
    let status = child.wait().context("cannot wait for `cargo`")?;
    Ok(Outcome { tally, status })
}

/// Runs cargo and gives out what it printed; an error where it failed.
pub(crate) fn output(root: &Path, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
    let output = command(root)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run `cargo`")?;
    ensure!(output.status.success(), "`cargo {}` failed: {}", arguments.join(" "), output.status);
    Ok(output.stdout)
}

fn command(root: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(root).stdin(Stdio::null());
    command
}

/// Line by line, so that a test that hangs is seen while it does.
fn pass_through(from: impl Read, to: &mut impl Write) -> anyhow::Result<Tally> {
    let mut from = BufReader::new(from);
    let mut tally = Tally::default();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).context("cannot read what `cargo` prints")? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        if let Some(more) = Tally::read(&String::from_utf8_lossy(&line)) {
            tally += more;
        }
        line.clear();
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_every_byte_through_and_sums_all_binaries() {
        let printed = b"running 2 tests\n\xff\xfe\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\
            test result: FAILED. 1 passed; 1 failed; 5 ignored; 0 measured; 0 filtered out";
        let mut shown = Vec::new();
        let tally = pass_through(printed.as_slice(), &mut shown).expect("memory alone");
        assert_eq!(shown, printed);
        assert_eq!(tally, Tally { passed: 3, failed: 1, skipped: 5 });
    }
}
