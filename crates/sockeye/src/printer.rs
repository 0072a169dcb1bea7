//! The only place that prints. Stdout and stderr in one order; a terminal with a line
//! editor is printed to around the line being typed.

use std::io::{self, IsTerminal, Write};
use std::thread::JoinHandle;
use std::time::Duration;

use rustyline::ExternalPrinter;
use sockeye_workbench::screen::{Print, Printed};

/// Prints until the end is told.
#[derive(Debug)]
pub(crate) struct Printer {
    thread: Option<JoinHandle<()>>,
    done: std::sync::mpsc::Receiver<()>,
}

/// How long the end of a run waits for a stdout that nobody reads.
const LAST_WORDS: Duration = Duration::from_secs(3);

impl Printer {
    /// Starts printing what comes; `around` prints around a line editor.
    pub(crate) fn start(printed: Printed, around: Option<Box<dyn ExternalPrinter + Send>>) -> Self {
        let (tell, done) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            print_all(printed, around);
            // The run may have stopped waiting.
            let _gone = tell.send(());
        });
        Self { thread: Some(thread), done }
    }

    /// Waits until everything is printed; not for ever, if `interrupted`.
    pub(crate) fn finish(mut self, interrupted: bool) {
        if interrupted {
            let _late = self.done.recv_timeout(LAST_WORDS);
        } else if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn print_all(mut printed: Printed, mut around: Option<Box<dyn ExternalPrinter + Send>>) {
    let mut stdout = io::stdout();
    let mut open = true;
    while let Some(item) = printed.take() {
        match (item, &mut around) {
            (Print::Data(bytes), None) => {
                let size = bytes.len();
                if open && stdout.write_all(&bytes).and_then(|()| stdout.flush()).is_err() {
                    open = false;
                    printed.give_up();
                }
                printed.done(size);
            }
            (Print::Data(bytes), Some(around)) => {
                drop(around.print(String::from_utf8_lossy(&bytes).into_owned()));
                printed.done(bytes.len());
            }
            (Print::Say(line), None) => say(&line),
            (Print::Say(line), Some(around)) => drop(around.print(format!("{line}\n"))),
            (Print::End, _) => return,
        }
    }
}

/// A line on stderr. A closed stderr is nobody's problem.
pub(crate) fn say(line: &str) {
    drop(writeln!(io::stderr(), "{line}"));
}

/// Text on stdout; false once nobody reads it.
pub(crate) fn out(text: &str) -> bool {
    out_bytes(text.as_bytes())
}

/// Bytes on stdout; false once nobody reads it.
pub(crate) fn out_bytes(bytes: &[u8]) -> bool {
    let mut stdout = io::stdout();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).is_ok()
}

/// Whether colour is wanted on stdout (<https://no-color.org>).
pub(crate) fn colour() -> bool {
    io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Whether stdout is `/dev/null`: nobody will see what is printed there.
pub(crate) fn stdout_is_null() -> bool {
    use std::os::unix::fs::MetadataExt;
    let null = std::fs::metadata("/dev/null").map(|meta| meta.rdev());
    let stdout = rustix::fs::fstat(io::stdout());
    matches!((null, stdout), (Ok(null), Ok(stdout)) if null != 0 && stdout.st_rdev == null)
}
