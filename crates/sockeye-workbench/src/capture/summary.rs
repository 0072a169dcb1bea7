//! What a conversation came to on the wire.

use std::net::SocketAddr;
use std::time::Duration;

use sockeye_tape::event::Dir;
use sockeye_text::plural::counted;

use crate::capture::line::since;
use crate::capture::watched::Carrier;
pub use crate::capture::way::Counts;

/// What a conversation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its number.
    pub number: u64,
    /// What carried it.
    pub carrier: Carrier,
    /// Who called.
    pub caller: SocketAddr,
    /// Who was called.
    pub called: SocketAddr,
    /// When its first packet came.
    pub began: Duration,
    /// From the first packet to the last.
    pub took: Duration,
    /// Whether the SYN was seen.
    pub greeted: bool,
    /// From the SYN to the answer's acknowledgement.
    pub handshake: Option<Duration>,
    /// From the SYN to its answer.
    pub answered: Option<Duration>,
    /// From the caller.
    pub out: Counts,
    /// From the called.
    pub into: Counts,
    /// How it ended.
    pub ending: Ending,
}

/// How a conversation ended; times are since its first packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// The caller's FIN.
    pub fin_out: Option<Duration>,
    /// The called's FIN.
    pub fin_in: Option<Duration>,
    /// Whose FIN was the first.
    pub first: Option<Dir>,
    /// Who cut it off, and when.
    pub rst: Option<(Dir, Duration)>,
}

impl Summary {
    /// A few lines for people.
    pub fn lines(&self) -> Vec<String> {
        let carrier = match self.carrier {
            Carrier::Tcp => "tcp",
            Carrier::Udp => "udp",
        };
        let (caller, called) = (self.caller, self.called);
        let mut lines = vec![format!("#{} {carrier} {caller} → {called}", self.number)];
        if self.carrier == Carrier::Tcp {
            lines.push(format!("   {}", self.beginning()));
        }
        for (arrow, counts) in [('→', &self.out), ('←', &self.into)] {
            lines.push(format!("   {arrow} {}", totals(counts, self.carrier)));
        }
        if self.carrier == Carrier::Tcp {
            lines.push(format!("   {}", self.end()));
        }
        lines
    }

    fn beginning(&self) -> String {
        match (self.greeted, self.handshake, self.answered) {
            (_, Some(whole), _) => format!("handshake {}", seconds(whole)),
            (true, None, Some(answer)) => {
                format!("SYN answered after {}, never acknowledged", seconds(answer))
            }
            (true, None, None) => "SYN never answered by a SYN".to_owned(),
            (false, ..) => "handshake not seen: it began before the capture".to_owned(),
        }
    }

    fn end(&self) -> String {
        let who = |dir| match dir {
            Dir::Out => format!("the caller, {}", self.caller),
            Dir::In => format!("the called, {}", self.called),
        };
        let Ending { fin_out, fin_in, first, rst } = self.ending;
        let mut parts = Vec::new();
        if let Some(first) = first {
            let (one, other) = match first {
                Dir::Out => (fin_out, fin_in),
                Dir::In => (fin_in, fin_out),
            };
            let at = since(one.unwrap_or_default());
            parts.push(format!("closed first by {} (FIN {at})", who(first)));
            match other {
                Some(at) => parts.push(format!("then by the other (FIN {})", since(at))),
                None if rst.is_none() => parts.push("half open still".to_owned()),
                None => {}
            }
        }
        if let Some((dir, at)) = rst {
            parts.push(format!("cut off by {} (RST {})", who(dir), since(at)));
        }
        if parts.is_empty() { "open still".to_owned() } else { parts.join(", ") }
    }
}

fn totals(counts: &Counts, carrier: Carrier) -> String {
    let kind = match carrier {
        Carrier::Tcp => "segment",
        Carrier::Udp => "datagram",
    };
    let whole = format!("{} in {}", counted(counts.bytes, "byte"), counted(counts.segments, kind));
    let mut parts = vec![whole];
    for (count, what) in [
        (counts.retransmissions, "retransmission"),
        (counts.duplicate_acks, "duplicate ack"),
        (counts.zero_windows, "zero window"),
        (counts.keep_alives, "keep-alive"),
    ] {
        if count > 0 {
            parts.push(counted(count, what));
        }
    }
    if counts.out_of_order > 0 {
        parts.push(format!("{} out of order", counts.out_of_order));
    }
    if counts.missing > 0 {
        parts.push(format!("{} not captured", counted(counts.missing, "byte")));
    }
    parts.join(", ")
}

fn seconds(time: Duration) -> String {
    format!("{}.{:06} s", time.as_secs(), time.subsec_micros())
}
