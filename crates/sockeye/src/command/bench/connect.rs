//! `sockeye bench connect`: all that can be measured with a `bench serve`.

use std::process::ExitCode;

use sockeye_net::dial::FileUse;
use sockeye_net::endpoint::Endpoint;
use sockeye_workbench::bench::course::{self, Part, Setting, Summary};
use sockeye_workbench::bench::visit::Visit;

use crate::args::bench::Connect;
use crate::command::bench::{Outcome, called, datagrams, end, held, make_room, stage, tell};
use crate::command::open;
use crate::stage::{self, Stage};

/// What is measured unless `--only` says other.
const ALL: [Part; 5] = [Part::Up, Part::Down, Part::Both, Part::RoundTrips, Part::Connections];
/// How many make connections at the same time.
const CALLERS: u32 = 64;

/// Runs the command.
pub(crate) async fn run(args: Connect) -> ExitCode {
    let endpoint = match called(&args.endpoint, &args.tls, &args.reach) {
        Ok(endpoint) => endpoint,
        Err(failed) => return stage::fail(&failed, args.json),
    };
    let stage = match stage(false, args.reach.verbose) {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, args.json),
    };
    let result = if endpoint.is_datagram() {
        datagrams::offer_to(&args, &endpoint, &stage).await
    } else {
        bench(&args, &endpoint, &stage).await
    };
    end(stage, result, args.json).await
}

async fn bench(args: &Connect, endpoint: &Endpoint, stage: &Stage) -> Outcome {
    datagrams::refuse_for_streams(args)?;
    open::warn(endpoint, stage);
    let parts = match args.only.as_slice() {
        [] => ALL.to_vec(),
        only => only.iter().map(|part| (*part).into()).collect(),
    };
    let setting = Setting {
        parts,
        time: args.time,
        streams: usize::from(args.streams),
        size: args.size,
        clients: args.clients.unwrap_or(1) as usize,
        callers: args.clients.unwrap_or(CALLERS) as usize,
    };
    if setting.parts.contains(&Part::RoundTrips) {
        held(setting.size * 2, setting.clients)?;
    }
    make_room((setting.streams + setting.clients + setting.callers) as u64);
    let how = args.reach.dial(args.wait, FileUse::Target);
    let summary = tokio::select! {
        visit = Visit::begin(endpoint, how) => {
            course::run(visit?, &setting, &stage.journal, &stage.stop).await
        }
        () = stage.stop.cancelled() => Summary::nothing(endpoint.to_string(), setting.streams),
    };
    let text = if args.json { summary.json() } else { summary.text() };
    tell(stage, text).await;
    Ok(summary.failure)
}
