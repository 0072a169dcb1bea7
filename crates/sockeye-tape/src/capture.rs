//! Capture files: packets as they were seen, read from pcapng and pcap, written as pcapng.
//! What is in a packet is not looked at. A tape turned into a capture file is
//! [`crate::pcapng`].

pub mod reading;
pub mod writing;

use std::time::Duration;

/// A packet as it was captured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    /// When, since 1970.
    pub at: Duration,
    /// The number of its link layer (<https://www.tcpdump.org/linktypes.html>).
    pub link: u16,
    /// The number of its interface in the file.
    pub interface: u32,
    /// How long it was.
    pub length: u32,
    /// As much of it as was kept.
    pub bytes: Vec<u8>,
}
