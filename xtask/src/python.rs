//! The Python packages that the tests talk to: a virtual environment of the workspace's own,
//! under `target/python`, with exact versions.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use anyhow::ensure;

/// What is installed there: a WebSocket peer, a Modbus peer, the Autobahn cases, and a client
/// of toxiproxy with what it stands on.
const PACKAGES: [&str; 6] = [
    "websockets==17.4",
    "pymodbus==3.16.1",
    "kosoku==0.1.0",
    "toxiproxy-python==0.1.1",
    "requests==2.34.2",
    "future==1.0.0",
];

/// Fails where the packages are not there, or not of these versions.
pub(crate) fn require(root: &Path) -> anyhow::Result<()> {
    ensure!(
        is_complete(root),
        "Python packages that the tests talk to are missing: {}\n\
         hint: `--install` installs them, `--without-peers` leaves their tests out",
        PACKAGES.join(", ")
    );
    Ok(())
}

/// Makes the environment and installs the packages, unless they are there.
pub(crate) fn install(root: &Path) -> anyhow::Result<()> {
    if is_complete(root) {
        return Ok(());
    }
    let folder = folder(root);
    let venv = ["-m", "venv", "--clear", &text(&folder)?];
    run("python3", &venv).context("hint: on Debian `python3-venv` is a package of its own")?;
    let python = text(&folder.join("bin/python3"))?;
    let mut pip = vec!["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    pip.extend(PACKAGES);
    run(&python, &pip)?;
    fs::write(mark(root), PACKAGES.join("\n")).context("cannot write into `target/python`")
}

/// Written last, so that an installation that was cut is made again.
fn mark(root: &Path) -> PathBuf {
    folder(root).join("packages")
}

fn is_complete(root: &Path) -> bool {
    fs::read_to_string(mark(root)).is_ok_and(|installed| installed == PACKAGES.join("\n"))
}

fn folder(root: &Path) -> PathBuf {
    root.join("target/python")
}

fn text(path: &Path) -> anyhow::Result<String> {
    path.to_str().map(str::to_owned).context("the path of the workspace is not UTF-8")
}

fn run(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    writeln!(std::io::stderr(), "+ {program} {}", arguments.join(" "))?;
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot run `{program}`"))?;
    ensure!(status.success(), "`{program} {}` failed: {status}", arguments.join(" "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_is_complete_once_it_is_marked_with_these_versions() {
        let root = tempfile::tempdir().expect("a temporary folder");
        assert!(!is_complete(root.path()) && require(root.path()).is_err());
        fs::create_dir_all(folder(root.path())).expect("made");
        fs::write(mark(root.path()), "websockets==1.0").expect("written");
        assert!(!is_complete(root.path()));
        fs::write(mark(root.path()), PACKAGES.join("\n")).expect("written");
        assert!(require(root.path()).is_ok());
    }
}
