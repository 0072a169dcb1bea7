//! What crossed the wire beside `--explain`: the handshake and the close of its own
//! connections, packet by packet. It takes the right to see packets; without it, one line
//! says so.

use std::sync::Arc;
use std::time::Duration;

use sockeye_net::endpoint::{Endpoint, Target};
use sockeye_net::packets::{Packets, Wanted};
use sockeye_tape::event::How;
use sockeye_wire::packet::Packet;
use sockeye_wire::packet::link::{Cooked, Link};
use sockeye_workbench::capture::flows::Flows;
use sockeye_workbench::capture::taken::captured;
use sockeye_workbench::capture::watched::{Carrier, Place, Watched};
use sockeye_workbench::journal::Journal;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long the last packets of a connection that we have closed are waited for.
const LAST: Duration = Duration::from_millis(100);

/// Sees packets from now on.
#[derive(Debug)]
pub(crate) struct Witness {
    packets: Packets,
    watched: Watched,
}

/// A witness that tells what it sees.
#[derive(Debug)]
pub(crate) struct Telling {
    over: CancellationToken,
    task: JoinHandle<()>,
}

impl Witness {
    /// Of TCP connections to that port. None where there is nothing to see, and where it may
    /// not be seen, which is said.
    pub(crate) fn open(endpoint: &Endpoint, port: u16, journal: &Journal) -> Option<Self> {
        let Target::Tcp(_) = endpoint.target else { return None };
        if endpoint.options.via.is_some() {
            return None;
        }
        let netns = endpoint.options.netns.as_deref();
        let place = Place { carrier: Carrier::Tcp, hosts: Vec::new(), port: Some(port) };
        let watched = Watched { places: vec![place] };
        match Packets::open(Wanted { iface: None, netns, ports: &[port] }) {
            Ok(packets) => Some(Self { packets, watched }),
            Err(error) => {
                let hint = error.hint().unwrap_or_default();
                journal.say(format!("the handshake's packets are not shown: {error}; {hint}"));
                None
            }
        }
    }

    /// Tells the steps of the connection whose caller has that address; without one, of all.
    pub(crate) fn tell(self, caller: Option<String>, journal: &Arc<Journal>) -> Telling {
        let over = CancellationToken::new();
        let watching = watch(self, caller, Arc::clone(journal), over.clone());
        Telling { over, task: tokio::spawn(watching) }
    }
}

impl Telling {
    /// Tells what had come, and a little of what still comes.
    pub(crate) async fn end(self) {
        self.over.cancel();
        // It only watches: how it ends is nobody's failure.
        drop(self.task.await);
    }
}

async fn watch(
    witness: Witness,
    caller: Option<String>,
    journal: Arc<Journal>,
    over: CancellationToken,
) {
    let Witness { mut packets, watched } = witness;
    let (mut flows, mut last) = (Flows::default(), Duration::ZERO);
    let late = async {
        over.cancelled().await;
        tokio::time::sleep(LAST).await;
    };
    tokio::pin!(late);
    // Connections whose close has not been seen, and whether its acknowledgement has been.
    let (mut open, mut done) = (0_u64, false);
    loop {
        let packet = tokio::select! {
            biased;
            taken = packets.next() => match taken {
                Ok(taken) => captured(&taken, &mut last),
                Err(_) => return,
            },
            () = over.cancelled(), if done => return,
            () = &mut late => return,
        };
        let Ok(read) = Packet::read(Link::Cooked2, &packet.bytes) else { continue };
        let Some(end) = watched.end(&read) else { continue };
        let (from, to) = (read.source.to_string(), read.destination.to_string());
        if caller.as_ref().is_some_and(|caller| *caller != from && *caller != to) {
            continue;
        }
        let interface = Cooked::interface_of(&packet.bytes).unwrap_or_default();
        let Some(seen) = flows.take(packet.at, interface, &read, end) else { continue };
        open += u64::from(seen.opened.is_some());
        if seen.step {
            journal.say(format!("wire {from} to {to}: {}", seen.text));
        }
        // The last acknowledgement comes after the close, and none after a RST.
        let closed = seen.closed;
        let cut = closed.as_ref().is_some_and(|close| close.how == How::Rst);
        open = open.saturating_sub(u64::from(closed.is_some()));
        done = open == 0 && (cut || (seen.step && closed.is_none()));
    }
}
