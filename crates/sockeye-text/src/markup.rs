//! Text in HTML, and in XML: content and nothing else.

/// Appends the text as a text node, or as an attribute in quotes, of HTML and of XML 1.0:
/// markup is escaped, a line end stays one in an attribute too, and what no XML may hold
/// (section 2.2) is replaced by U+FFFD. What cannot be seen is [`crate::safe`]'s to mark,
/// before.
pub fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(is_special) {
        let (clean, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(clean);
        let mut chars = tail.chars();
        out.push_str(match chars.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            Some('\'') => "&#39;",
            Some('\n') => "&#10;",
            _ => "\u{FFFD}",
        });
        rest = chars.as_str();
    }
    out.push_str(rest);
}

fn is_special(character: char) -> bool {
    matches!(character, '&' | '<' | '>' | '"' | '\'' | '\u{FFFE}' | '\u{FFFF}')
        || (character.is_control() && character != '\t')
}

#[cfg(test)]
mod tests {
    use super::escape;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        escape(text, &mut out);
        out
    }

    #[test]
    fn markup_is_only_text_and_what_xml_may_not_hold_is_replaced() {
        assert_eq!(escaped("<b a=\"x\">'&'"), "&lt;b a=&quot;x&quot;&gt;&#39;&amp;&#39;");
        assert_eq!(escaped("a\tb\nc\r\0\u{1B}\u{9B}\u{FFFE}"), "a\tb&#10;c���\u{FFFD}\u{FFFD}");
        assert_eq!(escaped("你好"), "你好");
    }
}
