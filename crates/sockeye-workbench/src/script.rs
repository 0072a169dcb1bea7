//! A recorded conversation as a script: what each side said, when, and who ended. Made from
//! the events of a tape, which may be a stranger's: an endpoint in it is never looked at.

use std::collections::BTreeMap;
use std::time::Duration;

use sockeye_tape::event::{By, Event, How, Open, Role, What};

/// The most bytes of a tape's talk that are held, both sides together.
pub const MOST: usize = 256 * 1024 * 1024;

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Who called.
    Dialler,
    /// Who was called.
    Acceptor,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Dialler => Self::Acceptor,
            Self::Acceptor => Self::Dialler,
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Since the step before it.
    pub after: Duration,
    /// Who did it.
    pub side: Side,
    /// What was said in one go; none: its end.
    pub said: Option<Vec<u8>>,
}

/// A conversation to be played again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// In order.
    pub steps: Vec<Step>,
    /// Whether each thing said is a datagram.
    pub datagrams: bool,
    /// The conversation's number on the tape.
    pub number: u64,
    /// How many others of the tape carried bytes too.
    pub others: usize,
}

/// A tape of which no script can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// Nothing was said in it.
    #[error("nothing was said on this tape")]
    Empty,
    /// There is no such conversation.
    #[error("there is no conversation #{0} on this tape, or nothing was said in it")]
    Missing(u64),
    /// More than is held.
    #[error("the tape holds more than {MOST} bytes of talk")]
    TooLong,
}

/// What a tape has of one conversation.
#[derive(Debug, Default)]
struct Talk {
    open: Option<Open>,
    moves: Vec<(Duration, Heard)>,
    close: Option<(Duration, By, How)>,
}

/// Something said, from the recorder's point of view.
#[derive(Debug)]
enum Heard {
    In(Vec<u8>),
    Out(Vec<u8>),
}

/// Gathers what a script is made of.
#[derive(Debug, Default)]
pub struct Gathering {
    talks: BTreeMap<u64, Talk>,
    held: usize,
}

impl Gathering {
    /// Takes the next event of the tape.
    pub fn take(&mut self, event: Event<'_>) -> Result<(), ScriptError> {
        let Event { t, c, what } = event;
        let talk = self.talks.entry(c).or_default();
        let heard = match what {
            What::Open(open) => {
                talk.open.get_or_insert(open);
                return Ok(());
            }
            What::Close(close) => {
                talk.close.get_or_insert((t, close.by, close.how));
                return Ok(());
            }
            What::In { bytes, .. } => Heard::In(bytes.into_owned()),
            What::Out { bytes, .. } => Heard::Out(bytes.into_owned()),
            What::Frame { .. } | What::Fault { .. } | What::Note { .. } | What::Error { .. } => {
                return Ok(());
            }
        };
        let (Heard::In(bytes) | Heard::Out(bytes)) = &heard;
        self.held += bytes.len();
        if self.held > MOST {
            return Err(ScriptError::TooLong);
        }
        talk.moves.push((t, heard));
        Ok(())
    }

    /// The script of conversation `wanted`, or of the first in which something was said. The
    /// two conversations of a relayed client are one.
    pub fn script(mut self, wanted: Option<u64>) -> Result<Script, ScriptError> {
        let heads: Vec<u64> = self.talks.keys().copied().filter(|c| self.is_head(*c)).collect();
        let spoken: Vec<u64> = heads.into_iter().filter(|c| self.is_spoken(*c)).collect();
        let number = match wanted {
            Some(number) => {
                let head = self.head_of(number);
                *spoken.iter().find(|c| **c == head).ok_or(ScriptError::Missing(number))?
            }
            None => *spoken.first().ok_or(ScriptError::Empty)?,
        };
        let partner = self.partner(number);
        let mut first = self.talks.remove(&number).unwrap_or_default();
        let role = first.open.as_ref().map_or(Role::Dial, |open| open.role);
        let proto = first.open.as_ref().map(|open| open.proto.as_str());
        let datagrams = matches!(proto, Some("udp" | "unixgram"));
        let mut said: Vec<(Duration, Side, Vec<u8>)> = Vec::new();
        for (t, heard) in std::mem::take(&mut first.moves) {
            let (side, bytes) = sided(heard, role);
            said.push((t, side, bytes));
        }
        // Of a relay each byte is on the tape once, as `in` of the side that said it.
        if let Some(second) = partner.and_then(|partner| self.talks.remove(&partner)) {
            for (t, heard) in second.moves {
                let (Heard::In(bytes) | Heard::Out(bytes)) = heard;
                said.push((t, Side::Acceptor, bytes));
            }
            said.sort_by_key(|(t, ..)| *t);
        }
        let close = first.close.map(|(t, by, how)| (t, ender(by, role), how));
        let others = spoken.len() - 1;
        Ok(Script { steps: steps(said, close), datagrams, number, others })
    }

    /// Whether it is no second half of a relayed client.
    fn is_head(&self, number: u64) -> bool {
        self.head_of(number) == number
    }

    fn head_of(&self, number: u64) -> u64 {
        let pair = |talk: &Talk| talk.open.as_ref().and_then(|open| open.pair);
        match self.talks.get(&number).and_then(pair) {
            Some(head) if head != number && self.talks.contains_key(&head) => head,
            _ => number,
        }
    }

    fn partner(&self, head: u64) -> Option<u64> {
        self.talks.keys().copied().find(|c| *c != head && self.head_of(*c) == head)
    }

    fn is_spoken(&self, head: u64) -> bool {
        let spoken = |c: u64| self.talks.get(&c).is_some_and(|talk| !talk.moves.is_empty());
        spoken(head) || self.partner(head).is_some_and(spoken)
    }
}

fn sided(heard: Heard, role: Role) -> (Side, Vec<u8>) {
    match (heard, role) {
        (Heard::In(bytes), Role::Dial) | (Heard::Out(bytes), Role::Accept) => {
            (Side::Acceptor, bytes)
        }
        (Heard::In(bytes), Role::Accept) | (Heard::Out(bytes), Role::Dial) => {
            (Side::Dialler, bytes)
        }
    }
}

fn ender(by: By, role: Role) -> Side {
    match (by, role) {
        (By::Us, Role::Dial) | (By::Peer, Role::Accept) => Side::Dialler,
        (By::Peer, Role::Dial) | (By::Us, Role::Accept) => Side::Acceptor,
    }
}

/// A close tells who ended first, not when: that was after the last it said, and the other
/// may have gone on. So its end stands right after that.
fn steps(said: Vec<(Duration, Side, Vec<u8>)>, close: Option<(Duration, Side, How)>) -> Vec<Step> {
    let mut timed: Vec<(Duration, Side, Option<Vec<u8>>)> =
        said.into_iter().map(|(t, side, bytes)| (t, side, Some(bytes))).collect();
    if let Some((t, first, _)) = close {
        let last = timed.iter().rposition(|(_, side, _)| *side == first);
        let (place, at) = match last.and_then(|place| timed.get(place).map(|(at, ..)| (place, *at)))
        {
            Some((place, at)) => (place + 1, at),
            None => (0, timed.first().map_or(t, |(at, ..)| *at)),
        };
        timed.insert(place, (at, first, None));
        timed.push((t, first.other(), None));
    }
    let mut before = timed.first().map_or(Duration::ZERO, |(at, ..)| *at);
    let step = |(at, side, said): (Duration, Side, Option<Vec<u8>>)| {
        let after = at.saturating_sub(before);
        before = before.max(at);
        Step { after, side, said }
    };
    timed.into_iter().map(step).collect()
}

#[cfg(test)]
#[path = "script/tests.rs"]
mod tests;
