//! The faults of one direction behind each other: what one lets out goes into the next.

use std::collections::VecDeque;
use std::time::Duration;

use crate::fault::aim::Aim;
use crate::fault::line::Line;
use crate::fault::seed::Place;
use crate::fault::strike::Strike;
use crate::fault::swap::Swap;
use crate::fault::turn::Turn;
use crate::fault::unit::{Act, Item, Out};
use crate::fault::{Fault, Kind};

#[derive(Debug)]
enum Stage {
    Strike(Strike),
    Swap(Swap),
    Turn(Turn),
    Line(Line),
}

/// A set of faults at work. What has passed all of them waits until it is taken.
#[derive(Debug)]
pub(super) struct Chain {
    stages: Vec<(Fault, Stage)>,
    ready: VecDeque<Item>,
    weight: usize,
}

/// Where a fault stands in the chain, whatever the order in which it was given: what is
/// meant for units comes before what takes them apart.
fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Drop(_) | Kind::Dup(_) | Kind::Corrupt(_) | Kind::Size(_) => 0,
        Kind::Reorder(_) => 1,
        Kind::Cut(_) | Kind::Rst(_) | Kind::HalfClose(_) | Kind::Stall { .. } => 2,
        Kind::Delay { .. } => 3,
        Kind::Coalesce(_) => 4,
        Kind::Split { .. } => 5,
        Kind::Rate(_) => 6,
        Kind::SlowClose(_) => 7,
    }
}

impl Chain {
    /// The faults of the set that concern this direction. A fault that the chain before had
    /// too goes on where it stands.
    pub(super) fn new(faults: &[Fault], place: Place, before: Option<&Self>) -> Self {
        let mut stages = Vec::new();
        for (index, fault) in (0_u64..).zip(faults) {
            if fault.dir.is_some_and(|dir| dir != place.dir) {
                continue;
            }
            let heir = before.and_then(|before| before.heir(fault));
            let stage = heir.unwrap_or_else(|| stage(fault, Aim::new(fault, place, index)));
            stages.push((fault.clone(), stage));
        }
        stages.sort_by_key(|(fault, _)| rank(&fault.kind));
        Self { stages, ready: VecDeque::new(), weight: 0 }
    }

    fn heir(&self, fault: &Fault) -> Option<Stage> {
        let (_, stage) = self.stages.iter().find(|(own, _)| own == fault)?;
        Some(match stage {
            Stage::Strike(strike) => Stage::Strike(strike.clone()),
            Stage::Swap(swap) => {
                Stage::Swap(Swap { share: swap.share, aim: swap.aim.clone(), kept: None })
            }
            Stage::Turn(turn) => Stage::Turn(turn.heir()),
            Stage::Line(line) => Stage::Line(line.heir()),
        })
    }

    /// Takes items, and lets time pass.
    pub(super) fn run(&mut self, now: Duration, items: Vec<Item>, acts: &mut Vec<Act>) {
        let mut items = items;
        for (_, stage) in &mut self.stages {
            let mut out = Out::default();
            for item in items {
                stage.take(now, item, &mut out);
            }
            stage.due(now, &mut out);
            items = out.items;
            acts.append(&mut out.acts);
        }
        for item in items {
            self.weight += item.weight();
            self.ready.push_back(item);
        }
    }

    /// Faults that are not in the set any more let go of what they hold back for ever.
    pub(super) fn free(&mut self, now: Duration, left: &[Fault], acts: &mut Vec<Act>) {
        let mut items = Vec::new();
        for (fault, stage) in &mut self.stages {
            let mut out = Out::default();
            if let Stage::Turn(turn) = stage
                && !left.contains(fault)
            {
                turn.free(&mut out);
            }
            for item in items {
                stage.take(now, item, &mut out);
            }
            items = out.items;
            acts.append(&mut out.acts);
        }
        for item in items {
            self.weight += item.weight();
            self.ready.push_back(item);
        }
    }

    /// The next that has passed all faults.
    pub(super) fn pop(&mut self) -> Option<Item> {
        let item = self.ready.pop_front()?;
        self.weight -= item.weight();
        Some(item)
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.stages.iter().filter_map(|(_, stage)| stage.deadline()).min()
    }

    pub(super) fn weight(&self) -> usize {
        self.weight + self.stages.iter().map(|(_, stage)| stage.weight()).sum::<usize>()
    }
}

fn stage(fault: &Fault, aim: Aim) -> Stage {
    match fault.kind {
        Kind::Drop(_) | Kind::Dup(_) | Kind::Corrupt(_) | Kind::Size(_) => {
            Stage::Strike(Strike { kind: fault.kind.clone(), aim })
        }
        Kind::Reorder(share) => Stage::Swap(Swap { share, aim, kept: None }),
        Kind::Cut(_) | Kind::Rst(_) | Kind::HalfClose(_) | Kind::Stall { .. } => {
            Stage::Turn(Turn::new(fault.clone(), aim))
        }
        Kind::Delay { .. }
        | Kind::Coalesce(_)
        | Kind::Split { .. }
        | Kind::Rate(_)
        | Kind::SlowClose(_) => Stage::Line(Line::new(fault.clone(), aim)),
    }
}

impl Stage {
    fn take(&mut self, now: Duration, item: Item, out: &mut Out) {
        match self {
            Self::Strike(strike) => strike.take(item, out),
            Self::Swap(swap) => swap.take(now, item, out),
            Self::Turn(turn) => turn.take(now, item, out),
            Self::Line(line) => line.take(now, item, out),
        }
    }

    fn due(&mut self, now: Duration, out: &mut Out) {
        match self {
            Self::Strike(_) => {}
            Self::Swap(swap) => swap.due(now, out),
            Self::Turn(turn) => turn.due(now, out),
            Self::Line(line) => line.due(now, out),
        }
    }

    fn deadline(&self) -> Option<Duration> {
        match self {
            Self::Strike(_) => None,
            Self::Swap(swap) => swap.deadline(),
            Self::Turn(turn) => turn.deadline(),
            Self::Line(line) => line.deadline(),
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Strike(_) => 0,
            Self::Swap(swap) => swap.weight(),
            Self::Turn(turn) => turn.weight(),
            Self::Line(line) => line.weight(),
        }
    }
}
