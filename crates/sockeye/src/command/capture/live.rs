//! Packets as they pass.

use std::time::{SystemTime, UNIX_EPOCH};

use sockeye_workbench::capture::live::Live;
use sockeye_workbench::capture::places::Places;
use sockeye_workbench::capture::taken::COOKED;
use tokio::time::Instant;

use crate::args::capture::Capture;
use crate::command::capture::desk::{Desk, From};
use crate::failure::Failed;
use crate::stage::Stage;

/// Captures until a limit or a signal.
pub(super) async fn run(args: &Capture, places: Places, stage: &Stage) -> Result<(), Failed> {
    let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut live = Live::open(&places, start)?;
    let from = From { at: start, link: COOKED, interface: live.interface().unwrap_or("any") };
    let mut desk = Desk::open(args, places.watched, from, &stage.journal)?;
    let place = live.interface().unwrap_or("every interface");
    stage.journal.say(format!("capturing {} on {place}", places.names.join(", ")));
    let deadline = args.within.map(|within| Instant::now() + within);
    let broken = live.run(&mut desk, deadline, &stage.stop).await?;
    let counts = live.counts();
    desk.end(Some((counts.passed, counts.dropped))).await?;
    broken.map_or(Ok(()), |error| Err(error.into()))
}
