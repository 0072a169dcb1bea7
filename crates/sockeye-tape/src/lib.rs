//! Events and the tape: what happened in a conversation, written to a file, read back,
//! and rendered as the boundary view. Files, but no sockets, no tokio and no clock:
//! times come in as durations since the start of the tape.

pub mod error;
pub mod event;
mod symbols;
mod notable;
mod quote;
mod fields;
pub mod json;
pub mod header;
mod log;
pub mod recorder;
mod lines;
pub mod reader;
pub mod reel;
mod style;
mod ink;
mod column;
mod gutter;
mod segment;
mod reading;
mod block;
mod talk;
mod remark;
mod waiting;
mod rows;
pub mod view;
pub mod draft;
mod address;
mod blocks;
pub mod capture;
pub mod keylog;
mod connection;
pub mod pcapng;
mod markup;
pub mod contents;
pub mod html;
pub mod transcript;
pub mod diagram;
pub mod export;
mod digest;
mod tracks;
mod survey;
mod locate;
pub mod difference;
pub mod compare;
