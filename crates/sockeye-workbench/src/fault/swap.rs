//! `reorder`: a unit waits until the one behind it has gone on.

use std::time::Duration;

use crate::fault::Percent;
use crate::fault::aim::Aim;
use crate::fault::unit::{Item, Out, Unit};

/// A unit that nothing follows goes on after so long.
const NOTHING_FOLLOWS: Duration = Duration::from_millis(100);

/// The fault, in one direction.
#[derive(Debug)]
pub(super) struct Swap {
    pub(super) share: Percent,
    pub(super) aim: Aim,
    /// The unit that waits, and for how long at most.
    pub(super) kept: Option<(Unit, Duration)>,
}

impl Swap {
    pub(super) fn take(&mut self, now: Duration, item: Item, out: &mut Out) {
        let unit = match (item, self.kept.take()) {
            (item, Some((kept, _))) => {
                let passes = matches!(&item, Item::Unit(unit) if unit.number > 0);
                if passes {
                    out.tell(format!("reorder: {}, after the one behind it", kept.shown()));
                    return out.items.extend([item, Item::Unit(kept)]);
                }
                // Nothing that is a unit follows.
                return out.items.extend([Item::Unit(kept), item]);
            }
            (Item::Unit(unit), None) if unit.number > 0 => unit,
            (other, None) => return out.items.push(other),
        };
        if self.aim.strikes(&unit) && self.aim.draws.chance(self.share) {
            self.kept = Some((unit, now + NOTHING_FOLLOWS));
        } else {
            out.items.push(Item::Unit(unit));
        }
    }

    pub(super) fn due(&mut self, now: Duration, out: &mut Out) {
        if self.deadline().is_some_and(|due| now >= due)
            && let Some((unit, _)) = self.kept.take()
        {
            out.items.push(Item::Unit(unit));
        }
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.kept.as_ref().map(|(_, due)| *due)
    }

    pub(super) fn weight(&self) -> usize {
        self.kept.as_ref().map_or(0, |(unit, _)| unit.weight())
    }
}
