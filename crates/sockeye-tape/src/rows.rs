//! What the boundary view and the page show, row by row and not yet drawn: each read and
//! write with its frames and its text, each remark. A block of bytes is held back until
//! its frames are known.

use sockeye_text::encoding::Encoding;

use crate::event::Dir;
use crate::event::Event;
use crate::event::What;
use crate::gutter::Stamp;
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
use crate::style::Show;
use crate::talk::Talks;
use crate::waiting::Block;
use crate::waiting::Item;
use crate::waiting::Shown;
use crate::waiting::Waiting;

/// The rows of a run of events.
#[derive(Debug)]
pub(crate) struct Rows {
    show: Show,
    framed: bool,
    waiting: Waiting,
    talks: Talks,
}

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    /// When, and in which conversation.
    pub(crate) at: Stamp,
    /// What is in it.
    pub(crate) what: Drawn,
}

/// What is in a row.
#[derive(Debug)]
pub(crate) enum Drawn {
    /// A read or a write: its bytes, in segments; as text where it is to be shown so.
    Bytes(Block, Vec<Segment>, Option<Vec<Words>>),
    /// A frame whose bytes are all in earlier rows.
    Late(Dir, Extent),
    /// A line.
    Remark(Remark),
}

impl Rows {
    /// No rows yet.
    pub(crate) fn new(show: Show, framed: bool, encoding: Encoding) -> Self {
        Self { show, framed, waiting: Waiting::default(), talks: Talks::new(encoding) }
    }

    /// Takes an event, and draws what can be drawn by now.
    pub(crate) fn event(&mut self, event: &Event<'_>, draw: &mut impl FnMut(Row)) {
        let at = Stamp { t: event.t, c: event.c };
        match &event.what {
            What::In { bytes, from } => self.bytes(at, Dir::In, bytes, from.as_deref()),
            What::Out { bytes, to } => self.bytes(at, Dir::Out, bytes, to.as_deref()),
            &What::Frame { dir, off, len } => self.frame(at, dir, Extent { off, len }),
            // What waits is of the conversation's last state, which an open and a close forget.
            What::Open(open) => {
                self.settle(draw);
                self.talks.open(at.c, &open.proto);
            }
            What::Close(_) => self.settle(draw),
            What::Fault { .. } | What::Note { .. } | What::Error { .. } => {}
        }
        if let Some(remark) = remark::of(&event.what) {
            self.waiting.push(Item { at, what: Shown::Remark(remark) });
        }
        while let Some(item) = self.waiting.due() {
            draw(self.row(item));
        }
        if matches!(event.what, What::Close(_)) {
            self.talks.close(at.c);
        }
    }

    /// Draws what was kept back: no frame event is coming for it just now. A frame that is
    /// found later all the same gets a row of its own.
    pub(crate) fn settle(&mut self, draw: &mut impl FnMut(Row)) {
        while let Some(item) = self.waiting.next() {
            draw(self.row(item));
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

    fn row(&mut self, item: Item) -> Row {
        let Item { at, what } = item;
        let what = match what {
            Shown::Block(block) => {
                let (segments, words) = self.read(at.c, &block);
                Drawn::Bytes(block, segments, words)
            }
            Shown::Late(dir, frame) => {
                // Its bytes have been drawn as the beginning of a frame: it ended there.
                let side = self.talks.of(at.c).side(dir);
                side.open = side.open.filter(|&open| frame.end() <= open);
                Drawn::Late(dir, frame)
            }
            Shown::Remark(remark) => Drawn::Remark(remark),
        };
        Row { at, what }
    }

    /// The segments of a block, and its text if it is to be shown as text and is text.
    fn read(&mut self, c: u64, block: &Block) -> (Vec<Segment>, Option<Vec<Words>>) {
        let side = self.talks.of(c).side(block.dir);
        let is_stream = block.alone == Alone::No;
        side.framed |= is_stream && !block.frames.is_empty();
        let framed = is_stream && (self.framed || side.framed);
        let open = side.open.filter(|_| is_stream);
        let before = Before { off: block.off, open, framed };
        let segments = cut(before, block.bytes.len(), &block.frames);
        side.open = left_open(&segments, open);
        let mut read = || side.reading.read(&block.bytes, &segments, block.alone);
        let words = match self.show {
            Show::Hex | Show::Both => None,
            Show::Text => read(),
            Show::Auto => read().filter(|all| all.iter().all(|words| is_plain(&words.text))),
        };
        (segments, words)
    }
}
