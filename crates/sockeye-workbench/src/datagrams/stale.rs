//! Who has been silent for longest, found without a look at everyone and without a cost to
//! whoever speaks.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Everyone by when they were last known to speak. Each who is there has one entry, which is
/// never later than the truth; some who have gone have one as well.
#[derive(Debug, Default)]
pub(super) struct Stale(BinaryHeap<Reverse<(Duration, u64)>>);

impl Stale {
    /// Somebody has come.
    pub(super) fn enter(&mut self, now: Duration, number: u64) {
        self.0.push(Reverse((now, number)));
    }

    /// Whether so many entries are of those who have gone that they are to be swept out.
    pub(super) fn is_littered(&self, present: usize) -> bool {
        self.0.len() > 2 * present + 64
    }

    /// Leaves the entries of those who are there.
    pub(super) fn sweep(&mut self, is_there: impl Fn(u64) -> bool) {
        self.0.retain(|Reverse((_, number))| is_there(*number));
    }

    /// Takes out whoever has been silent for longest. `last` says when somebody last spoke;
    /// none: that one has gone. Each entry that is put right was outdated by a datagram.
    pub(super) fn take(&mut self, last: impl Fn(u64) -> Option<Duration>) -> Option<u64> {
        loop {
            let Reverse((known, number)) = self.0.pop()?;
            match last(number) {
                Some(at) if at > known => self.0.push(Reverse((at, number))),
                Some(_) => return Some(number),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn the_one_silent_for_longest_goes_first_whoever_spoke_or_left_since() {
        let mut stale = Stale::default();
        let mut last: HashMap<u64, Duration> = HashMap::new();
        for number in 1..=5 {
            let now = Duration::from_secs(number);
            stale.enter(now, number);
            last.insert(number, now);
        }
        last.insert(1, Duration::from_secs(9));
        last.insert(3, Duration::from_secs(8));
        last.remove(&2);
        let mut order = Vec::new();
        while let Some(number) = stale.take(|number| last.get(&number).copied()) {
            order.push(number);
            last.remove(&number);
        }
        assert_eq!(order, [4, 5, 3, 1]);
    }

    #[test]
    fn twenty_thousand_newcomers_look_at_a_few_each() {
        let mut stale = Stale::default();
        let present = 16_384;
        let looks = std::cell::Cell::new(0_usize);
        for number in 0..present + 20_000 {
            if number >= present {
                let first = stale.take(|number| {
                    looks.set(looks.get() + 1);
                    Some(Duration::from_millis(number))
                });
                assert_eq!(first, Some(number - present));
            }
            stale.enter(Duration::from_millis(number), number);
        }
        assert_eq!(looks.get(), 20_000);
    }

    #[test]
    fn those_who_have_gone_do_not_pile_up() {
        let mut stale = Stale::default();
        for number in 0..10_000 {
            stale.enter(Duration::ZERO, number);
            if stale.is_littered(1) {
                stale.sweep(|there| there == number);
            }
        }
        assert!(stale.0.len() <= 66, "{}", stale.0.len());
    }
}
