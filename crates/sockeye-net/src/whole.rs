//! Transports whose two directions share one state, so that no half can be split off: TLS,
//! WebSocket and serial ports. Both halves of a stream hold the same one, each for the length
//! of a poll.

use std::future::poll_fn;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::came::{Came, Filled, Kind};
use crate::carrier::Carrier;
use crate::serial::port::Port;
use crate::serial::settings::Level;
use crate::tls::Secure;
use crate::tls::sealed::Sealed;
use crate::websocket::Socket;

/// How long a serial port that is held up by its device is waited for at the end.
const DRAIN: Duration = Duration::from_secs(5);

/// What our end means to the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// That no more comes from us; it may go on.
    OneWay,
    /// That the conversation ends, both ways.
    BothWays,
    /// Nothing: it is not told.
    Untold,
}

/// What the lines of a serial port can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Data terminal ready.
    Dtr(Level),
    /// Request to send.
    Rts(Level),
    /// A break of that length.
    Break(Duration),
}

/// A transport that both halves share.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Guards the transport's state; held for the length of a poll, never while waiting.
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
enum State {
    /// Bytes inside TLS.
    Tls(Sealed),
    /// A WebSocket.
    Ws(Box<Socket<Carrier>>),
    /// A serial port.
    Serial(Box<Port>),
}

impl Whole {
    /// A TLS connection.
    pub(crate) fn tls(stream: Box<Secure>) -> Self {
        Self::of(State::Tls(Sealed::new(stream)))
    }

    /// A WebSocket.
    pub(crate) fn ws(socket: Socket<Carrier>) -> Self {
        Self::of(State::Ws(Box::new(socket)))
    }

    /// A serial port.
    pub(crate) fn serial(port: Port) -> Self {
        Self::of(State::Serial(Box::new(port)))
    }

    fn of(state: State) -> Self {
        Self { state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What one recv of a stream of bytes puts into `space`.
    pub(crate) fn poll_fill(
        &self,
        cx: &mut Context<'_>,
        space: &mut [u8],
    ) -> Poll<io::Result<Filled>> {
        match &mut *self.state() {
            State::Tls(sealed) => sealed.poll_fill(cx, space),
            State::Serial(port) => port.poll_fill(cx, space),
            State::Ws(_) => Poll::Ready(Err(io::ErrorKind::Unsupported.into())),
        }
    }

    /// The next message of a transport that keeps them apart.
    pub(crate) fn poll_message(&self, cx: &mut Context<'_>) -> Poll<io::Result<Came>> {
        match &mut *self.state() {
            State::Ws(socket) => socket.poll_recv(cx),
            State::Tls(_) | State::Serial(_) => Poll::Ready(Err(io::ErrorKind::Unsupported.into())),
        }
    }

    /// Sends some of the bytes, or a message whole, and says how many went. A call that is
    /// cancelled is to be made again with the same bytes.
    pub(crate) fn poll_send(
        &self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        kind: Option<Kind>,
    ) -> Poll<io::Result<usize>> {
        match &mut *self.state() {
            State::Tls(sealed) => sealed.poll_send(cx, bytes),
            State::Ws(socket) => socket.poll_send(cx, bytes, kind),
            State::Serial(port) => port.poll_send(cx, bytes),
        }
    }

    /// Tells the other side that no more comes. A serial port is waited for until all has
    /// left; what its device does not take within [`DRAIN`] is thrown away.
    pub(crate) async fn finish(&self) -> io::Result<()> {
        let finishing = poll_fn(|cx| match &mut *self.state() {
            State::Tls(sealed) => sealed.poll_finish(cx),
            State::Ws(socket) => socket.poll_finish(cx),
            State::Serial(port) => port.poll_drain(cx),
        });
        if self.end() != End::Untold {
            return finishing.await;
        }
        match timeout(DRAIN, finishing).await {
            Ok(finished) => finished,
            Err(_) => self.discard(),
        }
    }

    fn discard(&self) -> io::Result<()> {
        if let State::Serial(port) = &*self.state() {
            port.discard()?;
        }
        let text = format!("the device did not take the last bytes within {DRAIN:?}");
        Err(io::Error::new(io::ErrorKind::TimedOut, text))
    }

    /// What our end means to the other side.
    pub(crate) fn end(&self) -> End {
        match &*self.state() {
            State::Tls(..) => End::OneWay,
            State::Ws(_) => End::BothWays,
            State::Serial(_) => End::Untold,
        }
    }

    /// Changes the lines of a serial port. A break ends by itself, on a task of its own.
    pub(crate) fn control(&self, control: Control) -> io::Result<()> {
        let State::Serial(port) = &mut *self.state() else {
            return Err(no_lines());
        };
        match control {
            Control::Dtr(level) => port.set_dtr(level),
            Control::Rts(level) => port.set_rts(level),
            Control::Break(length) => {
                port.begin_break()?;
                let port = self.clone();
                tokio::spawn(async move {
                    sleep(length).await;
                    if let State::Serial(port) = &*port.state() {
                        // An unplugged port has no break to end.
                        drop(port.end_break());
                    }
                });
                Ok(())
            }
        }
    }

    /// What is known of a serial port, as rows of a name and a value.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let State::Serial(port) = &*self.state() else {
            return Vec::new();
        };
        let lines = port.lines().map_or_else(|| "none".to_owned(), |lines| lines.to_string());
        vec![
            ("set to", port.settings().to_string()),
            ("lines", lines),
            ("unplugged", if port.is_away() { "yes" } else { "no" }.to_owned()),
        ]
    }

    /// Whether what is sent is kept apart from what is sent next.
    pub(crate) fn keeps_messages(&self) -> bool {
        match &*self.state() {
            State::Tls(..) | State::Serial(_) => false,
            State::Ws(_) => true,
        }
    }

    /// Asks the socket underneath, where there is one.
    pub(crate) fn ask_socket<R>(&self, question: impl FnOnce(&TcpStream) -> R) -> Option<R> {
        match &*self.state() {
            State::Tls(sealed) => Some(question(sealed.tcp())),
            State::Ws(socket) => Some(question(socket.get_ref().tcp())),
            State::Serial(_) => None,
        }
    }
}

/// The error of what has no lines.
pub(crate) fn no_lines() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "only a serial port has lines")
}
