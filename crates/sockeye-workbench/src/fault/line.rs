//! Faults of time: what goes on waits in a line, whose order is kept: `delay`, `coalesce`,
//! `slow-close`, `split`, `rate`.

use std::time::Duration;

use crate::fault::aim::Aim;
use crate::fault::held::{Held, Waiting};
use crate::fault::unit::{Item, Out};
use crate::fault::{Fault, Kind, Rate};

/// How much time that a late timer lost is made up for at most: no burst is longer.
const BURST: Duration = Duration::from_millis(100);
/// So many pieces a second a rate is made of.
const PIECES: u64 = 50;

/// A fault of this sort, in one direction.
#[derive(Debug)]
pub(super) struct Line {
    fault: Fault,
    aim: Aim,
    held: Held,
    /// When the next may go: after the one before it.
    free: Duration,
    /// When the first piece in the line goes, once that is known.
    leaves: Option<Duration>,
    told: bool,
}

impl Line {
    pub(super) fn new(fault: Fault, aim: Aim) -> Self {
        let (free, held) = (Duration::ZERO, Held::default());
        Self { fault, aim, held, free, leaves: None, told: false }
    }

    /// The same with nothing in it.
    pub(super) fn heir(&self) -> Self {
        let new = Self::new(self.fault.clone(), self.aim.clone());
        Self { free: self.free, told: self.told, ..new }
    }

    pub(super) fn take(&mut self, now: Duration, item: Item, out: &mut Out) {
        let struck = match &item {
            Item::Unit(unit) => self.aim.strikes(unit),
            Item::End(_) | Item::Close(_) => self.aim.is_general(),
        };
        if struck {
            self.tell(&item, out);
        }
        let last = self.held.last_at().unwrap_or(now).max(now);
        let mut item = item;
        let at = match &self.fault.kind {
            Kind::Delay { time, spread } if struck => {
                let around = spread.saturating_mul(2).as_nanos();
                let around = u64::try_from(around).unwrap_or(u64::MAX).saturating_add(1);
                let drawn = Duration::from_nanos(self.aim.draws.below(around));
                last.max(now.saturating_add((*time + drawn).saturating_sub(*spread)))
            }
            Kind::SlowClose(time) if struck && matches!(item, Item::End(_)) => {
                last.saturating_add(*time)
            }
            Kind::Coalesce(time) if struck && is_cuttable(&item) => {
                let at = last.max(now.saturating_add(*time));
                match self.joined(item) {
                    Ok(()) => return,
                    Err(left) => item = left,
                }
                at
            }
            _ => last,
        };
        self.held.push(Waiting { item, at, struck });
    }

    /// Puts a unit to the last one that is held, where that is being held for more.
    fn joined(&mut self, item: Item) -> Result<(), Item> {
        let Item::Unit(unit) = item else {
            return Err(item);
        };
        let left = self.held.change_back(|back| match &mut back.item {
            Item::Unit(first) if back.struck && first.kind.is_none() => {
                first.counts += unit.counts;
                first.bytes.extend_from_slice(&unit.bytes);
                true
            }
            _ => false,
        });
        if left == Some(true) { Ok(()) } else { Err(Item::Unit(unit)) }
    }

    pub(super) fn due(&mut self, now: Duration, out: &mut Out) {
        while let Some(leaves) = self.next(now) {
            if now < leaves {
                return;
            }
            self.leaves = None;
            let Some(piece) = self.step(now, leaves) else {
                return;
            };
            out.items.push(piece);
        }
    }

    /// Takes what leaves now out of the line.
    fn step(&mut self, now: Duration, leaves: Duration) -> Option<Item> {
        let count = match (&self.fault.kind, self.cuts_front()) {
            (Kind::Split { size, spread, gap }, true) => {
                let (size, spread) = (*size, (*spread).min(u64::MAX / 2));
                self.free = now.saturating_add(*gap);
                let drawn = self.aim.draws.below(spread * 2 + 1);
                size.saturating_add(drawn).saturating_sub(spread).max(1)
            }
            (Kind::Rate(rate), cuts) => {
                self.free = self.free.max(leaves).max(now.saturating_sub(BURST));
                if cuts { piece_of(*rate) } else { u64::MAX }
            }
            _ => u64::MAX,
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let piece = self.held.change_front(|front| match &mut front.item {
            Item::Unit(unit) if unit.bytes.len() > count => {
                Some(Item::Unit(unit.split_off_front(count)))
            }
            _ => None,
        });
        match piece? {
            Some(piece) => Some(piece),
            None => self.held.pop().map(|waiting| waiting.item),
        }
    }

    /// Whether the first is of bytes, and the fault struck it.
    fn cuts_front(&self) -> bool {
        self.held.front().is_some_and(|front| front.struck && is_cuttable(&front.item))
    }

    /// When the first leaves; none where nothing waits.
    fn next(&mut self, now: Duration) -> Option<Duration> {
        let front = self.held.front()?;
        if self.leaves.is_none() {
            let at = match (&self.fault.kind, &front.item) {
                (Kind::Split { .. }, Item::Unit(_)) => self.free.max(front.at),
                (Kind::Rate(rate), Item::Unit(unit)) if front.struck => {
                    let most = usize::try_from(piece_of(*rate)).unwrap_or(usize::MAX);
                    let whole = unit.kind.is_some();
                    let count = if whole { unit.bytes.len() } else { unit.bytes.len().min(most) };
                    self.free.max(front.at.min(now)).saturating_add(rate.takes(count))
                }
                _ => front.at,
            };
            self.leaves = Some(at);
        }
        self.leaves
    }

    /// After [`Line::due`].
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.leaves
    }

    pub(super) fn weight(&self) -> usize {
        self.held.weight()
    }

    /// Says once what is done from here on.
    fn tell(&mut self, item: &Item, out: &mut Out) {
        let text = match (&self.fault.kind, item) {
            _ if self.told => return,
            (Kind::Split { .. } | Kind::Coalesce(_), Item::Unit(unit)) if unit.kind.is_some() => {
                format!("{}: messages stay whole", self.fault)
            }
            (Kind::Split { size, spread, .. }, Item::Unit(unit)) => {
                let length = unit.bytes.len() as u64;
                let about = if *spread == 0 { "" } else { "about " };
                let count = length.div_ceil(*size);
                format!("{}: {length} B in {about}{count} pieces", self.fault)
            }
            (Kind::SlowClose(_), Item::End(_))
            | (Kind::Delay { .. } | Kind::Rate(_) | Kind::Coalesce(_), Item::Unit(_)) => {
                self.fault.to_string()
            }
            _ => return,
        };
        self.told = true;
        out.tell(text);
    }
}

fn piece_of(rate: Rate) -> u64 {
    (rate.bits() / 8 / PIECES).max(1)
}

/// Whether it is of bytes that may be cut and joined: messages may not.
fn is_cuttable(item: &Item) -> bool {
    matches!(item, Item::Unit(unit) if unit.kind.is_none())
}
