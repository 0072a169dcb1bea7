//! One open stream, whatever carries it: a reading and a writing half, and the facts
//! that are known of it. Dialling and accepting are elsewhere.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::process::ExitStatus;
use std::task::{Context, Poll, ready};

use rustix::net::RecvFlags;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, Interest, ReadBuf};
use tokio::net::unix::pipe;
use tokio::net::{TcpStream, UnixStream, tcp, unix};

use crate::address::Address;
use crate::came::{Came, Filled, Kind};
use crate::carrier::Carrier;
use crate::gone::{Gone, Presence};
use crate::keeper::Keeper;
use crate::scratch;
use crate::serial::port::Port;
use crate::tls::Secure;
use crate::websocket::Socket;
use crate::whole;
use crate::whole::{Control, End, Whole};

/// What is known of an open conversation: how it is carried, and between whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The endpoint's scheme; `stdio` for our own stdin and stdout.
    pub proto: &'static str,
    /// This side.
    pub local: Address,
    /// The other side.
    pub peer: Address,
    /// What the opening brought to light: of TLS the version, the cipher, the certificate.
    pub told: Option<String>,
    /// Both addresses of the socket itself, ours first, where that is TCP.
    pub(crate) sockets: Option<(SocketAddr, SocketAddr)>,
}

impl Facts {
    /// Facts of a conversation whose opening tells no more than this.
    pub fn new(proto: &'static str, local: impl Into<Address>, peer: impl Into<Address>) -> Self {
        Self { proto, local: local.into(), peer: peer.into(), told: None, sockets: None }
    }

    /// Facts of a TCP connection that carries `proto`; with the peer's address, where that is
    /// known.
    pub(crate) fn of_tcp(
        proto: &'static str,
        socket: &TcpStream,
        peer: Option<SocketAddr>,
    ) -> Self {
        let (local, peer) = (socket.local_addr().ok(), peer.or_else(|| socket.peer_addr().ok()));
        let known = |address: Option<SocketAddr>| address.map_or_else(|| "?".into(), Address::from);
        Self { sockets: local.zip(peer), ..Self::new(proto, known(local), known(peer)) }
    }

    /// The peer as an endpoint.
    pub fn peer_endpoint(&self) -> String {
        match self.proto {
            "tcp" | "udp" | "tls" | "ws" | "wss" => format!("{}://{}", self.proto, self.peer),
            // These name themselves already.
            "exec" | "stdio" | "file" => self.peer.to_string(),
            proto => format!("{proto}:{}", self.peer),
        }
    }

    /// The peer's internet address, where it has one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.peer.inet().map(|address| address.ip())
    }
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
        let facts = Facts::of_tcp("tcp", &socket, None);
        Self::known(socket, facts)
    }

    /// A TCP connection of which that is known.
    pub(crate) fn known(socket: TcpStream, facts: Facts) -> Self {
        let (reader, writer) = socket.into_split();
        Self { reader: Reader::Tcp(reader), writer: Writer::Tcp(writer), facts }
    }

    /// A TLS connection, and what its handshake brought to light.
    pub(crate) fn tls(stream: Box<Secure>, told: String) -> Self {
        let facts = Facts { told: Some(told), ..Facts::of_tcp("tls", stream.get_ref().0, None) };
        Self::whole(Whole::tls(stream), facts)
    }

    /// A WebSocket, and what its handshakes brought to light.
    pub(crate) fn ws(socket: Socket<Carrier>, told: String) -> Self {
        let carrier = socket.get_ref();
        let proto = if matches!(carrier, Carrier::Tls(_)) { "wss" } else { "ws" };
        let told = (!told.is_empty()).then_some(told);
        let facts = Facts { told, ..Facts::of_tcp(proto, carrier.tcp(), None) };
        Self::whole(Whole::ws(socket), facts)
    }

    /// A serial port, and how it is set.
    pub(crate) fn serial(port: Port, settings: String) -> Self {
        let path = port.path().to_string_lossy().into_owned();
        let facts = Facts { told: Some(settings), ..Facts::new("serial", "", path) };
        Self::whole(Whole::serial(port), facts)
    }

    fn whole(whole: Whole, facts: Facts) -> Self {
        Self { reader: Reader::Whole(whole.clone()), writer: Writer::Whole(whole), facts }
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
            Reader::Tcp(half) => Presence::tcp(half.as_ref(), self.facts.sockets),
            Reader::Unix(half) => Presence::unix(half.as_ref()),
            Reader::Whole(whole) if whole.end() == End::BothWays => Presence::UntilItsEnd,
            Reader::Whole(whole) => whole
                .ask_socket(|socket| Presence::tcp(socket, self.facts.sockets))
                .unwrap_or(Presence::Unknown),
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
    Child(Box<(pipe::Receiver, Keeper)>),
    /// A transport that is shared with the other half.
    Whole(Whole),
    /// Our own stdin, a pipe.
    Pipe(pipe::Receiver),
    /// Our own stdin, whatever it is, read by a thread.
    Stdin(Box<tokio::io::Stdin>),
    /// A regular file, from where it stands. What it reads from a disk is waited for.
    Regular(File),
    /// What else has a path (a device, a FIFO), read by a thread.
    File(Box<tokio::fs::File>),
    /// Nothing: its end has come already.
    Nothing,
}

impl Reader {
    /// What one recv brings, of a stream of bytes at most `limit` of them.
    ///
    /// No buffer is held while nothing comes. Cancel-safe.
    pub async fn recv(&mut self, limit: usize) -> io::Result<Came> {
        std::future::poll_fn(|cx| self.poll_recv(cx, limit)).await
    }

    fn poll_recv(&mut self, cx: &mut Context<'_>, limit: usize) -> Poll<io::Result<Came>> {
        if let Self::Whole(whole) = self
            && whole.keeps_messages()
        {
            return whole.poll_message(cx);
        }
        scratch::with(limit, |space| {
            Poll::Ready(Ok(match ready!(self.poll_fill(cx, space))? {
                Filled::Bytes(count) => {
                    Came::Bytes(space.get(..count).unwrap_or_default().to_vec())
                }
                Filled::Told(text) => Came::Told(text),
                Filled::End(words) => Came::End(words),
            }))
        })
    }

    /// What one recv of a stream of bytes puts into `space`. A transport that keeps messages
    /// apart has none.
    pub(crate) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        space: &mut [u8],
    ) -> Poll<io::Result<Filled>> {
        let source: &mut (dyn AsyncRead + Unpin + Send) = match self {
            Self::Tcp(half) => half,
            Self::Unix(half) => half,
            Self::Child(child) => &mut child.0,
            Self::Whole(whole) => return whole.poll_fill(cx, space),
            Self::Pipe(pipe) => pipe,
            Self::Stdin(stdin) => stdin,
            Self::Regular(file) => return Poll::Ready(file.read(space).map(Filled::of)),
            Self::File(file) => file,
            Self::Nothing => return Poll::Ready(Ok(Filled::End(None))),
        };
        let mut buffer = ReadBuf::new(space);
        ready!(Pin::new(source).poll_read(cx, &mut buffer))?;
        Poll::Ready(Ok(Filled::of(buffer.filled().len())))
    }

    /// What came first and has not been taken, of a TCP or Unix stream; nothing of others, and
    /// nothing at the end. Cancel-safe: it stays there.
    pub fn poll_peek(&mut self, cx: &mut Context<'_>, space: &mut [u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(half) => half.poll_peek(cx, &mut ReadBuf::new(space)),
            Self::Unix(half) => loop {
                let socket = half.as_ref();
                ready!(socket.poll_read_ready(cx))?;
                let peeked = socket.try_io(Interest::READABLE, || {
                    Ok(rustix::net::recv(socket, &mut *space, RecvFlags::PEEK)?.0)
                });
                match peeked {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    peeked => return Poll::Ready(peeked),
                }
            },
            _ => Poll::Ready(Ok(0)),
        }
    }

    /// What the other side's end means: whether it can still be talked to.
    pub fn end(&self) -> End {
        match self {
            Self::Whole(whole) => whole.end(),
            _ => End::OneWay,
        }
    }

    /// Whether each recv is a message of its own.
    pub fn keeps_messages(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.keeps_messages(),
            _ => false,
        }
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
    pub async fn end_child(&mut self) {
        if let Self::Child(child) = self {
            child.1.end().await;
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
    Child(pipe::Sender),
    /// A transport that is shared with the other half.
    Whole(Whole),
    /// Our own stdout, a pipe.
    Pipe(pipe::Sender),
    /// Our own stdout, whatever it is, written by a thread.
    Stdout(Box<tokio::io::Stdout>),
    /// `/dev/null`, which takes everything.
    Null(File),
    /// A regular file. What it writes to a disk is waited for.
    Regular(File),
    /// What else has a path (a device, a FIFO), written by a thread.
    File(Box<tokio::fs::File>),
    /// Closed.
    Nothing,
}

impl Writer {
    /// Sends what fits now, and says how much that was; of a transport that keeps messages
    /// apart, all of it, as one message of that kind (unset: as its endpoint says).
    ///
    /// Cancel-safe if a cancelled call is made again with the same bytes. (Stdout and files
    /// write on a thread of their own, which [`Writer::finish`] waits for.)
    pub async fn send(&mut self, bytes: &[u8], kind: Option<Kind>) -> io::Result<usize> {
        std::future::poll_fn(|cx| self.poll_send(cx, bytes, kind)).await
    }

    pub(crate) fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        kind: Option<Kind>,
    ) -> Poll<io::Result<usize>> {
        match self.sink() {
            Sink::Bytes(sink) => Pin::new(sink).poll_write(cx, bytes),
            Sink::Whole(whole) => whole.poll_send(cx, bytes, kind),
            Sink::File(file) => Poll::Ready(file.write(bytes)),
            Sink::Null => Poll::Ready(Ok(bytes.len())),
            Sink::Nothing => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Sends all of it, a message as one. Not cancel-safe: a part may have been sent.
    pub async fn send_all(&mut self, mut bytes: &[u8], kind: Option<Kind>) -> io::Result<()> {
        while !bytes.is_empty() || self.keeps_messages() {
            let count = self.send(bytes, kind).await?;
            bytes = bytes.get(count..).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// Tells the other side that no more comes (FIN; a child sees its stdin end; a
    /// WebSocket is closed both ways; of a serial port, waits until all has left).
    pub async fn finish(&mut self) -> io::Result<()> {
        let result = match self.sink() {
            Sink::Bytes(sink) => {
                sink.flush().await?;
                sink.shutdown().await
            }
            Sink::Whole(whole) => whole.finish().await,
            Sink::File(_) | Sink::Null | Sink::Nothing => Ok(()),
        };
        if matches!(self, Self::Child(_)) {
            *self = Self::Nothing;
        }
        result
    }

    /// What our end means to the other side.
    pub fn end(&self) -> End {
        match self {
            Self::Whole(whole) => whole.end(),
            _ => End::OneWay,
        }
    }

    /// Whether nobody is at the other end who could say something back: a file, our stdout.
    pub fn is_mute(&self) -> bool {
        matches!(
            self,
            Self::Pipe(_) | Self::Stdout(_) | Self::Regular(_) | Self::File(_) | Self::Null(_)
        )
    }

    /// Changes the lines of a serial port; refused by what has none.
    pub fn control(&self, control: Control) -> io::Result<()> {
        match self {
            Self::Whole(whole) => whole.control(control),
            _ => Err(whole::no_lines()),
        }
    }

    /// Whether each send is a message of its own.
    pub fn keeps_messages(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.keeps_messages(),
            _ => false,
        }
    }

    /// Each send goes out at once, as far as this is TCP (`TCP_NODELAY`): the kernel does not
    /// wait for more to join to it.
    pub fn send_at_once(&self) -> io::Result<()> {
        match self {
            Self::Tcp(half) => half.as_ref().set_nodelay(true),
            Self::Whole(whole) => {
                whole.ask_socket(|socket| socket.set_nodelay(true)).unwrap_or(Ok(()))
            }
            _ => Ok(()),
        }
    }

    /// Makes the coming close an abortive one: a RST instead of a FIN (where TCP is
    /// underneath). Nothing can be written any more.
    pub fn abort(&mut self) {
        match std::mem::replace(self, Self::Nothing) {
            Self::Tcp(half) => {
                // A socket that is broken already needs no abort.
                drop(half.as_ref().set_zero_linger());
                // Dropping the half would send a FIN first.
                half.forget();
            }
            Self::Whole(whole) => drop(whole.ask_socket(TcpStream::set_zero_linger)),
            _ => {}
        }
    }

    fn sink(&mut self) -> Sink<'_> {
        match self {
            Self::Tcp(half) => Sink::Bytes(half),
            Self::Unix(half) => Sink::Bytes(half),
            Self::Child(stdin) => Sink::Bytes(stdin),
            Self::Whole(whole) => Sink::Whole(whole),
            Self::Pipe(pipe) => Sink::Bytes(pipe),
            Self::Stdout(stdout) => Sink::Bytes(stdout),
            Self::Regular(file) => Sink::File(file),
            Self::File(file) => Sink::Bytes(file),
            Self::Null(_) => Sink::Null,
            Self::Nothing => Sink::Nothing,
        }
    }
}

/// Where a writer's bytes go.
enum Sink<'w> {
    Bytes(&'w mut (dyn AsyncWrite + Unpin + Send)),
    Whole(&'w Whole),
    File(&'w mut File),
    Null,
    Nothing,
}
