//! A packet that the kernel showed, as a capture file has it: behind a cooked header.

use std::time::Duration;

use sockeye_net::packets::Taken;
use sockeye_tape::capture::Captured;
use sockeye_wire::packet::link::Cooked;

/// Linux cooked, version 2 (`LINKTYPE_LINUX_SLL2`): the link of our own captures.
pub const COOKED: u16 = 276;

/// The packet behind its header; one without a time has that of the one before, `last`.
pub fn captured(taken: &Taken<'_>, last: &mut Duration) -> Captured {
    *last = taken.at.unwrap_or(*last);
    let header = Cooked {
        protocol: taken.protocol,
        interface: taken.interface,
        hardware: taken.hardware,
        kind: taken.kind,
        address_length: taken.address_length,
        address: taken.address,
    };
    let length = taken.length.saturating_add(Cooked::LENGTH);
    Captured {
        at: *last,
        link: COOKED,
        interface: 0,
        length: u32::try_from(length).unwrap_or(u32::MAX),
        bytes: [&header.header()[..], taken.bytes].concat(),
    }
}
