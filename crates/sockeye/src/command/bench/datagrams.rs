//! `sockeye bench connect udp://…`: numbered datagrams, one way.

use sockeye_net::dial::FileUse;
use sockeye_net::endpoint::Endpoint;
use sockeye_workbench::bench::datagrams::offer::{Offer, Runs, offer};

use crate::args::bench::Connect;
use crate::command::bench::{Outcome, tell};
use crate::command::open;
use crate::failure::Failed;
use crate::stage::Stage;

/// Sends them, and tells what came.
pub(super) async fn offer_to(args: &Connect, endpoint: &Endpoint, stage: &Stage) -> Outcome {
    if !args.only.is_empty() || args.clients.is_some() || args.streams != 1 {
        return Err(Failed::usage(
            "`--only`, `--clients` and `--streams` are for streams: datagrams go one way",
            "round trips by datagrams: sockeye bench echo udp://…",
        ));
    }
    if !Offer::fits(args.size) {
        return Err(Failed::usage(
            format!("datagrams of {} bytes cannot be numbered or sent", args.size),
            "`--size` from 28 to 65507",
        ));
    }
    open::warn(endpoint, stage);
    let runs = if args.no_gso { Runs::Never } else { Runs::IfItCan };
    let load = Offer { size: args.size, time: args.time, rate: args.rate, runs };
    let how = args.reach.dial(args.wait, FileUse::Target);
    let offered = offer(endpoint, how, load, &stage.journal, &stage.stop).await?;
    let text = if args.json { offered.json() } else { offered.text() };
    tell(stage, text).await;
    Ok(offered.failure)
}

/// What is for datagrams alone.
pub(super) fn refuse_for_streams(args: &Connect) -> Result<(), Failed> {
    if args.rate.is_none() && !args.no_gso {
        return Ok(());
    }
    let why = "`--rate` and `--no-gso` are for datagrams";
    Err(Failed::usage(why, "sockeye bench connect udp://…"))
}
