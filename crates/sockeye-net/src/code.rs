//! The codes of failures: each a stable name, the same in every language.

pub(crate) mod tls;

use std::fmt;
use std::io;

/// How a peer broke the rules of its transport: the inner part of an I/O error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Breach(pub(crate) String);

/// The stable name of a kind of failure, printed as `error[E-…]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Nothing listens there, or a firewall said no.
    Refused,
    /// No answer within the time given.
    Timeout,
    /// No route, or the network is down.
    Unreachable,
    /// The name has no address.
    Name,
    /// The address or the device is taken.
    InUse,
    /// The address is not this machine's.
    Address,
    /// The operating system does not allow it.
    Permission,
    /// The peer cut the conversation with a RST.
    Reset,
    /// A certificate is out of its time (RFC 5280, 4.1.2.5).
    TlsExpired,
    /// A certificate is for another name (RFC 9525).
    TlsName,
    /// Nobody whom we trust vouches for a certificate, or it is not the one that was pinned.
    TlsUnknown,
    /// No version or cipher of TLS that both sides have.
    TlsVersion,
    /// The other side does not speak TLS.
    TlsPlain,
    /// The other side refused the handshake by an alert (RFC 8446, section 6).
    TlsAlert,
    /// What came was changed on its way.
    Integrity,
    /// A frame breaks its own rule, or was cut.
    Frame,
    /// More than what is allowed or possible.
    Limit,
    /// Refused by policy.
    Denied,
    /// The command was not understood.
    Usage,
    /// Anything else that the operating system reports.
    Io,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "E-refused",
            Self::Timeout => "E-timeout",
            Self::Unreachable => "E-unreachable",
            Self::Name => "E-name",
            Self::InUse => "E-in-use",
            Self::Address => "E-address",
            Self::Permission => "E-permission",
            Self::Reset => "E-reset",
            Self::TlsExpired => "E-tls-expired",
            Self::TlsName => "E-tls-name",
            Self::TlsUnknown => "E-tls-unknown",
            Self::TlsVersion => "E-tls-version",
            Self::TlsPlain => "E-tls-plain",
            Self::TlsAlert => "E-tls-alert",
            Self::Integrity => "E-integrity",
            Self::Frame => "E-frame",
            Self::Limit => "E-limit",
            Self::Denied => "E-denied",
            Self::Usage => "E-usage",
            Self::Io => "E-io",
        })
    }
}

impl Code {
    /// Every one of them.
    pub const ALL: [Self; 20] = [
        Self::Refused,
        Self::Timeout,
        Self::Unreachable,
        Self::Name,
        Self::InUse,
        Self::Address,
        Self::Permission,
        Self::Reset,
        Self::TlsExpired,
        Self::TlsName,
        Self::TlsUnknown,
        Self::TlsVersion,
        Self::TlsPlain,
        Self::TlsAlert,
        Self::Integrity,
        Self::Frame,
        Self::Limit,
        Self::Denied,
        Self::Usage,
        Self::Io,
    ];

    /// The code that an I/O error falls under.
    pub fn of(error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        if let Some(code) = tls::of_io(error) {
            return code;
        }
        if let Some(inner) = error.get_ref()
            && inner.is::<Breach>()
        {
            return Self::Frame;
        }
        match error.kind() {
            Kind::ConnectionRefused => Self::Refused,
            Kind::TimedOut => Self::Timeout,
            Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => {
                Self::Unreachable
            }
            Kind::AddrInUse | Kind::ResourceBusy => Self::InUse,
            Kind::AddrNotAvailable => Self::Address,
            Kind::PermissionDenied => Self::Permission,
            Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => Self::Reset,
            _ => Self::Io,
        }
    }
}
