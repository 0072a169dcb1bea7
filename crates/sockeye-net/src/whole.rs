//! Transports whose two directions share one state, so that no half can be split off: TLS.
//! Both halves of a stream hold the same one, each for the length of a poll.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::came::{Came, Kind};
use crate::scratch;
use crate::tls::{Secure, is_truncated};

/// What is said of a stream that ended without TLS's own end.
const TRUNCATED: &str = "no TLS close_notify before it: what came last may have been cut off";

/// A transport that both halves share.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Guards the transport's state; held for the length of a poll, never while waiting.
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
enum State {
    /// Bytes inside TLS; how many are on their way out and not yet flushed.
    Tls(Box<Secure>, Option<usize>),
}

impl Whole {
    /// A TLS connection.
    pub(crate) fn tls(stream: Secure) -> Self {
        Self::of(State::Tls(Box::new(stream), None))
    }

    fn of(state: State) -> Self {
        Self { state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What one recv brings, of a stream at most `limit` bytes.
    pub(crate) fn poll_recv(&self, cx: &mut Context<'_>, limit: usize) -> Poll<io::Result<Came>> {
        match &mut *self.state() {
            State::Tls(stream, _) => poll_bytes(stream, cx, limit).map(|read| match read {
                Err(error) if is_truncated(&error) => Ok(Came::End(Some(TRUNCATED.to_owned()))),
                read => read,
            }),
        }
    }

    /// Sends some of the bytes, or a message whole, and says how many went. A call that is
    /// cancelled is to be made again with the same bytes.
    pub(crate) fn poll_send(
        &self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        _kind: Option<Kind>,
    ) -> Poll<io::Result<usize>> {
        match &mut *self.state() {
            State::Tls(stream, under_way) => {
                if under_way.is_none() {
                    *under_way = Some(ready!(Pin::new(&mut *stream).poll_write(cx, bytes))?);
                }
                ready!(Pin::new(stream).poll_flush(cx))?;
                Poll::Ready(Ok(under_way.take().unwrap_or_default()))
            }
        }
    }

    /// Tells the other side that no more comes.
    pub(crate) fn poll_finish(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self.state() {
            State::Tls(stream, _) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    /// Whether one way can be ended while the other goes on.
    pub(crate) fn half_closes(&self) -> bool {
        match &*self.state() {
            State::Tls(..) => true,
        }
    }

    /// Whether what is sent is kept apart from what is sent next.
    pub(crate) fn keeps_messages(&self) -> bool {
        match &*self.state() {
            State::Tls(..) => false,
        }
    }

    /// Asks the socket underneath, where there is one.
    #[expect(clippy::unnecessary_wraps, reason = "a serial port has no socket")]
    pub(crate) fn ask_socket<R>(&self, question: impl FnOnce(&TcpStream) -> R) -> Option<R> {
        match &*self.state() {
            State::Tls(stream, _) => Some(question(stream.get_ref().0)),
        }
    }
}

/// What one recv of a stream of bytes returned; nothing is its end.
pub(crate) fn poll_bytes<S: AsyncRead + Unpin>(
    stream: &mut S,
    cx: &mut Context<'_>,
    limit: usize,
) -> Poll<io::Result<Came>> {
    scratch::with(limit, |space| {
        let mut buffer = ReadBuf::new(space);
        ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
        Poll::Ready(Ok(match buffer.filled() {
            [] => Came::End(None),
            bytes => Came::Bytes(bytes.to_vec()),
        }))
    })
}
