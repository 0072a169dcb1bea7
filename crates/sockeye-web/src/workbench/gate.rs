//! Behind the door and before everything of the API: a token that may what is asked for.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, HeaderMap};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};

use crate::workbench::door::{Asked, Kind};
use crate::workbench::house::House;
use crate::workbench::refusal::Refusal;
use crate::workbench::scope::Scope;
use crate::workbench::watch::offered;

/// The one path of the API that is open to who has no token yet.
pub(super) const ENTER: &str = "/api/enter";

/// Puts the gate before everything that the router has by now. The request goes on with the
/// [`Scope`] of its token.
pub(super) fn protect(router: Router, house: Arc<House>) -> Router {
    router.layer(from_fn(move |request, next| {
        let house = Arc::clone(&house);
        async move { admit(&house, request, next).await }
    }))
}

async fn admit(house: &House, mut request: Request, next: Next) -> Response {
    let kind = Asked::of(request.method(), request.uri(), request.headers()).kind();
    let path = request.uri().path();
    if kind == Kind::File || (kind == Kind::Api && path == ENTER) {
        return next.run(request).await;
    }
    let token = token(request.headers(), kind);
    let Some(scope) = token.and_then(|token| house.pass.scope(token, house.now())) else {
        return Refusal::no_token().into_response();
    };
    if scope < Scope::needed(request.method(), path) {
        return Refusal::denied("this token may look, and change nothing")
            .hint("open the workbench by its own link")
            .into_response();
    }
    request.extensions_mut().insert(scope);
    next.run(request).await
}

/// The token that a request shows: `Authorization: Bearer` (RFC 6750, 2.1), or, where a page
/// can set no header, a WebSocket's subprotocol `bearer.TOKEN`.
fn token(headers: &HeaderMap, kind: Kind) -> Option<&str> {
    if headers.contains_key(AUTHORIZATION) {
        return bearer(headers);
    }
    if kind != Kind::Socket {
        return None;
    }
    offered(headers).find_map(|protocol| protocol.strip_prefix("bearer."))
}

/// The token of `Authorization`, where there is one.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut shown = headers.get_all(AUTHORIZATION).into_iter();
    let (scheme, token) = shown.next()?.to_str().ok()?.split_once(' ')?;
    let one = shown.next().is_none() && scheme.eq_ignore_ascii_case("bearer");
    one.then_some(token)
}
