//! What every talking command stands on: the clock, the journal with its outlets, the
//! printer, the signals. Set up once, taken down in order.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use sockeye_net::standard::is_null;
use sockeye_tape::header::Header;
use sockeye_tape::recorder::Recorder;
use sockeye_tape::view::{Show, Style, TimeShown, View};
use sockeye_workbench::clock::Clock;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::journal::{Journal, Outlets, Shown};
use sockeye_workbench::screen::screen;
use sockeye_workbench::taping::Taping;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::args::shared::{Keep, Messages};
use crate::args::values::ViewArg;
use crate::editor::{self, Keyed};
use crate::failure::Failed;
use crate::printer::{self, Printer};

/// How long an interrupted run waits for a stdout that nobody reads.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What a command needs of its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Several conversations: each line of the view names its own.
    pub(crate) numbered: bool,
    /// Stdin is talked from: in a terminal, with a line editor.
    pub(crate) input: bool,
    /// Received bytes go to stdout unless another view is asked for.
    pub(crate) output: bool,
}

/// The set stage.
pub(crate) struct Stage {
    pub(crate) journal: Arc<Journal>,
    /// Cancelled when the run is to end.
    pub(crate) stop: CancellationToken,
    /// Lines typed at the terminal, where stdin is one and is talked from.
    pub(crate) typed: Option<Receiver<Keyed>>,
    verbose: bool,
    printer: Printer,
    signal: Arc<AtomicU8>,
}

impl Stage {
    /// Sets the stage; inside a runtime.
    pub(crate) fn set(
        keep: &Keep,
        messages: &Messages,
        needs: Needs,
        verbose: bool,
    ) -> Result<Self, Failed> {
        let outlets = outlets(keep, messages, needs)?;
        log_secrets()?;
        let signals =
            Signals::taken().map_err(|error| Failed::io("cannot take signals", &error))?;
        let terminal =
            if needs.input && io::stdin().is_terminal() { editor::start() } else { None };
        let (typed, around) = match terminal {
            Some(terminal) => (Some(terminal.lines), Some(terminal.printer)),
            None => (None, None),
        };
        let (screen, queue) = screen(io::stdout().is_terminal());
        let printer = Printer::start(queue, around);
        let stop = CancellationToken::new();
        let journal = Arc::new(Journal::new(Clock::since(Instant::now()), screen, outlets));
        let signal = Arc::new(AtomicU8::new(0));
        tokio::spawn(heed(signals, Arc::clone(&journal), stop.clone(), Arc::clone(&signal)));
        Ok(Self { journal, stop, typed, verbose, printer, signal })
    }

    /// Whether a person is at the keyboard.
    pub(crate) fn has_keyboard(&self) -> bool {
        self.typed.is_some()
    }

    /// A line on stderr, with `-v` alone.
    pub(crate) fn detail(&self, line: impl Into<String>) {
        if self.verbose {
            self.journal.say(line);
        }
    }

    /// What Ctrl-C at the line editor does: the same as SIGINT.
    pub(crate) fn interruption(&self) -> impl FnOnce() + Send + 'static {
        let (kind, stop) = (Arc::clone(&self.signal), self.stop.clone());
        move || {
            kind.store(2, Ordering::Relaxed);
            stop.cancel();
        }
    }

    /// The ready line of a server, and what other machines can dial.
    pub(crate) async fn ready(&self, canonical: &str, dialable: &[String]) {
        self.journal.listening(canonical);
        for endpoint in dialable {
            self.journal.say(format!("  others dial {endpoint}"));
        }
        self.journal.settle().await;
    }

    /// Ends the run with what it came to: the conversation's last line, or the error.
    pub(crate) async fn end(self, result: Result<Option<Closing>, Failed>) -> ExitCode {
        self.journal.settle().await;
        let failed = match &result {
            Ok(closing) => closing.as_ref().and_then(|c| c.failure.as_ref()).map(Failed::from),
            Err(_) => None,
        };
        let failed = result.as_ref().err().or(failed.as_ref());
        if let Some(failed) = failed {
            self.journal.error(&failed.code, &failed.text, failed.hint.as_deref());
            if let Some(translated) = failed.translated() {
                self.journal.say(translated);
            }
            self.journal.settle().await;
        }
        for line in self.journal.finish() {
            self.journal.say(line);
        }
        if let Ok(Some(closing)) = &result {
            let verbose = self.verbose;
            self.journal.say(if verbose { closing.detailed() } else { closing.to_string() });
        }
        self.stop.cancel();
        self.journal.screen().end();
        let printed = self.printer.finish(self.journal.screen().must_end()).await;
        editor::restore();
        let signal = self.signal.load(Ordering::Relaxed);
        if signal != 0 {
            return ExitCode::from(128 + signal);
        }
        if let Err(error) = printed {
            return fail(&Failed::io("cannot write to stdout", &error), false);
        }
        failed.map_or(ExitCode::SUCCESS, |failed| ExitCode::from(failed.exit()))
    }
}

/// A failure before there is a stage.
pub(crate) fn fail(failed: &Failed, json: bool) -> ExitCode {
    for line in failed.lines() {
        printer::say(&line);
    }
    if json {
        let mut line = Vec::new();
        let hint = failed.hint.as_deref();
        sockeye_tape::json::write_error(&failed.code, &failed.text, hint, &mut line);
        printer::out(&String::from_utf8_lossy(&line));
    }
    ExitCode::from(failed.exit())
}

/// Whether stdout carries JSON lines.
pub(crate) fn json(keep: &Keep) -> bool {
    keep.json || keep.view == ViewArg::Json
}

/// The signals that are heeded. They are ours from here on: whoever sees the ready line
/// may send one.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    user: Signal,
}

impl Signals {
    fn taken() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            user: signal(SignalKind::user_defined1())?,
        })
    }
}

/// SIGINT and SIGTERM end the run in order, a second one at once; SIGUSR1 prints the
/// totals and how the connections fare; a closed stdout is a quiet end.
async fn heed(
    mut signals: Signals,
    journal: Arc<Journal>,
    stop: CancellationToken,
    kind: Arc<AtomicU8>,
) {
    loop {
        let number = tokio::select! {
            _ = signals.interrupt.recv() => 2,
            _ = signals.terminate.recv() => 15,
            _ = signals.user.recv() => {
                journal.report();
                continue;
            }
            () = journal.screen().closed().cancelled(), if !stop.is_cancelled() => {
                stop.cancel();
                continue;
            }
        };
        if kind.swap(number, Ordering::Relaxed) != 0 {
            at_once(number);
        }
        stop.cancel();
        // Whoever waits for a stdout that nobody reads waits no longer than this.
        let screen = journal.screen().clone();
        tokio::spawn(async move {
            tokio::time::sleep(LAST_WORDS).await;
            screen.hurry();
        });
    }
}

/// The second signal: nothing is waited for any more.
fn at_once(number: u8) {
    sockeye_net::keeper::end_all_at_once();
    editor::restore();
    #[allow(clippy::exit, reason = "the user has asked twice: no destructor is waited for")]
    std::process::exit(128 + i32::from(number));
}

/// `SSLKEYLOGFILE`: whoever sets it wants to read the TLS of this run in a capture.
fn log_secrets() -> Result<(), Failed> {
    match std::env::var_os("SSLKEYLOGFILE").filter(|path| !path.is_empty()) {
        None => Ok(()),
        Some(path) => sockeye_net::tls::secrets::log_to(Path::new(&path)).map_err(|error| {
            Failed::io(format!("cannot write `{}` (SSLKEYLOGFILE)", path.display()), &error)
        }),
    }
}

fn outlets(keep: &Keep, messages: &Messages, needs: Needs) -> Result<Outlets, Failed> {
    let now = jiff::Zoned::now();
    let framed = messages.frame.is_some();
    let style = |show: Show, time: TimeShown, colour: bool| Style {
        show,
        time,
        encoding: messages.encoding,
        colour,
        start: now.clone(),
        numbered: needs.numbered,
        framed,
    };
    let terminal = io::stdout().is_terminal();
    let usual = if terminal { TimeShown::Clock } else { TimeShown::Off };
    let time = keep.time.map_or(usual, Into::into);
    let shown = match keep.view.show() {
        _ if json(keep) => Shown::Json,
        _ if keep.view == ViewArg::Auto && !needs.output => Shown::Nothing,
        None => Shown::Raw,
        Some(Show::Auto) if !terminal && is_null(&io::stdout()) => Shown::Nothing,
        Some(Show::Auto) if !terminal => Shown::Raw,
        Some(show) => Shown::View(Box::new(View::new(style(show, time, printer::colour())))),
    };
    let tape = match &keep.tape {
        Some(path) if keep.tape_lossy => Some(Taping::lossy(record(path, keep.overwrite, &now)?)),
        Some(path) => Some(Taping::Waited(record(path, keep.overwrite, &now)?)),
        None => None,
    };
    let save = match &keep.save {
        Some(path) => Some(create(path, keep.overwrite, "--save")?),
        None => None,
    };
    let log = match &keep.log {
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
            let file = file.map_err(|error| {
                Failed::io(format!("cannot write `{}`", path.display()), &error)
            })?;
            let time = keep.time.map_or(TimeShown::Clock, Into::into);
            let show = keep.view.show().unwrap_or(Show::Auto);
            Some((View::new(style(show, time, false)), file))
        }
        None => None,
    };
    Ok(Outlets { shown, tape, reel: None, log, save })
}

fn record(path: &Path, overwrite: bool, now: &jiff::Zoned) -> Result<Recorder, Failed> {
    let argv = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let header = Header::new(now, argv, env!("CARGO_PKG_VERSION"));
    Recorder::create(path, &header, overwrite).map_err(Failed::from)
}

fn create(path: &Path, overwrite: bool, flag: &str) -> Result<File, Failed> {
    let mut open = OpenOptions::new();
    open.write(true).mode(0o600);
    if overwrite {
        open.create(true).truncate(true);
    } else {
        open.create_new(true);
    }
    open.open(path).map_err(|error| {
        let mut failed =
            Failed::io(format!("cannot create `{}` for `{flag}`", path.display()), &error);
        if error.kind() == io::ErrorKind::AlreadyExists {
            failed.hint = Some("another name, or --overwrite".to_owned());
        }
        failed
    })
}
