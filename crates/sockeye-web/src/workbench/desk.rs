//! The runs of a workbench: opened, found, ended, forgotten. Who watches is told here of what
//! changes.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Zoned;
use sockeye_net::circle::Forbidden;
use sockeye_net::dial::Dial;
use sockeye_tape::header::Header;
use sockeye_tape::reel::{Damage, Limit, Reel};
use sockeye_workbench::answers::Answers;
use sockeye_workbench::clock::Clock;
use sockeye_workbench::fault::shared::Faults;
use sockeye_workbench::journal::{Journal, Outlets, Shown};
use sockeye_workbench::message::Composer;
use sockeye_workbench::reeled::Reeled;
use sockeye_workbench::screen::{Print, screen};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::workbench::draft::Draft;
use crate::workbench::files::Files;
use crate::workbench::hub::Hub;
use crate::workbench::meaning::{self, Reach};
use crate::workbench::refusal::Refusal;
use crate::workbench::run::{Life, Parts, Run, State};
use crate::workbench::shelf::{Note, Shelf};
use crate::workbench::views::Views;

/// So many runs, those that have ended included.
const MOST: usize = 200;

/// What the tape of a run keeps: beyond, the oldest events are forgotten.
const KEPT: Limit = Limit { bytes: 4 << 30, events: 10_000_000 };

/// How long the end of a run is waited for.
const PARTING: Duration = Duration::from_secs(6);

/// What a desk is set up with.
#[derive(Debug)]
pub struct Setting {
    /// Where the tapes of the runs lie: a folder of our own.
    pub folder: PathBuf,
    /// What pages may have opened.
    pub reach: Reach,
    /// Our own ports, which no run may call.
    pub forbidden: Forbidden,
    /// The time of day.
    pub now: fn() -> Zoned,
    /// What tapes are signed with.
    pub version: &'static str,
    /// Cancelled when the workbench ends.
    pub stop: CancellationToken,
}

/// The desk.
#[derive(Debug)]
pub struct Desk {
    /// What it is set up with.
    pub setting: Setting,
    /// Where the tapes lie.
    pub shelf: Shelf,
    /// How the events of runs are looked at.
    pub views: Views,
    /// What was uploaded.
    pub files: Arc<Files>,
    /// Who is told of changes.
    pub hub: Hub,
    /// The tasks of all runs: waited for at the end.
    pub tasks: TaskTracker,
    /// Guards the list alone; nothing is awaited under it.
    runs: Mutex<BTreeMap<u64, Arc<Run>>>,
    next: AtomicU64,
}

/// What a new run does with what it is told.
#[derive(Debug, Default)]
pub struct Manner {
    /// How its messages are put together.
    pub composer: Composer,
    /// What it answers by itself.
    pub answers: Arc<Answers>,
    /// What it disturbs.
    pub faults: Option<Arc<Faults>>,
}

impl Setting {
    /// A call that reaches none of our own ports.
    pub fn dialled(&self, how: &Dial) -> Dial {
        Dial { forbidden: self.forbidden.clone(), ..how.clone() }
    }
}

impl Desk {
    /// A desk without runs.
    ///
    /// What former lives of the workbench left in its folder is taken up.
    pub fn new(setting: Setting, files: Arc<Files>, hub: Hub) -> io::Result<Arc<Self>> {
        let desk = Arc::new(Self {
            shelf: Shelf::open(setting.folder.clone())?,
            views: Views::default(),
            setting,
            files,
            hub,
            tasks: TaskTracker::new(),
            runs: Mutex::default(),
            next: AtomicU64::new(1),
        });
        desk.take_up()?;
        Ok(desk)
    }

    /// Takes up the tapes of former lives.
    fn take_up(&self) -> io::Result<()> {
        let left = self.shelf.left()?;
        self.next.fetch_max(left.last + 1, Ordering::Relaxed);
        for (id, note) in left.runs {
            let life = if note.ended { Life::Looked } else { Life::Interrupted };
            // A tape that cannot be read is left where it is.
            drop(self.adopt(id, note.draft, life));
        }
        Ok(())
    }

    /// A run of that draft, being opened: with a tape, a journal, and nothing in them.
    pub fn begin(&self, draft: Draft, manner: Manner) -> Result<Arc<Run>, Refusal> {
        self.make_room()?;
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let now = (self.setting.now)();
        let began = u64::try_from(now.timestamp().as_millisecond()).unwrap_or_default();
        let header = Header::new(&now, vec![draft.command()], self.setting.version);
        let path = self.shelf.tape(id);
        let reel = Reeled::new(Reel::create(&path, &header, KEPT)?);
        self.note(id, &draft, false)?;
        let (screen, mut printed) = screen(true);
        let outlets = Outlets {
            shown: Shown::Nothing,
            tape: None,
            reel: Some(reel.clone()),
            log: None,
            save: None,
        };
        let clock = Clock::since(Instant::now());
        let run = Arc::new(Run::new(Parts {
            id,
            draft,
            began,
            journal: Arc::new(Journal::new(clock, screen, outlets)),
            reel,
            composer: manner.composer,
            answers: manner.answers,
            faults: manner.faults,
            stop: self.setting.stop.child_token(),
        }));
        let listening = Arc::downgrade(&run);
        // It ends with the journal, which holds the other end.
        self.tasks.spawn(async move {
            while let Some(print) = printed.next().await {
                let Some(run) = listening.upgrade() else { return };
                if let Print::Say(text) = print {
                    run.said.take(clock.now(), &text);
                }
            }
        });
        self.put(&run);
        Ok(run)
    }

    /// A tape that the user has uploaded, as a run that is over.
    pub fn adopt_file(&self, draft: Draft, file: u64) -> Result<Arc<Run>, Refusal> {
        let uploaded = self.files.whole(file)?;
        self.make_room()?;
        let id = self.number();
        let path = self.shelf.tape(id);
        let failed = |error| Refusal::io("cannot take the tape in", &error);
        let copied = std::fs::File::create_new(&path).and_then(|copy| uploaded.copy_to(copy));
        let taken = copied.map_err(failed).and_then(|()| self.note(id, &draft, true));
        let adopted = taken.and_then(|()| self.adopt(id, draft, Life::Looked));
        adopted.inspect_err(|_| self.shelf.erase(id))
    }

    /// Takes the tape of that number up that lies in the folder, as a run that is over.
    fn adopt(&self, id: u64, draft: Draft, life: Life) -> Result<Arc<Run>, Refusal> {
        let path = self.shelf.tape(id);
        let reel = Reel::adopt(&path, KEPT)?;
        let damage = told(reel.damage());
        let began = reel.header().started().map_or(0, jiff::Timestamp::as_millisecond);
        let (screen, _) = screen(true);
        let outlets =
            Outlets { shown: Shown::Nothing, tape: None, reel: None, log: None, save: None };
        let clock = Clock::since(Instant::now());
        // It is read as it was when it was opened.
        let composer = meaning::composer(&draft).unwrap_or_default();
        let parts = Parts {
            id,
            draft,
            began: u64::try_from(began).unwrap_or_default(),
            journal: Arc::new(Journal::new(clock, screen, outlets)),
            reel: Reeled::new(reel),
            composer,
            answers: Arc::default(),
            faults: None,
            stop: self.setting.stop.child_token(),
        };
        let run = Arc::new(Run::kept(parts, life));
        for line in damage {
            run.said.take(Duration::ZERO, &line);
        }
        self.put(&run);
        Ok(run)
    }

    /// Puts a run among the others.
    pub fn put(&self, run: &Arc<Run>) {
        let mut runs = self.runs();
        runs.insert(run.id(), Arc::clone(run));
        // Before anybody finds it there: what changes of it is told to pages that know of it.
        self.hub.run(run);
    }

    /// The number for one more run.
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The run of that number.
    pub fn run(&self, id: u64) -> Result<Arc<Run>, Refusal> {
        let found = self.runs().get(&id).cloned();
        found.ok_or_else(|| Refusal::none(format!("there is no run {id}")))
    }

    /// All runs, by number.
    pub fn all(&self) -> Vec<Arc<Run>> {
        self.runs().values().cloned().collect()
    }

    /// Ends a run, waits for its end, and forgets it with its tape.
    pub async fn forget(&self, id: u64) -> Result<(), Refusal> {
        let run = self.run(id)?;
        run.parts.stop.cancel();
        // One that hangs in spite of that is forgotten all the same.
        drop(tokio::time::timeout(PARTING, run.over()).await);
        self.drop_run(&run);
        Ok(())
    }

    /// Forgets a run with its tape, whatever it is doing.
    pub fn drop_run(&self, run: &Arc<Run>) {
        self.runs().remove(&run.id());
        self.views.forget(run.id());
        self.shelf.erase(run.id());
        self.hub.gone(run.id());
    }

    /// Beyond the limit the oldest run that has ended makes room.
    fn make_room(&self) -> Result<(), Refusal> {
        let oldest = {
            let runs = self.runs();
            if runs.len() < MOST {
                return Ok(());
            }
            runs.values().find(|run| run.state() == State::Ended).cloned()
        };
        let Some(oldest) = oldest else {
            let text = format!("{MOST} runs are open");
            return Err(Refusal::too_many(text).hint("end some of them"));
        };
        self.drop_run(&oldest);
        Ok(())
    }

    fn note(&self, id: u64, draft: &Draft, ended: bool) -> Result<(), Refusal> {
        let note = Note { draft: draft.clone(), ended };
        let noted = self.shelf.note(id, &note);
        noted.map_err(|error| Refusal::io("cannot write down what is opened", &error))
    }

    /// A run has come to its end: the next life is to know it.
    pub fn over(&self, run: &Run) {
        if self.run(run.id()).is_err() {
            // It was forgotten meanwhile.
            return;
        }
        if let Err(refusal) = self.note(run.id(), &run.parts.draft, true) {
            run.parts.journal.say(format!("warning: {}", refusal.text));
        }
    }

    /// Ends all runs and waits for them. Their tapes stay; how many do.
    pub async fn close(&self) -> usize {
        for run in self.all() {
            run.parts.stop.cancel();
        }
        let all = self.all();
        for run in &all {
            drop(tokio::time::timeout(PARTING, run.over()).await);
        }
        all.len()
    }

    fn runs(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Run>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is not whole of a tape, for whoever looks at it.
fn told(damage: Damage) -> Vec<String> {
    let Damage { torn, corrupt, unknown } = damage;
    let parts = [
        (torn, "bytes of a last line that was cut are left out"),
        (corrupt, "lines are no events, and left out"),
        (unknown, "events are of kinds that this program does not know"),
    ];
    let told = parts.into_iter().filter(|(count, _)| *count > 0);
    told.map(|(count, what)| format!("note: {count} {what}")).collect()
}
