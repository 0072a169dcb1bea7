//! The conversations of a run, as its events tell of them: who they are with, how much went
//! over, how they ended. The open ones are all there; of the others, the last ones.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use sockeye_tape::event::{Dir, Event, What};

/// So many conversations that have ended are kept.
const ENDED: usize = 100;

/// So many open ones are shown to a page; all are counted.
const SHOWN: usize = 500;

/// How one ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ended {
    by: String,
    how: String,
    why: Option<String>,
}

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conversation {
    c: u64,
    peer: String,
    local: String,
    proto: String,
    role: String,
    pair: Option<u64>,
    open: bool,
    #[serde(rename = "in")]
    bytes_in: u64,
    #[serde(rename = "out")]
    bytes_out: u64,
    reads: u64,
    writes: u64,
    close: Option<Ended>,
}

/// The conversations.
#[derive(Debug, Default)]
pub struct Census {
    open: BTreeMap<u64, Conversation>,
    ended: VecDeque<Conversation>,
}

impl Census {
    /// Takes bytes that went over. What one side of a relay said went out at the other.
    pub fn moved(&mut self, conversation: u64, dir: Dir, bytes: u64) {
        let Some(found) = self.open.get(&conversation) else { return };
        let pair = found.pair.or_else(|| self.paired_with(conversation));
        self.count(conversation, dir, bytes);
        if let Some(pair) = pair.filter(|_| dir == Dir::In) {
            self.count(pair, Dir::Out, bytes);
        }
    }

    /// Which way something went as the run's user sees it, and in whose talk: what came from a
    /// relay's target came in, what came from its caller went out, and both are of the caller.
    pub fn seen(&self, conversation: u64, dir: Dir) -> (u64, Dir) {
        let found = self.open.get(&conversation);
        match found.and_then(|found| found.pair.or_else(|| self.paired_with(conversation))) {
            Some(pair) if pair > conversation => (conversation, Dir::Out),
            Some(pair) => (pair, Dir::In),
            None => (conversation, dir),
        }
    }

    /// The other side names this one: of two that are joined, one has been opened first.
    fn paired_with(&self, conversation: u64) -> Option<u64> {
        let next = self.open.get(&(conversation + 1))?;
        (next.pair == Some(conversation)).then_some(next.c)
    }

    fn count(&mut self, conversation: u64, dir: Dir, bytes: u64) {
        let Some(found) = self.open.get_mut(&conversation) else { return };
        match dir {
            Dir::In => {
                found.bytes_in += bytes;
                found.reads += 1;
            }
            Dir::Out => {
                found.bytes_out += bytes;
                found.writes += 1;
            }
        }
    }

    /// Takes an open or a close; the other events change nothing here.
    pub fn take(&mut self, event: &Event<'_>) {
        match &event.what {
            What::Open(open) => {
                let conversation = Conversation {
                    c: event.c,
                    peer: open.peer.clone(),
                    local: open.local.clone(),
                    proto: open.proto.clone(),
                    role: open.role.to_string(),
                    pair: open.pair,
                    open: true,
                    bytes_in: 0,
                    bytes_out: 0,
                    reads: 0,
                    writes: 0,
                    close: None,
                };
                self.open.insert(event.c, conversation);
            }
            What::Close(close) => {
                let Some(mut over) = self.open.remove(&event.c) else { return };
                over.open = false;
                over.close = Some(Ended {
                    by: close.by.to_string(),
                    how: close.how.to_string(),
                    why: close.why.clone(),
                });
                self.ended.push_back(over);
                if self.ended.len() > ENDED {
                    self.ended.pop_front();
                }
            }
            _ => {}
        }
    }

    /// The run is over: a conversation whose close is not on the tape was cut off with it.
    pub fn cut_off(&mut self) {
        for (_, mut over) in std::mem::take(&mut self.open) {
            over.open = false;
            self.ended.push_back(over);
        }
        let many = self.ended.len().saturating_sub(ENDED);
        self.ended.drain(..many);
    }

    /// How many are open.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Those that a page is shown: the last that ended, and the newest that are open.
    pub fn shown(&self) -> impl Iterator<Item = &Conversation> {
        self.ended.iter().chain(self.open.values().rev().take(SHOWN))
    }
}

impl Conversation {
    /// Its number.
    pub fn c(&self) -> u64 {
        self.c
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Bytes in and out, reads and writes.
    pub fn counts(&self) -> (u64, u64, u64, u64) {
        (self.bytes_in, self.bytes_out, self.reads, self.writes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use sockeye_tape::event::{By, Close, How, Open, Role};

    fn event(c: u64, what: What<'static>) -> Event<'static> {
        Event { t: Duration::ZERO, c, what }
    }

    fn open(c: u64) -> Event<'static> {
        let open = Open {
            role: Role::Accept,
            local: "127.0.0.1:1".to_owned(),
            peer: format!("127.0.0.1:{c}"),
            proto: "tcp".to_owned(),
            pair: None,
        };
        event(c, What::Open(open))
    }

    fn close(c: u64) -> Event<'static> {
        event(c, What::Close(Close { by: By::Peer, how: How::Fin, why: None }))
    }

    #[test]
    fn what_goes_over_is_counted_until_the_end_and_kept() {
        let mut census = Census::default();
        census.take(&open(1));
        census.moved(1, Dir::In, 5);
        census.moved(1, Dir::In, 2);
        census.moved(1, Dir::Out, 3);
        census.moved(9, Dir::Out, 3);
        assert_eq!(census.open(), 1);
        census.take(&close(1));
        census.take(&close(9));
        let shown: Vec<&Conversation> = census.shown().collect();
        let [one] = shown[..] else { panic!("{shown:?}") };
        assert_eq!((one.bytes_in, one.reads, one.bytes_out, one.writes), (7, 2, 3, 1));
        assert!(!one.open && one.close.as_ref().is_some_and(|close| close.by == "peer"));
        assert_eq!(census.open(), 0);
    }

    #[test]
    fn the_last_that_ended_and_the_newest_that_are_open_are_shown() {
        let mut census = Census::default();
        for c in 0..1000 {
            census.take(&open(c));
        }
        for c in 0..ENDED as u64 + 7 {
            census.take(&close(c));
        }
        let mut shown: Vec<u64> = census.shown().map(Conversation::c).collect();
        shown.sort_unstable();
        let ended = 7..ENDED as u64 + 7;
        let wanted: Vec<u64> = ended.chain(1000 - SHOWN as u64..1000).collect();
        assert_eq!(shown, wanted);
        assert_eq!(census.open(), 1000 - ENDED - 7);
    }
}
