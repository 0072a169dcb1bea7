//! What the tests of the binary stand on: processes that are started, listened to, waited
//! for with a deadline, and killed at the end whatever happens. No test is in here.

#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(unreachable_pub, reason = "a module shared by test binaries has no outside")]

pub mod gather;
pub mod ports;
pub mod tape;
pub mod desk;
pub mod watch;

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use gather::Gathered;
use rustix::process::{Pid, Signal, kill_process};

/// Longer than anything here takes; a wait that lasts so long is a failure.
pub const LONG: Duration = Duration::from_secs(20);

/// The binary under test.
pub const SOCKEYE: &str = env!("CARGO_BIN_EXE_sockeye");

/// A program about to be started. Its stdin is `/dev/null` unless said otherwise.
#[derive(Debug)]
pub struct Start {
    command: Command,
    label: String,
    input: Input,
    output: Output,
}

#[derive(Debug)]
enum Input {
    Null,
    Bytes(Vec<u8>),
    Open,
    File(PathBuf),
}

#[derive(Debug)]
enum Output {
    Gather,
    File(PathBuf),
    /// A pipe whose other end is held and not read.
    Unread,
}

/// A program that runs; killed when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    label: String,
    stdin: Option<ChildStdin>,
    pub out: Gathered,
    pub err: Gathered,
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    pub out: Vec<u8>,
    pub err: String,
}

/// `sockeye ARGS…`.
pub fn sockeye<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Start {
    Start::program(SOCKEYE).args(args)
}

/// `sockeye ARGS…`, the arguments separated by blanks.
pub fn words(line: &str) -> Start {
    sockeye(line.split_ascii_whitespace())
}

/// `sh -c SCRIPT`, with `$S` the binary under test.
pub fn shell(script: &str) -> Start {
    Start::program("/bin/sh").args(["-c", script]).env("S", SOCKEYE)
}

/// The interpreter that has the packages which `cargo xtask test --install` installs.
pub fn python() -> Start {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python3");
    Start::program(place.to_str().expect("a plain path"))
}

/// Node, with the packages which `cargo xtask test --install` installs.
pub fn node() -> Start {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/node/node_modules");
    Start::program("node").env("NODE_PATH", place.to_str().expect("a plain path"))
}

impl Start {
    /// Any program.
    pub fn program(name: &str) -> Self {
        let mut command = Command::new(name);
        // A person's settings must not change what a test sees.
        command.env_remove("RUST_LOG").env_remove("COLUMNS").env("TZ", "UTC");
        Self { command, label: name.to_owned(), input: Input::Null, output: Output::Gather }
    }

    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        for arg in args {
            self.label = format!("{} {}", self.label, arg.as_ref().to_string_lossy());
            self.command.arg(arg);
        }
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Stdin holds these bytes, then ends.
    pub fn input(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.input = Input::Bytes(bytes.as_ref().to_vec());
        self
    }

    /// Stdin is a pipe that stays open until [`Running::close_stdin`].
    pub fn open(mut self) -> Self {
        self.input = Input::Open;
        self
    }

    /// Stdin is a file.
    pub fn input_file(mut self, path: &Path) -> Self {
        self.input = Input::File(path.to_owned());
        self
    }

    /// Stdout goes to a file.
    pub fn output_file(mut self, path: &Path) -> Self {
        self.output = Output::File(path.to_owned());
        self
    }

    /// Stdout is a pipe that nobody reads, and that stays open.
    pub fn unread(mut self) -> Self {
        self.output = Output::Unread;
        self
    }

    pub fn start(mut self) -> Running {
        let stdin = match &self.input {
            Input::Null => Stdio::null(),
            Input::Bytes(_) | Input::Open => Stdio::piped(),
            Input::File(path) => Stdio::from(File::open(path).expect("the input file")),
        };
        let stdout = match &self.output {
            Output::Gather | Output::Unread => Stdio::piped(),
            Output::File(path) => Stdio::from(File::create(path).expect("the output file")),
        };
        let started = self.command.stdin(stdin).stdout(stdout).stderr(Stdio::piped()).spawn();
        let mut child =
            started.unwrap_or_else(|error| panic!("cannot start {}: {error}", self.label));
        let mut stdin = child.stdin.take();
        if let Input::Bytes(bytes) = self.input
            && let Some(mut pipe) = stdin.take()
        {
            // A program that ends early closes the pipe: what it did is asked elsewhere.
            std::thread::spawn(move || drop(pipe.write_all(&bytes)));
        }
        let out = match self.output {
            Output::Gather => Gathered::of(child.stdout.take().expect("a pipe")),
            Output::File(_) | Output::Unread => Gathered::nothing(),
        };
        let err = Gathered::of(child.stderr.take().expect("a pipe"));
        Running { child, label: self.label, stdin, out, err }
    }

    /// Starts it and waits for its end.
    pub fn run(self) -> Ended {
        self.start().wait()
    }
}

impl Running {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Writes to the open stdin.
    pub fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let pipe = self.stdin.as_mut().expect("stdin is open");
        let written = pipe.write_all(bytes.as_ref()).and_then(|()| pipe.flush());
        written.unwrap_or_else(|error| panic!("{} took no input: {error}", self.label));
    }

    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Waits for the ready line and returns the endpoint in it.
    pub fn endpoint(&self) -> String {
        let line = self.await_err("listening on ", |text| {
            let rest = text.split_once("listening on ")?.1;
            rest.split_once('\n').map(|(endpoint, _)| endpoint.to_owned())
        });
        line.trim().to_owned()
    }

    /// The port of the ready line.
    pub fn port(&self) -> u16 {
        let endpoint = self.endpoint();
        // A WebSocket's has a path after it.
        let place = endpoint.split_once("://").map_or(endpoint.as_str(), |(_, place)| place);
        let place = place.split_once('/').map_or(place, |(place, _)| place);
        let port = place.rsplit(':').next().and_then(|port| port.parse().ok());
        port.unwrap_or_else(|| panic!("{}: no port in `{endpoint}`", self.label))
    }

    /// `127.0.0.1:PORT` of the ready line.
    pub fn at(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// Waits until stdout holds the text.
    pub fn sees(&self, text: impl AsRef<[u8]>) {
        let wanted = text.as_ref();
        let found = self.out.until(LONG, |bytes| gather::holds(bytes, wanted).then_some(()));
        found.unwrap_or_else(|| {
            self.give_up(&format!("stdout {:?}", String::from_utf8_lossy(wanted)))
        });
    }

    /// Waits until stderr holds the text.
    pub fn says(&self, text: &str) {
        self.await_err(text, |err| err.contains(text).then_some(()));
    }

    fn await_err<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let found = self.err.until(LONG, |bytes| find(&String::from_utf8_lossy(bytes)));
        found.unwrap_or_else(|| self.give_up(&format!("stderr {what:?}")))
    }

    /// Sends a signal, by the process's number.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours").is_none()
    }

    /// Resident memory, in KiB (proc(5)).
    pub fn resident(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most resident memory that there ever was, in KiB.
    pub fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("a field");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Ends our input, and waits for the program's end.
    pub fn wait(self) -> Ended {
        self.wait_for(LONG)
    }

    pub fn wait_for(mut self, limit: Duration) -> Ended {
        self.stdin = None;
        self.stays_for(limit)
    }

    /// Waits for the program's end while its stdin stays as it is.
    pub fn wait_with_stdin_open(mut self) -> Ended {
        self.stays_for(LONG)
    }

    fn stays_for(&mut self, limit: Duration) -> Ended {
        let due = Instant::now() + limit;
        let status = loop {
            match self.child.try_wait().expect("a child of ours") {
                Some(status) => break status,
                None if Instant::now() >= due => self.give_up("its end"),
                None => std::thread::sleep(ports::LOOK_EVERY),
            }
        };
        // Grandchildren may hold the pipes a little longer; what they say is waited for.
        let out = self.out.whole(LONG).unwrap_or_else(|| self.give_up("the end of stdout"));
        let err = self.err.whole(LONG).unwrap_or_else(|| self.give_up("the end of stderr"));
        Ended { code: status.code(), out, err: String::from_utf8_lossy(&err).into_owned() }
    }

    fn give_up(&self, what: &str) -> ! {
        panic!(
            "waited in vain for {what}\n  of: {}\n  stdout: {}\n  stderr: {}",
            self.label,
            self.out.shown(),
            self.err.shown()
        );
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Ended {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }

    /// Fails unless the exit code is this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        let out = self.text();
        assert_eq!(
            self.code,
            Some(code),
            "the exit code\nstdout: {out:.2000}\nstderr: {}",
            self.err
        );
        self
    }

    /// Fails unless stdout is just this.
    #[track_caller]
    pub fn prints(self, expected: impl AsRef<[u8]>) -> Self {
        let expected = expected.as_ref();
        assert!(
            self.out == expected,
            "stdout is {:?}, not {:?}\nstderr: {}",
            String::from_utf8_lossy(&self.out),
            String::from_utf8_lossy(expected),
            self.err
        );
        self
    }

    /// Fails unless stderr holds the text.
    #[track_caller]
    pub fn told(self, text: &str) -> Self {
        assert!(self.err.contains(text), "stderr lacks {text:?}:\n{}", self.err);
        self
    }

    /// Fails unless stderr has the error of this code on one line, and a hint after it.
    #[track_caller]
    pub fn fails_clearly(self, code: &str) -> Self {
        let head = format!("error[{code}]: ");
        assert!(!self.err.contains("(os error"), "Rust's own words:\n{}", self.err);
        let mut lines = self.err.lines().skip_while(|line| !line.starts_with(&head));
        assert!(lines.next().is_some(), "no `{head}` in stderr:\n{}", self.err);
        let hint = lines.next().unwrap_or_default();
        assert!(hint.starts_with("hint: "), "no hint after the error:\n{}", self.err);
        self
    }
}

/// Bytes that look like noise and are the same each time.
pub fn noise(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}
