//! Who is at the other end: the one place that accepts or refuses a server's certificate.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use crate::pin::Pin;

/// What makes a certificate acceptable.
#[derive(Debug)]
pub(super) enum Trust {
    /// A chain to an authority, in time, for the name (RFC 5280, RFC 9525).
    Authorities(Arc<WebPkiServerVerifier>),
    /// The same, and each of these by itself, where it is in time and for the name: a
    /// self-signed certificate that the user has named as an authority.
    File(Arc<WebPkiServerVerifier>, Vec<CertificateDer<'static>>),
    /// This one, whatever else it says.
    Pinned(Pin),
    /// Any: that the peer holds its key is all that is checked.
    DangerouslyAnything,
}

/// Judges one server's certificate, and remembers which it was.
#[derive(Debug)]
pub(super) struct Judge {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    /// The fingerprint of the certificate that was shown; guards nothing else.
    seen: Mutex<Option<Pin>>,
}

impl Judge {
    pub(super) fn new(trust: Trust, provider: Arc<CryptoProvider>) -> Self {
        Self { trust, provider, seen: Mutex::new(None) }
    }

    /// The fingerprint of the certificate that the server showed, once it has.
    pub(super) fn seen(&self) -> Option<Pin> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A certificate's fingerprint.
pub(super) fn pin_of(certificate: &CertificateDer<'_>) -> Pin {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate);
    Pin(digest.as_ref().try_into().unwrap_or_default())
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = pin_of(certificate);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        match &self.trust {
            Trust::Authorities(chain) => {
                chain.verify_server_cert(certificate, intermediates, name, stapled, now)
            }
            Trust::File(chain, named) => {
                let judged =
                    chain.verify_server_cert(certificate, intermediates, name, stapled, now);
                match judged {
                    // It says of itself that it is an authority, as `openssl req -x509` has
                    // it, and no server. Its time has been found right before that.
                    Err(Error::InvalidCertificate(CertificateError::Other(_)))
                        if named.contains(&certificate.clone().into_owned()) =>
                    {
                        let parsed = ParsedCertificate::try_from(certificate)?;
                        rustls::client::verify_server_name(&parsed, name)?;
                        Ok(ServerCertVerified::assertion())
                    }
                    judged => judged,
                }
            }
            Trust::Pinned(pin) if *pin == shown => Ok(ServerCertVerified::assertion()),
            Trust::Pinned(_) => Err(CertificateError::ApplicationVerificationFailure.into()),
            Trust::DangerouslyAnything => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
