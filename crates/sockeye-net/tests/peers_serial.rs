//! Serial ports over pairs of pseudo-terminals that socat joins. They have no modem lines,
//! no parity and eight bits a character: that a port says so is tested here as well.

use std::fs::{File, OpenOptions};
use std::future::poll_fn;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{ControlModes, tcgetattr};
use sockeye_net::came::{Came, Filled};
use sockeye_net::serial::port::{Port, hint};
use sockeye_net::serial::settings::{Level, Settings};
use tempfile::TempDir;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

/// A cable with two ends.
struct Cable {
    folder: TempDir,
    socat: Option<Child>,
}

impl Cable {
    fn new() -> Self {
        let mut cable = Self { folder: tempfile::tempdir().expect("a folder"), socat: None };
        cable.plug();
        cable
    }

    fn end(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// One end as a program that knows nothing of us has it.
    fn file(&self, name: &str) -> File {
        let mut open = OpenOptions::new();
        open.read(true).write(true).custom_flags(libc::O_NOCTTY);
        open.open(self.end(name)).expect("this end of the cable")
    }

    fn plug(&mut self) {
        let end = |name: &str| format!("pty,raw,echo=0,link={}", self.end(name).display());
        let mut socat = Command::new("socat")
            .args(["-d", "-d", &end("a"), &end("b")])
            .stderr(Stdio::piped())
            .spawn()
            .expect("socat is installed");
        let mut said = BufReader::new(socat.stderr.take().expect("a pipe")).lines();
        assert!(
            said.any(|line| line.is_ok_and(|line| line.contains("starting data transfer loop")))
        );
        // What it says later must find somebody to say it to.
        std::thread::spawn(move || said.for_each(drop));
        self.socat = Some(socat);
    }

    /// SIGTERM, as socat then takes its links away: the names of dead pseudo-terminals are
    /// soon those of others.
    fn unplug(&mut self) {
        if let Some(mut socat) = self.socat.take() {
            // It may have ended by itself.
            let _ended = kill_process(Pid::from_child(&socat), Signal::TERM);
            socat.wait().expect("a child of ours");
        }
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.unplug();
    }
}

async fn bounded<T>(what: &str, job: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(LONG, job).await;
    done.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

async fn recv(port: &Mutex<Port>) -> Came {
    recv_at_most(64 * 1024, port).await
}

async fn recv_at_most(limit: usize, port: &Mutex<Port>) -> Came {
    let mut space = vec![0; limit];
    let came = poll_fn(|cx| port.lock().expect("no panic holds it").poll_fill(cx, &mut space));
    match bounded("bytes or news", came).await.expect("no error") {
        Filled::Bytes(count) => Came::Bytes(space.get(..count).expect("as much as fits").to_vec()),
        Filled::Told(text) => Came::Told(text),
        Filled::End(words) => Came::End(words),
    }
}

async fn told(port: &Mutex<Port>) -> String {
    match recv(port).await {
        Came::Told(text) => text,
        other => panic!("{other:?}"),
    }
}

/// Receives until there are as many bytes, and nothing but bytes.
async fn recv_all(port: &Mutex<Port>, count: usize) -> Vec<u8> {
    let mut all = Vec::new();
    while all.len() < count {
        match recv(port).await {
            Came::Bytes(bytes) => {
                assert!(!bytes.is_empty());
                all.extend(bytes);
            }
            other => panic!("{other:?} after {} bytes", all.len()),
        }
    }
    all
}

async fn send(port: &Mutex<Port>, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let sent = poll_fn(|cx| port.lock().expect("no panic holds it").poll_send(cx, bytes));
        let count = bounded("room to send", sent).await.expect("no error");
        bytes = bytes.get(count..).expect("no more than there was");
    }
}

/// What the other end reads, up to so many bytes; bounded, unlike a blocking read.
fn peer_reads(peer: &File, count: usize) -> Vec<u8> {
    let (mut from, (tell, heard)) =
        (peer.try_clone().expect("a descriptor"), std::sync::mpsc::channel());
    std::thread::spawn(move || {
        let mut got = vec![0; count];
        drop(tell.send(from.read_exact(&mut got).map(|()| got)));
    });
    heard.recv_timeout(LONG).expect("no wait in vain").expect("no error")
}

fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let [_, byte, ..] = state.to_le_bytes();
        byte
    };
    std::iter::repeat_with(next).take(size).collect()
}

fn set(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    change(&mut settings);
    settings
}

fn open(cable: &Cable) -> Mutex<Port> {
    Mutex::new(Port::open(&cable.end("a"), &Settings::default()).expect("a free port"))
}

#[tokio::test]
async fn every_byte_goes_both_ways_as_it_is() {
    let cable = Cable::new();
    let port = open(&cable);
    let mut peer = cable.file("b");
    let all: Vec<u8> = (0..=255).collect();
    send(&port, &all).await;
    assert_eq!(peer_reads(&peer, 256), all);
    peer.write_all(&all).unwrap();
    assert_eq!(recv_all(&port, 256).await, all);
}

#[tokio::test]
async fn one_read_brings_no_more_than_was_asked_for() {
    let cable = Cable::new();
    let port = open(&cable);
    let mut peer = cable.file("b");
    peer.write_all(b"temperature").unwrap();
    let mut all = Vec::new();
    while all.len() < 11 {
        let Came::Bytes(bytes) = recv_at_most(4, &port).await else { panic!() };
        assert!((1..=4).contains(&bytes.len()));
        all.extend(bytes);
    }
    assert_eq!(all, b"temperature");
}

#[tokio::test]
async fn a_mebibyte_arrives_whole_each_way_at_once() {
    let cable = Cable::new();
    let port = open(&cable);
    let ours = noise(1 << 20);
    let theirs: Vec<u8> = ours.iter().rev().copied().collect();
    // Two threads: socat writes to one end while it reads from neither.
    let mut peer = cable.file("b");
    let from = peer.try_clone().unwrap();
    let words = theirs.clone();
    let wrote = std::thread::spawn(move || peer.write_all(&words).map(|()| peer));
    let read = std::thread::spawn(move || peer_reads(&from, 1 << 20));
    let (got, ()) = tokio::join!(recv_all(&port, theirs.len()), send(&port, &ours));
    assert!(got == theirs);
    assert!(read.join().unwrap() == ours);
    // Held until here: a terminal that is closed forgets what it had.
    drop(wrote.join().unwrap());
}

#[tokio::test]
async fn unplugged_and_plugged_in_again_it_goes_on_and_what_waited_is_sent() {
    let mut cable = Cable::new();
    let port = open(&cable);
    send(&port, b"before").await;
    cable.unplug();
    let text = told(&port).await;
    assert!(text.starts_with("unplugged: "), "{text}");
    assert!(text.ends_with("waiting for it to come back"), "{text}");
    assert!(port.lock().unwrap().is_away());

    let mut waiting = Box::pin(send(&port, b"meanwhile"));
    poll_fn(|cx| {
        assert!(waiting.as_mut().poll(cx).is_pending(), "sent to nobody");
        Poll::Ready(())
    })
    .await;
    cable.plug();
    let mut peer = cable.file("b");
    let ((), text) = tokio::join!(waiting, told(&port));
    assert!(text.starts_with("it is back after ") && text.ends_with(" s"), "{text}");
    assert_eq!(peer_reads(&peer, 9), b"meanwhile");
    peer.write_all(b"after").unwrap();
    assert_eq!(recv_all(&port, 5).await, b"after");
}

#[tokio::test]
async fn a_writer_that_nobody_reads_for_finds_the_port_again_by_itself() {
    let mut cable = Cable::new();
    let port = open(&cable);
    cable.unplug();
    let mut waiting = Box::pin(send(&port, b"hello"));
    poll_fn(|cx| {
        assert!(waiting.as_mut().poll(cx).is_pending(), "sent to nobody");
        Poll::Ready(())
    })
    .await;
    cable.plug();
    let peer = cable.file("b");
    waiting.await;
    assert_eq!(peer_reads(&peer, 5), b"hello");
    assert!(told(&port).await.starts_with("unplugged: "));
    assert!(told(&port).await.starts_with("it is back after "));
}

#[tokio::test]
async fn something_else_in_its_place_is_told_once_and_waited_out() {
    let mut cable = Cable::new();
    let port = open(&cable);
    cable.unplug();
    assert!(told(&port).await.starts_with("unplugged: "));
    std::fs::write(cable.end("a"), "no port").unwrap();
    let text = told(&port).await;
    assert!(text.contains("cannot be opened: it is a regular file"), "{text}");
    std::fs::remove_file(cable.end("a")).unwrap();
    cable.plug();
    assert!(told(&port).await.starts_with("it is back after "));
}

#[tokio::test]
async fn a_port_that_is_taken_is_refused_with_who_has_it_until_it_is_free() {
    let cable = Cable::new();
    // Holds the line up when the port closes it; it was there before, and asks for nothing.
    let _held = cable.file("a");
    let first = open(&cable);
    let refused = Port::open(&cable.end("a"), &Settings::default()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ResourceBusy);
    let own = format!("(pid {}) has it", std::process::id());
    assert!(refused.to_string().ends_with(&own), "{refused}");
    assert!(hint(&refused).is_some());
    drop(first);
    // A child that another test is starting has our descriptors until its exec, and with them
    // the lock: a moment.
    let due = std::time::Instant::now() + LONG;
    while let Err(error) = Port::open(&cable.end("a"), &Settings::default()) {
        assert_eq!(error.kind(), ErrorKind::ResourceBusy);
        assert!(std::time::Instant::now() < due, "it never comes free: {error}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_no_port_is_told_for_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let socket = folder.path().join("socket");
    let _bound = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for (path, kind, text) in [
        (PathBuf::from("/dev/null"), ErrorKind::InvalidInput, "a device, but not a serial port"),
        (file, ErrorKind::InvalidInput, "it is a regular file"),
        (folder.path().to_owned(), ErrorKind::InvalidInput, "it is a folder"),
        (socket, ErrorKind::InvalidInput, "it is a socket"),
        (folder.path().join("missing"), ErrorKind::NotFound, "No such file"),
    ] {
        let refused = Port::open(&path, &Settings::default()).unwrap_err();
        assert_eq!(refused.kind(), kind, "{}: {refused}", path.display());
        assert!(refused.to_string().contains(text), "{}: {refused}", path.display());
        assert!(hint(&refused).is_some_and(|hint| hint.contains("sockeye ports")));
    }
}

#[tokio::test]
async fn what_the_driver_does_not_take_is_told() {
    let cable = Cable::new();
    let _held = cable.file("a");
    for (settings, text) in [
        (set(|it| it.data = "7".parse().unwrap()), "`data`: asked for 7"),
        (set(|it| it.parity = "even".parse().unwrap()), "`parity`: asked for even"),
        (set(|it| it.dtr = Some(Level::On)), "`dtr`: the port has no such line"),
        (set(|it| it.rts = Some(Level::Off)), "`rts`: the port has no such line"),
        (set(|it| it.rs485 = Some("on".parse().unwrap())), "`rs485`: the port's driver has no"),
    ] {
        let refused = Port::open(&cable.end("a"), &settings).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unsupported, "{refused}");
        assert!(refused.to_string().contains(text), "{refused}");
    }
    let both = set(|it| {
        it.rts = Some(Level::On);
        it.flow = "hard".parse().unwrap();
    });
    let refused = Port::open(&cable.end("a"), &both).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{refused}");
}

#[tokio::test]
async fn a_rate_of_no_table_and_what_else_a_pseudo_terminal_keeps_is_set() {
    let cable = Cable::new();
    let held = cable.file("a");
    let settings = set(|it| {
        it.baud = "250000".parse().unwrap();
        it.stop = "2".parse().unwrap();
        it.flow = "hard".parse().unwrap();
    });
    let mut port = Port::open(&cable.end("a"), &settings).unwrap();
    assert_eq!(port.settings(), &settings);
    let got = tcgetattr(&held).unwrap();
    assert_eq!((got.input_speed(), got.output_speed()), (250_000, 250_000));
    assert!(got.control_modes.contains(ControlModes::CSTOPB | ControlModes::CRTSCTS));
    assert_eq!(port.lines(), None);
    assert!(port.set_dtr(Level::On).is_err());
    assert!(port.set_rts(Level::On).unwrap_err().to_string().contains("`flow=hard`"));
    port.begin_break().unwrap();
    port.end_break().unwrap();
}

#[tokio::test]
async fn a_port_is_drained_without_losing_what_was_sent_last() {
    let cable = Cable::new();
    let port = open(&cable);
    let peer = cable.file("b");
    send(&port, b"last words").await;
    bounded("the drain", poll_fn(|cx| port.lock().unwrap().poll_drain(cx))).await.unwrap();
    assert_eq!(peer_reads(&peer, 10), b"last words");
}

#[tokio::test]
async fn a_port_that_is_away_has_nothing_to_drain_and_no_lines() {
    let mut cable = Cable::new();
    let port = open(&cable);
    cable.unplug();
    assert!(told(&port).await.starts_with("unplugged: "));
    bounded("the drain", poll_fn(|cx| port.lock().unwrap().poll_drain(cx))).await.unwrap();
    let mut port = port.lock().unwrap();
    port.discard().unwrap();
    assert_eq!(port.lines(), None);
    for refused in [port.begin_break(), port.end_break(), port.set_dtr(Level::On)] {
        assert_eq!(refused.unwrap_err().to_string(), "it is unplugged");
    }
}
