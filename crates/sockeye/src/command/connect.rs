//! `sockeye connect`: open an endpoint and talk.

use std::process::ExitCode;
use std::sync::Arc;

use sockeye_net::datagram::MOST_V4;
use sockeye_net::dial::FileUse;
use sockeye_net::endpoint::{Endpoint, Purpose, Target};
use sockeye_workbench::answers::Answers;
use sockeye_workbench::calling::{Detail, Line};
use sockeye_workbench::closing::Closing;
use sockeye_workbench::conversation::input::Input;
use sockeye_workbench::plan::AfterPeersEnd;
use sockeye_workbench::roster::{Roster, orders};
use tokio_util::sync::CancellationToken;

use crate::args::talk::Connect;
use crate::command::ask;
use crate::command::open::{self, AtEnd};
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// Runs the command.
pub(crate) async fn run(args: Connect) -> ExitCode {
    if args.zero {
        return ask::run(&args).await;
    }
    let json = stage::json(&args.keep);
    let endpoint = match open::endpoint(&args.endpoint, Purpose::Dial, &args.reach)
        .and_then(|mut endpoint| args.tls.apply(&mut endpoint).map(|()| endpoint))
    {
        Ok(endpoint) if endpoint.target == Target::Stdio => {
            let hint = "`relay --dial - …` joins them with something else";
            return stage::fail(
                &Failed::usage("`-` is what `connect` talks from already", hint),
                json,
            );
        }
        Ok(endpoint) => endpoint,
        Err(failed) => return stage::fail(&failed, json),
    };
    let needs = Needs { numbered: false, input: true, output: true };
    let stage = match Stage::set(&args.keep, &args.messages, needs, args.reach.verbose) {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, json),
    };
    let mut stage = stage;
    let result = talk(&args, &endpoint, &mut stage).await;
    stage.end(result).await
}

async fn talk(
    args: &Connect,
    endpoint: &Endpoint,
    stage: &mut Stage,
) -> Result<Option<Closing>, Failed> {
    open::warn(endpoint, stage);
    let mut plan = open::plan(&args.messages);
    plan.fit(endpoint);
    plan.answers = Answers::new(args.answers.on.clone(), None);
    plan.quit_after = args.quit;
    let keyboard = stage.has_keyboard();
    plan.forgiving = keyboard;
    plan.after_peers_end = if keyboard { AfterPeersEnd::Close } else { AfterPeersEnd::SendOn };
    let mut line = Line {
        how: args.reach.dial(args.wait, FileUse::Source),
        plan: Arc::new(plan),
        roster: Arc::new(Roster::default()),
        door: None,
        input: Input::Nothing,
        journal: Arc::clone(&stage.journal),
        detail: if args.reach.verbose { Detail::More } else { Detail::Little },
        stop: stage.stop.clone(),
    };
    let composer = line.plan.composer.clone();
    if keyboard {
        let (door, queue) = orders();
        (line.door, line.input) = (Some(door), Input::Orders(queue));
        open::operate(stage, &line.roster, composer, CancellationToken::new(), AtEnd::Finish);
    } else {
        line.input = if endpoint.is_datagram() {
            Input::Orders(open::pipe_in(stage, &composer, MOST_V4))
        } else {
            open::input(stage, &line.plan)
        };
    }
    Ok(line.talk(endpoint, args.reconnect).await?)
}
