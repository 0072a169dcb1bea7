//! How often which time was taken, in buckets: 32 to each doubling, so that what is read off
//! is wrong by at most one part in 32. It holds 15 KiB, however much it counts.

use std::time::Duration;

/// Buckets to each doubling, as a power of two.
const FINE: u32 = 5;
const TO_EACH: usize = 1 << FINE;
/// From zero to 2^64 - 1 nanoseconds.
const BUCKETS: usize = (64 - FINE as usize + 1) * TO_EACH;

/// Times counted.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    sum: u128,
    least: u64,
    most: u64,
}

/// Some of what a histogram counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The least time in it, in nanoseconds.
    pub from: u64,
    /// The least time beyond it; the last one's is 2^64 - 1.
    pub below: u64,
    /// How many.
    pub count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0, sum: 0, least: u64::MAX, most: 0 }
    }
}

impl Histogram {
    /// Counts one time.
    pub fn record(&mut self, time: Duration) {
        let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        if let Some(count) = self.counts.get_mut(place(time)) {
            *count += 1;
        }
        self.total += 1;
        self.sum += u128::from(time);
        self.least = self.least.min(time);
        self.most = self.most.max(time);
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self.sum += other.sum;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }

    /// How many times were counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The longest, exact; none where nothing was counted.
    pub fn most(&self) -> Option<Duration> {
        (self.total > 0).then_some(Duration::from_nanos(self.most))
    }

    /// The shortest, exact.
    pub fn least(&self) -> Option<Duration> {
        (self.total > 0).then_some(Duration::from_nanos(self.least))
    }

    /// The mean, exact to the nanosecond.
    pub fn mean(&self) -> Option<Duration> {
        let mean = self.sum.checked_div(u128::from(self.total))?;
        Some(Duration::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX)))
    }

    /// The time within which so many of a thousand were: of 999, all but one in a thousand.
    /// At most one part in 32 above the true one, and never below it.
    pub fn within(&self, of_thousand: u32) -> Option<Duration> {
        let rank = (u128::from(self.total) * u128::from(of_thousand.min(1000))).div_ceil(1000);
        let mut seen = 0_u128;
        for (place, count) in self.counts.iter().enumerate() {
            seen += u128::from(*count);
            if *count > 0 && seen >= rank {
                let last = bounds(place).1.saturating_sub(1);
                return Some(Duration::from_nanos(last.clamp(self.least, self.most)));
            }
        }
        None
    }

    /// The buckets that hold anything, from the shortest time up.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> {
        let filled = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        filled.map(|(place, count)| {
            let (from, below) = bounds(place);
            Bucket { from, below, count: *count }
        })
    }

    /// At most `most` wider buckets side by side, empty ones too, from the first to the last
    /// that hold anything.
    pub fn rows(&self, most: usize) -> Vec<Bucket> {
        let mut filled = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        let Some((first, _)) = filled.next() else { return Vec::new() };
        let last = filled.next_back().map_or(first, |(place, _)| place);
        // Widths that divide a doubling, and then whole doublings.
        let wide = [1, 2, 4, 8, 16, TO_EACH];
        let fits = |wide: &&usize| last / **wide - first / **wide < most;
        let wide = wide.iter().find(fits).copied().unwrap_or(TO_EACH);
        (first / wide..=last / wide)
            .map(|row| {
                let inside = self.counts.get(row * wide..(row + 1) * wide).unwrap_or_default();
                let (from, below) = (bounds(row * wide).0, bounds((row + 1) * wide - 1).1);
                Bucket { from, below, count: inside.iter().sum() }
            })
            .collect()
    }
}

/// Which bucket a time is in: below 32 ns one each, then 32 to each doubling.
fn place(time: u64) -> usize {
    let doublings = time.checked_ilog2().unwrap_or(0).saturating_sub(FINE);
    let fine = usize::try_from(time >> doublings).unwrap_or(0);
    doublings as usize * TO_EACH + fine
}

/// What a bucket holds: from the first up to, and without, the second.
fn bounds(place: usize) -> (u64, u64) {
    let doublings = (place / TO_EACH).saturating_sub(1);
    let fine = (place - doublings * TO_EACH) as u64;
    let end = u128::from(fine + 1) << doublings;
    (fine << doublings, u64::try_from(end).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn of(times: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        times.iter().for_each(|time| histogram.record(Duration::from_nanos(*time)));
        histogram
    }

    #[test]
    fn the_buckets_lie_side_by_side_from_zero_to_the_end() {
        assert_eq!(bounds(0).0, 0);
        for next in 1..BUCKETS {
            assert_eq!(bounds(next - 1).1, bounds(next).0, "between {} and {next}", next - 1);
        }
        assert_eq!(bounds(BUCKETS - 1).1, u64::MAX);
    }

    #[test]
    fn an_empty_one_tells_nothing() {
        let empty = Histogram::default();
        assert_eq!((empty.within(500), empty.most(), empty.mean()), (None, None, None));
        assert!(empty.rows(10).is_empty());
    }

    #[test]
    fn one_outlier_in_a_thousand_is_beyond_p99_9_and_at_the_most() {
        let mut times = vec![1000; 999];
        times.push(5_000_000);
        let histogram = of(&times);
        assert_eq!(histogram.within(999), Some(Duration::from_nanos(1007)));
        assert_eq!(histogram.within(1000), Some(Duration::from_millis(5)));
        assert_eq!(histogram.most(), Some(Duration::from_millis(5)));
    }

    proptest! {
        #[test]
        fn what_is_read_off_is_wrong_by_at_most_one_part_in_32(
            mut times in prop::collection::vec(any::<u64>().prop_map(|n| n >> (n % 60)), 1..200),
            share in 1_u32..=1000,
        ) {
            let read = of(&times).within(share).unwrap().as_nanos();
            times.sort_unstable();
            let rank = (times.len() * share as usize).div_ceil(1000);
            let truth = u128::from(times[rank - 1]);
            prop_assert!(truth <= read && (read - truth) * 32 <= truth, "{read} for {truth}");
        }

        #[test]
        fn two_merged_are_as_one_and_no_row_loses_any(
            one in prop::collection::vec(any::<u64>(), 0..50),
            other in prop::collection::vec(any::<u64>(), 0..50),
            most in 60_usize..100,
        ) {
            let mut merged = of(&one);
            merged.merge(&of(&other));
            let whole = of(&[one, other].concat());
            prop_assert_eq!(merged.mean(), whole.mean());
            prop_assert_eq!(
                merged.buckets().collect::<Vec<_>>(), whole.buckets().collect::<Vec<_>>());
            let rows = whole.rows(most);
            prop_assert!(rows.len() <= most);
            prop_assert_eq!(rows.iter().map(|row| row.count).sum::<u64>(), whole.total());
        }
    }
}
