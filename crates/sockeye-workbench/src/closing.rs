//! The explained close: who hung up first, how, and what had gone over by then.

use std::fmt;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use sockeye_net::error::Code;
use sockeye_tape::event::{By, Close, How};
use sockeye_text::cause::plain;
use sockeye_text::units::{Size, Span};

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
}

impl Closing {
    /// What the tape keeps of it.
    pub fn event(&self) -> Close {
        let why = self.failure.as_ref().map(|failure| failure.text.clone());
        Close { by: self.by, how: self.how, why: why.or_else(|| self.why.clone()) }
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
        match &self.failure {
            Some(failure) => write!(f, "; failed: {}", failure.text),
            None => Ok(()),
        }
    }
}
