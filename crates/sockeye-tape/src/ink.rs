//! The few colours of the boundary view: one accent, dim for what is beside the point,
//! red for what is loud. Whether to use them is the caller's choice.

/// Whether ANSI colours are written (ECMA-48, SGR).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Text only.
    Plain,
    /// With colours.
    Colour,
}

impl Ink {
    /// Appends what is beside the point: times, sizes, marks.
    pub(crate) fn dim(self, text: &str, out: &mut String) {
        self.paint("\x1B[2m", text, out);
    }

    /// Appends the one thing that the eye is to find.
    pub(crate) fn accent(self, text: &str, out: &mut String) {
        self.paint("\x1B[36m", text, out);
    }

    /// Appends what must not be missed.
    pub(crate) fn loud(self, text: &str, out: &mut String) {
        self.paint("\x1B[31m", text, out);
    }

    fn paint(self, colour: &str, text: &str, out: &mut String) {
        match self {
            Self::Plain => out.push_str(text),
            Self::Colour => out.extend([colour, text, "\x1B[0m"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ink;

    #[test]
    fn colours_are_taken_back_after_the_text_and_absent_when_plain() {
        let mut out = String::new();
        Ink::Colour.dim("a", &mut out);
        Ink::Plain.loud("b", &mut out);
        Ink::Colour.accent("c", &mut out);
        assert_eq!(out, "\x1B[2ma\x1B[0mb\x1B[36mc\x1B[0m");
    }
}
