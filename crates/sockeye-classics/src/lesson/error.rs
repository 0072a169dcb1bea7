//! Why a lesson does not do what it is asked.

use sockeye_net::endpoint_error::EndpointError;
use sockeye_net::error::{Code, NetError};
use sockeye_text::cause::plain;

/// Why a lesson does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// A step is being taken.
    #[error("the step before is still being taken")]
    Busy,
    /// Every step has been taken.
    #[error("the lesson is over")]
    Over,
    /// That side cannot be typed at now.
    #[error("nobody reads what is typed there: {0}")]
    Unread(&'static str),
    /// Many lines wait there.
    #[error("{0} lines wait there for their turn")]
    Full(usize),
    /// A text that is no message.
    #[error("{0}")]
    Text(String),
    /// The lesson's own folder.
    #[error("cannot make the lesson's folder: {}", plain(.0))]
    Folder(#[from] std::io::Error),
    /// The lesson's own endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// A socket.
    #[error(transparent)]
    Net(#[from] NetError),
}

impl LessonError {
    /// Its code.
    pub fn code(&self) -> Code {
        match self {
            Self::Busy | Self::Over | Self::Unread(_) | Self::Text(_) | Self::Endpoint(_) => {
                Code::Usage
            }
            Self::Full(_) => Code::Limit,
            Self::Folder(error) => Code::of(error),
            Self::Net(error) => error.code(),
        }
    }

    /// The next step, where one is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Endpoint(error) => error.hint(),
            Self::Net(error) => error.hint(),
            _ => None,
        }
    }
}
