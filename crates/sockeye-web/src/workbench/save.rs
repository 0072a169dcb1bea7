//! The tape of a run as a file for the user's disk: the tape itself, what a tape can be
//! converted to, or the bytes of one direction.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sockeye_tape::contents::Contents;
use sockeye_tape::diagram::{Choice, MOST};
use sockeye_tape::event::Dir;
use sockeye_tape::export::{Export, Form, Given};
use sockeye_tape::reel::reading::{BYTES, Reading};
use sockeye_text::encoding::Encoding;
use tokio::io::AsyncReadExt;

use crate::workbench::draft::tape_name;
use crate::workbench::refusal::Refusal;

/// What is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The tape.
    Tape,
    /// What it can be converted to.
    Converted(Form),
    /// The bytes that one direction of a conversation had.
    Raw {
        /// The conversation.
        c: u64,
        /// The direction.
        dir: Dir,
    },
}

/// A file for the user's disk.
#[derive(Debug)]
pub struct Saved {
    file: File,
    size: u64,
    kind: &'static str,
    name: String,
}

impl Wanted {
    /// What `?as=` asks for.
    pub fn read(text: &str, c: Option<u64>, dir: Option<Dir>) -> Result<Self, Refusal> {
        match text {
            "tape" => Ok(Self::Tape),
            "raw" => match (c, dir) {
                (Some(c), Some(dir)) => Ok(Self::Raw { c, dir }),
                _ => Err(Refusal::usage("bytes are of one direction").hint("give `c` and `dir`")),
            },
            other => Form::of(Path::new(&format!("tape.{other}"))).map(Self::Converted).ok_or_else(
                || {
                    let other = sockeye_text::safe::one_line(other).into_owned();
                    Refusal::usage(format!("nothing is saved as `{other}`"))
                        .hint("tape, pcapng, html, txt, svg, mmd, raw")
                        .field("as")
                },
            ),
        }
    }

    /// How its file is called, and what it is (a media type).
    fn name(self, run: u64) -> (String, &'static str) {
        let named = |ending: &str| format!("run-{run}.{ending}");
        match self {
            Self::Tape => (tape_name(run), "application/x-ndjson"),
            Self::Raw { c, dir } => (named(&format!("{c}.{dir}.bin")), "application/octet-stream"),
            Self::Converted(Form::Pcapng) => (named("pcapng"), "application/octet-stream"),
            // A page made of a stranger's bytes is not for this origin: it is a file, always.
            Self::Converted(Form::Html) => (named("html"), "application/octet-stream"),
            Self::Converted(Form::Text) => (named("txt"), "text/plain; charset=utf-8"),
            Self::Converted(Form::Svg) => (named("svg"), "image/svg+xml"),
            Self::Converted(Form::Mermaid) => (named("mmd"), "text/plain; charset=utf-8"),
        }
    }
}

/// How the converted forms read the tape.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// The only conversation that is drawn.
    pub conversation: Option<u64>,
    /// So many steps are drawn.
    pub most: Option<usize>,
    /// How bytes become text.
    pub encoding: Encoding,
}

/// Writes what is wanted to a file without a name in `folder`. Blocks.
pub fn save(
    (run, reading): (u64, &Reading),
    wanted: Wanted,
    manner: Manner,
    folder: &Path,
) -> Result<Saved, Refusal> {
    let failed = |error: io::Error| Refusal::io("cannot save the tape", &error);
    let mut out = BufWriter::new(tempfile::tempfile_in(folder).map_err(failed)?);
    match wanted {
        Wanted::Tape => reading.save(&mut out).map_err(failed)?,
        Wanted::Raw { c, dir } => raw(reading, c, dir, &mut out)?,
        Wanted::Converted(form) => convert(reading, form, manner, &mut out)?,
    }
    let mut file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    let size = file.stream_position().map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let (name, kind) = wanted.name(run);
    Ok(Saved { file, size, kind, name })
}

fn raw(reading: &Reading, c: u64, dir: Dir, out: &mut impl Write) -> Result<(), Refusal> {
    let Some(span) = reading.span(c, dir) else { return Ok(()) };
    let mut off = span.start;
    while off < span.end {
        let bytes = reading.bytes(c, dir, off, BYTES)?;
        if bytes.is_empty() {
            break;
        }
        out.write_all(&bytes).map_err(|error| Refusal::io("cannot save the bytes", &error))?;
        off += bytes.len() as u64;
    }
    Ok(())
}

fn convert(
    reading: &Reading,
    form: Form,
    manner: Manner,
    out: &mut impl Write,
) -> Result<(), Refusal> {
    let failed = |error: io::Error| Refusal::io("cannot convert the tape", &error);
    let mut contents = Contents::default();
    if form == Form::Html {
        each(reading, |event| {
            contents.add(event);
            Ok(())
        })?;
    }
    let choice = Choice {
        conversation: manner.conversation,
        most: manner.most.unwrap_or(MOST),
        encoding: manner.encoding,
    };
    let given = Given { encoding: manner.encoding, contents, secrets: None, choice };
    let mut export = Export::begin(form, out, reading.header(), &given).map_err(failed)?;
    each(reading, |event| export.event(event).map_err(failed))?;
    export.end().map(drop).map_err(failed)
}

/// Every event that is kept, in order.
pub fn each(
    reading: &Reading,
    mut take: impl FnMut(&sockeye_tape::event::Event<'_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut number = reading.first();
    while number < reading.len() {
        let events = reading.events(number..reading.len())?;
        if events.is_empty() {
            break;
        }
        for event in &events {
            take(event)?;
        }
        number += events.len() as u64;
    }
    Ok(())
}

impl IntoResponse for Saved {
    fn into_response(self) -> Response {
        let headers = [
            (CONTENT_TYPE, self.kind.to_owned()),
            (CONTENT_LENGTH, self.size.to_string()),
            (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name)),
        ];
        (headers, Body::from_stream(pieces(self.file))).into_response()
    }
}

/// The file, a piece at a time.
fn pieces(file: File) -> impl futures_util::Stream<Item = io::Result<Vec<u8>>> {
    futures_util::stream::unfold(tokio::fs::File::from_std(file), |mut file| async move {
        let mut piece = Vec::with_capacity(PIECE);
        match (&mut file).take(PIECE as u64).read_to_end(&mut piece).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(piece), file)),
            Err(error) => Some((Err(error), file)),
        }
    })
}

/// What of the file is in memory at once.
const PIECE: usize = 256 * 1024;
