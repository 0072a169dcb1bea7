//! An open serial port. It outlives being unplugged: it tells so, looks for the path until
//! it can be opened again as it was, and goes on.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker, ready};
use std::time::Duration;

use rustix::io::Errno;
use rustix::termios::QueueSelector;
use sockeye_text::cause::plain;
use tokio::time::{Instant, Interval, MissedTickBehavior, Sleep};

use crate::came::Filled;
use crate::serial::line::Line;
use crate::serial::settings::{Level, Settings};
use crate::sys::lines;

/// How often an absent port is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Looks after which the reason is told why a port that is there again cannot be opened:
/// for a moment it is the driver's and udev's, not ours.
const PATIENCE: u32 = 4;

/// How often it is asked whether all has been sent.
const DRAIN_EVERY: Duration = Duration::from_millis(5);

/// The news that wait to be received; older ones give way.
const NEWS: usize = 16;

/// An open serial port, or one that will be open again.
///
/// Both halves of a conversation may share it behind a lock that is held for a poll: each
/// of [`Port::poll_fill`] and [`Port::poll_send`] wakes its own last caller.
#[derive(Debug)]
pub struct Port {
    path: PathBuf,
    settings: Settings,
    state: State,
    news: VecDeque<String>,
    callers: Arc<Callers>,
    drain: Option<std::pin::Pin<Box<Sleep>>>,
}

#[derive(Debug)]
enum State {
    Open(Line),
    Away(Away),
}

/// The search for a port that is away.
#[derive(Debug)]
struct Away {
    since: Instant,
    look: Interval,
    /// Why it cannot be opened though it is there, and for how many looks.
    hindrance: Option<(io::ErrorKind, u32)>,
}

/// The levels of the lines, true where asserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "six wires, each of them high or low")]
pub struct Lines {
    /// Data terminal ready: ours.
    pub dtr: bool,
    /// Request to send: ours.
    pub rts: bool,
    /// Clear to send: theirs.
    pub cts: bool,
    /// Data set ready: theirs.
    pub dsr: bool,
    /// Data carrier detect: theirs.
    pub dcd: bool,
    /// Ring indicator: theirs.
    pub ri: bool,
}

impl std::fmt::Display for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let level = |on: bool| if on { "on" } else { "off" };
        write!(f, "DTR {} RTS {} ", level(self.dtr), level(self.rts))?;
        write!(f, "CTS {} DSR {} ", level(self.cts), level(self.dsr))?;
        write!(f, "DCD {} RI {}", level(self.dcd), level(self.ri))
    }
}

/// The next step after a port could not be opened, where there is one.
pub fn hint(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput => {
            Some("`sockeye ports` lists the ports of this machine")
        }
        io::ErrorKind::PermissionDenied => Some(
            "a group may open it, mostly `dialout` or `uucp` (`ls -l` shows which): join it by \
             `sudo usermod -aG GROUP $USER`, then log in again",
        ),
        io::ErrorKind::ResourceBusy => Some("end the other program, or let it close the port"),
        io::ErrorKind::Unsupported => {
            Some("leave that option out, or take a value that the hardware has")
        }
        _ => None,
    }
}

impl Port {
    /// Opens and sets the port; inside a runtime. What the driver did not take is an error
    /// (`Unsupported`), as is a port that another program has (`ResourceBusy`), and a path
    /// that is no port (`InvalidInput`). The error does not name the path.
    pub fn open(path: &Path, settings: &Settings) -> io::Result<Self> {
        let state = State::Open(Line::open(path, settings)?);
        Ok(Self {
            path: path.to_owned(),
            settings: settings.clone(),
            state,
            news: VecDeque::new(),
            callers: Arc::default(),
            drain: None,
        })
    }

    /// The path that it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is set to.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What one read puts into `space`, or news of the port. A port has no end: once
    /// unplugged it is waited for.
    pub fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        space: &mut [u8],
    ) -> Poll<io::Result<Filled>> {
        self.callers.note(Half::Reader, cx.waker());
        loop {
            if let Some(news) = self.news.pop_front() {
                return Poll::Ready(Ok(Filled::Told(news)));
            }
            match &mut self.state {
                State::Open(line) => match ready!(read(line, cx, space)) {
                    // In raw mode a line has no end of file: this is a hang-up.
                    Ok(0) => self.leave("hung up"),
                    Ok(count) => return Poll::Ready(Ok(Filled::Bytes(count))),
                    Err(error) if is_gone(&error) => self.leave(&plain(&error)),
                    Err(error) => return Poll::Ready(Err(error)),
                },
                State::Away(_) => ready!(self.poll_look()),
            }
        }
    }

    /// Writes what fits now, and says how much that was. Waits while the port is away.
    /// Cancel-safe: a cancelled call has written nothing.
    pub fn poll_send(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.callers.note(Half::Writer, cx.waker());
        loop {
            match &mut self.state {
                State::Open(line) => match ready!(write(line, cx, bytes)) {
                    Err(error) if is_gone(&error) => self.leave(&plain(&error)),
                    other => return Poll::Ready(other),
                },
                State::Away(_) => ready!(self.poll_look()),
            }
        }
    }

    /// Waits until all that was written has left, as far as the driver can tell; a port
    /// that is away has nothing to wait for. The caller bounds it: a device that says stop
    /// holds it up for ever. Then [`Port::discard`].
    pub fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if let Some(rest) = &mut self.drain {
                ready!(rest.as_mut().poll(cx));
            }
            self.drain = None;
            match &self.state {
                State::Open(line) if lines::unsent(line).unwrap_or(0) > 0 => {
                    self.drain = Some(Box::pin(tokio::time::sleep(DRAIN_EVERY)));
                }
                _ => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Throws away what was written and has not left; of a pseudo-terminal, which counts
    /// nothing, also what the other end has not read yet. Without it, dropping a port that its
    /// device holds up may block until the driver gives up, which is 30 s for most.
    pub fn discard(&self) -> io::Result<()> {
        match &self.state {
            State::Open(line) => Ok(rustix::termios::tcflush(line, QueueSelector::OFlush)?),
            State::Away(_) => Ok(()),
        }
    }

    /// Sets DTR, now and whenever the port comes back.
    pub fn set_dtr(&mut self, level: Level) -> io::Result<()> {
        self.present()?.put("dtr", lines::DTR, level)?;
        self.settings.dtr = Some(level);
        Ok(())
    }

    /// Sets RTS, now and whenever the port comes back. Refused where it is the driver's.
    pub fn set_rts(&mut self, level: Level) -> io::Result<()> {
        let wanted = Settings { rts: Some(level), ..self.settings.clone() };
        wanted.check().map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
        self.present()?.put("rts", lines::RTS, level)?;
        self.settings = wanted;
        Ok(())
    }

    /// Begins a break, which goes on until [`Port::end_break`]. A pseudo-terminal takes it
    /// and does nothing.
    pub fn begin_break(&self) -> io::Result<()> {
        lines::begin_break(self.present()?)
    }

    /// Ends a break.
    pub fn end_break(&self) -> io::Result<()> {
        lines::end_break(self.present()?)
    }

    /// The levels of the lines; none where the port has none, or is away.
    pub fn lines(&self) -> Option<Lines> {
        let bits = lines::read(self.present().ok()?).ok()?;
        let on = |bit: i32| bits & bit != 0;
        Some(Lines {
            dtr: on(lines::DTR),
            rts: on(lines::RTS),
            cts: on(lines::CTS),
            dsr: on(lines::DSR),
            dcd: on(lines::DCD),
            ri: on(lines::RI),
        })
    }

    /// Whether it is unplugged at present, as far as a read or a write has found out.
    pub fn is_away(&self) -> bool {
        matches!(self.state, State::Away(_))
    }

    fn present(&self) -> io::Result<&Line> {
        match &self.state {
            State::Open(line) => Ok(line),
            State::Away(_) => Err(io::Error::new(io::ErrorKind::NotFound, "it is unplugged")),
        }
    }

    /// The port is gone: closes it, so that its name is free for the next one.
    fn leave(&mut self, why: &str) {
        let since = Instant::now();
        let mut look = tokio::time::interval_at(since + LOOK_EVERY, LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.state = State::Away(Away { since, look, hindrance: None });
        self.tell(format!(
            "unplugged: {why}; what had been written and had not left is lost; waiting for it \
             to come back"
        ));
        self.callers.wake_all();
    }

    /// Looks for the port at each tick; ready once it is open again or there are news.
    fn poll_look(&mut self) -> Poll<()> {
        let State::Away(away) = &mut self.state else {
            return Poll::Ready(());
        };
        // The timer keeps one waker only, so that one wakes both halves.
        let waker = Waker::from(Arc::clone(&self.callers));
        let mut cx = Context::from_waker(&waker);
        loop {
            ready!(away.look.poll_tick(&mut cx));
            match Line::open(&self.path, &self.settings) {
                Ok(line) => {
                    let seconds = away.since.elapsed().as_secs_f64();
                    self.state = State::Open(line);
                    self.tell(format!("it is back after {seconds:.1} s"));
                    break;
                }
                Err(error) => {
                    if let Some(news) = away.hindered(&error) {
                        self.tell(news);
                        break;
                    }
                }
            }
        }
        self.callers.wake_all();
        Poll::Ready(())
    }

    fn tell(&mut self, news: String) {
        if self.news.len() >= NEWS {
            self.news.pop_front();
        }
        self.news.push_back(news);
    }
}

impl Away {
    /// What is to be told of a look in vain: once for each reason that lasts.
    fn hindered(&mut self, error: &io::Error) -> Option<String> {
        if error.kind() == io::ErrorKind::NotFound {
            self.hindrance = None;
            return None;
        }
        let looks = match self.hindrance {
            Some((kind, looks)) if kind == error.kind() => looks.saturating_add(1),
            _ => 1,
        };
        self.hindrance = Some((error.kind(), looks));
        (looks == PATIENCE).then(|| {
            let why = plain(error);
            format!("it is there again, but cannot be opened: {why}; trying on")
        })
    }
}

/// The two that share a port.
#[derive(Clone, Copy, Debug)]
enum Half {
    Reader,
    Writer,
}

/// Who polled last, by half; a waker that wakes both. No lock is held while waking.
#[derive(Debug, Default)]
struct Callers {
    wakers: Mutex<[Option<Waker>; 2]>,
}

impl Callers {
    fn note(&self, half: Half, waker: &Waker) {
        let mut wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        let [reader, writer] = &mut *wakers;
        let place = match half {
            Half::Reader => reader,
            Half::Writer => writer,
        };
        match place {
            Some(known) => known.clone_from(waker),
            None => *place = Some(waker.clone()),
        }
    }

    fn wake_all(&self) {
        let wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

impl Wake for Callers {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }
}

fn read(line: &Line, cx: &mut Context<'_>, space: &mut [u8]) -> Poll<io::Result<usize>> {
    loop {
        let mut guard = ready!(line.watched().poll_read_ready(cx))?;
        match guard.try_io(|_| Ok(rustix::io::read(line, &mut *space)?)) {
            Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(result) => return Poll::Ready(result),
            Err(_would_block) => {}
        }
    }
}

fn write(line: &Line, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
    loop {
        let mut guard = ready!(line.watched().poll_write_ready(cx))?;
        match guard.try_io(|_| Ok(rustix::io::write(line, bytes)?)) {
            Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(result) => return Poll::Ready(result),
            Err(_would_block) => {}
        }
    }
}

/// Whether the error says that the device has gone, not that this one call failed.
fn is_gone(error: &io::Error) -> bool {
    [Errno::IO, Errno::NXIO, Errno::NODEV]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}
