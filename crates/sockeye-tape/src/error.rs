//! What can go wrong with a tape. Grouped by who must act: the caller of the recorder
//! (another path, more room), the owner of the file read (it is no tape, it is newer),
//! and nobody (a line of it is corrupt: the rest is served).

use std::io;
use std::path::Path;
use std::path::PathBuf;

use sockeye_text::cause::plain;
use sockeye_text::safe;
use thiserror::Error;

/// The most characters of a file that a message quotes.
const QUOTED: usize = 60;

/// Why a tape could not be written or read, or a line of one is no event.
///
/// Whatever a message quotes from a file, its path included, is short and safe to show.
#[derive(Debug, Error)]
pub enum TapeError {
    /// The file to record to cannot be opened or made.
    #[error("cannot create the tape `{}`: {}", shown(path), plain(source))]
    Create {
        /// The tape.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file to record to has something in it, and nobody said to overwrite it.
    #[error("cannot create the tape `{}`: it exists and is not empty", shown(path))]
    Exists {
        /// The tape.
        path: PathBuf,
    },
    /// Another recorder is writing this very file.
    #[error("cannot create the tape `{}`: another recording is writing it", shown(path))]
    Busy {
        /// The tape.
        path: PathBuf,
    },
    /// A write failed (a full disk, say): the tape ends with the last line that fitted.
    #[error("cannot write the tape `{}`: {}", shown(path), plain(source))]
    Write {
        /// The tape.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A write has failed before: this recorder takes no more.
    #[error("the tape `{}` has ended after a failed write", shown(path))]
    Ended {
        /// The tape.
        path: PathBuf,
    },
    /// An event that a reel has forgotten, as it keeps so many and so much.
    #[error("event {number} is forgotten: the first that is kept is {first}")]
    Forgotten {
        /// The event that was asked for.
        number: u64,
        /// The lowest number that is still kept.
        first: u64,
    },
    /// The file to read cannot be opened.
    #[error("cannot open the tape `{}`: {}", shown(path), plain(source))]
    Open {
        /// The tape.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Reading stopped half way.
    #[error("cannot read the tape `{}`: {}", shown(path), plain(source))]
    Read {
        /// The tape.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file to convert to cannot be made.
    #[error("cannot create `{}`: {}", shown(path), plain(source))]
    Make {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file to convert to is there, and nobody said to overwrite it.
    #[error("cannot create `{}`: it exists", shown(path))]
    Taken {
        /// The file.
        path: PathBuf,
    },
    /// What is there under the name of the file to convert to is a device, a folder or the like.
    #[error("cannot replace `{}`: it is no regular file", shown(path))]
    NoFile {
        /// What is there.
        path: PathBuf,
    },
    /// The file to convert to takes no more, or cannot be put in its place.
    #[error("cannot write `{}`: {}", shown(path), plain(source))]
    Put {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A line of a TLS key log is none. What it says is a secret, and is not quoted.
    #[error("`{}` line {line} is of no TLS key log: {why}", shown(path))]
    KeyLog {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A TLS key log is larger than any that is taken.
    #[error("`{}` is larger than {limit} bytes", shown(path))]
    KeyLogTooLong {
        /// The file.
        path: PathBuf,
        /// The most bytes that it may have.
        limit: u64,
    },
    /// More conversations than are compared.
    #[error("`{}` has more than {limit} conversations", shown(path))]
    TooMany {
        /// The tape.
        path: PathBuf,
        /// The most that are compared.
        limit: usize,
    },
    /// A capture file cannot be opened, or reading it stopped half way.
    #[error("cannot read `{}`: {}", shown(path), plain(source))]
    Capture {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is no capture.
    #[error("`{}` is no capture file: {why}", shown(path))]
    NotACapture {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        why: &'static str,
    },
    /// A block of a capture file is damaged. Where the next begins, nobody knows.
    #[error("`{}` at byte {at}: {why}", shown(path))]
    Block {
        /// The file.
        path: PathBuf,
        /// Where the block begins.
        at: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The file is something else.
    #[error("`{}` is not a tape: {first}", shown(path))]
    NotATape {
        /// The file.
        path: PathBuf,
        /// What stands where the header should.
        first: FirstLine,
    },
    /// A header of a version that this program does not know.
    #[error("the tape is of version {version}, and this sockeye reads version {known}")]
    Version {
        /// The version it has.
        version: u64,
        /// The version that is known.
        known: u64,
    },
    /// A line in the middle is no event. The lines after it are served all the same.
    #[error("`{}` line {line}: {cause}", shown(path))]
    Line {
        /// The tape.
        path: PathBuf,
        /// The line's number; the header is line 1.
        line: u64,
        /// What is wrong with it.
        #[source]
        cause: Box<TapeError>,
    },
    /// A line is longer than any that a recorder writes.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The most bytes that a line may have.
        limit: usize,
    },
    /// A line is not UTF-8.
    #[error("not UTF-8 from byte {at} on")]
    NotUtf8 {
        /// The first bad byte, counted from 0.
        at: usize,
    },
    /// A line is no JSON, or lacks a field, or has one of another type.
    #[error("not an event: {why} (column {column})")]
    Malformed {
        /// What is wrong, made safe to show.
        why: String,
        /// Where in the line, in bytes, counted from 1.
        column: usize,
    },
    /// The bytes of an event are no base64 (RFC 4648, section 4).
    #[error("not an event: `b` is no base64")]
    Base64(#[from] base64::DecodeError),
    /// An `in` or `out` event without its bytes.
    #[error("not an event: neither `s` nor `b`")]
    NoBytes,
    /// An `in` or `out` event that has its bytes twice: there is no telling which count.
    #[error("not an event: both `s` and `b`")]
    TwiceBytes,
    /// A kind of event that this program does not know: of a newer one, most likely.
    #[error("an event of unknown kind `{kind}`")]
    Unknown {
        /// The kind, made safe to show.
        kind: String,
    },
}

/// What stands at the head of a file that is not a tape.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FirstLine {
    /// Nothing at all.
    #[error("it is empty")]
    Empty,
    /// A header that a crash has cut.
    #[error("its first line is cut off")]
    Cut,
    /// More than any header has.
    #[error("its first line is longer than {limit} bytes")]
    TooLong {
        /// The most bytes that a line may have.
        limit: usize,
    },
    /// Another line: its beginning, made safe to show.
    #[error("the first line is `{0}`")]
    Other(String),
}

impl TapeError {
    /// The next step, where there is one to name. Without the word `hint:`.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Exists { .. } => Some("choose another file, or say to overwrite this one"),
            Self::Busy { .. } => Some("choose another file, or end the other recording"),
            Self::Write { .. } | Self::Ended { .. } => {
                Some("the tape is whole to its last line; make room and record again")
            }
            Self::Forgotten { .. } => Some("ask from the first that is kept"),
            Self::NotATape { .. } => {
                Some("a tape is what `--tape FILE` records: JSON lines, a header first")
            }
            Self::Version { .. } => Some("use the sockeye that recorded it, or a newer one"),
            Self::Line { cause, .. } => cause.hint(),
            Self::Create { .. } | Self::Open { .. } | Self::Capture { .. } | Self::Make { .. } => {
                Some("check the path, and who may use it")
            }
            Self::NotACapture { .. } => {
                Some("a capture file is pcapng or pcap, as tshark, tcpdump and --write make them")
            }
            Self::Block { .. } => Some("what stands before it was read; capture again"),
            Self::Taken { .. } => Some("another name, or `--overwrite`"),
            Self::NoFile { .. } => Some("name a file that is new, or a regular one"),
            Self::Put { .. } => Some("nothing is left behind; make room and convert again"),
            Self::KeyLog { .. } | Self::KeyLogTooLong { .. } => {
                Some("a key log is what programs write to the file named by `SSLKEYLOGFILE`")
            }
            _ => None,
        }
    }

    pub(crate) fn malformed(error: &serde_json::Error) -> Self {
        let told = error.to_string();
        // A tape's line is always line 1 of the JSON text: only the column says something.
        let why = told.rsplit_once(" at line ").map_or(told.as_str(), |(why, _)| why);
        Self::Malformed { why: quoted(why, 3 * QUOTED), column: error.column() }
    }

    pub(crate) fn unknown(kind: &str) -> Self {
        Self::Unknown { kind: quoted(kind, QUOTED) }
    }
}

impl FirstLine {
    pub(crate) fn other(line: &[u8]) -> Self {
        // Four bytes at most for a character.
        let start = line.get(..4 * (QUOTED + 1)).unwrap_or(line);
        Self::Other(quoted(&String::from_utf8_lossy(start), QUOTED))
    }
}

/// The first `most` characters of foreign text, on one line and safe to show.
fn quoted(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let (start, _) = text.split_at_checked(end).unwrap_or((text, ""));
            safe::one_line(start).into_owned() + "…"
        }
        None => safe::one_line(text).into_owned(),
    }
}

fn shown(path: &Path) -> String {
    safe::one_line(&path.to_string_lossy()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::FirstLine;
    use super::TapeError;
    use std::path::PathBuf;

    #[test]
    fn a_path_and_a_quoted_line_are_harmless_on_a_terminal() {
        let path = PathBuf::from("a\x1B[2J.tape");
        let error = TapeError::NotATape { path, first: FirstLine::other(b"\x1B]0;x\x07\xFF") };
        assert_eq!(
            error.to_string(),
            "`a␛[2J.tape` is not a tape: the first line is `␛]0;x␇\u{FFFD}`"
        );
    }

    #[test]
    fn a_long_line_is_quoted_by_its_beginning() {
        let FirstLine::Other(start) = FirstLine::other("好".repeat(1000).as_bytes()) else {
            panic!("another line");
        };
        assert_eq!(start, "好".repeat(60) + "…");
    }

    #[test]
    fn the_hint_of_a_line_is_that_of_its_cause() {
        let cause = Box::new(TapeError::Version { version: 2, known: 1 });
        let error = TapeError::Line { path: "x.tape".into(), line: 1, cause };
        assert_eq!(
            error.to_string(),
            "`x.tape` line 1: the tape is of version 2, and this sockeye reads version 1"
        );
        assert!(error.hint().is_some());
    }
}
