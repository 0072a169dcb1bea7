//! The secrets of TLS connections, written to a file so that a capture can be read: what
//! other programs do for `SSLKEYLOGFILE` (draft-ietf-tls-keylogfile). Off unless asked for,
//! once for the whole process: a key log belongs to a run, not to a connection.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::KeyLog;

static LOG: OnceLock<Arc<ToFile>> = OnceLock::new();

/// From now on the secrets of every connection are appended to that file (made with mode
/// 0600). The first call counts.
pub fn log_to(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    LOG.get_or_init(|| Arc::new(ToFile(Mutex::new(file))));
    Ok(())
}

/// Where a connection's secrets go.
pub(crate) fn log() -> Arc<dyn KeyLog> {
    match LOG.get() {
        Some(log) => Arc::<ToFile>::clone(log),
        None => Arc::new(rustls::NoKeyLog),
    }
}

/// Each line is written by one call, so that those of two connections never mix.
#[derive(Debug)]
struct ToFile(Mutex<File>);

impl KeyLog for ToFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = line(label, client_random, secret);
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk costs the log its line, and the talk nothing.
        drop(file.write_all(line.as_bytes()));
    }
}

fn line(label: &str, client_random: &[u8], secret: &[u8]) -> String {
    let mut line = label.to_owned();
    for part in [client_random, secret] {
        line.push(' ');
        for byte in part {
            // Writing to a String cannot fail.
            let _infallible = write!(line, "{byte:02x}");
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_label_random_and_secret_in_hex() {
        assert_eq!(line("CLIENT_RANDOM", &[0xAB, 1], &[0xFF]), "CLIENT_RANDOM ab01 ff\n");
    }
}
