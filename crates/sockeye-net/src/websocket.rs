//! A WebSocket over any stream of bytes (RFC 6455): whole messages in and out, pings with
//! their round trips, and an end with a code and a reason. The two handshakes are beside it.
//!
//! Both halves of a conversation share it behind a lock that is held for a poll.

mod close;
pub(crate) mod ask;
pub(crate) mod offer;

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Utf8Bytes};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::came::{Came, Kind, NO_CLOSE_FRAME};
use crate::code::Breach;
use crate::options::Options;

/// The largest message that is taken unless `?max-message=` says other, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;
/// What a socket holds while it waits, in bytes.
const READ_AT_ONCE: usize = 8 * 1024;
/// Control frames that are taken before others get their turn.
const BUDGET: usize = 64;
/// Answers to the peer's pings that wait until it reads. A peer that pings on and reads nothing
/// is not read any more.
const PONGS: usize = 1024;
/// Pings whose answer has not come; older ones are given up.
const UNANSWERED: usize = 16;

/// How messages are sent and taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manner {
    /// What ours are; unset: text where the bytes are UTF-8, else binary.
    kind: Option<Kind>,
    /// The largest that is taken, in bytes.
    largest: usize,
    /// A ping so often.
    ping: Option<Duration>,
}

impl Manner {
    /// As an endpoint's options say.
    pub(crate) fn of(options: &Options) -> Self {
        let kind = match (options.text, options.binary) {
            (true, _) => Some(Kind::Text),
            (_, true) => Some(Kind::Binary),
            _ => None,
        };
        let largest = options.max_message.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
        let ping = options.ping.filter(|every| !every.is_zero());
        Self { kind, largest: largest.unwrap_or(LARGEST), ping }
    }

    fn config(self) -> WebSocketConfig {
        WebSocketConfig::default()
            .max_message_size(Some(self.largest))
            .max_frame_size(Some(self.largest))
            .read_buffer_size(READ_AT_ONCE)
    }
}

/// An open WebSocket.
#[derive(Debug)]
pub(crate) struct Socket<S> {
    stream: WebSocketStream<S>,
    kind: Option<Kind>,
    /// How many bytes are on their way out and not yet flushed.
    under_way: Option<usize>,
    /// What the peer said at its end.
    ended: Option<String>,
    /// Our own close has been sent.
    closed: bool,
    pings: Option<Interval>,
    /// The number of each ping whose answer has not come, and when it went.
    unanswered: VecDeque<(u64, Instant)>,
    next_ping: u64,
    /// Answers to the peer's pings since all was flushed last.
    pongs: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    fn of(stream: WebSocketStream<S>, manner: Manner) -> Self {
        let pings = manner.ping.map(|every| {
            let mut pings = interval(every);
            pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
            pings
        });
        Self {
            stream,
            kind: manner.kind,
            under_way: None,
            ended: None,
            closed: false,
            pings,
            unanswered: VecDeque::new(),
            next_ping: 0,
            pongs: 0,
        }
    }

    /// The stream that it runs over.
    pub(crate) fn get_ref(&self) -> &S {
        self.stream.get_ref()
    }

    /// The next message, the round trip of a ping of ours, or the peer's end. A peer that
    /// breaks the protocol is told so by a close code, and is an error.
    pub(crate) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Came>> {
        if let Some(words) = &self.ended {
            return Poll::Ready(Ok(Came::End(Some(words.clone()))));
        }
        self.ping_if_due(cx);
        for _ in 0..BUDGET {
            if self.pongs > 0 {
                match Pin::new(&mut self.stream).poll_flush(cx) {
                    Poll::Pending if self.pongs >= PONGS => return Poll::Pending,
                    // What cannot be sent is told by whoever sends.
                    Poll::Pending => {}
                    Poll::Ready(_) => self.pongs = 0,
                }
            }
            let Some(next) = ready!(Pin::new(&mut self.stream).poll_next(cx)) else {
                return self.end(NO_CLOSE_FRAME.to_owned());
            };
            match next {
                Ok(Message::Text(text)) => {
                    return Poll::Ready(Ok(Came::Message(
                        Vec::from(Bytes::from(text)),
                        Kind::Text,
                    )));
                }
                Ok(Message::Binary(bytes)) => {
                    return Poll::Ready(Ok(Came::Message(bytes.into(), Kind::Binary)));
                }
                Ok(Message::Pong(payload)) => {
                    if let Some(told) = self.answered(&payload) {
                        return Poll::Ready(Ok(Came::Told(told)));
                    }
                }
                // Its answer has been queued.
                Ok(Message::Ping(_)) => self.pongs += 1,
                Ok(Message::Frame(_)) => {}
                Ok(Message::Close(frame)) => {
                    let words = close::words(frame.as_ref());
                    // The answer to it has been queued; it goes out now, or at our own end.
                    let _not_yet = Pin::new(&mut self.stream).poll_flush(cx);
                    return self.end(words);
                }
                Err(error) => return self.broken(error, cx),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn end(&mut self, words: String) -> Poll<io::Result<Came>> {
        self.ended = Some(words.clone());
        Poll::Ready(Ok(Came::End(Some(words))))
    }

    fn broken(&mut self, error: Error, cx: &mut Context<'_>) -> Poll<io::Result<Came>> {
        match error {
            Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.end(NO_CLOSE_FRAME.to_owned())
            }
            Error::Io(error) => Poll::Ready(Err(error)),
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                self.end(NO_CLOSE_FRAME.to_owned())
            }
            error => {
                let code = close::code(&error);
                self.close_with(code, cx);
                Poll::Ready(Err(breach(&error)))
            }
        }
    }

    /// Tells a peer that broke the protocol why; it need not listen.
    fn close_with(&mut self, code: CloseCode, cx: &mut Context<'_>) {
        if self.closed {
            return;
        }
        self.closed = true;
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static("") };
        if Pin::new(&mut self.stream).start_send(Message::Close(Some(frame))).is_ok() {
            let _not_taken = Pin::new(&mut self.stream).poll_flush(cx);
        }
    }

    /// Sends one message, and says how long it was once it has been flushed. A call that is
    /// cancelled is to be made again with the same bytes.
    pub(crate) fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        kind: Option<Kind>,
    ) -> Poll<io::Result<usize>> {
        if self.under_way.is_none() {
            let message = message(bytes, kind.or(self.kind))?;
            ready!(Pin::new(&mut self.stream).poll_ready(cx)).map_err(sending)?;
            Pin::new(&mut self.stream).start_send(message).map_err(sending)?;
            self.under_way = Some(bytes.len());
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx)).map_err(sending)?;
        Poll::Ready(Ok(self.under_way.take().unwrap_or_default()))
    }

    /// Closes in order, code 1000; the peer's answer is still to be received.
    pub(crate) fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.closed && self.ended.is_none() {
            ready!(Pin::new(&mut self.stream).poll_ready(cx)).map_err(sending)?;
            self.closed = true;
            let code = CloseCode::Normal;
            let frame = CloseFrame { code, reason: Utf8Bytes::from_static("") };
            let close = Message::Close(Some(frame));
            Pin::new(&mut self.stream).start_send(close).map_err(sending)?;
        }
        Pin::new(&mut self.stream).poll_flush(cx).map_err(sending)
    }

    fn ping_if_due(&mut self, cx: &mut Context<'_>) {
        let Some(pings) = &mut self.pings else {
            return;
        };
        // Asked until it is not yet due, so that it wakes us then.
        while pings.poll_tick(cx).is_ready() {
            let payload = Bytes::copy_from_slice(&self.next_ping.to_be_bytes());
            if Pin::new(&mut self.stream).start_send(Message::Ping(payload)).is_err() {
                return;
            }
            if self.unanswered.len() >= UNANSWERED {
                self.unanswered.pop_front();
            }
            self.unanswered.push_back((self.next_ping, Instant::now()));
            self.next_ping += 1;
            let _not_yet = Pin::new(&mut self.stream).poll_flush(cx);
        }
    }

    /// The round trip of a ping of ours; a pong that answers none is nothing.
    fn answered(&mut self, payload: &[u8]) -> Option<String> {
        let number = u64::from_be_bytes(payload.try_into().ok()?);
        let place = self.unanswered.iter().position(|(sent, _)| *sent == number)?;
        let (_, sent) = self.unanswered.get(place)?;
        let trip = sockeye_text::units::Span(sent.elapsed()).to_string();
        // An answer to a later ping answers the earlier ones too (RFC 6455, 5.5.3).
        self.unanswered.drain(..=place);
        Some(format!("pong after {trip}"))
    }
}

fn message(bytes: &[u8], kind: Option<Kind>) -> io::Result<Message> {
    match (kind, std::str::from_utf8(bytes)) {
        (Some(Kind::Text) | None, Ok(text)) => Ok(Message::text(text)),
        (Some(Kind::Binary) | None, _) => Ok(Message::binary(bytes.to_vec())),
        (Some(Kind::Text), Err(error)) => {
            let why = format!("a text message is UTF-8, and byte {} is not", error.valid_up_to());
            Err(io::Error::new(io::ErrorKind::InvalidInput, why))
        }
    }
}

fn sending(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::SendAfterClosing) => io::ErrorKind::BrokenPipe.into(),
        error => breach(&error),
    }
}

fn breach(error: &Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Breach(close::said(error)))
}
