//! Who has a port: the process behind a listening socket, where proc(5) shows it.

use std::fmt;

use crate::netns;

/// A program that has a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its name (comm), made safe to show.
    pub name: String,
    /// Its process.
    pub pid: u32,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (pid {})", self.name, self.pid)
    }
}

#[cfg(target_os = "linux")]
mod lookup {
    use std::collections::HashSet;
    use std::fs;

    use super::Owner;

    pub(super) fn of_port(port: u16) -> Option<Owner> {
        let inodes: HashSet<String> = ["tcp", "tcp6", "udp", "udp6"]
            .iter()
            .filter_map(|table| fs::read_to_string(format!("/proc/thread-self/net/{table}")).ok())
            .flat_map(|text| inodes_of(&text, port))
            .collect();
        let processes = fs::read_dir("/proc").ok()?;
        processes.flatten().find_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let holds = fs::read_dir(entry.path().join("fd")).ok()?.flatten().any(|fd| {
                fs::read_link(fd.path()).is_ok_and(|link| inodes.contains(link_inode(&link)))
            });
            holds.then(|| {
                let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
                Owner { name: sockeye_text::safe::one_line(name.trim()).into_owned(), pid }
            })
        })
    }

    fn link_inode(link: &std::path::Path) -> &str {
        let text = link.to_str().unwrap_or_default();
        text.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']')).unwrap_or_default()
    }

    /// The inodes of the sockets bound to the port without a peer.
    fn inodes_of(table: &str, port: u16) -> Vec<String> {
        let local = format!(":{port:04X}");
        table
            .lines()
            .skip(1)
            .filter_map(|line| {
                let words: Vec<&str> = line.split_ascii_whitespace().collect();
                let bound = words.get(1)?.ends_with(&local) && words.get(2)?.ends_with(":0000");
                bound.then(|| words.get(9).map(|inode| (*inode).to_owned()))?
            })
            .collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod lookup {
    use super::Owner;

    pub(super) fn of_port(_port: u16) -> Option<Owner> {
        None
    }
}

/// The program that is bound to the port in that network namespace; none where the machine
/// does not show it to us.
pub(crate) fn of_port(port: u16, netns: Option<&str>) -> Option<Owner> {
    netns::inside(netns, || Ok(lookup::of_port(port))).ok().flatten()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn names_the_process_that_listens() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let owner = super::of_port(socket.local_addr().unwrap().port(), None).unwrap();
        assert_eq!(owner.pid, std::process::id());
        assert_eq!(owner.to_string(), format!("`{}` (pid {})", owner.name, owner.pid));
    }
}
