//! The body of a request as what it means, and the numbers in its path.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::workbench::body::read;
use crate::workbench::refusal::Refusal;

/// A body of JSON, read.
#[derive(Clone, Debug)]
pub struct Posted<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Posted<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|error| Refusal::too_large(error.body_text()))?;
        read(&body).map(Self)
    }
}

/// What is named by numbers in the path.
#[derive(Clone, Copy, Debug)]
pub struct At<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let found = Path::from_request_parts(parts, state).await;
        let Path(named) =
            found.map_err(|_| Refusal::usage("a run, and what belongs to it, is a number"))?;
        Ok(Self(named))
    }
}
