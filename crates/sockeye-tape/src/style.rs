//! How the boundary view is to look: what the user asked for, nothing drawn yet.

use jiff::Zoned;
use sockeye_text::encoding::Encoding;

/// How bytes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Show {
    /// Text where it is text, else hex.
    #[default]
    Auto,
    /// Text; what is not text in the encoding is shown as hex all the same.
    Text,
    /// Hex, 16 bytes a line.
    Hex,
    /// The classic dump: offset, hex and characters.
    Both,
}

/// What stands in the time column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TimeShown {
    /// Nothing: there is no column.
    #[default]
    Off,
    /// The time of day, `12:03:04.123`.
    Clock,
    /// Seconds since the line before, `+0.002`.
    Delta,
    /// Seconds since the start, `0.126`.
    Since,
}

/// How the boundary view is to look.
#[derive(Clone, Debug)]
pub struct Style {
    /// How bytes are shown.
    pub show: Show,
    /// What stands in the time column.
    pub time: TimeShown,
    /// How bytes become text.
    pub encoding: Encoding,
    /// Whether to write ANSI colours.
    pub colour: bool,
    /// When the tape began, in the time zone that is to be shown.
    pub start: Zoned,
    /// Whether each line names its conversation, `#3`.
    pub numbered: bool,
    /// Whether a framing is in force: bytes that no frame event names are then the
    /// beginning of a frame.
    pub framed: bool,
}
