//! Words of a command line, as a shell reads them again.

use crate::safe::one_line;

/// A word as a shell reads it; with control characters as bash, zsh and ksh read them.
pub fn word(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        let quoted = shell_words::quote(text);
        return one_line(&quoted).into_owned();
    }
    let mut out = String::from("$'");
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\'' | '\\' => out.extend(['\\', character]),
            control if control.is_control() => {
                out.extend(control.to_string().bytes().map(|byte| format!("\\x{byte:02x}")));
            }
            other => out.push(other),
        }
    }
    out + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_read_something_else() {
        assert_eq!(word("tcp://127.0.0.1:8888"), "tcp://127.0.0.1:8888");
        assert_eq!(word("ping => pong"), "'ping => pong'");
        assert_eq!(word("a$b"), "'a$b'");
        assert_eq!(word("a\r\n'\x1B"), "$'a\\r\\n\\'\\x1b'");
    }
}
