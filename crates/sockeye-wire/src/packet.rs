//! A captured packet, from its link header down to what TCP or UDP carries. Pure: nothing
//! is put together again here, neither fragments nor streams. Any bytes are read or told
//! why not; lengths that a header claims are never trusted beyond the bytes that there are.

pub mod link;
pub mod tcp;

use std::net::IpAddr;
use std::net::SocketAddr;

use etherparse::LaxNetSlice;
use etherparse::LaxSlicedPacket;
use etherparse::TransportSlice;

use crate::packet::link::Link;
use crate::packet::tcp::Tcp;

/// IP protocol numbers (RFC 9293, RFC 768).
const TCP: u8 = 6;
const UDP: u8 = 17;

/// The length of an IPv6 header (RFC 8200, section 3).
const IPV6: usize = 40;

/// A packet of TCP or UDP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Who sent it.
    pub source: SocketAddr,
    /// Whom it was sent to.
    pub destination: SocketAddr,
    /// The outermost VLAN that it was in (IEEE 802.1Q).
    pub vlan: Option<u16>,
    /// The bytes that it carries, as far as they were captured.
    pub payload: &'a [u8],
    /// How many bytes it carried on the wire.
    pub length: u32,
    /// Its transport.
    pub transport: Transport,
}

/// What a packet is carried by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TCP (RFC 9293).
    Tcp(Tcp),
    /// UDP (RFC 768).
    Udp,
}

/// Why a packet is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A link layer that is not known here (<https://www.tcpdump.org/linktypes.html>).
    #[error("unknown link type {0}")]
    Link(u16),
    /// It ends within a header, or the header contradicts itself.
    #[error("cut or damaged within its headers")]
    Damaged,
    /// Neither IPv4 nor IPv6.
    #[error("no IP")]
    NotIp,
    /// A part of a packet that was cut on its way (RFC 791, 2.3; RFC 8200, 4.5). The ports
    /// stand in the first part alone.
    #[error("a fragment, {} of its packet", if *.first { "the first" } else { "a later one" })]
    Fragment {
        /// Whether it is the first.
        first: bool,
    },
    /// IP that carries neither TCP nor UDP.
    #[error("IP protocol {0}")]
    Protocol(u8),
}

impl<'a> Packet<'a> {
    /// Reads a packet that was captured on such a link.
    pub fn read(link: Link, bytes: &'a [u8]) -> Result<Self, Unread> {
        let sliced = match link.payload(bytes).ok_or(Unread::Damaged)? {
            link::Inside::Typed(kind, rest) => {
                LaxSlicedPacket::from_ether_type(etherparse::EtherType(kind), rest)
            }
            link::Inside::Ip(rest) => {
                LaxSlicedPacket::from_ip(rest).map_err(|_| Unread::Damaged)?
            }
        };
        Self::of(&sliced)
    }

    fn of(sliced: &LaxSlicedPacket<'a>) -> Result<Self, Unread> {
        let (source, destination, missing) = match &sliced.net {
            Some(LaxNetSlice::Ipv4(v4)) => {
                let header = v4.header();
                let (from, to) = (header.source_addr(), header.destination_addr());
                let whole = usize::from(header.total_len());
                let there = header.slice().len() + beyond(v4.payload().payload, sliced);
                refuse_fragment(
                    v4.is_payload_fragmented(),
                    header.fragments_offset().value() == 0,
                )?;
                (IpAddr::V4(from), IpAddr::V4(to), whole.saturating_sub(there))
            }
            Some(LaxNetSlice::Ipv6(v6)) => {
                let header = v6.header();
                let (from, to) = (header.source_addr(), header.destination_addr());
                let whole = IPV6 + usize::from(header.payload_length());
                let extensions = v6.extensions().slice().len();
                let there = IPV6 + extensions + beyond(v6.payload().payload, sliced);
                refuse_fragment(v6.is_payload_fragmented(), is_first(v6))?;
                (IpAddr::V6(from), IpAddr::V6(to), whole.saturating_sub(there))
            }
            None if sliced.stop_err.is_some() => return Err(Unread::Damaged),
            Some(LaxNetSlice::Arp(_)) | None => return Err(Unread::NotIp),
        };
        let (from, to, payload, transport) = match &sliced.transport {
            Some(TransportSlice::Tcp(tcp)) => {
                let transport = Transport::Tcp(Tcp::of(tcp));
                (tcp.source_port(), tcp.destination_port(), tcp.payload(), transport)
            }
            Some(TransportSlice::Udp(udp)) => {
                (udp.source_port(), udp.destination_port(), udp.payload(), Transport::Udp)
            }
            _ => return Err(carries(sliced)),
        };
        let vlan = sliced.vlan_ids().first().map(|id| id.value());
        let length = u32::try_from(payload.len().saturating_add(missing)).unwrap_or(u32::MAX);
        Ok(Self {
            source: SocketAddr::new(source, from),
            destination: SocketAddr::new(destination, to),
            vlan,
            payload,
            length,
            transport,
        })
    }

    /// How many bytes it carried that were not captured.
    pub fn missing(&self) -> u32 {
        self.length.saturating_sub(u32::try_from(self.payload.len()).unwrap_or(u32::MAX))
    }
}

/// What stands behind the IP headers: of what it claims to be, the bytes that are there.
fn beyond(payload: &[u8], sliced: &LaxSlicedPacket<'_>) -> usize {
    match &sliced.net {
        Some(LaxNetSlice::Ipv4(v4)) => {
            let authentication = v4.extensions().auth.map_or(0, |auth| auth.slice().len());
            payload.len() + authentication
        }
        _ => payload.len(),
    }
}

fn refuse_fragment(fragmented: bool, first: bool) -> Result<(), Unread> {
    if fragmented { Err(Unread::Fragment { first }) } else { Ok(()) }
}

fn is_first(v6: &etherparse::LaxIpv6Slice<'_>) -> bool {
    let mut first = true;
    for extension in v6.extensions().clone() {
        if let etherparse::Ipv6ExtensionSlice::Fragment(fragment) = extension {
            first = fragment.fragment_offset().value() == 0;
        }
    }
    first
}

/// Why there is neither TCP nor UDP.
fn carries(sliced: &LaxSlicedPacket<'_>) -> Unread {
    let number = match &sliced.net {
        Some(LaxNetSlice::Ipv4(v4)) => v4.payload().ip_number.0,
        Some(LaxNetSlice::Ipv6(v6)) => v6.payload().ip_number.0,
        _ => return Unread::NotIp,
    };
    if matches!(number, TCP | UDP) { Unread::Damaged } else { Unread::Protocol(number) }
}

#[cfg(test)]
mod tests;
