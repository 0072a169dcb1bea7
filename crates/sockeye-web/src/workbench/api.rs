//! Which path and method is which question or order.

use std::io;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Extension, FromRef, Path, Request, State};
use axum::http::header::HeaderMap;
use axum::http::{Method, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};
use sockeye_net::listen::Listener;
use sockeye_workbench::journal::Journal;

use crate::server::{Pace, serve as serve_connections};
use crate::workbench::body::{answer, bounded};
use crate::workbench::desk::Desk;
use crate::workbench::door;
use crate::workbench::enter::{enter, leave, share};
use crate::workbench::files;
use crate::workbench::gate::{self, ENTER};
use crate::workbench::herald::herald;
use crate::workbench::house::House;
use crate::workbench::keepsakes;
use crate::workbench::lists::lists;
use crate::workbench::page;
use crate::workbench::refusal::Refusal;
use crate::workbench::routes as runs;
use crate::workbench::scope::Scope;
use crate::workbench::watch;

/// Serves the workbench until its run is to end.
pub async fn serve(listener: Listener, house: Arc<House>, desk: Arc<Desk>, journal: Arc<Journal>) {
    let told = |error: &io::Error| {
        let why = sockeye_text::cause::plain(error);
        journal.say(format!("warning: cannot accept for the workbench: {why}"));
    };
    let router =
        gate::protect(bounded(routes(Arc::clone(&house), Arc::clone(&desk))), Arc::clone(&house));
    let router = door::protect(router, Arc::clone(&house.own));
    let stop = house.setting.stop.clone();
    let heralding = tokio::spawn(herald(Arc::clone(&desk)));
    serve_connections(listener, router, Pace::Steady, stop, told).await;
    let kept = desk.close().await;
    if kept > 0 && house.setting.kept.is_some() {
        let runs = if kept == 1 { "1 run is" } else { &format!("{kept} runs are") };
        journal.say(format!("{runs} kept: the next `sockeye workbench` shows them again"));
    }
    heralding.abort();
    house.board.closed().await;
}

/// What the API's own questions are answered from.
#[derive(Clone, Debug)]
struct Served {
    house: Arc<House>,
    desk: Arc<Desk>,
}

impl FromRef<Served> for Arc<House> {
    fn from_ref(served: &Served) -> Self {
        Self::clone(&served.house)
    }
}

impl FromRef<Served> for Arc<Desk> {
    fn from_ref(served: &Served) -> Self {
        Self::clone(&served.desk)
    }
}

fn routes(house: Arc<House>, desk: Arc<Desk>) -> Router {
    let (keepsakes, files) = (Arc::clone(&house.keepsakes), Arc::clone(&house.files));
    Router::new()
        .route(ENTER, post(enter))
        .route("/api/about", get(about))
        .route("/api/leave", post(leave))
        .route("/api/share", post(share))
        .route("/api/watch", get(watch))
        .with_state(Served { house, desk: Arc::clone(&desk) })
        .merge(runs::routes().with_state(desk))
        .merge(keepsakes::routes(keepsakes))
        .merge(files::routes(files))
        .route("/words/{file}", get(words))
        .fallback(other)
        .method_not_allowed_fallback(async || Refusal::method())
}

/// What the page is to know of the server, and what its forms offer.
async fn about(State(house): State<Arc<House>>, Extension(scope): Extension<Scope>) -> Response {
    let setting = &house.setting;
    let mut about = lists();
    let own = json!({
        "sockeye": env!("CARGO_PKG_VERSION"),
        "instance": house.instance,
        "may": scope.may(),
        "exec": setting.exec,
        "login": house.pass.has_login(),
        "home": house.own.home(),
        "kept": setting.kept.as_ref().map(|kept| kept.display().to_string()),
        "now": millis(house.now()),
    });
    if let (Value::Object(about), Value::Object(own)) = (&mut about, own) {
        about.extend(own);
    }
    answer(&about)
}

/// Milliseconds since 1970.
fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

async fn watch(
    State(house): State<Arc<House>>,
    State(desk): State<Arc<Desk>>,
    request: Request,
) -> Result<Response, Refusal> {
    let (board, stop) = (Arc::clone(&house.board), house.setting.stop.clone());
    let hello = move || {
        let runs: Vec<Value> = desk.all().iter().map(|run| run.shown()).collect();
        json!({ "e": "hello", "instance": house.instance, "runs": runs }).to_string()
    };
    watch::open(&board, request, hello, stop)
}

async fn words(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, Refusal> {
    page::words(&file, &headers)
}

/// What has no route: a file of the page, or nothing.
async fn other(method: Method, target: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    let path = target.path();
    if path == "/api" || path.starts_with("/api/") {
        return Err(Refusal::none(format!(
            "nothing is at `{}` for {method}",
            sockeye_text::safe::one_line(path)
        )));
    }
    page::file(&target, &headers)
}
