//! A client: once, or again each time its peer has gone.

use std::sync::Arc;

use sockeye_workbench::calling::{Detail, Line, warning};
use sockeye_workbench::closing::Closing;
use sockeye_workbench::conversation::input::Input;
use sockeye_workbench::roster::orders;

use crate::workbench::desk::Desk;
use crate::workbench::meaning::Call;
use crate::workbench::refusal::Refusal;
use crate::workbench::run::Run;

/// Talks until the peer's end, or until it is ended.
pub(super) async fn call(
    desk: Arc<Desk>,
    run: Arc<Run>,
    call: Call,
) -> Result<Option<Closing>, Refusal> {
    if let Some(warning) = warning(&call.endpoint) {
        run.parts.journal.say(warning);
    }
    let (door, queue) = orders();
    let mut line = Line {
        how: desk.setting.dialled(&call.how),
        plan: Arc::new(call.plan),
        roster: Arc::clone(&run.roster),
        door: Some(door),
        input: Input::Orders(queue),
        journal: Arc::clone(&run.parts.journal),
        detail: Detail::More,
        stop: run.parts.stop.clone(),
    };
    let mut opened = run.parts.reel.watch();
    let mut talking = Box::pin(line.talk(&call.endpoint, call.reconnect));
    tokio::select! {
        over = &mut talking => return Ok(over?),
        // The first event is that the conversation is open.
        _ = opened.wait_for(|events| *events > 0) => {}
    }
    run.ready(&call.endpoint.to_string(), &[]);
    Ok(talking.await?)
}
