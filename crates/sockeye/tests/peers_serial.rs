//! Serial ports from the command line, over pairs of pseudo-terminals that socat joins: one
//! end is ours, the other a plain program's.

mod harness;

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use harness::gather::{Gathered, holds};
use harness::{LONG, Running, Start, noise, sockeye, tape, words};
use rustix::fs::OFlags;
use rustix::process::Signal;
use tempfile::TempDir;

/// A cable with two ends.
struct Cable {
    folder: TempDir,
    socat: Option<Running>,
}

/// The far end of a cable, in the hands of a program that knows nothing of us.
struct Device {
    line: File,
    heard: Gathered,
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

    /// Our end, as an endpoint.
    fn ours(&self) -> String {
        format!("serial:{}", self.end("a").display())
    }

    fn plug(&mut self) {
        let end = |name: &str| format!("pty,raw,echo=0,link={}", self.end(name).display());
        let socat = Start::program("socat").args(["-d", "-d", &end("a"), &end("b")]).start();
        socat.says("starting data transfer loop");
        self.socat = Some(socat);
    }

    /// SIGTERM, as socat then takes its links away: the names of dead pseudo-terminals are
    /// soon those of others.
    fn unplug(&mut self) {
        let socat = self.socat.take().expect("it is plugged in");
        socat.signal(Signal::TERM);
        socat.wait();
    }

    fn device(&self) -> Device {
        let line = line(&self.end("b"));
        let heard = Gathered::of(line.try_clone().expect("a descriptor"));
        Device { line, heard }
    }
}

impl Device {
    fn says(&mut self, bytes: impl AsRef<[u8]>) {
        self.line.write_all(bytes.as_ref()).expect("the cable is plugged in");
    }

    #[track_caller]
    fn hears(&self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let found = self.heard.until(LONG, |heard| holds(heard, bytes).then_some(()));
        assert!(found.is_some(), "the device heard {}", self.heard.shown());
    }
}

/// A terminal line that does not become ours to be controlled by.
fn line(path: &Path) -> File {
    let flag = i32::try_from(OFlags::NOCTTY.bits()).expect("a flag");
    let open = OpenOptions::new().read(true).write(true).custom_flags(flag).open(path);
    open.expect("this end of the cable")
}

#[test]
fn connect_talks_both_ways_until_the_word() {
    let cable = Cable::new();
    let mut device = cable.device();
    let ours = format!("{}?baud=9600", cable.ours());
    let mut talk = sockeye(["connect", &ours, "--eol", "crlf", "--until", "bye"]).open().start();
    talk.write("AT\n");
    device.hears("AT\r\n");
    device.says("OK");
    talk.sees("OK");
    device.says("bye");
    talk.wait_with_stdin_open().exits(0).prints("OKbye");
}

#[test]
fn what_was_sent_last_arrives_though_the_port_is_closed_at_once() {
    let cable = Cable::new();
    let device = cable.device();
    // Somebody else keeps our end open, or socat would hang up with us.
    let _held = line(&cable.end("a"));
    for text in ["first", "second"] {
        sockeye(["send", &cable.ours(), text]).run().exits(0).prints("");
        device.hears(text);
    }
}

#[test]
fn send_waits_for_the_answer_that_is_expected() {
    let cable = Cable::new();
    let mut device = cable.device();
    let send = sockeye(["send", &cable.ours(), "PING", "--expect", "PONG"]).start();
    device.hears("PING");
    device.says("PONG");
    send.wait().exits(0).prints("PONG");
}

#[test]
fn n83_a_port_that_is_unplugged_is_told_and_taken_up_again() {
    let mut cable = Cable::new();
    let file = cable.end("talk.tape");
    let path = file.to_str().expect("a path of ours");
    let args = ["connect", &cable.ours(), "--view", "text", "--tape", path, "--until", "bye"];
    let mut device = cable.device();
    let talk = sockeye(args).open().start();
    device.says("before\n");
    talk.sees("before");
    cable.unplug();
    talk.sees("unplugged: ");
    cable.plug();
    let mut device = cable.device();
    talk.sees("it is back after ");
    device.says("bye");
    talk.wait_with_stdin_open().exits(0);

    let events = tape::read(&file);
    let notes = tape::notes(&events);
    let notes: Vec<_> = notes.iter().filter(|text| !text.starts_with("115200")).collect();
    assert!(
        matches!(&notes[..], [gone, back]
            if gone.starts_with("unplugged: ") && back.starts_with("it is back after ")),
        "{notes:?}"
    );
    assert_eq!(tape::came(&events).concat(), b"before\nbye");
    let [(_, open)] = &tape::opens(&events)[..] else { panic!("one conversation") };
    assert_eq!(open.proto, "serial");
}

#[test]
fn n83_an_unplugged_port_is_told_on_stderr_where_no_view_draws_it() {
    let mut cable = Cable::new();
    let (at, relay) = (cable.ours(), "relay 127.0.0.1:0");
    let talk = sockeye(["connect", &at]).open().start();
    let mut device = cable.device();
    device.says("before\n");
    talk.sees("before");
    cable.unplug();
    talk.says("note: #1 unplugged: ");
    cable.plug();
    talk.says("note: #1 it is back after ");
    drop(talk);
    let server = sockeye(relay.split(' ').chain([at.as_str()])).start();
    let mut client = TcpStream::connect(server.at()).expect("it listens");
    let device = cable.device();
    client.write_all(b"before\n").expect("sent");
    device.hears("before\n");
    cable.unplug();
    server.says("unplugged: ");
}

#[test]
fn what_is_typed_while_the_port_is_away_is_sent_when_it_is_back() {
    let mut cable = Cable::new();
    let args = ["connect", &cable.ours(), "--view", "text", "--until", "bye"];
    let mut talk = sockeye(args).open().start();
    let mut device = cable.device();
    device.says("before\n");
    talk.sees("before");
    cable.unplug();
    talk.sees("unplugged: ");
    talk.write("meanwhile\n");
    cable.plug();
    let mut device = cable.device();
    device.hears("meanwhile\n");
    device.says("bye");
    talk.wait_with_stdin_open().exits(0);
}

#[test]
fn a_port_that_somebody_has_is_refused_with_who_it_is() {
    let cable = Cable::new();
    let mut device = cable.device();
    let first = sockeye(["connect", &cable.ours(), "--until", "bye"]).open().start();
    device.says("hello");
    first.sees("hello");
    let owner = format!("`sockeye` (pid {}) has it", first.pid());
    let second = sockeye(["connect", &cable.ours()]).run().exits(1).fails_clearly("E-in-use");
    second.told(&owner);
    device.says("bye");
    first.wait_with_stdin_open().exits(0).prints("hellobye");
}

#[test]
fn what_is_no_port_is_told_for_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let missing = folder.path().join("missing");
    for (path, why) in [
        (Path::new("/dev/null"), "not a serial port"),
        (&file, "it is a regular file, not a serial port"),
        (folder.path(), "it is a folder, not a serial port"),
        (&missing, "no such file or directory"),
    ] {
        let ended = sockeye(["connect".to_owned(), format!("serial:{}", path.display())]).run();
        ended.exits(1).fails_clearly("E-io").told(why).told("`sockeye ports`");
    }
}

#[test]
fn what_the_port_cannot_do_is_told_before_anything_is_sent() {
    let cable = Cable::new();
    let device = cable.device();
    let _held = line(&cable.end("a"));
    for (option, why) in [
        ("parity=even", "`parity`: asked for even, the driver did not take it"),
        ("data=7", "`data`: asked for 7, the driver did not take it"),
        ("dtr=on", "`dtr`: the port has no such line"),
        ("rts=off", "`rts`: the port has no such line"),
        ("rs485=on", "`rs485`: the port's driver has no such mode"),
    ] {
        let ours = format!("{}?{option}", cable.ours());
        sockeye(["send", &ours, "hello"]).run().exits(1).fails_clearly("E-io").told(why);
    }
    assert_eq!(device.heard.so_far(), b"");
}

#[test]
fn a_setting_that_makes_no_sense_is_refused_before_the_port_is_opened() {
    for (query, why) in [
        ("baud=0", "is no rate such as 9600"),
        ("parity=evn", "did you mean `even`?"),
        ("stop=1.5", "termios(3) cannot ask for 1.5"),
        ("data=9", "is none of 5, 6, 7, 8"),
        ("rts=on&flow=hard", "`rts` is the driver's with `flow=hard`"),
        ("baude=9600", "did you mean `baud`?"),
    ] {
        let ended = sockeye(["connect".to_owned(), format!("serial:/nowhere?{query}")]).run();
        ended.exits(2).told("error[E-usage]: ").told(why);
    }
}

#[test]
fn a_relay_joins_a_tcp_client_and_the_port() {
    let cable = Cable::new();
    let mut device = cable.device();
    let relay = sockeye(["relay", "127.0.0.1:0", &cable.ours()]).start();
    let mut client = TcpStream::connect(relay.at()).unwrap();
    client.set_read_timeout(Some(LONG)).unwrap();
    client.write_all(b"to the port").unwrap();
    device.hears("to the port");
    device.says("from the port");
    let mut got = [0; 13];
    client.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"from the port");
}

#[test]
fn n28_a_page_drives_no_device_and_a_relay_to_one_binds_this_machine_alone() {
    let cable = Cable::new();
    let device = cable.device();
    let relay = sockeye(["relay", "0", &cable.ours()]).start();
    assert!(relay.endpoint().starts_with("tcp://127.0.0.1:"), "{}", relay.endpoint());
    let mut page = TcpStream::connect(relay.at()).unwrap();
    page.write_all(b"POST / HTTP/1.1\r\nHost: x\r\n\r\nM104 S300\n").unwrap();
    relay.says("a browser's request is no command");
    // The next caller's words are the first that arrive.
    let mut client = TcpStream::connect(relay.at()).unwrap();
    client.write_all(b"G28\n").unwrap();
    device.hears("G28\n");
    assert!(!String::from_utf8_lossy(&device.heard.so_far()).contains("M104"));
}

#[test]
fn a_mebibyte_arrives_whole_each_way() {
    let cable = Cable::new();
    let mut device = cable.device();
    let (ours, theirs) = (noise(1 << 20, 1), noise(1 << 20, 2));
    let mut talk = sockeye(["connect", &cable.ours()]).open().start();
    let words = theirs.clone();
    let speaker = std::thread::spawn(move || {
        device.says(&words);
        device
    });
    talk.write(&ours);
    let whole = talk.out.until(LONG, |out| (out.len() >= theirs.len()).then(|| out == theirs));
    assert_eq!(whole, Some(true), "stdout has {} bytes", talk.out.so_far().len());
    let device = speaker.join().unwrap();
    let whole =
        device.heard.until(LONG, |heard| (heard.len() >= ours.len()).then(|| heard == ours));
    assert_eq!(whole, Some(true), "the device heard {} bytes", device.heard.so_far().len());
    talk.signal(Signal::TERM);
    talk.wait_with_stdin_open().exits(143);
}

#[test]
fn ports_lists_what_this_machine_has_and_says_so_where_it_has_none() {
    let known = sockeye_net::serial_ports::list(Path::new("/")).unwrap();
    let paths: Vec<_> = known.iter().map(|port| port.path.to_str().unwrap()).collect();
    let json = words("ports --json").run().exits(0);
    let (objects, events) = tape::lines(&json.out);
    assert_eq!(events.len(), 0);
    let listed: Vec<_> = objects.iter().map(|port| port["path"].as_str().unwrap()).collect();
    assert_eq!(listed, paths);
    let plain = words("ports").run().exits(0);
    for path in &paths {
        assert!(plain.text().lines().any(|line| line.starts_with(path)), "{}", plain.text());
    }
    if paths.is_empty() {
        plain.told("no serial port is here").prints("");
    }
}
