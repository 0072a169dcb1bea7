//! What is answered instead: one form of error for the whole API, in JSON.

use std::borrow::Cow;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sockeye_net::endpoint_error::EndpointError;
use sockeye_net::error::NetError;
use sockeye_tape::error::TapeError;
use sockeye_workbench::closing::Failure;

/// How long who tried too often is to wait, in seconds.
pub const WAIT: u64 = 60;

/// An error, as the page reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The status code of the answer.
    #[serde(skip)]
    pub status: StatusCode,
    /// The stable code: a key of `errors.json`.
    pub code: Cow<'static, str>,
    /// What failed, where and why, in English.
    pub text: String,
    /// The next step.
    pub hint: Option<String>,
    /// The field of what was sent that is wrong.
    pub field: Option<String>,
}

impl Refusal {
    /// An error without a next step.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        text: impl Into<String>,
    ) -> Self {
        Self { status, code: code.into(), text: text.into(), hint: None, field: None }
    }

    /// The same with a next step.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same of a field.
    #[must_use]
    pub fn field(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// What was asked for is not to be understood.
    pub fn usage(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "E-usage", text)
    }

    /// No token, or none of ours.
    pub fn no_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "E-token", "the request shows no token of this server")
            .hint("open the link that `sockeye workbench` printed, or start it anew for another")
    }

    /// Refused by policy, whoever asks so.
    pub fn denied(text: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "E-denied", text)
    }

    /// Nothing is there.
    pub fn none(text: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "E-none", text)
    }

    /// It is there, and answers another method.
    pub fn method() -> Self {
        let text = "what is there does not answer this method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "E-method", text)
    }

    /// It cannot be done as things stand.
    pub fn conflict(text: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "E-busy", text)
    }

    /// Somebody else changed it first.
    pub fn changed() -> Self {
        let text = "it was changed since it was read";
        Self::new(StatusCode::PRECONDITION_FAILED, "E-changed", text)
            .hint("read it again, and put the change on that")
    }

    /// More than there may be.
    pub fn too_large(text: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "E-limit", text)
    }

    /// Tried too often.
    pub fn too_often() -> Self {
        let text = "too many wrong codes or passwords";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "E-attempts", text)
            .hint("wait a minute, then try once more")
    }

    /// No more of them at once.
    pub fn too_many(text: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "E-limit", text)
    }

    /// It came while the run ended.
    pub fn ending() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "E-ending", "the workbench is ending")
    }

    /// It was tried, and failed.
    pub fn failed(code: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, text)
    }

    /// Whether another question would have an answer.
    fn is_about_the_question(&self) -> bool {
        matches!(
            self.status,
            StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::PAYLOAD_TOO_LARGE
        )
    }

    /// A file of this machine that cannot be read or written.
    pub fn io(what: &str, error: &std::io::Error) -> Self {
        let code = sockeye_net::error::Code::of(error).to_string();
        Self::failed(code, format!("{what}: {}", sockeye_text::cause::plain(error)))
    }
}

/// An answer to a question that may be half typed, as a draft, a preview, or a search: what is
/// wrong with it is the answer, and no failed request in the browser's console.
pub fn asked<T: Serialize>(result: Result<T, Refusal>) -> Result<Response, Refusal> {
    #[derive(Serialize)]
    struct Refused {
        refused: Refusal,
    }
    match result {
        Ok(answer) => Ok(Json(answer).into_response()),
        Err(refused) if refused.is_about_the_question() => {
            Ok(Json(Refused { refused }).into_response())
        }
        Err(refusal) => Err(refusal),
    }
}

impl From<EndpointError> for Refusal {
    fn from(error: EndpointError) -> Self {
        let hint = error.hint();
        Self { hint, ..Self::usage(error.to_string()) }
    }
}

impl From<TapeError> for Refusal {
    fn from(error: TapeError) -> Self {
        let hint = error.hint().map(str::to_owned);
        Self { hint, ..Self::failed("E-io", error.to_string()) }
    }
}

impl From<&Failure> for Refusal {
    fn from(failure: &Failure) -> Self {
        let hint = failure.hint.clone();
        Self { hint, ..Self::failed(failure.code.to_string(), failure.text.clone()) }
    }
}

impl From<NetError> for Refusal {
    fn from(error: NetError) -> Self {
        Self::from(&error)
    }
}

impl From<&NetError> for Refusal {
    fn from(error: &NetError) -> Self {
        let refusal = Self::failed(error.code().to_string(), error.to_string());
        Self { hint: error.hint(), ..refusal }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // Text and numbers are always JSON.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(RETRY_AFTER, HeaderValue::from(WAIT));
            }
            _ => {}
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use sockeye_net::error::Code;
    use sockeye_text::words::Language;

    use super::*;

    #[test]
    fn every_code_has_its_words_in_both_languages() {
        let own = [
            Refusal::usage(""),
            Refusal::no_token(),
            Refusal::denied(""),
            Refusal::none(""),
            Refusal::method(),
            Refusal::conflict(""),
            Refusal::changed(),
            Refusal::too_large(""),
            Refusal::too_often(),
            Refusal::too_many(""),
            Refusal::ending(),
            Refusal::new(StatusCode::UNAUTHORIZED, "E-enter", ""),
        ];
        let own = own.into_iter().map(|refusal| refusal.code.into_owned());
        let all: Vec<String> = Code::ALL.iter().map(ToString::to_string).chain(own).collect();
        for language in Language::ALL {
            for code in &all {
                let hint = format!("{code}.hint");
                let has = |key: &str| language.words().contains_key(key);
                assert!(has(code) && has(&hint), "{code} in {}", language.name());
            }
        }
    }
}
