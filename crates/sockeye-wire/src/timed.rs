//! Frames that are cut by arrival: each read by itself (`raw`), or bytes with a
//! silence between them (`gap`). What is in the bytes makes no difference.

use std::collections::VecDeque;
use std::time::Duration;

use crate::cut::Cut;
use crate::cut::Found;

/// Finds frames by when bytes came.
#[derive(Clone, Debug)]
pub(crate) struct Timed {
    /// The silence that cuts; without one each push is cut.
    gap: Option<Duration>,
    max: usize,
    /// When bytes came last.
    last: Duration,
    /// Offset in the stream after the last byte that came.
    end: u64,
    /// Offsets in the stream where a frame ends, in order; each at most `end`.
    cuts: VecDeque<u64>,
    /// The last offset that was ever in `cuts`.
    cut: u64,
    /// A piece of the present frame was given out.
    continuing: bool,
}

impl Timed {
    pub(crate) fn new(gap: Option<Duration>, max: usize) -> Self {
        Self {
            gap,
            max,
            last: Duration::ZERO,
            end: 0,
            cuts: VecDeque::new(),
            cut: 0,
            continuing: false,
        }
    }

    /// `count` bytes came at `at`.
    pub(crate) fn arrive(&mut self, at: Duration, count: usize) {
        if self.gap.is_none() {
            self.end += count as u64;
            self.cut_here();
            return;
        }
        self.tick(at);
        if count > 0 {
            self.end += count as u64;
            self.last = at;
        }
    }

    pub(crate) fn tick(&mut self, at: Duration) {
        if self.deadline().is_some_and(|deadline| at >= deadline) {
            self.cut_here();
        }
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        let gap = self.gap.filter(|_| self.end > self.cut)?;
        Some(self.last.saturating_add(gap))
    }

    /// The stream ended: what came last is a frame.
    pub(crate) fn finish(&mut self) {
        if self.end > self.cut {
            self.cut_here();
        }
    }

    pub(crate) fn find(&mut self, bytes: &[u8], offset: u64) -> Found {
        let cut = self.cuts.front().map(|end| end.saturating_sub(offset));
        let size = cut.and_then(|size| usize::try_from(size).ok());
        match size {
            Some(size) if size <= self.max => {
                self.cuts.pop_front();
                let whole = !std::mem::take(&mut self.continuing);
                give(bytes, size, whole)
            }
            None if bytes.len() <= self.max => Found::UNFINISHED,
            _ => {
                self.continuing = true;
                give(bytes, self.max, false)
            }
        }
    }

    fn cut_here(&mut self) {
        self.cut = self.end;
        self.cuts.push_back(self.end);
    }
}

fn give(bytes: &[u8], size: usize, whole: bool) -> Found {
    let payload = bytes.get(..size).unwrap_or(bytes).to_vec();
    Found::Frame(Cut { whole, ..Cut::whole(size, payload) })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Timed;
    use crate::cut::Found;

    const GAP: Duration = Duration::from_millis(20);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn len(found: Found) -> Option<usize> {
        match found {
            Found::Frame(cut) => Some(cut.len),
            Found::Nothing { .. } => None,
        }
    }

    #[test]
    fn a_silence_as_long_as_the_gap_cuts_and_a_shorter_one_does_not() {
        let mut timed = Timed::new(Some(GAP), 100);
        timed.arrive(ms(100), 2);
        timed.arrive(ms(119), 3);
        assert_eq!(len(timed.find(&[0; 5], 0)), None);
        timed.arrive(ms(139), 1);
        assert_eq!(len(timed.find(&[0; 6], 0)), Some(5));
        assert_eq!(len(timed.find(&[0; 1], 5)), None);
    }

    #[test]
    fn wants_a_tick_only_while_bytes_wait() {
        let mut timed = Timed::new(Some(GAP), 100);
        assert_eq!(timed.deadline(), None);
        timed.arrive(ms(5), 2);
        assert_eq!(timed.deadline(), Some(ms(25)));
        timed.tick(ms(24));
        assert_eq!(timed.deadline(), Some(ms(25)));
        timed.tick(ms(25));
        assert_eq!(timed.deadline(), None);
        assert_eq!(len(timed.find(&[0; 2], 0)), Some(2));
    }

    #[test]
    fn a_read_of_nothing_breaks_no_silence() {
        let mut timed = Timed::new(Some(GAP), 100);
        timed.arrive(ms(0), 2);
        timed.arrive(ms(15), 0);
        assert_eq!(timed.deadline(), Some(GAP));
    }

    #[test]
    fn a_clock_that_goes_back_cuts_nothing() {
        let mut timed = Timed::new(Some(GAP), 100);
        timed.arrive(ms(1000), 2);
        timed.arrive(ms(10), 2);
        assert_eq!(len(timed.find(&[0; 4], 0)), None);
    }

    #[test]
    fn each_read_is_cut_even_an_empty_one() {
        let mut timed = Timed::new(None, usize::MAX);
        for count in [2, 0, 1] {
            timed.arrive(ms(0), count);
        }
        assert_eq!(len(timed.find(&[0; 3], 0)), Some(2));
        assert_eq!(len(timed.find(&[0; 1], 2)), Some(0));
        assert_eq!(len(timed.find(&[0; 1], 2)), Some(1));
        assert_eq!(len(timed.find(&[], 3)), None);
    }
}
