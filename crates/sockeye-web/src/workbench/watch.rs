//! What the page is told without asking: messages of text over a WebSocket. Whoever tells
//! waits for nobody: a page that does not read is cut off, and comes again.
//!
//! What the messages say is the business of who tells them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{StatusCode, Version};
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_util::sync::CancellationToken;

use crate::workbench::refusal::Refusal;

/// What is spoken.
const PROTOCOL: &str = "sockeye.1";

/// So many pages watch at once.
const PAGES: usize = 32;

/// So much may wait for one page, in bytes.
pub const WAITING: usize = 1024 * 1024;

/// The largest message of a page's that is read, and ignored, in bytes.
const HEARD: usize = 1024;

/// How often a page hears that we are there.
const BEAT: Duration = Duration::from_secs(5);

/// How long a page may take for one message, or for its part of the close.
const TAKEN: Duration = Duration::from_secs(20);

/// How long the pages have at the end of the run.
const PARTING: Duration = Duration::from_secs(1);

/// The pages that watch.
#[derive(Debug)]
pub struct Board {
    /// Guards who is told; nothing is awaited under it.
    lines: Mutex<Vec<Line>>,
    places: Arc<Semaphore>,
}

/// The way to one page.
#[derive(Clone, Debug)]
struct Line {
    messages: UnboundedSender<Utf8Bytes>,
    /// How many bytes of messages are in the channel or on their way out.
    waiting: Arc<AtomicUsize>,
    /// The page is to be cut off.
    cut: CancellationToken,
}

/// The page's end of its line.
#[derive(Debug)]
struct Ear {
    messages: UnboundedReceiver<Utf8Bytes>,
    waiting: Arc<AtomicUsize>,
    cut: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Default for Board {
    fn default() -> Self {
        Self { lines: Mutex::default(), places: Arc::new(Semaphore::new(PAGES)) }
    }
}

impl Board {
    fn lines(&self) -> MutexGuard<'_, Vec<Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anybody would hear it.
    pub fn is_watched(&self) -> bool {
        !self.lines().is_empty()
    }

    /// Tells every page. Who has [`WAITING`] bytes waiting is cut off instead.
    pub fn tell(&self, text: impl Into<Utf8Bytes>) {
        let text = text.into();
        self.lines().retain(|line| line.take(&text));
    }

    fn join(&self) -> Result<Ear, Refusal> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            Refusal::too_many(format!("{PAGES} pages watch already")).hint("close one of them")
        })?;
        let (sender, messages) = unbounded_channel();
        let (waiting, cut) = (Arc::default(), CancellationToken::new());
        let line = Line { messages: sender, waiting: Arc::clone(&waiting), cut: cut.clone() };
        self.lines().push(line);
        Ok(Ear { messages, waiting, cut, _place: place })
    }

    /// Waits until the last page is gone, or has had its time, once the run ends.
    pub async fn closed(&self) {
        let all = u32::try_from(PAGES).unwrap_or(u32::MAX);
        // Those who are late are cut off with the process.
        drop(timeout(2 * PARTING, self.places.acquire_many(all)).await);
    }
}

impl Line {
    /// Whether the page is still there to be told.
    fn take(&self, text: &Utf8Bytes) -> bool {
        let size = text.len();
        if self.waiting.fetch_add(size, Ordering::Relaxed) + size > WAITING {
            self.cut.cancel();
            return false;
        }
        self.messages.send(text.clone()).is_ok()
    }
}

/// Answers the handshake (RFC 6455, 4.2), and tells the page from then on: first `hello`,
/// made, on a thread that may wait, once nothing that is told can be missed; then what the board is told.
pub fn open(
    board: &Board,
    mut request: Request,
    hello: impl FnOnce() -> String + Send + 'static,
    stop: CancellationToken,
) -> Result<Response, Refusal> {
    let accept = accepted(&request)?;
    let upgrade = hyper::upgrade::on(&mut request);
    let ear = board.join()?;
    tokio::spawn(tell(upgrade, ear, hello, stop));
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}

/// The answer to the request's key, if it is a WebSocket's handshake.
fn accepted(request: &Request) -> Result<HeaderValue, Refusal> {
    let headers = request.headers();
    let upgrades = lists(headers, &CONNECTION, "upgrade") && lists(headers, &UPGRADE, "websocket");
    let version = headers.get(SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24);
    let key = key.filter(|_| upgrades && version && request.version() == Version::HTTP_11);
    let accept = key.and_then(|key| derive_accept_key(key.as_bytes()).try_into().ok());
    let accept = accept.ok_or_else(|| {
        let text = "this is watched over a WebSocket (RFC 6455, version 13)";
        Refusal::new(StatusCode::UPGRADE_REQUIRED, "E-usage", text)
    })?;
    if !offered(headers).any(|protocol| protocol == PROTOCOL) {
        return Err(Refusal::usage(format!("the subprotocol here is `{PROTOCOL}`")));
    }
    Ok(accept)
}

/// The subprotocols that a WebSocket's client offers (RFC 6455, 11.3.4).
pub(super) fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    words(headers, &SEC_WEBSOCKET_PROTOCOL)
}

/// Whether a header that is a list of words has the word.
fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    words(headers, name).any(|own| own.eq_ignore_ascii_case(word))
}

fn words<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> + use<'h> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

async fn tell(
    upgrade: OnUpgrade,
    ear: Ear,
    hello: impl FnOnce() -> String + Send + 'static,
    stop: CancellationToken,
) {
    // Who has gone in between knows it.
    let Ok(Ok(upgraded)) = timeout(TAKEN, upgrade).await else { return };
    let config =
        WebSocketConfig::default().max_message_size(Some(HEARD)).max_frame_size(Some(HEARD));
    let io = TokioIo::new(upgraded);
    let mut page = Page(WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await);
    let cut = ear.cut.clone();
    let Ok(hello) = spawn_blocking(hello).await else { return };
    let close = tokio::select! {
        close = page.talk(ear, hello) => close,
        // Nothing more fits into it: no word at parting does.
        () = cut.cancelled() => return,
        () = stop.cancelled() => Some(CloseCode::Away),
    };
    if let Some(code) = close {
        drop(timeout(PARTING, page.close(code)).await);
    }
}

struct Page(WebSocketStream<TokioIo<Upgraded>>);

impl Page {
    /// Talks until the page ends it; the code that it is to be closed by, if it is there to be
    /// told.
    async fn talk(&mut self, mut ear: Ear, hello: String) -> Option<CloseCode> {
        self.send(hello.into()).await?;
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.tick().await;
        loop {
            tokio::select! {
                message = ear.messages.recv() => {
                    let message = message?;
                    let size = message.len();
                    self.send(message).await?;
                    ear.waiting.fetch_sub(size, Ordering::Relaxed);
                }
                _ = beat.tick() => self.send(Utf8Bytes::from_static(r#"{"e":"beat"}"#)).await?,
                heard = self.0.next() => match heard? {
                    // Pings and a close are answered underneath; the rest has no meaning.
                    Ok(_) => {}
                    Err(Error::ConnectionClosed) => return None,
                    Err(Error::Capacity(_)) => return Some(CloseCode::Size),
                    Err(Error::Utf8(_)) => return Some(CloseCode::Invalid),
                    Err(_) => return Some(CloseCode::Protocol),
                },
            }
        }
    }

    async fn send(&mut self, text: Utf8Bytes) -> Option<()> {
        timeout(TAKEN, self.0.send(Message::Text(text))).await.ok()?.ok()
    }

    /// Says why, and waits for the page's own close.
    async fn close(&mut self, code: CloseCode) {
        let frame = CloseFrame { code, reason: Utf8Bytes::default() };
        if self.0.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = self.0.next().await {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_does_not_read_is_cut_off_and_holds_nobody_up() {
        let board = Board::default();
        let (slow, mut quick) = (board.join().expect("a place"), board.join().expect("a place"));
        let text = "x".repeat(WAITING / 16);
        for _ in 0..16 {
            board.tell(text.clone());
            let message = quick.messages.try_recv().expect("told");
            quick.waiting.fetch_sub(message.len(), Ordering::Relaxed);
        }
        assert!(!slow.cut.is_cancelled());
        board.tell("x");
        assert!(slow.cut.is_cancelled() && !quick.cut.is_cancelled());
        assert_eq!(quick.messages.try_recv().expect("told"), "x");
        assert_eq!(board.lines().len(), 1);
        drop(quick);
        board.tell("x");
        assert!(!board.is_watched());
    }
}
