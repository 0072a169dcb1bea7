//! Coming in: a code or the password for a token; and links that let others look.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::workbench::body::{answer, read};
use crate::workbench::gate::bearer;
use crate::workbench::house::House;
use crate::workbench::refusal::Refusal;
use crate::workbench::scope::Scope;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    code: Option<String>,
    password: Option<String>,
}

#[derive(Serialize)]
struct Entered {
    token: String,
    may: &'static [&'static str],
}

/// `POST /api/enter`.
pub(super) async fn enter(
    State(house): State<Arc<House>>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let now = house.now();
    let (token, scope) = match read::<Key>(&body)? {
        Key { code: Some(code), password: None } => house.pass.enter_by_code(&code, now)?,
        Key { code: None, password: Some(password) } => {
            house.pass.enter_by_password(&password, now)?
        }
        _ => return Err(Refusal::usage("either `code` or `password` is to be given")),
    };
    Ok(answer(&Entered { token, may: scope.may() }))
}

/// `POST /api/leave`: the token that it shows is good no more.
pub(super) async fn leave(State(house): State<Arc<House>>, headers: HeaderMap) -> StatusCode {
    if let Some(token) = bearer(&headers) {
        house.pass.leave(token);
    }
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    may: String,
}

#[derive(Serialize)]
struct Shared {
    link: String,
}

/// `POST /api/share`.
pub(super) async fn share(
    State(house): State<Arc<House>>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let Share { may } = read(&body)?;
    if Scope::named(&may) != Some(Scope::Look) {
        return Err(Refusal::usage("what is shared may `look`, and no more").field("may"));
    }
    let shared = Shared { link: house.link(Scope::Look)? };
    Ok(answer(&shared))
}
