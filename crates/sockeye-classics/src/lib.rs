//! The classic programs that every socket course teaches, byte for byte, both sides.
//!
//! Below: conversations that are watched (`sockeye-workbench`). Nothing here prints, reads
//! the environment, listens for signals or reads arguments.

#![forbid(unsafe_code)]

pub mod catalogue;
pub mod preset;
pub mod explain;
mod witness;
pub mod client;
pub mod server;
pub mod name;
pub mod share;
mod progress;
mod pour;
pub mod download;
pub mod upload;
pub mod output;
pub mod command;
pub mod desk;
pub mod hmac_chat;
pub mod lesson;
