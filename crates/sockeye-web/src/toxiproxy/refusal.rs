//! What is answered instead: toxiproxy's errors, in its words, with its status codes.

use std::fmt::Display;

use serde::Serialize;
use sockeye_net::error::{Code, NetError};

/// Toxiproxy's `ApiError`, and what its clients do not know of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// What went wrong.
    pub error: String,
    /// The status code of the answer.
    pub status: u16,
    /// The next step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Ours, for the command line.
    #[serde(skip)]
    pub code: Code,
}

impl Refusal {
    fn new(status: u16, error: impl Into<String>) -> Self {
        Self { error: error.into(), status, hint: None, code: Code::Usage }
    }

    /// The body is not what was asked for.
    pub fn bad_body(why: impl Display) -> Self {
        Self::new(400, format!("bad request body: {why}"))
    }

    /// The body lacks this.
    pub fn missing(field: impl Display) -> Self {
        Self::new(400, format!("missing required field: {field}"))
    }

    /// What is asked for is refused, whoever asks.
    pub fn denied(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: Code::Denied, hint: Some(hint.into()), ..Self::new(400, why) }
    }

    /// More of them than there may be.
    pub fn too_many(why: impl Into<String>) -> Self {
        Self { code: Code::Limit, ..Self::new(400, why) }
    }

    /// It was tried, and failed: toxiproxy has no other status for a port in use.
    pub fn failed(error: &NetError) -> Self {
        Self { code: error.code(), hint: error.hint(), ..Self::new(500, error.to_string()) }
    }

    /// There is no proxy of that name.
    pub fn no_proxy() -> Self {
        Self::new(404, "proxy not found")
    }

    /// There is one of that name.
    pub fn proxy_exists() -> Self {
        Self::new(409, "proxy already exists")
    }

    /// There is no toxic of that name on the proxy.
    pub fn no_toxic() -> Self {
        Self::new(404, "toxic not found")
    }

    /// There is one of that name.
    pub fn toxic_exists() -> Self {
        Self::new(409, "toxic already exists")
    }

    /// There is no such sort of toxic.
    pub fn no_type() -> Self {
        Self::new(400, "invalid toxic type")
    }

    /// Neither up nor down.
    pub fn no_stream() -> Self {
        Self::new(400, "stream was invalid, can be either upstream or downstream")
    }

    /// It came while the run ended.
    pub fn ending() -> Self {
        Self::new(503, "the relay is ending")
    }
}
