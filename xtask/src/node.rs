//! The Node packages that the tests talk to: installed under `target/node`, by the versions
//! and the hashes of the lock file that lies with the tests.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use anyhow::ensure;

/// Where it is written what is wanted.
const WANTED: &str = "crates/sockeye/tests/node";

/// What npm reads there.
const FILES: [&str; 2] = ["package.json", LOCK];
const LOCK: &str = "package-lock.json";

/// Fails where the packages are not there, or not of these versions.
pub(crate) fn require(root: &Path) -> anyhow::Result<()> {
    ensure!(
        is_complete(root),
        "Node packages that the tests talk to are missing: those of `{WANTED}/{LOCK}`\n\
         hint: `--install` installs them, `--without-peers` leaves their tests out"
    );
    Ok(())
}

/// Installs the packages, unless they are there. Scripts of theirs are not run.
pub(crate) fn install(root: &Path) -> anyhow::Result<()> {
    if is_complete(root) {
        return Ok(());
    }
    let folder = folder(root);
    fs::create_dir_all(&folder).context("cannot make `target/node`")?;
    for file in FILES {
        let from = root.join(WANTED).join(file);
        fs::copy(&from, folder.join(file))
            .with_context(|| format!("cannot copy `{}`", from.display()))?;
    }
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    writeln!(std::io::stderr(), "+ npm {}", arguments.join(" "))?;
    let status = Command::new("npm")
        .args(arguments)
        .current_dir(&folder)
        .stdin(Stdio::null())
        .status()
        .context("cannot run `npm`")?;
    ensure!(status.success(), "`npm ci` failed: {status}");
    fs::copy(root.join(WANTED).join(LOCK), mark(root)).context("cannot write `target/node`")?;
    Ok(())
}

/// Written last, so that an installation that was cut is made again.
fn mark(root: &Path) -> PathBuf {
    folder(root).join("installed")
}

fn is_complete(root: &Path) -> bool {
    let wanted = fs::read(root.join(WANTED).join(LOCK)).ok();
    wanted.is_some() && fs::read(mark(root)).ok() == wanted
}

fn folder(root: &Path) -> PathBuf {
    root.join("target/node")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_is_complete_once_it_is_marked_with_this_lock_file() {
        let root = tempfile::tempdir().expect("a temporary folder");
        assert!(!is_complete(root.path()), "nothing is wanted, and nothing there");
        fs::create_dir_all(folder(root.path())).expect("made");
        fs::create_dir_all(root.path().join(WANTED)).expect("made");
        fs::write(root.path().join(WANTED).join(LOCK), "new").expect("written");
        assert!(require(root.path()).is_err());
        fs::write(mark(root.path()), "old").expect("written");
        assert!(!is_complete(root.path()));
        fs::write(mark(root.path()), "new").expect("written");
        assert!(require(root.path()).is_ok());
    }
}
