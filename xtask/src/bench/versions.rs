//! Which versions of the programs the figures are of.

use std::process::Command;

use crate::bench::setting::{Setting, is_here};

/// A program, and the Debian package that says its version.
const PROGRAMS: [(&str, &str); 9] = [
    ("nc.openbsd", "netcat-openbsd"),
    ("ncat", "ncat"),
    ("socat", "socat"),
    ("nginx", "nginx"),
    ("redis-server", "redis-server"),
    ("iperf3", "iperf3"),
    ("python3", "python3"),
    ("base64", "coreutils"),
    ("cc", "gcc"),
];

/// Our own, with the commit that it was built from where git tells.
pub(crate) fn ours(setting: &Setting) -> String {
    let version = first_line(setting.sockeye().arg("--version"));
    if !setting.ours.starts_with(&setting.root) {
        return format!("{version}, `{}`", setting.ours.display());
    }
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty"]).current_dir(&setting.root);
    let commit = first_line(&mut git);
    if commit.is_empty() { version } else { format!("{version} of commit {commit}") }
}

/// Each with its version; what is not here is said to be so.
pub(crate) fn all() -> String {
    let told = PROGRAMS.map(|(program, package)| {
        if !is_here(program) {
            return format!("{program} (not here)");
        }
        // Where Debian's is not the one in the PATH it says itself.
        let version = if program == "python3" { python() } else { debian(package) };
        format!("{program} {version}")
    });
    told.join(", ")
}

/// The version that Debian's package has, if it is one of Debian's.
pub(crate) fn debian(package: &str) -> String {
    let query = Command::new("dpkg-query").args(["-W", "-f", "${Version}", package]).output();
    query.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

fn python() -> String {
    first_line(Command::new("python3").arg("--version")).trim_start_matches("Python ").to_owned()
}

fn first_line(command: &mut Command) -> String {
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).lines().next().unwrap_or_default().to_owned()
}
