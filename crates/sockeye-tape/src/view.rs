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
use crate::gutter::Gutter;
use crate::gutter::Stamp;
use crate::ink::Ink;
use crate::reading::Words;
use crate::remark::Remark;
use crate::rows::Drawn;
use crate::rows::Row;
use crate::rows::Rows;
use crate::segment::Extent;
use crate::segment::Segment;
use crate::waiting::Block;

/// The boundary view. Bounded: it remembers a few words a conversation, and keeps back no
/// more than 1 MiB and one event. Whatever came from a peer is made safe to show.
#[derive(Debug)]
pub struct View {
    rows: Rows,
    pen: Pen,
}

/// What draws the rows.
#[derive(Debug)]
struct Pen {
    style: Style,
    ink: Ink,
    gutter: Gutter,
}

impl View {
    /// A view in which nothing has happened yet.
    pub fn new(style: Style) -> Self {
        let ink = if style.colour { Ink::Colour } else { Ink::Plain };
        let gutter = Gutter::new(&style, ink);
        let rows = Rows::new(style.show, style.framed, style.encoding);
        Self { rows, pen: Pen { style, ink, gutter } }
    }

    /// Takes an event and appends what can be drawn by now, in whole lines.
    pub fn event(&mut self, event: &Event<'_>, out: &mut String) {
        let Self { rows, pen } = self;
        rows.event(event, &mut |row| pen.draw(&row, out));
    }

    /// Appends what was kept back: no frame event is coming for it just now. A frame that
    /// is found later all the same gets a line of its own.
    pub fn settle(&mut self, out: &mut String) {
        let Self { rows, pen } = self;
        rows.settle(&mut |row| pen.draw(&row, out));
    }
}

impl Pen {
    fn draw(&mut self, row: &Row, out: &mut String) {
        let at = row.at;
        match &row.what {
            Drawn::Bytes(block, segments, words) => {
                self.draw_block(at, block, (segments, words.as_deref()), out);
            }
            Drawn::Late(dir, frame) => self.draw_late(at, *dir, *frame, out),
            Drawn::Remark(remark) => self.draw_remark(at, remark, out),
        }
        out.push('\n');
    }

    fn draw_block(
        &mut self,
        at: Stamp,
        block: &Block,
        (segments, words): (&[Segment], Option<&[Words]>),
        out: &mut String,
    ) {
        let margin = self.draw_head(at, block, out);
        let before = out.len();
        out.push_str("  ");
        let mut column = Column::new(out, self.ink, margin + 2);
        match (self.style.show, words) {
            (Show::Both, _) => block::frames(&mut column, block.off, segments),
            (_, Some(words)) => block::text(&mut column, &block.bytes, segments, words),
            (_, None) => block::hex(&mut column, &block.bytes, segments),
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

    fn draw_late(&mut self, at: Stamp, dir: Dir, frame: Extent, out: &mut String) {
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
