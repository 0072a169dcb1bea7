//! The accept loop of our HTTP servers: how many connections there are at once, and how long
//! each part of one may take. What is answered is the router's business.

use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
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
use sockeye_net::arrival::Arrival;
use sockeye_net::listen::Listener;
use sockeye_net::stream::{Stream, Writer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::guard::Guarded;

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

/// How long one answer may take to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Answers are short: 25 s, whatever moves.
    Brief,
    /// There are files among them: as long as bytes move within 25 s.
    Steady,
}

/// Serves until `stop` is cancelled; answers that are under way are finished. `told` hears of
/// each failed accept. A connection that was upgraded is no more of this loop's: who took it
/// bounds it.
pub async fn serve(
    listener: Listener,
    Guarded(router): Guarded,
    pace: Pace,
    stop: CancellationToken,
    told: impl Fn(&io::Error),
) {
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
            Ok(arrival) => match Arc::clone(&places).try_acquire_owned() {
                Ok(place) => {
                    let serving = attend(arrival, router.clone(), pace, stop.clone());
                    connections.spawn(hold(place, serving));
                }
                Err(_) => turn_away(&arrival),
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
}

async fn hold(_place: OwnedSemaphorePermit, serving: impl Future<Output = ()>) {
    serving.await;
}

/// Says why, where no handshake goes before: it fits into any socket's empty buffer, and who
/// does not get it is cut off too.
fn turn_away(arrival: &Arrival) {
    if let Arrival::Ready(Stream { writer: Writer::Tcp(half), .. }) = arrival {
        drop(half.try_write(FULL));
    }
}

/// Serves one connection to its end, which comes whatever the other side does.
async fn attend(arrival: Arrival, router: Router, pace: Pace, stop: CancellationToken) {
    let carried = tokio::select! {
        carried = arrival.carry() => carried,
        () = stop.cancelled() => return,
    };
    // Who came to no handshake knows it.
    let Ok(carrier) = carried else { return };
    let moved = Arc::new(AtomicU64::new(0));
    let carrier = Watched { carrier, moved: Arc::clone(&moved) };
    let service = TowerToHyperService::new(router);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(64 * 1024);
    let connection = http.serve_connection(TokioIo::new(carrier), service).with_upgrades();
    let mut connection = pin!(connection);
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
        _ = connection => {}
        () = stalled(&moved, pace) => {}
        () = haste => {}
    }
}

/// Waits until the last answer has had its time.
async fn stalled(moved: &AtomicU64, pace: Pace) {
    loop {
        let before = moved.load(Ordering::Relaxed);
        sleep(REQUEST).await;
        if pace == Pace::Brief || moved.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

/// A connection whose bytes, both ways, are counted.
struct Watched<C> {
    carrier: C,
    moved: Arc<AtomicU64>,
}

impl<C> Watched<C> {
    fn count(&self, bytes: usize) {
        self.moved.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for Watched<C> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.carrier).poll_read(cx, buffer);
        this.count(buffer.filled().len() - before);
        polled
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for Watched<C> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.carrier).poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = polled {
            this.count(count);
        }
        polled
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().carrier).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().carrier).poll_shutdown(cx)
    }
}

/// Before each answer of the router the whole body is taken in, within its bounds; then the
/// answer's time is bounded.
pub fn bounded(router: Router) -> Router {
    router.layer(from_fn(take_in))
}

async fn take_in(request: Request, next: Next) -> Result<Response, Infallible> {
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
