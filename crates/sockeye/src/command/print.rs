//! What a command says on stdout beside any talk. What stdout does not take is a failure; a
//! reader that has gone is none.

use std::process::ExitCode;

use crate::failure::Failed;
use crate::printer;
use crate::stage;

/// Prints the bytes.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Failed> {
    let printed = printer::write(bytes).map(drop);
    printed.map_err(|error| Failed::io("cannot write to stdout", &error))
}

/// Prints the bytes as the last thing that is done. Stdout is not asked to take the error too.
pub(crate) fn printed(bytes: &[u8]) -> ExitCode {
    match print(bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => stage::fail(&failed, false),
    }
}
