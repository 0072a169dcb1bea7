//! Which packets are of the endpoints that are watched. A host or a port that is not given
//! fits any.

use std::net::{IpAddr, SocketAddr};

use sockeye_wire::packet::{Packet, Transport};

/// What carries an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Carrier {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// An endpoint that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What carries it.
    pub carrier: Carrier,
    /// Its addresses; empty: any.
    pub hosts: Vec<IpAddr>,
    /// Its port; none: any.
    pub port: Option<u16>,
}

/// Whose end of a packet is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The sender's.
    Source,
    /// The receiver's.
    Destination,
}

/// The endpoints that are watched; of none, everything is.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// The endpoints.
    pub places: Vec<Place>,
}

impl Carrier {
    /// What carries a packet.
    pub fn of(packet: &Packet<'_>) -> Self {
        match packet.transport {
            Transport::Tcp(_) => Self::Tcp,
            Transport::Udp => Self::Udp,
        }
    }
}

impl Watched {
    /// Which end of the packet is watched, the receiver's first; none: neither.
    pub fn end(&self, packet: &Packet<'_>) -> Option<End> {
        if self.places.is_empty() {
            // Whoever has the lower port is called, most likely.
            let lower = packet.source.port() < packet.destination.port();
            return Some(if lower { End::Source } else { End::Destination });
        }
        let carrier = Carrier::of(packet);
        let holds = |address: SocketAddr| {
            self.places.iter().any(|place| place.carrier == carrier && place.holds(address))
        };
        if holds(packet.destination) {
            Some(End::Destination)
        } else {
            holds(packet.source).then_some(End::Source)
        }
    }

    /// The ports by which the kernel may sort out; none if some endpoint has any.
    pub fn ports(&self) -> Vec<u16> {
        let ports: Option<Vec<u16>> = self.places.iter().map(|place| place.port).collect();
        let mut ports = ports.unwrap_or_default();
        ports.sort_unstable();
        ports.dedup();
        ports
    }
}

impl Place {
    fn holds(&self, address: SocketAddr) -> bool {
        let host = address.ip().to_canonical();
        self.port.is_none_or(|port| port == address.port())
            && (self.hosts.is_empty() || self.hosts.contains(&host))
    }
}
