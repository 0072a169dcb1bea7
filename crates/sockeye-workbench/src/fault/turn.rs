//! Faults that turn a direction: `cut`, `rst`, `half-close`, `stall`.

use std::time::Duration;

use sockeye_text::units::Size;

use crate::fault::aim::Aim;
use crate::fault::held::{Held, Waiting};
use crate::fault::unit::{Act, Item, Out, Unit};
use crate::fault::{Fault, Kind, Then};

/// Where such a fault stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It waits for its unit.
    Open,
    /// It has met its unit; its time comes, or never.
    Struck(Option<Duration>),
    /// It has happened: nothing passes any more.
    Over,
    /// It is no more: everything passes.
    Gone,
}

/// A fault of this sort, in one direction.
#[derive(Debug)]
pub(super) struct Turn {
    fault: Fault,
    aim: Aim,
    phase: Phase,
    /// `cut`: bytes that passed. After the turn: bytes that did not.
    bytes: u64,
    /// What a stall holds; the end, behind a unit that met `rst`.
    held: Held,
}

impl Turn {
    pub(super) fn new(fault: Fault, aim: Aim) -> Self {
        Self { fault, aim, phase: Phase::Open, bytes: 0, held: Held::default() }
    }

    /// The same with nothing in it.
    pub(super) fn heir(&self) -> Self {
        let new = Self::new(self.fault.clone(), self.aim.clone());
        Self { phase: self.phase, bytes: self.bytes, ..new }
    }

    pub(super) fn take(&mut self, now: Duration, item: Item, out: &mut Out) {
        match (self.phase, &self.fault.kind) {
            (Phase::Open, _) => self.meet(now, item, out),
            (Phase::Struck(_), Kind::Rst(_)) if matches!(item, Item::End(_)) => {
                // It is needed if the fault is taken away.
                self.hold(now, item);
            }
            (Phase::Over, _) | (Phase::Struck(_), Kind::Rst(_)) => self.throw_away(&item, out),
            (Phase::Struck(_), Kind::Stall { .. }) => self.hold(now, item),
            (Phase::Struck(_), Kind::Cut(most)) => {
                let most = *most;
                self.count(most, item, out);
            }
            (Phase::Gone | Phase::Struck(_), _) => out.items.push(item),
        }
    }

    /// An item before the turn: it may be the one.
    fn meet(&mut self, now: Duration, item: Item, out: &mut Out) {
        let struck = match &item {
            Item::Unit(unit) => self.aim.strikes(unit),
            Item::End(_) | Item::Close(_) => false,
        };
        if !struck {
            return out.items.push(item);
        }
        let fault = &self.fault;
        let shown = match &item {
            Item::Unit(unit) if unit.number > 0 => format!(": {}", unit.shown()),
            _ => String::new(),
        };
        match fault.kind {
            Kind::Cut(most) => {
                self.phase = Phase::Struck(None);
                self.count(most, item, out);
            }
            Kind::Rst(wait) => {
                out.tell(format!("{fault}{shown}"));
                self.phase = Phase::Struck(Some(now.saturating_add(wait)));
                self.throw_away(&item, out);
            }
            Kind::HalfClose(wait) => {
                out.tell(format!("{fault}{shown}"));
                self.phase = Phase::Struck(Some(now.saturating_add(wait)));
                out.items.push(item);
            }
            _ => {
                self.stall(now, &shown, out);
                self.hold(now, item);
            }
        }
    }

    fn stall(&mut self, now: Duration, shown: &str, out: &mut Out) {
        let Kind::Stall { time, .. } = &self.fault.kind else {
            return;
        };
        out.tell(format!("{}{shown}: nothing passes", self.fault));
        self.phase = Phase::Struck(time.map(|time| now.saturating_add(time)));
    }

    fn hold(&mut self, now: Duration, item: Item) {
        self.held.push(Waiting { item, at: now, struck: true });
    }

    /// Lets pass what is within the limit; the first byte beyond it, or the limit itself,
    /// ends both sides.
    fn count(&mut self, most: u64, item: Item, out: &mut Out) {
        let mut unit: Unit = match item {
            Item::Unit(unit) => unit,
            other => return out.items.push(other),
        };
        let room = usize::try_from(most.saturating_sub(self.bytes)).unwrap_or(usize::MAX);
        if unit.bytes.len() < room {
            self.bytes += unit.bytes.len() as u64;
            return out.items.push(Item::Unit(unit));
        }
        let front = unit.split_off_front(room).keeps_its_kind();
        let total = Size(most);
        out.tell(format!("{}: after {total}", self.fault));
        if room > 0 {
            out.items.push(Item::Unit(front));
        }
        out.items.push(Item::Close(self.fault.to_string()));
        self.phase = Phase::Over;
        self.bytes = 0;
        self.throw_away(&Item::Unit(unit), out);
    }

    /// What comes after the turn goes nowhere. The source's own end says how much that was.
    fn throw_away(&mut self, item: &Item, out: &mut Out) {
        match item {
            Item::Unit(unit) => self.bytes += unit.counts as u64,
            Item::End(_) if self.bytes > 0 => {
                let text = format!("{}: {} thrown away", self.fault, Size(self.bytes));
                out.tell(text);
            }
            Item::End(_) | Item::Close(_) => {}
        }
        out.lose(item);
    }

    pub(super) fn due(&mut self, now: Duration, out: &mut Out) {
        // A stall of everything begins by itself, before anything comes.
        if self.phase == Phase::Open && self.aim.is_general() {
            self.stall(now, "", out);
        }
        let Phase::Struck(Some(at)) = self.phase else {
            return;
        };
        if now < at {
            return;
        }
        let text = self.fault.to_string();
        match &self.fault.kind {
            Kind::Rst(_) => {
                out.acts.push(Act::Reset(text));
                self.phase = Phase::Over;
            }
            Kind::HalfClose(_) => {
                out.items.push(Item::End(Some(text)));
                self.phase = Phase::Over;
            }
            Kind::Stall { then: Then::Close, .. } => self.close(out),
            Kind::Stall { .. } => {
                let general = self.aim.is_general();
                self.release(out);
                self.phase = if general { Phase::Gone } else { Phase::Open };
                out.tell(format!("{text}: over"));
            }
            _ => {}
        }
    }

    fn close(&mut self, out: &mut Out) {
        out.items.push(Item::Close(self.fault.to_string()));
        self.phase = Phase::Over;
        while let Some(waiting) = self.held.pop() {
            self.throw_away(&waiting.item, out);
        }
    }

    fn release(&mut self, out: &mut Out) {
        while let Some(waiting) = self.held.pop() {
            out.items.push(waiting.item);
        }
    }

    /// The fault has been taken away. What has not happened yet does not happen; a stall that
    /// a close follows is closed at once.
    pub(super) fn free(&mut self, out: &mut Out) {
        let stalls = matches!(self.phase, Phase::Struck(_));
        match &self.fault.kind {
            Kind::Stall { then: Then::Close, .. } if stalls => self.close(out),
            Kind::Stall { .. } if stalls => {
                self.release(out);
                self.phase = Phase::Gone;
                out.tell(format!("{}: taken away", self.fault));
            }
            _ if self.phase != Phase::Over => {
                self.release(out);
                self.phase = Phase::Gone;
            }
            _ => {}
        }
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        match self.phase {
            Phase::Struck(at) => at,
            _ => None,
        }
    }

    pub(super) fn weight(&self) -> usize {
        self.held.weight()
    }
}
