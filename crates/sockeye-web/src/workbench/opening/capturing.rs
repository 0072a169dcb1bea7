//! What really crosses the wire, as a run.

use std::sync::Arc;
use std::time::Duration;

use sockeye_net::endpoint::Endpoint;
use sockeye_net::resolve::Lookup;
use sockeye_workbench::capture::live::{Live, Sink as _};
use sockeye_workbench::capture::places::{Places, places};
use sockeye_workbench::capture::scope::Terms;
use sockeye_workbench::closing::{Closing, Failure};

use crate::workbench::captured::{Captured, Catch};
use crate::workbench::desk::{Desk, Manner};
use crate::workbench::draft::Draft;
use crate::workbench::meaning;
use crate::workbench::opening::start;
use crate::workbench::refusal::Refusal;
use crate::workbench::run::{Affair, Run};

/// Opens a capture of these endpoints.
pub(super) async fn open(
    desk: &Arc<Desk>,
    draft: Draft,
    endpoints: &[Endpoint],
) -> Result<Arc<Run>, Refusal> {
    let of = draft.of.map(|id| desk.run(id)).transpose()?;
    if endpoints.is_empty() {
        return Err(Refusal::usage("no endpoint is named").field("endpoints"));
    }
    let framing = meaning::framing("frame", draft.frame.as_deref())?;
    let found = places(endpoints, None, Lookup::default()).await;
    let places = found.map_err(|failure| of_failure(&failure).field("endpoints"))?;
    let run = desk.begin(draft, Manner::default())?;
    let terms = Terms {
        watched: places.watched.clone(),
        start: Duration::from_millis(run.parts.began),
        framing,
        ruled: of.is_some(),
    };
    let captured = Arc::new(Captured::new(terms, of));
    // It is new: nothing is in it.
    drop(run.affair.set(Affair::Capture(Arc::clone(&captured))));
    let catch = Catch { run: Arc::clone(&run), captured, taken: 0 };
    start(desk, &run, capture(catch, places));
    Ok(run)
}

async fn capture(mut catch: Catch, places: Places) -> Result<Option<Closing>, Refusal> {
    let run = Arc::clone(&catch.run);
    let mut live = Live::open(&places, Duration::from_millis(run.parts.began))?;
    run.ready(&places.names.join(" "), &[]);
    let broken = live.run(&mut catch, None, &run.parts.stop).await?;
    catch.settle().await?;
    for line in catch.captured.end() {
        run.parts.journal.say(line);
    }
    let dropped = live.counts().dropped;
    if dropped > 0 {
        let text = format!("warning: the kernel had no room for {dropped} packets");
        run.parts.journal.say(text);
    }
    broken.map_or(Ok(None), |error| Err(Refusal::from(error)))
}

fn of_failure(failure: &Failure) -> Refusal {
    let hint = failure.hint.clone();
    Refusal { hint, ..Refusal::usage(failure.text.clone()) }
}
