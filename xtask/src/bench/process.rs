//! Programs that are run: waited for with a deadline, measured, and ended whatever happens.

use std::fs::{File, read_to_string};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

/// How long a server may take until it listens.
const READY: Duration = Duration::from_secs(10);
/// How often the memory of a program is looked at while its end is waited for.
const LOOK: Duration = Duration::from_millis(50);
/// How long a program may take to end once it was told to.
const GRACE: Duration = Duration::from_secs(3);

/// A program that runs. Dropped, it is told to end, and killed if it does not.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    name: String,
    said: PathBuf,
    reaped: bool,
}

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// When.
    pub(crate) at: Instant,
    /// How.
    pub(crate) status: ExitStatus,
    /// What it handed to write(2) and its like, in bytes (proc(5), `wchar`).
    pub(crate) written: u64,
    /// The most memory that it was seen to have, in MiB.
    pub(crate) peak: f64,
    /// Its stderr.
    pub(crate) said: String,
}

impl Process {
    /// Starts it; its stderr goes to the file `said`.
    pub(crate) fn start(command: &mut Command, said: PathBuf) -> anyhow::Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        let child = command.stderr(File::create(&said)?).spawn();
        let child = child.with_context(|| format!("cannot run `{name}`"))?;
        Ok(Self { child, name, said, reaped: false })
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its stdin, if that is a pipe: once.
    pub(crate) fn stdin(&mut self) -> anyhow::Result<ChildStdin> {
        self.child.stdin.take().with_context(|| format!("`{}` has no stdin", self.name))
    }

    /// Its stdout, if that is a pipe: once.
    pub(crate) fn stdout(&mut self) -> anyhow::Result<ChildStdout> {
        self.child.stdout.take().with_context(|| format!("`{}` has no stdout", self.name))
    }

    /// Waits for its end, and looks at its memory meanwhile.
    pub(crate) fn ended(&mut self, within: Duration) -> anyhow::Result<Ended> {
        let until = Instant::now() + within;
        let mut peak = 0.0;
        while !self.is_over(LOOK)? {
            peak = self.peak().unwrap_or(peak);
            if Instant::now() > until {
                bail!("`{}` has not ended within {within:?}: {}", self.name, self.last_words());
            }
        }
        let at = Instant::now();
        let written = self.written().unwrap_or_default();
        let status = self.child.wait()?;
        self.reaped = true;
        let said = read_to_string(&self.said).unwrap_or_default();
        Ok(Ended { at, status, written, peak, said })
    }

    /// Waits for its end, which must be a good one.
    pub(crate) fn ended_well(&mut self, within: Duration) -> anyhow::Result<Ended> {
        let ended = self.ended(within)?;
        if !ended.status.success() {
            bail!("`{}` failed: {}: {}", self.name, ended.status, self.last_words());
        }
        Ok(ended)
    }

    /// Waits until it listens.
    pub(crate) fn listens(&mut self, place: &Place) -> anyhow::Result<()> {
        let until = Instant::now() + READY;
        while !place.is_taken() {
            if self.is_over(Duration::from_millis(1))? {
                bail!("`{}` ended before it listened: {}", self.name, self.last_words());
            }
            if Instant::now() > until {
                bail!("`{}` does not listen: {}", self.name, self.last_words());
            }
        }
        Ok(())
    }

    /// The most memory that it had, and those of its children that are there still, in MiB
    /// (proc(5), `VmHWM`).
    pub(crate) fn peak(&self) -> anyhow::Result<f64> {
        // A child may end in between.
        let children = self.children().into_iter();
        let theirs: u32 = children.filter_map(|child| memory(child, "VmHWM:").ok()).sum();
        Ok(f64::from(memory(self.id(), "VmHWM:")? + theirs) / 1024.0)
    }

    /// The numbers of its children; once it has ended they are nobody's.
    fn children(&self) -> Vec<u32> {
        let id = self.id();
        let children = read_to_string(format!("/proc/{id}/task/{id}/children"));
        let children = children.unwrap_or_default();
        children.split_whitespace().filter_map(|child| child.parse().ok()).collect()
    }

    fn is_over(&self, within: Duration) -> anyhow::Result<bool> {
        let pid = Pid::from_child(&self.child);
        let handle = pidfd_open(pid, PidfdFlags::empty())?;
        let within = Timespec::try_from(within)?;
        Ok(poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&within))? > 0)
    }

    fn written(&self) -> Option<u64> {
        let counts = read_to_string(format!("/proc/{}/io", self.id())).ok()?;
        counts.lines().find_map(|line| line.strip_prefix("wchar: "))?.trim().parse().ok()
    }

    fn last_words(&self) -> String {
        let said = read_to_string(&self.said).unwrap_or_default();
        said.lines().last().unwrap_or("it said nothing").to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.reaped {
            return;
        }
        // Each of these may find that it has ended by itself. Some servers leave behind a child that
        // they made for a caller.
        let children = self.children();
        let _told = kill_process(Pid::from_child(&self.child), Signal::TERM);
        for child in children.into_iter().filter_map(|child| Pid::from_raw(child.cast_signed())) {
            let _told = kill_process(child, Signal::TERM);
        }
        if !self.is_over(GRACE).unwrap_or(false) {
            let _killed = self.child.kill();
        }
        let _reaped = self.child.wait();
    }
}

/// A figure of `/proc/PID/status`, in KiB.
pub(crate) fn memory(process: u32, which: &str) -> anyhow::Result<u32> {
    let status = read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(which));
    let text = line.and_then(|line| line.split_whitespace().next());
    Ok(text.with_context(|| format!("no {which}"))?.parse()?)
}

/// Where a server of this machine is reached.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A TCP port of 127.0.0.1.
    Tcp(u16),
    /// A UDP port of 127.0.0.1.
    Udp(u16),
    /// A Unix socket.
    Unix(PathBuf),
}

impl Place {
    /// A port that was free a moment ago: not every tool can be given port 0.
    pub(crate) fn tcp() -> anyhow::Result<Self> {
        Ok(Self::Tcp(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port()))
    }

    /// The same of UDP.
    pub(crate) fn udp() -> anyhow::Result<Self> {
        Ok(Self::Udp(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port()))
    }

    /// A Unix socket at this path, where nothing is.
    pub(crate) fn unix(path: &Path) -> Self {
        let _stale = std::fs::remove_file(path);
        Self::Unix(path.into())
    }

    /// The port or the path.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Tcp(port) | Self::Udp(port) => port.to_string(),
            Self::Unix(path) => path.display().to_string(),
        }
    }

    /// Whether somebody listens there, without calling him: a call would be taken for the
    /// client that is waited for (proc(5), `/proc/net`).
    fn is_taken(&self) -> bool {
        let (table, state, end) = match self {
            Self::Tcp(port) => ("tcp", " 0A ", format!(":{port:04X} 00000000:0000")),
            Self::Udp(port) => ("udp", " 07 ", format!(":{port:04X} 00000000:0000")),
            Self::Unix(path) => ("unix", " 00010000 ", format!(" {}", path.display())),
        };
        let rows = read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
        rows.lines().any(|row| row.contains(state) && row.contains(&end))
    }
}

/// Starts a server at a place that was free, up to three times: another program may have
/// taken the port in between.
pub(crate) fn serve(
    said: &Path,
    place: impl Fn() -> anyhow::Result<Place>,
    command: impl Fn(&Place) -> anyhow::Result<Command>,
) -> anyhow::Result<(Process, Place)> {
    let mut tries = 3;
    loop {
        let place = place()?;
        let mut server = Process::start(&mut command(&place)?, said.into())?;
        match server.listens(&place) {
            Ok(()) => return Ok((server, place)),
            Err(error) if tries == 1 => return Err(error),
            Err(_) => tries -= 1,
        }
    }
}
