//! The programs that the tests talk to: which are needed, which are missing, and how
//! they are installed on Debian. Does not run them.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use anyhow::Context as _;
use anyhow::ensure;

/// A program, and the Debian package that brings it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Peer {
    program: &'static str,
    package: &'static str,
}

const PEERS: [Peer; 21] = [
    Peer { program: "ncat", package: "ncat" },
    Peer { program: "nc.openbsd", package: "netcat-openbsd" },
    Peer { program: "socat", package: "socat" },
    Peer { program: "openssl", package: "openssl" },
    Peer { program: "python3", package: "python3" },
    Peer { program: "tshark", package: "tshark" },
    Peer { program: "dumpcap", package: "wireshark-common" },
    Peer { program: "setpriv", package: "util-linux" },
    Peer { program: "ip", package: "iproute2" },
    Peer { program: "curl", package: "curl" },
    Peer { program: "node", package: "nodejs" },
    Peer { program: "npm", package: "npm" },
    Peer { program: "chromium", package: "chromium" },
    Peer { program: "tmux", package: "tmux" },
    Peer { program: "groff", package: "groff-base" },
    Peer { program: "systemd-analyze", package: "systemd" },
    Peer { program: "systemd-socket-activate", package: "systemd" },
    Peer { program: "redis-server", package: "redis-server" },
    Peer { program: "redis-cli", package: "redis-tools" },
    Peer { program: "mosquitto", package: "mosquitto" },
    Peer { program: "mosquitto_sub", package: "mosquitto-clients" },
];

/// Fails, naming program and package, where a peer is not on this machine.
pub(crate) fn require() -> anyhow::Result<()> {
    let missing = missing(&search_path(), &PEERS);
    ensure!(
        missing.is_empty(),
        "{}\nhint: `--install` installs them, `--without-peers` leaves their tests out",
        complaint(&missing)
    );
    Ok(())
}

/// What only the figures are held against: no test needs these.
const RIVALS: [Peer; 2] = [
    Peer { program: "nginx", package: "libnginx-mod-stream" },
    Peer { program: "iperf3", package: "iperf3" },
];

/// Installs what is missing with apt-get; calls nothing where nothing is.
pub(crate) fn install() -> anyhow::Result<()> {
    bring(&PEERS)
}

/// The same of what the figures are held against, with those peers of the tests that they
/// are held against too.
pub(crate) fn install_for_figures() -> anyhow::Result<()> {
    let shared = ["ncat", "nc.openbsd", "socat", "openssl", "python3", "redis-server"];
    let tested = PEERS.into_iter().filter(|peer| shared.contains(&peer.program));
    bring(&tested.chain(RIVALS).collect::<Vec<_>>())
}

fn bring(peers: &[Peer]) -> anyhow::Result<()> {
    let wanted = missing(&search_path(), peers);
    if wanted.is_empty() {
        return Ok(());
    }
    let named = complaint(&wanted);
    ensure!(
        holds(&search_path(), "apt-get"),
        "{named}\nhint: there is no `apt-get` here: install them by this machine's own means"
    );
    ensure!(
        rustix::process::geteuid().is_root(),
        "{named}\nhint: only root can install them, and this is not root"
    );
    apt_get(&["update", "--quiet"])?;
    let mut arguments = vec!["install", "--quiet", "--yes", "--no-install-recommends"];
    arguments.extend(wanted.iter().map(|peer| peer.package));
    apt_get(&arguments)?;
    let still = missing(&search_path(), peers);
    ensure!(still.is_empty(), "`apt-get` ended well, and still {}", complaint(&still));
    Ok(())
}

fn apt_get(arguments: &[&str]) -> anyhow::Result<()> {
    writeln!(std::io::stderr(), "+ apt-get {}", arguments.join(" "))?;
    let status = Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()
        .context("cannot run `apt-get`")?;
    ensure!(status.success(), "`apt-get {}` failed: {status}", arguments.join(" "));
    Ok(())
}

fn complaint(missing: &[Peer]) -> String {
    let mut text = "programs that the tests talk to are missing:".to_owned();
    for Peer { program, package } in missing {
        text.push_str("\n  `");
        text.push_str(program);
        text.push_str("` (Debian package `");
        text.push_str(package);
        text.push_str("`)");
    }
    text
}

fn search_path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

fn missing(path: &OsStr, peers: &[Peer]) -> Vec<Peer> {
    peers.iter().filter(|peer| !holds(path, peer.program)).copied().collect()
}

/// Whether one of the folders of `path` (as in `PATH`) holds an executable file of this name.
fn holds(path: &OsStr, program: &str) -> bool {
    std::env::split_paths(path).any(|folder| is_executable(&folder.join(program)))
}

fn is_executable(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(folder: &Path, program: &str, mode: u32) {
        let file = folder.join(program);
        fs::write(&file, "").expect("a file in a temporary folder");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("our own file");
    }

    #[test]
    fn names_what_is_missing_with_its_package() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for peer in PEERS.iter().filter(|peer| peer.program != "nc.openbsd") {
            put(folder.path(), peer.program, 0o755);
        }
        let missing = missing(folder.path().as_os_str(), &PEERS);
        assert_eq!(missing, [Peer { program: "nc.openbsd", package: "netcat-openbsd" }]);
        assert!(complaint(&missing).contains("`nc.openbsd` (Debian package `netcat-openbsd`)"));
    }

    #[test]
    fn takes_only_an_executable_file_for_a_program() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        put(folder.path(), "socat", 0o644);
        fs::create_dir(folder.path().join("curl")).expect("a folder of that name");
        assert!(!holds(folder.path().as_os_str(), "socat"));
        assert!(!holds(folder.path().as_os_str(), "curl"));
        put(folder.path(), "socat", 0o755);
        assert!(holds(folder.path().as_os_str(), "socat"));
    }
}
