//! Certificates and keys from PEM files (RFC 7468).

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Code, NetError, Phase};

/// The certificates of a file, in their order; at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, NetError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let found: Vec<_> = read.map_err(|error| unreadable(path, error))?;
    if found.is_empty() {
        return Err(useless(path, "it holds no `BEGIN CERTIFICATE`"));
    }
    Ok(found)
}

/// The first key of a file. One that everybody on this machine may read is refused: it
/// proves nothing.
pub(super) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, NetError> {
    let meta = std::fs::metadata(path).map_err(|error| unreadable(path, PemError::Io(error)))?;
    if meta.permissions().mode() & 0o004 != 0 {
        let why = "every user of this machine may read this private key".to_owned();
        return Err(NetError::Handshake {
            phase: Phase::Open,
            address: path.display().to_string(),
            code: Code::Denied,
            why,
            hint: Some(format!("chmod 600 {}", path.display())),
        });
    }
    PrivateKeyDer::from_pem_file(path).map_err(|error| unreadable(path, error))
}

/// The authorities of a file.
pub(super) fn roots(path: &Path) -> Result<RootCertStore, NetError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| useless(path, &error.to_string()))?;
    }
    Ok(roots)
}

fn unreadable(path: &Path, error: PemError) -> NetError {
    match error {
        PemError::Io(error) => NetError::io(Phase::Open, path.display().to_string(), error),
        PemError::NoItemsFound => useless(path, "nothing of the kind wanted is in it"),
        error => useless(path, &error.to_string()),
    }
}

/// A file that was read and does not hold what it should.
pub(super) fn useless(path: &Path, why: &str) -> NetError {
    let invalid = io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
    NetError::io(Phase::Open, path.display().to_string(), invalid)
        .with_hint("it is to be PEM, as `openssl req -x509 …` writes it".to_owned())
}
