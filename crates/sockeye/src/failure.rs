//! How a command ends: the exit code, and the lines that say why.

use sockeye_net::endpoint_error::EndpointError;
use sockeye_net::error::{Code, NetError};
use sockeye_tape::error::TapeError;
use sockeye_text::words::Language;
use sockeye_workbench::closing::Failure;
use sockeye_workbench::journal::error_lines;

/// Why a command failed, in the form that users see.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) code: String,
    pub(crate) text: String,
    pub(crate) hint: Option<String>,
}

impl Failed {
    /// The command line asks for something that makes no sense.
    pub(crate) fn usage(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: Code::Usage.to_string(), text: text.into(), hint: Some(hint.into()) }
    }

    /// A file or a device of this machine.
    pub(crate) fn io(text: impl Into<String>, error: &std::io::Error) -> Self {
        let text = format!("{}: {}", text.into(), sockeye_text::cause::plain(error));
        Self { code: Code::of(error).to_string(), text, hint: None }
    }

    /// 2 for usage, 3 for refused by policy or trust, 1 for the rest.
    pub(crate) fn exit(&self) -> u8 {
        match self.code.as_str() {
            "E-usage" => 2,
            "E-denied" => 3,
            code if code.starts_with("E-tls-") => 3,
            _ => 1,
        }
    }

    /// The lines for stderr.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = error_lines(&self.code, &self.text, self.hint.as_deref());
        lines.extend(self.translated());
        lines
    }

    /// What the code means, and the next step, in the language of whoever reads it; none where
    /// that is English.
    pub(crate) fn translated(&self) -> Option<String> {
        let words = language()?.words();
        let meant = words.get(&self.code)?;
        let hint = words.get(&format!("{}.hint", self.code));
        Some(match hint {
            Some(hint) => format!("说明：{meant}。{hint}"),
            None => format!("说明：{meant}"),
        })
    }
}

/// The language of messages (POSIX, 8.2: the first of these that is set), where it is Chinese.
fn language() -> Option<Language> {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    set.filter(|value| value.starts_with("zh")).map(|_| Language::Chinese)
}

impl From<NetError> for Failed {
    fn from(error: NetError) -> Self {
        Self { code: error.code().to_string(), text: error.to_string(), hint: error.hint() }
    }
}

impl From<EndpointError> for Failed {
    fn from(error: EndpointError) -> Self {
        Self { code: Code::Usage.to_string(), text: error.to_string(), hint: error.hint() }
    }
}

impl From<TapeError> for Failed {
    fn from(error: TapeError) -> Self {
        let hint = error.hint().map(str::to_owned);
        Self { code: Code::Io.to_string(), text: error.to_string(), hint }
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self::from(&failure)
    }
}

impl From<&Failure> for Failed {
    fn from(failure: &Failure) -> Self {
        Self {
            code: failure.code.to_string(),
            text: failure.text.clone(),
            hint: failure.hint.clone(),
        }
    }
}
