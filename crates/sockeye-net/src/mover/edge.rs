//! The descriptor at the end of a stream, where it has one that the kernel can move bytes from
//! or to, and the runtime's knowledge of whether it is ready.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::task::{Context, Poll};

use tokio::io::Interest;
use tokio::net::unix::pipe;
use tokio::net::{TcpStream, UnixStream};

use crate::stream::{Reader, Writer};

/// The end of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edge<'e> {
    /// TCP.
    Tcp(&'e TcpStream),
    /// A Unix stream.
    Unix(&'e UnixStream),
    /// A pipe that is read.
    Outlet(&'e pipe::Receiver),
    /// A pipe that is written.
    Inlet(&'e pipe::Sender),
    /// A regular file: always ready.
    File(BorrowedFd<'e>),
    /// `/dev/null`.
    Null(BorrowedFd<'e>),
}

impl<'e> Edge<'e> {
    /// Where the reader's bytes come from.
    pub(super) fn of_reader(reader: &'e Reader) -> Option<Self> {
        match reader {
            Reader::Tcp(half) => Some(Self::Tcp(half.as_ref())),
            Reader::Unix(half) => Some(Self::Unix(half.as_ref())),
            Reader::Child(child) => Some(Self::Outlet(&child.0)),
            Reader::Pipe(pipe) => Some(Self::Outlet(pipe)),
            Reader::Regular(file) => Some(Self::File(file.as_fd())),
            Reader::Whole(_) | Reader::Stdin(_) | Reader::File(_) | Reader::Nothing => None,
        }
    }

    /// Where the writer's bytes go to.
    pub(super) fn of_writer(writer: &'e Writer) -> Option<Self> {
        match writer {
            Writer::Tcp(half) => Some(Self::Tcp(half.as_ref())),
            Writer::Unix(half) => Some(Self::Unix(half.as_ref())),
            Writer::Child(pipe) | Writer::Pipe(pipe) => Some(Self::Inlet(pipe)),
            Writer::Regular(file) => Some(Self::File(file.as_fd())),
            Writer::Null(file) => Some(Self::Null(file.as_fd())),
            Writer::Whole(_) | Writer::Stdout(_) | Writer::File(_) | Writer::Nothing => None,
        }
    }

    /// Whether it is a pipe, which `splice(2)` wants on one side.
    pub(super) fn is_pipe(self) -> bool {
        matches!(self, Self::Outlet(_) | Self::Inlet(_))
    }

    /// Whether it is a socket.
    pub(super) fn is_socket(self) -> bool {
        matches!(self, Self::Tcp(_) | Self::Unix(_))
    }

    /// Whether it is a regular file.
    pub(super) fn is_file(self) -> bool {
        matches!(self, Self::File(_))
    }

    pub(super) fn poll_readable(self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(socket) => socket.poll_read_ready(cx),
            Self::Unix(socket) => socket.poll_read_ready(cx),
            Self::Outlet(pipe) => pipe.poll_read_ready(cx),
            Self::Inlet(_) | Self::File(_) | Self::Null(_) => Poll::Ready(Ok(())),
        }
    }

    pub(super) fn poll_writable(self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(socket) => socket.poll_write_ready(cx),
            Self::Unix(socket) => socket.poll_write_ready(cx),
            Self::Inlet(pipe) => pipe.poll_write_ready(cx),
            Self::Outlet(_) | Self::File(_) | Self::Null(_) => Poll::Ready(Ok(())),
        }
    }

    /// Does something that reads from it. `WouldBlock` makes it not ready, unless it has
    /// become so since: then it is tried again.
    pub(super) fn try_read<R>(self, job: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        match self {
            Self::Tcp(socket) => socket.try_io(Interest::READABLE, job),
            Self::Unix(socket) => socket.try_io(Interest::READABLE, job),
            Self::Outlet(pipe) => pipe.try_io(job),
            Self::Inlet(_) | Self::File(_) | Self::Null(_) => job(),
        }
    }

    /// The same of something that writes to it.
    pub(super) fn try_write<R>(self, job: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        match self {
            Self::Tcp(socket) => socket.try_io(Interest::WRITABLE, job),
            Self::Unix(socket) => socket.try_io(Interest::WRITABLE, job),
            Self::Inlet(pipe) => pipe.try_io(job),
            Self::Outlet(_) | Self::File(_) | Self::Null(_) => job(),
        }
    }

    /// The descriptor.
    pub(super) fn descriptor(self) -> BorrowedFd<'e> {
        match self {
            Self::Tcp(socket) => socket.as_fd(),
            Self::Unix(socket) => socket.as_fd(),
            Self::Outlet(pipe) => pipe.as_fd(),
            Self::Inlet(pipe) => pipe.as_fd(),
            Self::File(file) | Self::Null(file) => file,
        }
    }
}
