//! One side of a run's tape, again.

use std::sync::Arc;
use std::time::Duration;

use sockeye_workbench::closing::Closing;
use sockeye_workbench::player::{Playing, Speed};
use sockeye_workbench::script::{Gathering, Script, Side};

use crate::workbench::desk::Desk;
use crate::workbench::draft::Draft;
use crate::workbench::meaning::{Call, Serve};
use crate::workbench::opening::{calling, serving};
use crate::workbench::refusal::Refusal;
use crate::workbench::run::Run;
use crate::workbench::save::each;

/// How long what had come is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What one conversation of a run's tape said. Blocks.
pub fn script(run: &Run, conversation: Option<u64>) -> Result<Script, Refusal> {
    let mut gathering = Gathering::default();
    let refused = |error: sockeye_workbench::script::ScriptError| {
        Refusal::usage(error.to_string()).hint("another run, or another conversation").field("tape")
    };
    each(&run.parts.reel.reading(), |event| gathering.take(event.clone()).map_err(refused))?;
    gathering.script(conversation).map_err(refused)
}

/// What is played, read before anything is opened.
pub(super) fn playing(desk: &Desk, draft: &Draft, call: &mut Call) -> Result<(), Refusal> {
    let Some(tape) = draft.tape else {
        return Err(Refusal::usage("no run is named").hint("whose tape is played?").field("tape"));
    };
    let script = script(&*desk.run(tape)?, draft.conversation)?;
    if script.datagrams != call.endpoint.is_datagram() {
        let text = "a tape of datagrams is played to datagrams, one of a stream to a stream";
        return Err(Refusal::usage(text).field("endpoint"));
    }
    let Speed(speed) = match draft.speed.as_deref().filter(|text| !text.is_empty()) {
        None => Speed(Some(1.0)),
        Some(text) => text.parse().map_err(|why: String| Refusal::usage(why).field("speed"))?,
    };
    call.plan.playing = Some(Playing {
        script: Arc::new(script),
        side: if draft.as_server { Side::Acceptor } else { Side::Dialler },
        speed,
        patience: PATIENCE,
        strict: false,
    });
    Ok(())
}

/// Plays it.
pub(super) async fn replay(
    desk: Arc<Desk>,
    run: Arc<Run>,
    call: Call,
) -> Result<Option<Closing>, Refusal> {
    if !run.parts.draft.as_server {
        return calling::call(desk, run, call).await;
    }
    let access = sockeye_workbench::access::Access::default();
    let serve = Serve { endpoint: call.endpoint, command: None, plan: call.plan, access };
    serving::serve(desk, run, serve).await
}
