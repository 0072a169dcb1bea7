//! `sockeye tape diff`: two tapes compared.

use std::path::Path;
use std::process::ExitCode;

use sockeye_tape::compare::{Comparison, LOCATED, Reads, compare};
use sockeye_text::plural::counted;

use crate::args::see::Diff;
use crate::command::tape::{is_read_again, tell_rest};
use crate::failure::Failed;
use crate::printer;
use crate::stage;

/// What could not be compared is neither the same nor different.
const TROUBLE: u8 = 2;

/// Runs the command.
pub(crate) fn run(args: &Diff) -> ExitCode {
    match print(args) {
        Ok(exit) => ExitCode::from(exit),
        Err(failed) => {
            stage::fail(&failed, args.json);
            ExitCode::from(TROUBLE)
        }
    }
}

fn print(args: &Diff) -> Result<u8, Failed> {
    for path in [&args.a, &args.b] {
        regular(path)?;
    }
    let reads = if args.reads { Reads::Compared } else { Reads::Ignored };
    let mut damaged = false;
    let found = compare(&args.a, &args.b, reads, &mut |error| {
        damaged = true;
        printer::say(&format!("warning: {error}"));
    })?;
    for difference in &found.differences {
        let mut line = Vec::new();
        if args.json {
            difference.write(&mut line);
        } else {
            let mut text = String::new();
            difference.tell(args.encoding, &mut text);
            line = text.into_bytes();
        }
        let open = printer::write(&line);
        if !open.map_err(|error| Failed::io("cannot write to stdout", &error))? {
            break;
        }
    }
    tell_rest(&found.tapes.0, Some(&args.a));
    tell_rest(&found.tapes.1, Some(&args.b));
    printer::say(&sum(&found));
    if damaged {
        printer::say("note: a damaged tape was compared as far as it goes");
        return Ok(TROUBLE);
    }
    Ok(u8::from(!found.differences.is_empty()))
}

fn regular(path: &Path) -> Result<(), Failed> {
    if is_read_again(path) {
        return Ok(());
    }
    let path = sockeye_text::safe::one_line(&path.to_string_lossy()).into_owned();
    Err(Failed::usage(
        format!("cannot compare `{path}`: it is no regular file"),
        "a tape is read several times: save it to a file first",
    ))
}

fn sum(found: &Comparison) -> String {
    let talks = found.conversations;
    let (came, went) = found.bytes;
    if found.differences.is_empty() {
        return format!("same: {}, {came} B in, {went} B out", counted(talks, "conversation"));
    }
    let count = found.differences.len();
    let unplaced = match count.checked_sub(LOCATED) {
        Some(more @ 1..) => format!("; of {more} no place was looked for"),
        _ => String::new(),
    };
    let (differences, of) = (counted(count, "difference"), counted(talks, "conversation"));
    format!("different: {differences} in {} of {of}{unplaced}", found.differing)
}
