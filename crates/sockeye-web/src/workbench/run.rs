//! A run: what one command of the command line would do, with a journal, a tape and a stop of
//! its own. It is looked at and told things here; what it does is `opening`'s business.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use sockeye_classics::lesson::Lesson;
use sockeye_workbench::answers::Answers;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::fault::shared::Faults;
use sockeye_workbench::journal::Journal;
use sockeye_workbench::message::Composer;
use sockeye_workbench::reeled::Reeled;
use sockeye_workbench::roster::Roster;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::workbench::captured::Captured;
use crate::workbench::draft::Draft;
use crate::workbench::errands::{Errand, Errands};
use crate::workbench::lesson::Runs;
use crate::workbench::news::News;
use crate::workbench::pulse::Pulse;
use crate::workbench::refusal::Refusal;
use crate::workbench::said::Said;
use crate::workbench::shaken::{Shaken, Shown};

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is being opened.
    Starting,
    /// It is open: it listens, or is connected.
    Open,
    /// It is over.
    Ended,
}

/// Why a run is there that never ran here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It is a tape of the user's, to be looked at.
    Looked,
    /// The workbench was killed while it ran.
    Interrupted,
}

/// What a run is made of, from its beginning.
#[derive(Debug)]
pub struct Parts {
    /// Its number.
    pub id: u64,
    /// What was asked for.
    pub draft: Draft,
    /// When its clock showed zero: milliseconds since 1970.
    pub began: u64,
    /// Where everything is written.
    pub journal: Arc<Journal>,
    /// Its tape.
    pub reel: Reeled,
    /// How its messages are put together.
    pub composer: Composer,
    /// What it answers by itself.
    pub answers: Arc<Answers>,
    /// What it disturbs, where it is a relay.
    pub faults: Option<Arc<Faults>>,
    /// Cancelled when it is to end.
    pub stop: CancellationToken,
}

/// What some runs are besides.
#[derive(Debug)]
pub enum Affair {
    /// Both sides of a classic program.
    Lesson(Arc<Lesson>, Runs),
    /// A search for cuts that break a server.
    Shake(Arc<Shaken>),
    /// Packets.
    Capture(Arc<Captured>),
}

/// A run.
#[derive(Debug)]
pub struct Run {
    /// What it is made of.
    pub parts: Parts,
    /// Who is there.
    pub roster: Arc<Roster>,
    /// Cancelled when no more callers are wanted.
    pub closed: CancellationToken,
    /// What it said.
    pub said: Said,
    /// What it was told to do over a while.
    pub errands: Arc<Errands>,
    /// What is more to it than a talk.
    pub affair: OnceLock<Affair>,
    /// Guards what is known from its events so far; nothing is awaited under it.
    pulse: Mutex<Pulse>,
    /// Guards what is told of it; nothing is awaited under it.
    status: Mutex<Status>,
    state: watch::Sender<State>,
    /// How often it has changed in a way that a page is told of, but by what goes over.
    changes: AtomicU64,
    /// Guards what was told of it, before `pulse` and `status`; nothing is awaited under it.
    news: Mutex<Told>,
}

/// What was told of a run, and what it was told from.
#[derive(Debug, Default)]
struct Told {
    news: News,
    changes: u64,
    events: u64,
}

#[derive(Clone, Debug, Default)]
struct Status {
    name: Option<String>,
    endpoint: Option<String>,
    dialable: Vec<String>,
    error: Option<Refusal>,
    closing: Option<String>,
    interrupted: bool,
}

/// A run as a page sees it, but for its conversations.
#[derive(Debug, Serialize)]
struct Fields<'r> {
    id: u64,
    #[serde(rename = "do")]
    does: crate::workbench::draft::Does,
    name: String,
    draft: &'r Draft,
    command: String,
    state: State,
    endpoint: Option<String>,
    dialable: Vec<String>,
    proto: Option<String>,
    began: u64,
    accepting: bool,
    frame: Option<&'r str>,
    encoding: &'r str,
    open: usize,
    error: Option<Refusal>,
    closing: Option<String>,
    rules: Vec<String>,
    reply: Option<String>,
    faults: Option<String>,
    sequences: Vec<Errand>,
    interrupted: bool,
}

impl Run {
    /// A run that is being opened.
    pub fn new(parts: Parts) -> Self {
        let status = Status { name: parts.draft.name.clone(), ..Status::default() };
        Self {
            parts,
            roster: Arc::new(Roster::default()),
            closed: CancellationToken::new(),
            said: Said::default(),
            errands: Arc::default(),
            affair: OnceLock::new(),
            pulse: Mutex::default(),
            status: Mutex::new(status),
            state: watch::Sender::new(State::Starting),
            changes: AtomicU64::new(1),
            news: Mutex::default(),
        }
    }

    /// A run of another life of this workbench, or a tape: only to be looked at.
    pub fn kept(parts: Parts, life: Life) -> Self {
        let run = Self::new(parts);
        run.status().interrupted = life == Life::Interrupted;
        run.state.send_replace(State::Ended);
        run
    }

    /// Its number.
    pub fn id(&self) -> u64 {
        self.parts.id
    }

    /// How far it has come.
    pub fn state(&self) -> State {
        *self.state.borrow()
    }

    /// Fails once it is over: nothing more can begin in it.
    pub fn goes_on(&self) -> Result<(), Refusal> {
        if self.state() != State::Ended {
            return Ok(());
        }
        let text = format!("run {} is over", self.id());
        Err(Refusal::conflict(text).hint("open it again"))
    }

    /// What time it is by its clock; none once it is over.
    pub fn now(&self) -> Option<Duration> {
        (self.state() != State::Ended).then(|| self.parts.journal.clock().now())
    }

    /// Waits until it is no longer being opened, or for so long. Cancel-safe.
    pub async fn opened(&self, within: Duration) {
        let mut state = self.state.subscribe();
        drop(tokio::time::timeout(within, state.wait_for(|state| *state != State::Starting)).await);
    }

    /// Waits until it is over. Cancel-safe.
    pub async fn over(&self) {
        drop(self.state.subscribe().wait_for(|state| *state == State::Ended).await);
    }

    /// Where it is open, in the canonical form.
    pub fn endpoint(&self) -> Option<String> {
        self.status().endpoint.clone()
    }

    /// It listens at this endpoint, and says so.
    pub fn listens(&self, canonical: &str, dialable: &[String]) {
        self.parts.journal.listening(canonical);
        self.ready(canonical, dialable);
    }

    /// It is open, at this endpoint.
    pub fn ready(&self, canonical: &str, dialable: &[String]) {
        {
            let mut status = self.status();
            status.endpoint = Some(canonical.to_owned());
            status.dialable = dialable.to_vec();
        }
        self.state.send_replace(State::Open);
        self.changed();
    }

    /// It is over.
    pub fn ended(&self, result: Result<Option<Closing>, Refusal>) {
        {
            let mut status = self.status();
            match result {
                Ok(closing) => {
                    let failure = closing.as_ref().and_then(|closing| closing.failure.as_ref());
                    status.error = failure.map(Refusal::from);
                    status.closing = closing.map(|closing| closing.to_string());
                }
                Err(refusal) => status.error = Some(refusal),
            }
        }
        self.state.send_replace(State::Ended);
        self.changed();
    }

    /// What the user calls it from now on.
    pub fn rename(&self, name: String) {
        self.status().name = Some(name).filter(|name| !name.is_empty());
        self.changed();
    }

    /// Something that a page is told of has changed.
    pub fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// How often it has changed.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed) + self.errands.changes()
    }

    /// What is known from its events, after those that have come by now were looked at: after a
    /// while in which nobody asked that may be many. Blocks.
    pub fn follow<T>(&self, look: impl FnOnce(&Pulse) -> T) -> T {
        let mut pulse = self.pulse.lock().unwrap_or_else(PoisonError::into_inner);
        if pulse.catch_up(&self.parts.reel.reading()) {
            self.changed();
        }
        if self.state() == State::Ended {
            pulse.census.cut_off();
        }
        look(&pulse)
    }

    /// The lesson that it is a side of.
    pub fn lesson(&self) -> Result<(&Lesson, Runs), Refusal> {
        match self.affair.get() {
            Some(Affair::Lesson(lesson, runs)) => Ok((lesson, *runs)),
            _ => Err(Refusal::none(format!("run {} is no lesson", self.id()))),
        }
    }

    /// How far its search has come.
    pub fn shaken(&self) -> Result<Shown, Refusal> {
        let seconds = self.parts.journal.clock().now().as_secs_f64();
        match self.affair.get() {
            Some(Affair::Shake(shaken)) => Ok(shaken.told(seconds)),
            _ => Err(Refusal::none(format!("run {} shakes nothing", self.id()))),
        }
    }

    /// Its packets.
    pub fn captured(&self) -> Result<Arc<Captured>, Refusal> {
        match self.affair.get() {
            Some(Affair::Capture(captured)) => Ok(Arc::clone(captured)),
            _ => Err(Refusal::none(format!("run {} captures nothing", self.id()))),
        }
    }

    /// As a page sees it. Blocks.
    pub fn shown(&self) -> Value {
        let told = self.told();
        let (open, mut conversations) = self.follow(|pulse| {
            let shown: Vec<Value> = pulse
                .census
                .shown()
                .map(|one| serde_json::to_value(one).unwrap_or_default())
                .collect();
            (pulse.census.open(), shown)
        });
        conversations.sort_by_key(|one| one.get("c").and_then(Value::as_u64));
        let mut fields = self.fields(open);
        fields.insert("v".to_owned(), told.news.v().into());
        fields.insert("events".to_owned(), self.parts.reel.reading().len().into());
        fields.insert("said".to_owned(), self.said.total().into());
        fields.insert("conversations".to_owned(), conversations.into());
        fields.into()
    }

    /// What has changed since it was last asked, as a message; none if nothing has. Blocks.
    pub fn news(&self) -> Option<String> {
        let mut told = self.told();
        let told = &mut *told;
        let events = self.parts.reel.reading().len();
        if (self.changes(), events, told.news.owed) == (told.changes, told.events, false) {
            return None;
        }
        told.events = events;
        // Conversations that came or went are a change.
        let open = self.follow(|pulse| pulse.census.open());
        let changes = self.changes();
        let fields = (changes != told.changes).then(|| self.fields(open));
        told.changes = changes;
        let id = self.id();
        self.follow(|pulse| {
            let changed = told.news.changed(id, fields, &pulse.census)?;
            serde_json::to_string(&changed).ok()
        })
    }

    /// All but what grows and who is there.
    fn fields(&self, open: usize) -> Map<String, Value> {
        let status = self.status().clone();
        let draft = &self.parts.draft;
        let answers = self.parts.answers.current();
        let shown = Fields {
            id: self.id(),
            does: draft.does,
            name: status.name.unwrap_or_default(),
            draft,
            command: draft.command(),
            state: self.state(),
            proto: status.endpoint.as_deref().and_then(scheme),
            endpoint: status.endpoint,
            dialable: status.dialable,
            began: self.parts.began,
            accepting: !self.closed.is_cancelled(),
            frame: draft.frame.as_deref().filter(|text| !text.is_empty()),
            encoding: draft.encoding.as_deref().filter(|text| !text.is_empty()).unwrap_or("auto"),
            open,
            error: status.error,
            closing: status.closing,
            rules: answers.rules.iter().map(ToString::to_string).collect(),
            reply: answers.reply.as_ref().map(ToString::to_string),
            faults: self.parts.faults.as_ref().map(told),
            sequences: self.errands.shown(),
            interrupted: status.interrupted,
        };
        match serde_json::to_value(shown) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The transport of an endpoint in its canonical form.
fn scheme(canonical: &str) -> Option<String> {
    canonical.split_once(':').map(|(scheme, _)| scheme.to_owned())
}

/// Faults as the form has them: nothing where there are none.
fn told(faults: &Arc<Faults>) -> String {
    if faults.current().is_empty() { String::new() } else { faults.to_string() }
}
