//! `sockeye capture`: what really crossed the wire.

mod places;
mod desk;
mod live;

use std::process::ExitCode;

use sockeye_tape::capture::reading;

use crate::args::capture::Capture;
use crate::args::shared::{Keep, Messages};
use crate::command::capture::desk::Desk;
use crate::command::capture::places::{Places, places};
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// Runs the command.
pub(crate) async fn run(args: Capture) -> ExitCode {
    let places = match places(&args).await {
        Ok(places) => places,
        Err(failed) => return stage::fail(&failed, args.json),
    };
    let needs = Needs { numbered: true, input: false, output: false };
    // The stage's own outlets are not used: events have the packets' times.
    let keep = Keep { json: args.json, ..Keep::nothing() };
    let stage = match Stage::set(&keep, &Messages::none(), needs, false) {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, args.json),
    };
    let result = match (desk::keep_apart(&args), &args.read) {
        (Err(failed), _) => Err(failed),
        (Ok(()), Some(_)) => read(&args, places, &stage).await,
        (Ok(()), None) => live::run(&args, places, &stage).await,
    };
    stage.end(result.map(|()| None)).await
}

/// The packets of a file.
async fn read(args: &Capture, places: Places, stage: &Stage) -> Result<(), Failed> {
    let path = args.read.as_deref().unwrap_or_else(|| "-".as_ref());
    let mut capture = reading::Capture::open(path)?;
    let mut next = capture.next().transpose();
    let first = next.as_ref().ok().and_then(Option::as_ref);
    let (at, link) = first.map_or_else(Default::default, |packet| (packet.at, packet.link));
    let mut desk = Desk::open(args, places.watched, desk::From { at, link, interface: "" })?;
    let mut damaged = None;
    while !stage.stop.is_cancelled() && !desk.has_enough() {
        match next {
            Ok(Some(packet)) => desk.take(&packet)?,
            Ok(None) => break,
            Err(error) => {
                damaged = Some(error);
                break;
            }
        }
        if desk.is_full() {
            desk.settle(stage).await?;
            // Signals are heard between pieces.
            tokio::task::yield_now().await;
        }
        next = capture.next().transpose();
    }
    desk.end(stage, None).await?;
    if let Some(cut) = capture.torn() {
        stage.journal.say(format!("note: the file is cut ({cut} bytes at its end left out)"));
    }
    if capture.strays() > 0 {
        let count = capture.strays();
        stage.journal.say(format!("note: left out: {count} packets of no described interface"));
    }
    damaged.map_or(Ok(()), |error| Err(error.into()))
}
