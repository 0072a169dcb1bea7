//! Conversations run and watched: what the command line and the browser both drive.
//!
//! Below: sockets (`sockeye-net`), frames (`sockeye-wire`), the tape (`sockeye-tape`).
//! Nothing here prints, reads the environment, listens for signals or asks for the time
//! behind its caller's back.

#![forbid(unsafe_code)]

pub mod clock;
pub mod tally;
pub mod fares;
pub mod inquiry;
pub mod screen;
pub mod closing;
pub mod access;
pub mod browser;
pub mod message;
pub mod wanted;
pub mod rules;
pub mod answers;
pub mod lines;
pub mod spoken;
pub mod script;
pub mod detect;
pub mod player;
pub mod fault;
pub mod plan;
pub mod taping;
pub mod reeled;
mod short;
pub mod lens;
pub mod sieve;
pub mod hits;
pub mod sifted;
pub mod rates;
pub mod journal;
mod seldom;
mod aside;
mod patience;
pub mod exchange;
pub mod roster;
pub mod sequence;
pub mod input;
pub mod conversation;
pub mod led;
pub mod datagrams;
pub mod calling;
pub mod relay;
pub mod relay_datagrams;
pub mod server;
pub mod relaying;
pub mod operator;
pub mod scan;
pub mod shake;
pub mod capture;
pub mod bench;
