//! What `bench connect` and `bench serve` say to each other. It is as old as this program,
//! and as new: both ends are of one version, or the server refuses.
//!
//! Each connection begins with one line of the caller's, `sockeye-bench/1 JOB …`, and one of
//! the server's, `sockeye-bench/1 ANSWER …`, of at most 200 bytes each. RUN is the number that
//! the server gave to the bench, TIME is in milliseconds; both in decimal digits.
//!
//! | caller | server | then |
//! |---|---|---|
//! | `begin` | `run RUN` | nothing: the connection stays for as long as the bench |
//! | `up RUN` | `ok` | blocks of the caller's, and the server's `received BYTES NANOSECONDS` |
//! | `down RUN TIME` | `ok` | blocks of the server's for that time |
//! | `both RUN TIME` | `ok` | both at once |
//! | `turns RUN` | `ok` | what the caller sends comes back, until it closes |
//! | `ping RUN` | `pong` | the caller closes |
//! | anything else | `refused WHY` | the server closes |
//!
//! A block is a length (u32), its number from 0 (u32, both little-endian) and so many bytes of
//! the noise of `bulk.rs`, which the receiver compares. A length of 0 is the end. So each byte
//! is checked, and where it stands; it takes no end of the transport's own, which a WebSocket
//! has not for one way. The server sends in bulk over a stream alone, and to who asked on it.

use std::fmt;
use std::time::Duration;

use sockeye_text::safe::one_line;

/// The longest line, in bytes, its end included.
pub(crate) const LONGEST: usize = 200;
/// The longest time for which the server sends.
pub(crate) const LONGEST_TIME: Duration = Duration::from_hours(1);
/// What a refusal ends with where no more are served at once.
pub(crate) const FULL: &str = " are at it already";
/// What a line begins with, and the version that is spoken.
const NAME: &str = "sockeye-bench/";
const VERSION: &str = "1";

/// What a caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// A bench begins.
    Begin,
    /// The caller sends.
    Up(u64),
    /// The server sends, for that long.
    Down(u64, Duration),
    /// Both send.
    Both(u64, Duration),
    /// All comes back.
    Turns(u64),
    /// One answer.
    Ping(u64),
}

/// What a server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The number of the bench.
    Run(u64),
    /// Go on.
    Fine,
    /// So many bytes came, in that time.
    Received(u64, Duration),
    /// To a ping.
    Pong,
    /// It is not done, and why.
    Refused(String),
}

/// A line that is none of these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    /// Of another program.
    #[error("no line of a bench: `{}`", one_line(.0))]
    Foreign(String),
    /// Of another version.
    #[error("version {} of the bench's protocol, and version {VERSION} is spoken here", one_line(.0))]
    Version(String),
    /// Of ours, and nothing that is known.
    #[error("unknown to a bench: `{}`", one_line(.0))]
    Unknown(String),
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{NAME}{VERSION} ")?;
        match self {
            Self::Begin => f.write_str("begin"),
            Self::Up(run) => write!(f, "up {run}"),
            Self::Down(run, time) => write!(f, "down {run} {}", time.as_millis()),
            Self::Both(run, time) => write!(f, "both {run} {}", time.as_millis()),
            Self::Turns(run) => write!(f, "turns {run}"),
            Self::Ping(run) => write!(f, "ping {run}"),
        }?;
        f.write_str("\n")
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{NAME}{VERSION} ")?;
        match self {
            Self::Run(run) => write!(f, "run {run}"),
            Self::Fine => f.write_str("ok"),
            Self::Received(bytes, time) => write!(f, "received {bytes} {}", time.as_nanos()),
            Self::Pong => f.write_str("pong"),
            Self::Refused(why) => {
                let room = LONGEST - NAME.len() - VERSION.len() - " refused \n".len();
                let why = one_line(why);
                write!(f, "refused {}", why.get(..why.floor_char_boundary(room)).unwrap_or("?"))
            }
        }?;
        f.write_str("\n")
    }
}

impl Job {
    /// Reads a caller's line, without its end.
    pub(crate) fn read(line: &[u8]) -> Result<Self, Unfit> {
        let text = said(line)?;
        let words: Vec<&str> = text.split(' ').collect();
        let job = match words.as_slice() {
            ["begin"] => Some(Self::Begin),
            ["up", run] => number(run).map(Self::Up),
            ["down", run, time] => number(run).zip(span(time)).map(|(run, t)| Self::Down(run, t)),
            ["both", run, time] => number(run).zip(span(time)).map(|(run, t)| Self::Both(run, t)),
            ["turns", run] => number(run).map(Self::Turns),
            ["ping", run] => number(run).map(Self::Ping),
            _ => None,
        };
        job.ok_or(Unfit::Unknown(text))
    }
}

impl Answer {
    /// Reads a server's line, without its end.
    pub(crate) fn read(line: &[u8]) -> Result<Self, Unfit> {
        let text = said(line)?;
        let answer = match text.split_once(' ') {
            Some(("run", run)) => number(run).map(Self::Run),
            Some(("refused", why)) => Some(Self::Refused(why.to_owned())),
            Some(("received", rest)) => rest.split_once(' ').and_then(|(bytes, time)| {
                Some(Self::Received(number(bytes)?, Duration::from_nanos(number(time)?)))
            }),
            None if text == "ok" => Some(Self::Fine),
            None if text == "pong" => Some(Self::Pong),
            _ => None,
        };
        answer.ok_or(Unfit::Unknown(text))
    }
}

/// What stands after the name and the version.
fn said(line: &[u8]) -> Result<String, Unfit> {
    let text = String::from_utf8_lossy(line);
    let Some(ours) = text.strip_prefix(NAME) else {
        return Err(Unfit::Foreign(text.into_owned()));
    };
    match ours.split_once(' ') {
        Some((VERSION, said)) => Ok(said.to_owned()),
        Some((version, _)) => Err(Unfit::Version(version.to_owned())),
        None => Err(Unfit::Unknown(ours.to_owned())),
    }
}

fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn span(text: &str) -> Option<Duration> {
    number(text).map(Duration::from_millis).filter(|time| *time <= LONGEST_TIME)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::*;

    #[test]
    fn every_line_comes_back_as_it_was_meant() {
        let time = Duration::from_millis(1500);
        for job in [
            Job::Begin,
            Job::Up(7),
            Job::Down(u64::MAX, time),
            Job::Both(0, Duration::ZERO),
            Job::Turns(1),
            Job::Ping(2),
        ] {
            assert_eq!(Job::read(job.to_string().trim_end().as_bytes()), Ok(job));
        }
        for answer in [
            Answer::Run(3),
            Answer::Fine,
            Answer::Received(9, time),
            Answer::Pong,
            Answer::Refused("it is full".to_owned()),
        ] {
            assert_eq!(Answer::read(answer.to_string().trim_end().as_bytes()), Ok(answer));
        }
    }

    #[test]
    fn what_is_not_ours_is_told_from_another_version_and_from_nonsense() {
        for (line, why) in [
            ("GET / HTTP/1.1", "no line of a bench: `GET / HTTP/1.1`"),
            ("", "no line of a bench: ``"),
            (
                "sockeye-bench/2 begin",
                "version 2 of the bench's protocol, and version 1 is spoken here",
            ),
            ("sockeye-bench/1 up", "unknown to a bench: `up`"),
            ("sockeye-bench/1 up -1", "unknown to a bench: `up -1`"),
            ("sockeye-bench/1 down 1 3600001", "unknown to a bench: `down 1 3600001`"),
        ] {
            assert_eq!(Job::read(line.as_bytes()).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn a_refusal_is_never_longer_than_a_line_may_be() {
        let line = Answer::Refused("好".repeat(300)).to_string();
        assert!(line.len() <= LONGEST && line.ends_with('\n'), "{}", line.len());
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut ours = b"sockeye-bench/1 ".to_vec();
            ours.extend_from_slice(&line);
            for line in [&line, &ours] {
                drop((Job::read(line), Answer::read(line)));
            }
        }
    }
}
