//! One direction of a relay with faults in it: bytes and times go in, acts come out. No
//! socket, no clock.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::came::Kind;
use sockeye_wire::framing::Framing;

use crate::fault::Fault;
use crate::fault::chain::Chain;
use crate::fault::forming::Forming;
use crate::fault::seed::Place;
use crate::fault::unit::{Act, Item};

/// When so much is held, in bytes, nothing more is to be read. Each piece weighs 64 bytes more
/// than it has. What one recv brings can come on top, and each `dup` adds to that.
pub const BOUND: usize = 256 * 1024;

/// The faults of one direction at work.
///
/// After each [`take`](Self::take), [`end`](Self::end) and [`change`](Self::change), and when
/// [`deadline`](Self::deadline) has come, call [`due`](Self::due).
#[derive(Debug)]
pub struct Disturber {
    place: Place,
    faults: Arc<[Fault]>,
    forming: Forming,
    /// The first one is heard; those behind it took what was read after a change. The last
    /// one takes. Never empty.
    chains: VecDeque<Chain>,
    /// Not yet given out: what does not wait its turn.
    acts: Vec<Act>,
}

impl Disturber {
    /// At the open. `noun` is what a read is called where no framing finds frames.
    pub fn new(
        faults: &[Fault],
        place: Place,
        framing: Option<&Framing>,
        noun: &'static str,
    ) -> Self {
        Self {
            place,
            faults: faults.into(),
            forming: Forming::new(framing, noun),
            chains: VecDeque::from([Chain::new(faults, place, None)]),
            acts: Vec::new(),
        }
    }

    /// What one recv brought; of that kind, if it is a whole message.
    pub fn take(&mut self, now: Duration, bytes: Vec<u8>, kind: Option<Kind>) {
        let units = self.forming.take(now, bytes, kind);
        self.run(now, units.into_iter().map(Item::Unit).collect());
    }

    /// The source's end. Nothing may be taken after it.
    pub fn end(&mut self, now: Duration) {
        let units = self.forming.end();
        let items = units.into_iter().map(Item::Unit).chain([Item::End(None)]);
        self.run(now, items.collect());
    }

    /// Other faults from here on. What is held goes out by the old ones, but what they would
    /// hold for longer than a time is freed. A fault that stays goes on where it stands; the
    /// very same faults again begin anew.
    pub fn change(&mut self, now: Duration, faults: &Arc<[Fault]>) {
        for chain in &mut self.chains {
            chain.free(now, faults, &mut self.acts);
        }
        let again = self.faults == *faults;
        let before = self.chains.back().filter(|_| !again);
        let next = Chain::new(faults, self.place, before);
        self.faults = Arc::clone(faults);
        self.chains.push_back(next);
        self.tidy();
    }

    /// What is to be done by now, in order.
    pub fn due(&mut self, now: Duration) -> Vec<Act> {
        let units = self.forming.due(now);
        self.run(now, units.into_iter().map(Item::Unit).collect());
        for chain in &mut self.chains {
            chain.run(now, Vec::new(), &mut self.acts);
        }
        let mut acts = std::mem::take(&mut self.acts);
        loop {
            let Some(item) = self.chains.front_mut().and_then(Chain::pop) else {
                if self.chains.len() > 1 && self.chains.front().is_some_and(|c| c.weight() == 0) {
                    self.chains.pop_front();
                    continue;
                }
                break;
            };
            acts.push(match item {
                Item::Unit(unit) => Act::Write {
                    bytes: unit.bytes.into_vec(),
                    kind: unit.kind,
                    counts: unit.counts,
                },
                Item::End(ours) => Act::End(ours),
                Item::Close(why) => Act::Close(why),
            });
        }
        self.tidy();
        acts
    }

    /// When [`due`](Self::due) is to be called at the latest; none: once something comes.
    pub fn deadline(&self) -> Option<Duration> {
        let chains = self.chains.iter().filter_map(Chain::deadline);
        chains.chain(self.forming.deadline()).min()
    }

    /// Bytes that are held, and what each piece of them weighs.
    pub fn held(&self) -> usize {
        self.forming.weight() + self.chains.iter().map(Chain::weight).sum::<usize>()
    }

    fn run(&mut self, now: Duration, items: Vec<Item>) {
        if let Some(chain) = self.chains.back_mut() {
            chain.run(now, items, &mut self.acts);
        }
    }

    /// Chains in the middle that hold nothing are no more.
    fn tidy(&mut self) {
        let last = self.chains.len().saturating_sub(1);
        let mut at = 0;
        self.chains.retain(|chain| {
            at += 1;
            at > last || chain.weight() > 0
        });
    }
}

#[cfg(test)]
mod tests;
