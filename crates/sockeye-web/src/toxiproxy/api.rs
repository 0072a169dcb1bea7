//! Which path and method is which order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use serde::Serialize;
use sockeye_net::listen::Listener;
use sockeye_workbench::journal::Journal;
use tokio_util::sync::CancellationToken;

use crate::guard::protect;
use crate::server::{Pace, bounded, serve as serve_connections};
use crate::toxiproxy::VERSION;
use crate::toxiproxy::desk::{Desk, desk};
use crate::toxiproxy::draft;
use crate::toxiproxy::proxies::{Order, Proxies, Reply};

type Pair = Path<(String, String)>;

/// Serves the API at `own`, where the listener is, until `stop` is cancelled, then stops the
/// proxies.
pub async fn serve(
    listener: Listener,
    own: SocketAddr,
    proxies: Proxies,
    journal: Arc<Journal>,
    stop: CancellationToken,
) {
    let (desk, clerk) = desk(proxies);
    let told = |error: &io::Error| {
        let why = sockeye_text::cause::plain(error);
        journal.say(format!("warning: cannot accept for the API: {why}"));
    };
    let router = protect(bounded(router(desk)), own);
    let serving = serve_connections(listener, router, Pace::Brief, stop, told);
    // The desk is gone with the router.
    tokio::join!(serving, clerk.work());
}

fn router(desk: Desk) -> Router {
    Router::new()
        .route("/version", get(version))
        .route("/reset", post(reset))
        .route("/populate", post(populate))
        .route("/proxies", get(index).post(create))
        .route("/proxies/{proxy}", proxy())
        .route("/proxies/{proxy}/toxics", get(toxics).post(add_toxic))
        .route("/proxies/{proxy}/toxics/{toxic}", toxic())
        .with_state(desk)
}

fn proxy() -> MethodRouter<Desk> {
    get(show).post(update).patch(update).delete(delete)
}

fn toxic() -> MethodRouter<Desk> {
    get(show_toxic).post(update_toxic).patch(update_toxic).delete(remove_toxic)
}

#[derive(Serialize)]
struct Version {
    version: &'static str,
    sockeye: &'static str,
}

async fn version() -> Reply {
    Reply::json(200, &Version { version: VERSION, sockeye: env!("CARGO_PKG_VERSION") })
}

async fn index(State(desk): State<Desk>) -> Reply {
    desk.ask(Order::Index).await
}

async fn reset(State(desk): State<Desk>) -> Reply {
    desk.ask(Order::Reset).await
}

async fn create(State(desk): State<Desk>, body: Bytes) -> Result<Reply, Reply> {
    Ok(desk.ask(Order::Create(draft::read(&body)?)).await)
}

async fn populate(State(desk): State<Desk>, body: Bytes) -> Result<Reply, Reply> {
    let drafts = draft::read_list(&body)?;
    Ok(desk.ask(Order::Populate(drafts)).await)
}

async fn show(State(desk): State<Desk>, Path(name): Path<String>) -> Reply {
    desk.ask(Order::Show(name)).await
}

async fn update(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Reply, Reply> {
    Ok(desk.ask(Order::Update(name, draft::read(&body)?)).await)
}

async fn delete(State(desk): State<Desk>, Path(name): Path<String>) -> Reply {
    desk.ask(Order::Delete(name)).await
}

async fn toxics(State(desk): State<Desk>, Path(name): Path<String>) -> Reply {
    desk.ask(Order::Toxics(name)).await
}

async fn add_toxic(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Reply, Reply> {
    Ok(desk.ask(Order::AddToxic(name, draft::read(&body)?)).await)
}

async fn show_toxic(State(desk): State<Desk>, Path((proxy, toxic)): Pair) -> Reply {
    desk.ask(Order::ShowToxic(proxy, toxic)).await
}

async fn update_toxic(
    State(desk): State<Desk>,
    Path((proxy, toxic)): Pair,
    body: Bytes,
) -> Result<Reply, Reply> {
    Ok(desk.ask(Order::UpdateToxic(proxy, toxic, draft::read(&body)?)).await)
}

async fn remove_toxic(State(desk): State<Desk>, Path((proxy, toxic)): Pair) -> Reply {
    desk.ask(Order::RemoveToxic(proxy, toxic)).await
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match self.body {
            Some(body) => (status, [(CONTENT_TYPE, "application/json")], body).into_response(),
            None => status.into_response(),
        }
    }
}
