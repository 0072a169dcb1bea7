//! Tells those who watch what has changed, a few times a second, whatever the runs do: they are
//! looked at, and never wait.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use sockeye_workbench::rates::Rate;
use tokio::time::{MissedTickBehavior, interval};

use crate::workbench::desk::Desk;
use crate::workbench::run::Run;
use crate::workbench::seconds::Second;

/// Between two looks: 20 a second.
const LOOK: Duration = Duration::from_millis(50);

/// A run is told of anew at every so many looks, its rates at every so many.
const RUN_EVERY: u64 = 2;
const RATES_EVERY: u64 = 20;

/// So many seconds that are past are told of at once.
const CATCH_UP: u64 = 5;

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
        run.follow(|pulse| {
            for second in whole(told.second, pulse.rates.series().0) {
                told.second = Some(second);
                if let Some(rate) = pulse.rates.rate(second).filter(|rate| *rate != Rate::default())
                {
                    desk.hub.rates(run.id(), second, &Second::of(&rate));
                }
            }
        });
    }
}

/// The seconds that are whole and were not told of: the last one goes on. Looks may come late,
/// so there may be several; whoever was not told for long asks for the rest.
fn whole(told: Option<u64>, last: u64) -> Range<u64> {
    let first = told.map_or(last.saturating_sub(1), |told| told + 1);
    first.max(last.saturating_sub(CATCH_UP))..last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_second_is_told_of_once_it_is_whole_and_none_is_left_out() {
        assert_eq!(whole(None, 0), 0..0);
        assert_eq!(whole(None, 7), 6..7);
        assert_eq!(whole(Some(6), 7), 7..7);
        assert_eq!(whole(Some(6), 8), 7..8);
        // A look was late.
        assert_eq!(whole(Some(6), 10), 7..10);
        assert_eq!(whole(Some(6), 1000), 995..1000);
    }
}
