//! `sockeye tape …`: looking at tapes.

mod show;
mod diff;
mod convert;

use std::path::Path;
use std::process::ExitCode;

use crate::args::see::Tape;
use crate::failure::Failed;
use crate::printer;

/// Runs the command.
pub(crate) fn run(args: &Tape) -> ExitCode {
    match args {
        Tape::Show(args) => show::run(args),
        Tape::Diff(args) => diff::run(args),
        Tape::Convert(args) => convert::run(args),
    }
}

/// Tells what of a tape that has been read to its end was left out; `path` where there
/// are several tapes.
fn tell_rest(tape: &sockeye_tape::reader::Tape, path: Option<&Path>) {
    let name = match path {
        Some(path) => format!("`{}`", sockeye_text::safe::one_line(&path.to_string_lossy())),
        None => "the tape".to_owned(),
    };
    if let Some(cut) = tape.torn() {
        printer::say(&format!("note: {name} was cut in its last line ({cut} bytes left out)"));
    }
    let unknown = tape.unknown();
    match path {
        Some(_) if unknown > 0 => {
            printer::say(&format!("note: {name}: {unknown} events of a later version left out"));
        }
        None if unknown > 0 => {
            printer::say(&format!("note: {unknown} events of a later version left out"));
        }
        _ => {}
    }
}

/// A conversation was asked for that the tape does not have.
fn no_such(number: u64) -> Failed {
    Failed::usage(
        format!("there is no conversation #{number} on the tape"),
        "`tape show FILE` has the numbers",
    )
}

/// Whether a file can be read several times. What cannot be looked at is told when it is
/// opened.
fn is_read_again(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| about.is_file() || about.is_dir()) || !path.exists()
}
