//! `sockeye capture`: what really crossed the wire.

mod desk;
mod live;

use std::process::ExitCode;

use sockeye_net::endpoint::{Bare, Endpoint, Purpose};
use sockeye_net::resolve::Lookup;
use sockeye_tape::capture::reading;
use sockeye_workbench::capture::live::Sink;
use sockeye_workbench::capture::places::{Places, places};

use crate::args::capture::Capture;
use crate::args::shared::{Keep, Messages};
use crate::command::capture::desk::Desk;
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// Runs the command.
pub(crate) async fn run(args: Capture) -> ExitCode {
    let places = match watched(&args).await {
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

/// What is watched, by the words of the command line.
async fn watched(args: &Capture) -> Result<Places, Failed> {
    let bare = if args.udp { Bare::Udp } else { Bare::Tcp };
    let read = args.endpoints.iter().map(|text| Endpoint::parse_with(text, Purpose::Listen, bare));
    let endpoints = read.collect::<Result<Vec<_>, _>>()?;
    let lookup = Lookup { numeric: args.numeric, ..Lookup::default() };
    Ok(places(&endpoints, args.iface.clone(), lookup).await?)
}

/// The packets of a file.
async fn read(args: &Capture, places: Places, stage: &Stage) -> Result<(), Failed> {
    let path = args.read.as_deref().unwrap_or_else(|| "-".as_ref());
    let mut capture = reading::Capture::open(path)?;
    let mut next = capture.next().transpose();
    let first = next.as_ref().ok().and_then(Option::as_ref);
    let (at, link) = first.map_or_else(Default::default, |packet| (packet.at, packet.link));
    let from = desk::From { at, link, interface: "" };
    let mut desk = Desk::open(args, places.watched, from, &stage.journal)?;
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
            desk.settle().await?;
            // Signals are heard between pieces.
            tokio::task::yield_now().await;
        }
        next = capture.next().transpose();
    }
    desk.end(None).await?;
    if let Some(cut) = capture.torn() {
        stage.journal.say(format!("note: the file is cut ({cut} bytes at its end left out)"));
    }
    if capture.strays() > 0 {
        let count = capture.strays();
        stage.journal.say(format!("note: left out: {count} packets of no described interface"));
    }
    damaged.map_or(Ok(()), |error| Err(error.into()))
}
