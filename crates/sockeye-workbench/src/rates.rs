//! How much passes in a second, and how long answers take. Fed with events, whose times are
//! the only clock here.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use sockeye_tape::event::{Dir, Event, What};

/// Seconds that are kept.
pub const SECONDS: usize = 300;

/// Answer times of one second of which the median is taken; of more, these many spread evenly.
const TRIPS: usize = 1024;

/// Conversations whose answers are waited for at once.
const WAITING: usize = 65_536;

/// One second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Bytes that came.
    pub bytes_in: u64,
    /// Bytes that went.
    pub bytes_out: u64,
    /// Reads.
    pub events_in: u64,
    /// Writes.
    pub events_out: u64,
    /// Answers that came: reads that are the first after a write of ours.
    pub trips: u64,
    /// How long half of the answers took at most, from our first write that waited for one.
    pub trip_p50: Option<Duration>,
    /// How long the slowest took.
    pub trip_max: Option<Duration>,
}

/// The last 300 seconds of a run.
#[derive(Debug, Default)]
pub struct Rates {
    /// The number of the last second in `seconds`, counted from the start of the tape.
    last: u64,
    seconds: VecDeque<Second>,
    /// When the peer of a conversation was written to, since it was read last.
    asked: HashMap<u64, Duration>,
}

#[derive(Debug, Default)]
struct Second {
    rate: Rate,
    trips: Vec<Duration>,
}

impl Rates {
    /// Takes the next event.
    pub fn take(&mut self, event: &Event<'_>) {
        match &event.what {
            What::In { bytes, .. } => self.moved(event.t, event.c, Dir::In, bytes.len() as u64),
            What::Out { bytes, .. } => self.moved(event.t, event.c, Dir::Out, bytes.len() as u64),
            What::Close(_) => self.closed(event.c),
            _ => {}
        }
    }

    /// Bytes were read or written.
    pub fn moved(&mut self, at: Duration, c: u64, dir: Dir, bytes: u64) {
        let asked = match dir {
            Dir::In => self.asked.remove(&c),
            Dir::Out if self.asked.len() < WAITING => {
                self.asked.entry(c).or_insert(at);
                None
            }
            Dir::Out => None,
        };
        let Some(second) = self.second(at) else { return };
        match dir {
            Dir::In => {
                second.rate.events_in += 1;
                second.rate.bytes_in += bytes;
            }
            Dir::Out => {
                second.rate.events_out += 1;
                second.rate.bytes_out += bytes;
            }
        }
        if let Some(asked) = asked {
            second.trip(at.saturating_sub(asked));
        }
    }

    /// A conversation is over: nothing of it is waited for.
    pub fn closed(&mut self, c: u64) {
        self.asked.remove(&c);
    }

    /// It is `at`: seconds in which nothing happened are there too.
    pub fn tick(&mut self, at: Duration) {
        self.second(at);
    }

    /// The number of the last second, counted from the start of the tape, and the seconds up to
    /// it, oldest first: at most [`SECONDS`]. The last one goes on.
    pub fn series(&self) -> (u64, Vec<Rate>) {
        (self.last, self.seconds.iter().map(Second::rate).collect())
    }

    /// One second by its number, if it is kept.
    pub fn rate(&self, second: u64) -> Option<Rate> {
        let back = usize::try_from(self.last.checked_sub(second)?).ok()?;
        let place = self.seconds.len().checked_sub(back + 1)?;
        self.seconds.get(place).map(Second::rate)
    }

    /// The second of a time; none of one that is no longer kept.
    fn second(&mut self, at: Duration) -> Option<&mut Second> {
        let number = at.as_secs();
        if self.seconds.is_empty() {
            (self.last, self.seconds) = (number, VecDeque::from([Second::default()]));
        }
        if number > self.last {
            let more = usize::try_from(number - self.last).unwrap_or(SECONDS).min(SECONDS);
            let begin = (self.seconds.len() + more).saturating_sub(SECONDS);
            self.seconds.drain(..begin.min(self.seconds.len()));
            self.seconds.extend(std::iter::repeat_with(Second::default).take(more));
            self.last = number;
        }
        let back = usize::try_from(self.last - number).ok()?;
        let place = self.seconds.len().checked_sub(back + 1)?;
        self.seconds.get_mut(place)
    }
}

impl Second {
    fn trip(&mut self, took: Duration) {
        self.rate.trips += 1;
        self.rate.trip_max = self.rate.trip_max.max(Some(took));
        if self.trips.len() < TRIPS {
            self.trips.push(took);
            return;
        }
        // Multiplied by an odd number every place comes up equally often.
        let place = self.rate.trips.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54;
        if let Some(one) = usize::try_from(place).ok().and_then(|place| self.trips.get_mut(place)) {
            *one = took;
        }
    }

    fn rate(&self) -> Rate {
        let mut trips = self.trips.clone();
        trips.sort_unstable();
        let middle = trips.get(trips.len().saturating_sub(1) / 2).copied();
        Rate { trip_p50: middle, ..self.rate }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn came(t: u64, c: u64) -> Event<'static> {
        Event { t: ms(t), c, what: What::In { bytes: Cow::Borrowed(b"ab"), from: None } }
    }

    fn went(t: u64, c: u64) -> Event<'static> {
        Event { t: ms(t), c, what: What::Out { bytes: Cow::Borrowed(b"abc"), to: None } }
    }

    #[test]
    fn bytes_and_events_are_counted_by_the_second() {
        let mut rates = Rates::default();
        for event in [came(10, 1), came(20, 2), went(990, 1), went(2_500, 1)] {
            rates.take(&event);
        }
        let (second, series) = rates.series();
        assert_eq!((second, series.len()), (2, 3));
        let counts = |rate: &Rate| (rate.bytes_in, rate.events_in, rate.bytes_out, rate.events_out);
        let counted: Vec<_> = series.iter().map(counts).collect();
        assert_eq!(counted, [(4, 2, 3, 1), (0, 0, 0, 0), (0, 0, 3, 1)]);
        assert_eq!(rates.rate(1), Some(Rate::default()));
        assert_eq!(rates.rate(3), None);
    }

    #[test]
    fn an_answer_takes_from_our_first_write_to_the_next_read() {
        let mut rates = Rates::default();
        for event in [went(0, 1), went(5, 1), went(6, 2), came(10, 1), came(12, 1), came(26, 2)] {
            rates.take(&event);
        }
        for (asked, took) in [(100, 1), (200, 2)] {
            rates.take(&went(asked, 3));
            rates.take(&came(asked + took, 3));
        }
        let rate = rates.rate(0).unwrap();
        assert_eq!((rate.trips, rate.trip_p50, rate.trip_max), (4, Some(ms(2)), Some(ms(20))));
    }

    #[test]
    fn three_hundred_seconds_are_kept_whatever_the_clock_does() {
        let mut rates = Rates::default();
        rates.take(&came(5_000, 1));
        rates.tick(ms(299_000 + 5_000));
        assert_eq!(rates.series().1.len(), SECONDS);
        assert_eq!(rates.rate(5).unwrap().events_in, 1);
        rates.tick(ms(300_000 + 5_000));
        assert_eq!((rates.series().1.len(), rates.rate(5)), (SECONDS, None));
        rates.take(&came(0, 1));
        rates.take(&came(u64::MAX, 1));
        let (last, series) = rates.series();
        assert_eq!((last, series.len()), (u64::MAX / 1000, SECONDS));
        assert_eq!(series.iter().map(|rate| rate.events_in).sum::<u64>(), 1);
    }

    #[test]
    fn of_a_flood_of_answers_the_median_is_still_about_right() {
        let mut rates = Rates::default();
        for number in 0..50_000_u64 {
            let second = rates.second(ms(1)).unwrap();
            second.trip(Duration::from_micros(number % 100));
        }
        let median = rates.rate(0).unwrap().trip_p50.unwrap().as_micros();
        assert!((40..60).contains(&median), "{median}");
        assert!(rates.seconds[0].trips.len() <= TRIPS);
    }
}
