//! Who has a device, where proc(5) shows it: our own user's processes always, those of
//! others only to root.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use sockeye_text::safe::one_line;

/// The program that has the device at the path, as `name (pid N)`, safe to show: whoever
/// has locked it (flock(2)), else somebody who has it open. None where nobody has, or
/// where the machine does not show it to us.
pub fn holder(path: &Path) -> Option<String> {
    let id = locker(path).or_else(|| opener(path))?;
    let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
    Some(format!("`{}` (pid {id})", one_line(name.trim_end())))
}

/// A row is `1: FLOCK ADVISORY WRITE PID MAJOR:MINOR:INODE 0 EOF`, the device in hex.
fn locker(path: &Path) -> Option<u32> {
    let node = fs::metadata(path).ok()?;
    let (major, minor) = (rustix::fs::major(node.dev()), rustix::fs::minor(node.dev()));
    let wanted = format!("{major:02x}:{minor:02x}:{}", node.ino());
    let locks = fs::read_to_string("/proc/locks").ok()?;
    locks.lines().find_map(|row| {
        let words: Vec<&str> = row.split_ascii_whitespace().collect();
        match words.as_slice() {
            [_, "FLOCK", _, _, id, file, ..] if *file == wanted => {
                id.parse().ok().filter(|id| *id > 0)
            }
            _ => None,
        }
    })
}

fn opener(path: &Path) -> Option<u32> {
    let device = fs::canonicalize(path).ok()?;
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let mut open = fs::read_dir(entry.path().join("fd")).ok()?.flatten();
        let holds = open.any(|fd| fs::read_link(fd.path()).is_ok_and(|link| link == device));
        holds.then_some(id)
    })
}
