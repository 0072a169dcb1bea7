//! Steps that are done in conversations by themselves: send, wait, expect; once or again and
//! again. Who does not keep up is waited for.

mod ear;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sockeye_text::encoding::Encoding;
use sockeye_text::safe::one_line;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use self::ear::Ear;
use crate::roster::{Order, Roster, To};
use crate::wanted::Wanted;

/// The most steps that a sequence has.
pub const MOST_STEPS: usize = 1000;
/// The longest wait, and the longest time between two passes.
pub const LONGEST: Duration = Duration::from_hours(24);
/// Passes that go on for ever begin no closer together.
pub const CLOSEST: Duration = Duration::from_millis(1);

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// In which conversations. With [`To::All`] in those that are open when a step begins; if
    /// nobody is there, somebody is waited for.
    pub to: Vec<To>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// How many passes; none: until stopped.
    pub times: Option<u64>,
    /// From the beginning of one pass to that of the next, by a clock that does not drift. A
    /// pass that takes longer is not cut: the next begins at once, and those after it keep to
    /// the clock again.
    pub every: Duration,
    /// How an expected text may be written.
    pub encoding: Encoding,
}

/// One step.
#[derive(Clone, Debug)]
pub enum Step {
    /// [`Order::Send`] is sealed by each conversation for itself, [`Order::Raw`] goes out as
    /// it is.
    Send(Order),
    /// Nothing is done for so long.
    Wait(Duration),
    /// Each conversation that was sent to last is to say this within that time, at any place
    /// after what was found before.
    Expect(Wanted, Duration),
}

/// What cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SequenceError {
    /// No steps, or no conversations.
    #[error("a sequence without {0} does nothing")]
    Without(&'static str),
    /// Too many steps.
    #[error("{0} steps are too many: {MOST_STEPS} are the most")]
    Steps(usize),
    /// Too long.
    #[error("{0:?} is too long: {LONGEST:?} is the longest")]
    Long(Duration),
    /// Passes too close together.
    #[error("passes begin at least {CLOSEST:?} apart")]
    Close,
}

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Whether it goes on.
    pub state: State,
    /// Passes that are done.
    pub done: u64,
    /// The step under way, or the last one, from 1.
    pub step: usize,
    /// The same in words: `step 2: expects OK`.
    pub at: String,
    /// Passes that began late, because one before them took too long.
    pub late: u64,
    /// Why it did not come to its end.
    pub why: Option<String>,
}

/// Whether a sequence goes on, and how it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It goes on.
    #[default]
    Running,
    /// All passes are done.
    Done,
    /// What was expected did not come.
    Missed,
    /// Told to stop.
    Stopped,
    /// A conversation is not there.
    Failed,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Missed => "missed",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        })
    }
}

/// What came in, in the order in which it came, by position.
pub trait Heard: Send + Sync {
    /// The position after all that has come by now.
    fn position(&self) -> u64;

    /// What came at `from` and after it: some of it, at least one event, as soon as there is
    /// one. None: no more will come. Cancel-safe.
    fn after(&self, from: u64) -> impl Future<Output = Option<Batch>> + Send;
}

/// A part of what came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Where the next part begins.
    pub next: u64,
    /// In which conversation, and what: one read each.
    pub came: Vec<(u64, Vec<u8>)>,
    /// Conversations that ended.
    pub ended: Vec<u64>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(Order::Send(bytes) | Order::Raw(bytes)) => {
                write!(f, "sends {} bytes", bytes.len())
            }
            Self::Send(_) => f.write_str("gives an order"),
            Self::Wait(time) => write!(f, "waits {time:?}"),
            Self::Expect(wanted, _) => write!(f, "expects {}", one_line(&wanted.to_string())),
        }
    }
}

/// Why a pass was not done: the state that it ends in, and the reason.
type Ended = (State, String);

impl Sequence {
    /// Refuses what would do nothing, or never rest.
    pub fn check(&self) -> Result<(), SequenceError> {
        if self.steps.is_empty() {
            return Err(SequenceError::Without("steps"));
        }
        if self.to.is_empty() {
            return Err(SequenceError::Without("conversations"));
        }
        if self.times == Some(0) {
            return Err(SequenceError::Without("passes"));
        }
        if self.steps.len() > MOST_STEPS {
            return Err(SequenceError::Steps(self.steps.len()));
        }
        let times = self.steps.iter().filter_map(|step| match step {
            Step::Send(_) => None,
            Step::Wait(time) | Step::Expect(_, time) => Some(*time),
        });
        if let Some(long) = times.chain([self.every]).find(|time| *time > LONGEST) {
            return Err(SequenceError::Long(long));
        }
        if self.every < CLOSEST && self.times != Some(1) {
            return Err(SequenceError::Close);
        }
        Ok(())
    }

    /// Does it, and tells how far it is. Ends by `stop` between two steps and in any wait.
    pub async fn run(
        self,
        roster: Arc<Roster>,
        heard: impl Heard,
        progress: watch::Sender<Progress>,
        stop: CancellationToken,
    ) {
        let running = Running { sequence: &self, roster: &roster, progress: &progress };
        let (state, why) = tokio::select! {
            // Asked first: a sequence that never waits must be stoppable too.
            biased;
            () = stop.cancelled() => (State::Stopped, None),
            result = running.passes(&heard) => match result {
                Ok(()) => (State::Done, None),
                Err((state, why)) => (state, Some(why)),
            },
        };
        progress.send_modify(|progress| {
            progress.state = state;
            progress.why = why;
        });
    }
}

struct Running<'s> {
    sequence: &'s Sequence,
    roster: &'s Roster,
    progress: &'s watch::Sender<Progress>,
}

impl Running<'_> {
    async fn passes(&self, heard: &impl Heard) -> Result<(), Ended> {
        let mut ear = Ear::new(heard, self.sequence.encoding);
        let mut due = Instant::now();
        for done in 1.. {
            self.pass(&mut ear).await?;
            self.progress.send_modify(|progress| progress.done = done);
            if self.sequence.times.is_some_and(|times| done >= times) {
                break;
            }
            // Others run in between, and a stop is heard.
            tokio::task::yield_now().await;
            due += self.sequence.every;
            if Instant::now() <= due {
                sleep_until(due).await;
            } else {
                due = last_due(due, self.sequence.every);
                self.progress.send_modify(|progress| progress.late += 1);
            }
        }
        Ok(())
    }

    async fn pass(&self, ear: &mut Ear<'_, impl Heard>) -> Result<(), Ended> {
        for (number, step) in (1..).zip(&self.sequence.steps) {
            self.progress.send_modify(|progress| {
                progress.step = number;
                progress.at = format!("step {number}: {step}");
            });
            match step {
                Step::Wait(time) => sleep(*time).await,
                Step::Send(order) => {
                    self.present().await?;
                    ear.listen_anew();
                    ear.turn_to(self.roster.tell_each(&self.sequence.to, order).await);
                }
                Step::Expect(wanted, within) => {
                    if ear.hears_nobody() {
                        ear.turn_to(self.present().await?);
                    }
                    ear.expect(wanted, *within).await.map_err(|why| (State::Missed, why))?;
                }
            }
        }
        Ok(())
    }

    /// Those whom it is for, once there is somebody.
    async fn present(&self) -> Result<Vec<u64>, Ended> {
        let to = &self.sequence.to;
        for whom in to {
            match whom {
                To::All => self.roster.somebody().await,
                To::One(number) if self.roster.reached(&[*whom]).is_empty() => {
                    let why = format!("#{number} is not there, or cannot be told anything");
                    return Err((State::Failed, why));
                }
                To::One(_) => {}
            }
        }
        Ok(self.roster.reached(to))
    }
}

/// The last time by the clock that is not to come, `due` being one that is past.
fn last_due(due: Instant, every: Duration) -> Instant {
    let every = every.max(CLOSEST);
    let past = due.elapsed().as_nanos() % every.as_nanos();
    let past = Duration::from_nanos(u64::try_from(past).unwrap_or(u64::MAX));
    Instant::now().checked_sub(past).unwrap_or(due)
}

#[cfg(test)]
#[path = "sequence/tests.rs"]
mod tests;
