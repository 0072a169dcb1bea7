//! One sequence diagram, not yet drawn: its lifelines, and what happened between them. All
//! text in it is short, of one line and safe to show; a page or a file escapes it besides.

use std::fmt;
use std::time::Duration;

use sockeye_text::units::Grouped;
use sockeye_text::units::Size;

/// A silence of this length is drawn as a break.
pub const GAP: Duration = Duration::from_secs(1);

/// A diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The conversations: `#1 tcp`.
    pub title: String,
    /// Two, or a relay's three, from left to right.
    pub lifelines: Vec<Lifeline>,
    /// What happened, in order.
    pub steps: Vec<Step>,
}

/// One of the parties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifeline {
    /// Which.
    pub who: Who,
    /// In a word.
    pub name: &'static str,
    /// Its address.
    pub address: String,
}

/// Which party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The peer; of a relay the one whose conversation came first.
    First,
    /// This side.
    Us,
    /// The peer of a relay's other conversation.
    Second,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When: since the start of the tape.
    pub t: Duration,
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Bytes went over.
    Arrow(Arrow),
    /// A line about the conversation.
    Mark(Mark),
    /// Nothing, for so long.
    Gap(Duration),
    /// Much that is not drawn one by one.
    Fold(Fold),
}

/// What one recv of ours returned, or one write took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// Whose bytes.
    pub from: Who,
    /// Whom they came to.
    pub to: Who,
    /// Whom a relay passes them on to.
    pub on: Option<Who>,
    /// How many bytes.
    pub size: u64,
    /// Their beginning, as text or hex, frames in brackets.
    pub words: String,
    /// Which frames lie in it, by their offsets; empty where none is known.
    pub frames: String,
}

/// A line about the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// With its sign at the front.
    pub text: String,
    /// Whether it must not be missed.
    pub loud: bool,
}

/// What is folded together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fold {
    /// When the last of it was.
    pub until: Duration,
    /// How many reads.
    pub reads: u64,
    /// With so many bytes.
    pub came: u64,
    /// How many writes.
    pub writes: u64,
    /// With so many bytes.
    pub went: u64,
    /// Notes, and frames that were found late.
    pub notes: u64,
    /// Faults, errors and hard closes.
    pub loud: u64,
}

impl Chart {
    /// Whether bytes of it were passed on.
    pub fn passes_on(&self) -> bool {
        self.steps
            .iter()
            .any(|step| matches!(&step.what, Happened::Arrow(arrow) if arrow.on.is_some()))
    }

    /// At which place from the left a party stands.
    pub fn place(&self, who: Who) -> usize {
        self.lifelines.iter().position(|line| line.who == who).unwrap_or_default()
    }
}

impl Arrow {
    /// The size, and what was said.
    pub fn label(&self) -> String {
        let size = Grouped(self.size);
        if self.words.is_empty() {
            format!("{size} B")
        } else {
            format!("{size} B  {}", self.words)
        }
    }
}

impl fmt::Display for Fold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |bytes: u64| format!(", {}", Size(bytes));
        let parts = [
            (self.reads, "read", bytes(self.came)),
            (self.writes, "write", bytes(self.went)),
            (self.notes, "note", String::new()),
            (self.loud, "fault or error", String::new()),
        ];
        let mut first = true;
        for (count, name, bytes) in parts.into_iter().filter(|(count, ..)| *count > 0) {
            let (before, more) = if first { ("… ", " more") } else { ("; ", "") };
            let plural = match (count, name) {
                (1, _) => name.to_owned(),
                (_, "fault or error") => "faults and errors".to_owned(),
                _ => format!("{name}s"),
            };
            write!(f, "{before}{}{more} {plural}{bytes}", Grouped(count))?;
            first = false;
        }
        Ok(())
    }
}

/// Seconds since the start, cut to milliseconds: so much has truly passed.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{}.{:03}", time.as_secs(), time.subsec_millis())
}

#[cfg(test)]
mod tests {
    use super::Fold;

    #[test]
    fn a_fold_counts_what_is_in_it_and_nothing_else() {
        let reads = Fold { reads: 1234, came: 1_200_000, ..Fold::default() };
        assert_eq!(reads.to_string(), "… 1,234 more reads, 1.1 MiB");
        let all = Fold { writes: 1, went: 3, notes: 2, loud: 1, ..Fold::default() };
        assert_eq!(all.to_string(), "… 1 more write, 3 B; 2 notes; 1 fault or error");
    }
}
