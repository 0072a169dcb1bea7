//! Which path and method is which question or order about runs.

mod looking;
mod managing;
mod telling;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{delete, get, post};

use crate::workbench::desk::Desk;

type Shared = State<Arc<Desk>>;

/// The routes; the state is the desk.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/api/runs", get(managing::all).post(managing::open))
        .route("/api/draft", post(managing::draft))
        .route("/api/runs/{id}", get(managing::one).delete(managing::forget))
        .route("/api/runs/{id}/end", post(managing::end))
        .route("/api/runs/{id}/again", post(managing::again))
        .route("/api/runs/{id}/name", post(managing::name))
        .route("/api/runs/{id}/send", post(telling::send))
        .route("/api/runs/{id}/preview", post(telling::preview))
        .route("/api/runs/{id}/finish", post(telling::finish))
        .route("/api/runs/{id}/kick", post(telling::kick))
        .route("/api/runs/{id}/stop-accepting", post(telling::stop_accepting))
        .route("/api/runs/{id}/control", post(telling::control))
        .route("/api/runs/{id}/answers", post(telling::answers))
        .route("/api/runs/{id}/faults", post(telling::faults))
        .route("/api/runs/{id}/sequences", post(telling::sequence))
        .route("/api/runs/{id}/sequences/{sequence}", delete(telling::stop_sequence))
        .route("/api/runs/{id}/rows", get(looking::rows))
        .route("/api/runs/{id}/events/{n}", get(looking::event))
        .route("/api/runs/{id}/bytes", get(looking::bytes))
        .route("/api/runs/{id}/said", get(looking::said))
        .route("/api/runs/{id}/rates", get(looking::rates))
        .route("/api/runs/{id}/look", get(looking::look))
        .route("/api/runs/{id}/info", get(looking::info))
        .route("/api/runs/{id}/diagram", get(looking::diagram))
        .route("/api/runs/{id}/detect", get(looking::detect))
        .route("/api/runs/{id}/shake", get(looking::shake))
        .route("/api/runs/{id}/rulers", get(looking::rulers))
        .route("/api/runs/{id}/lesson", get(looking::lesson).post(telling::lesson))
        .route("/api/runs/{id}/save", get(looking::saved))
}
