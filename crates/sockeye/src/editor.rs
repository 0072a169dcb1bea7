//! The line editor of a terminal: history, and printing around the line being typed.

use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Config, DefaultEditor, Editor, ExternalPrinter};
use tokio::sync::mpsc::{Receiver, channel};

/// The terminal as it was before the editor took it.
static BEFORE: OnceLock<Termios> = OnceLock::new();

/// What the person at the terminal did.
#[derive(Debug)]
pub(crate) enum Keyed {
    /// A line, without its end.
    Line(String),
    /// Ctrl-D: no more input.
    End,
    /// Ctrl-C.
    Interrupt,
}

/// Lines typed at a terminal, and the printer to print around them.
pub(crate) struct Terminal {
    pub(crate) lines: Receiver<Keyed>,
    pub(crate) printer: Box<dyn ExternalPrinter + Send>,
}

/// Starts reading lines on a thread of its own. None where the terminal does not allow
/// for editing.
pub(crate) fn start() -> Option<Terminal> {
    let config = Config::builder().max_history_size(1000).ok()?.auto_add_history(true).build();
    let mut editor: DefaultEditor = Editor::with_config(config).ok()?;
    let history = history();
    if let Some(path) = &history {
        // There is none the first time.
        drop(editor.load_history(path));
    }
    let printer = Box::new(editor.create_external_printer().ok()?);
    let before = tcgetattr(io::stdin()).ok()?;
    let _already_kept = BEFORE.set(before);
    let (sender, lines) = channel(16);
    std::thread::spawn(move || {
        loop {
            let keyed = match editor.readline("") {
                Ok(line) => Keyed::Line(line),
                Err(ReadlineError::Interrupted) => Keyed::Interrupt,
                Err(_) => Keyed::End,
            };
            let last = !matches!(keyed, Keyed::Line(_));
            save(&mut editor, history.as_ref());
            if sender.blocking_send(keyed).is_err() || last {
                return;
            }
        }
    });
    Some(Terminal { lines, printer })
}

/// Puts the terminal back: the run may end while a line is being typed.
pub(crate) fn restore() {
    if let Some(before) = BEFORE.get() {
        // The terminal may be gone.
        let _gone = tcsetattr(io::stdin(), OptionalActions::Now, before);
    }
}

fn save(editor: &mut Editor<(), FileHistory>, history: Option<&PathBuf>) {
    if let Some(path) = history {
        // A read-only home keeps no history; the talk goes on.
        drop(editor.save_history(path));
    }
}

/// Where the history is kept; none without a home, and then nothing is kept.
fn history() -> Option<PathBuf> {
    let base = match std::env::var_os("XDG_STATE_HOME").filter(|path| !path.is_empty()) {
        Some(state) => PathBuf::from(state),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".local/state"),
    };
    let folder = base.join("sockeye");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}
