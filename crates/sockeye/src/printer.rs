//! The only place that prints. Stdout and stderr in one order; a terminal with a line
//! editor is printed to around the line being typed.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use rustyline::ExternalPrinter;
use sockeye_workbench::screen::{Print, Printed};
use tokio::sync::oneshot;

/// Lines that wait together go out in one write of about so many bytes.
const TOGETHER: usize = 64 * 1024;
/// How long the printer rests between lines that come without end.
const REST: Duration = Duration::from_millis(10);

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
    let mut pace = Pace::since(Instant::now());
    let mut next = None;
    let mut live = Live::default();
    while let Some(item) = next.take().or_else(|| printed.take()) {
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
            (Print::Say(line), None) => {
                let (text, then) = together(line, &mut printed);
                put(&text);
                next = then;
                if next.is_none() && pace.is_due(Instant::now()) {
                    std::thread::sleep(REST);
                }
            }
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

/// The line and those that wait behind it, as one text; then what is no line.
fn together(line: String, printed: &mut Printed) -> (String, Option<Print>) {
    let mut text = line + "\n";
    while text.len() < TOGETHER {
        match printed.take_now() {
            Some(Print::Say(line)) => {
                text.push_str(&line);
                text.push('\n');
            }
            other => return (text, other),
        }
    }
    (text, None)
}

/// Lets a printer rest that lines keep awake: each would wake its thread, which costs whoever
/// says it more than the line does.
#[derive(Debug)]
struct Pace {
    /// When the count began.
    since: Instant,
    /// How often lines were printed since.
    times: u32,
}

impl Pace {
    /// How long is counted, and how often lines are printed in it without a rest.
    const COUNTED: Duration = Duration::from_millis(100);
    const AT_ONCE: u32 = 16;

    fn since(now: Instant) -> Self {
        Self { since: now, times: 0 }
    }

    /// Lines were printed; whether it is time to rest.
    fn is_due(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.since) > Self::COUNTED {
            *self = Self::since(now);
        }
        self.times += 1;
        self.times > Self::AT_ONCE
    }
}

/// A line on stderr.
pub(crate) fn say(line: &str) {
    put(&format!("{line}\n"));
}

/// Text on stderr, in one write. A closed stderr is nobody's problem.
fn put(text: &str) {
    drop(io::stderr().write_all(text.as_bytes()));
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

#[cfg(test)]
mod tests {
    use sockeye_workbench::screen::screen;

    use super::*;

    #[test]
    fn lines_that_wait_go_out_together_and_stay_before_what_came_after_them() {
        let (screen, mut printed) = screen(true);
        for line in ["one", "two"] {
            screen.say(line);
        }
        screen.end();
        let Some(Print::Say(first)) = printed.take() else { panic!("a line was said") };
        let (text, next) = together(first, &mut printed);
        assert_eq!(text, "one\ntwo\n");
        assert!(matches!(next, Some(Print::End)));
        let (text, next) = together("late".to_owned(), &mut printed);
        assert!(text == "late\n" && next.is_none());
    }

    #[test]
    fn a_printer_rests_only_after_many_lines_in_a_short_time() {
        let began = Instant::now();
        let mut pace = Pace::since(began);
        assert!((0..Pace::AT_ONCE).all(|_| !pace.is_due(began)));
        assert!(pace.is_due(began));
        assert!(!pace.is_due(began + Pace::COUNTED * 2));
    }
}
