//! Endpoints and what carries them: TCP, UDP, Unix sockets, serial ports, child processes,
//! stdio, files. Opens, accepts, moves bytes, reports what the sockets say.
//!
//! Not here: what the bytes mean (`sockeye-wire`), what is remembered of them
//! (`sockeye-tape`), what is done with them (`sockeye-workbench`). Nothing here prints,
//! reads the environment or listens for signals.

pub mod endpoint_error;
mod percent;
mod scheme;
pub mod cidr;
pub mod special;
pub mod host;
pub mod unix_name;
pub mod web_address;
pub mod http_method;
pub mod pin;
pub mod proxy;
pub mod came;
mod scratch;
#[cfg(target_os = "linux")]
mod duct;
mod sys;
mod inherited;
pub mod serial;
pub mod serial_ports;
pub mod option_values;
pub mod options;
pub mod endpoint;
pub mod ports;
mod hinted;
mod code;
pub mod error;
pub mod netns;
pub mod interfaces;
pub mod address;
pub mod circle;
pub mod machine;
pub mod owner;
pub mod services;
pub mod tls;
pub(crate) mod carrier;
pub(crate) mod websocket;
pub mod gone;
pub mod keeper;
pub mod errand;
pub mod program;
pub mod whole;
pub mod stream;
pub mod standard;
pub mod mover;
pub mod tcp_info;
pub mod child;
pub mod resolve;
mod socket;
pub mod via;
pub mod dial;
pub mod calls;
mod passed;
pub mod arrival;
pub mod listen;
mod multicast;
pub mod datagram;
pub mod pump;
pub mod info;
pub mod packets;
