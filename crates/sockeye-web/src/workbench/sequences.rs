//! Sequences, as the page writes them: messages, waits and expectations. What came in is heard
//! from the run's tape.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use sockeye_tape::reel::entry::Kind;
use sockeye_text::units::parse_duration;
use sockeye_workbench::reeled::Reeled;
use sockeye_workbench::roster;
use sockeye_workbench::sequence::{self, Batch, CLOSEST, Heard, Progress, Sequence};
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use crate::workbench::errands::{State, Ticket, What};
use crate::workbench::refusal::Refusal;
use crate::workbench::run::Run;
use crate::workbench::told::{Message, To};

/// How long an answer is waited for unless it is said.
const PATIENCE: Duration = Duration::from_secs(2);

/// A step, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Step {
    /// A message.
    Send {
        /// Which.
        send: Box<Message>,
    },
    /// A pause.
    Wait {
        /// How long.
        wait: String,
    },
    /// Something that is to come.
    Expect {
        /// A text, `hex:…` or `re:…`.
        expect: String,
        /// Within what time.
        within: Option<String>,
    },
}

/// How often, and how fast.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// How many times; none: until stopped.
    pub times: Option<u64>,
    /// From one beginning to the next.
    pub every: Option<String>,
}

/// Reads a sequence for a run.
pub fn read(run: &Run, to: &To, steps: &[Step], pace: &Pace) -> Result<Sequence, Refusal> {
    let each = steps.iter().enumerate().map(|(place, step)| {
        meant(run, step).map_err(|refusal| {
            let text = format!("step {}: {}", place + 1, refusal.text);
            Refusal { text, ..refusal }
        })
    });
    let every = match pace.every.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => time(text, "every")?,
        None => CLOSEST,
    };
    let sequence = Sequence {
        to: match to {
            To::All(_) => vec![roster::To::All],
            To::These(numbers) => numbers.iter().map(|one| roster::To::One(*one)).collect(),
        },
        steps: each.collect::<Result<_, _>>()?,
        times: pace.times,
        every,
        encoding: run.parts.composer.encoding,
    };
    sequence.check().map_err(|error| Refusal::usage(error.to_string()).field("steps"))?;
    Ok(sequence)
}

fn meant(run: &Run, step: &Step) -> Result<sequence::Step, Refusal> {
    Ok(match step {
        Step::Send { send } => sequence::Step::Send(send.seal(&run.parts.composer)?.order),
        Step::Wait { wait } => sequence::Step::Wait(time(wait, "wait")?),
        Step::Expect { expect, within } => {
            let within = match within {
                Some(text) => time(text, "within")?,
                None => PATIENCE,
            };
            let wanted =
                expect.parse().map_err(|error: sockeye_workbench::wanted::WantedError| {
                    Refusal::usage(error.to_string()).hint("text, hex:… or re:…").field("expect")
                })?;
            sequence::Step::Expect(wanted, within)
        }
    })
}

fn time(text: &str, field: &'static str) -> Result<Duration, Refusal> {
    parse_duration(text)
        .map_err(|error| Refusal::usage(error.to_string()).hint("as in 100ms").field(field))
}

/// Begins it on a task of its own; it ends with the run. Returns its number.
pub fn begin(run: &Arc<Run>, sequence: Sequence) -> Result<u64, Refusal> {
    run.goes_on()?;
    let stop = run.parts.stop.child_token();
    let ticket = run.errands.begin(What::Steps, sequence.times, stop.clone())?;
    let number = ticket.number;
    let (progress, news) = watch::channel(Progress::default());
    let heard = Ear { reel: run.parts.reel.clone() };
    let running = sequence.run(Arc::clone(&run.roster), heard, progress, stop);
    tokio::spawn(async move { tokio::join!(running, follow(ticket, news)) });
    Ok(number)
}

/// Tells how far it has come, until it is over.
async fn follow(ticket: Ticket, mut news: watch::Receiver<Progress>) {
    loop {
        let Progress { state, done, at, why, .. } = news.borrow_and_update().clone();
        let state = match state {
            sequence::State::Running => State::Running,
            sequence::State::Done => State::Done,
            sequence::State::Missed => State::Missed,
            sequence::State::Stopped => State::Stopped,
            sequence::State::Failed => State::Failed,
        };
        ticket.tell(|errand| {
            errand.done = done;
            errand.at = Some(at).filter(|at| !at.is_empty());
            errand.why.clone_from(&why);
        });
        if state != State::Running {
            return ticket.end(state, why);
        }
        if news.changed().await.is_err() {
            return;
        }
    }
}

/// Hears what comes in from the tape, by the numbers of its events.
struct Ear {
    reel: Reeled,
}

impl Heard for Ear {
    fn position(&self) -> u64 {
        self.reel.reading().len()
    }

    async fn after(&self, from: u64) -> Option<Batch> {
        let mut grew = self.reel.watch();
        grew.wait_for(|events| *events > from).await.ok()?;
        let reading = self.reel.reading();
        let read = spawn_blocking(move || {
            let (first, entries) = reading.entries(from..reading.len());
            let mut batch = Batch { next: first + entries.len() as u64, ..Batch::default() };
            for (number, entry) in (first..).zip(&entries) {
                match entry.kind {
                    Kind::In => {
                        // What is forgotten by now was not waited for.
                        let event = reading.event(number).ok().flatten();
                        let bytes = event.as_ref().and_then(|event| event.what.bytes());
                        batch.came.extend(bytes.map(|bytes| (entry.c, bytes.to_vec())));
                    }
                    Kind::Close => batch.ended.push(entry.c),
                    _ => {}
                }
            }
            batch
        });
        read.await.ok()
    }
}
