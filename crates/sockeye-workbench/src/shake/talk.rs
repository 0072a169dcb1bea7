//! What is said in a test: one side of a talk as messages, and where the other side's answer
//! is waited for.

use sockeye_wire::deframe::Deframer;
use sockeye_wire::framing::Framing;

use crate::script::{Script, Side};

/// Something that is said in one go when nothing is shaken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The bytes, as they go onto the wire.
    pub bytes: Vec<u8>,
    /// Whether the other side had said something since the message before.
    pub waits: bool,
}

/// One side of a talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    /// Whose part it is.
    pub side: Side,
    /// What it says. At least one, none of them empty.
    pub messages: Vec<Message>,
    /// Whether the other side said something after the last message.
    pub listens: bool,
    /// How many bytes the other side had said before each message, and in all, where that was
    /// recorded.
    pub heard: Vec<u64>,
}

/// A talk that cannot be shaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TalkError {
    /// Our side is silent in it.
    #[error("the side that is to be played says nothing in this talk")]
    Silent,
    /// Datagrams are delivered whole or not at all.
    #[error("the talk is of datagrams: each is delivered whole, there is nothing to cut")]
    Datagrams,
}

impl Talk {
    /// One side of a recorded talk. A framing tells its messages apart, where what was
    /// recorded was not written message by message.
    pub fn of_script(
        script: &Script,
        side: Side,
        framing: Option<&Framing>,
    ) -> Result<Self, TalkError> {
        if script.datagrams {
            return Err(TalkError::Datagrams);
        }
        let mut messages: Vec<Message> = Vec::new();
        let mut heard = false;
        let mut bytes = 0;
        let mut marks = Vec::new();
        let mut run: Vec<Vec<u8>> = Vec::new();
        for step in &script.steps {
            let Some(said) = step.said.as_ref().filter(|said| !said.is_empty()) else {
                continue;
            };
            if step.side == side {
                run.push(said.clone());
                continue;
            }
            messages.extend(told_apart(std::mem::take(&mut run), heard, framing));
            marks.resize(messages.len(), bytes);
            bytes += said.len() as u64;
            heard = true;
        }
        let listens = run.is_empty() && heard;
        messages.extend(told_apart(run, heard, framing));
        marks.resize(messages.len(), bytes);
        marks.push(bytes);
        if messages.is_empty() {
            return Err(TalkError::Silent);
        }
        Ok(Self { side, messages, listens, heard: marks })
    }

    /// A caller that says these, and waits for an answer to each.
    pub fn of_texts(texts: Vec<Vec<u8>>) -> Result<Self, TalkError> {
        let said = texts.into_iter().filter(|bytes| !bytes.is_empty()).enumerate();
        let messages: Vec<Message> =
            said.map(|(place, bytes)| Message { bytes, waits: place > 0 }).collect();
        if messages.is_empty() {
            return Err(TalkError::Silent);
        }
        Ok(Self { side: Side::Dialler, messages, listens: true, heard: Vec::new() })
    }

    /// All that is said, in bytes.
    pub fn len(&self) -> usize {
        self.messages.iter().map(|message| message.bytes.len()).sum()
    }

    /// Never: a talk says something.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Where each message begins, and last where the last one ends.
    pub fn edges(&self) -> Vec<usize> {
        let mut at = 0;
        let ends = self.messages.iter().map(|message| {
            at += message.bytes.len();
            at
        });
        std::iter::once(0).chain(ends).collect()
    }

    /// All that is said, in one piece.
    pub fn bytes(&self) -> Vec<u8> {
        self.messages.iter().flat_map(|message| message.bytes.iter().copied()).collect()
    }

    /// Whether message `place` may be delivered together with the one before it. A caller may
    /// send ahead; who is called cannot answer what has not been asked.
    pub fn may_join(&self, place: usize) -> bool {
        let waits = self.messages.get(place).map(|message| message.waits);
        place > 0 && waits.is_some_and(|waits| self.side == Side::Dialler || !waits)
    }
}

/// What was said between two answers, as messages.
fn told_apart(run: Vec<Vec<u8>>, heard: bool, framing: Option<&Framing>) -> Vec<Message> {
    let parts = match framing {
        Some(framing) => frames(&run.concat(), framing),
        None => run,
    };
    let said = parts.into_iter().enumerate();
    said.map(|(place, bytes)| Message { bytes, waits: heard && place == 0 }).collect()
}

/// Cuts bytes where its frames end. What is no frame stays with the frame after it.
fn frames(bytes: &[u8], framing: &Framing) -> Vec<Vec<u8>> {
    let mut deframer = Deframer::new(framing.clone());
    deframer.push(std::time::Duration::ZERO, bytes);
    let mut ends = Vec::new();
    while let Ok(Some(frame)) = deframer.next_frame() {
        ends.extend(usize::try_from(frame.off + frame.len));
    }
    ends.push(bytes.len());
    let mut begin = 0;
    let mut parts = Vec::new();
    for end in ends {
        parts.extend(bytes.get(begin..end).filter(|part| !part.is_empty()).map(<[u8]>::to_vec));
        begin = end;
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::script::Step;

    fn script(said: &[(Side, &str)]) -> Script {
        let step = |(side, text): &(Side, &str)| Step {
            after: Duration::ZERO,
            side: *side,
            said: (!text.is_empty()).then(|| text.as_bytes().to_vec()),
        };
        let steps = said.iter().map(step).collect();
        Script { steps, datagrams: false, number: 1, others: 0 }
    }

    const D: Side = Side::Dialler;
    const A: Side = Side::Acceptor;

    fn shown(talk: &Talk) -> Vec<(String, bool)> {
        let text = |m: &Message| (String::from_utf8_lossy(&m.bytes).into_owned(), m.waits);
        talk.messages.iter().map(text).collect()
    }

    #[test]
    fn each_write_is_a_message_and_waits_where_an_answer_had_come() {
        let script =
            script(&[(D, "a"), (D, "bc"), (A, "x"), (A, "y"), (D, "d"), (D, ""), (A, "z")]);
        let talk = Talk::of_script(&script, D, None).unwrap();
        let told = [("a".into(), false), ("bc".into(), false), ("d".into(), true)];
        assert_eq!(
            (shown(&talk), talk.listens, talk.edges()),
            (told.to_vec(), true, vec![0, 1, 3, 4])
        );
        assert_eq!(talk.heard, [0, 0, 2, 3]);
        let other = Talk::of_script(&script, A, None).unwrap();
        let told = [("x".into(), true), ("y".into(), false), ("z".into(), true)];
        assert_eq!((shown(&other), other.listens), (told.to_vec(), false));
        // Who is called cannot answer before it is asked.
        assert_eq!([1, 2].map(|place| talk.may_join(place)), [true, true]);
        assert_eq!([0, 1, 2, 3].map(|place| other.may_join(place)), [false, true, false, false]);
    }

    #[test]
    fn a_framing_tells_messages_apart_that_were_recorded_otherwise() {
        let script = script(&[(D, "one\ntw"), (D, "o\nrest"), (A, "x")]);
        let lines = "lines".parse().unwrap();
        let talk = Talk::of_script(&script, D, Some(&lines)).unwrap();
        let told = [("one\n".into(), false), ("two\n".into(), false), ("rest".into(), false)];
        assert_eq!(shown(&talk), told);
        assert_eq!(talk.bytes(), b"one\ntwo\nrest");
    }

    #[test]
    fn who_says_nothing_cannot_be_played() {
        assert_eq!(Talk::of_script(&script(&[(A, "x")]), D, None), Err(TalkError::Silent));
        assert_eq!(Talk::of_texts(vec![Vec::new()]), Err(TalkError::Silent));
        let datagrams = Script { datagrams: true, ..script(&[(D, "x")]) };
        assert_eq!(Talk::of_script(&datagrams, D, None), Err(TalkError::Datagrams));
    }
}
