//! What the chores print.

use std::io::Write as _;

/// Text for stdout. Where stdout is closed nobody wants it.
pub(crate) fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// A line for stderr: how far a long chore is.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
