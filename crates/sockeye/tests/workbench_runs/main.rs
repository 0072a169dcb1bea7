//! The browser workbench's runs, without a browser: opened, told things and looked at by raw
//! requests to the real binary, with real peers.

#![allow(clippy::indexing_slicing, reason = "of a JSON value it gives null where there is nothing")]

#[path = "../harness/mod.rs"]
mod harness;
mod page;
mod opens;
mod commands;
mod sends;
mod sequences;
mod changes;
mod rows;
mod looks;
mod lives;
mod refusals;
