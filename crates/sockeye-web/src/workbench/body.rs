//! A request's body: taken in whole, within its bounds, before anything is answered; then the
//! answer's time is bounded.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::workbench::refusal::Refusal;
use crate::workbench::scope::Scope;

/// The body of who has a token, in bytes: a message of 1 MiB, each of its characters escaped.
const BODY: usize = 7 * 1024 * 1024;

/// The body of who has none.
const SMALL: usize = 16 * 1024;

/// How long the body of who has a token may take: 1 MiB over a line of 64 kbit/s.
const BODY_TIME: Duration = Duration::from_mins(3);

/// How long anybody's.
const BRIEF: Duration = Duration::from_secs(10);

/// From then to the answer's headers. What follows them has time as long as it moves.
const ANSWER: Duration = Duration::from_mins(2);

/// Bounds each request of what the router has by now. Behind the gate, which tells who has a
/// token.
pub(super) fn bounded(router: Router) -> Router {
    // Axum's own bound would be a second rule for the same thing.
    router.layer(DefaultBodyLimit::disable()).layer(from_fn(take_in))
}

async fn take_in(request: Request, next: Next) -> Result<Response, Infallible> {
    let (parts, body) = request.into_parts();
    let known = parts.extensions.get::<Scope>().is_some();
    let (most, within) = if known { (BODY, BODY_TIME) } else { (SMALL, BRIEF) };
    let too_large =
        || Refusal::too_large(format!("a body has at most {most} bytes here")).into_response();
    if body.size_hint().lower() > most as u64 {
        return Ok(too_large());
    }
    let body = match timeout(within, to_bytes(body, most)).await {
        Ok(Ok(body)) => body,
        // Or the other side is gone, and hears nothing.
        Ok(Err(_)) => return Ok(too_large()),
        Err(_) => return Ok(too_slow()),
    };
    let answer = next.run(Request::from_parts(parts, Body::from(body)));
    Ok(timeout(ANSWER, answer).await.unwrap_or_else(|_| too_slow()))
}

fn too_slow() -> Response {
    let text = "the request took too long";
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "E-timeout", text).into_response()
}

/// Reads a body of JSON.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let why = sockeye_text::safe::one_line(&error.to_string()).into_owned();
        Refusal::usage(format!("the body is not what is read here: {why}"))
    })
}

/// An answer of JSON.
pub fn answer(value: &impl Serialize) -> Response {
    // What is answered here has text for keys: it is always JSON.
    let body = serde_json::to_vec(value).unwrap_or_default();
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

/// Does on a thread of its own what may wait for a disk.
pub async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Refusal::ending()))
}
