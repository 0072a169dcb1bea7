//! A lesson: a classic program's server and its client, a run each, with one lesson over both.

use std::sync::Arc;

use sockeye_classics::catalogue::Program;
use sockeye_classics::lesson::Lesson;
use sockeye_classics::lesson::ground::Given;

use crate::workbench::desk::{Desk, Manner};
use crate::workbench::draft::Draft;
use crate::workbench::lesson::{self, Runs, tongue};
use crate::workbench::refusal::Refusal;
use crate::workbench::run::{Affair, Run};

/// Opens both; the server's run is the one that is asked about the lesson.
pub(super) fn lesson(
    desk: &Arc<Desk>,
    program: Program,
    draft: &Draft,
) -> Result<Arc<Run>, Refusal> {
    let named = |side: &str| Draft {
        name: Some(format!("{} ({side})", program.row().name)),
        ..draft.clone()
    };
    let server = desk.begin(named("server"), Manner::default())?;
    let client = desk.begin(named("client"), Manner::default());
    let client = client.inspect_err(|_| desk.drop_run(&server))?;
    let given = Given {
        server: Arc::clone(&server.parts.journal),
        client: Arc::clone(&client.parts.journal),
        folder: desk.setting.folder.clone(),
        tongue: tongue(draft.language.as_deref()),
        stop: desk.setting.stop.child_token(),
    };
    let stop = given.stop.clone();
    let opened = Lesson::open(program, given).map_err(|error| lesson::refused(&error));
    let lesson = opened.inspect_err(|_| {
        // One side alone, or two that never open, would only be in the way.
        desk.drop_run(&server);
        desk.drop_run(&client);
    })?;
    let lesson = Arc::new(lesson);
    let runs = Runs { server: server.id(), client: client.id() };
    for run in [&server, &client] {
        // It is new: nothing is in it.
        drop(run.affair.set(Affair::Lesson(Arc::clone(&lesson), runs)));
        run.ready(&format!("classic:{}", program.row().name), &[]);
    }
    let (both, ours) = ([Arc::clone(&server), client], Arc::clone(desk));
    desk.tasks.spawn(async move {
        let [server, client] = &both;
        tokio::select! {
            () = stop.cancelled() => {}
            () = lesson.over() => {}
            () = server.parts.stop.cancelled() => {}
            () = client.parts.stop.cancelled() => {}
        }
        lesson.end();
        for run in &both {
            run.parts.stop.cancel();
            run.parts.journal.settle().await;
            for line in run.parts.journal.finish() {
                run.parts.journal.say(line);
            }
            ours.over(run);
            run.ended(Ok(None));
        }
    });
    Ok(server)
}
