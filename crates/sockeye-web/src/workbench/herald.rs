//! Tells those who watch what has changed, a few times a second, whatever the runs do: they are
//! looked at, on a thread that the talk does not need, and never wait.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sockeye_workbench::rates::{Rates, SECONDS};
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::workbench::desk::Desk;
use crate::workbench::run::{Run, State};
use crate::workbench::seconds::Second;

/// Between two looks: 20 a second.
const LOOK: Duration = Duration::from_millis(50);

/// What has changed of a run is told at every so many looks.
const NEWS_EVERY: u64 = 2;

/// A second is told of when it has been over for so long: what happened in it is on the tape then.
const SETTLED: Duration = Duration::from_millis(100);

/// What was told of a run.
#[derive(Debug, Default)]
struct Told {
    events: u64,
    said: u64,
    /// The seconds before this one were told; none: nothing was.
    seconds: Option<u64>,
    /// All of its seconds were.
    over: bool,
}

/// What was told of each.
type All = HashMap<u64, Told>;

/// Looks and tells until the workbench ends.
pub async fn herald(desk: Arc<Desk>) {
    let mut told = All::new();
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for look in 1_u64.. {
        tokio::select! {
            _ = looks.tick() => {}
            () = desk.setting.stop.cancelled() => return,
        }
        if !desk.hub.is_watched() {
            told.clear();
            continue;
        }
        let (looked_at, before) = (Arc::clone(&desk), std::mem::take(&mut told));
        let looking = spawn_blocking(move || tell_all(&looked_at, before, look));
        // A look that broke off has told nothing that is remembered.
        told = looking.await.unwrap_or_default();
    }
}

fn tell_all(desk: &Desk, mut told: All, look: u64) -> All {
    let runs = desk.all();
    told.retain(|id, _| runs.iter().any(|run| run.id() == *id));
    for run in runs {
        tell(desk, &run, told.entry(run.id()).or_default(), look);
    }
    told
}

fn tell(desk: &Desk, run: &Run, told: &mut Told, look: u64) {
    let (events, said) = (run.parts.reel.reading().len(), run.said.total());
    if (events, said) != (told.events, told.said) {
        (told.events, told.said) = (events, said);
        desk.hub.grew(run.id(), events, said);
    }
    if look.is_multiple_of(NEWS_EVERY)
        && let Some(message) = run.news()
    {
        desk.hub.changed(message);
    }
    let over = run.state() == State::Ended;
    let now = run.parts.journal.clock().now().saturating_sub(SETTLED).as_secs();
    if !told.over && (over || told.seconds.is_none_or(|seconds| seconds < now)) {
        told.over = over;
        let fresh = run.follow(|pulse| {
            let whole = if over { pulse.rates.series().0.saturating_add(1) } else { now };
            since(&pulse.rates, &mut told.seconds, whole)
        });
        for (second, rate) in fresh {
            desk.hub.rates(run.id(), second, &rate);
        }
    }
}

/// The seconds before `whole` that were not told and in which anything happened. What was
/// before the first look is asked for.
fn since(rates: &Rates, told: &mut Option<u64>, whole: u64) -> Vec<(u64, Second)> {
    let from = told.unwrap_or(whole).max(whole.saturating_sub(SECONDS as u64));
    *told = Some(whole.max(from));
    let seconds = (from..whole).filter_map(|second| Some((second, rates.rate(second)?)));
    let busy = seconds.filter(|(_, rate)| rate.events_in + rate.events_out > 0);
    busy.map(|(second, rate)| (second, Second::of(&rate))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sockeye_tape::event::Dir;

    #[test]
    fn a_burst_before_a_silence_is_told_and_no_second_is_skipped() {
        let mut rates = Rates::default();
        let mut told = None;
        let mut tell = |rates: &Rates, whole| {
            since(rates, &mut told, whole).into_iter().map(|(second, _)| second).collect::<Vec<_>>()
        };
        assert_eq!(tell(&rates, 0), [0; 0]);
        rates.moved(Duration::from_millis(300), 1, Dir::In, 1);
        assert_eq!(tell(&rates, 0), [0; 0], "it goes on");
        assert_eq!(tell(&rates, 1), [0]);
        assert_eq!(tell(&rates, 4), [0; 0], "silence");
        for second in [4, 5, 7] {
            rates.moved(Duration::from_secs(second), 1, Dir::Out, 1);
        }
        assert_eq!(tell(&rates, 8), [4, 5, 7], "after a look that came late");
        assert_eq!(tell(&rates, 8), [0; 0]);
    }

    #[test]
    fn what_was_before_the_first_look_is_not_told_again() {
        let mut rates = Rates::default();
        rates.moved(Duration::from_secs(3), 1, Dir::In, 1);
        let mut told = None;
        assert!(since(&rates, &mut told, 9).is_empty());
        assert_eq!(told, Some(9));
    }
}
