//! The classic programs that are protocols of their own, one file each, and what they all
//! stand on.

pub(crate) mod standing;
pub(crate) mod download;
pub(crate) mod upload;
pub(crate) mod command;
pub(crate) mod hmac_chat;

use std::process::ExitCode;

use sockeye_classics::command::Length;

use crate::args::Classic;

/// Runs the program that was named.
pub(crate) async fn run(args: Classic) -> ExitCode {
    match args {
        Classic::Download(args) => download::run(args).await,
        Classic::Upload(args) => upload::run(args).await,
        Classic::CommandAscii(args) => command::run(args, Length::Ascii).await,
        Classic::CommandStruct(args) => command::run(args, Length::Struct).await,
        Classic::HmacChat(args) => hmac_chat::run(args).await,
    }
}
