//! One open stream, whatever carries it: a reading and a writing half, and the facts
//! that are known of it. Dialling and accepting are elsewhere.

use std::io;
use std::pin::Pin;
use std::process::ExitStatus;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpStream, UnixStream, tcp, unix};
use tokio::process::{ChildStdin, ChildStdout};

use crate::gone::{Gone, Presence};
use crate::interfaces::unmapped;
use crate::keeper::Keeper;

/// What is known of an open conversation: how it is carried, and between whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// `tcp`, `udp`, `unix`, `unixgram`, `exec`, `stdio`, `file`.
    pub proto: &'static str,
    /// This side, as an endpoint without its scheme.
    pub local: String,
    /// The other side, likewise.
    pub peer: String,
}

/// An open stream.
#[derive(Debug)]
pub struct Stream {
    /// The half that bytes come from.
    pub reader: Reader,
    /// The half that bytes go to.
    pub writer: Writer,
    /// Between whom.
    pub facts: Facts,
}

impl Stream {
    /// A TCP connection.
    pub fn tcp(socket: TcpStream) -> Self {
        let text = |address: io::Result<std::net::SocketAddr>| {
            address.map_or_else(|_| "?".to_owned(), |address| unmapped(address).to_string())
        };
        let facts = Facts {
            proto: "tcp",
            local: text(socket.local_addr()),
            peer: text(socket.peer_addr()),
        };
        let (reader, writer) = socket.into_split();
        Self { reader: Reader::Tcp(reader), writer: Writer::Tcp(writer), facts }
    }

    /// A Unix stream; `at` is the path or name that both ends know it by.
    pub fn unix(socket: UnixStream, facts: Facts) -> Self {
        let (reader, writer) = socket.into_split();
        Self { reader: Reader::Unix(reader), writer: Writer::Unix(writer), facts }
    }

    /// Whether the other side is there to read what we send, after its end came.
    pub fn gone(&mut self) -> Gone {
        match (&mut self.reader, &self.writer) {
            (_, Writer::Nothing) => Gone::Yes,
            (Reader::Child(child), _) => {
                if child.1.has_ended() {
                    Gone::Yes
                } else {
                    Gone::No
                }
            }
            _ => self.presence().gone(),
        }
    }

    /// A way to ask whether the peer is still there, while the halves are in use.
    pub fn presence(&self) -> Presence {
        match &self.reader {
            Reader::Tcp(half) => Presence::tcp(half.as_ref()),
            Reader::Unix(half) => Presence::unix(half.as_ref()),
            _ => Presence::Unknown,
        }
    }
}

/// The half of a stream that bytes come from. Reads are cancel-safe.
#[derive(Debug)]
pub enum Reader {
    /// TCP.
    Tcp(tcp::OwnedReadHalf),
    /// A Unix stream.
    Unix(unix::OwnedReadHalf),
    /// A child's stdout; the child ends when both halves are gone.
    Child(Box<(ChildStdout, Keeper)>),
    /// Our own stdin.
    Stdin(Box<tokio::io::Stdin>),
    /// A file, read from its start.
    File(Box<tokio::fs::File>),
    /// Nothing: its end has come already.
    Nothing,
}

impl Reader {
    /// What one recv returns, at most `limit` bytes; empty at the peer's end.
    ///
    /// No buffer is held while nothing comes. Cancel-safe.
    pub async fn recv(&mut self, limit: usize) -> io::Result<Vec<u8>> {
        std::future::poll_fn(|cx| self.poll_recv(cx, limit)).await
    }

    fn poll_recv(&mut self, cx: &mut Context<'_>, limit: usize) -> Poll<io::Result<Vec<u8>>> {
        crate::scratch::with(limit, |space| {
            let mut buffer = ReadBuf::new(space);
            match Pin::new(self).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) => Poll::Ready(Ok(buffer.filled().to_vec())),
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Pending => Poll::Pending,
            }
        })
    }

    /// Waits until the child behind this stream has ended by itself; returns at once where
    /// there is none. Cancel-safe.
    pub async fn exit(&mut self) -> Option<io::Result<ExitStatus>> {
        match self {
            Self::Child(child) => Some(child.1.exit().await),
            _ => None,
        }
    }

    /// Ends the child behind this stream, its whole group, and waits for it.
    pub async fn end(&mut self) {
        if let Self::Child(child) = self {
            child.1.end().await;
        }
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(half) => Pin::new(half).poll_read(cx, buffer),
            Self::Unix(half) => Pin::new(half).poll_read(cx, buffer),
            Self::Child(child) => Pin::new(&mut child.0).poll_read(cx, buffer),
            Self::Stdin(stdin) => Pin::new(stdin).poll_read(cx, buffer),
            Self::File(file) => Pin::new(file).poll_read(cx, buffer),
            Self::Nothing => Poll::Ready(Ok(())),
        }
    }
}

/// The half of a stream that bytes go to. A write that was begun and not awaited to its
/// end may have written a part.
#[derive(Debug)]
pub enum Writer {
    /// TCP.
    Tcp(tcp::OwnedWriteHalf),
    /// A Unix stream.
    Unix(unix::OwnedWriteHalf),
    /// A child's stdin.
    Child(Box<ChildStdin>),
    /// Our own stdout.
    Stdout(Box<tokio::io::Stdout>),
    /// A file.
    File(Box<tokio::fs::File>),
    /// Closed.
    Nothing,
}

impl Writer {
    /// Writes what fits now, and says how much that was. Cancel-safe: a cancelled call
    /// has written nothing. (Stdout and files write on a thread of their own, which
    /// [`Writer::finish`] waits for.)
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write(bytes).await
    }

    /// Writes all of it. Not cancel-safe: a part may have been written.
    pub async fn send_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let count = self.send(bytes).await?;
            bytes = bytes.get(count..).unwrap_or_default();
        }
        Ok(())
    }

    /// Tells the other side that no more comes (FIN; a child sees its stdin end).
    pub async fn finish(&mut self) -> io::Result<()> {
        self.flush().await?;
        let result = self.shutdown().await;
        if matches!(self, Self::Child(_)) {
            *self = Self::Nothing;
        }
        result
    }

    /// Makes the coming close an abortive one: a RST instead of a FIN (TCP alone). Nothing
    /// can be written any more.
    pub fn abort(&mut self) {
        if let Self::Tcp(half) = std::mem::replace(self, Self::Nothing) {
            // A socket that is broken already needs no abort.
            drop(half.as_ref().set_zero_linger());
            // Dropping the half would send a FIN first.
            half.forget();
        }
    }
}

impl AsyncWrite for Writer {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(half) => Pin::new(half).poll_write(cx, bytes),
            Self::Unix(half) => Pin::new(half).poll_write(cx, bytes),
            Self::Child(stdin) => Pin::new(stdin).poll_write(cx, bytes),
            Self::Stdout(stdout) => Pin::new(stdout).poll_write(cx, bytes),
            Self::File(file) => Pin::new(file).poll_write(cx, bytes),
            Self::Nothing => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(half) => Pin::new(half).poll_flush(cx),
            Self::Unix(half) => Pin::new(half).poll_flush(cx),
            Self::Child(stdin) => Pin::new(stdin).poll_flush(cx),
            Self::Stdout(stdout) => Pin::new(stdout).poll_flush(cx),
            Self::File(file) => Pin::new(file).poll_flush(cx),
            Self::Nothing => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(half) => Pin::new(half).poll_shutdown(cx),
            Self::Unix(half) => Pin::new(half).poll_shutdown(cx),
            Self::Child(stdin) => Pin::new(stdin).poll_shutdown(cx),
            Self::Stdout(stdout) => Pin::new(stdout).poll_shutdown(cx),
            Self::File(file) => Pin::new(file).poll_shutdown(cx),
            Self::Nothing => Poll::Ready(Ok(())),
        }
    }
}
