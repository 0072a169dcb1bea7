//! Who has a device open, where proc(5) shows it. Our own processes always; those of
//! others only to root.

use std::fs;
use std::path::Path;

use sockeye_text::safe::one_line;

/// The program that has the device at the path open, as `name (pid N)`, safe to show;
/// none where nobody has, or where the machine does not show it to us.
pub fn holder(path: &Path) -> Option<String> {
    let device = fs::canonicalize(path).ok()?;
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let mut open = fs::read_dir(entry.path().join("fd")).ok()?.flatten();
        let holds = open.any(|fd| fs::read_link(fd.path()).is_ok_and(|link| link == device));
        let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        holds.then(|| format!("`{}` (pid {id})", one_line(name.trim_end())))
    })
}
