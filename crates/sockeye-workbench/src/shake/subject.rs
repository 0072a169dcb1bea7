//! Who is tested: a server that is called, or a client that calls. Opens the stream of each
//! run, starts and ends the programs, and says what they came to.

use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sockeye_net::dial::{Dial, dial};
use sockeye_net::endpoint::Endpoint;
use sockeye_net::errand::{self, End, Errand};
use sockeye_net::error::{NetError, Phase};
use sockeye_net::listen::Listener;
use sockeye_net::program::Program;
use sockeye_net::resolve::Lookup;
use sockeye_net::stream::Stream;
use tokio::sync::Mutex;
use tokio::sync::oneshot::{channel, error::TryRecvError};
use tokio::time::{Instant, sleep, timeout};

use crate::shake::case::Case;
use crate::shake::run::{Run, Terms, Trouble, Until, run};

/// How long a program that was started may take until it can be called.
const START: Duration = Duration::from_secs(10);
/// How soon a server that serves one caller ends after it.
const STAYS: Duration = Duration::from_millis(200);
/// How often it is tried.
const TRY_EVERY: Duration = Duration::from_millis(10);
/// The most bytes of a client's stdout and stderr that are held.
const MOST: usize = 4 * 1024 * 1024;

/// Whether the program is started anew for each run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anew {
    /// One for all.
    #[default]
    Never,
    /// One each.
    EachRun,
}

/// Who is tested.
#[derive(Debug)]
pub enum Subject {
    /// A server.
    Server(Box<Server>),
    /// A client.
    Client(Box<Client>),
}

/// A server under test.
#[derive(Debug)]
pub struct Server {
    /// Where it is called.
    pub endpoint: Endpoint,
    /// How.
    pub how: Dial,
    /// What starts it; empty: it runs already.
    pub argv: Vec<String>,
    /// When it is started again.
    pub anew: Anew,
    /// The program, while it stands.
    standing: Mutex<Option<Program>>,
    /// It ends after its first caller, as was seen.
    serves_once: AtomicBool,
}

/// A client under test.
#[derive(Debug)]
pub struct Client {
    /// What is listened on for each run.
    pub endpoint: Endpoint,
    /// How names are looked up.
    pub lookup: Lookup,
    /// The program and its arguments; in each, `{endpoint}`, `{host}` and `{port}` are replaced
    /// by what was bound.
    pub argv: Vec<String>,
    /// Its environment.
    pub environment: Vec<(OsString, OsString)>,
    /// How long it may take beside the talk.
    pub within: Duration,
}

impl Server {
    /// A server that is not started yet.
    pub fn new(endpoint: Endpoint, how: Dial, argv: Vec<String>, anew: Anew) -> Self {
        Self {
            endpoint,
            how,
            argv,
            anew,
            standing: Mutex::new(None),
            serves_once: AtomicBool::new(false),
        }
    }

    /// Runs a case against it.
    async fn run(&self, terms: &Terms, case: &Case, until: Until<'_>) -> Result<Run, NetError> {
        if self.is_anew() {
            self.end().await;
        }
        let started = self.stand().await?;
        let dialled = match started {
            Some(stream) => Ok(stream),
            None => dial(&self.endpoint, self.how.clone(), None).await,
        };
        let stream = match dialled {
            Ok(stream) => stream,
            // A first run that finds nobody is an error of the command line; later, of the
            // server.
            Err(error) if matches!(until, Until::Quiet) => return Err(error),
            Err(error) => {
                return Ok(Run {
                    trouble: Some(Trouble::NotThere(error.to_string())),
                    ..Run::default()
                });
            }
        };
        let run = run(stream, terms, case, until).await;
        if matches!(until, Until::Quiet) && run.trouble.is_none() {
            self.look_whether_it_stays().await;
        }
        Ok(run)
    }

    fn is_anew(&self) -> bool {
        self.anew == Anew::EachRun || self.serves_once.load(Ordering::Relaxed)
    }

    /// A server that serves one caller and ends is started anew for each.
    async fn look_whether_it_stays(&self) {
        let mut standing = self.standing.lock().await;
        let Some(program) = standing.as_mut() else {
            return;
        };
        let since = Instant::now();
        while since.elapsed() < STAYS {
            if program.has_ended().is_some_and(|status| status.success()) {
                return self.serves_once.store(true, Ordering::Relaxed);
            }
            sleep(TRY_EVERY).await;
        }
    }

    /// Starts it, unless it stands, and waits until it can be called. The first call is
    /// returned: a server that serves one caller would not take another.
    async fn stand(&self) -> Result<Option<Stream>, NetError> {
        let mut standing = self.standing.lock().await;
        let stands = standing.as_mut().is_some_and(|program| program.has_ended().is_none());
        if self.argv.is_empty() || stands {
            return Ok(None);
        }
        if dial(&self.endpoint, self.how.clone(), None).await.is_ok() {
            return Err(NetError::Unsuitable {
                phase: Phase::Connect,
                address: self.endpoint.to_string(),
                why: "somebody listens there already, who was not started here".to_owned(),
                hint: "another port, or no `--server`".to_owned(),
            });
        }
        let mut program = Program::start(&self.argv)?;
        let since = Instant::now();
        loop {
            let dialled = dial(&self.endpoint, self.how.clone(), None).await;
            let ended = program.has_ended().is_some();
            match dialled {
                Ok(stream) if !ended => {
                    *standing = Some(program);
                    return Ok(Some(stream));
                }
                Err(error) if since.elapsed() > START || ended => {
                    program.end().await;
                    let said = program.said();
                    let said = said.lines().last().unwrap_or("nothing").to_owned();
                    let said = sockeye_text::safe::one_line(&said).into_owned();
                    return Err(error.with_hint(format!(
                        "the command was started and cannot be called; it said: {said}"
                    )));
                }
                Ok(_) | Err(_) => sleep(TRY_EVERY).await,
            }
        }
    }

    async fn end(&self) {
        if let Some(mut program) = self.standing.lock().await.take() {
            program.end().await;
        }
    }
}

impl Client {
    /// Runs a case against it: it is started, calls, and is waited for.
    async fn run(&self, terms: &Terms, case: &Case, until: Until<'_>) -> Result<Run, NetError> {
        let listener = Listener::bind(&self.endpoint, self.lookup).await?;
        let errand = Errand {
            argv: self.filled(&listener),
            environment: self.environment.clone(),
            within: self.within,
            most: MOST,
        };
        let (called, told) = channel::<()>();
        let talk = async {
            let accepted = listener.accept().await;
            drop(called);
            let stream = match accepted {
                Ok(arrival) => arrival.welcome().await.map_err(|error| error.to_string())?,
                Err(error) => return Err(sockeye_text::cause::plain(&error)),
            };
            Ok(run(stream, terms, case, until).await)
        };
        let program = async {
            let outcome = errand::run(&errand, std::future::pending()).await;
            // Whoever has ended and not called will not call.
            (outcome, told)
        };
        tokio::pin!(talk, program);
        let (talked, outcome) = tokio::select! {
            talked = &mut talk => (Some(talked), program.await.0?),
            (outcome, mut told) = &mut program => {
                let outcome = outcome?;
                let never = told.try_recv() == Err(TryRecvError::Empty);
                // Its call may wait in the queue of the listener.
                let limit = if never { TRY_EVERY } else { self.within };
                (timeout(limit, &mut talk).await.ok(), outcome)
            }
        };
        let mut run = match talked {
            Some(Ok(run)) => run,
            Some(Err(error)) => Run { trouble: Some(Trouble::NotThere(error)), ..Run::default() },
            None => {
                let words = String::from_utf8_lossy(&outcome.stderr);
                let last = words.lines().last().unwrap_or_default();
                let text = format!("it ended without a call; it said: `{}`", last.escape_debug());
                Run { trouble: Some(Trouble::NotThere(text)), ..Run::default() }
            }
        };
        let exit = match outcome.end {
            End::Status(status) => status.to_string(),
            End::Late => format!("still running after {:?}", self.within),
            End::TooMuch => "it said more than 4 MiB".to_owned(),
            End::Abandoned => String::new(),
        };
        run.beside.push(("stdout", outcome.stdout));
        run.beside.push(("exit", exit.into_bytes()));
        run.said = String::from_utf8_lossy(&outcome.stderr).into_owned();
        Ok(run)
    }

    fn filled(&self, listener: &Listener) -> Vec<String> {
        let endpoint = listener.canonical();
        let (host, port) = match listener.address() {
            Some(address) => (address.ip().to_string(), address.port().to_string()),
            None => (String::new(), String::new()),
        };
        let fill = |word: &String| {
            let word = word.replace("{endpoint}", endpoint);
            word.replace("{host}", &host).replace("{port}", &port)
        };
        self.argv.iter().map(fill).collect()
    }
}

impl Subject {
    /// Runs a case. An error is one that no run can get over.
    pub async fn run(&self, terms: &Terms, case: &Case, until: Until<'_>) -> Result<Run, NetError> {
        match self {
            Self::Server(server) => server.run(terms, case, until).await,
            Self::Client(client) => client.run(terms, case, until).await,
        }
    }

    /// What the program said last on stderr, and how it ended if it has.
    pub async fn last_words(&self, run: &Run) -> (String, Option<String>) {
        match self {
            Self::Server(server) => match server.standing.lock().await.as_mut() {
                Some(program) => {
                    let ended = program.has_ended().map(|status| status.to_string());
                    if ended.is_some() {
                        program.all_said().await;
                    }
                    (program.said(), ended)
                }
                None => (String::new(), None),
            },
            Self::Client(_) => (run.said.clone(), None),
        }
    }

    /// Whether two runs at the same time get in each other's way, whoever is tested.
    pub fn is_alone(&self) -> bool {
        match self {
            Self::Server(server) => server.is_anew(),
            Self::Client(client) => client.endpoint.at().is_none_or(|at| at.port != 0),
        }
    }

    /// Whether it was seen to end after its first caller.
    pub fn serves_once(&self) -> bool {
        match self {
            Self::Server(server) => server.serves_once.load(Ordering::Relaxed),
            Self::Client(_) => false,
        }
    }

    /// A stream that is opened and left alone, to see whether another is served beside it.
    pub async fn idle(&self) -> Result<Option<Stream>, NetError> {
        match self {
            Self::Server(server) => {
                Ok(Some(dial(&server.endpoint, server.how.clone(), None).await?))
            }
            Self::Client(_) => Ok(None),
        }
    }

    /// Who it is, in a line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Server(_) => "the server",
            Self::Client(_) => "the client",
        }
    }

    /// Ends what was started.
    pub async fn end(&self) {
        if let Self::Server(server) = self {
            server.end().await;
        }
    }
}
