//! The classic programs that are protocols of their own, one file each, and what they all
//! stand on.

pub(crate) mod standing;
pub(crate) mod download;
pub(crate) mod upload;
pub(crate) mod command;
pub(crate) mod hmac_chat;
