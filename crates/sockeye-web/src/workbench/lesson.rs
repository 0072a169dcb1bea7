//! A lesson over HTTP: what a page asks of it, and what it is told. No route is in here, and
//! no run: whoever keeps the runs gives their numbers.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use sockeye_classics::catalogue::ROWS;
use sockeye_classics::lesson::Lesson;
use sockeye_classics::lesson::error::LessonError;
use sockeye_classics::lesson::step::{Side, Tongue};

use crate::workbench::refusal::Refusal;

/// The numbers of the two runs in which a lesson's events are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runs {
    /// The server's.
    pub server: u64,
    /// The client's.
    pub client: u64,
}

/// What is asked: the body of `POST /api/runs/{id}/lesson`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub enum Asked {
    /// The next step.
    Next,
    /// A text of one's own.
    Type {
        /// At which side: `server` or `client`.
        side: AskedSide,
        /// The text.
        text: String,
    },
}

/// A side, as it is written.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum AskedSide {
    /// The server's.
    Server,
    /// The client's.
    Client,
}

/// The language of prepared texts, by the page's.
pub fn tongue(language: Option<&str>) -> Tongue {
    match language {
        Some("zh-CN") => Tongue::Chinese,
        _ => Tongue::English,
    }
}

/// How the lesson stands.
pub fn show(lesson: &Lesson, runs: Runs) -> Value {
    let mut state = lesson.state();
    state.server.run = Some(runs.server);
    state.client.run = Some(runs.client);
    // It holds nothing that JSON cannot.
    serde_json::to_value(state).unwrap_or_default()
}

/// Does what is asked, then shows how it stands.
pub async fn act(lesson: &Lesson, asked: &Asked, runs: Runs) -> Result<Value, LessonError> {
    match asked {
        Asked::Next => lesson.next().await?,
        Asked::Type { side: AskedSide::Server, text } => lesson.say(Side::Server, text).await?,
        Asked::Type { side: AskedSide::Client, text } => lesson.say(Side::Client, text).await?,
    }
    Ok(show(lesson, runs))
}

/// A refusal, as the page reads it.
pub fn refused(error: &LessonError) -> Refusal {
    let status = match error {
        LessonError::Busy | LessonError::Over => StatusCode::CONFLICT,
        LessonError::Unread(_) | LessonError::Text(_) | LessonError::Endpoint(_) => {
            StatusCode::BAD_REQUEST
        }
        LessonError::Full(_) => StatusCode::TOO_MANY_REQUESTS,
        LessonError::Folder(_) | LessonError::Net(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let field = matches!(error, LessonError::Text(_)).then(|| "text".to_owned());
    let refusal = Refusal::new(status, error.code().to_string(), error.to_string());
    Refusal { hint: error.hint(), field, ..refusal }
}

/// The programs, for `about`.
pub fn programs() -> Vec<Value> {
    let shown = ROWS.iter().map(|row| {
        let transport = row.transport.to_string();
        json!({ "program": row.name, "port": row.port, "transport": transport })
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_page_asks_and_nothing_else() {
        let read = |text: &str| serde_json::from_str::<Asked>(text).ok();
        assert_eq!(read(r#"{"do":"next"}"#), Some(Asked::Next));
        let typed = Asked::Type { side: AskedSide::Server, text: "hi".to_owned() };
        assert_eq!(read(r#"{"do":"type","side":"server","text":"hi"}"#), Some(typed));
        for text in [r#"{"do":"run"}"#, r#"{"do":"type","side":"both","text":""}"#, "{}", "7"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(serde_json::from_str::<Asked>(r#"{"do":"type","side":"client"}"#).is_err());
    }

    #[test]
    fn tells_the_seventeen() {
        assert_eq!(programs().len(), 17);
    }
}
