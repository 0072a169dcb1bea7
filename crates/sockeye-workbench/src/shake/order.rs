//! In which order the ways to deliver a talk are tried: the few large cases first, which tell
//! early that something is wrong, then every single cut, then pairs. Cuts near the edges of
//! messages come before those in their middles: headers and delimiters stand there.

use std::collections::{HashSet, VecDeque};
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
    /// Two changes: two cuts, or a cut in messages that come together; of a long talk those
    /// near the edges of messages.
    Pairs,
    /// Two changes anywhere in a long talk, drawn without end.
    Drawn,
}

impl Phase {
    /// All, in their order.
    pub const ALL: [Self; 5] =
        [Self::Together, Self::Bytes, Self::Single, Self::Pairs, Self::Drawn];
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Together => "messages together",
            Self::Bytes => "byte by byte",
            Self::Single => "every single cut",
            Self::Pairs => "pairs of cuts and joints",
            Self::Drawn => "pairs anywhere",
        })
    }
}

/// How far from an edge pairs are tried in order, before they are drawn.
const NEAR: usize = 8;
/// Of so few places every pair is tried, once.
const FEW: usize = 200;
/// The most pieces of one case: each costs a pause.
const MOST_PIECES: usize = 500;

/// The cases of one kind, in order, each made when its turn comes.
#[derive(Debug)]
pub struct Cases<'t> {
    talk: &'t Talk,
    edges: Vec<usize>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    /// As they stand.
    Listed(VecDeque<Case>),
    /// These stretches of the talk, byte by byte.
    Bytes(VecDeque<(usize, usize)>),
    /// Each cut by itself.
    Single(Singles),
    /// Pairs that are drawn, without end.
    Drawn(Draws),
}

impl<'t> Cases<'t> {
    /// Those of a kind, of a talk. The seed is of what is drawn.
    pub fn new(phase: Phase, talk: &'t Talk, seed: u64) -> Self {
        let edges = talk.edges();
        let few = talk.len() <= FEW;
        let source = match phase {
            Phase::Together => Source::Listed(together(talk)),
            Phase::Bytes => Source::Bytes(stretches(talk, &edges)),
            Phase::Single => Source::Single(Singles::of(&edges)),
            Phase::Pairs if few => {
                let changes: Vec<Change> = Singles::of(&edges).chain(joints(talk)).collect();
                Source::Listed(every_pair(pairs(talk), &changes))
            }
            Phase::Pairs => Source::Listed(pairs(talk)),
            Phase::Drawn if few => Source::Listed(VecDeque::new()),
            Phase::Drawn => Source::Drawn(Draws::of(&[seed])),
        };
        Self { talk, edges, source }
    }

    /// Any change of the talk.
    fn draw(talk: &Talk, edges: &[usize], draws: &mut Draws) -> Option<Change> {
        let at = 1 + usize::try_from(draws.below(talk.len() as u64 - 1)).unwrap_or(0);
        match edges.binary_search(&at) {
            Ok(place) => talk.may_join(place).then_some(Change::Glue(place)),
            Err(_) => Some(Change::Cut(at)),
        }
    }
}

impl Iterator for Cases<'_> {
    type Item = Case;

    fn next(&mut self) -> Option<Case> {
        match &mut self.source {
            Source::Listed(cases) => cases.pop_front(),
            Source::Bytes(stretches) => {
                let edges = &self.edges;
                let mut bytes = |(from, to): (usize, usize)| {
                    let step = (to - from).div_ceil(MOST_PIECES).max(1);
                    let cuts = (from + 1..to).step_by(step);
                    let inside = cuts.filter(|at| edges.binary_search(at).is_err());
                    Case::of(inside.map(Change::Cut))
                };
                let cases = std::iter::from_fn(|| stretches.pop_front().map(&mut bytes));
                cases.into_iter().find(|case| !case.changes.is_empty())
            }
            Source::Single(singles) => singles.next().map(|change| Case::of([change])),
            Source::Drawn(draws) => {
                /// Two of the same, and places where nothing can be changed, are drawn again.
                const DRAWS: usize = 64;
                let drawn = (0..DRAWS).filter_map(|_| Self::draw(self.talk, &self.edges, draws));
                let mut case = Case::default();
                for change in drawn {
                    case.changes.insert(change);
                    if case.changes.len() == 2 {
                        return Some(case);
                    }
                }
                None
            }
        }
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
    /// So many sizes of groups.
    const GROUPS: usize = 32;
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
    for size in (2..talk.messages.len()).take(GROUPS) {
        add(Case::of(joints.iter().copied().filter(|change| match change {
            Change::Glue(place) => place % size != 0,
            Change::Cut(_) => false,
        })));
    }
    cases
}

/// What is cut byte by byte in one case: the talk; of a long one each message.
fn stretches(talk: &Talk, edges: &[usize]) -> VecDeque<(usize, usize)> {
    if talk.len() <= MOST_PIECES {
        return VecDeque::from([(0, talk.len())]);
    }
    edges.iter().copied().zip(edges.iter().copied().skip(1)).collect()
}

/// Every place inside a message once, the nearest to its edges first.
#[derive(Debug)]
struct Singles {
    spans: Vec<(usize, usize)>,
    /// From an edge, and how far at most.
    distance: usize,
    farthest: usize,
    /// Which message, and of its two places which.
    span: usize,
    right: bool,
}

impl Singles {
    fn of(edges: &[usize]) -> Self {
        let spans: Vec<(usize, usize)> =
            edges.iter().copied().zip(edges.iter().copied().skip(1)).collect();
        let longest = spans.iter().map(|(from, to)| to - from).max().unwrap_or(0);
        Self { spans, distance: 1, farthest: longest.div_ceil(2), span: 0, right: false }
    }
}

impl Iterator for Singles {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        while self.distance <= self.farthest {
            let Some((from, to)) = self.spans.get(self.span) else {
                (self.span, self.distance) = (0, self.distance + 1);
                continue;
            };
            let (left, right) = (from + self.distance, to.saturating_sub(self.distance));
            let at = if self.right {
                self.span += 1;
                (right > left).then_some(right)
            } else {
                (left <= right && left < *to).then_some(left)
            };
            self.right = !self.right;
            if let Some(at) = at {
                return Some(Change::Cut(at));
            }
        }
        None
    }
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

/// The near ones, and then all others.
fn every_pair(near: VecDeque<Case>, changes: &[Change]) -> VecDeque<Case> {
    let seen: HashSet<Case> = near.iter().cloned().collect();
    let all = changes.iter().enumerate().flat_map(|(place, one)| {
        changes.iter().skip(place + 1).map(|other| Case::of([*one, *other]))
    });
    let others: Vec<Case> = all.filter(|case| !seen.contains(case)).collect();
    near.into_iter().chain(others).collect()
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
        assert_eq!(Cases::new(Phase::Bytes, &long, 1).count(), 2);
        assert!(all(Phase::Bytes, &talk(&[1, 1])).is_empty());
    }

    #[test]
    fn of_few_places_every_pair_is_tried_once_the_near_ones_first() {
        let cases = all(Phase::Pairs, &talk(&[6, 6]));
        let each: BTreeSet<&String> = cases.iter().collect();
        // Ten cuts and one joint.
        assert_eq!((cases.len(), each.len()), (55, 55));
        assert_eq!(cases[0], "cut=5,glue=2");
        // Of one place there is no pair.
        assert!(all(Phase::Pairs, &talk(&[2])).is_empty());
    }

    #[test]
    fn of_many_places_pairs_are_drawn_the_same_for_the_same_seed() {
        let long = talk(&[150, 150]);
        let drawn = |seed| Cases::new(Phase::Drawn, &long, seed).take(500).collect::<Vec<_>>();
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        assert!(drawn(1).iter().all(|case| case.changes.len() == 2));
        let glued = |case: &Case| case.changes.contains(&Change::Glue(1));
        assert!(drawn(1).iter().any(glued), "a joint is as likely as a cut");
        // Where every pair was tried, none is drawn; where there is one place, none either.
        assert_eq!(Cases::new(Phase::Drawn, &talk(&[6, 6]), 1).count(), 0);
        assert_eq!(Cases::new(Phase::Drawn, &talk(&[1; 201]), 1).take(3).count(), 3);
    }

    #[test]
    fn cases_of_a_long_talk_are_made_when_their_turn_comes() {
        let long = talk(&[100 << 20]);
        let first = Cases::new(Phase::Single, &long, 1).nth(2).map(|case| case.to_string());
        assert_eq!(first.as_deref(), Some("cut=2"));
        assert_eq!(Cases::new(Phase::Bytes, &long, 1).count(), 1);
        assert!(Cases::new(Phase::Drawn, &long, 1).next().is_some());
    }
}
