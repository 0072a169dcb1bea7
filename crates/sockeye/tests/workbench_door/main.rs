//! The door of the browser workbench, without a browser: raw requests to the real binary.

#[path = "../harness/mod.rs"]
mod harness;
mod table;
mod by_hand;
mod pass;
mod places;
mod limits;
mod socket;
