//! How many columns text takes in a terminal, and text fitted into so many.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns it takes. Text that is safe to show is assumed ([`crate::safe`]).
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text in exactly so many columns: filled up with blanks, or cut with `…`.
pub fn fit(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(columns);
    if text.width() <= columns {
        out.push_str(text);
    } else if columns > 0 {
        let mut used = 0;
        for character in text.chars() {
            let wide = character.width().unwrap_or(0);
            if used + wide > columns - 1 {
                break;
            }
            used += wide;
            out.push(character);
        }
        out.push('…');
    }
    let missing = columns.saturating_sub(out.width());
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_narrow_and_wide_characters() {
        assert_eq!(fit("hello", 7), "hello  ");
        assert_eq!(fit("hello, feng", 7), "hello,…");
        assert_eq!(fit("温度报警", 8), "温度报警");
        // A wide character that would stand half out is left out.
        assert_eq!(fit("温度报警", 6), "温度… ");
        assert_eq!((fit("x", 0).as_str(), fit("温", 1).as_str()), ("", "…"));
        assert_eq!(width("温a"), 3);
    }
}
