//! What strangers can bring about as often as they like is told a few times, then seldom: a
//! flood must not fill the log.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::journal::{TOLD, worth_telling};

/// How often one such thing has happened.
#[derive(Debug, Default)]
pub(crate) struct Seldom(AtomicU64);

impl Seldom {
    /// It happens; the text to be told, if it is: the first ten times and one in a thousand,
    /// these with their number.
    pub(crate) fn told(&self, text: &str) -> Option<String> {
        match self.0.fetch_add(1, Ordering::Relaxed) + 1 {
            ..=TOLD => Some(text.to_owned()),
            times if worth_telling(times) => Some(format!("{text} (time {times})")),
            _ => None,
        }
    }

    /// From now on it is told as if it had never happened.
    pub(crate) fn begin_anew(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_few_are_told_then_one_in_a_thousand() {
        let seldom = Seldom::default();
        let told: Vec<_> = (0..3000).filter_map(|_| seldom.told("x")).collect();
        assert_eq!(told.len(), 13);
        assert_eq!(told.first().map(String::as_str), Some("x"));
        assert_eq!(told.last().map(String::as_str), Some("x (time 3000)"));
        seldom.begin_anew();
        assert_eq!(seldom.told("x").as_deref(), Some("x"));
    }
}
