//! What the operating system says, as a part of our own sentences.

use std::io;

/// The error's own sentence, in lower case and without Rust's `(os error N)`.
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_it_in_lower_case_without_the_number() {
        assert_eq!(plain(&io::Error::from_raw_os_error(28)), "no space left on device");
        assert_eq!(plain(&io::Error::other("Ünsinn")), "ünsinn");
    }
}
