//! The link layers that captures are of (<https://www.tcpdump.org/linktypes.html>), as far
//! as the header in front of the network's own.

/// A link layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Ethernet (`LINKTYPE_ETHERNET`).
    Ethernet,
    /// Linux cooked (`LINKTYPE_LINUX_SLL`).
    Cooked,
    /// Linux cooked, version 2 (`LINKTYPE_LINUX_SLL2`).
    Cooked2,
    /// An IP packet by itself (`LINKTYPE_RAW`, `LINKTYPE_IPV4`, `LINKTYPE_IPV6`).
    Ip,
    /// BSD's loopback: four bytes of address family (`LINKTYPE_NULL`, `LINKTYPE_LOOP`).
    Loopback,
}

/// What stands behind a link header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inside<'a> {
    /// Of this `EtherType`.
    Typed(u16, &'a [u8]),
    /// IP, of the version that it begins with.
    Ip(&'a [u8]),
}

/// The fields of a cooked header, version 2, in front of a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cooked {
    /// The `EtherType` of what follows.
    pub protocol: u16,
    /// The number of the interface.
    pub interface: u32,
    /// The kind of the interface (`ARPHRD_…`).
    pub hardware: u16,
    /// To us, broadcast, multicast, to others, or from us (`PACKET_…`).
    pub kind: u8,
    /// How much of `address` counts.
    pub address_length: u8,
    /// The sender's hardware address.
    pub address: [u8; 8],
}

impl Link {
    /// The link layer of that number; none that is not known here.
    pub fn of(number: u16) -> Option<Self> {
        Some(match number {
            0 | 108 => Self::Loopback,
            1 => Self::Ethernet,
            // 12 and 14 are what some systems write for 101.
            12 | 14 | 101 | 228 | 229 => Self::Ip,
            113 => Self::Cooked,
            276 => Self::Cooked2,
            _ => return None,
        })
    }

    /// What stands behind the header; none if it is cut.
    pub(crate) fn payload(self, bytes: &[u8]) -> Option<Inside<'_>> {
        match self {
            Self::Ethernet => typed(bytes, 12, 14),
            Self::Cooked => typed(bytes, 14, 16),
            Self::Cooked2 => typed(bytes, 0, Cooked::LENGTH),
            Self::Ip => Some(Inside::Ip(bytes)),
            Self::Loopback => bytes.get(4..).map(Inside::Ip),
        }
    }
}

impl Cooked {
    /// The length of the header.
    pub const LENGTH: usize = 20;

    /// The header as it stands in front of a packet.
    pub fn header(&self) -> [u8; Self::LENGTH] {
        let mut header = [0; Self::LENGTH];
        let fields = [
            &self.protocol.to_be_bytes()[..],
            &[0, 0],
            &self.interface.to_be_bytes(),
            &self.hardware.to_be_bytes(),
            &[self.kind, self.address_length],
            &self.address,
        ];
        for (place, byte) in header.iter_mut().zip(fields.into_iter().flatten()) {
            *place = *byte;
        }
        header
    }

    /// The interface's number in the header in front of a packet.
    pub fn interface_of(packet: &[u8]) -> Option<u32> {
        let number = packet.get(4..8)?.try_into().ok()?;
        Some(u32::from_be_bytes(number))
    }
}

/// The `EtherType` at an offset, and what follows the header.
fn typed(bytes: &[u8], at: usize, length: usize) -> Option<Inside<'_>> {
    let kind = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(Inside::Typed(u16::from_be_bytes(kind), bytes.get(length..)?))
}
