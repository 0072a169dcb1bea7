//! What is wrong with the text of an endpoint.

use sockeye_text::safe::one_line;

/// A text that is no endpoint, or not one that can be used here. What it says is
/// safe to show: the text may be anybody's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}`: {why}", one_line(text))]
pub struct EndpointError {
    text: String,
    why: String,
    hint: Option<String>,
}

impl EndpointError {
    /// What is wrong with the whole text.
    pub(crate) fn new(text: &str, why: impl Into<String>) -> Self {
        Self { text: text.to_owned(), why: one_line(&why.into()).into_owned(), hint: None }
    }

    /// The same with the next step.
    #[must_use]
    pub(crate) fn hinting(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(one_line(&hint.into()).into_owned());
        self
    }

    /// The same with this next step after the one that it has.
    #[must_use]
    pub(crate) fn hinting_too(self, hint: &str) -> Self {
        match self.hint.clone() {
            Some(first) => self.hinting(format!("{first}; {hint}")),
            None => self.hinting(hint),
        }
    }

    /// The same error, said of the whole text that the part stands in.
    #[must_use]
    pub(crate) fn of(mut self, whole: &str) -> Self {
        whole.clone_into(&mut self.text);
        self
    }

    /// The next step, where there is one.
    pub fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_a_terminal_would_obey_as_marks_in_each_of_its_parts() {
        let error = EndpointError::new("h:\x1b[2J", "no `\x1b[2J`").hinting("not \r\n");
        assert_eq!(error.to_string(), "`h:␛[2J`: no `␛[2J`");
        assert_eq!(error.of("\u{202e}").to_string(), "`‹U+202E›`: no `␛[2J`");
    }

    #[test]
    fn a_hint_is_one_line() {
        let error = EndpointError::new("", "").hinting("write\n`\x1b`");
        assert_eq!(error.hint().as_deref(), Some("write␊`␛`"));
    }
}
