//! What of a run has changed since it was last told: the fields that differ, and of its
//! conversations those that are new, ended or have moved. A message stays small however many
//! callers there are: what does not fit is told by the next ones.
//!
//! Each message has a number, and so has each whole [`Run`](crate::workbench::run::Run) that is
//! shown: who has the whole one of number `v` needs the messages after `v`, and no others.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::workbench::census::{Census, Conversation};

/// So many conversations are told whole in one message.
const WHOLE: usize = 100;

/// So many have their counts told in one message.
const COUNTS: usize = 100;

/// What was told of a run.
#[derive(Debug, Default)]
pub struct News {
    v: u64,
    fields: Map<String, Value>,
    marks: BTreeMap<u64, Mark>,
    /// The conversations that were there, as ranges of their numbers.
    here: Vec<(u64, u64)>,
    /// Counts are told in turns: those of this conversation were told last.
    turn: u64,
    /// More has changed than the last message told.
    pub owed: bool,
}

/// What was told of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    open: bool,
    counts: Counts,
}

/// Bytes in and out, reads and writes.
type Counts = (u64, u64, u64, u64);

/// A message: nothing that is empty is told.
#[derive(Debug, Serialize)]
pub struct Changed<'c> {
    e: &'static str,
    id: u64,
    v: u64,
    #[serde(skip_serializing_if = "Map::is_empty")]
    run: Map<String, Value>,
    /// Those that are new, or have ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conversations: Vec<&'c Conversation>,
    /// `[c, in, out, reads, writes]` of those that have moved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    counts: Vec<(u64, u64, u64, u64, u64)>,
    /// Who is there, from and to: the others are to be let go.
    #[serde(skip_serializing_if = "Option::is_none")]
    here: Option<Vec<(u64, u64)>>,
}

impl News {
    /// The number of the last message.
    pub fn v(&self) -> u64 {
        self.v
    }

    /// What has changed in the fields, where they are given, and in the census; none if nothing.
    pub fn changed<'c>(
        &mut self,
        id: u64,
        fields: Option<Map<String, Value>>,
        census: &'c Census,
    ) -> Option<Changed<'c>> {
        self.owed = false;
        let run = fields.map(|fields| self.differing(fields)).unwrap_or_default();
        let mut shown: Vec<&Conversation> = census.shown().collect();
        shown.sort_unstable_by_key(|conversation| conversation.c());
        let conversations = self.whole(&shown);
        let counts = self.counts(&shown);
        let here = ranges(&shown);
        let here = (here != self.here).then(|| {
            self.marks.retain(|c, _| holds(&here, *c));
            self.here.clone_from(&here);
            here
        });
        let is_empty = run.is_empty() && conversations.is_empty() && counts.is_empty();
        if is_empty && here.is_none() {
            return None;
        }
        self.v += 1;
        Some(Changed { e: "changed", id, v: self.v, run, conversations, counts, here })
    }

    fn differing(&mut self, fields: Map<String, Value>) -> Map<String, Value> {
        let known = std::mem::replace(&mut self.fields, fields);
        let differs = |(name, value): &(&String, &Value)| known.get(*name) != Some(*value);
        let differing = self.fields.iter().filter(differs);
        differing.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Those that are new, or have ended; the newest go first where they are too many.
    fn whole<'c>(&mut self, shown: &[&'c Conversation]) -> Vec<&'c Conversation> {
        let mut whole = Vec::new();
        for conversation in shown.iter().rev() {
            let mark = Mark::of(conversation);
            if self.marks.get(&conversation.c()).is_some_and(|told| told.open == mark.open) {
                continue;
            }
            if whole.len() >= WHOLE {
                self.owed = true;
                break;
            }
            self.marks.insert(conversation.c(), mark);
            whole.push(*conversation);
        }
        whole
    }

    /// Those that have moved, from the one on whose turn it is.
    fn counts(&mut self, shown: &[&Conversation]) -> Vec<(u64, u64, u64, u64, u64)> {
        let begin = shown.partition_point(|conversation| conversation.c() <= self.turn);
        let (before, after) = shown.split_at(begin);
        let mut counts = Vec::new();
        for conversation in after.iter().chain(before) {
            let mark = Mark::of(conversation);
            // What has not been told whole has its counts told with it.
            let told = self.marks.get_mut(&conversation.c());
            let Some(told) = told.filter(|told| told.counts != mark.counts) else { continue };
            if counts.len() >= COUNTS {
                self.owed = true;
                break;
            }
            told.counts = mark.counts;
            self.turn = conversation.c();
            let (came, went, reads, writes) = mark.counts;
            counts.push((conversation.c(), came, went, reads, writes));
        }
        counts
    }
}

impl Mark {
    fn of(conversation: &Conversation) -> Self {
        Self { open: conversation.is_open(), counts: conversation.counts() }
    }
}

/// Numbers in ascending order, as ranges.
fn ranges(shown: &[&Conversation]) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in shown.iter().map(|conversation| conversation.c()) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    ranges
}

fn holds(ranges: &[(u64, u64)], number: u64) -> bool {
    let place = ranges.partition_point(|(_, last)| *last < number);
    ranges.get(place).is_some_and(|(first, _)| *first <= number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use serde_json::json;
    use sockeye_tape::event::{By, Close, Dir, Event, How, Open, Role, What};

    fn take(census: &mut Census, c: u64, what: What<'_>) {
        census.take(&Event { t: Duration::ZERO, c, what });
    }

    fn opens(census: &mut Census, c: u64) {
        let end = "127.0.0.1:50000".to_owned();
        take(
            census,
            c,
            What::Open(Open {
                role: Role::Accept,
                local: end.clone(),
                peer: end,
                proto: "tcp".to_owned(),
                pair: None,
            }),
        );
    }

    fn closes(census: &mut Census, c: u64) {
        take(census, c, What::Close(Close { by: By::Peer, how: How::Fin, why: None }));
    }

    fn told(news: &mut News, census: &Census) -> Option<Value> {
        let changed = news.changed(1, None, census);
        changed.map(|changed| serde_json::to_value(changed).expect("plain data"))
    }

    /// What a page makes of the messages: the numbers it has, and the bytes that came on each.
    fn follow(page: &mut BTreeMap<u64, u64>, message: &Value) {
        let number = |value: &Value| value.as_u64().expect("a number");
        for whole in message["conversations"].as_array().into_iter().flatten() {
            page.insert(number(&whole["c"]), number(&whole["in"]));
        }
        for counts in message["counts"].as_array().into_iter().flatten() {
            page.insert(number(&counts[0]), number(&counts[1]));
        }
        if let Some(here) = message["here"].as_array() {
            let has = |c: u64| here.iter().any(|one| number(&one[0]) <= c && c <= number(&one[1]));
            page.retain(|c, _| has(*c));
        }
    }

    #[test]
    fn what_has_not_changed_is_not_told() {
        let (mut news, mut census) = (News::default(), Census::default());
        assert_eq!(told(&mut news, &census), None);
        opens(&mut census, 7);
        let message = told(&mut news, &census).expect("a new one");
        assert_eq!((&message["v"], &message["here"]), (&json!(1), &json!([[7, 7]])));
        assert_eq!(told(&mut news, &census), None);
        census.moved(7, Dir::In, 5);
        let expected = json!({"e": "changed", "id": 1, "v": 2, "counts": [[7, 5, 0, 1, 0]]});
        assert_eq!(told(&mut news, &census), Some(expected));
        closes(&mut census, 7);
        let message = told(&mut news, &census).expect("an end");
        assert_eq!(message["conversations"][0]["close"]["how"], "fin");
        assert_eq!((message.get("here"), message.get("counts")), (None, None));
    }

    #[test]
    fn fields_are_told_where_they_differ() {
        let (mut news, census) = (News::default(), Census::default());
        let fields = |name: &str| json!({"name": name, "open": 1}).as_object().cloned();
        assert!(news.changed(1, fields("a"), &census).is_some());
        assert!(news.changed(1, fields("a"), &census).is_none());
        let message = news.changed(1, fields("b"), &census).expect("another name");
        assert_eq!(Value::from(message.run), json!({"name": "b"}));
    }

    #[test]
    fn of_ten_thousand_callers_every_message_is_small_and_all_is_told_in_the_end() {
        let (mut news, mut census) = (News::default(), Census::default());
        for c in 1..=10_000 {
            opens(&mut census, c);
        }
        let (mut page, mut messages) = (BTreeMap::new(), 0);
        for round in 1..=3 {
            for c in 1..=10_000 {
                census.moved(c, Dir::In, 1);
                if c % 3 == round {
                    closes(&mut census, c);
                }
            }
            while let Some(message) = told(&mut news, &census) {
                assert!(message.to_string().len() < 48 * 1024, "{}", message.to_string().len());
                follow(&mut page, &message);
                messages += 1;
            }
            assert!(!news.owed);
        }
        assert!(messages < 40, "{messages}");
        let truth = census.shown().map(|one| (one.c(), one.counts().0));
        assert_eq!(page, truth.collect());
    }
}
