//! A packet in words, on one line. This form is stable: it is what a tape's notes hold.

use std::fmt::Write;
use std::time::Duration;

use sockeye_tape::event::Dir;
use sockeye_wire::packet::tcp::{Flags, Tcp};

use crate::capture::Mark;

/// How many bytes are shown.
const SHOWN: usize = 32;

/// The numbers of a segment, relative to the beginning of their streams.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    pub(super) seq: u64,
    pub(super) ack: u64,
    /// By how many bits the window is to be shifted; none: it is not known.
    pub(super) scale: Option<u8>,
}

/// The arrow of a direction: to the right, from the caller to the called.
pub fn arrow(dir: Dir) -> char {
    match dir {
        Dir::Out => '→',
        Dir::In => '←',
    }
}

/// A time since the first packet: `+0.000123`.
pub fn since(at: Duration) -> String {
    format!("+{}.{:06}", at.as_secs(), at.subsec_micros())
}

/// A segment.
pub(super) fn segment(
    dir: Dir,
    tcp: &Tcp,
    numbers: Numbers,
    bytes: (&[u8], u32),
    marks: &[Mark],
) -> String {
    let mut text = format!("{} {}", arrow(dir), tcp.flags);
    put(&mut text, format_args!("  seq {} ({})", numbers.seq, tcp.seq));
    if tcp.flags.has(Flags::ACK) {
        put(&mut text, format_args!("  ack {} ({})", numbers.ack, tcp.ack));
    }
    match numbers.scale {
        Some(scale) => put(&mut text, format_args!("  win {}", u32::from(tcp.window) << scale)),
        None => put(&mut text, format_args!("  win {}", tcp.window)),
    }
    if tcp.flags.has(Flags::SYN) {
        let options = tcp.options;
        if let Some(mss) = options.mss {
            put(&mut text, format_args!("  mss {mss}"));
        }
        if let Some(scale) = options.scale {
            put(&mut text, format_args!("  scale {scale}"));
        }
        if options.sack_permitted {
            text.push_str("  sack");
        }
        if options.timestamps.is_some() {
            text.push_str("  timestamps");
        }
    }
    carried(&mut text, bytes);
    for mark in marks {
        put(&mut text, format_args!("  {mark}"));
    }
    text
}

/// A datagram.
pub(super) fn datagram(dir: Dir, bytes: (&[u8], u32)) -> String {
    let mut text = format!("{} datagram", arrow(dir));
    if bytes.1 == 0 {
        text.push_str("  0 bytes");
    }
    carried(&mut text, bytes);
    text
}

/// How many bytes there were, and the first of those that were captured.
fn carried(text: &mut String, (bytes, length): (&[u8], u32)) {
    if length == 0 {
        return;
    }
    put(text, format_args!("  {length} byte{}", if length == 1 { "" } else { "s" }));
    let start = bytes.get(..SHOWN).unwrap_or(bytes);
    let more = if (start.len() as u64) < u64::from(length) { "…" } else { "" };
    put(text, format_args!("  \"{}\"{more}", start.escape_ascii()));
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    // A String takes everything.
    let _never = text.write_fmt(what);
}
