//! How wide a text is in a grid of cells, and what of it fits. Text that is safe to show is
//! assumed ([`crate::safe`]).

use unicode_width::UnicodeWidthStr;

/// How many cells a text takes (Unicode, UAX #11).
pub fn width(text: &str) -> usize {
    text.width()
}

/// As much of a text as fits into so many cells; what does not ends in `…`.
pub fn fit(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let more = if cells > 0 { "…" } else { "" };
    head(text, cells.saturating_sub(1)).to_owned() + more
}

/// As much of a text as fits into so many cells, and blanks in those that are left.
pub fn fill(text: &str, cells: usize) -> String {
    let mut text = fit(text, cells);
    let missing = cells.saturating_sub(width(&text));
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// A text in lines of so many cells, two at least and at most `most` lines, broken at
/// blanks where there are any.
pub fn wrap(text: &str, cells: usize, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text;
    while lines.len() + 1 < most && width(rest) > cells {
        let whole = head(rest, cells);
        let end = whole.rfind(' ').filter(|at| *at > 0).unwrap_or(whole.len());
        let (line, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        lines.push(line.to_owned());
        rest = after.trim_start();
    }
    lines.push(fit(rest, cells));
    lines
}

/// The longest beginning of a text that takes no more than so many cells and, where they
/// take any, no more characters.
fn head(text: &str, cells: usize) -> &str {
    let end = text.char_indices().nth(cells).map_or(text.len(), |(at, _)| at);
    let mut head = text.get(..end).unwrap_or(text);
    while width(head) > cells {
        let mut chars = head.chars();
        chars.next_back();
        head = chars.as_str();
    }
    head
}

#[cfg(test)]
mod tests {
    use super::fill;
    use super::fit;
    use super::width;
    use super::wrap;
    use proptest::prelude::any;
    use proptest::prelude::proptest;

    #[test]
    fn wide_characters_take_two_cells() {
        assert_eq!(width("a温度"), 5);
        assert_eq!(fit("a温度", 5), "a温度");
        assert_eq!(fit("a温度", 4), "a温…");
        assert_eq!(fit("温度", 2), "…");
        assert_eq!(fit("温度", 0), "");
    }

    #[test]
    fn cells_that_are_left_are_blank() {
        assert_eq!([fill("hello", 7), fill("温度报警", 6)], ["hello  ", "温度… "]);
    }

    #[test]
    fn lines_break_at_blanks_and_where_there_are_none_anywhere() {
        assert_eq!(wrap("one two three", 8, 9), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3, 9), ["abc", "def", "gh"]);
        assert_eq!(wrap("one two three", 4, 2), ["one", "two…"]);
    }

    proptest! {
        #[test]
        fn nothing_is_ever_wider_than_its_room(text in any::<String>(), cells in 0usize..20) {
            assert!(width(&fit(&text, cells)) <= cells);
            assert!(wrap(&text, cells.max(2), 5).iter().all(|line| width(line) <= cells.max(2)));
        }
    }
}
