//! One way in which a talk may be delivered: where it is cut, and which messages come
//! together. Written as `cut=5`, `cut=1-17,glue=2`, or `as-is`.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::shake::talk::Talk;

/// One thing that is done to a talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// The write ends at this offset of all that is said, in bytes, and the next begins.
    Cut(usize),
    /// That message, counted from 0, is in one write with the one before it.
    Glue(usize),
}

/// A set of changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Case {
    /// Each once, in order.
    pub changes: BTreeSet<Change>,
}

/// What is done before a piece is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing: it is the first.
    Nothing,
    /// A pause, so that the kernel does not join it to the one before.
    Pause,
    /// What the other side says before that message is waited for.
    Wait(usize),
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What comes first.
    pub before: Before,
    /// Which bytes of all that is said.
    pub range: Range<usize>,
}

/// A case that was written wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// It is none.
    #[error("cannot read `{0}` as a case: write `cut=5,glue=2`, `cut=1-17` or `as-is`")]
    Unread(String),
    /// The talk has no such place.
    #[error(
        "`{case}` changes nothing in this talk of {bytes} bytes in {messages} messages: a cut \
         lies inside a message, and what is joined may come together"
    )]
    Unfit {
        /// The part.
        case: String,
        /// How long the talk is.
        bytes: usize,
        /// Of how many messages.
        messages: usize,
    },
}

impl Case {
    /// These changes.
    pub fn of(changes: impl IntoIterator<Item = Change>) -> Self {
        Self { changes: changes.into_iter().collect() }
    }

    /// The writes that it makes of a talk. What changes nothing in it is left out: a cut
    /// between two messages, a message that may not be joined.
    pub fn pieces(&self, talk: &Talk) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut begin = 0;
        for (place, message) in talk.messages.iter().enumerate() {
            let end = begin + message.bytes.len();
            let glued = talk.may_join(place) && self.changes.contains(&Change::Glue(place));
            let cuts = self.changes.range(Change::Cut(begin + 1)..Change::Cut(end));
            let cuts = cuts.filter_map(|change| match change {
                Change::Cut(at) => Some(*at),
                Change::Glue(_) => None,
            });
            let mut from = begin;
            for to in cuts.chain([end]) {
                let last = pieces.last_mut().filter(|_| glued && from == begin);
                if let Some(last) = last {
                    last.range.end = to;
                } else {
                    let before = match place {
                        _ if from > begin => Before::Pause,
                        place if message.waits => Before::Wait(place),
                        0 => Before::Nothing,
                        _ => Before::Pause,
                    };
                    pieces.push(Piece { before, range: from..to });
                }
                from = to;
            }
            begin = end;
        }
        pieces
    }

    /// Refuses what cannot be done to a talk: a cut beyond it or between two of its messages,
    /// a message that may not be joined.
    pub fn suits(&self, talk: &Talk) -> Result<(), CaseError> {
        let edges = talk.edges();
        let wrong = self.changes.iter().find(|change| match change {
            Change::Cut(at) => *at >= talk.len() || edges.binary_search(at).is_ok(),
            Change::Glue(place) => !talk.may_join(*place),
        });
        match wrong {
            None => Ok(()),
            Some(change) => Err(CaseError::Unfit {
                case: Self::of([*change]).to_string(),
                bytes: talk.len(),
                messages: talk.messages.len(),
            }),
        }
    }

    /// The case in words, for somebody who wants to know where to look.
    pub fn told(&self, talk: &Talk) -> String {
        const MOST: usize = 3;
        let edges = talk.edges();
        let one = |change: &Change| match change {
            Change::Glue(place) => format!("messages {place} and {} together", place + 1),
            Change::Cut(at) => {
                let place = edges.partition_point(|edge| edge <= at).saturating_sub(1);
                let begin = edges.get(place).copied().unwrap_or(0);
                let len = edges.get(place + 1).map_or(0, |end| end - begin);
                format!("message {} cut after {} of {len} bytes", place + 1, at - begin)
            }
        };
        let mut words: Vec<String> = self.changes.iter().take(MOST).map(one).collect();
        match self.changes.len() {
            0 => "as it was".to_owned(),
            count => {
                if count > MOST {
                    words.push(format!("{} more", count - MOST));
                }
                words.join(", ")
            }
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.changes.is_empty() {
            return f.write_str("as-is");
        }
        let cuts = self.changes.iter().filter_map(|change| match change {
            Change::Cut(at) => Some(*at),
            Change::Glue(_) => None,
        });
        let glues = self.changes.iter().filter_map(|change| match change {
            // Messages are counted from 1 where people read.
            Change::Glue(place) => Some(place + 1),
            Change::Cut(_) => None,
        });
        let ranges = |name, numbers: &mut dyn Iterator<Item = usize>| -> Vec<String> {
            let mut ranges: Vec<(usize, usize)> = Vec::new();
            for number in numbers {
                match ranges.last_mut() {
                    Some((_, end)) if *end + 1 == number => *end = number,
                    _ => ranges.push((number, number)),
                }
            }
            let shown = |(from, to): (usize, usize)| {
                if from == to { format!("{name}={from}") } else { format!("{name}={from}-{to}") }
            };
            ranges.into_iter().map(shown).collect()
        };
        let mut parts = ranges("cut", &mut cuts.into_iter());
        parts.extend(ranges("glue", &mut glues.into_iter()));
        f.write_str(&parts.join(","))
    }
}

impl FromStr for Case {
    type Err = CaseError;

    fn from_str(text: &str) -> Result<Self, CaseError> {
        /// The most places of one range, and the last one.
        const RANGE: usize = 1 << 16;
        const MOST: usize = 1 << 28;
        let wrong = || CaseError::Unread(sockeye_text::safe::one_line(text).into_owned());
        if text.trim() == "as-is" {
            return Ok(Self::default());
        }
        let mut changes = BTreeSet::new();
        for part in text.split(',') {
            let (name, numbers) = part.trim().split_once('=').ok_or_else(wrong)?;
            let (from, to) = numbers.split_once('-').unwrap_or((numbers, numbers));
            let from: usize = from.trim().parse().map_err(|_| wrong())?;
            let to: usize = to.trim().parse().map_err(|_| wrong())?;
            if from == 0 || to < from || to > MOST || to - from > RANGE {
                return Err(wrong());
            }
            match name.trim() {
                "cut" => changes.extend((from..=to).map(Change::Cut)),
                "glue" if from > 1 => changes.extend((from - 1..to).map(Change::Glue)),
                _ => return Err(wrong()),
            }
        }
        Ok(Self { changes })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn talk() -> Talk {
        Talk::of_texts(["hello", "feng", "bye"].map(|text| text.as_bytes().to_vec()).to_vec())
            .unwrap()
    }

    fn pieces(case: &str) -> Vec<(Before, Range<usize>)> {
        let case: Case = case.parse().unwrap();
        case.pieces(&talk()).into_iter().map(|piece| (piece.before, piece.range)).collect()
    }

    #[test]
    fn as_it_was_each_message_is_a_write_and_its_answer_is_waited_for() {
        let whole =
            vec![(Before::Nothing, 0..5), (Before::Wait(1), 5..9), (Before::Wait(2), 9..12)];
        assert_eq!(pieces("as-is"), whole);
        // Where two messages meet there is a cut already, and before the first and after the
        // last there is nothing.
        assert_eq!(pieces("cut=5,cut=9,cut=12,cut=99"), whole);
    }

    #[test]
    fn cuts_and_joins_a_talk() {
        assert_eq!(
            pieces("cut=2,glue=2"),
            [(Before::Nothing, 0..2), (Before::Pause, 2..9), (Before::Wait(2), 9..12)]
        );
        assert_eq!(pieces("cut=7,glue=2-3"), [(Before::Nothing, 0..7), (Before::Pause, 7..12)]);
    }

    #[test]
    fn tells_where_to_look() {
        let told = |case: &str| case.parse::<Case>().unwrap().told(&talk());
        assert_eq!(told("cut=7"), "message 2 cut after 2 of 4 bytes");
        assert_eq!(told("glue=3"), "messages 2 and 3 together");
        assert_eq!(told("as-is"), "as it was");
        assert!(told("cut=1-4").ends_with("1 more"));
    }

    #[test]
    fn what_a_talk_does_not_have_is_refused() {
        let suits = |case: &str| case.parse::<Case>().unwrap().suits(&talk()).is_ok();
        assert!(["as-is", "cut=4", "cut=11,glue=3"].into_iter().all(suits));
        assert!(!["cut=5", "cut=12", "cut=99", "glue=4"].into_iter().any(suits));
    }

    #[test]
    fn what_is_no_case_is_refused() {
        for text in
            ["", "cut", "cut=", "cut=0", "cut=5-3", "glue=1", "split=3", "cut=1-99999999999"]
        {
            assert!(text.parse::<Case>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            cuts in prop::collection::btree_set(1usize..400, 0..60),
            glues in prop::collection::btree_set(1usize..40, 0..10),
        ) {
            let cuts = cuts.into_iter().map(Change::Cut);
            let case = Case::of(cuts.chain(glues.into_iter().map(Change::Glue)));
            prop_assert_eq!(case.to_string().parse::<Case>(), Ok(case));
        }

        #[test]
        fn no_byte_is_lost_and_none_is_said_twice(
            lens in prop::collection::vec(1usize..20, 1..8),
            cuts in prop::collection::vec(1usize..160, 0..40),
            glues in prop::collection::vec(1usize..8, 0..8),
        ) {
            let texts = lens.iter().map(|len| vec![b'x'; *len]).collect();
            let talk = Talk::of_texts(texts).unwrap();
            let changes = cuts.into_iter().map(Change::Cut);
            let case = Case::of(changes.chain(glues.into_iter().map(Change::Glue)));
            let mut at = 0;
            for piece in case.pieces(&talk) {
                prop_assert_eq!(piece.range.start, at);
                prop_assert!(piece.range.end > at);
                at = piece.range.end;
            }
            prop_assert_eq!(at, talk.len());
        }
    }
}
