//! What can go wrong on the way to a peer, told as what failed, where and why.
//!
//! Grouped by who must act: the caller (`Usage`), the name service (`Name`), the
//! network or the far side (`Io`). Each error has a code that never changes and, where
//! there is a next step, a hint.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use sockeye_text::cause::plain;

pub use crate::code::Code;
use crate::hinted::hint_of;

/// The step during which something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Looking a name up.
    Resolve,
    /// Taking a local address.
    Bind,
    /// Calling a peer.
    Connect,
    /// Being called.
    Accept,
    /// Starting a child process or opening a file.
    Open,
    /// Bytes in.
    Receive,
    /// Bytes out.
    Send,
    /// Looking at packets.
    Capture,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "look up",
            Self::Bind => "listen on",
            Self::Connect => "connect to",
            Self::Accept => "accept on",
            Self::Open => "open",
            Self::Receive => "receive from",
            Self::Send => "send to",
            Self::Capture => "capture on",
        })
    }
}

/// An endpoint that could not be opened, or that broke.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The operating system said no.
    #[error("cannot {phase} `{address}`: {}", plain(source))]
    Io {
        /// The step.
        phase: Phase,
        /// The endpoint in its canonical form.
        address: String,
        /// Why.
        source: io::Error,
        /// The next step, where only the caller of the operating system knows it.
        hint: Option<String>,
    },
    /// A name with no address.
    #[error("cannot look up `{name}`: {why}")]
    Name {
        /// The name.
        name: String,
        /// What the resolver said.
        why: String,
    },
    /// No answer in time.
    #[error("cannot {phase} `{address}`: no answer within {after:?}")]
    Timeout {
        /// The step.
        phase: Phase,
        /// The endpoint.
        address: String,
        /// How long was waited.
        after: Duration,
    },
    /// Every address of a name failed.
    #[error("cannot connect to `{address}`: tried {}", list(tried))]
    AllFailed {
        /// The endpoint.
        address: String,
        /// Each address with its own error, in the order tried.
        tried: Vec<(String, io::Error)>,
    },
    /// The other side was reached, and it did not come to a conversation: it, or what it
    /// shows, is not what was asked for.
    #[error("cannot {phase} `{address}`: {why}")]
    Handshake {
        /// The step.
        phase: Phase,
        /// The endpoint, the caller, or the file that was to be shown.
        address: String,
        /// The stable code.
        code: Code,
        /// Why.
        why: String,
        /// The next step.
        hint: Option<String>,
    },
    /// The endpoint cannot be used so.
    #[error("cannot {phase} `{address}`: {why}")]
    Unsuitable {
        /// The step.
        phase: Phase,
        /// The endpoint.
        address: String,
        /// Why.
        why: String,
        /// The next step.
        hint: String,
    },
    /// The call would come back to a port of our own.
    #[error("cannot connect to `{address}`: {reached} is a port of this program itself")]
    Circle {
        /// The endpoint.
        address: String,
        /// The address that it has.
        reached: SocketAddr,
    },
    /// A proxy was reached, and the peer not through it.
    #[error("cannot connect to `{address}` through `{proxy}`: {why}")]
    Via {
        /// The endpoint.
        address: String,
        /// The proxy.
        proxy: String,
        /// The kind of failure.
        code: Code,
        /// What the proxy said, or what is wrong with it.
        why: String,
        /// The next step.
        hint: Option<String>,
    },
}

impl NetError {
    /// An I/O error with its step and its address.
    pub fn io(phase: Phase, address: impl Into<String>, source: io::Error) -> Self {
        Self::Io { phase, address: address.into(), source, hint: None }
    }

    /// The same with a next step of its own.
    #[must_use]
    pub fn with_hint(self, text: String) -> Self {
        match self {
            Self::Io { phase, address, source, .. } => {
                Self::Io { phase, address, source, hint: Some(text) }
            }
            other => other,
        }
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::Io { source, .. } => Code::of(source),
            Self::Name { .. } => Code::Name,
            Self::Timeout { .. } => Code::Timeout,
            Self::AllFailed { tried, .. } => {
                tried.last().map_or(Code::Unreachable, |(_, error)| Code::of(error))
            }
            Self::Handshake { code, .. } | Self::Via { code, .. } => *code,
            Self::Unsuitable { .. } => Code::Usage,
            Self::Circle { .. } => Code::Denied,
        }
    }

    /// The next step, where there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Io { source, .. } if let Some(hint) = hint_of(source) => Some(hint),
            Self::Io { hint: Some(hint), .. } | Self::Unsuitable { hint, .. } => Some(hint.clone()),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("check the path: nothing is there".to_owned())
            }
            Self::Io { phase, .. } => usual_hint(self.code(), *phase),
            Self::Name { .. } => Some("check the spelling, or give an address".to_owned()),
            Self::Timeout { phase, .. } => usual_hint(Code::Timeout, *phase),
            Self::AllFailed { tried, .. } => tried
                .last()
                .and_then(|(_, error)| hint_of(error))
                .or_else(|| usual_hint(self.code(), Phase::Connect)),
            Self::Circle { .. } => Some("give it another address".to_owned()),
            Self::Handshake { hint, .. } | Self::Via { hint, .. } => hint.clone(),
        }
    }
}

fn usual_hint(code: Code, phase: Phase) -> Option<String> {
    let text = match (code, phase) {
        (Code::Refused, Phase::Receive | Phase::Send) => {
            "nothing is bound to that port there: start the other side first"
        }
        (Code::Refused, _) => "nothing listens there: check the port, or start the server first",
        (Code::Timeout, _) => {
            "a firewall may drop it; `?connect-timeout=30s` or `-w 30` waits longer"
        }
        (Code::Unreachable, _) => "check the address and this machine's routes (`ip route`)",
        (Code::Address, _) => "use an address of this machine, or 0.0.0.0 for all",
        (Code::Permission, Phase::Bind) => {
            "ports below 1024 need root, CAP_NET_BIND_SERVICE or a lower \
             net.ipv4.ip_unprivileged_port_start: take a port from 1024 up"
        }
        (Code::InUse, _) => "another program has it: take another port, or port 0 for a free one",
        _ => return None,
    };
    Some(text.to_owned())
}

fn list(tried: &[(String, io::Error)]) -> String {
    let parts: Vec<String> =
        tried.iter().map(|(address, error)| format!("{address} ({})", plain(error))).collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_where_and_why_without_the_number_of_the_error() {
        let error =
            NetError::io(Phase::Connect, "tcp://127.0.0.1:1", io::Error::from_raw_os_error(111));
        assert_eq!(error.to_string(), "cannot connect to `tcp://127.0.0.1:1`: connection refused");
        assert_eq!(error.code().to_string(), "E-refused");
        assert!(error.hint().is_some_and(|hint| hint.contains("nothing listens")));
    }
}
