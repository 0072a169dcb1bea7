//! Events: what happened in a conversation, and when. Only the words for it; how an
//! event is written to a tape is told in [`crate::json`].

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;

/// Something that happened in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// When: since the start of the tape. A tape keeps whole nanoseconds, 64 bits of them.
    pub t: Duration,
    /// The number of the conversation.
    pub c: u64,
    /// What happened.
    pub what: What<'a>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// The conversation began.
    Open(Open),
    /// One recv of ours returned these bytes. That is not what the peer wrote in one go.
    In {
        /// The bytes.
        bytes: Cow<'a, [u8]>,
        /// Who sent the datagram, where that is not always the same peer.
        from: Option<String>,
    },
    /// One write of ours.
    Out {
        /// The bytes.
        bytes: Cow<'a, [u8]>,
        /// Whom the datagram went to, where that is not always the same peer.
        to: Option<String>,
    },
    /// A message was found among bytes already told by [`What::In`] or [`What::Out`].
    Frame {
        /// In which direction's stream.
        dir: Dir,
        /// Offset in that stream of the frame's first byte, header and delimiter included.
        off: u64,
        /// How many bytes of the stream it takes, header and delimiter included.
        len: u64,
    },
    /// The conversation ended.
    Close(Close),
    /// A disturbance was put in on purpose.
    Fault {
        /// Which.
        text: String,
    },
    /// Something that is worth a line.
    Note {
        /// What.
        text: String,
    },
    /// Something failed.
    Error {
        /// The stable code: `E-reset` and so on.
        code: String,
        /// The message.
        text: String,
    },
}

/// How a conversation began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Who called whom.
    pub role: Role,
    /// Our end, in the form of an endpoint.
    pub local: String,
    /// The peer's end. Read from a tape it is to be shown, never to be opened.
    pub peer: String,
    /// The transport: `tcp`, `udp`, `unix` …
    pub proto: String,
    /// The number of the conversation at the relay's other side.
    pub pair: Option<u64>,
}

/// How a conversation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// Whose doing it was.
    pub by: By,
    /// By which means.
    pub how: How,
    /// The explanation, where there is more to say.
    pub why: Option<String>,
}

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// We called.
    Dial,
    /// We were called.
    Accept,
}

/// Whose doing a close was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Ours.
    Us,
    /// The peer's.
    Peer,
}

/// By which means a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// In order: the end of the stream.
    Fin,
    /// Cut off.
    Rst,
    /// A time limit of ours ran out.
    Timer,
    /// Something failed.
    Error,
}

/// A direction, as seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dir {
    /// From the peer to us.
    In,
    /// From us to the peer.
    Out,
}

impl Event<'_> {
    /// The same event with bytes of its own.
    pub fn into_owned(self) -> Event<'static> {
        Event { t: self.t, c: self.c, what: self.what.into_owned() }
    }
}

impl What<'_> {
    /// The bytes that were read or written; none of another event.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::In { bytes, .. } | Self::Out { bytes, .. } => Some(bytes),
            _ => None,
        }
    }

    /// The same with bytes of its own.
    pub fn into_owned(self) -> What<'static> {
        match self {
            Self::Open(open) => What::Open(open),
            Self::In { bytes, from } => What::In { bytes: Cow::Owned(bytes.into_owned()), from },
            Self::Out { bytes, to } => What::Out { bytes: Cow::Owned(bytes.into_owned()), to },
            Self::Frame { dir, off, len } => What::Frame { dir, off, len },
            Self::Close(close) => What::Close(close),
            Self::Fault { text } => What::Fault { text },
            Self::Note { text } => What::Note { text },
            Self::Error { code, text } => What::Error { code, text },
        }
    }
}

impl fmt::Display for Role {
    /// The word that a tape uses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dial => "dial",
            Self::Accept => "accept",
        })
    }
}

impl fmt::Display for By {
    /// The word that a tape uses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Us => "us",
            Self::Peer => "peer",
        })
    }
}

impl fmt::Display for How {
    /// The word that a tape uses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fin => "fin",
            Self::Rst => "rst",
            Self::Timer => "timer",
            Self::Error => "error",
        })
    }
}

impl Dir {
    /// The word that a tape uses.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

impl fmt::Display for Dir {
    /// The word that a tape uses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
