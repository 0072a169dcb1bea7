//! Certificates and keys from PEM files (RFC 7468).

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Code, NetError, Phase};

/// The most that is read of a file, in bytes: all of a machine's authorities are a quarter
/// of a mebibyte.
const MOST: u64 = 16 << 20;

/// The certificates of a file, in their order; at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, NetError> {
    let text = read(path)?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = read.map_err(|error| unreadable(path, error))?;
    if found.is_empty() {
        return Err(useless(path, "it holds no `BEGIN CERTIFICATE`"));
    }
    Ok(found)
}

/// The first key of a file. One that everybody on this machine may read is refused: it
/// proves nothing.
pub(super) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, NetError> {
    let meta = std::fs::metadata(path).map_err(|error| unreadable(path, PemError::Io(error)))?;
    if !meta.is_dir() && meta.permissions().mode() & 0o004 != 0 {
        let why = "every user of this machine may read this private key".to_owned();
        return Err(NetError::Handshake {
            phase: Phase::Open,
            address: path.display().to_string(),
            code: Code::Denied,
            why,
            hint: Some(format!("chmod 600 {}", path.display())),
        });
    }
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|error| unreadable(path, error))
}

/// The certificates of a file as authorities.
pub(super) fn roots(
    certificates: &[CertificateDer<'static>],
    path: &Path,
) -> Result<RootCertStore, NetError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate.clone()).map_err(|error| useless(path, &error.to_string()))?;
    }
    Ok(roots)
}

/// All of a file, which may be a pipe and is therefore read once.
fn read(path: &Path) -> Result<Vec<u8>, NetError> {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut text));
    read.map_err(|error| unreadable(path, PemError::Io(error)))?;
    if text.len() as u64 == MOST {
        return Err(useless(path, "it is too large to be that"));
    }
    Ok(text)
}

fn unreadable(path: &Path, error: PemError) -> NetError {
    match error {
        PemError::Io(error) => {
            let missing = error.kind() == io::ErrorKind::NotFound;
            let error = NetError::io(Phase::Open, path.display().to_string(), error);
            if missing {
                return error;
            }
            error.with_hint("it is to be a PEM file that this user may read".to_owned())
        }
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

/// A certificate and a key that rustls does not take together.
pub(super) fn unfit(cert: &Path, key: &Path, error: &rustls::Error) -> NetError {
    if !matches!(error, rustls::Error::InconsistentKeys(_)) {
        return useless(cert, &error.to_string());
    }
    let why = format!("it does not go with the key `{}`", key.display());
    let invalid = io::Error::new(io::ErrorKind::InvalidData, why);
    NetError::io(Phase::Open, cert.display().to_string(), invalid).with_hint(
        "`openssl x509 -pubkey` of it and `openssl pkey -pubout` of the key are to be the same"
            .to_owned(),
    )
}
