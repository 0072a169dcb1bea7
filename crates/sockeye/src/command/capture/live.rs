//! Packets as they pass.

use std::time::{SystemTime, UNIX_EPOCH};

use sockeye_net::error::{NetError, Phase};
use sockeye_net::packets::{Packets, Wanted};
use sockeye_workbench::capture::taken::{COOKED, captured};
use tokio::time::{Instant, sleep_until};

use crate::args::capture::Capture;
use crate::command::capture::desk::{Desk, From};
use crate::command::capture::places::Places;
use crate::failure::Failed;
use crate::stage::Stage;

/// The most packets that had come by the end and are still taken.
const LAST: usize = 65_536;

/// Captures until a limit or a signal.
pub(super) async fn run(args: &Capture, places: Places, stage: &Stage) -> Result<(), Failed> {
    let ports = places.watched.ports();
    let (iface, netns) = (places.iface.as_deref(), places.netns.as_deref());
    let mut packets = Packets::open(Wanted { iface, netns, ports: &ports })?;
    let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let from = From { at: start, link: COOKED, interface: iface.unwrap_or("any") };
    let mut desk = Desk::open(args, places.watched, from)?;
    let place = iface.unwrap_or("every interface");
    stage.journal.say(format!("capturing {} on {place}", places.names.join(", ")));
    let deadline = args.within.map(|within| Instant::now() + within);
    let mut last = start;
    let failed = |error| Failed::from(NetError::io(Phase::Capture, place, error));
    let mut broken = None;
    while !desk.has_enough() {
        tokio::select! {
            biased;
            () = stage.stop.cancelled() => break,
            () = until(deadline) => break,
            taken = packets.next(), if !desk.is_full() => match taken {
                Ok(taken) => desk.take(&captured(&taken, &mut last))?,
                Err(error) => {
                    broken = Some(failed(error));
                    break;
                }
            },
            // Nothing has come that could be taken at once.
            () = std::future::ready(()), if !desk.is_idle() => desk.settle(stage).await?,
        }
    }
    // What had come before the end belongs to it.
    for _ in 0..LAST {
        if desk.has_enough() || broken.is_some() {
            break;
        }
        tokio::select! {
            biased;
            taken = packets.next() => match taken {
                Ok(taken) => desk.take(&captured(&taken, &mut last))?,
                Err(_) => break,
            },
            () = std::future::ready(()) => break,
        }
    }
    let counts = packets.counts();
    desk.end(stage, Some((counts.passed, counts.dropped))).await?;
    broken.map_or(Ok(()), Err)
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
