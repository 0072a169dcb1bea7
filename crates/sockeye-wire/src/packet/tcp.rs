//! A TCP header (RFC 9293, section 3.1), with the options that a capture tells.

use std::fmt;

use etherparse::TcpOptionElement;
use etherparse::TcpSlice;

/// A TCP header. What stands in it is the sender's claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tcp {
    /// The sequence number.
    pub seq: u32,
    /// The acknowledgement number; it counts where [`Flags::ACK`] is set.
    pub ack: u32,
    /// The flags.
    pub flags: Flags,
    /// The window, not scaled.
    pub window: u16,
    /// The options.
    pub options: Options,
}

/// The flags of a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u8);

/// The options of a segment, as far as they are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The largest segment that its sender takes (RFC 9293, 3.7.1).
    pub mss: Option<u16>,
    /// By how many bits its sender's windows are shifted (RFC 7323, 2.2), 14 at most.
    pub scale: Option<u8>,
    /// Whether its sender takes selective acknowledgements (RFC 2018).
    pub sack_permitted: bool,
    /// The first selectively acknowledged range (RFC 2018).
    pub sack: Option<(u32, u32)>,
    /// Its sender's timestamp, and the one that it gives back (RFC 7323, section 3).
    pub timestamps: Option<(u32, u32)>,
}

impl Flags {
    /// The end of a direction.
    pub const FIN: Self = Self(0x01);
    /// The beginning of a direction.
    pub const SYN: Self = Self(0x02);
    /// Cut off.
    pub const RST: Self = Self(0x04);
    /// The sender pushed.
    pub const PSH: Self = Self(0x08);
    /// The acknowledgement number counts.
    pub const ACK: Self = Self(0x10);
    /// The urgent pointer counts.
    pub const URG: Self = Self(0x20);
    /// Congestion was met (RFC 3168).
    pub const ECE: Self = Self(0x40);
    /// The window was made smaller (RFC 3168).
    pub const CWR: Self = Self(0x80);

    const NAMES: [(Self, &'static str); 8] = [
        (Self::SYN, "SYN"),
        (Self::FIN, "FIN"),
        (Self::RST, "RST"),
        (Self::PSH, "PSH"),
        (Self::URG, "URG"),
        (Self::ECE, "ECE"),
        (Self::CWR, "CWR"),
        (Self::ACK, "ACK"),
    ];

    /// The flags of the header's byte.
    pub fn of(bits: u8) -> Self {
        Self(bits)
    }

    /// These and those.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of those are set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl fmt::Display for Flags {
    /// `SYN ACK`; `none` without any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut set = Self::NAMES.iter().filter(|(flag, _)| self.has(*flag));
        match set.next() {
            None => return f.write_str("none"),
            Some((_, name)) => f.write_str(name)?,
        }
        set.try_for_each(|(_, name)| write!(f, " {name}"))
    }
}

impl Tcp {
    pub(crate) fn of(slice: &TcpSlice<'_>) -> Self {
        // The flags are the header's byte 13; whoever gives a slice has checked twenty.
        let bits = slice.header_slice().get(13).copied().unwrap_or_default();
        Self {
            seq: slice.sequence_number(),
            ack: slice.acknowledgment_number(),
            flags: Flags(bits),
            window: slice.window_size(),
            options: options(slice),
        }
    }

    /// How many sequence numbers a segment of `length` bytes takes.
    pub fn takes(&self, length: u32) -> u32 {
        let marks = [Flags::SYN, Flags::FIN].into_iter().filter(|flag| self.flags.has(*flag));
        length.saturating_add(u32::try_from(marks.count()).unwrap_or_default())
    }
}

/// The options, up to the first that is damaged.
fn options(slice: &TcpSlice<'_>) -> Options {
    let mut options = Options::default();
    for element in slice.options_iterator() {
        match element {
            Ok(TcpOptionElement::MaximumSegmentSize(mss)) => options.mss = Some(mss),
            Ok(TcpOptionElement::WindowScale(scale)) => options.scale = Some(scale.min(14)),
            Ok(TcpOptionElement::SelectiveAcknowledgementPermitted) => {
                options.sack_permitted = true;
            }
            Ok(TcpOptionElement::SelectiveAcknowledgement(first, _)) => options.sack = Some(first),
            Ok(TcpOptionElement::Timestamp(ours, theirs)) => {
                options.timestamps = Some((ours, theirs));
            }
            Ok(TcpOptionElement::Noop) => {}
            Err(_) => break,
        }
    }
    options
}
