//! Text at the edge of the wire: units, hex, escapes, encodings, and foreign text made
//! safe to show. Pure functions over what they are given: no I/O, no clock, no terminal.

pub mod words;
pub mod nearest;
pub mod safe;
pub mod shell;
pub mod markup;
pub mod plural;
pub mod width;
mod quantity;
pub mod cause;
pub mod units;
pub mod hex;
pub mod escape;
pub mod label;
mod cut;
mod write;
mod guess;
pub mod encoding;
