//! Foreign text made safe to show: what a terminal would obey, or a reader could not
//! see, becomes a visible mark. Not an escape that can be read back, and not HTML: a
//! page has its own rules.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` for a block of lines. Line feeds and tabs stay; the other C0 controls and DEL
/// become their control pictures (`␛`); C1 controls, bidirectional controls, zero-width
/// and other invisible characters, line and paragraph separators become `‹U+202E›`.
/// Variation selectors stay: ordinary emoji hold them.
pub fn shown(text: &str) -> Cow<'_, str> {
    marked(text, |ch| !matches!(ch, '\n' | '\t') && misleads(ch))
}

/// `text` for one line: a name, an address, an error, a field. As [`shown`], and line
/// feeds and tabs become `␊` and `␉` too.
pub fn one_line(text: &str) -> Cow<'_, str> {
    marked(text, misleads)
}

fn marked(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = text.find(&hidden) else {
        return Cow::Borrowed(text);
    };
    let (clean, rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(clean);
    for ch in rest.chars() {
        if hidden(ch) {
            mark(ch, &mut out);
        } else {
            out.push(ch);
        }
    }
    Cow::Owned(out)
}

/// Unicode has a picture for each C0 control, in their order from U+2400 on, and one for
/// DEL at U+2421.
fn mark(ch: char, out: &mut String) {
    let picture = match ch {
        '\0'..='\x1F' => char::from_u32(0x2400 + u32::from(ch)),
        '\x7F' => Some('␡'),
        _ => None,
    };
    match picture {
        Some(picture) => out.push(picture),
        None => {
            // A write to a `String` cannot fail.
            let _ = write!(out, "‹U+{:04X}›", u32::from(ch));
        }
    }
}

/// Whether a terminal would obey `ch`, or a reader could not see it: controls, and
/// `Default_Ignorable_Code_Point` (Unicode, `DerivedCoreProperties.txt`) but for
/// variation selectors, with the separators and annotations that act like controls.
fn misleads(ch: char) -> bool {
    if ch.is_ascii() {
        return ch.is_ascii_control();
    }
    matches!(ch,
        // C1.
        '\u{80}'..='\u{9F}'
        // Bidirectional controls.
        | '\u{61C}' | '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        // Zero width: joiners, spaces, operators, the byte order mark.
        | '\u{AD}' | '\u{34F}' | '\u{180E}' | '\u{200B}'..='\u{200D}'
        | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}'
        // Line and paragraph separators, interlinear annotations.
        | '\u{2028}'..='\u{2029}' | '\u{FFF0}'..='\u{FFFB}'
        // Fillers that are drawn as nothing.
        | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{3164}' | '\u{FFA0}'
        // Shorthand and musical controls; tags.
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E00FF}' | '\u{E01F0}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::one_line;
    use super::shown;
    use std::borrow::Cow;

    #[test]
    fn shows_controls_as_their_pictures() {
        assert_eq!(shown("\x1B[2J\0\x07\x7F"), "␛[2J␀␇␡");
        assert_eq!(shown("a\r\n\tb"), "a␍\n\tb");
        assert_eq!(one_line("a\r\n\tb"), "a␍␊␉b");
    }

    #[test]
    fn shows_what_cannot_be_seen_by_its_number() {
        for (text, seen) in [
            ("a\u{85}b", "a‹U+0085›b"),
            ("\u{9B}2J", "‹U+009B›2J"),
            ("gpj.\u{202E}exe", "gpj.‹U+202E›exe"),
            ("bo\u{200B}b", "bo‹U+200B›b"),
            ("\u{FEFF}bob", "‹U+FEFF›bob"),
            ("a\u{2028}b\u{2029}", "a‹U+2028›b‹U+2029›"),
            ("bob\u{E0041}", "bob‹U+E0041›"),
            ("\u{2066}x\u{2069}\u{61C}", "‹U+2066›x‹U+2069›‹U+061C›"),
        ] {
            assert_eq!(shown(text), seen);
            assert_eq!(one_line(text), seen);
        }
    }

    #[test]
    fn leaves_honest_text_alone_and_uncopied() {
        for text in ["", "温度 25 ℃", "ключ", "é e\u{301}", "❤\u{FE0F} 😀", "\u{3000}"]
        {
            assert!(matches!(shown(text), Cow::Borrowed(same) if same == text));
            assert!(matches!(one_line(text), Cow::Borrowed(same) if same == text));
        }
        assert!(matches!(shown("a\n\tb"), Cow::Borrowed(_)));
    }

    /// Controls by the standard library's own knowledge, not by the list above.
    fn obeyed(text: &str) -> bool {
        text.chars().any(char::is_control)
    }

    proptest::proptest! {
        #[test]
        fn no_control_is_left(text in proptest::collection::vec(proptest::char::any(), 0..64)) {
            let text: String = text.into_iter().collect();
            proptest::prop_assert!(!obeyed(&one_line(&text)));
            proptest::prop_assert!(!obeyed(&shown(&text).replace(['\n', '\t'], "")));
        }

        #[test]
        fn what_was_made_safe_is_safe(text in "[\\x00-\\x{A0}\u{200B}-\u{206F}温\n]{0,64}") {
            let once = one_line(&text).into_owned();
            proptest::prop_assert_eq!(one_line(&once), once.as_str());
            let once = shown(&text).into_owned();
            proptest::prop_assert_eq!(shown(&once), once.as_str());
        }

        #[test]
        fn only_hidden_characters_change(text in "[ -~温度é❤]{0,64}") {
            proptest::prop_assert_eq!(one_line(&text), text.as_str());
        }
    }
}
