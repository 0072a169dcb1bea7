//! The accept loop of our HTTP servers: how many connections there are at once, and how long
//! each part of one may take. What is answered is the router's business.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::guard::protect;

/// So many connections at once; who comes beyond them is told so and cut off.
pub const CONNECTIONS: usize = 64;

/// A request's body, in bytes.
pub const BODY: usize = 1024 * 1024;

/// From a connection's open, or from the last answer, to the end of the next headers.
const HEADERS: Duration = Duration::from_secs(10);

/// From the end of the headers to the end of the body.
const BODY_TIME: Duration = Duration::from_secs(10);

/// From then to the answer.
const REQUEST: Duration = Duration::from_secs(25);

/// After so long a connection is closed behind the answer under way, which then has
/// [`REQUEST`] to be taken: who reads nothing holds a place no longer than this.
const CONNECTION: Duration = Duration::from_mins(2);

/// How long an answer under way may take once the run is to end.
const HASTE: Duration = Duration::from_secs(2);

/// How long accepting rests when this machine has no descriptor left.
const REST: Duration = Duration::from_millis(100);

/// How often that is told of.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// What who comes beyond [`CONNECTIONS`] is told.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 21\r\n\r\ntoo many connections\n";

/// Serves until `stop` is cancelled, behind the guard; answers that are under way are
/// finished. `told` hears of each failed accept.
///
/// # Errors
///
/// Where the listener has no address.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    told: impl Fn(&io::Error),
) -> io::Result<()> {
    let router = router.layer(from_fn(bounded));
    let router = protect(router, listener.local_addr()?);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut told_at: Option<Instant> = None;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((socket, _)) => match Arc::clone(&places).try_acquire_owned() {
                Ok(place) => {
                    connections.spawn(attend(socket, router.clone(), stop.clone(), place));
                }
                // It fits into any socket's empty buffer; who does not get it is cut off too.
                Err(_) => drop(socket.try_write(FULL)),
            },
            Err(error) => {
                if told_at.is_none_or(|at| at.elapsed() >= TOLD_EVERY) {
                    told(&error);
                    told_at = Some(Instant::now());
                }
                sleep(REST).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// Serves one connection to its end, which comes whatever the other side does.
async fn attend(
    socket: TcpStream,
    router: Router,
    stop: CancellationToken,
    _place: OwnedSemaphorePermit,
) {
    drop(socket.set_nodelay(true));
    let service = TowerToHyperService::new(router);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(64 * 1024);
    let mut connection = pin!(http.serve_connection(TokioIo::new(socket), service));
    tokio::select! {
        // What went wrong is the other side's doing, and it knows.
        _ = connection.as_mut() => return,
        () = stop.cancelled() => {}
        () = sleep(CONNECTION) => {}
    }
    connection.as_mut().graceful_shutdown();
    let haste = async {
        stop.cancelled().await;
        sleep(HASTE).await;
    };
    tokio::select! {
        _ = timeout(REQUEST, connection) => {}
        () = haste => {}
    }
}

/// Takes the whole body in, within its bounds, before anything is answered; then bounds the
/// answer's time.
async fn bounded(request: Request, next: Next) -> Result<Response, Infallible> {
    let (parts, body) = request.into_parts();
    let told = body.size_hint().lower();
    if told > BODY as u64 {
        return Ok(too_large());
    }
    let body = match timeout(BODY_TIME, to_bytes(body, BODY)).await {
        Ok(Ok(body)) => body,
        // Or the other side is gone, and hears nothing.
        Ok(Err(_)) => return Ok(too_large()),
        Err(_) => return Ok(too_slow()),
    };
    let answer = next.run(Request::from_parts(parts, Body::from(body)));
    Ok(timeout(REQUEST, answer).await.unwrap_or_else(|_| too_slow()))
}

fn too_large() -> Response {
    (StatusCode::PAYLOAD_TOO_LARGE, "a body of at most 1 MiB\n").into_response()
}

fn too_slow() -> Response {
    (StatusCode::REQUEST_TIMEOUT, "the request took too long\n").into_response()
}
