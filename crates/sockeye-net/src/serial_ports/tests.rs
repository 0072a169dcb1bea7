//! The list, read from a made-up `/sys` and `/dev`.

use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

/// A folder that stands for `/`.
struct Root(tempfile::TempDir);

impl Root {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn link(&self, path: &str, to: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(to, path).unwrap();
    }

    /// A terminal below `device`, with its link in the class and its node.
    fn terminal(&self, device: &str, name: &str) {
        self.link(&format!("sys/devices/{device}/tty/{name}/device"), "../..");
        self.link(&format!("sys/class/tty/{name}"), &format!("../../devices/{device}/tty/{name}"));
        self.file(&format!("dev/{name}"), "");
    }

    fn list(&self) -> Vec<SerialPort> {
        list(self.0.path()).unwrap()
    }
}

/// A USB adapter with these words about itself, as `ttyUSB0`.
fn adapter(root: &Root, manufacturer: &[u8]) {
    let usb = "sys/devices/pci0/usb1/1-1";
    root.file(&format!("{usb}/idVendor"), "0403\n");
    root.file(&format!("{usb}/idProduct"), "6001\n");
    root.file(&format!("{usb}/manufacturer"), manufacturer);
    root.file(&format!("{usb}/product"), "FT232R USB UART\n");
    root.file(&format!("{usb}/serial"), "A50285BI\n");
    root.link(&format!("{usb}/driver"), "../../bus/usb/drivers/usb");
    root.link(&format!("{usb}/1-1:1.0/ttyUSB0/driver"), "../../bus/usb-serial/drivers/ftdi_sio");
    root.terminal("pci0/usb1/1-1/1-1:1.0/ttyUSB0", "ttyUSB0");
    root.link("dev/serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0", "../../ttyUSB0");
}

#[test]
fn a_usb_adapter_is_told_with_all_that_it_says_of_itself() {
    let root = Root::new();
    adapter(&root, b"FTDI\n");
    let ports = root.list();
    let [port] = &ports[..] else { panic!("{ports:?}") };
    assert_eq!(port.path, Path::new("/dev/ttyUSB0"));
    assert_eq!(port.driver.as_deref(), Some("ftdi_sio"));
    let usb = port.usb.as_ref().unwrap();
    assert_eq!((usb.vendor.as_str(), usb.product.as_str()), ("0403", "6001"));
    assert_eq!(usb.manufacturer.as_deref(), Some("FTDI"));
    assert_eq!(usb.name.as_deref(), Some("FT232R USB UART"));
    assert_eq!(usb.serial.as_deref(), Some("A50285BI"));
    let link = "/dev/serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0";
    assert_eq!(port.by_id.as_deref(), Some(Path::new(link)));
    assert_eq!((&port.access, &port.holder), (&Allowed::Yes, &None));
}

#[test]
fn what_a_device_says_of_itself_is_made_safe_and_bounded() {
    let root = Root::new();
    let mut words = b"\x1b[2J\xff\r\nevil".to_vec();
    words.resize(100_000, b'x');
    adapter(&root, &words);
    let port = root.list().remove(0);
    let said = port.usb.unwrap().manufacturer.unwrap();
    assert!(said.starts_with("␛[2J\u{fffd}␍␊evilx"), "{said:.40}");
    assert!(said.len() < 4_200 && !said.contains('\x1b'), "{} bytes", said.len());
}

#[test]
fn a_row_without_a_uart_and_what_is_no_port_are_left_out() {
    let root = Root::new();
    for (name, kind) in [("ttyS0", "4\n"), ("ttyS10", "4\n"), ("ttyS2", "4\n"), ("ttyS1", "0\n")] {
        let device = format!("pnp0/{name}/{name}:0/{name}:0.0");
        root.link(&format!("sys/devices/pnp0/{name}/driver"), "../../bus/pnp/drivers/serial");
        root.link(&format!("sys/devices/{device}/subsystem"), "../../bus/serial-base");
        root.link(&format!("sys/devices/{device}/driver"), "../../bus/serial-base/drivers/port");
        root.file(&format!("sys/devices/{device}/tty/{name}/type"), kind);
        root.terminal(&device, name);
    }
    root.file("sys/class/tty/tty0/dev", "4:0\n");
    root.file("sys/class/tty/ptmx/dev", "5:2\n");
    root.file("sys/class/tty/ttyGS0/dev", "243:0\n");
    let ports = root.list();
    let paths: Vec<_> = ports.iter().map(|port| port.path.to_str().unwrap()).collect();
    assert_eq!(paths, ["/dev/ttyGS0", "/dev/ttyS0", "/dev/ttyS2", "/dev/ttyS10"]);
    let uart = ports.get(1).unwrap();
    assert_eq!((uart.driver.as_deref(), &uart.usb), (Some("serial"), &None));
    assert_eq!(ports.first().unwrap().access, Allowed::NoNode);
}

#[test]
fn a_machine_without_any_has_an_empty_list() {
    let root = Root::new();
    assert_eq!(root.list(), []);
    root.file("sys/class/tty/tty0/dev", "4:0\n");
    assert_eq!(root.list(), []);
}

#[test]
fn a_group_is_named_by_its_number_only() {
    let root = Root::new();
    root.file("etc/group", "root:x:0:\nbroken\ndialout:x:20:me\n");
    assert_eq!(group(root.0.path(), 20).as_deref(), Some("dialout"));
    assert_eq!(group(root.0.path(), 2), None);
    let hint = Allowed::No(Some("dialout".to_owned())).hint().unwrap();
    assert!(hint.contains("usermod -aG dialout"), "{hint}");
}

#[test]
fn a_node_that_nobody_may_write_is_told_unless_we_are_root() {
    let root = Root::new();
    adapter(&root, b"FTDI\n");
    let node = root.0.path().join("dev/ttyUSB0");
    fs::set_permissions(&node, fs::Permissions::from_mode(0o400)).unwrap();
    let expected =
        if rustix::process::geteuid().is_root() { Allowed::Yes } else { Allowed::No(None) };
    assert_eq!(root.list().remove(0).access, expected);
}
