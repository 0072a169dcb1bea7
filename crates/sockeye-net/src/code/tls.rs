//! What went wrong in TLS, by its code and in words: a certificate that is expired, for
//! another name, of an unknown authority; versions that do not meet; a peer that speaks no
//! TLS at all; bytes changed on the way.

use std::fmt;
use std::io;

use rustls::{AlertDescription, CertificateError, Error, HandshakeType};

use super::Code;

/// A day, in seconds.
const DAY: u64 = 24 * 60 * 60;
/// How many of a certificate's names are told.
const NAMES: usize = 3;

/// The code of an I/O error that TLS made; none where it was no error of TLS.
pub(crate) fn of_io(error: &io::Error) -> Option<Code> {
    inner(error).map(code_of)
}

/// The same in words.
pub(crate) fn words(error: &io::Error) -> Option<String> {
    inner(error).map(words_of)
}

fn inner(error: &io::Error) -> Option<&Error> {
    let inner = error.get_ref()?;
    inner.downcast_ref().or_else(|| inner.downcast_ref::<Spoken>().map(|spoken| &spoken.0))
}

/// A failure of TLS that says of itself what [`words`] says of it.
#[derive(Debug)]
struct Spoken(Error);

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words_of(&self.0))
    }
}

impl std::error::Error for Spoken {}

/// The same error after the handshake, in our words. Whoever has spoken TLS so far does not
/// cease to: what can no longer be read was changed on its way.
pub(crate) fn in_talk(error: io::Error) -> io::Error {
    match inner(&error) {
        Some(Error::InvalidMessage(_)) => io::Error::new(error.kind(), Spoken(Error::DecryptError)),
        Some(known) => io::Error::new(error.kind(), Spoken(known.clone())),
        None => error,
    }
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
        Error::AlertReceived(_) | Error::NoApplicationProtocol => Code::TlsAlert,
        Error::NoCertificatesPresented => Code::Denied,
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
    match error {
        Error::InvalidCertificate(why) => words_of_certificate(why),
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

fn words_of_certificate(why: &CertificateError) -> String {
    use CertificateError as Why;
    match why {
        Why::Expired => "the certificate has expired".to_owned(),
        Why::ExpiredContext { time, not_after } => {
            let days = time.as_secs().saturating_sub(not_after.as_secs()) / DAY;
            let ago = if days == 0 { "today".to_owned() } else { format!("{days} days ago") };
            format!("the certificate has expired ({ago})")
        }
        Why::NotValidYet | Why::NotValidYetContext { .. } => {
            "the certificate is not valid yet: is the clock of this machine right?".to_owned()
        }
        Why::NotValidForNameContext { expected, presented } => {
            format!(
                "the certificate is not for `{}`, it is for {}",
                expected.to_str(),
                few(presented)
            )
        }
        Why::UnknownIssuer => "nobody who is trusted here vouches for the certificate".to_owned(),
        Why::ApplicationVerificationFailure => {
            "the certificate is not the one that was pinned".to_owned()
        }
        Why::Other(why) if format!("{why:?}").contains("CaUsedAsEndEntity") => {
            "it is an authority's own certificate (CA:TRUE, as `openssl req -x509` makes them), \
             and nobody who is trusted here vouches for it"
                .to_owned()
        }
        Why::Other(why) => format!("the certificate was refused: {}", why.0),
        why => format!("the certificate was refused: {why}"),
    }
}

/// The first of the names that a certificate is for: it may have thousands.
fn few(names: &[String]) -> String {
    let mut first: Vec<String> =
        names.iter().take(NAMES).map(|name| format!("`{}`", plain_name(name))).collect();
    match names.len().saturating_sub(NAMES) {
        0 if names.is_empty() => return "nobody".to_owned(),
        0 => {}
        more => first.push(format!("{more} more")),
    }
    first.join(", ")
}

/// The name in `DnsName("a.example")` and `IpAddress(127.0.0.1)`, which is how it comes.
fn plain_name(name: &str) -> &str {
    let inside = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inside.unwrap_or(name).trim_matches('"')
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
