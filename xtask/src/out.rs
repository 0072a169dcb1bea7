//! What the chores print.

use std::io::Write as _;

/// Text for stdout. Where stdout is closed nobody wants it.
pub(crate) fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
