//! What the commands that play a tape do alike: one conversation of it as a script.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use sockeye_net::error::Code;
use sockeye_tape::reader::Tape;
use sockeye_workbench::script::{Gathering, Script, ScriptError};

use crate::failure::Failed;

/// The conversation of that number, or the first in which something was said; what there is
/// to say of the tape is added to `told`.
pub(crate) fn script(
    file: &Path,
    conversation: Option<u64>,
    told: &mut Vec<String>,
) -> Result<Script, Failed> {
    let mut tape = Tape::open(file)?;
    let mut gathering = Gathering::default();
    for event in &mut tape {
        match event {
            Ok(event) => gathering.take(event).map_err(|error| failed(&error))?,
            Err(error) => told.push(format!("warning: {error}")),
        }
    }
    if let Some(cut) = tape.torn() {
        told.push(format!("note: the tape was cut in its last line ({cut} bytes left out)"));
    }
    let script = gathering.script(conversation).map_err(|error| failed(&error))?;
    if script.others > 0 && conversation.is_none() {
        told.push(format!(
            "note: conversation #{} is played; {} more are on the tape (`--conversation N`)",
            script.number, script.others
        ));
    }
    Ok(script)
}

/// Whether both paths are one file, however they are written.
pub(crate) fn same(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

fn failed(error: &ScriptError) -> Failed {
    let (code, hint) = match error {
        ScriptError::TooLong => (Code::Limit, "record a shorter talk"),
        ScriptError::Empty | ScriptError::Missing(_) => {
            (Code::Usage, "`tape show` shows what is on it")
        }
    };
    Failed { code: code.to_string(), text: error.to_string(), hint: Some(hint.to_owned()) }
}
