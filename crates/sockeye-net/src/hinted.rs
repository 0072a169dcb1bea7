//! An I/O error of our own making that carries its next step with it, through whatever
//! tells it in the end.

use std::fmt;
use std::io;

#[derive(Debug)]
struct Hinted {
    text: String,
    hint: String,
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Hinted {}

/// An error of that kind, in these words, with that next step.
pub(crate) fn hinted(
    kind: io::ErrorKind,
    text: impl Into<String>,
    hint: impl Into<String>,
) -> io::Error {
    io::Error::new(kind, Hinted { text: text.into(), hint: hint.into() })
}

/// The next step that the error carries.
pub(crate) fn hint_of(error: &io::Error) -> Option<String> {
    let inner = error.get_ref()?.downcast_ref::<Hinted>()?;
    Some(inner.hint.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_step_goes_with_the_error() {
        let error = hinted(io::ErrorKind::NotFound, "there is none", "make one");
        assert_eq!(error.to_string(), "there is none");
        assert_eq!(hint_of(&error).as_deref(), Some("make one"));
        assert_eq!(hint_of(&io::Error::from(io::ErrorKind::NotFound)), None);
    }
}
