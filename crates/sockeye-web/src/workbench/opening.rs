//! Opening what a draft asks for: the same parts of the workbench that the commands drive, each
//! run on a task of its own. How a run ended is told to it.

mod calling;
mod serving;
mod relaying;
pub mod replaying;
mod shaking;
mod capturing;
mod lesson;
mod demo;

use std::sync::Arc;
use std::time::Duration;

use sockeye_workbench::closing::Closing;
use sockeye_workbench::fault::seed::drawn;
use sockeye_workbench::fault::shared::Faults;
use tokio::task::spawn_blocking;

use crate::workbench::desk::{Desk, Manner};
use crate::workbench::draft::Draft;
use crate::workbench::meaning::{Meaning, read};
use crate::workbench::refusal::Refusal;
use crate::workbench::run::{Affair, Run};
use crate::workbench::shaken::Shaken;

/// A page that opens something is answered when it is open, or after so long.
const PROMPT: Duration = Duration::from_millis(500);

/// Opens a draft: a run that has begun, and may have failed by now.
pub async fn open(desk: &Arc<Desk>, draft: Draft) -> Result<Arc<Run>, Refusal> {
    let run = match read(&draft, desk.setting.reach)? {
        Meaning::Call(call) => {
            let run = desk.begin(draft, talking(&call.plan))?;
            start(desk, &run, calling::call(Arc::clone(desk), Arc::clone(&run), *call));
            run
        }
        Meaning::Serve(serve) => {
            let run = desk.begin(draft, talking(&serve.plan))?;
            start(desk, &run, serving::serve(Arc::clone(desk), Arc::clone(&run), *serve));
            run
        }
        Meaning::Relay(relayed) => {
            let seed = relayed.seed.unwrap_or_else(drawn);
            let faults = Some(Arc::new(Faults::new(relayed.faults.clone(), seed)));
            let run = desk.begin(draft, Manner { faults, ..talking(&relayed.plan) })?;
            start(desk, &run, relaying::relay(Arc::clone(desk), Arc::clone(&run), *relayed));
            run
        }
        Meaning::Replay(mut call) => {
            replaying::playing(desk, &draft, &mut call)?;
            let run = desk.begin(draft, talking(&call.plan))?;
            start(desk, &run, replaying::replay(Arc::clone(desk), Arc::clone(&run), *call));
            run
        }
        Meaning::Lesson(program) => lesson::lesson(desk, program, &draft)?,
        Meaning::Tape(file) => adopt(desk, draft, file).await?,
        Meaning::Demo => demo::demo(desk).await?,
        Meaning::Shake(endpoint) => {
            let shaking = shaking::read(desk, &draft, *endpoint)?;
            let run = desk.begin(draft, Manner::default())?;
            let shaken = Arc::new(Shaken::default());
            // It is new: nothing is in it.
            drop(run.affair.set(Affair::Shake(Arc::clone(&shaken))));
            start(desk, &run, shaking::shake(Arc::clone(desk), Arc::clone(&run), shaken, shaking));
            run
        }
        Meaning::Capture(endpoints) => capturing::open(desk, draft, &endpoints).await?,
    };
    run.opened(PROMPT).await;
    Ok(run)
}

/// Takes a tape of the user's up, on a thread that may wait for the disk.
async fn adopt(desk: &Arc<Desk>, draft: Draft, file: u64) -> Result<Arc<Run>, Refusal> {
    let desk = Arc::clone(desk);
    let adopting = spawn_blocking(move || desk.adopt_file(draft, file));
    let broke = |error| Refusal::failed("E-io", format!("taking the tape in broke off: {error}"));
    adopting.await.map_err(broke)?
}

fn talking(plan: &sockeye_workbench::plan::Plan) -> Manner {
    Manner { composer: plan.composer.clone(), answers: Arc::clone(&plan.answers), faults: None }
}

/// Runs it on a task of its own; its journal is finished and its end told, whatever it is.
fn start(
    desk: &Arc<Desk>,
    run: &Arc<Run>,
    running: impl Future<Output = Result<Option<Closing>, Refusal>> + Send + 'static,
) {
    let (run, ours) = (Arc::clone(run), Arc::clone(desk));
    desk.tasks.spawn(async move {
        let result = Box::pin(running).await;
        let journal = &run.parts.journal;
        journal.settle().await;
        if let Err(refusal) = &result {
            journal.error(&refusal.code, &refusal.text, refusal.hint.as_deref());
        }
        for line in journal.finish() {
            journal.say(line);
        }
        if let Ok(Some(closing)) = &result {
            journal.say(closing.detailed());
        }
        run.parts.stop.cancel();
        ours.over(&run);
        run.ended(result);
    });
}
