//! A conversation inside TLS, once the handshake is made: what one recv brings, what a send
//! took, and what its end says of itself. Both halves of a stream share it.

use std::io::{self, Read};
use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::net::RecvFlags;
use rustls::ConnectionCommon;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::{Secure, is_truncated};
use crate::came::{Filled, NO_CLOSE_NOTIFY};
use crate::code::tls as fault;

/// What is told of a stream that ended without TLS's own end (RFC 8446, section 6.1).
const TRUNCATED: &str = "the other side's end came without TLS's own end (close_notify): what \
    came last may have been cut off by somebody on the way";
/// The same at parting.
const PARTING: &str = NO_CLOSE_NOTIFY;
/// How often a socket that takes no more is read for the alert that says why.
const LOOKS: usize = 64;

/// A conversation inside TLS.
#[derive(Debug)]
pub(crate) struct Sealed {
    stream: Box<Secure>,
    /// How many bytes are on their way out and not yet flushed.
    under_way: Option<usize>,
    /// Whether it has been told that the end was cut.
    told: bool,
    /// Whether either side has broken it off by an alert: nothing may follow one that is
    /// fatal (RFC 8446, section 6.2).
    broken: bool,
}

impl Sealed {
    /// A connection whose handshake is made.
    pub(crate) fn new(stream: Box<Secure>) -> Self {
        Self { stream, under_way: None, told: false, broken: false }
    }

    /// The socket underneath.
    pub(crate) fn tcp(&self) -> &TcpStream {
        self.stream.get_ref().0
    }

    /// What one recv puts into `space`.
    pub(crate) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        space: &mut [u8],
    ) -> Poll<io::Result<Filled>> {
        let mut buffer = ReadBuf::new(space);
        let read = ready!(Pin::new(&mut *self.stream).poll_read(cx, &mut buffer));
        Poll::Ready(match read.map(|()| buffer.filled().len()) {
            Ok(count) => Ok(Filled::of(count)),
            Err(error) if is_truncated(&error) && !self.told => {
                self.told = true;
                Ok(Filled::Told(TRUNCATED.to_owned()))
            }
            Err(error) if is_truncated(&error) => Ok(Filled::End(Some(PARTING.to_owned()))),
            Err(error) => Err(self.fails(error)),
        })
    }

    fn fails(&mut self, error: io::Error) -> io::Error {
        self.broken |= fault::of_io(&error).is_some();
        fault::in_talk(error)
    }

    /// Sends some of the bytes, and says how many went: the socket has them, not just we. A
    /// call that is cancelled is to be made again with the same bytes.
    pub(crate) fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.broken {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        match self.poll_push(cx, bytes) {
            Poll::Ready(Err(error)) => {
                let error = self.blame(error);
                // What was found on the way is the other half's to take.
                cx.waker().wake_by_ref();
                Poll::Ready(Err(self.fails(error)))
            }
            pushed => pushed,
        }
    }

    fn poll_push(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let stream = &mut *self.stream;
        if self.under_way.is_none() {
            self.under_way = Some(ready!(Pin::new(&mut *stream).poll_write(cx, bytes))?);
        }
        ready!(Pin::new(stream).poll_flush(cx))?;
        Poll::Ready(Ok(self.under_way.take().unwrap_or_default()))
    }

    /// Tells the other side that no more comes: `close_notify` (none after an alert that is
    /// fatal), then FIN.
    pub(crate) fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream).poll_shutdown(cx)
    }

    /// Why a write failed: an alert that has come says it, the RST that followed it does not.
    fn blame(&mut self, error: io::Error) -> io::Error {
        let found = match &mut *self.stream {
            Secure::Client(stream) => {
                let (socket, session) = stream.get_mut();
                last_words(socket, session)
            }
            Secure::Server(stream) => {
                let (socket, session) = stream.get_mut();
                last_words(socket, session)
            }
        };
        found.map_or(error, |found| io::Error::new(io::ErrorKind::InvalidData, found))
    }
}

/// Takes what has come into the session, and returns the failure that is in it.
fn last_words<D>(
    socket: &TcpStream,
    session: &mut impl DerefMut<Target = ConnectionCommon<D>>,
) -> Option<rustls::Error> {
    for _ in 0..LOOKS {
        match session.read_tls(&mut Now(socket)) {
            Ok(1..) => {}
            Ok(0) | Err(_) => return None,
        }
        if let Err(error) = session.process_new_packets() {
            return Some(error);
        }
    }
    None
}

/// Reads what is there, and waits for nothing. It asks the kernel itself: what the runtime
/// knows of the socket is older than the write that failed.
struct Now<'s>(&'s TcpStream);

impl Read for Now<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let (count, _) = rustix::net::recv(self.0, space, RecvFlags::DONTWAIT)?;
        Ok(count)
    }
}
