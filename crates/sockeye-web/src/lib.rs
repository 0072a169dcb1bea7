//! HTTP over the workbench: toxiproxy's API, and the workbench in the browser.
//!
//! Whatever is served here can act on this machine. Toxiproxy's API is served to this
//! machine's programs alone, behind `guard`; the workbench to who has a token, behind
//! `workbench::door`. Nothing here prints, reads the environment or listens for signals.

#![forbid(unsafe_code)]

pub mod guard;
pub mod server;
pub mod toxiproxy;
pub mod workbench;
