//! Whether a fault strikes: its keys `on`, `first`, `p` and `share`.

use crate::fault::seed::{Draws, Place};
use crate::fault::unit::Unit;
use crate::fault::{Fault, On, Percent};

/// The keys of one fault in one direction of one conversation.
#[derive(Clone, Debug)]
pub(super) struct Aim {
    on: On,
    first: Option<u64>,
    p: Option<Percent>,
    /// Whether this conversation has a share in it at all.
    shares: bool,
    occasions: u64,
    /// All draws of the fault.
    pub(super) draws: Draws,
}

impl Aim {
    /// Of the fault at that index of the set.
    pub(super) fn new(fault: &Fault, place: Place, index: u64) -> Self {
        let shares = fault.share.is_none_or(|share| place.joint_draws(index).chance(share));
        Self {
            on: fault.on.clone(),
            first: fault.first,
            p: fault.p,
            shares,
            occasions: 0,
            draws: place.draws(index),
        }
    }

    /// Whether it strikes whatever comes, and what is no unit too: the end, noise.
    pub(super) fn is_general(&self) -> bool {
        self.shares && self.on == On::All && self.first.is_none() && self.p.is_none()
    }

    /// Whether it strikes this unit.
    pub(super) fn strikes(&mut self, unit: &Unit) -> bool {
        if unit.number == 0 {
            return self.is_general();
        }
        let meant = match &self.on {
            On::All => true,
            On::Nth(number) => unit.number == *number,
            On::Match(bytes) => holds(&unit.bytes, bytes),
        };
        if !self.shares || !meant || self.first.is_some_and(|first| self.occasions >= first) {
            return false;
        }
        self.occasions += 1;
        self.p.is_none_or(|p| self.draws.chance(p))
    }
}

/// Whether the bytes hold the part, which is not empty.
fn holds(bytes: &[u8], part: &[u8]) -> bool {
    let Some(head) = part.first() else {
        return true;
    };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == head) {
        rest = rest.get(at..).unwrap_or_default();
        if rest.starts_with(part) {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}
