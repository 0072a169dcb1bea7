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
    /// Nothing more is coming for what waits.
    settling: bool,
    /// The conversation to forget once its last row is out.
    closing: Option<u64>,
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
