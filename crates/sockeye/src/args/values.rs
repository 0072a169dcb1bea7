//! Values as the command line writes them, parsed where they are written.

use std::time::Duration;

use clap::ValueEnum;
use sockeye_tape::view::{Show, TimeShown};
use sockeye_workbench::message::Eol;

/// `--view`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViewArg {
    /// Text, and hex where it is no text (in a terminal; in a pipe: raw)
    Auto,
    /// Text, each read a block, frames marked in it
    Text,
    /// Hex, likewise
    Hex,
    /// Hex and text side by side
    Both,
    /// The tape's own JSON lines
    Json,
    /// The bytes as they come
    Raw,
}

impl ViewArg {
    /// What the boundary view shows; none for json and raw, which are no views.
    pub(crate) fn show(self) -> Option<Show> {
        match self {
            Self::Auto => Some(Show::Auto),
            Self::Text => Some(Show::Text),
            Self::Hex => Some(Show::Hex),
            Self::Both => Some(Show::Both),
            Self::Json | Self::Raw => None,
        }
    }
}

/// `--time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimeArg {
    /// None
    Off,
    /// The time of day
    Clock,
    /// Since the block before
    Delta,
    /// Since the start
    Since,
}

impl From<TimeArg> for TimeShown {
    fn from(time: TimeArg) -> Self {
        match time {
            TimeArg::Off => Self::Off,
            TimeArg::Clock => Self::Clock,
            TimeArg::Delta => Self::Delta,
            TimeArg::Since => Self::Since,
        }
    }
}

/// `--eol`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EolArg {
    /// Nothing
    None,
    /// \n
    Lf,
    /// \r\n
    Crlf,
    /// \r
    Cr,
}

impl From<EolArg> for Eol {
    fn from(eol: EolArg) -> Self {
        match eol {
            EolArg::None => Self::None,
            EolArg::Lf => Self::Lf,
            EolArg::Crlf => Self::CrLf,
            EolArg::Cr => Self::Cr,
        }
    }
}

/// A duration: `5s`, `20ms`, `1.5`; a bare number is seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    sockeye_text::units::parse_duration(text).map_err(|error| error.to_string())
}

/// A size in bytes: `1`, `64KiB`, `2GB`.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    sockeye_text::units::parse_size(text).map_err(|error| error.to_string())
}

/// A size in bytes that fits into memory: `1`, `64KiB`.
pub(crate) fn read_size(text: &str) -> Result<usize, String> {
    let size = sockeye_text::units::parse_size(text).map_err(|error| error.to_string())?;
    match usize::try_from(size) {
        Ok(size @ 1..=262_144) => Ok(size),
        _ => Err("a read is of 1 to 262144 bytes".to_owned()),
    }
}
