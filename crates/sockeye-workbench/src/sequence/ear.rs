//! What a sequence listens to: what came in its conversations since it last sent, as far as
//! nothing that was expected has been found in it.

use std::collections::BTreeMap;
use std::time::Duration;

use sockeye_text::encoding::Encoding;
use sockeye_text::safe::one_line;
use tokio::time::{Instant, timeout_at};

use super::{Batch, Heard};
use crate::wanted::Wanted;

/// So much of what came is looked through in a conversation: the rest was too long ago.
const KEPT: usize = 64 * 1024;

pub(super) struct Ear<'h, H> {
    heard: &'h H,
    encoding: Encoding,
    /// What is before it has been taken.
    position: u64,
    talks: BTreeMap<u64, Talk>,
}

#[derive(Default)]
struct Talk {
    came: Vec<u8>,
    ended: bool,
}

impl<'h, H: Heard> Ear<'h, H> {
    pub(super) fn new(heard: &'h H, encoding: Encoding) -> Self {
        Self { heard, encoding, position: heard.position(), talks: BTreeMap::new() }
    }

    /// What came by now counts no more.
    pub(super) fn listen_anew(&mut self) {
        self.position = self.heard.position();
        self.talks.clear();
    }

    /// Those who are listened to from now on.
    pub(super) fn turn_to(&mut self, numbers: Vec<u64>) {
        self.talks = numbers.into_iter().map(|number| (number, Talk::default())).collect();
    }

    pub(super) fn hears_nobody(&self) -> bool {
        self.talks.is_empty()
    }

    /// Waits until all have said it; an error says who has not.
    pub(super) async fn expect(&mut self, wanted: &Wanted, within: Duration) -> Result<(), String> {
        let until = Instant::now() + within;
        let mut missing: Vec<u64> = self.talks.keys().copied().collect();
        loop {
            missing.retain(|number| !self.takes(*number, wanted));
            if missing.is_empty() {
                return Ok(());
            }
            let who = names(&missing);
            let what = one_line(&wanted.to_string()).into_owned();
            if missing.iter().all(|number| self.has_ended(*number)) {
                return Err(format!("{who} ended without `{what}`"));
            }
            match timeout_at(until, self.heard.after(self.position)).await {
                Ok(Some(batch)) => self.take(batch),
                Ok(None) => return Err(format!("`{what}` can come from {who} no more")),
                Err(_) => {
                    return Err(format!("`{what}` did not come from {who} within {within:?}"));
                }
            }
        }
    }

    /// Whether it has been said; what follows it is kept.
    fn takes(&mut self, number: u64, wanted: &Wanted) -> bool {
        let Some(talk) = self.talks.get_mut(&number) else {
            return false;
        };
        let found = wanted.found(&talk.came, self.encoding);
        // Longer than what is kept, nothing was found in what goes.
        let over = talk.came.len().saturating_sub(KEPT);
        talk.came.drain(..found.unwrap_or(over));
        found.is_some()
    }

    fn has_ended(&self, number: u64) -> bool {
        self.talks.get(&number).is_none_or(|talk| talk.ended)
    }

    fn take(&mut self, batch: Batch) {
        self.position = batch.next;
        for (number, bytes) in batch.came {
            if let Some(talk) = self.talks.get_mut(&number) {
                talk.came.extend(bytes);
            }
        }
        for number in batch.ended {
            if let Some(talk) = self.talks.get_mut(&number) {
                talk.ended = true;
            }
        }
    }
}

fn names(numbers: &[u64]) -> String {
    let names: Vec<String> = numbers.iter().map(|number| format!("#{number}")).collect();
    names.join(", ")
}
