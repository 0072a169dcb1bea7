//! Serial ports: how one is set, who has it, and one that is open, through being
//! unplugged and plugged in again. Which there are is in `serial_ports`.
//!
//! Written to termios(3), `ioctl_tty(2)` and the kernel's `serial-rs485`. The tests run on
//! pseudo-terminals, which have neither modem lines nor RS-485: those are untested.

pub mod settings;
pub mod holder;
mod line;
pub mod port;
