//! Numbers as they come in: which were there before, which came late, how many are missing.
//! It remembers the last 65,536 (RFC 4303, 3.4.3), however far they run.

/// How many numbers are remembered; a power of two.
const WINDOW: u64 = 65_536;

/// What came.
#[derive(Debug)]
pub(crate) struct Sequence {
    /// The number after the highest.
    next: u64,
    /// A bit for each of the last [`WINDOW`] numbers: it has come.
    seen: Vec<u64>,
    /// Different numbers that came, as far as it is remembered.
    pub(crate) received: u64,
    /// Those of them that came after a higher one (RFC 4737, 3).
    pub(crate) reordered: u64,
    /// Numbers that came once more.
    pub(crate) duplicated: u64,
}

impl Sequence {
    pub(crate) fn new() -> Self {
        let seen = vec![0; usize::try_from(WINDOW / 64).unwrap_or_default()];
        Self { next: 0, seen, received: 0, reordered: 0, duplicated: 0 }
    }

    /// A number came.
    pub(crate) fn came(&mut self, number: u64) {
        if number >= self.next {
            // What lies between has not come. Beyond the window nothing is left anyway.
            let first = self.next.max(number.saturating_sub(WINDOW - 1));
            self.forget(first, number);
            self.mark(number, true);
            self.next = number.saturating_add(1);
            self.received += 1;
        } else if self.next - number > WINDOW {
            // Whether it was there before is not known any more.
            self.received += 1;
            self.reordered += 1;
        } else if self.mark(number, true) {
            self.duplicated += 1;
        } else {
            self.received += 1;
            self.reordered += 1;
        }
    }

    /// Notes that no number of these has come: by whole words, as a sender may leave out as
    /// many as it likes before each.
    fn forget(&mut self, mut number: u64, end: u64) {
        while number < end {
            if number.is_multiple_of(64) && end - number >= 64 {
                if let Some(word) = self.seen.get_mut(place(number)) {
                    *word = 0;
                }
                number += 64;
            } else {
                self.mark(number, false);
                number += 1;
            }
        }
    }

    /// Notes whether a number has come; returns what was noted.
    fn mark(&mut self, number: u64, come: bool) -> bool {
        let bit = 1 << (number % 64);
        let Some(word) = self.seen.get_mut(place(number)) else { return false };
        let before = *word & bit != 0;
        *word = if come { *word | bit } else { *word & !bit };
        before
    }
}

/// The word that a number's bit is in.
fn place(number: u64) -> usize {
    usize::try_from(number % WINDOW / 64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn count(numbers: &[u64]) -> (u64, u64, u64) {
        let mut sequence = Sequence::new();
        for number in numbers {
            sequence.came(*number);
        }
        (sequence.received, sequence.reordered, sequence.duplicated)
    }

    #[test]
    fn what_is_lost_late_or_twice_is_told_apart() {
        assert_eq!(count(&[0, 1, 2, 3]), (4, 0, 0));
        assert_eq!(count(&[0, 1, 3]), (3, 0, 0));
        assert_eq!(count(&[0, 2, 1, 3]), (4, 1, 0));
        assert_eq!(count(&[0, 1, 1, 0, 2]), (3, 0, 2));
        assert_eq!(count(&[5, 0, 70_000, 6, 69_999, 69_999, 5]), (6, 4, 1));
        assert_eq!(count(&[u64::MAX - 1, u64::MAX - 1]), (1, 0, 1));
    }

    proptest! {
        #[test]
        fn what_was_left_out_is_missing_however_much_it_was(
            gaps in prop::collection::vec(prop_oneof![1_u64..200, 60_000_u64..140_000], 1..20),
        ) {
            let mut sequence = Sequence::new();
            let (mut number, mut came) = (0, HashSet::new());
            for gap in gaps {
                number += gap;
                sequence.came(number);
                came.insert(number);
            }
            // All of the window once more: what had come is doubled, and nothing else.
            let window = number.saturating_sub(WINDOW - 1)..=number;
            let there = window.clone().filter(|number| came.contains(number)).count() as u64;
            window.for_each(|number| sequence.came(number));
            prop_assert_eq!(sequence.duplicated, there);
        }

        #[test]
        fn within_the_window_it_counts_as_a_set_does(numbers in prop::collection::vec(0_u64..300, 0..600)) {
            let mut seen = HashSet::new();
            let (mut highest, mut late, mut twice) = (None, 0, 0);
            for number in &numbers {
                if !seen.insert(*number) {
                    twice += 1;
                } else if highest.is_some_and(|highest| *number < highest) {
                    late += 1;
                }
                highest = highest.max(Some(*number));
            }
            prop_assert_eq!(count(&numbers), (seen.len() as u64, late, twice));
        }
    }
}
