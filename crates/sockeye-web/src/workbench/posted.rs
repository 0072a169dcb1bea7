//! The body of a request as what it means.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
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
