//! Names of files that a peer gave: which of them may be looked for at all.
//!
//! The checks are the same whatever system the name comes from. That no link leads out of a
//! folder is not decided here but where the file is opened, in `share`.

use std::path::PathBuf;

use sockeye_text::safe::one_line;

/// The most bytes of a path (`PATH_MAX` counts the NUL too).
const LONGEST: usize = 4095;
/// The most bytes of one part of it (`NAME_MAX`).
const LONGEST_PART: usize = 255;

/// A name that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing.
    #[error("an empty name")]
    Empty,
    /// Longer than any file's.
    #[error("a name of {0} bytes")]
    Long(usize),
    /// No text.
    #[error("a name that is no text in the encoding in force")]
    NoText,
    /// NUL, a line end, an escape …
    #[error("a name with control characters: `{}`", one_line(.0))]
    Control(String),
    /// It begins at the root, on a drive, or on another machine.
    #[error("`{}` is no name within a folder", one_line(.0))]
    Absolute(String),
    /// It has `.`, `..` or nothing between two slashes.
    #[error("`{}` leads out of its folder, or about it", one_line(.0))]
    Wandering(String),
    /// It has folders, and a bare name is wanted.
    #[error("`{}` has folders, and a bare name is wanted", one_line(.0))]
    Folders(String),
}

/// A file's path below a folder: parts between slashes, each of them a sound name.
pub fn path(text: &str) -> Result<PathBuf, NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if text.len() > LONGEST {
        return Err(NameError::Long(text.len()));
    }
    if text.chars().any(char::is_control) {
        return Err(NameError::Control(text.to_owned()));
    }
    let drive = text.as_bytes().get(1) == Some(&b':')
        && text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    // A backslash separates in the names of another system, and none of ours needs one.
    if text.starts_with('/') || text.contains('\\') || drive {
        return Err(NameError::Absolute(text.to_owned()));
    }
    let mut path = PathBuf::new();
    for part in text.split('/') {
        if matches!(part, "" | "." | "..") {
            return Err(NameError::Wandering(text.to_owned()));
        }
        if part.len() > LONGEST_PART {
            return Err(NameError::Long(part.len()));
        }
        path.push(part);
    }
    Ok(path)
}

/// A file's bare name.
pub fn bare(text: &str) -> Result<&str, NameError> {
    path(text)?;
    if text.contains('/') {
        return Err(NameError::Folders(text.to_owned()));
    }
    Ok(text)
}

/// The last part of a path.
pub fn last(text: &str) -> Result<&str, NameError> {
    bare(text.rsplit('/').next().unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_every_name_that_could_lead_elsewhere() {
        let long = "x".repeat(4096);
        let part = "x".repeat(256);
        for text in [
            "",
            ".",
            "..",
            "../x",
            "a/../b",
            "a/..",
            "a//b",
            "a/",
            "./a",
            "/etc/passwd",
            "//h/s/x",
            r"\\h\s\x",
            r"..\x",
            r"a\b",
            "C:x",
            r"c:\x",
            "c:/x",
            "a\0b",
            "a\nb",
            "a\rb",
            "\x1B[2J",
            "\u{85}",
            "\x7F",
            long.as_str(),
            part.as_str(),
        ] {
            assert!(path(text).is_err(), "{text:?}");
            assert!(bare(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn takes_honest_names_in_every_script() {
        for text in ["a", "报告.txt", "..a", "a..", "...", "a b", "12:30.log", "-rf", "$(x);'\""]
        {
            assert_eq!(path(text), Ok(PathBuf::from(text)));
            assert_eq!(bare(text), Ok(text));
        }
        assert_eq!(path("a/b/文"), Ok(PathBuf::from("a/b/文")));
        assert!(bare("a/b").is_err());
        assert_eq!(last("a/b"), Ok("b"));
        assert!(last("a/").is_err());
    }

    proptest::proptest! {
        #[test]
        fn what_passes_stays_below_its_folder(text in "[./a\\\\:C\u{0}\n]{0,12}") {
            use std::path::Component;
            if let Ok(path) = path(&text) {
                proptest::prop_assert!(path.components().all(|c| matches!(c, Component::Normal(_))));
            }
        }
    }
}
