//! Foreign text in a page: text nodes and nothing else. What a reader could not see
//! becomes a mark, and what a browser would obey is escaped.

use std::fmt::Arguments;
use std::fmt::Write;

use sockeye_text::markup::escape;
use sockeye_text::safe;

/// Appends markup of ours, as `format_args!` describes it.
pub(crate) fn put(out: &mut String, what: Arguments<'_>) {
    out.write_fmt(what).expect("a String takes everything");
}

/// Appends text in one line: a name, an address, a command.
pub(crate) fn line(text: &str, out: &mut String) {
    escape(&safe::one_line(text), out);
}

/// The content of one row: what goes on in a further line stands in a line of its own.
#[derive(Debug)]
pub(crate) struct Cell<'a> {
    out: &'a mut String,
    broken: bool,
}

impl<'a> Cell<'a> {
    /// A cell that is written at the end of `out`.
    pub(crate) fn new(out: &'a mut String) -> Self {
        Self { out, broken: false }
    }

    /// Foreign text of any number of lines. It cannot draw a frame's bracket.
    pub(crate) fn text(&mut self, text: &str) {
        let text = text.replace('⟦', "‹U+27E6›").replace('⟧', "‹U+27E7›");
        for line in safe::shown(&text).split_inclusive('\n') {
            let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "⏎"));
            if !line.is_empty() {
                self.begin();
                escape(line, self.out);
            }
            if !end.is_empty() {
                self.open("i", end);
                self.broken = true;
            }
        }
    }

    /// Text of ours, in an element of ours; after the end of a line, in the next.
    pub(crate) fn open(&mut self, element: &'static str, text: &str) {
        self.begin();
        self.close(element, text);
    }

    /// As `open`, but at the end of a line if one has ended.
    pub(crate) fn close(&mut self, element: &'static str, text: &str) {
        self.out.extend(["<", element, ">"]);
        escape(text, self.out);
        self.out.extend(["</", element, ">"]);
    }

    /// Text of ours as it is.
    pub(crate) fn plain(&mut self, text: &str) {
        self.begin();
        escape(text, self.out);
    }

    /// What follows goes to a further line.
    pub(crate) fn end_line(&mut self) {
        self.broken = true;
    }

    fn begin(&mut self) {
        if std::mem::take(&mut self.broken) {
            self.out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cell;
    use super::line;

    #[test]
    fn markup_and_what_cannot_be_seen_are_only_text() {
        let mut out = String::new();
        line("<b title=\"x\">'&'\x1B\u{202E}\n</b>", &mut out);
        assert_eq!(out, "&lt;b title=&quot;x&quot;&gt;&#39;&amp;&#39;␛‹U+202E›␊&lt;/b&gt;");
    }

    #[test]
    fn a_line_that_has_ended_is_closed_by_a_bracket_of_ours_only() {
        let mut out = String::new();
        let mut cell = Cell::new(&mut out);
        cell.open("b", "⟦");
        cell.text("a⟧\n");
        cell.close("b", "⟧");
        cell.open("b", "⟦");
        cell.text("<");
        assert_eq!(out, "<b>⟦</b>a‹U+27E7›<i>⏎</i><b>⟧</b>\n<b>⟦</b>&lt;");
    }
}
