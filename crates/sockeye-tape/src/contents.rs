//! What a tape holds, in a few lines: its conversations with their sums, and the whole.
//! Collected before a page is written, as its head tells it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::event::Event;
use crate::event::What;
use crate::remark;

/// The most conversations that are listed; the others are counted.
pub const LISTED: usize = 1000;

/// The most characters of a line about a conversation.
const LINE: usize = 300;

/// The contents of a tape. Bounded: it lists the first [`LISTED`] conversations.
#[derive(Debug, Default)]
pub struct Contents {
    pub(crate) talks: Vec<Talk>,
    /// How many more there are.
    pub(crate) more: u64,
    /// How many events.
    pub(crate) events: u64,
    /// The time of the last event.
    pub(crate) lasted: Duration,
    now: BTreeMap<u64, usize>,
}

/// One conversation.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) c: u64,
    /// How it opened: transport, ends, role.
    pub(crate) opened: String,
    /// How it closed, and whether that must not be missed.
    pub(crate) closed: Option<(String, bool)>,
    pub(crate) came: u64,
    pub(crate) went: u64,
    pub(crate) frames: u64,
}

impl Contents {
    /// Takes the next event.
    pub fn add(&mut self, event: &Event<'_>) {
        self.events += 1;
        self.lasted = self.lasted.max(event.t);
        if matches!(event.what, What::Open(_)) {
            return self.open(event);
        }
        let Some(talk) = self.now.get(&event.c).and_then(|&index| self.talks.get_mut(index)) else {
            return;
        };
        match &event.what {
            What::In { bytes, .. } => talk.came += bytes.len() as u64,
            What::Out { bytes, .. } => talk.went += bytes.len() as u64,
            What::Frame { .. } => talk.frames += 1,
            What::Close(_) => {
                talk.closed = remark::of(&event.what).map(|it| (cut(&it.text), it.loud));
            }
            _ => {}
        }
    }

    fn open(&mut self, event: &Event<'_>) {
        if self.talks.len() >= LISTED {
            self.now.remove(&event.c);
            self.more += 1;
            return;
        }
        let remark = remark::of(&event.what).map(|remark| remark.text).unwrap_or_default();
        let opened = cut(remark.strip_prefix("● open ").unwrap_or(&remark));
        self.now.insert(event.c, self.talks.len());
        let (closed, came, went, frames) = (None, 0, 0, 0);
        self.talks.push(Talk { c: event.c, opened, closed, came, went, frames });
    }
}

fn cut(text: &str) -> String {
    let text = text.strip_prefix("○ ").unwrap_or(text);
    text.chars().take(LINE).collect()
}
