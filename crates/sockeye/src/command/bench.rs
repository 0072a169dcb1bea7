//! `sockeye bench`: how fast it is.

mod echo;

use std::process::ExitCode;

use sockeye_workbench::closing::Failure;

use crate::args::bench::Bench;
use crate::args::shared::{Keep, Messages};
use crate::command::block_on;
use crate::failure::Failed;
use crate::stage::{Needs, Stage};

/// Runs the command.
pub(crate) fn run(bench: Bench) -> ExitCode {
    match bench {
        Bench::Echo(args) => block_on(echo::run(*args)),
    }
}

/// The stage of a bench: no talk is shown or kept.
fn stage(json: bool, verbose: bool) -> Result<Stage, Failed> {
    let keep = Keep { json, ..Keep::nothing() };
    let needs = Needs { numbered: true, input: false, output: false };
    Stage::set(&keep, &Messages::none(), needs, verbose)
}

/// Prints the result, then says what is wrong with it.
async fn tell(stage: &Stage, text: String, failure: Option<Failure>) -> Result<(), Failed> {
    // A stdout that is closed wants nothing.
    if let Some(room) = stage.journal.screen().room().await {
        room.print(text.into_bytes());
    }
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Lets this process have as many connections as its hard limit allows, where they are more
/// than the soft one.
fn make_room(connections: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // Stdio, the runtime's own, and a few to spare.
    let wanted = connections + 32;
    let now = getrlimit(Resource::Nofile);
    if now.current.is_some_and(|now| now < wanted) {
        let current = Some(now.maximum.map_or(wanted, |most| most.min(wanted)));
        // Where it is not allowed, whoever cannot connect is told of.
        let _refused = setrlimit(Resource::Nofile, Rlimit { current, maximum: now.maximum });
    }
}
