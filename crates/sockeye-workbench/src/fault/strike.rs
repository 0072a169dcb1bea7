//! Faults that strike a unit at once: it is lost, doubled, altered, or made shorter.

use crate::fault::aim::Aim;
use crate::fault::unit::{Item, Out, Unit};
use crate::fault::{Kind, Percent};

/// So many flipped bits are named; the others are counted.
const NAMED: usize = 8;

/// A fault of this sort, in one direction.
#[derive(Clone, Debug)]
pub(super) struct Strike {
    pub(super) kind: Kind,
    pub(super) aim: Aim,
}

impl Strike {
    pub(super) fn take(&mut self, item: Item, out: &mut Out) {
        let mut unit = match item {
            Item::Unit(unit) if unit.number > 0 => unit,
            other => return out.items.push(other),
        };
        let doubles = matches!(self.kind, Kind::Dup(_));
        if doubles && unit.copy || !self.aim.strikes(&unit) {
            return out.items.push(Item::Unit(unit));
        }
        match self.kind {
            Kind::Drop(share) if self.aim.draws.chance(share) => {
                out.tell(format!("drop: {}", unit.shown()));
                return out.lose(&Item::Unit(unit));
            }
            Kind::Dup(share) if self.aim.draws.chance(share) => {
                out.tell(format!("dup: {}", unit.shown()));
                out.items.push(Item::Unit(unit.copied()));
            }
            Kind::Corrupt(share) => {
                if let Some(text) = self.corrupt(&mut unit, share) {
                    out.tell(text);
                }
                unit = unit.keeps_its_kind();
            }
            Kind::Size(most) => shorten(&mut unit, most, out),
            _ => {}
        }
        out.items.push(Item::Unit(unit));
    }

    /// Flips bits; says which.
    fn corrupt(&mut self, unit: &mut Unit, share: Option<Percent>) -> Option<String> {
        let length = unit.bytes.len() as u64;
        let one = share.is_none().then(|| self.aim.draws.below(length));
        let (mut places, mut count) = (Vec::new(), 0_usize);
        for (at, byte) in (0_u64..).zip(unit.bytes.iter_mut()) {
            let hit = match share {
                Some(share) => self.aim.draws.chance(share),
                None => one == Some(at),
            };
            if !hit {
                continue;
            }
            let bit = self.aim.draws.below(8);
            *byte ^= 1 << bit;
            count += 1;
            if places.len() < NAMED {
                places.push(format!("offset {} bit {bit}", unit.off + at));
            }
        }
        let more = count - places.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (count > 0).then(|| format!("corrupt: {}: {}{more}", unit.shown(), places.join(", ")))
    }
}

fn shorten(unit: &mut Unit, most: u64, out: &mut Out) {
    let length = unit.bytes.len();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if length <= most {
        return;
    }
    out.tell(format!("size={most}: {}, cut", unit.shown()));
    let short = unit.split_off_front(most);
    let rest = std::mem::replace(unit, short);
    out.lose(&Item::Unit(rest));
}
