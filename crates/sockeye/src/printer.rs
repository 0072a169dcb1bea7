//! The only place that prints. Stdout and stderr in one order; a terminal with a line
//! editor is printed to around the line being typed.

use std::io::{self, IsTerminal, Write};

use rustyline::ExternalPrinter;
use sockeye_workbench::screen::{Print, Printed};
use tokio::sync::oneshot;

/// Prints until the end is told.
#[derive(Debug)]
pub(crate) struct Printer {
    done: oneshot::Receiver<io::Result<()>>,
}

impl Printer {
    /// Starts printing what comes; `around` prints around a line editor.
    pub(crate) fn start(printed: Printed, around: Option<Box<dyn ExternalPrinter + Send>>) -> Self {
        let (tell, done) = oneshot::channel();
        std::thread::spawn(move || {
            // The run may have stopped waiting.
            let _late = tell.send(print_all(printed, around));
        });
        Self { done }
    }

    /// Waits until everything is printed, or until `hurry` says that the run must end. An
    /// error is why stdout took no more; a reader that has gone is none.
    pub(crate) async fn finish(self, hurry: impl Future<Output = ()>) -> io::Result<()> {
        tokio::select! {
            biased;
            done = self.done => done.unwrap_or(Ok(())),
            () = hurry => Ok(()),
        }
    }
}

fn print_all(
    mut printed: Printed,
    mut around: Option<Box<dyn ExternalPrinter + Send>>,
) -> io::Result<()> {
    let mut stdout = io::stdout();
    let mut result = Ok(());
    let mut open = true;
    let mut live = Live::default();
    while let Some(item) = printed.take() {
        if let (Print::Live(line), None) = (&item, &around) {
            live.show(line);
            continue;
        }
        live.clear();
        match (item, &mut around) {
            (Print::Data(bytes), None) => {
                if open && let Err(error) = stdout.write_all(&bytes).and_then(|()| stdout.flush()) {
                    open = false;
                    result = unless_gone(error);
                    printed.give_up();
                }
                printed.done();
            }
            (Print::Data(bytes), Some(around)) => {
                drop(around.print(String::from_utf8_lossy(&bytes).into_owned()));
                printed.done();
            }
            (Print::Say(line), None) => say(&line),
            (Print::Say(line) | Print::Live(line), Some(around)) => {
                drop(around.print(format!("{line}\n")));
            }
            (Print::End, _) => break,
            // Shown above.
            (Print::Live(_), None) => {}
        }
    }
    live.clear();
    result
}

/// A line on stderr that is written over: in a terminal, one; elsewhere each is a line.
#[derive(Debug, Default)]
struct Live {
    shown: bool,
}

impl Live {
    fn show(&mut self, line: &str) {
        if io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        {
            // Written over from its first column; what is left of the one before is erased.
            drop(write!(io::stderr(), "\r{line}\x1B[K"));
            self.shown = true;
        } else {
            say(line);
        }
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            drop(write!(io::stderr(), "\r\x1B[K"));
        }
    }
}

/// A reader that has gone is a quiet end (SIGPIPE's way); anything else is not.
fn unless_gone(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

/// A line on stderr. A closed stderr is nobody's problem.
pub(crate) fn say(line: &str) {
    drop(writeln!(io::stderr(), "{line}"));
}

/// Text on stdout. Where stdout takes it not, nobody wants it.
pub(crate) fn out(text: &str) {
    let _unwanted = write(text.as_bytes());
}

/// Bytes on stdout; false once nobody reads it. An error is why it takes no more.
pub(crate) fn write(bytes: &[u8]) -> io::Result<bool> {
    let mut stdout = io::stdout();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) => unless_gone(error).map(|()| false),
    }
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
