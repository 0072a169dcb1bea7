//! A TLS key log (RFC 9850, the file of `SSLKEYLOGFILE`), read and checked line by line.
//! What it says are secrets: no message quotes a line.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::TapeError;

/// The most bytes that a key log may have: 16 MiB.
pub const LIMIT: u64 = 16 * 1024 * 1024;

/// A key log of which every line is one.
pub struct KeyLog {
    text: Vec<u8>,
}

impl KeyLog {
    /// Reads and checks the file. One of more than [`LIMIT`] bytes is refused.
    pub fn open(path: &Path) -> Result<Self, TapeError> {
        let file = File::open(path);
        let file = file.map_err(|source| TapeError::Open { path: path.to_owned(), source })?;
        let mut text = Vec::new();
        let read = file.take(LIMIT + 1).read_to_end(&mut text);
        read.map_err(|source| TapeError::Read { path: path.to_owned(), source })?;
        if text.len() as u64 > LIMIT {
            return Err(TapeError::KeyLogTooLong { path: path.to_owned(), limit: LIMIT });
        }
        for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            check(line).map_err(|why| TapeError::KeyLog {
                path: path.to_owned(),
                line: index + 1,
                why,
            })?;
        }
        Ok(Self { text })
    }

    /// The file as it is.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }
}

impl fmt::Debug for KeyLog {
    /// Without the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyLog").field("bytes", &self.text.len()).finish()
    }
}

/// `LABEL random secret`, a comment, or nothing.
fn check(line: &[u8]) -> Result<(), &'static str> {
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(());
    }
    let mut words = line.split(|&byte| byte == b' ');
    let (Some(label), Some(random), Some(secret), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err("it is not three words");
    };
    let named = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    if label.is_empty() || !label.iter().all(named) {
        return Err("the first word is no label");
    }
    // The premaster secret's line has 8 bytes of its encrypted form; all others the random.
    let digits = if label == b"RSA" { 16 } else { 64 };
    if random.len() != digits || !is_hex(random) {
        return Err("the second word is not the hex digits of a client's random");
    }
    if secret.is_empty() || !secret.len().is_multiple_of(2) || !is_hex(secret) {
        return Err("the third word is not the hex digits of a secret");
    }
    Ok(())
}

fn is_hex(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::KeyLog;
    use super::LIMIT;
    use super::check;
    use crate::error::TapeError;
    use std::fs;

    #[test]
    fn a_line_is_a_label_a_random_and_a_secret() {
        let random = "0f".repeat(32);
        for line in [String::new(), "# SSL key log".into(), format!("CLIENT_RANDOM {random} AAbb")]
        {
            assert_eq!(check(line.as_bytes()), Ok(()), "{line}");
        }
        assert_eq!(check(b"RSA 0011223344556677 aa"), Ok(()));
        for line in [
            "CLIENT_RANDOM".to_owned(),
            format!("client_random {random} aa"),
            format!(" {random} aa"),
            format!("CLIENT_RANDOM {random} a"),
            format!("CLIENT_RANDOM {random} "),
            format!("CLIENT_RANDOM {random} aa aa"),
            format!("CLIENT_RANDOM {random}00 aa"),
            "CLIENT_RANDOM 00 aa".to_owned(),
        ] {
            assert!(check(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn a_bad_line_is_told_by_its_number_and_never_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        fs::write(&path, "# first\r\nSECRET 00 aa\n").unwrap();
        let error = KeyLog::open(&path).unwrap_err();
        assert!(matches!(error, TapeError::KeyLog { line: 2, .. }), "{error}");
        assert!(!error.to_string().contains("SECRET"));
    }

    #[test]
    fn a_log_beyond_the_limit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        fs::File::create(&path).unwrap().set_len(LIMIT + 1).unwrap();
        let error = KeyLog::open(&path).unwrap_err();
        assert!(matches!(error, TapeError::KeyLogTooLong { .. }), "{error}");
    }
}
