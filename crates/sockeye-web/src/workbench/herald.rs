//! Tells those who watch what has changed, a few times a second, whatever the runs do: they are
//! looked at, and never wait.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::workbench::desk::Desk;
use crate::workbench::run::Run;
use crate::workbench::seconds::Second;

/// Between two looks: 20 a second.
const LOOK: Duration = Duration::from_millis(50);

/// A run is told of anew at every so many looks, its rates at every so many.
const RUN_EVERY: u64 = 2;
const RATES_EVERY: u64 = 20;

/// What was told of a run.
#[derive(Debug, Default)]
struct Told {
    events: u64,
    said: u64,
    changes: u64,
    second: Option<u64>,
}

/// Looks and tells until the workbench ends.
pub async fn herald(desk: Arc<Desk>) {
    let mut told: HashMap<u64, Told> = HashMap::new();
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for look in 1_u64.. {
        tokio::select! {
            _ = looks.tick() => {}
            () = desk.setting.stop.cancelled() => return,
        }
        let runs = desk.all();
        told.retain(|id, _| runs.iter().any(|run| run.id() == *id));
        if !desk.hub.is_watched() {
            continue;
        }
        for run in runs {
            tell(&desk, &run, told.entry(run.id()).or_default(), look);
        }
    }
}

fn tell(desk: &Desk, run: &Run, told: &mut Told, look: u64) {
    let (events, said) = (run.parts.reel.reading().len(), run.said.total());
    if (events, said) != (told.events, told.said) {
        (told.events, told.said) = (events, said);
        desk.hub.grew(run.id(), events, said);
        // What came over may have changed its counts, and who is there.
        run.changed();
    }
    if look.is_multiple_of(RUN_EVERY) {
        run.follow(|_| ());
        let changes = run.changes();
        if changes != told.changes {
            told.changes = changes;
            desk.hub.run(run);
        }
    }
    if look.is_multiple_of(RATES_EVERY) {
        // The last second goes on: the one before it is whole.
        let whole = run.follow(|pulse| {
            let second = pulse.rates.series().0.checked_sub(1)?;
            pulse.rates.rate(second).map(|rate| (second, rate))
        });
        if let Some((second, rate)) = whole.filter(|(second, _)| told.second != Some(*second)) {
            told.second = Some(second);
            desk.hub.rates(run.id(), second, &Second::of(&rate));
        }
    }
}
