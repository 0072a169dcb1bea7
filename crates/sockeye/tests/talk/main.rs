//! Connect, listen, send and relay as a person uses them: Sockeye against Sockeye, or
//! against a plain socket. No other program takes part.

#[path = "../harness/mod.rs"]
mod harness;

mod answers;
mod endings;
mod messages;
mod encodings;
mod shown;
mod kept;
mod datagrams;
mod relay;
