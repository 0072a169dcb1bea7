//! A capture from packets to what is shown of it: events for a tape, lines for people, and
//! at the end what each conversation came to, with rulers where frames or a tape are given.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use sockeye_tape::capture::Captured;
use sockeye_tape::event::{Dir, Event, What};
use sockeye_text::plural::counted;
use sockeye_wire::deframe::Deframer;
use sockeye_wire::framing::Framing;
use sockeye_wire::packet::link::{Cooked, Link};
use sockeye_wire::packet::{Packet, Unread};

use crate::capture::flows::Flows;
use crate::capture::joined::{Talk, Tape};
use crate::capture::line::{arrow, since};
use crate::capture::rulers::{Row, draw};
use crate::capture::summary::Summary;
use crate::capture::watched::Watched;
use crate::capture::{Extent, Piece, Seen};

/// The most directions over which rulers are laid.
const RULED: usize = 128;

/// The most reasons for leaving a packet out that are told apart.
const REASONS: usize = 32;

/// How wide rulers are.
const WIDTH: usize = 100;

/// Takes packets, tells what they were.
#[derive(Debug)]
pub struct Scope {
    terms: Terms,
    flows: Flows,
    cuts: BTreeMap<(u64, Dir), Cuts>,
    /// When the first packet came, since 1970.
    first: Option<Duration>,
    left_out: BTreeMap<String, u64>,
    packets: u64,
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// The endpoints.
    pub watched: Watched,
    /// When the times of events begin, since 1970.
    pub start: Duration,
    /// Where frames end, if they are to be found.
    pub framing: Option<Framing>,
    /// Whether rulers are wanted without frames too.
    pub ruled: bool,
}

/// What a packet came to.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// In the order in which a tape has them.
    pub events: Vec<Event<'static>>,
    /// For people.
    pub lines: Vec<String>,
}

/// One direction of a conversation, ruled: where segments, calls and frames lie over the same
/// bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// Which conversation and direction.
    pub title: String,
    /// The direction: out is what the caller said.
    pub dir: Dir,
    /// The rulers.
    pub rows: Vec<Row>,
}

/// Where a direction's bytes were cut.
#[derive(Debug)]
struct Cuts {
    segments: Row,
    frames: Row,
    deframer: Option<Deframer>,
    /// Where the frames' stream begins: not at 0 once bytes are missing.
    shift: u64,
    end: u64,
}

impl Scope {
    /// Before the first packet.
    pub fn new(terms: Terms) -> Self {
        Self {
            terms,
            flows: Flows::default(),
            cuts: BTreeMap::new(),
            first: None,
            left_out: BTreeMap::new(),
            packets: 0,
        }
    }

    /// Takes a packet. None: it is not of what is watched, or a copy, or cannot be read.
    pub fn take(&mut self, captured: &Captured) -> Option<Found> {
        let Some(link) = Link::of(captured.link) else {
            self.leave_out(Unread::Link(captured.link));
            return None;
        };
        let packet = match Packet::read(link, &captured.bytes) {
            Ok(packet) => packet,
            Err(unread) => {
                self.leave_out(unread);
                return None;
            }
        };
        let watched = self.terms.watched.end(&packet)?;
        let interface = match link {
            Link::Cooked2 => Cooked::interface_of(&captured.bytes).unwrap_or_default(),
            _ => captured.interface,
        };
        let seen = self.flows.take(captured.at, interface, &packet, watched)?;
        self.packets += 1;
        Some(self.tell(captured.at, seen))
    }

    /// How many packets were of what is watched.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// What was left out, and why.
    pub fn left_out(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .left_out
            .iter()
            .map(|(why, count)| format!("{} ({why})", counted(*count, "packet")))
            .collect();
        let copies = self.flows.copies();
        if copies > 0 {
            lines.push(format!(
                "{} seen again on another interface (`--iface NAME` takes one)",
                counted(copies, "packet")
            ));
        }
        lines
    }

    /// What every conversation came to, with its rulers; `tape` is of the same talk, begun
    /// at that time since 1970.
    pub fn end(&mut self, tape: Option<(&Tape, Duration)>) -> Found {
        let mut found = Found::default();
        for cuts in self.cuts.values_mut() {
            cuts.finish();
        }
        let start = self.terms.start;
        for summary in self.flows.summaries() {
            let at = (summary.began.saturating_add(summary.took)).saturating_sub(start);
            self.sum_up(&summary, at, tape, &mut found);
        }
        found
    }

    fn leave_out(&mut self, unread: Unread) {
        let why = unread.to_string();
        if self.left_out.len() < REASONS || self.left_out.contains_key(&why) {
            *self.left_out.entry(why).or_default() += 1;
        } else {
            *self.left_out.entry("other reasons".to_owned()).or_default() += 1;
        }
    }

    fn tell(&mut self, at: Duration, seen: Seen) -> Found {
        let mut found = Found::default();
        let first = *self.first.get_or_insert(at);
        let t = at.saturating_sub(self.terms.start);
        let (number, dir) = (seen.number, seen.dir);
        if let Some(summary) = &seen.displaced {
            self.sum_up(summary, t, None, &mut found);
            self.cuts.retain(|(of, _), _| *of != summary.number);
        }
        let event = |what| Event { t, c: number, what };
        if let Some(open) = seen.opened {
            found.lines.push(format!("#{number} {} {} → {}", open.proto, open.local, open.peer));
            found.events.push(event(What::Open(open)));
        }
        found.lines.push(format!("#{number} {} {}", since(at.saturating_sub(first)), seen.text));
        found.events.push(event(What::Note { text: seen.text }));
        let frames = self.cut((number, dir), seen.extent, &seen.pieces, t);
        for Piece { bytes, .. } in seen.pieces {
            let bytes = Cow::Owned(bytes);
            found.events.push(event(match dir {
                Dir::Out => What::Out { bytes, to: None },
                Dir::In => What::In { bytes, from: None },
            }));
        }
        for Extent { off, len } in frames {
            found.events.push(event(What::Frame { dir, off, len }));
        }
        if let Some(close) = seen.closed {
            found.events.push(event(What::Close(close)));
        }
        found
    }

    /// Marks where the packet's bytes were cut, and finds the frames that end in them.
    fn cut(
        &mut self,
        way: (u64, Dir),
        extent: Option<Extent>,
        pieces: &[Piece],
        at: Duration,
    ) -> Vec<Extent> {
        if !self.terms.ruled && self.terms.framing.is_none() {
            return Vec::new();
        }
        if self.cuts.len() >= RULED && !self.cuts.contains_key(&way) {
            return Vec::new();
        }
        let framing = &self.terms.framing;
        let cuts = self.cuts.entry(way).or_insert_with(|| Cuts {
            segments: Row::new("segments"),
            frames: Row::new("frames"),
            deframer: framing.clone().map(Deframer::new),
            shift: 0,
            end: 0,
        });
        if let Some(Extent { off, len }) = extent {
            cuts.segments.add(off, len);
        }
        let mut frames = Vec::new();
        for piece in pieces {
            frames.extend(cuts.frames_in(piece, at));
        }
        frames
    }

    fn sum_up(
        &self,
        summary: &Summary,
        t: Duration,
        tape: Option<(&Tape, Duration)>,
        found: &mut Found,
    ) {
        let lines = summary.lines();
        let told: Vec<&str> = lines.iter().skip(1).map(|line| line.trim()).collect();
        let text = format!("summary: {}", told.join("; "));
        found.events.push(Event { t, c: summary.number, what: What::Note { text } });
        found.lines.extend(lines);
        let talk =
            tape.and_then(|(tape, start)| tape.talk(summary, summary.began.saturating_sub(start)));
        if tape.is_some() && talk.is_none() {
            found.lines.push("   the tape has no conversation between these two".to_owned());
        }
        let ruled = self.ruled_by(summary, talk);
        found.lines.extend(ruled.iter().flat_map(Ruled::lines));
    }

    /// The rulers of every conversation, as far as packets have come.
    pub fn ruled(&self, tape: Option<(&Tape, Duration)>) -> Vec<Ruled> {
        let of = |summary: &Summary| {
            let talk = tape
                .and_then(|(tape, start)| tape.talk(summary, summary.began.saturating_sub(start)));
            self.ruled_by(summary, talk)
        };
        self.flows.summaries().iter().flat_map(of).collect()
    }

    fn ruled_by(&self, summary: &Summary, talk: Option<&Talk>) -> Vec<Ruled> {
        let ruled = [Dir::Out, Dir::In].into_iter().filter_map(|dir| {
            let cuts = self.cuts.get(&(summary.number, dir))?;
            if cuts.segments.is_empty() {
                return None;
            }
            let mut rows = vec![cuts.segments.clone()];
            rows.extend(talk.map(|talk| talk.rows(summary, dir)).unwrap_or_default());
            if !cuts.frames.is_empty() && !rows.iter().any(|row| row.name == "frames") {
                rows.push(cuts.frames.clone());
            }
            let (caller, called) = (summary.caller, summary.called);
            let title = format!("#{} {caller} {} {called}", summary.number, arrow(dir));
            Some(Ruled { title, dir, rows })
        });
        ruled.collect()
    }
}

impl Ruled {
    /// Drawn, for people.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("   {} cut into", arrow(self.dir))];
        lines.extend(draw(&self.rows, WIDTH).into_iter().map(|line| format!("     {line}")));
        let left_out: u64 = self.rows.iter().map(Row::left_out).sum();
        if left_out > 0 {
            lines.push(format!("     {left_out} pieces more are not drawn"));
        }
        lines
    }
}

impl Cuts {
    /// The frames that end in these bytes, by their places in the stream of a tape: missing
    /// bytes are no part of it.
    fn frames_in(&mut self, piece: &Piece, at: Duration) -> Vec<Extent> {
        let mut frames = Vec::new();
        let Some(deframer) = &mut self.deframer else { return frames };
        if piece.off != self.end {
            self.shift += piece.off.saturating_sub(self.end);
        }
        self.end = piece.off.saturating_add(piece.bytes.len() as u64);
        deframer.push(at, &piece.bytes);
        // After an error the stream has no frames any more.
        while let Ok(Some(frame)) = deframer.next_frame() {
            self.frames.add(frame.off + self.shift, frame.len);
            frames.push(Extent { off: frame.off, len: frame.len });
        }
        frames
    }

    /// The stream has ended: so may a frame have.
    fn finish(&mut self) {
        let Some(mut deframer) = self.deframer.take() else { return };
        while let Ok(Some(frame)) = deframer.finish() {
            self.frames.add(frame.off + self.shift, frame.len);
        }
    }
}
