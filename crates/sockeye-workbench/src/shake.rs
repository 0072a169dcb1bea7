//! The boundary tester. TCP carries bytes, and delivers them cut in any way; a program that
//! takes one recv for one message works on the desk and fails in the field. So a recorded talk
//! is said again in every way in which it may be delivered, and the answers are compared with
//! those of the talk as it was.
//!
//! From the ground up: the part that is ours ([`talk`]), one way to deliver it ([`case`]), the
//! ways in which to try it ([`order`]), what came back ([`answer`]), one run over a socket
//! (`run`), who is tested ([`subject`]), from a large case to a small one (`shrink`), the search
//! ([`search`]), what it came to ([`report`]), and what is asked for ([`setting`]).

pub mod talk;
pub mod case;
pub mod order;
pub mod answer;
pub mod subject;
pub mod run;
mod shrink;
pub mod baseline;
pub mod search;
pub mod report;
pub mod setting;
