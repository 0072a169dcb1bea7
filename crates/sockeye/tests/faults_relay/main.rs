//! `sockeye relay --fault`: each fault as the two sides see it from outside.

#[path = "../harness/mod.rs"]
mod harness;

mod streams;
mod datagrams;
