//! One diagram while it is collected: the first events and the last ones are kept, what
//! is between them is counted. Bounded by the number that the user chose.

use std::collections::VecDeque;
use std::time::Duration;

use crate::diagram::chart::Arrow;
use crate::diagram::chart::Chart;
use crate::diagram::chart::Fold;
use crate::diagram::chart::GAP;
use crate::diagram::chart::Happened;
use crate::diagram::chart::Lifeline;
use crate::diagram::chart::Mark;
use crate::diagram::chart::Step;
use crate::diagram::chart::Who;
use crate::diagram::label;
use crate::diagram::label::short;
use crate::event::Dir;
use crate::event::Open;
use crate::event::Role;
use crate::rows::Drawn;
use crate::rows::Row;

/// The most characters of a line about a conversation, and of an address.
const LINE: usize = 400;
const ADDRESS: usize = 120;

/// How many of the last events are kept, if that is less than a quarter of all.
const TAIL: usize = 20;

/// How many loud lines are kept among what is folded.
const LOUD: usize = 50;

/// A diagram while it is collected.
#[derive(Debug)]
pub(crate) struct Page {
    title: String,
    lifelines: Vec<Lifeline>,
    since: Duration,
    /// Its conversations: one, or a relay's two.
    pub(crate) numbers: Vec<u64>,
    /// How many of them are open.
    open: u8,
    most: usize,
    head: Vec<Step>,
    /// Loud lines and folds: what came after the head and before the tail.
    middle: Vec<Step>,
    loud: usize,
    tail: VecDeque<Step>,
}

impl Page {
    /// A page for a conversation; with unknown ends if the tape does not open it.
    pub(crate) fn of(c: u64, since: Duration, open: Option<&Open>, most: usize) -> Self {
        let line = |who, name, address: &str| {
            let address = short(address, ADDRESS);
            Lifeline { who, name, address }
        };
        let (local, peer) = open.map_or(("", ""), |open| (&*open.local, &*open.peer));
        let (us, first) = (line(Who::Us, "us", local), line(Who::First, "peer", peer));
        let called = open.is_some_and(|open| open.role == Role::Accept);
        let lifelines = if called { vec![first, us] } else { vec![us, first] };
        let title = match open {
            Some(open) => format!("#{c} {} ({})", short(&open.proto, ADDRESS), open.role),
            None => format!("#{c} (the tape does not say how it was opened)"),
        };
        let (head, middle, tail) = (Vec::new(), Vec::new(), VecDeque::new());
        Self {
            title,
            lifelines,
            since,
            numbers: vec![c],
            open: 1,
            most: most.max(1),
            head,
            middle,
            loud: 0,
            tail,
        }
    }

    /// Takes the other conversation of a relay in; false if there is one already.
    pub(crate) fn join(&mut self, c: u64, open: &Open) -> bool {
        if self.is_joined() {
            return false;
        }
        self.numbers.push(c);
        self.open = self.open.saturating_add(1);
        self.title =
            format!("{}, #{c} {} ({})", self.title, short(&open.proto, ADDRESS), open.role);
        let address = short(&open.peer, ADDRESS);
        let called = self.lifelines.first().is_some_and(|line| line.who == Who::First);
        self.lifelines.sort_by_key(|line| line.who == Who::Us);
        for line in &mut self.lifelines {
            line.name = match line.who {
                Who::Us => "relay",
                _ if called => "caller",
                _ => "peer",
            };
        }
        self.lifelines.push(Lifeline { who: Who::Second, name: "target", address });
        true
    }

    fn is_joined(&self) -> bool {
        self.numbers.len() > 1
    }

    /// Takes a row of the conversation with that peer.
    pub(crate) fn draw(&mut self, row: Row, peer: Who) {
        let (t, c) = (row.at.t, row.at.c);
        let what = match row.what {
            Drawn::Bytes(block, segments, text) => {
                let words = label::words(&block, &segments, text.as_deref());
                let who = block.who.as_ref().map(|who| short(who, ADDRESS));
                let words = match who {
                    Some(who) if block.dir == Dir::In => format!("{words}  (from {who})"),
                    Some(who) => format!("{words}  (to {who})"),
                    None => words,
                };
                let other = if peer == Who::First { Who::Second } else { Who::First };
                let on = (self.is_joined() && block.dir == Dir::In).then_some(other);
                let (from, to) =
                    if block.dir == Dir::In { (peer, Who::Us) } else { (Who::Us, peer) };
                let (size, frames) = (block.bytes.len() as u64, label::frames(&block, &segments));
                Happened::Arrow(Arrow { from, to, on, size, words, frames })
            }
            Drawn::Late(dir, frame) => {
                let text = format!(
                    "· frame ⟦{}..{}⟧ found in what was {}",
                    frame.off,
                    frame.end(),
                    if dir == Dir::In { "read" } else { "written" }
                );
                Happened::Mark(Mark { text, loud: false })
            }
            Drawn::Remark(remark) => {
                // The title says it.
                if remark.text.starts_with('●') {
                    return;
                }
                if remark.text.starts_with('○') {
                    self.open = self.open.saturating_sub(1);
                }
                let (sign, text) = remark.text.split_once(' ').unwrap_or(("", &remark.text));
                let number = if self.is_joined() { format!("#{c} ") } else { String::new() };
                let text = format!("{sign} {number}{}", short(text, LINE));
                Happened::Mark(Mark { text, loud: remark.loud })
            }
        };
        self.take(Step { t, what });
    }

    fn take(&mut self, step: Step) {
        let room = TAIL.min(self.most / 4);
        if self.head.len() < self.most - room {
            self.head.push(step);
            return;
        }
        self.tail.push_back(step);
        if self.tail.len() > room
            && let Some(oldest) = self.tail.pop_front()
        {
            self.fold(oldest);
        }
    }

    fn fold(&mut self, step: Step) {
        let is_loud = matches!(&step.what, Happened::Mark(mark) if mark.loud);
        if is_loud && self.loud < LOUD {
            self.loud += 1;
            self.middle.push(step);
            return;
        }
        if !matches!(self.middle.last(), Some(Step { what: Happened::Fold(_), .. })) {
            self.middle.push(Step { t: step.t, what: Happened::Fold(Fold::default()) });
        }
        let Some(Step { what: Happened::Fold(fold), .. }) = self.middle.last_mut() else {
            return;
        };
        fold.until = step.t;
        match step.what {
            Happened::Arrow(arrow) if arrow.to == Who::Us => {
                fold.reads += 1;
                fold.came = fold.came.saturating_add(arrow.size);
            }
            Happened::Arrow(arrow) => {
                fold.writes += 1;
                fold.went = fold.went.saturating_add(arrow.size);
            }
            _ if is_loud => fold.loud += 1,
            _ => fold.notes += 1,
        }
    }

    /// The diagram, with its breaks.
    pub(crate) fn finish(self) -> Chart {
        let mut steps = Vec::new();
        let mut last = self.since;
        for step in self.head.into_iter().chain(self.middle).chain(self.tail) {
            let silent = step.t.saturating_sub(last);
            if silent >= GAP {
                steps.push(Step { t: last, what: Happened::Gap(silent) });
            }
            last = match &step.what {
                Happened::Fold(fold) => fold.until,
                _ => step.t,
            };
            steps.push(step);
        }
        if self.open > 0 {
            let text = "· the tape ends here: no close is on it".to_owned();
            steps.push(Step { t: last, what: Happened::Mark(Mark { text, loud: false }) });
        }
        Chart { title: self.title, lifelines: self.lifelines, steps }
    }
}
