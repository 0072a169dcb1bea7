//! Runs: opened, named, ended, forgotten.

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::workbench::draft::Draft;
use crate::workbench::meaning;
use crate::workbench::opening;
use crate::workbench::posted::{At, Posted};
use crate::workbench::refusal::{Refusal, asked};
use crate::workbench::routes::Shared;
use crate::workbench::routes::looking::blocking;
use crate::workbench::run::Run;

pub(super) async fn all(desk: Shared) -> Result<Json<Value>, Refusal> {
    let runs = blocking(move || {
        let runs: Vec<Value> = desk.all().iter().map(|run| run.shown()).collect();
        Ok(json!({ "runs": runs }))
    });
    runs.await.map(Json)
}

/// A run as a page sees it: asked on another thread than the one that its talk is on.
pub(super) async fn shown(run: Arc<Run>) -> Result<Json<Value>, Refusal> {
    blocking(move || Ok(run.shown())).await.map(Json)
}

pub(super) async fn open(desk: Shared, Posted(draft): Posted<Draft>) -> Result<Response, Refusal> {
    let run = opening::open(&desk, draft).await?;
    Ok((StatusCode::CREATED, shown(run).await?).into_response())
}

pub(super) async fn draft(desk: Shared, Posted(draft): Posted<Draft>) -> Result<Response, Refusal> {
    let reach = desk.setting.reach;
    // Patterns may take their time.
    let meant = blocking(move || {
        meaning::read(&draft, reach).map(|_| json!({ "command": draft.command() }))
    });
    asked(meant.await)
}

pub(super) async fn one(desk: Shared, At(id): At<u64>) -> Result<Json<Value>, Refusal> {
    shown(desk.run(id)?).await
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
    Ok((StatusCode::CREATED, shown(run).await?).into_response())
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
    shown(run).await
}
