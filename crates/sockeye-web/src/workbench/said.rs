//! What a run says beside its events: the lines that the command line has on stderr. The last
//! of them are kept; how many there were is known.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

/// So many lines are kept.
const KEPT: usize = 2_000;

/// The longest line that is kept, in bytes.
const LONGEST: usize = 4 * 1024;

/// A line, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Nanoseconds since the run began.
    pub t: u64,
    /// The line.
    pub text: String,
}

/// A part of the lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The number of the first one given.
    pub first: u64,
    /// How many there were.
    pub total: u64,
    /// The lines.
    pub lines: Vec<Line>,
}

/// The lines of a run.
#[derive(Debug, Default)]
pub struct Said {
    /// Guards the lines alone; nothing is awaited under it.
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    forgotten: u64,
    lines: VecDeque<Line>,
}

impl Said {
    /// Takes what was said at `at`; it may be several lines.
    pub fn take(&self, at: Duration, text: &str) {
        let t = u64::try_from(at.as_nanos()).unwrap_or(u64::MAX);
        let mut kept = self.kept();
        for line in text.lines() {
            let end = line.floor_char_boundary(LONGEST);
            let text = line.get(..end).unwrap_or_default().to_owned();
            kept.lines.push_back(Line { t, text });
            if kept.lines.len() > KEPT {
                kept.lines.pop_front();
                kept.forgotten += 1;
            }
        }
    }

    /// How many lines there were.
    pub fn total(&self) -> u64 {
        let kept = self.kept();
        kept.forgotten + kept.lines.len() as u64
    }

    /// The lines from number `from` on that are still there.
    pub fn from(&self, from: u64) -> Part {
        let kept = self.kept();
        let first = from.max(kept.forgotten);
        let skip = usize::try_from(first - kept.forgotten).unwrap_or(usize::MAX);
        let lines: Vec<Line> = kept.lines.iter().skip(skip).cloned().collect();
        Part { first, total: kept.forgotten + kept.lines.len() as u64, lines }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_and_all_are_counted() {
        let said = Said::default();
        for number in 0..KEPT + 3 {
            said.take(Duration::from_nanos(7), &format!("line {number}"));
        }
        let part = said.from(0);
        assert_eq!((part.first, part.total), (3, KEPT as u64 + 3));
        assert_eq!(part.lines.first().map(|line| line.text.as_str()), Some("line 3"));
        assert_eq!(said.from(KEPT as u64 + 2).lines.len(), 1);
        assert!(said.from(u64::MAX).lines.is_empty());
    }

    #[test]
    fn a_long_line_is_cut_between_two_characters() {
        let said = Said::default();
        said.take(Duration::ZERO, &"你".repeat(LONGEST));
        let text = said.from(0).lines.remove(0).text;
        assert!(text.len() <= LONGEST && text.chars().all(|character| character == '你'));
    }
}
