//! Frames, framings and checksums: what turns a stream of bytes into messages
//! and messages into bytes.
//!
//! Pure: no I/O, no runtime, no clock. Time comes in as a `Duration` since a
//! start that the caller chose. It opens no sockets and shows nothing: text
//! forms are read and written here, terminals and tapes are other floors.

#![forbid(unsafe_code)]

pub mod opening;
pub mod error;
pub mod order;
pub mod algorithm;
pub mod checksum;
pub mod length;
pub mod framing;
mod words;
mod spelling;
pub mod frame;
mod waiting;
mod cut;
mod timed;
mod delimited;
mod varint;
mod counted;
mod bracketed;
mod json;
mod values;
mod stuffing;
mod stuffed;
mod finder;
pub mod deframe;
pub mod enframe;
pub mod packet;
