//! HTTP over the workbench: toxiproxy's API.
//!
//! Whatever is served here can act on this machine, so it is served to this machine alone,
//! behind one guard. Nothing here prints, reads the environment or listens for signals.

#![forbid(unsafe_code)]

pub mod guard;
pub mod server;
pub mod toxiproxy;
pub mod workbench;
