//! In which order the ways to deliver a talk are tried: the few large cases first, which tell
//! early that something is wrong, then every single cut, then pairs. Cuts near the edges of
//! messages come before those in their middles: headers and delimiters stand there.

use std::collections::VecDeque;
use std::fmt;

use crate::fault::seed::Draws;
use crate::shake::case::{Case, Change};
use crate::shake::talk::Talk;

/// A kind of case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Messages that come together.
    Together,
    /// Every byte by itself, or in pieces as small as time allows.
    Bytes,
    /// One cut.
    Single,
    /// Two changes: two cuts, or a cut in messages that come together.
    Pairs,
}

impl Phase {
    /// All, in their order.
    pub const ALL: [Self; 4] = [Self::Together, Self::Bytes, Self::Single, Self::Pairs];
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Together => "messages together",
            Self::Bytes => "byte by byte",
            Self::Single => "every single cut",
            Self::Pairs => "pairs of cuts and joints",
        })
    }
}

/// How far from an edge pairs are tried in order, before they are drawn.
const NEAR: usize = 8;
/// The most pieces of one case: each costs a pause.
const MOST_PIECES: usize = 500;

/// The cases of one kind, in order.
#[derive(Debug)]
pub struct Cases {
    waiting: VecDeque<Case>,
    drawn: Option<Drawn>,
}

/// Pairs that are drawn: without end, never the same one twice in a row.
#[derive(Debug)]
struct Drawn {
    draws: Draws,
    changes: Vec<Change>,
}

impl Cases {
    /// Those of a kind, of a talk.
    pub fn new(phase: Phase, talk: &Talk, seed: u64) -> Self {
        let (waiting, drawn) = match phase {
            Phase::Together => (together(talk), None),
            Phase::Bytes => (bytes(talk), None),
            Phase::Single => (singles(talk).into_iter().map(|at| Case::of([at])).collect(), None),
            Phase::Pairs => {
                let changes: Vec<Change> = singles(talk).into_iter().chain(joints(talk)).collect();
                let drawn =
                    (changes.len() > 2).then(|| Drawn { draws: Draws::of(&[seed]), changes });
                (pairs(talk), drawn)
            }
        };
        Self { waiting, drawn }
    }

    /// How many there are; none where they are drawn without end.
    pub fn size(&self) -> Option<usize> {
        self.drawn.is_none().then_some(self.waiting.len())
    }
}

impl Iterator for Cases {
    type Item = Case;

    fn next(&mut self) -> Option<Case> {
        if let Some(case) = self.waiting.pop_front() {
            return Some(case);
        }
        let Drawn { draws, changes } = self.drawn.as_mut()?;
        let mut below = |limit: usize| usize::try_from(draws.below(limit as u64)).unwrap_or(0);
        let one = below(changes.len());
        // Any but the same.
        let other = (one + 1 + below(changes.len() - 1)) % changes.len();
        Some(Case::of([one, other].iter().filter_map(|place| changes.get(*place).copied())))
    }
}

/// The messages that may come together with the one before them.
fn joints(talk: &Talk) -> Vec<Change> {
    (1..talk.messages.len()).filter(|place| talk.may_join(*place)).map(Change::Glue).collect()
}

/// All together; then two, three … neighbours at a time; then the whole talk in groups of so
/// many.
fn together(talk: &Talk) -> VecDeque<Case> {
    /// So many neighbours are tried everywhere.
    const WINDOWS: usize = 3;
    let joints = joints(talk);
    let mut cases = VecDeque::new();
    let mut add = |case: Case| {
        if !case.changes.is_empty() && !cases.contains(&case) {
            cases.push_back(case);
        }
    };
    add(Case::of(joints.iter().copied()));
    for count in 2..=WINDOWS {
        for window in joints.windows(count - 1) {
            add(Case::of(window.iter().copied()));
        }
    }
    for size in (2..talk.messages.len()).take(MOST_PIECES) {
        add(Case::of(joints.iter().copied().filter(|change| match change {
            Change::Glue(place) => place % size != 0,
            Change::Cut(_) => false,
        })));
    }
    cases
}

/// Every byte of the talk by itself; of a long talk message by message, and of a long message
/// in pieces.
fn bytes(talk: &Talk) -> VecDeque<Case> {
    let edges = talk.edges();
    let ranges: Vec<(usize, usize)> = if talk.len() <= MOST_PIECES {
        vec![(0, talk.len())]
    } else {
        edges.iter().copied().zip(edges.iter().copied().skip(1)).collect()
    };
    let case = |(from, to): (usize, usize)| {
        let step = (to - from).div_ceil(MOST_PIECES).max(1);
        let cuts = (from + 1..to).step_by(step).filter(|at| edges.binary_search(at).is_err());
        Case::of(cuts.map(Change::Cut))
    };
    ranges.into_iter().map(case).filter(|case| !case.changes.is_empty()).collect()
}

/// Every place inside a message, the nearest to its edges first.
fn singles(talk: &Talk) -> Vec<Change> {
    let edges = talk.edges();
    let spans: Vec<(usize, usize)> =
        edges.iter().copied().zip(edges.iter().copied().skip(1)).collect();
    let longest = spans.iter().map(|(from, to)| to - from).max().unwrap_or(0);
    let mut cuts = Vec::new();
    for distance in 1..=longest.div_ceil(2) {
        for (from, to) in &spans {
            let (left, right) = (from + distance, to.saturating_sub(distance));
            if left <= right && left < *to {
                cuts.push(Change::Cut(left));
            }
            if right > left {
                cuts.push(Change::Cut(right));
            }
        }
    }
    cuts
}

/// Pairs near the edges: a cut close to where two joined messages meet, and two cuts at the
/// beginning of a message.
fn pairs(talk: &Talk) -> VecDeque<Case> {
    let edges = talk.edges();
    let mut cases = VecDeque::new();
    for distance in 1..=NEAR {
        for place in 1..talk.messages.len() {
            let at = |place: usize| edges.get(place).copied().unwrap_or(0);
            let (before, meet, after) = (at(place - 1), at(place), at(place + 1));
            if talk.may_join(place) {
                let cuts = [meet.checked_sub(distance), meet.checked_add(distance)];
                let inside = |cut: &usize| before < *cut && *cut < after;
                for cut in cuts.into_iter().flatten().filter(inside) {
                    cases.push_back(Case::of([Change::Glue(place), Change::Cut(cut)]));
                }
            }
        }
        for (from, to) in edges.iter().zip(edges.iter().skip(1)) {
            for nearer in 1..distance {
                if from + distance < *to {
                    let cuts = [Change::Cut(from + nearer), Change::Cut(from + distance)];
                    cases.push_back(Case::of(cuts));
                }
            }
        }
    }
    cases
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn talk(lens: &[usize]) -> Talk {
        Talk::of_texts(lens.iter().map(|len| vec![b'x'; *len]).collect()).unwrap()
    }

    fn all(phase: Phase, talk: &Talk) -> Vec<String> {
        Cases::new(phase, talk, 1).map(|case| case.to_string()).take(10_000).collect()
    }

    #[test]
    fn every_place_inside_a_message_is_cut_once_and_the_edges_come_first() {
        let talk = talk(&[1, 5, 2, 8]);
        let cases = all(Phase::Single, &talk);
        assert_eq!(&cases[..4], ["cut=2", "cut=5", "cut=7", "cut=9"]);
        let each: BTreeSet<&String> = cases.iter().collect();
        // 16 bytes have 15 places, of which three are edges.
        assert_eq!((cases.len(), each.len()), (12, 12));
    }

    #[test]
    fn messages_come_together_all_and_by_neighbours_and_by_groups() {
        let cases = all(Phase::Together, &talk(&[1, 1, 1, 1, 1]));
        assert_eq!(&cases[..5], ["glue=2-5", "glue=2", "glue=3", "glue=4", "glue=5"]);
        assert!(cases.contains(&"glue=2,glue=4".to_owned()), "groups of two: {cases:?}");
        assert!(cases.contains(&"glue=2-3,glue=5".to_owned()), "groups of three: {cases:?}");
        let each: BTreeSet<&String> = cases.iter().collect();
        assert_eq!(each.len(), cases.len());
        assert!(all(Phase::Together, &talk(&[9])).is_empty());
    }

    #[test]
    fn a_long_talk_is_not_cut_into_more_pieces_than_time_allows() {
        assert_eq!(all(Phase::Bytes, &talk(&[4, 3])), ["cut=1-3,cut=5-6"]);
        let long = talk(&[300, 2_000]);
        for case in Cases::new(Phase::Bytes, &long, 1) {
            assert!(case.changes.len() <= MOST_PIECES);
        }
        assert_eq!(Cases::new(Phase::Bytes, &long, 1).size(), Some(2));
        assert!(all(Phase::Bytes, &talk(&[1, 1])).is_empty());
    }

    #[test]
    fn pairs_begin_near_the_edges_and_are_then_drawn_the_same_for_the_same_seed() {
        let talk = talk(&[6, 6]);
        let near = pairs(&talk).len();
        let drawn =
            |seed| Cases::new(Phase::Pairs, &talk, seed).take(near + 50).collect::<Vec<_>>();
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        assert!(drawn(1).iter().all(|case| case.changes.len() == 2));
        assert_eq!(drawn(1)[0].to_string(), "cut=5,glue=2");
        // Of one byte there is no pair.
        assert!(all(Phase::Pairs, &super::tests::talk(&[1])).is_empty());
    }
}
