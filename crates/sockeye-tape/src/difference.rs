//! One difference between two tapes, and how it is told: in lines for people, in one JSON
//! object for programs. Whatever is quoted from a tape is short and safe to show.

use std::fmt::Write;

use sockeye_text::encoding::Encoding;
use sockeye_text::hex;
use sockeye_text::safe;

use crate::event::By;
use crate::event::Dir;
use crate::event::How;
use crate::event::Role;
use crate::quote;
use crate::quote::put;
use crate::reading::is_plain;

/// A difference between two conversations that belong together, or one that has no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The transport, as the tape has it; empty for a conversation that was never opened.
    pub proto: String,
    /// Who called whom.
    pub role: Option<Role>,
    /// What differs.
    pub kind: Kind,
    /// The first place: an offset in bytes, or the number of a datagram, frame or read,
    /// from 0. None for what has no places, or if it was not looked for.
    pub at: Option<u64>,
    /// What the first tape has.
    pub a: End,
    /// What the second tape has.
    pub b: End,
}

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One tape has no such conversation.
    Missing,
    /// A stream's bytes.
    Bytes(Dir),
    /// The datagrams.
    Datagrams(Dir),
    /// The frames, in the same bytes.
    Frames(Dir),
    /// How the same bytes were cut into reads or writes.
    Reads(Dir),
    /// How it closed.
    Close,
}

/// One tape's side of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct End {
    /// The conversation's number on the tape; none if the tape has none.
    pub c: Option<u64>,
    /// How many bytes, datagrams, frames or reads there are in all.
    pub len: u64,
    /// What is at the place.
    pub found: Found,
}

/// What is at the place.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Found {
    /// Nothing: it has ended before, or was not looked for.
    #[default]
    Nothing,
    /// Bytes: a few before the place, a few from it on. In a datagram `off` says where in
    /// it, and `len` how long it is.
    Bytes {
        /// The last bytes that are the same.
        before: Vec<u8>,
        /// The first that are not.
        from: Vec<u8>,
        /// The offset of `from` in its stream or datagram.
        off: u64,
        /// The length of the stream or datagram.
        len: u64,
    },
    /// A frame.
    Frame {
        /// Its offset.
        off: u64,
        /// Its length.
        len: u64,
    },
    /// A read or write of so many bytes.
    Read(u64),
    /// How it closed.
    Close(By, How),
    /// The bytes of a conversation that only one tape has.
    Totals {
        /// From the peer.
        came: u64,
        /// To the peer.
        went: u64,
    },
}

impl Difference {
    /// Appends lines for people: what, where, and what each tape has there.
    pub fn tell(&self, encoding: Encoding, out: &mut String) {
        self.head(out);
        out.push('\n');
        if matches!(self.kind, Kind::Missing | Kind::Close) || self.at.is_none() {
            return;
        }
        let as_text = texts(&self.a.found, encoding).zip(texts(&self.b.found, encoding));
        let shown = match as_text {
            Some(shown) => shown,
            None => (plainly(&self.a.found), plainly(&self.b.found)),
        };
        // A String takes everything.
        let _ = write!(out, "  a  {}\n  b  {}\n", shown.0, shown.1);
    }

    fn head(&self, out: &mut String) {
        let number = |c: Option<u64>| c.map(|c| format!("#{c}"));
        let number = match (number(self.a.c), number(self.b.c)) {
            (Some(a), Some(b)) if a != b => format!("{a} and {b}"),
            (Some(one), _) | (None, Some(one)) => one,
            (None, None) => String::new(),
        };
        let role = self.role.map(|role| format!(" {role}")).unwrap_or_default();
        let proto = if self.proto.is_empty() { "never opened" } else { &self.proto };
        let what = self.what();
        let dir = match self.kind {
            Kind::Missing | Kind::Close => String::new(),
            Kind::Bytes(dir) | Kind::Datagrams(dir) | Kind::Frames(dir) | Kind::Reads(dir) => {
                format!(", {dir}")
            }
        };
        let _ = write!(out, "{number} {}{role}{dir}: {what}", safe::one_line(proto));
    }

    fn what(&self) -> String {
        let (a, b) = (self.a.len, self.b.len);
        let numbered = |one: &str, many: &str| match self.at {
            Some(at) => format!("{one} {} differs (a has {a} {many}, b {b})", at.saturating_add(1)),
            None => format!("the {many} differ (a has {a}, b {b})"),
        };
        match self.kind {
            Kind::Missing => {
                let (side, end) = if self.a.c.is_some() { ("a", &self.a) } else { ("b", &self.b) };
                format!("only on {side}{}", plainly(&end.found))
            }
            Kind::Close => {
                format!("{} on a, {} on b", plainly(&self.a.found), plainly(&self.b.found))
            }
            Kind::Bytes(_) => match self.at {
                Some(at) => format!("bytes differ at offset {at} (a has {a} B, b {b} B)"),
                None => format!("bytes differ (a has {a} B, b {b} B)"),
            },
            Kind::Datagrams(_) => numbered("datagram", "datagrams"),
            Kind::Frames(_) => numbered("frame", "frames"),
            Kind::Reads(Dir::In) => numbered("read", "reads"),
            Kind::Reads(Dir::Out) => numbered("write", "writes"),
        }
    }

    /// Appends one line of JSON, its end included: `e` is `difference`, `what` is `missing`,
    /// `bytes`, `datagrams`, `frames`, `reads` or `close`; `dir` and `at` where there are
    /// any; `a` and `b` have `c`, `len` and what is at the place (`s` or `b`, `off`, `len`).
    pub fn write(&self, line: &mut Vec<u8>) {
        let (what, dir) = match self.kind {
            Kind::Missing => ("missing", None),
            Kind::Bytes(dir) => ("bytes", Some(dir)),
            Kind::Datagrams(dir) => ("datagrams", Some(dir)),
            Kind::Frames(dir) => ("frames", Some(dir)),
            Kind::Reads(dir) => ("reads", Some(dir)),
            Kind::Close => ("close", None),
        };
        put(line, format_args!("{{\"e\":\"difference\",\"what\":\"{what}\""));
        quote::field(line, "proto", &self.proto);
        if let Some(role) = self.role {
            put(line, format_args!(",\"role\":\"{role}\""));
        }
        if let Some(dir) = dir {
            put(line, format_args!(",\"dir\":\"{dir}\""));
        }
        if let Some(at) = self.at {
            put(line, format_args!(",\"at\":{at}"));
        }
        for (name, end) in [("a", &self.a), ("b", &self.b)] {
            if let Some(c) = end.c {
                put(line, format_args!(",\"{name}\":{{\"c\":{c},\"len\":{}", end.len));
                end.found.write(line);
                line.push(b'}');
            }
        }
        line.extend_from_slice(b"}\n");
    }
}

impl Found {
    fn write(&self, line: &mut Vec<u8>) {
        match self {
            Self::Nothing => {}
            Self::Bytes { from, off, len, .. } => {
                put(line, format_args!(",\"found\":{{\"off\":{off},\"len\":{len}"));
                quote::bytes(line, from);
                line.push(b'}');
            }
            Self::Frame { off, len } => {
                put(line, format_args!(",\"found\":{{\"off\":{off},\"len\":{len}}}"));
            }
            Self::Read(len) => put(line, format_args!(",\"found\":{{\"len\":{len}}}")),
            Self::Close(by, how) => {
                put(line, format_args!(",\"found\":{{\"by\":\"{by}\",\"how\":\"{how}\"}}"));
            }
            Self::Totals { came, went } => {
                put(line, format_args!(",\"found\":{{\"in\":{came},\"out\":{went}}}"));
            }
        }
    }
}

/// Bytes as text: `…same▸other`. None if they are no text, or no bytes that could be.
fn texts(found: &Found, encoding: Encoding) -> Option<String> {
    let Found::Bytes { before, from, off, len } = found else {
        return matches!(found, Found::Nothing).then(|| plainly(found));
    };
    let cut = |bytes: &[u8]| encoding.decode(bytes).filter(|text| is_plain(text));
    // Where a piece is cut out of more, it may begin or end within a character, of four
    // bytes at most.
    let skips = |is_cut: bool| if is_cut { 0..4_usize } else { 0..1 };
    let is_cut = off.saturating_add(from.len() as u64) < *len;
    let mut starts = skips(*off > before.len() as u64).filter_map(|skip| before.get(skip..));
    let mut ends = skips(is_cut).filter_map(|skip| from.get(..from.len().checked_sub(skip)?));
    let before_it = starts.find_map(cut)?;
    let from_it = ends.find_map(cut)?;
    let shown = |text: &str| safe::one_line(text).replace('▸', "‹U+25B8›");
    Some(framed((&shown(&before_it), before.len()), (&shown(&from_it), from.len()), (*off, *len)))
}

fn plainly(found: &Found) -> String {
    match found {
        Found::Nothing => "nothing".to_owned(),
        Found::Bytes { before, from, off, len } => {
            let (same, other) = (hex::encode(before) + " ", format!(" {}", hex::encode(from)));
            framed((&same, before.len()), (&other, from.len()), (*off, *len))
        }
        Found::Frame { off, len } => format!("{off}..{}", off.saturating_add(*len)),
        Found::Read(len) => format!("{len} B"),
        Found::Close(by, how) => format!("closed by {by} ({how})"),
        Found::Totals { came, went } => format!(" ({came} B in, {went} B out)"),
    }
}

/// The pieces, each with how many bytes it stands for, of something longer.
fn framed(before: (&str, usize), from: (&str, usize), (off, len): (u64, u64)) -> String {
    let head = if off > before.1 as u64 { "…" } else { "" };
    let end = off.saturating_add(from.1 as u64);
    let tail = if from.1 == 0 && end >= len {
        "(ends here)"
    } else if end < len {
        "…"
    } else {
        ""
    };
    format!("{head}{}▸{}{tail}", before.0, from.0)
}
