//! A classic program as a guided lesson: its server on a port of this machine and its client
//! dialled to it, in one process, step by step from `socket()` to `close()`. Each side has its
//! own journal and its own keyboard. What a step is, is in [`table`].
//!
//! Not how it looks: that is the page's. Everything real: the sockets, the calls, the bytes.

pub mod step;
pub mod table;
pub mod error;
mod said;
pub mod notes;
pub mod state;
mod keyboard;
pub mod ground;
mod host;
mod guest;

use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use sockeye_net::dial::{Dial, dial};
use sockeye_net::endpoint::{Bare, Endpoint, Purpose};
use sockeye_net::listen::Listener;
use sockeye_net::resolve::Lookup;
use tokio::net::TcpSocket;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;
use tokio_util::sync::DropGuard;

use crate::catalogue::Program;
use crate::explain::{After, Explainer};
use crate::lesson::error::LessonError;
use crate::lesson::ground::{Given, Ground, SETTLE};
use crate::lesson::guest::Guest;
use crate::lesson::host::Host;
use crate::lesson::notes::PATIENCE;
use crate::lesson::state::{Outcome, Progress, State};
use crate::lesson::step::{Deed, Seat, Side, Step};
use crate::preset::CLASSIC_RECV;

/// A lesson that is being taken.
#[derive(Debug)]
pub struct Lesson {
    ground: Arc<Ground>,
    steps: &'static [Step],
    /// Who takes part. Held while a step is taken, so that only one is.
    class: Mutex<Class>,
    /// What a glance tells, also while a step is taken.
    progress: StdMutex<Progress>,
    _end: DropGuard,
}

#[derive(Debug)]
struct Class {
    host: Host,
    guests: Vec<Guest>,
}

impl Lesson {
    /// Opens the lesson of that program; nothing has happened yet.
    pub fn open(program: Program, given: Given) -> Result<Self, LessonError> {
        let ground = Ground::lay(program, given)?;
        let talks = !matches!(
            program,
            Program::CommandAscii
                | Program::CommandStruct
                | Program::Download
                | Program::Upload
                | Program::HmacChat
        );
        let after = match program {
            Program::QueueChat | Program::Thanks | Program::OpenClose => After::Nobody,
            _ => After::Typed,
        };
        let explainer = Explainer::new(program, SETTLE, after)
            .reading_by(&[CLASSIC_RECV])
            .of_texts_in(ground.encoding());
        let explainer = talks.then_some(explainer);
        ground.notes.follow(Side::Client, ground.journal(Side::Client), explainer);
        let host = Host::new(&ground);
        let steps = table::steps(program);
        let end = ground.stop.clone().drop_guard();
        let progress = Progress { outcomes: vec![None; steps.len()], ..Progress::default() };
        Ok(Self {
            ground: Arc::new(ground),
            steps,
            class: Mutex::new(Class { host, guests: Vec::new() }),
            progress: StdMutex::new(progress),
            _end: end,
        })
    }

    /// Takes the next step, and returns once its effect has been seen, or after a few seconds
    /// without it. A step that has lost its sense (a side that has ended) is left out.
    pub async fn next(&self) -> Result<(), LessonError> {
        let mut class = self.class()?;
        self.take(&mut class, None).await
    }

    /// Types a text at a side: in place of the prepared one where it is that side's turn, else
    /// besides.
    pub async fn say(&self, side: Side, text: &str) -> Result<(), LessonError> {
        let mut class = self.class()?;
        let deed = self.current().map(|(_, step)| step.deed);
        if let Some(Deed::Type(seat, _)) = deed
            && seat.side() == side
        {
            return self.take(&mut class, Some(text)).await;
        }
        let seat = match side {
            Side::Server => Seat::Server,
            Side::Client => {
                let open = class.guests.iter().rev().find(|guest| !guest.is_over());
                open.map(|guest| guest.seat).ok_or(LessonError::Unread("no client is there"))?
            }
        };
        let at = self.progress().at;
        self.ground.notes.begin(at.saturating_sub(1));
        class.keyboard(seat)?.give(text, self.ground.encoding()).await?;
        self.look(&class);
        Ok(())
    }

    /// Ends both programs, whatever they are doing.
    pub fn end(&self) {
        self.ground.stop.cancel();
    }

    /// Returns once it is over: taken to its end, or ended. Cancel-safe.
    pub async fn over(&self) {
        self.ground.stop.cancelled().await;
    }

    /// How it stands.
    pub fn state(&self) -> State {
        if let Ok(class) = self.class.try_lock() {
            self.look(&class);
        }
        let progress = self.progress().clone();
        let ended = self.ground.stop.is_cancelled();
        State::of(&self.ground, self.steps, &progress, ended)
    }

    /// Returns once it stands so; it is asked whenever something has been done or said at it.
    /// Cancel-safe.
    pub async fn until(&self, so: impl Fn(&State) -> bool) {
        self.ground.notes.until(|| so(&self.state())).await;
    }

    fn class(&self) -> Result<MutexGuard<'_, Class>, LessonError> {
        if self.ground.stop.is_cancelled() {
            return Err(LessonError::Over);
        }
        self.class.try_lock().map_err(|_| LessonError::Busy)
    }

    fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The step that comes next.
    fn current(&self) -> Option<(usize, Step)> {
        let at = self.progress().at;
        self.steps.get(at).map(|step| (at, *step))
    }

    async fn take(&self, class: &mut Class, text: Option<&str>) -> Result<(), LessonError> {
        loop {
            let (at, step) = self.current().ok_or(LessonError::Over)?;
            if class.lacks(&self.ground, step.deed) {
                self.mark(at, Outcome::Skipped);
                if self.current().is_none() {
                    self.finish(class).await;
                    return Ok(());
                }
                continue;
            }
            let since = self.ground.notes.begin(at);
            class.act(&self.ground, step.deed, text).await?;
            // Before anything is waited for: who asked may be gone, and it is not done twice.
            self.mark(at, Outcome::Done);
            self.look(class);
            let seen = timeout(PATIENCE, self.ground.notes.seen(step.sign, since)).await;
            if seen.is_err() {
                self.mark(at, Outcome::Late);
            }
            self.look(class);
            if self.current().is_none() {
                self.finish(class).await;
            }
            return Ok(());
        }
    }

    /// After the last step the lesson ends, once both programs have, or have had their time.
    async fn finish(&self, class: &Class) {
        let left = self.ground.notes.until(|| class.has_left());
        // Who is late is ended with the rest.
        drop(timeout(PATIENCE, left).await);
        self.look(class);
        self.end();
    }

    fn mark(&self, at: usize, outcome: Outcome) {
        let mut progress = self.progress();
        if let Some(place) = progress.outcomes.get_mut(at) {
            *place = Some(outcome);
        }
        progress.at = at + 1;
    }

    /// Notes what only who takes part knows.
    fn look(&self, class: &Class) {
        let mut progress = self.progress();
        progress.endpoint = class.host.endpoint.as_ref().map(ToString::to_string);
        progress.server = if self.ground.notes.is_over() { "over" } else { class.host.state() };
        progress.server_types = class.host.keyboard.is_there();
        progress.server_waiting = class.host.keyboard.waiting();
        let open = class.guests.iter().rev().find(|guest| !guest.is_over());
        progress.client = match (open, class.guests.is_empty()) {
            (Some(_), _) => "open",
            (None, true) => "absent",
            (None, false) => "over",
        };
        progress.client_types = open.is_some_and(|guest| guest.keyboard.is_there());
        progress.client_waiting = class.guests.iter().map(|guest| guest.keyboard.waiting()).sum();
        let taken = progress.at >= self.steps.len();
        // Whoever asked for the last step may have gone while it was taken.
        if taken && class.has_left() && self.ground.notes.is_over() {
            self.end();
        }
    }
}

impl Class {
    /// Whether no client is there any more.
    fn has_left(&self) -> bool {
        self.guests.iter().all(Guest::is_over)
    }

    /// Whether who is to do it is there no more.
    fn lacks(&self, ground: &Ground, deed: Deed) -> bool {
        let is_over = |seat| self.guests.iter().any(|guest| guest.seat == seat && guest.is_over());
        match deed {
            Deed::Type(Seat::Server, _) | Deed::Word(Seat::Server, _) => {
                ground.notes.is_over() || !self.host.keyboard.is_there()
            }
            Deed::Type(seat, _) | Deed::Word(seat, _) | Deed::Hang(seat) => is_over(seat),
            Deed::Connect(_) | Deed::Stop => ground.notes.is_over(),
            _ => false,
        }
    }

    async fn act(
        &mut self,
        ground: &Arc<Ground>,
        deed: Deed,
        text: Option<&str>,
    ) -> Result<(), LessonError> {
        match deed {
            Deed::Refused => refused(ground).await?,
            Deed::Bind => self.host.bind(ground).await?,
            Deed::InUse => self.in_use(ground).await,
            Deed::Serve => self.host.serve(ground),
            Deed::Connect(seat) => self.seat(ground, seat)?,
            Deed::Type(seat, prepared) => {
                let text = text.unwrap_or_else(|| prepared.of(ground.given.tongue));
                self.types(ground, seat, text).await?;
            }
            Deed::Word(seat, word) => self.types(ground, seat, word).await?,
            Deed::Hang(seat) => {
                if let Ok(keyboard) = self.keyboard(seat) {
                    keyboard.end();
                }
            }
            Deed::Watch(_) => {}
            Deed::Stop => self.host.end(ground),
        }
        Ok(())
    }

    async fn types(
        &mut self,
        ground: &Arc<Ground>,
        seat: Seat,
        text: &str,
    ) -> Result<(), LessonError> {
        if seat != Seat::Server {
            self.seat(ground, seat)?;
        }
        self.keyboard(seat)?.give(text, ground.encoding()).await
    }

    /// Starts that client, unless it was.
    fn seat(&mut self, ground: &Arc<Ground>, seat: Seat) -> Result<(), LessonError> {
        if self.guests.iter().any(|guest| guest.seat == seat) {
            return Ok(());
        }
        let endpoint = self.host.endpoint.as_ref();
        let endpoint = endpoint.ok_or(LessonError::Unread("no server is there yet"))?;
        self.guests.push(Guest::start(ground, endpoint, seat));
        Ok(())
    }

    fn keyboard(&mut self, seat: Seat) -> Result<&mut keyboard::Keyboard, LessonError> {
        if seat == Seat::Server {
            return Ok(&mut self.host.keyboard);
        }
        let guest = self.guests.iter_mut().find(|guest| guest.seat == seat);
        guest.map(|guest| &mut guest.keyboard).ok_or(LessonError::Unread("no client is there"))
    }

    /// A second server on the same port: what `bind()` says is said.
    async fn in_use(&self, ground: &Ground) {
        let Some(endpoint) = &self.host.endpoint else { return };
        let second = Listener::bind(endpoint, Lookup::default()).await;
        if let Err(error) = second {
            let hint = error.hint();
            let journal = ground.journal(Side::Server);
            let address = endpoint.at().map(|at| format!("127.0.0.1:{}", at.port));
            for line in Explainer::in_use(&address.unwrap_or_default()) {
                journal.say(line);
            }
            journal.error(&error.code().to_string(), &error.to_string(), hint.as_deref());
        }
    }
}

/// A call to a port that is bound, so that nobody else has it, and at which nobody listens.
async fn refused(ground: &Ground) -> Result<(), LessonError> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let text = format!("tcp://{}", socket.local_addr()?);
    let endpoint = Endpoint::parse_with(&text, Purpose::Dial, Bare::Tcp)?;
    let journal = ground.journal(Side::Client);
    journal.say("socket(AF_INET, SOCK_STREAM)");
    if let Err(error) = dial(&endpoint, Dial::default(), None).await {
        if let Some(line) = Explainer::failed(&error) {
            journal.say(line);
        }
        let hint = error.hint();
        journal.error(&error.code().to_string(), &error.to_string(), hint.as_deref());
    }
    Ok(())
}
