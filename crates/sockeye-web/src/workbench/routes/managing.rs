//! Runs: opened, named, ended, forgotten.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::workbench::draft::Draft;
use crate::workbench::meaning;
use crate::workbench::opening;
use crate::workbench::posted::{At, Posted};
use crate::workbench::refusal::Refusal;
use crate::workbench::routes::Shared;

pub(super) async fn all(desk: Shared) -> Json<Value> {
    let runs: Vec<Value> = desk.all().iter().map(|run| run.shown()).collect();
    Json(json!({ "runs": runs }))
}

pub(super) async fn open(desk: Shared, Posted(draft): Posted<Draft>) -> Result<Response, Refusal> {
    let run = opening::open(&desk, draft).await?;
    Ok((StatusCode::CREATED, Json(run.shown())).into_response())
}

pub(super) async fn draft(
    desk: Shared,
    Posted(draft): Posted<Draft>,
) -> Result<Json<Value>, Refusal> {
    meaning::read(&draft, desk.setting.reach)?;
    Ok(Json(json!({ "command": draft.command() })))
}

pub(super) async fn one(desk: Shared, At(id): At<u64>) -> Result<Json<Value>, Refusal> {
    Ok(Json(desk.run(id)?.shown()))
}

pub(super) async fn forget(desk: Shared, At(id): At<u64>) -> Result<StatusCode, Refusal> {
    desk.forget(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn end(desk: Shared, At(id): At<u64>) -> Result<StatusCode, Refusal> {
    desk.run(id)?.parts.stop.cancel();
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn again(desk: Shared, At(id): At<u64>) -> Result<Response, Refusal> {
    let draft = desk.run(id)?.parts.draft.clone();
    let run = opening::open(&desk, draft).await?;
    Ok((StatusCode::CREATED, Json(run.shown())).into_response())
}

/// What a run is to be called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Name {
    name: String,
}

pub(super) async fn name(
    desk: Shared,
    At(id): At<u64>,
    Posted(Name { name }): Posted<Name>,
) -> Result<Json<Value>, Refusal> {
    let run = desk.run(id)?;
    meaning::name(&name)?;
    run.rename(name);
    Ok(Json(run.shown()))
}
