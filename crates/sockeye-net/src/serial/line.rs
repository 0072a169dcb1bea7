//! A terminal line opened and set, and what was set read back. Nothing here waits.

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{
    self, ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex,
    Termios,
};
use tokio::io::unix::AsyncFd;

use crate::serial::holder::holder;
use crate::serial::settings::{Data, Flow, Level, Parity, Rs485, Settings, Stop};
use crate::sys::{Watched, lines};

/// How far a driver's rate may be from the one asked for, in percent. Both sides together
/// may be off by half a bit in ten.
const TOLERANCE: u64 = 2;

/// An open line. No other program gets it, if so asked, until this is dropped.
#[derive(Debug)]
pub(super) struct Line {
    port: Watched,
    exclusive: bool,
}

impl Line {
    /// Opens the path and sets the line; inside a runtime. The words of an error say all but the path.
    pub(super) fn open(path: &Path, settings: &Settings) -> io::Result<Self> {
        settings.check().map_err(invalid)?;
        // What is no device is not even opened: that could have an effect of its own.
        let kind = fs::metadata(path)?.file_type();
        if !kind.is_char_device() {
            let what = match kind {
                kind if kind.is_dir() => "a folder",
                kind if kind.is_file() => "a regular file",
                kind if kind.is_fifo() => "a pipe",
                kind if kind.is_socket() => "a socket",
                _ => "no character device",
            };
            return Err(invalid(format!("it is {what}, not a serial port")));
        }
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let port = match rustix::fs::open(path, flags, Mode::empty()) {
            Err(Errno::BUSY) => return Err(busy(path)),
            Err(Errno::NXIO | Errno::NODEV) => {
                return Err(io::Error::new(
                    io::ErrorKind::NotFound,
                    "there is a node, but no device behind it",
                ));
            }
            other => other?,
        };
        if !termios::isatty(&port) {
            return Err(invalid("it is a device, but not a serial port".to_owned()));
        }
        let mut line = Self { port: Watched::new(port)?, exclusive: false };
        if settings.exclusive {
            line.take(path)?;
        }
        line.set(settings)?;
        Ok(line)
    }

    /// The line, as the runtime watches it.
    pub(super) fn watched(&self) -> &AsyncFd<OwnedFd> {
        self.port.get()
    }

    /// By both ways that are in use: programs that ask nobody are kept out by the kernel,
    /// unless they are root's; root's by the lock, if they ask.
    fn take(&mut self, path: &Path) -> io::Result<()> {
        match rustix::fs::flock(&*self, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => return Err(busy(path)),
            other => other?,
        }
        termios::ioctl_tiocexcl(&*self)?;
        self.exclusive = true;
        Ok(())
    }

    fn set(&self, settings: &Settings) -> io::Result<()> {
        let mut wanted = termios::tcgetattr(self)?;
        arrange(&mut wanted, settings)?;
        termios::tcsetattr(self, OptionalActions::Now, &wanted)?;
        // It succeeds if any one of the changes could be made (termios(3)).
        let got = termios::tcgetattr(self)?;
        if let Some(difference) = difference(&wanted, &got, settings) {
            return Err(io::Error::new(io::ErrorKind::Unsupported, difference));
        }
        for (name, bit, level) in
            [("dtr", lines::DTR, settings.dtr), ("rts", lines::RTS, settings.rts)]
        {
            if let Some(level) = level {
                self.put(name, bit, level)?;
            }
        }
        settings.rs485.as_ref().map_or(Ok(()), |wanted| self.turn_round(wanted))
    }

    /// Sets one of our lines.
    pub(super) fn put(&self, name: &str, bit: i32, level: Level) -> io::Result<()> {
        let put = match level {
            Level::On => lines::raise(self, bit),
            Level::Off => lines::lower(self, bit),
        };
        put.map_err(|error| lacking(error, &format!("`{name}`: the port has no such line")))
    }

    fn turn_round(&self, wanted: &Rs485) -> io::Result<()> {
        let mut flags = lines::Rs485::ENABLED;
        flags |= match wanted.rts_on_send {
            Level::On => lines::Rs485::RTS_ON_SEND,
            Level::Off => lines::Rs485::RTS_AFTER_SEND,
        };
        if wanted.rx_during_tx {
            flags |= lines::Rs485::RX_DURING_TX;
        }
        let millis =
            |delay: std::time::Duration| u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
        let asked = lines::Rs485 {
            flags,
            before: millis(wanted.before),
            after: millis(wanted.after),
            ..lines::Rs485::default()
        };
        let mut got = asked;
        lines::set_rs485(self, &mut got)
            .map_err(|error| lacking(error, "`rs485`: the port's driver has no such mode"))?;
        if (got.flags & flags, got.before, got.after) == (flags, asked.before, asked.after) {
            return Ok(());
        }
        let text = format!(
            "`rs485`: asked for flags {flags:#x}, {} ms before and {} ms after, the driver took \
             flags {:#x}, {} ms and {} ms",
            asked.before, asked.after, got.flags, got.before, got.after
        );
        Err(io::Error::new(io::ErrorKind::Unsupported, text))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.exclusive {
            // The mark outlives our descriptor where somebody else holds the line as well.
            // A line that was pulled out has no mark any more.
            let _gone = termios::ioctl_tiocnxcl(&*self);
        }
    }
}

impl AsFd for Line {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.port.get().get_ref().as_fd()
    }
}

/// Bytes as they are, in the settings' form. Parity is not checked on receipt: a reader
/// could not tell a byte marked as wrong from data (termios(3), `INPCK`, `PARMRK`).
fn arrange(attributes: &mut Termios, settings: &Settings) -> io::Result<()> {
    attributes.make_raw();
    attributes.input_modes = match settings.flow {
        Flow::Soft => InputModes::IXON | InputModes::IXOFF,
        Flow::None | Flow::Hard => InputModes::empty(),
    };
    attributes.output_modes = OutputModes::empty();
    attributes.local_modes = LocalModes::empty();
    attributes.control_modes.remove(FORM | ControlModes::CRTSCTS);
    attributes.control_modes.insert(ControlModes::CREAD | ControlModes::CLOCAL | form(settings));
    if settings.flow == Flow::Hard {
        attributes.control_modes.insert(ControlModes::CRTSCTS);
    }
    attributes.special_codes[SpecialCodeIndex::VMIN] = 1;
    attributes.special_codes[SpecialCodeIndex::VTIME] = 0;
    Ok(attributes.set_speed(settings.baud.rate())?)
}

/// The control modes that say what a character looks like.
const FORM: ControlModes = ControlModes::CSIZE
    .union(ControlModes::PARENB)
    .union(ControlModes::PARODD)
    .union(ControlModes::CMSPAR)
    .union(ControlModes::CSTOPB);

fn form(settings: &Settings) -> ControlModes {
    let data = match settings.data {
        Data::Five => ControlModes::CS5,
        Data::Six => ControlModes::CS6,
        Data::Seven => ControlModes::CS7,
        Data::Eight => ControlModes::CS8,
    };
    let parity = match settings.parity {
        Parity::None => ControlModes::empty(),
        Parity::Even => ControlModes::PARENB,
        Parity::Odd => ControlModes::PARENB | ControlModes::PARODD,
        Parity::Mark => ControlModes::PARENB | ControlModes::PARODD | ControlModes::CMSPAR,
        Parity::Space => ControlModes::PARENB | ControlModes::CMSPAR,
    };
    let stop = match settings.stop {
        Stop::One => ControlModes::empty(),
        Stop::Two => ControlModes::CSTOPB,
    };
    data | parity | stop
}

/// The first setting that the driver did not take, in words; none where it took all.
fn difference(wanted: &Termios, got: &Termios, settings: &Settings) -> Option<String> {
    let asked = settings.baud.rate();
    for took in [got.output_speed(), got.input_speed()] {
        let off = u64::from(took.abs_diff(asked));
        if off * 100 > u64::from(asked) * TOLERANCE {
            return Some(format!("`baud`: asked for {asked}, the driver took {took}"));
        }
    }
    let parity = ControlModes::PARENB | ControlModes::PARODD | ControlModes::CMSPAR;
    let rows = [
        ("data", ControlModes::CSIZE, settings.data.to_string()),
        ("parity", parity, settings.parity.to_string()),
        ("stop", ControlModes::CSTOPB, settings.stop.to_string()),
        ("flow", ControlModes::CRTSCTS, settings.flow.to_string()),
    ];
    let differs = rows.iter().find(|(_, mask, _)| {
        wanted.control_modes.intersection(*mask) != got.control_modes.intersection(*mask)
    });
    if let Some((name, _, value)) = differs {
        return Some(format!("`{name}`: asked for {value}, the driver did not take it"));
    }
    let soft = InputModes::IXON | InputModes::IXOFF;
    let same = wanted.input_modes.intersection(soft) == got.input_modes.intersection(soft);
    (!same).then(|| format!("`flow`: asked for {}, the driver did not take it", settings.flow))
}

fn invalid(text: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

fn busy(path: &Path) -> io::Error {
    let text = match holder(path) {
        Some(holder) => format!("{holder} has it"),
        None => "another program has it".to_owned(),
    };
    io::Error::new(io::ErrorKind::ResourceBusy, text)
}

/// The error in our words, where it says that the driver lacks what was asked.
fn lacking(error: io::Error, words: &str) -> io::Error {
    let lacks = [Errno::NOTTY, Errno::INVAL, Errno::OPNOTSUPP, Errno::NOSYS];
    if lacks.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error())) {
        return io::Error::new(io::ErrorKind::Unsupported, words);
    }
    error
}
