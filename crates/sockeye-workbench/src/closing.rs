//! The explained close: who hung up first, how, and what had gone over by then.

use std::fmt;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use sockeye_net::error::{Code, NetError};
use sockeye_net::mover::Means;
use sockeye_net::stream::Stream;
use sockeye_net::tcp_info::TcpInfo;
use sockeye_tape::event::{By, Close, How};
use sockeye_text::cause::plain;
use sockeye_text::units::{Grouped, Size, Span};

/// Why a conversation failed: what makes the exit other than 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stable code.
    pub code: Code,
    /// What failed, where and why.
    pub text: String,
    /// The next step.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure with the next step that its code suggests.
    pub fn new(code: Code, text: String) -> Self {
        let hint = match code {
            Code::Reset => "the peer closed with unread data, crashed, or was reset",
            Code::Refused => "nothing is bound to that port there: start the other side first",
            Code::Limit => "send it in pieces, or over a stream such as TCP",
            Code::Timeout => "the other side may be slow, or gone: wait longer, or ask it",
            Code::Integrity => {
                "somebody or something on the way changes bytes: what came before is unaltered"
            }
            Code::TlsAlert => {
                "the other side wants something else of us: a certificate (`cert=`, `key=`)?"
            }
            Code::Usage => "`--help` shows what can be given",
            _ => "`--view both` and `--tape FILE` show what went over",
        };
        Self { code, text, hint: Some(hint.to_owned()) }
    }

    /// Something that was asked for and makes no sense.
    pub fn usage(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: Code::Usage, text: text.into(), hint: Some(hint.into()) }
    }

    /// A script's other side that did not say what the tape has of it.
    pub fn differing(text: String) -> Self {
        let hint =
            "record this run by `--tape AGAIN`: `tape diff TAPE AGAIN` shows where they differ";
        Self { code: Code::Integrity, text, hint: Some(hint.to_owned()) }
    }

    /// A broken conversation with `peer`.
    pub fn broken(doing: &str, peer: &str, error: &io::Error) -> Self {
        Self::new(Code::of(error), format!("cannot {doing} `{peer}`: {}", plain(error)))
    }

    /// A child that did not end well; none where it did.
    pub fn of_child(command: &str, exit: &io::Result<ExitStatus>) -> Option<Self> {
        let how = match exit {
            Ok(status) if status.success() => return None,
            Ok(status) => status.to_string(),
            Err(error) => plain(error),
        };
        let text = format!("`{command}` did not end well: {how}");
        Some(Self::new(Code::Io, text))
    }
}

impl From<NetError> for Failure {
    fn from(error: NetError) -> Self {
        Self { code: error.code(), text: error.to_string(), hint: error.hint() }
    }
}

/// Bytes and frames that went over, each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent: taken by the kernel, which is not yet read by the peer.
    pub bytes_out: u64,
    /// Frames received.
    pub frames_in: u64,
    /// Frames sent.
    pub frames_out: u64,
}

/// What the kernel knew of a TCP connection when it was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastLook {
    /// The round-trip time.
    pub rtt: Option<Duration>,
    /// Bytes of ours that the peer's kernel had not acknowledged and that are worth a word.
    pub unacked: u64,
    /// What becomes of them.
    pub fate: Fate,
}

/// What becomes of bytes that the peer had not acknowledged when its connection was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// The system goes on sending them by itself; nobody will hear whether they arrived.
    #[default]
    Unknown,
    /// They are thrown away: the connection was reset.
    Lost,
}

/// How far a conversation has come when its connection is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parting {
    /// Whether our FIN was given to the kernel.
    pub our_end: bool,
    /// Whether the peer's has come.
    pub peers_end: bool,
    /// Whether the close will be a reset.
    pub fate: Fate,
}

impl LastLook {
    /// At a stream that is about to be closed; nothing where it is no TCP connection.
    pub fn at(stream: &Stream, parting: Parting) -> Self {
        TcpInfo::of(stream).map_or_else(Self::default, |info| Self::of(&info, parting))
    }

    /// The same where nobody asks for the round-trip time: what is worth a word, if anything
    /// is.
    pub(crate) fn in_short(stream: &Stream, parting: Parting) -> Self {
        if TcpInfo::all_is_acknowledged(stream) {
            return Self::default();
        }
        Self::at(stream, parting)
    }

    fn of(info: &TcpInfo, parting: Parting) -> Self {
        let Parting { our_end, peers_end, fate } = parting;
        // Of a connection that is over the kernel counts our FIN among them still.
        let fin = u64::from(info.over && our_end);
        // Bytes in flight when both sides have ended are no news: they could be sent.
        let in_order = our_end && peers_end && fate == Fate::Unknown && !info.over;
        let silent = in_order && info.unsent == 0 && info.unread == 0;
        // Unread bytes make any close a reset.
        let lost = info.unread > 0 || info.over;
        Self {
            rtt: Some(info.rtt),
            unacked: if silent { 0 } else { info.unacked.saturating_sub(fin) },
            fate: if lost { Fate::Lost } else { fate },
        }
    }

    /// What is worth a word.
    pub(crate) fn words(&self) -> Option<String> {
        let bytes = Grouped(self.unacked);
        let were = if self.unacked == 1 { "was" } else { "were" };
        match self.fate {
            _ if self.unacked == 0 => None,
            Fate::Lost => Some(format!("{bytes} B {were} never acknowledged by the peer")),
            Fate::Unknown => Some(format!("{bytes} B {were} not yet acknowledged by the peer")),
        }
    }
}

/// How a conversation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Who ended it first.
    pub by: By,
    /// By what.
    pub how: How,
    /// The reason in words, where the first two do not say it all.
    pub why: Option<String>,
    /// What went over.
    pub count: Count,
    /// Whether a framing was in force, so that frames are worth a word.
    pub framed: bool,
    /// From open to close.
    pub lasted: Duration,
    /// Whether what was expected came; true where nothing was.
    pub met: bool,
    /// Set where it did not end well.
    pub failure: Option<Failure>,
    /// Of TCP: what the kernel knew at the end.
    pub last_look: LastLook,
    /// How bytes that nobody looked at went out, and how they came in.
    pub moved: Option<(Means, Means)>,
}

impl Closing {
    /// What the tape keeps of it.
    pub fn event(&self) -> Close {
        let why = self.failure.as_ref().map(|failure| failure.text.clone());
        let why = why.or_else(|| self.why.clone());
        let parts: Vec<_> = why.into_iter().chain(self.last_look.words()).collect();
        let why = (!parts.is_empty()).then(|| parts.join("; "));
        Close { by: self.by, how: self.how, why }
    }

    /// The same in one line, with every byte counted, how they were moved, and the round-trip
    /// time where there was one.
    pub fn detailed(&self) -> String {
        let Count { bytes_in, bytes_out, .. } = self.count;
        let counted = format!("; {} B in, {} B out", Grouped(bytes_in), Grouped(bytes_out));
        let moved = self.moved.map(|(out, inward)| format!("; moved in by {inward}, out by {out}"));
        let rtt = self.last_look.rtt.map(|rtt| format!("; rtt {}", Span(rtt)));
        let rest = [Some(counted), moved, rtt].into_iter().flatten();
        rest.fold(self.to_string(), |text, more| text + &more)
    }
}

impl fmt::Display for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self.by {
            By::Us => "us",
            By::Peer => "the peer",
        };
        let how = match self.how {
            How::Fin => "FIN",
            How::Rst => "RST",
            How::Timer => "timer",
            How::Error => "error",
        };
        write!(f, "closed first by {by} ({how}")?;
        if let Some(why) = &self.why {
            write!(f, ": {why}")?;
        }
        let count = self.count;
        write!(f, "): {} in, {} out", Size(count.bytes_in), Size(count.bytes_out))?;
        if self.framed {
            let plural = if count.frames_in == 1 { "" } else { "s" };
            write!(f, ", {} frame{plural} in, {} out", count.frames_in, count.frames_out)?;
        }
        write!(f, ", {}", Span(self.lasted))?;
        if let Some(lost) = self.last_look.words() {
            write!(f, "; {lost}")?;
        }
        match &self.failure {
            Some(failure) => write!(f, "; failed: {}", failure.text),
            None => Ok(()),
        }
    }
}
