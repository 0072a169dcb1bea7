//! What is known of a run from its events: its conversations, and how much goes over each
//! second. It follows the tape, a step behind; the talk knows nothing of it.

use std::time::Duration;

use sockeye_tape::reel::entry::Kind;
use sockeye_tape::reel::reading::Reading;
use sockeye_workbench::rates::Rates;

use crate::workbench::census::Census;

/// What is known.
#[derive(Debug, Default)]
pub struct Pulse {
    /// The conversations.
    pub census: Census,
    /// Bytes and answer times by the second.
    pub rates: Rates,
    next: u64,
}

impl Pulse {
    /// Looks at what has come since. Whether a conversation came or went.
    pub fn catch_up(&mut self, reading: &Reading) -> bool {
        let mut changed = false;
        loop {
            let (first, entries) = reading.entries(self.next..reading.len());
            if entries.is_empty() {
                return changed;
            }
            for (number, entry) in (first..).zip(&entries) {
                match (entry.kind, entry.dir) {
                    (Kind::In | Kind::Out, Some(dir)) => {
                        let bytes = u64::from(entry.len);
                        self.census.moved(entry.c, dir, bytes);
                        let (c, dir) = self.census.seen(entry.c, dir);
                        self.rates.moved(Duration::from_nanos(entry.t), c, dir, bytes);
                    }
                    (Kind::Open | Kind::Close, _) => {
                        // An event that is forgotten by now is of a conversation that is, too.
                        if let Ok(Some(event)) = reading.event(number) {
                            self.census.take(&event);
                            changed = true;
                        }
                        if entry.kind == Kind::Close {
                            self.rates.closed(entry.c);
                        }
                    }
                    _ => {}
                }
            }
            self.next = first + entries.len() as u64;
        }
    }
}
