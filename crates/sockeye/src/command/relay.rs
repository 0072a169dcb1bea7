//! `sockeye relay`: listen on A, open B for each client.

mod faults;
mod toxiproxy;

use std::process::ExitCode;
use std::sync::Arc;

use sockeye_net::dial::{Dial, FileUse, dial};
use sockeye_net::endpoint::{Endpoint, Purpose, Target};
use sockeye_tape::event::Role;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::fault::shared::Faults;
use sockeye_workbench::plan::Plan;
use sockeye_workbench::relay::ends::{prepare, suit};
use sockeye_workbench::relay::{Guard, Joined, join};
use sockeye_workbench::relaying::{Relaying, Terms};
use sockeye_workbench::roster::Roster;
use tokio_util::sync::CancellationToken;

use crate::args::talk::Relay;
use crate::command::open::{self, Way};
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// Runs the command.
pub(crate) async fn run(args: Relay) -> ExitCode {
    let json = stage::json(&args.keep);
    if let Some(place) = &args.toxiproxy {
        return toxiproxy::run(&args, place).await;
    }
    let ends = match ends(&args) {
        Ok(ends) => ends,
        Err(failed) => return stage::fail(&failed, json),
    };
    let keyboard = faults::has_keyboard(&ends);
    let faults = match faults::of(&args, &ends.0, keyboard) {
        Ok(faults) => faults.map(Arc::new),
        Err(failed) => return stage::fail(&failed, json),
    };
    let needs = Needs { numbered: true, input: keyboard, output: false };
    let mut stage = match Stage::set(&args.keep, &args.messages, needs, args.reach.verbose) {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, json),
    };
    if let Some(faults) = &faults {
        faults::begin(&args, &ends, faults, &mut stage);
    }
    let result = relay(&args, ends, faults, &stage).await;
    stage.end(result).await
}

fn ends(args: &Relay) -> Result<(Endpoint, Endpoint), Failed> {
    let purpose = if args.dial { Purpose::Dial } else { Purpose::Listen };
    let bare = args.reach.bare();
    let mut left = Endpoint::parse_with(args.left.as_deref().unwrap_or_default(), purpose, bare)?;
    open::was_passed(&left)?;
    let mut right =
        Endpoint::parse_with(args.right.as_deref().unwrap_or_default(), Purpose::Dial, bare)?;
    if left.speaks_tls() && !args.dial {
        args.tls.of_server().apply(&mut left)?;
        args.tls.of_client().apply(&mut right)?;
    } else {
        args.tls.apply(&mut right)?;
    }
    suit(&left, &right)?;
    if !args.dial {
        prepare(&mut left, &right)?;
    }
    Ok((left, right))
}

async fn relay(
    args: &Relay,
    (left, right): (Endpoint, Endpoint),
    faults: Option<Arc<Faults>>,
    stage: &Stage,
) -> Result<Option<Closing>, Failed> {
    let how = args.reach.dial(args.wait, FileUse::Target);
    let plan = Arc::new(Plan { faults, ..open::plan(&args.messages) });
    open::warn(&right, stage);
    open::detail_way(stage, Way::of(&plan, stage));
    // Nobody can call a serial port: it is opened, once.
    if args.dial || matches!(left.target, Target::Serial(_)) {
        let source = Dial { file: FileUse::Source, ..how.clone() };
        let from = dial(&left, source, None).await?;
        let to = dial(&right, how, Some(&from.facts)).await?;
        let faults = plan.faults.as_ref().map(Faults::subject);
        let (guard, stop) = (Guard::Open, stage.stop.clone());
        let terms = Joined { left_role: Role::Dial, plan, guard, faults, stop };
        return Ok(Some(join(from, to, terms, &stage.journal).await));
    }
    let terms = Terms {
        how,
        access: args.callers.access(),
        plan,
        closed: CancellationToken::new(),
        stop: stage.stop.clone(),
    };
    let relaying = Relaying::bind(&left, right, terms).await?;
    stage.ready(relaying.canonical(), relaying.dialable()).await;
    relaying.run(Arc::clone(&stage.journal), Arc::new(Roster::default())).await;
    Ok(None)
}
