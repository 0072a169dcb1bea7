//! The name of a Unix socket, as it is written: a path, or `@` and an abstract name.

use std::fmt;
use std::path::PathBuf;

use crate::endpoint_error::EndpointError;
use crate::percent::{decoded, encoded};

/// The longest path or abstract name of a Unix socket, in bytes (unix(7): `sun_path` is
/// 108 with the NUL that ends the one and begins the other).
const LONGEST: usize = 107;

/// The name of a Unix socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnixName {
    /// In the file system.
    Path(PathBuf),
    /// Linux's abstract names, without the leading NUL.
    Abstract(String),
}

/// `@name` is abstract; a path that begins with `@` is written `%40`.
pub(crate) fn unix_name(text: &str) -> Result<UnixName, EndpointError> {
    let (name, what) = match text.strip_prefix('@') {
        Some(name) => (decoded(name)?, "abstract name"),
        None => (decoded(text)?, "path"),
    };
    if name.is_empty() {
        return Err(EndpointError::new(text, format!("the {what} is missing"))
            .hinting("as in unix:/tmp/talk.sock or unix:@name"));
    }
    if name.len() > LONGEST {
        let why = format!("a Unix socket's {what} has at most {LONGEST} bytes");
        return Err(EndpointError::new(text, why).hinting(format!("take a shorter {what}")));
    }
    if text.starts_with('@') {
        return Ok(UnixName::Abstract(name));
    }
    Ok(UnixName::Path(PathBuf::from(name)))
}

impl fmt::Display for UnixName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Abstract(name) => write!(f, "@{}", encoded(name)),
            Self::Path(path) => {
                let path = encoded(&path.to_string_lossy());
                match path.strip_prefix('@') {
                    Some(rest) => write!(f, "%40{rest}"),
                    None => f.write_str(&path),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_begins_with_an_at_sign_is_no_abstract_name() {
        let path = UnixName::Path(PathBuf::from("@x"));
        assert_eq!(unix_name("%40x"), Ok(path.clone()));
        assert_eq!(path.to_string(), "%40x");
        assert_eq!(unix_name("@@x"), Ok(UnixName::Abstract("@x".to_owned())));
    }

    #[test]
    fn a_unix_name_of_either_kind_has_at_most_107_bytes() {
        for mark in ["", "@"] {
            let longest = format!("{mark}{}", "a".repeat(LONGEST));
            assert_eq!(unix_name(&longest).expect("it fits").to_string(), longest);
            let error = unix_name(&format!("{longest}a")).unwrap_err().to_string();
            assert!(error.contains("at most 107 bytes"), "{error}");
            assert!(unix_name(mark).unwrap_err().to_string().ends_with("is missing"));
        }
        // Bytes as the kernel gets them: not characters, and not as they are written.
        assert!(unix_name(&"é".repeat(54)).is_err());
        assert!(unix_name(&"%20".repeat(107)).is_ok());
    }
}
