//! What is on a tape, or in the JSON lines on stdout, as events.

use std::path::Path;

use sockeye_tape::event::{Close, Event, Open, What};

/// The events of a tape file, which must be whole.
pub fn read(path: &Path) -> Vec<Event<'static>> {
    let text = std::fs::read(path).expect("the tape");
    let text = String::from_utf8(text).expect("a tape is UTF-8");
    assert!(text.starts_with("{\"v\":1,\"e\":\"tape\""), "no header: {text:.200}");
    assert!(text.ends_with('\n'), "the last line is not whole: {text}");
    text.lines().skip(1).map(event).collect()
}

fn event(line: &str) -> Event<'static> {
    sockeye_tape::json::parse(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// The events among JSON lines on stdout, and the lines that are none (`listening`,
/// `error` without a conversation).
pub fn lines(out: &[u8]) -> (Vec<serde_json::Value>, Vec<Event<'static>>) {
    let text = std::str::from_utf8(out).expect("JSON lines are UTF-8");
    let mut others = Vec::new();
    let mut events = Vec::new();
    for line in text.lines() {
        let value: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        if value.get("t").is_some() {
            events.push(event(line));
        } else {
            others.push(value);
        }
    }
    (others, events)
}

/// The bytes of each `in`, in order.
pub fn came(events: &[Event<'_>]) -> Vec<Vec<u8>> {
    let bytes = |event: &Event<'_>| match &event.what {
        What::In { bytes, .. } => Some(bytes.to_vec()),
        _ => None,
    };
    events.iter().filter_map(bytes).collect()
}

/// The bytes of each `out`, in order.
pub fn went(events: &[Event<'_>]) -> Vec<Vec<u8>> {
    let bytes = |event: &Event<'_>| match &event.what {
        What::Out { bytes, .. } => Some(bytes.to_vec()),
        _ => None,
    };
    events.iter().filter_map(bytes).collect()
}

/// Each `open`, with its conversation's number.
pub fn opens(events: &[Event<'_>]) -> Vec<(u64, Open)> {
    let open = |event: &Event<'_>| match &event.what {
        What::Open(open) => Some((event.c, open.clone())),
        _ => None,
    };
    events.iter().filter_map(open).collect()
}

/// Each `close`, with its conversation's number.
pub fn closes(events: &[Event<'_>]) -> Vec<(u64, Close)> {
    let close = |event: &Event<'_>| match &event.what {
        What::Close(close) => Some((event.c, close.clone())),
        _ => None,
    };
    events.iter().filter_map(close).collect()
}

/// Each `note`.
pub fn notes(events: &[Event<'_>]) -> Vec<String> {
    let note = |event: &Event<'_>| match &event.what {
        What::Note { text } => Some(text.clone()),
        _ => None,
    };
    events.iter().filter_map(note).collect()
}
