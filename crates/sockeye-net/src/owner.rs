//! Who has a port: the process behind a listening socket, where proc(5) shows it.

use crate::netns;

#[cfg(target_os = "linux")]
mod lookup {
    use std::collections::HashSet;
    use std::fs;

    pub(super) fn of_port(port: u16) -> Option<String> {
        let inodes: HashSet<String> = ["tcp", "tcp6", "udp", "udp6"]
            .iter()
            .filter_map(|table| fs::read_to_string(format!("/proc/thread-self/net/{table}")).ok())
            .flat_map(|text| inodes_of(&text, port))
            .collect();
        let processes = fs::read_dir("/proc").ok()?;
        processes.flatten().find_map(|entry| {
            let id: u32 = entry.file_name().to_str()?.parse().ok()?;
            let holds = fs::read_dir(entry.path().join("fd")).ok()?.flatten().any(|fd| {
                fs::read_link(fd.path()).is_ok_and(|link| inodes.contains(link_inode(&link)))
            });
            let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            holds.then(|| format!("`{}` (pid {id})", sockeye_text::safe::one_line(name.trim())))
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
    pub(super) fn of_port(_port: u16) -> Option<String> {
        None
    }
}

/// The program that is bound to the port in that network namespace, as `name (pid N)`;
/// none where the machine does not show it to us.
pub(crate) fn of_port(port: u16, netns: Option<&str>) -> Option<String> {
    netns::inside(netns, || Ok(lookup::of_port(port))).ok().flatten()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn names_the_process_that_listens() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let owner = super::of_port(socket.local_addr().unwrap().port(), None).unwrap();
        assert!(owner.contains(&format!("pid {}", std::process::id())), "{owner}");
    }
}
