//! How fast it is: the load, the clocks and the tables of `sockeye bench`. Every byte that
//! comes back is checked, and what is wrong is counted, never left out.

pub mod histogram;
pub mod request;
mod line;
pub mod crowd;
pub(crate) mod figures;
pub mod echo;
pub mod report;
pub(crate) mod protocol;
mod hurry;
mod bulk;
pub mod visit;
pub mod throughput;
pub mod serve;
pub mod course;
pub mod datagrams;
