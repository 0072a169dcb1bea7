//! What stands at an arrow: the beginning of the bytes with the frames in brackets, and
//! the frames by their offsets. Short, and safe to show.

use std::fmt::Write;

use sockeye_text::hex;
use sockeye_text::safe;

use crate::reading::Words;
use crate::segment::Part;
use crate::segment::Segment;
use crate::waiting::Block;

/// The most characters of text, of bytes in hex, of frames by their offsets.
const TEXT: usize = 160;
const BYTES: usize = 48;
const FRAMES: usize = 4;

/// The beginning of a text, at most so many characters, in one line and safe to show.
pub(crate) fn short(text: &str, most: usize) -> String {
    let end = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    let (head, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let more = if rest.is_empty() { "" } else { "…" };
    safe::one_line(head).into_owned() + more
}

/// The beginning of a read or a write. Foreign text cannot draw a frame's bracket.
pub(crate) fn words(block: &Block, segments: &[Segment], text: Option<&[Words]>) -> String {
    let mut out = String::new();
    match text {
        Some(text) => {
            for (segment, words) in segments.iter().zip(text) {
                if out.chars().count() >= TEXT {
                    out.push('…');
                    break;
                }
                begin(segment.part, &mut out);
                out.push_str(if words.goes_on { "…" } else { "" });
                let plain = short(&words.text, TEXT - out.chars().count().min(TEXT));
                out.push_str(&plain.replace('⟦', "‹U+27E6›").replace('⟧', "‹U+27E7›"));
                held(block, segment, words.held, &mut out);
                end(segment.part, &mut out);
            }
        }
        None => bytes(block, segments, &mut out),
    }
    out
}

/// Bytes at the end that are of a character which is not complete.
fn held(block: &Block, segment: &Segment, held: usize, out: &mut String) {
    if held > 0 {
        let bytes = block.bytes.get(segment.bytes.clone()).unwrap_or_default();
        let start = bytes.len().saturating_sub(held);
        out.extend(["‹", &hex::encode(bytes.get(start..).unwrap_or_default()), "›"]);
    }
}

fn bytes(block: &Block, segments: &[Segment], out: &mut String) {
    let mut room = BYTES;
    for segment in segments {
        if !out.is_empty() {
            out.push(' ');
        }
        if room == 0 {
            out.push('…');
            return;
        }
        begin(segment.part, out);
        let bytes = block.bytes.get(segment.bytes.clone()).unwrap_or_default();
        let shown = bytes.get(..bytes.len().min(room)).unwrap_or_default();
        out.push_str(&hex::encode(shown));
        room -= shown.len();
        if shown.len() < bytes.len() {
            out.push_str(" …");
            return;
        }
        end(segment.part, out);
    }
}

fn begin(part: Option<Part>, out: &mut String) {
    if let Some(part) = part {
        out.push(if part.begins { '⟦' } else { '…' });
    }
}

fn end(part: Option<Part>, out: &mut String) {
    if let Some(part) = part {
        out.push(if part.ends { '⟧' } else { '…' });
    }
}

/// The frames that have bytes in a read or a write: `⟦0..7⟧ ⟦7…`, `…19⟧`.
pub(crate) fn frames(block: &Block, segments: &[Segment]) -> String {
    let mut out = String::new();
    let framed = segments.iter().filter_map(|segment| Some((segment, segment.part?)));
    let mut more = 0_u64;
    for (index, (segment, part)) in framed.enumerate() {
        if index >= FRAMES {
            more += 1;
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        let end = block.off.saturating_add(segment.bytes.end as u64);
        // A write to a `String` cannot fail.
        let _ = match (part.begins, part.ends) {
            (true, true) => write!(out, "⟦{}..{end}⟧", part.from),
            (true, false) => write!(out, "⟦{}…", part.from),
            (false, true) => write!(out, "…{end}⟧"),
            (false, false) => write!(out, "…"),
        };
    }
    if more > 0 {
        let _ = write!(out, " +{more}");
    }
    out
}
