//! The conversations of a capture: which packet belongs to which. Bounded: of too many, the
//! one that was silent longest is given up, and told.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use sockeye_wire::packet::tcp::Flags;
use sockeye_wire::packet::{Packet, Transport};

use crate::capture::Seen;
use crate::capture::flow::{Ends, Flow};
use crate::capture::summary::Summary;
use crate::capture::watched::{Carrier, End};

/// The most conversations that are followed at once.
pub const MOST: usize = 4096;

/// Conversations by their ends.
#[derive(Debug, Default)]
pub struct Flows {
    by_ends: HashMap<Key, Flow>,
    begun: u64,
    copies: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    carrier: Carrier,
    lower: SocketAddr,
    higher: SocketAddr,
}

impl Flows {
    /// Takes a packet of which that end is the one watched. None: a copy, seen on another
    /// interface than the first.
    pub fn take(
        &mut self,
        at: Duration,
        interface: u32,
        packet: &Packet<'_>,
        watched: End,
    ) -> Option<Seen> {
        let key = Key::of(packet);
        let mut displaced = None;
        if let (Some(flow), Transport::Tcp(tcp)) = (self.by_ends.get_mut(&key), &packet.transport)
            && flow.is_over_with(packet.source, tcp)
            && !flow.is_copy(flow.dir(packet.source), interface)
        {
            displaced = self.by_ends.remove(&key).map(|flow| flow.summary());
        }
        let begins = !self.by_ends.contains_key(&key);
        if begins {
            displaced = displaced.or_else(|| self.make_room());
            self.begun += 1;
            let flow = Flow::new(self.begun, ends(packet, watched), at);
            self.by_ends.insert(key, flow);
        }
        let flow = self.by_ends.get_mut(&key)?;
        if flow.is_copy(flow.dir(packet.source), interface) {
            self.copies += 1;
            return None;
        }
        let mut seen = flow.take(at, packet);
        seen.opened = begins.then(|| flow.open());
        seen.displaced = displaced;
        Some(seen)
    }

    /// What every conversation that is still followed came to, in their order.
    pub fn summaries(&self) -> Vec<Summary> {
        let mut summaries: Vec<Summary> = self.by_ends.values().map(Flow::summary).collect();
        summaries.sort_by_key(|summary| summary.number);
        summaries
    }

    /// How many packets were copies of others, on further interfaces.
    pub fn copies(&self) -> u64 {
        self.copies
    }

    fn make_room(&mut self) -> Option<Summary> {
        if self.by_ends.len() < MOST {
            return None;
        }
        let oldest = self.by_ends.iter().min_by_key(|(_, flow)| flow.last);
        let key = oldest.map(|(key, _)| *key)?;
        self.by_ends.remove(&key).map(|flow| flow.summary())
    }
}

impl Key {
    fn of(packet: &Packet<'_>) -> Self {
        let (from, to) = (packet.source, packet.destination);
        Self { carrier: Carrier::of(packet), lower: from.min(to), higher: from.max(to) }
    }
}

/// Who called: the SYN tells, or the endpoint that is watched is the one called. The first
/// datagram's sender called, unless it came from where is watched.
fn ends(packet: &Packet<'_>, watched: End) -> Ends {
    let (from, to) = (packet.source, packet.destination);
    let from_caller = match &packet.transport {
        Transport::Tcp(tcp) if tcp.flags.has(Flags::SYN) => !tcp.flags.has(Flags::ACK),
        _ => watched == End::Destination,
    };
    let (caller, called) = if from_caller { (from, to) } else { (to, from) };
    Ends { carrier: Carrier::of(packet), caller, called }
}
