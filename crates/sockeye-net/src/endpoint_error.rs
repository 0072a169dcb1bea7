//! What is wrong with the text of an endpoint.

/// A text that is no endpoint, or not one that can be used here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}`: {why}", sockeye_text::safe::one_line(text))]
pub struct EndpointError {
    text: String,
    why: String,
    hint: Option<String>,
}

impl EndpointError {
    /// What is wrong with the whole text.
    pub(crate) fn new(text: &str, why: impl Into<String>) -> Self {
        Self { text: text.to_owned(), why: why.into(), hint: None }
    }

    /// The same with the next step.
    #[must_use]
    pub(crate) fn hinting(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
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
