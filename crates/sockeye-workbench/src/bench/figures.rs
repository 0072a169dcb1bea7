//! Times and rates as they are shown: in a line while it runs, in the table, in the object for
//! programs.

use std::fmt::Display;
use std::time::Duration;

use serde_json::Value;
use sockeye_text::units::{Grouped, Size};

use crate::bench::crowd::Count;
use crate::bench::histogram::{Bucket, Histogram};

/// The rows of a drawn histogram, and the widest bar.
const ROWS: usize = 16;
const BAR: u64 = 40;

/// How it goes: what was answered in the second that has passed.
pub(crate) fn live(since: Duration, count: &Count, before: u64) -> String {
    let more = count.times.total() - before;
    let p99 = span(count.times.within(990));
    format!("{:>4} s  {:>11}/s  p99 {p99}", since.as_secs(), Grouped(more).to_string())
}

/// How it goes: so many bytes in the second that has passed.
pub(crate) fn live_bytes(since: Duration, bytes: u64) -> String {
    format!("{:>4} s  {:>11}/s", since.as_secs(), Size(bytes).to_string())
}

/// So many in that time, in one second; none where there was no time.
pub(crate) fn per_second(count: u64, time: Duration) -> Option<u64> {
    let rate = (u128::from(count) * 1_000_000_000).checked_div(time.as_nanos())?;
    Some(u64::try_from(rate).unwrap_or(u64::MAX))
}

/// A rate that there may not be: `1,234/s`, or `-`.
pub(crate) fn rate<T: Display>(per_second: Option<u64>, shown: impl Fn(u64) -> T) -> String {
    per_second.map_or_else(|| "-".to_owned(), |rate| format!("{}/s", shown(rate)))
}

/// A time that may not have been taken.
pub(crate) fn span(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), short)
}

/// A time in three digits: `850 ns`, `12.3 µs`, `1.05 ms`, `2.50 s`. For times that are
/// compared; what is waited for is shown elsewhere, and never rounded up.
pub(crate) fn short(time: Duration) -> String {
    let nanoseconds = time.as_nanos();
    let units = [(1_000_000_000, "s"), (1_000_000, "ms"), (1000, "µs")];
    let Some((unit, name)) = units.into_iter().find(|(unit, _)| nanoseconds >= *unit) else {
        return format!("{nanoseconds} ns");
    };
    let thousandths = nanoseconds * 1000 / unit;
    let (whole, part) = (thousandths / 1000, thousandths % 1000);
    match whole {
        0..10 => format!("{whole}.{:02} {name}", part / 10),
        10..100 => format!("{whole}.{} {name}", part / 100),
        _ => format!("{whole} {name}"),
    }
}

/// A histogram as rows of bars, and the times that people ask for.
pub(crate) fn times(histogram: &Histogram) -> Vec<String> {
    let mut lines = vec![format!(
        "took           p50 {}, p99 {}, p99.9 {}, most {}",
        span(histogram.within(500)),
        span(histogram.within(990)),
        span(histogram.within(999)),
        span(histogram.most()),
    )];
    let rows = histogram.rows(ROWS);
    let highest = rows.iter().map(|row| row.count).max().unwrap_or(0).max(1);
    for row in rows {
        // Whatever was counted at all is seen.
        let bar = (u128::from(row.count) * u128::from(BAR)).div_ceil(u128::from(highest));
        lines.push(format!(
            "  below {:>9}  {:<40} {}",
            short(Duration::from_nanos(row.below)),
            "█".repeat(usize::try_from(bar).unwrap_or(0)),
            Grouped(row.count)
        ));
    }
    lines
}

/// The same for programs.
pub(crate) fn times_json(histogram: &Histogram) -> Vec<(&'static str, Value)> {
    let buckets = histogram.buckets().map(|bucket| {
        let Bucket { from, below, count } = bucket;
        object([("from_ns", from.into()), ("below_ns", below.into()), ("count", count.into())])
    });
    let nanoseconds = |time: Option<Duration>| {
        Value::from(time.map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)))
    };
    vec![
        ("min_ns", nanoseconds(histogram.least())),
        ("mean_ns", nanoseconds(histogram.mean())),
        ("p50_ns", nanoseconds(histogram.within(500))),
        ("p90_ns", nanoseconds(histogram.within(900))),
        ("p99_ns", nanoseconds(histogram.within(990))),
        ("p999_ns", nanoseconds(histogram.within(999))),
        ("max_ns", nanoseconds(histogram.most())),
        ("histogram", Value::Array(buckets.collect())),
    ]
}

/// An object of these fields.
pub(crate) fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let named = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    Value::Object(named.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits() {
        for (nanoseconds, shown) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1000, "1.00 µs"),
            (12_345, "12.3 µs"),
            (999_999, "999 µs"),
            (1_059_000, "1.05 ms"),
            (2_500_000_000, "2.50 s"),
            (75_000_000_000, "75.0 s"),
        ] {
            assert_eq!(short(Duration::from_nanos(nanoseconds)), shown);
        }
    }

    #[test]
    fn rates_are_of_one_second() {
        assert_eq!(per_second(500, Duration::from_millis(250)), Some(2000));
        assert_eq!(per_second(u64::MAX, Duration::from_nanos(1)), Some(u64::MAX));
        assert_eq!(rate(per_second(2000, Duration::from_secs(1)), Grouped), "2,000/s");
        assert_eq!(rate(per_second(64, Duration::ZERO), Grouped), "-");
    }
}
