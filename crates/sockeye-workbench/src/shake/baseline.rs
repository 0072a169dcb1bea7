//! The talk as it was, several times: what every case is compared with, how long an answer is
//! waited for, and how many runs may go on at once.

use std::time::Duration;

use sockeye_net::error::NetError;

use crate::shake::answer::{Unit, quoted};
use crate::shake::case::Case;
use crate::shake::run::{Marks, Run, Terms, Trouble, Until};
use crate::shake::subject::Subject;

/// An answer that took so long unshaken may take so many times as long shaken, on a machine
/// that has other work.
const LENIENCE: u32 = 20;
/// And at least so long.
const LEAST: Duration = Duration::from_millis(250);

/// What the unshaken talk came to.
#[derive(Debug)]
pub struct Baseline {
    /// What came by when; none where that is another length each time.
    pub marks: Option<Marks>,
    /// The run that all others are compared with.
    pub run: Run,
    /// How many runs go on at once.
    pub jobs: usize,
    /// What is worth telling.
    pub notes: Vec<String>,
}

impl Baseline {
    /// How long an answer is waited for.
    pub fn until(&self) -> Until<'_> {
        self.marks.as_ref().map_or(Until::Quiet, Until::Marks)
    }
}

/// So often the unshaken talk may go wrong before it is believed to be another.
const TRIES: usize = 3;

/// Why nothing can be shaken.
#[derive(Debug, thiserror::Error)]
pub enum ShakeError {
    /// Nobody could be called, or a program could not be started.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The talk goes wrong as it is.
    #[error("unshaken, {0}")]
    Broken(String),
    /// Nothing came back.
    #[error("unshaken, nothing comes back: there is nothing to compare")]
    Silent,
    /// The server, which was not started here, is there no more.
    #[error("the server has gone; last tried: {0}")]
    Gone(String),
    /// A case failed, and then nobody could be called any more.
    #[error("{case}; and then: {error}")]
    Lost {
        /// The case, and what was wrong.
        case: String,
        /// What then failed.
        error: Box<NetError>,
    },
    /// The answers are others each time.
    #[error("unshaken, the answers differ from one run to the next: {0}")]
    Unsteady(String),
}

impl ShakeError {
    /// The next step.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Net(error) => error.hint(),
            Self::Lost { error, .. } => error.hint(),
            Self::Broken(_) => {
                Some("does `replay` go through? is it the server of this tape?".to_owned())
            }
            Self::Gone(_) => Some(
                "`--server COMMAND` starts it, again whenever it has ended, and finds which case \
                 ends it"
                    .to_owned(),
            ),
            Self::Silent => Some("is a `--frame` missing in what is sent?".to_owned()),
            Self::Unsteady(_) => Some(
                "`--normalise times`, `--normalise ids` or `--normalise 'PATTERN => TEXT'` make \
                 alike what may differ; `--fresh` starts the server anew for each run"
                    .to_owned(),
            ),
        }
    }
}

/// Runs the talk as it was until it is known. A patience that was not given is set.
pub(crate) async fn baseline(
    subject: &Subject,
    terms: &mut Terms,
    patience: Option<Duration>,
    jobs: usize,
) -> Result<Baseline, ShakeError> {
    let whole = Case::default();
    let mut runs = Vec::new();
    for _ in 0..2 {
        let run = subject.run(terms, &whole, Until::Quiet).await?;
        if let Some(trouble) = &run.trouble {
            return Err(ShakeError::Broken(told(trouble, terms)));
        }
        runs.push(run);
    }
    let (Some(second), Some(first)) = (runs.pop(), runs.pop()) else {
        return Err(ShakeError::Silent);
    };
    if first.answers.is_empty() && first.beside.iter().all(|(_, bytes)| bytes.is_empty()) {
        return Err(ShakeError::Silent);
    }
    if let Some(text) = difference(terms, &first, &second) {
        return Err(ShakeError::Unsteady(text));
    }
    let slowest = first.slowest.max(second.slowest);
    // Who answers twice does so about as soon as the first time.
    terms.linger = (slowest * 3).min(terms.settle).max(terms.pause);
    terms.patience = patience.unwrap_or_else(|| (slowest * LENIENCE).max(LEAST));
    let mut notes = Vec::new();
    let marks = steady(&first.marks, &second.marks);
    if marks.is_none() {
        notes.push(format!(
            "the answers are of another length each time: each is waited for until {:?} of \
             silence (a `--frame` is faster)",
            terms.settle
        ));
    }
    if terms.compare.framing.is_some() && first.marks.whole.frames == 0 {
        notes.push("no frame of the `--frame` is in what came: it is compared as a whole".into());
    }
    let until = marks.as_ref().map_or(Until::Quiet, Until::Marks);
    if let Some(text) = differs(subject, terms, &first, until).await? {
        return Err(ShakeError::Unsteady(text));
    }
    if subject.serves_once() {
        notes.push("it serves one caller and ends: it is started anew for each run".to_owned());
    }
    let mut jobs = if subject.is_alone() { 1 } else { jobs };
    if jobs > 1 {
        // Who is served only after the one before has left would wait in vain.
        let idle = subject.idle().await;
        let beside = subject.run(terms, &whole, until).await?;
        if !matches!(idle, Ok(None)) && judge(terms, &first, &beside).is_some() {
            notes.push("it serves one caller at a time: so the runs come one by one".to_owned());
            jobs = 1;
        }
        drop(idle);
    }
    Ok(Baseline { marks, run: first, jobs, notes })
}

/// What is the same in two runs of the talk as it was: bytes by when, or else frames.
fn steady(one: &Marks, other: &Marks) -> Option<Marks> {
    let all = |marks: &Marks, unit: Unit| -> Vec<u64> {
        let whole = [marks.last, marks.whole];
        marks.before.iter().chain(&whole).map(|count| count.of(unit)).collect()
    };
    let alike = |unit: &Unit| all(one, *unit) == all(other, *unit);
    let units = [Unit::Bytes, Unit::Frames].into_iter();
    let unit = units.filter(|unit| one.whole.of(*unit) > 0).find(alike)?;
    Some(Marks { unit, ends: one.ends && other.ends, ..one.clone() })
}

/// How the unshaken talk differs from what it was, in each of several runs: on a busy machine
/// one may go wrong by itself.
pub(crate) async fn differs(
    subject: &Subject,
    terms: &Terms,
    then: &Run,
    until: Until<'_>,
) -> Result<Option<String>, NetError> {
    let mut differs = None;
    for _ in 0..TRIES {
        let run = subject.run(terms, &Case::default(), until).await?;
        differs = judge(terms, then, &run);
        if differs.is_none() {
            break;
        }
    }
    Ok(differs)
}

/// What is wrong with a run, in words; none if nothing is.
pub(crate) fn judge(terms: &Terms, then: &Run, now: &Run) -> Option<String> {
    let differs = difference(terms, then, now);
    let trouble = now.trouble.as_ref().map(|trouble| told(trouble, terms));
    match (differs, trouble) {
        // What is missing is told better by why it is.
        (Some(_), Some(trouble)) if then.answers.starts_with(&now.answers) => Some(trouble),
        (Some(differs), Some(trouble)) => Some(format!("{differs}; {trouble}")),
        (differs, trouble) => differs.or(trouble),
    }
}

fn difference(terms: &Terms, then: &Run, now: &Run) -> Option<String> {
    if let Some(text) = terms.compare.difference(&then.answers, &now.answers) {
        return Some(text);
    }
    let pairs = then.beside.iter().zip(&now.beside);
    let (before, after) = pairs
        .filter(|(before, after)| before != after)
        .find(|(before, after)| terms.compare.plain().difference(&before.1, &after.1).is_some())?;
    Some(format!("its {} is {} instead of {}", after.0, quoted(&after.1), quoted(&before.1)))
}

/// A trouble in words.
fn told(trouble: &Trouble, terms: &Terms) -> String {
    let count = terms.talk.messages.len();
    let at = |place: usize, text: &str| match place {
        0 => format!("before message 1: {text}"),
        place => format!("after message {place} of {count}: {text}"),
    };
    match trouble {
        Trouble::Silent(place, text) | Trouble::Ended(place, text) => at(*place, text),
        Trouble::Stays => {
            format!("it does not close within {:?} after our end, as it did", terms.patience)
        }
        Trouble::TooMuch => "it says more than 64 MiB".to_owned(),
        Trouble::NotThere(text) => text.clone(),
    }
}
