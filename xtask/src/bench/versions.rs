//! Which versions of the programs the figures are of.

use std::process::Command;

use crate::bench::setting::is_here;

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
    let output = Command::new("python3").arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.unwrap_or_default().trim().trim_start_matches("Python ").to_owned()
}
