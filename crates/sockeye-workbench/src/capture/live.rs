//! Packets as they pass: from the kernel to whoever takes them, until a limit or a stop. It
//! takes the right `CAP_NET_RAW`, and Linux.

use std::future::Future;
use std::time::Duration;

use sockeye_net::error::{NetError, Phase};
use sockeye_net::packets::{Counts, Packets, Wanted};
use sockeye_tape::capture::Captured;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::capture::places::Places;
use crate::capture::taken::captured;

/// The most packets that had come by the end and are still taken.
const LAST: usize = 65_536;

/// Takes packets.
pub trait Sink {
    /// Why it can take no more.
    type Error;

    /// Takes one, and does not wait.
    fn take(&mut self, packet: &Captured) -> Result<(), Self::Error>;

    /// Whether as many have come as are wanted.
    fn has_enough(&self) -> bool;

    /// Whether nothing waits to be handed on.
    fn is_idle(&self) -> bool;

    /// Whether so much waits that it must be handed on first.
    fn is_full(&self) -> bool;

    /// Hands everything on.
    fn settle(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Packets that pass.
#[derive(Debug)]
pub struct Live {
    packets: Packets,
    iface: Option<String>,
    /// Of the last packet, since 1970.
    last: Duration,
}

impl Live {
    /// Opens the sockets; `now` is the time since 1970.
    pub fn open(places: &Places, now: Duration) -> Result<Self, NetError> {
        let ports = places.watched.ports();
        let (iface, netns) = (places.iface.as_deref(), places.netns.as_deref());
        let packets = Packets::open(Wanted { iface, netns, ports: &ports })?;
        Ok(Self { packets, iface: places.iface.clone(), last: now })
    }

    /// The one interface; none: all of them.
    pub fn interface(&self) -> Option<&str> {
        self.iface.as_deref()
    }

    /// Captures until stopped, until `deadline`, or until the sink has enough. What had come
    /// by then belongs to it. Returns what broke it, if anything did.
    pub async fn run<S: Sink>(
        &mut self,
        sink: &mut S,
        deadline: Option<Instant>,
        stop: &CancellationToken,
    ) -> Result<Option<NetError>, S::Error> {
        while !sink.has_enough() {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = until(deadline) => break,
                taken = self.packets.next(), if !sink.is_full() => match taken {
                    Ok(taken) => sink.take(&captured(&taken, &mut self.last))?,
                    Err(error) => {
                        let place = self.iface.as_deref().unwrap_or("every interface");
                        return Ok(Some(NetError::io(Phase::Capture, place, error)));
                    }
                },
                // Nothing has come that could be taken at once.
                () = std::future::ready(()), if !sink.is_idle() => sink.settle().await?,
            }
        }
        for _ in 0..LAST {
            if sink.has_enough() {
                break;
            }
            tokio::select! {
                biased;
                taken = self.packets.next() => match taken {
                    Ok(taken) => sink.take(&captured(&taken, &mut self.last))?,
                    Err(_) => break,
                },
                () = std::future::ready(()) => break,
            }
        }
        Ok(None)
    }

    /// How many passed the kernel's filter, and how many it had no room for.
    pub fn counts(&mut self) -> Counts {
        self.packets.counts()
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
