//! The serial ports of this machine, from sysfs: what they are and who may open them.
//! None is opened for it, as that would raise its lines and reset many a board.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::Access;
use sockeye_text::safe::one_line;

use crate::serial::holder::holder;

/// The most that is read of an attribute: sysfs gives no more than a page.
const PAGE: u64 = 4096;

/// Ports that stand on no device of the machine: the far end of a USB gadget, Bluetooth.
const WITHOUT_DEVICE: &[&str] = &["ttyGS", "rfcomm"];

/// One serial port. All text in it is safe to show: a USB device says of itself what it
/// likes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialPort {
    /// What it is opened by.
    pub path: PathBuf,
    /// The kernel's driver.
    pub driver: Option<String>,
    /// The USB device that it is a part of.
    pub usb: Option<Usb>,
    /// A name that stays the same wherever the device is plugged in.
    pub by_id: Option<PathBuf>,
    /// Who has it open, where the machine shows that to us.
    pub holder: Option<String>,
    /// Whether we may open it.
    pub access: Allowed,
}

/// What a USB device says of itself (USB 2.0, 9.6.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usb {
    /// The vendor's number, four hex digits.
    pub vendor: String,
    /// The product's number, likewise.
    pub product: String,
    /// The vendor's name.
    pub manufacturer: Option<String>,
    /// The product's name.
    pub name: Option<String>,
    /// The serial number.
    pub serial: Option<String>,
}

/// Whether we may open a port, by the modes of its node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// We may.
    Yes,
    /// We may not; the group that may, where there is one.
    No(Option<String>),
    /// There is no node, as in many a container.
    NoNode,
}

impl Allowed {
    /// The next step, where we may not.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Yes => None,
            Self::No(Some(group)) => Some(format!(
                "the group `{group}` may open it: `sudo usermod -aG {group} $USER`, then log in \
                 again"
            )),
            Self::No(None) => Some("only its owner may open it".to_owned()),
            Self::NoNode => Some("the kernel has it, but nothing is at this path".to_owned()),
        }
    }
}

/// Every serial port, by name; `root` is `/`, or a folder that stands for it.
pub fn list(root: &Path) -> io::Result<Vec<SerialPort>> {
    let links = links(root);
    let mut ports = Vec::new();
    let entries = match fs::read_dir(root.join("sys/class/tty")) {
        // A kernel without sysfs, or without terminals, has no ports.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(ports),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        // The kernel's names are ASCII.
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        if let Some(port) = port(root, &name, &entry.path(), &links) {
            ports.push(port);
        }
    }
    ports.sort_by_cached_key(|port| natural(&port.path));
    Ok(ports)
}

/// The port, unless the name stands for a console, a pseudo-terminal, or a socket on the
/// board that no UART sits in.
fn port(root: &Path, name: &str, class: &Path, links: &[(PathBuf, PathBuf)]) -> Option<SerialPort> {
    let device = fs::canonicalize(class.join("device")).ok();
    if device.is_none() && !WITHOUT_DEVICE.iter().any(|start| name.starts_with(start)) {
        return None;
    }
    // PORT_UNKNOWN: the driver keeps a row for a UART, and found none (sysfs-tty).
    if attribute(class, "type").as_deref() == Some("0") {
        return None;
    }
    let node = root.join("dev").join(name);
    let upwards = || device.iter().flat_map(|device| device.ancestors());
    let path = Path::new("/dev").join(name);
    Some(SerialPort {
        driver: upwards().find_map(driver),
        usb: upwards().find_map(usb),
        by_id: links.iter().find(|(to, _)| *to == node).map(|(_, link)| link.clone()),
        holder: holder(&node),
        access: allowed(root, &node),
        path,
    })
}

/// The driver of one device of the chain. Between a UART and its driver newer kernels put
/// a bus of their own, which says nothing.
fn driver(device: &Path) -> Option<String> {
    let bus = fs::read_link(device.join("subsystem")).ok();
    if bus.is_some_and(|bus| bus.ends_with("serial-base")) {
        return None;
    }
    let driver = fs::read_link(device.join("driver")).ok()?;
    driver.file_name().map(|name| one_line(&name.to_string_lossy()).into_owned())
}

fn usb(device: &Path) -> Option<Usb> {
    Some(Usb {
        vendor: attribute(device, "idVendor")?,
        product: attribute(device, "idProduct")?,
        manufacturer: attribute(device, "manufacturer"),
        name: attribute(device, "product"),
        serial: attribute(device, "serial"),
    })
}

/// An attribute's text, safe to show; none where it is not there or empty.
fn attribute(folder: &Path, name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(folder.join(name)).ok()?.take(PAGE).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim();
    (!text.is_empty()).then(|| one_line(text).into_owned())
}

/// The nodes that udev has lasting names for: the node in `root`, and the link as it is
/// without `root`.
fn links(root: &Path) -> Vec<(PathBuf, PathBuf)> {
    let folder = root.join("dev/serial/by-id");
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut links: Vec<_> = entries
        .filter_map(|entry| {
            let to = fs::read_link(entry.path()).ok()?;
            let node = root.join("dev").join(to.file_name()?);
            Some((node, Path::new("/dev/serial/by-id").join(entry.file_name())))
        })
        .collect();
    links.sort();
    links
}

fn allowed(root: &Path, node: &Path) -> Allowed {
    let Ok(meta) = fs::metadata(node) else {
        return Allowed::NoNode;
    };
    if rustix::fs::access(node, Access::READ_OK | Access::WRITE_OK).is_ok() {
        return Allowed::Yes;
    }
    let group_may = meta.mode() & 0o060 == 0o060;
    Allowed::No(group_may.then(|| group(root, meta.gid())).flatten())
}

/// The name of a group, from group(5).
fn group(root: &Path, id: u32) -> Option<String> {
    let groups = fs::read_to_string(root.join("etc/group")).ok()?;
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| one_line(name).into_owned())
    })
}

/// What to sort by: `ttyS2` stands before `ttyS10`.
fn natural(path: &Path) -> (String, u64) {
    let text = path.to_string_lossy();
    let name = text.trim_end_matches(|ch: char| ch.is_ascii_digit());
    let number = text.strip_prefix(name).and_then(|digits| digits.parse().ok());
    (name.to_owned(), number.unwrap_or_default())
}

#[cfg(test)]
mod tests;
