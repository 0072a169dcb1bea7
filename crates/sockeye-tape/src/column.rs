//! A column of text beside a margin: what goes on in a further line stands under the
//! first, after a band. Foreign text is made safe here, on its way in.

use std::borrow::Cow;
use std::iter::repeat_n;

use sockeye_text::safe;

use crate::ink::Ink;

/// A line of foreign text goes on in a further line after so many bytes: a terminal, or a
/// pager, gets no line of ten megabytes.
const LONGEST: usize = 4096;

/// The width of the band.
const BAND: usize = 2;

/// A column that is being written, its first line begun by the caller.
#[derive(Debug)]
pub(crate) struct Column<'a> {
    out: &'a mut String,
    ink: Ink,
    margin: usize,
    used: usize,
    broken: bool,
}

impl<'a> Column<'a> {
    /// A column that begins `margin` characters from the left, at the end of `out`.
    pub(crate) fn new(out: &'a mut String, ink: Ink, margin: usize) -> Self {
        Self { out, ink, margin, used: 0, broken: false }
    }

    /// Foreign text. Its line ends become marks, and what follows goes to a further line.
    pub(crate) fn text(&mut self, text: &str) {
        // Nobody may draw a boundary that is none.
        let unbracketed = if text.contains(['⟦', '⟧']) {
            Cow::Owned(text.replace('⟦', "‹U+27E6›").replace('⟧', "‹U+27E7›"))
        } else {
            Cow::Borrowed(text)
        };
        for line in safe::shown(&unbracketed).split_inclusive('\n') {
            let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "⏎"));
            self.line(line);
            if !end.is_empty() {
                self.begin();
                self.ink.dim(end, self.out);
                self.end_line();
            }
        }
    }

    /// Something of ours that begins here: after the end of a line it stands in the next.
    pub(crate) fn open(&mut self, mark: &str) {
        self.begin();
        self.out.push_str(mark);
        self.used += mark.len();
    }

    /// Something of ours that belongs to what stands before it, at the end of a line too.
    pub(crate) fn close(&mut self, mark: &str) {
        self.out.push_str(mark);
        self.used += mark.len();
    }

    /// A space, unless a line begins here.
    pub(crate) fn space(&mut self) {
        if self.used > 0 && !self.broken {
            self.open(" ");
        }
    }

    /// What follows goes to a further line.
    pub(crate) fn end_line(&mut self) {
        self.broken = true;
    }

    /// One line of text that is safe, in pieces if it is very long.
    fn line(&mut self, line: &str) {
        let mut rest = line;
        while !rest.is_empty() {
            self.begin();
            let end = rest.floor_char_boundary(LONGEST.saturating_sub(self.used));
            let (piece, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
            self.out.push_str(piece);
            self.used += piece.len();
            rest = tail;
            if !rest.is_empty() {
                self.end_line();
            }
        }
    }

    fn begin(&mut self) {
        if !self.broken {
            return;
        }
        self.broken = false;
        self.used = 0;
        self.out.push('\n');
        self.out.extend(repeat_n(' ', self.margin.saturating_sub(BAND)));
        self.ink.dim("│ ", self.out);
    }
}

#[cfg(test)]
mod tests {
    use super::Column;
    use super::Ink;
    use super::LONGEST;
    use proptest::prelude::any;
    use proptest::prelude::proptest;

    fn drawn(draw: impl FnOnce(&mut Column<'_>)) -> String {
        let mut out = String::from("12 B  ");
        draw(&mut Column::new(&mut out, Ink::Plain, 6));
        out
    }

    #[test]
    fn text_goes_on_under_its_first_line() {
        let out = drawn(|column| column.text("GET /\r\nHost: x\r\n\r\n"));
        assert_eq!(out, "12 B  GET /␍⏎\n    │ Host: x␍⏎\n    │ ␍⏎");
    }

    #[test]
    fn what_closes_stays_at_the_line_that_ended_and_what_opens_does_not() {
        let out = drawn(|column| {
            column.open("⟦");
            column.text("a\n");
            column.close("⟧");
            column.open("⟦");
            column.text("\n");
            column.close("⟧");
        });
        assert_eq!(out, "12 B  ⟦a⏎⟧\n    │ ⟦⏎⟧");
    }

    #[test]
    fn spaces_stand_between_and_never_at_the_edge() {
        let out = drawn(|column| {
            for word in ["a", "b"] {
                column.space();
                column.open(word);
            }
            column.end_line();
            column.space();
            column.open("c");
        });
        assert_eq!(out, "12 B  a b\n    │ c");
    }

    #[test]
    fn a_peer_draws_no_brackets_of_ours() {
        assert_eq!(drawn(|column| column.text("a⟧⟦b")), "12 B  a‹U+27E7›‹U+27E6›b");
    }

    #[test]
    fn a_very_long_line_goes_on_in_pieces() {
        let long = "好".repeat(5000);
        let out = drawn(|column| column.text(&long));
        assert!(out.lines().all(|line| line.len() <= LONGEST + 10));
        let again: String = out.chars().filter(|&ch| ch == '好').collect();
        assert_eq!(again, long);
        assert_eq!(out.lines().count(), 15_000usize.div_ceil(LONGEST));
    }

    proptest! {
        #[test]
        fn nothing_that_a_terminal_obeys_gets_through(text in any::<String>()) {
            let out = drawn(|column| column.text(&text));
            assert!(out.chars().all(|ch| ch == '\n' || ch == '\t' || !ch.is_control()));
            let lines = out.lines().count();
            let ends = text.trim_end_matches('\n').matches('\n').count();
            let trailing = text.len() - text.trim_end_matches('\n').len();
            assert_eq!(lines, 1 + ends + trailing.saturating_sub(1));
        }
    }
}
