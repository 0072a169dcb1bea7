//! What went wrong in TLS, by its code and in words: a certificate that is expired, for
//! another name, of an unknown authority; versions that do not meet; a peer that speaks no
//! TLS at all; bytes changed on the way.

use std::io;

use rustls::{AlertDescription, CertificateError, Error, HandshakeType};

use super::Code;

/// The code of an I/O error that TLS made; none where it was no error of TLS.
pub(crate) fn of_io(error: &io::Error) -> Option<Code> {
    inner(error).map(code_of)
}

/// The same in words.
pub(crate) fn words(error: &io::Error) -> Option<String> {
    inner(error).map(words_of)
}

fn inner(error: &io::Error) -> Option<&Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}

/// Which kind of failure it is.
fn code_of(error: &Error) -> Code {
    match error {
        Error::InvalidCertificate(why) => code_of_certificate(why),
        Error::PeerIncompatible(_) | Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            Code::TlsVersion
        }
        Error::AlertReceived(AlertDescription::BadRecordMac)
        | Error::DecryptError
        | Error::PeerSentOversizedRecord => Code::Integrity,
        Error::AlertReceived(_) | Error::NoApplicationProtocol | Error::NoCertificatesPresented => {
            Code::TlsAlert
        }
        Error::InvalidMessage(_) => Code::TlsPlain,
        error if is_echo(error) => Code::TlsPlain,
        _ => Code::Integrity,
    }
}

fn code_of_certificate(why: &CertificateError) -> Code {
    use CertificateError as Why;
    match why {
        Why::Expired
        | Why::ExpiredContext { .. }
        | Why::NotValidYet
        | Why::NotValidYetContext { .. } => Code::TlsExpired,
        Why::NotValidForName | Why::NotValidForNameContext { .. } => Code::TlsName,
        _ => Code::TlsUnknown,
    }
}

/// A server that says back what it hears sends our own hello.
fn is_echo(error: &Error) -> bool {
    matches!(
        error,
        Error::InappropriateHandshakeMessage { got_type: HandshakeType::ClientHello, .. }
    )
}

/// What is wrong, in words.
fn words_of(error: &Error) -> String {
    use CertificateError as Why;
    match error {
        Error::InvalidCertificate(why) => match why {
            Why::Expired => "the certificate has expired".to_owned(),
            Why::NotValidYet | Why::NotValidYetContext { .. } => {
                "the certificate is not valid yet: is the clock of this machine right?".to_owned()
            }
            Why::UnknownIssuer => {
                "nobody whom this machine trusts vouches for the certificate".to_owned()
            }
            Why::ApplicationVerificationFailure => {
                "the certificate is not the one that was pinned".to_owned()
            }
            why => format!("the certificate was refused: {why}"),
        },
        Error::InvalidMessage(_) => "what it says is no TLS".to_owned(),
        error if is_echo(error) => "it says our own hello back, and no TLS".to_owned(),
        Error::AlertReceived(alert) => {
            let name = alert.as_str().unwrap_or("unknown");
            format!("the other side broke it off by the alert `{name}`")
        }
        Error::PeerIncompatible(why) => {
            format!("there is no version or cipher that both sides have ({why:?})")
        }
        Error::DecryptError => {
            "the bytes were changed on their way, or the key is wrong".to_owned()
        }
        Error::NoApplicationProtocol => {
            "the two sides have no application protocol (ALPN) in common".to_owned()
        }
        Error::NoCertificatesPresented => "the client showed no certificate".to_owned(),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_own_code() {
        let certificate = |why| Error::InvalidCertificate(why);
        for (error, expected) in [
            (certificate(CertificateError::Expired), Code::TlsExpired),
            (certificate(CertificateError::NotValidForName), Code::TlsName),
            (certificate(CertificateError::UnknownIssuer), Code::TlsUnknown),
            (certificate(CertificateError::BadSignature), Code::TlsUnknown),
            (Error::AlertReceived(AlertDescription::ProtocolVersion), Code::TlsVersion),
            (Error::AlertReceived(AlertDescription::UnknownCA), Code::TlsAlert),
            (Error::DecryptError, Code::Integrity),
            (Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType), Code::TlsPlain),
        ] {
            let told = io::Error::new(io::ErrorKind::InvalidData, error);
            assert_eq!(of_io(&told), Some(expected), "{told}");
            assert!(words(&told).is_some_and(|text| !text.is_empty()));
        }
        assert_eq!(of_io(&io::Error::from(io::ErrorKind::UnexpectedEof)), None);
    }
}
