//! Rows of a view, as a page draws them: a bounded piece of the bytes each, and where frames
//! begin and end in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sockeye_tape::event::{Dir, Event, What};
use sockeye_tape::reel::reading::Reading;
use sockeye_workbench::hits::{Frame, Hit};

use crate::workbench::views::View;

/// So many bytes of a row are given; the rest is asked for when it is looked at.
const SHOWN: usize = 256;

/// So many frames are marked in one row.
const BRACKETS: usize = 64;

/// So many rows at once.
pub const MOST: usize = 500;

/// A part of a view.
#[derive(Debug, Serialize)]
pub struct Part {
    first: u64,
    total: u64,
    events: u64,
    searched: u64,
    forgotten: u64,
    rows: Vec<Shown>,
}

/// One row.
#[derive(Debug, Default, Serialize)]
pub struct Shown {
    k: u64,
    n: u64,
    t: u64,
    c: u64,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dir: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    off: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    len: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    frames: Vec<(u64, u64, u8)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cuts: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    whole: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<Opened>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close: Option<Closed>,
}

#[derive(Debug, Serialize)]
struct Opened {
    role: String,
    local: String,
    peer: String,
    proto: String,
}

#[derive(Debug, Serialize)]
struct Closed {
    by: String,
    how: String,
    why: Option<String>,
}

/// The rows from number `from` on; none: the last ones. Blocks.
pub fn part(view: &View, reading: &Reading, from: Option<u64>, count: usize) -> Part {
    let count = count.clamp(1, MOST);
    let from = from.unwrap_or_else(|| view.total().saturating_sub(count as u64));
    let rows = view.rows(from, count);
    let first = rows.first().map_or(from, |(k, _)| *k);
    let shown = rows.into_iter().filter_map(|(k, hit)| {
        // What was forgotten in this moment is not there any more.
        let row = match hit {
            Hit::Event(number) => event(view, reading, number)?,
            Hit::Frame(found) => frame(reading, found)?,
        };
        Some(Shown { k, ..row })
    });
    Part {
        first,
        total: view.total(),
        events: reading.len(),
        searched: view.searched(),
        forgotten: view.gone(),
        rows: shown.collect(),
    }
}

fn event(view: &View, reading: &Reading, number: u64) -> Option<Shown> {
    let (entry, event) = (reading.entry(number)?, reading.event(number).ok()??);
    let mut row = of_event(number, event);
    if let Some(dir) = entry.dir {
        let len = row.len.unwrap_or_default();
        row.off = Some(entry.off);
        let brackets =
            view.marks().map(|lens| lens.touching((entry.c, dir), entry.off, len, BRACKETS));
        row.frames = brackets
            .unwrap_or_default()
            .iter()
            .map(|found| {
                (found.from, found.len, u8::from(found.before) | u8::from(found.after) << 1)
            })
            .collect();
    }
    Some(row)
}

fn of_event(number: u64, event: Event<'_>) -> Shown {
    let t = u64::try_from(event.t.as_nanos()).unwrap_or(u64::MAX);
    let row = Shown { n: number, t, c: event.c, ..Shown::default() };
    match event.what {
        What::In { bytes, from } => of_bytes(row, "in", &bytes, from),
        What::Out { bytes, to } => of_bytes(row, "out", &bytes, to),
        What::Open(open) => Shown {
            kind: "open",
            text: Some(format!("{} ⇄ {}", open.local, open.peer)),
            open: Some(Opened {
                role: open.role.to_string(),
                local: open.local,
                peer: open.peer,
                proto: open.proto,
            }),
            ..row
        },
        What::Close(close) => Shown {
            kind: "close",
            text: Some(match &close.why {
                Some(why) => format!("by {} ({}): {why}", close.by, close.how),
                None => format!("by {} ({})", close.by, close.how),
            }),
            close: Some(Closed {
                by: close.by.to_string(),
                how: close.how.to_string(),
                why: close.why,
            }),
            ..row
        },
        What::Note { text } => Shown { kind: "note", text: Some(text), ..row },
        What::Fault { text } => Shown { kind: "fault", text: Some(text), ..row },
        What::Error { code, text } => {
            Shown { kind: "error", text: Some(text), code: Some(code), ..row }
        }
        What::Frame { .. } => Shown { kind: "frame", ..row },
    }
}

fn of_bytes(row: Shown, kind: &'static str, bytes: &[u8], from: Option<String>) -> Shown {
    let head = bytes.get(..SHOWN).unwrap_or(bytes);
    Shown {
        kind,
        dir: Some(kind),
        len: Some(bytes.len() as u64),
        data: Some(STANDARD.encode(head)),
        from,
        ..row
    }
}

fn frame(reading: &Reading, Frame { number, off, len, whole }: Frame) -> Option<Shown> {
    let entry = reading.entry(number)?;
    let (c, dir) = (entry.c, entry.dir?);
    let head = reading.bytes(c, dir, off, len.min(SHOWN as u64)).ok()?;
    let across = reading.across(c, dir, off..off.saturating_add(len));
    let cuts = across.into_iter().filter_map(|number| {
        let begins = reading.entry(number)?.off;
        begins.checked_sub(off).filter(|cut| *cut > 0)
    });
    Some(Shown {
        n: number,
        t: entry.t,
        c,
        kind: "frame",
        dir: Some(match dir {
            Dir::In => "in",
            Dir::Out => "out",
        }),
        off: Some(off),
        len: Some(len),
        data: Some(STANDARD.encode(head)),
        cuts: cuts.take(BRACKETS).collect(),
        whole: Some(whole).filter(|whole| !whole),
        ..Shown::default()
    })
}
