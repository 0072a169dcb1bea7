//! The datagram half of `sockeye bench`: round trips with any echo server, and numbered
//! datagrams one way, of which the receiver counts what came, was lost, came late or twice.

pub mod echo;
pub(crate) mod protocol;
pub(crate) mod sequence;
pub mod offer;
pub mod serve;
