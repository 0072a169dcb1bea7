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
    /// Takes bytes that went over.
    pub fn moved(&mut self, conversation: u64, dir: Dir, bytes: u64) {
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

    /// How many are open.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Those that a page is shown, by number.
    pub fn shown(&self) -> Vec<Conversation> {
        let mut shown: Vec<Conversation> =
            self.ended.iter().chain(self.open.values().rev().take(SHOWN)).cloned().collect();
        shown.sort_by_key(|conversation| conversation.c);
        shown
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
        let shown = census.shown();
        let [one] = shown.as_slice() else { panic!("{shown:?}") };
        assert_eq!((one.bytes_in, one.reads, one.bytes_out, one.writes), (7, 2, 3, 1));
        assert!(!one.open && one.close.as_ref().is_some_and(|close| close.by == "peer"));
        assert_eq!(census.open(), 0);
    }

    #[test]
    fn the_last_that_ended_and_the_newest_that_are_open_are_shown_by_number() {
        let mut census = Census::default();
        for c in 0..1000 {
            census.take(&open(c));
        }
        for c in 0..ENDED as u64 + 7 {
            census.take(&close(c));
        }
        let shown: Vec<u64> = census.shown().iter().map(|one| one.c).collect();
        let ended = 7..ENDED as u64 + 7;
        let wanted: Vec<u64> = ended.chain(1000 - SHOWN as u64..1000).collect();
        assert_eq!(shown, wanted);
        assert_eq!(census.open(), 1000 - ENDED - 7);
    }
}
