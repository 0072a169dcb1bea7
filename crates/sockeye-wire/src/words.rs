//! The words that a framing is written with: a name, its value, its options. Which
//! there are is not known here.

use crate::error::SpellingError;

/// The words of a framing.
pub(crate) struct Words<'a> {
    pub(crate) name: &'a str,
    /// What stands after the name's `:`.
    value: Option<&'a str>,
    options: Vec<(&'a str, &'a str)>,
}

impl<'a> Words<'a> {
    pub(crate) fn split(text: &'a str) -> Result<Self, SpellingError> {
        let mut parts = parts(text).into_iter();
        let first = parts.next().unwrap_or_default();
        let (name, value) = match first.split_once(':') {
            Some((name, value)) => (name, Some(value)),
            None => (first, None),
        };
        let option = |part: &'a str| {
            part.split_once(['=', ':'])
                .ok_or_else(|| wrong("", part, "an option has `=` and a value"))
        };
        let options = parts.map(option).collect::<Result<_, _>>()?;
        Ok(Self { name, value, options })
    }

    /// The value after the name, which has to be there.
    pub(crate) fn value(&self, wanted: &str) -> Result<&'a str, SpellingError> {
        self.value.ok_or_else(|| wrong("", self.name, &format!("it needs `:` and {wanted}")))
    }

    /// Refuses a value after the name.
    pub(crate) fn no_value(&self) -> Result<(), SpellingError> {
        match self.value {
            Some(value) => Err(wrong(&format!("{}:", self.name), value, "it has no value")),
            None => Ok(()),
        }
    }

    /// Takes an option out.
    pub(crate) fn option(&mut self, name: &str) -> Option<&'a str> {
        let at = self.options.iter().position(|option| option.0 == name)?;
        Some(self.options.remove(at).1)
    }

    /// Refuses the first option that nobody took out.
    pub(crate) fn none_left(&self, known: &[&str]) -> Result<(), SpellingError> {
        match self.options.first() {
            None => Ok(()),
            Some((name, value)) if known.contains(name) => {
                Err(wrong(&format!("{name}="), value, "it is given twice"))
            }
            Some((name, _)) => Err(SpellingError::unknown("option", name, known)),
        }
    }
}

/// What stands between commas; a comma before `0x` is one of hex digits.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices(',') {
        let after = text.get(at + 1..).unwrap_or_default().trim_start();
        if !after.starts_with("0x") && !after.starts_with("0X") {
            parts.push(text.get(from..at).unwrap_or_default());
            from = at + 1;
        }
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}

/// A part that cannot be read.
pub(crate) fn wrong(name: &str, text: &str, expected: &str) -> SpellingError {
    SpellingError::Value { given: format!("{name}{text}"), expected: expected.to_owned() }
}
