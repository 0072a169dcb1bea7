//! `sockeye ports`: the serial ports of this machine.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use sockeye_net::serial_ports::{Allowed, SerialPort, list};

use crate::args::ports::Ports;
use crate::command::print::printed;
use crate::failure::Failed;
use crate::printer;
use crate::stage;

/// Runs the command.
pub(crate) fn run(args: &Ports) -> ExitCode {
    let ports = match list(Path::new("/")) {
        Ok(ports) => ports,
        Err(error) => return stage::fail(&Failed::io("cannot read /sys", &error), args.json),
    };
    if ports.is_empty() {
        printer::say("note: no serial port is here: plug one in, or load its driver");
    }
    let lines = ports.iter().map(|port| if args.json { object(port) } else { line(port) });
    printed(lines.collect::<String>().as_bytes())
}

/// What it is opened by, and whatever the machine knows of it.
fn line(port: &SerialPort) -> String {
    let mut parts = vec![port.path.display().to_string()];
    if let Some(usb) = &port.usb {
        let names = [&usb.manufacturer, &usb.name].into_iter().flatten();
        parts.extend(names.cloned());
        parts.push(format!("usb {}:{}", usb.vendor, usb.product));
        parts.extend(usb.serial.iter().map(|serial| format!("serial {serial}")));
    }
    parts.extend(port.driver.iter().map(|driver| format!("driver {driver}")));
    parts.extend(port.by_id.iter().map(|link| link.display().to_string()));
    parts.extend(port.holder.iter().map(|holder| format!("in use by {holder}")));
    let mut line = parts.join("  ");
    line.push('\n');
    if let Some(hint) = port.access.hint() {
        line.push_str("  hint: ");
        line.push_str(&hint);
        line.push('\n');
    }
    line
}

fn object(port: &SerialPort) -> String {
    let usb = port.usb.as_ref().map(|usb| {
        json!({
            "vendor": usb.vendor,
            "product": usb.product,
            "manufacturer": usb.manufacturer,
            "name": usb.name,
            "serial": usb.serial,
        })
    });
    let object = json!({
        "endpoint": format!("serial:{}", port.path.display()),
        "path": port.path,
        "driver": port.driver,
        "usb": usb,
        "by_id": port.by_id,
        "holder": port.holder,
        "may_open": port.access == Allowed::Yes,
    });
    format!("{object}\n")
}
