//! Endpoints and what carries them: TCP, UDP, Unix sockets, child processes, stdio,
//! files. Opens, accepts, moves bytes, reports what the sockets say.
//!
//! Not here: what the bytes mean (`sockeye-wire`), what is remembered of them
//! (`sockeye-tape`), what is done with them (`sockeye-workbench`). Nothing here prints,
//! reads the environment or listens for signals.

pub mod endpoint_error;
mod percent;
mod scheme;
pub mod host;
pub mod unix_name;
pub mod web_address;
pub mod pin;
pub mod options;
pub mod endpoint;
pub mod ports;
mod code;
pub mod error;
pub mod interfaces;
mod owner;
pub mod came;
mod scratch;
mod sys;
pub mod tls;
pub mod gone;
pub mod keeper;
pub mod errand;
pub mod whole;
pub mod stream;
pub mod child;
pub mod resolve;
mod socket;
pub mod dial;
mod passed;
pub mod arrival;
pub mod listen;
pub mod datagram;
pub mod pump;
pub mod info;
