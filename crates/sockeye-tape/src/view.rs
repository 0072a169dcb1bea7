//! The boundary view: events as lines for a terminal, live or from a tape. What was
//! written, what each recv returned, and which messages lie in it. It draws what was
//! seen; frames only where a frame event, or the style, says that there are any.
//!
//! ```text
//! 12:03:04.123 #1 ← 10 B  ⟦hello⟧⟦wor…
//! 12:03:04.125 #1 ←  3 B  …ld⟧
//! 12:03:04.126 #1 →  6 B  thanks
//! ```
//!
//! Frame events come after the bytes that they name, so that a block of bytes is kept
//! back until the next one of its conversation and direction, or [`View::settle`].

pub use crate::style::Show;
pub use crate::style::Style;
pub use crate::style::TimeShown;

use sockeye_text::safe;

use crate::block;
use crate::column::Column;
use crate::event::Dir;
use crate::event::Event;
use crate::event::What;
use crate::gutter::Gutter;
use crate::gutter::Stamp;
use crate::ink::Ink;
use crate::reading::Alone;
use crate::reading::Words;
use crate::reading::is_plain;
use crate::remark;
use crate::remark::Remark;
use crate::segment::Before;
use crate::segment::Extent;
use crate::segment::Segment;
use crate::segment::cut;
use crate::segment::left_open;
use crate::talk::Talks;
use crate::waiting::Block;
use crate::waiting::Item;
use crate::waiting::Shown;
use crate::waiting::Waiting;

/// The boundary view. Bounded: it remembers a few words a conversation, and keeps back no
/// more than 1 MiB and one event. Whatever came from a peer is made safe to show.
#[derive(Debug)]
pub struct View {
    style: Style,
    ink: Ink,
    gutter: Gutter,
    waiting: Waiting,
    talks: Talks,
}

impl View {
    /// A view in which nothing has happened yet.
    pub fn new(style: Style) -> Self {
        let ink = if style.colour { Ink::Colour } else { Ink::Plain };
        let gutter = Gutter::new(&style, ink);
        let talks = Talks::new(style.encoding);
        Self { style, ink, gutter, waiting: Waiting::default(), talks }
    }

    /// Takes an event and appends what can be drawn by now, in whole lines.
    pub fn event(&mut self, event: &Event<'_>, out: &mut String) {
        let at = Stamp { t: event.t, c: event.c };
        match &event.what {
            What::In { bytes, from } => self.bytes(at, Dir::In, bytes, from.as_deref()),
            What::Out { bytes, to } => self.bytes(at, Dir::Out, bytes, to.as_deref()),
            &What::Frame { dir, off, len } => self.frame(at, dir, Extent { off, len }),
            // What waits is of the conversation's last state, which an open and a close forget.
            What::Open(open) => {
                self.settle(out);
                self.talks.open(at.c, &open.proto);
            }
            What::Close(_) => self.settle(out),
            What::Fault { .. } | What::Note { .. } | What::Error { .. } => {}
        }
        if let Some(remark) = remark::of(&event.what) {
            self.waiting.push(Item { at, what: Shown::Remark(remark) });
        }
        while let Some(item) = self.waiting.due() {
            self.draw(item, out);
        }
        if matches!(event.what, What::Close(_)) {
            self.talks.close(at.c);
        }
    }

    /// Appends what was kept back: no frame event is coming for it just now. A frame that
    /// is found later all the same gets a line of its own.
    pub fn settle(&mut self, out: &mut String) {
        while let Some(item) = self.waiting.next() {
            self.draw(item, out);
        }
    }

    fn bytes(&mut self, at: Stamp, dir: Dir, bytes: &[u8], who: Option<&str>) {
        let talk = self.talks.of(at.c);
        if who.is_some() {
            talk.alone = Alone::Yes;
        }
        let alone = talk.alone;
        let side = talk.side(dir);
        // A datagram is a stream of its own: frames never go from one into the next.
        let off = if alone == Alone::Yes { 0 } else { side.count };
        side.count = side.count.saturating_add(bytes.len() as u64);
        let who = who.map(str::to_owned);
        let (bytes, frames) = (bytes.to_vec(), Vec::new());
        let block = Block { dir, bytes, off, who, alone, frames, closed: false };
        self.waiting.push(Item { at, what: Shown::Block(block) });
    }

    fn frame(&mut self, at: Stamp, dir: Dir, frame: Extent) {
        if self.waiting.frame(at.c, dir, frame) {
            return;
        }
        let Some(talk) = self.talks.known(at.c) else {
            return;
        };
        let is_shown = talk.alone == Alone::No && frame.end() <= talk.side(dir).count;
        if is_shown && frame.len > 0 {
            self.waiting.push(Item { at, what: Shown::Late(dir, frame) });
        }
    }

    fn draw(&mut self, item: Item, out: &mut String) {
        let Item { at, what } = item;
        match what {
            Shown::Block(block) => self.draw_block(at, &block, out),
            Shown::Late(dir, frame) => self.draw_late(at, dir, frame, out),
            Shown::Remark(remark) => self.draw_remark(at, &remark, out),
        }
        out.push('\n');
    }

    fn draw_block(&mut self, at: Stamp, block: &Block, out: &mut String) {
        let (segments, words) = self.read(at.c, block);
        let margin = self.draw_head(at, block, out);
        let before = out.len();
        out.push_str("  ");
        let mut column = Column::new(out, self.ink, margin + 2);
        match (self.style.show, words) {
            (Show::Both, _) => block::frames(&mut column, block.off, &segments),
            (_, Some(words)) => block::text(&mut column, &block.bytes, &segments, &words),
            (_, None) => block::hex(&mut column, &block.bytes, &segments),
        }
        if out.len() == before + 2 {
            out.truncate(before);
        }
        if self.style.show == Show::Both && !block.bytes.is_empty() {
            out.push('\n');
            block::dump(out, self.ink, block.off, &block.bytes);
        }
    }

    /// Returns how many characters it takes, as the other parts of a line do.
    fn draw_head(&mut self, at: Stamp, block: &Block, out: &mut String) -> usize {
        let mut width = self.gutter.stamp(at, out) + self.draw_arrow(block.dir, out);
        width += self.gutter.size(block.bytes.len(), out);
        if let Some(who) = &block.who {
            let word = if block.dir == Dir::In { "from" } else { "to" };
            let who = format!("  {word} {}", safe::one_line(who));
            width += who.chars().count();
            self.ink.dim(&who, out);
        }
        width
    }

    /// The segments of a block, and its text if it is to be shown as text and is text.
    fn read(&mut self, c: u64, block: &Block) -> (Vec<Segment>, Option<Vec<Words>>) {
        let side = self.talks.of(c).side(block.dir);
        let is_stream = block.alone == Alone::No;
        side.framed |= is_stream && !block.frames.is_empty();
        let framed = is_stream && (self.style.framed || side.framed);
        let open = side.open.filter(|_| is_stream);
        let before = Before { off: block.off, open, framed };
        let segments = cut(before, block.bytes.len(), &block.frames);
        side.open = left_open(&segments, open);
        let mut read = || side.reading.read(&block.bytes, &segments, block.alone);
        let words = match self.style.show {
            Show::Hex | Show::Both => None,
            Show::Text => read(),
            Show::Auto => read().filter(|all| all.iter().all(|words| is_plain(&words.text))),
        };
        (segments, words)
    }

    /// Its bytes have been drawn as the beginning of a frame: this is where it ended.
    fn draw_late(&mut self, at: Stamp, dir: Dir, frame: Extent, out: &mut String) {
        let side = self.talks.of(at.c).side(dir);
        side.open = side.open.filter(|&open| frame.end() <= open);
        self.gutter.stamp(at, out);
        self.draw_arrow(dir, out);
        self.gutter.no_size(out);
        self.ink.dim(&format!("  ⟦{}..{}⟧", frame.off, frame.end()), out);
    }

    fn draw_remark(&mut self, at: Stamp, remark: &Remark, out: &mut String) {
        self.gutter.stamp(at, out);
        if remark.loud {
            self.ink.loud(&remark.text, out);
        } else {
            out.push_str(&remark.text);
        }
    }

    fn draw_arrow(&self, dir: Dir, out: &mut String) -> usize {
        match dir {
            Dir::In => self.ink.accent("←", out),
            Dir::Out => out.push('→'),
        }
        out.push(' ');
        2
    }
}
