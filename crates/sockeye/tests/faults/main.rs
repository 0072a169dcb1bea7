//! FAULTS.md, the lines that the binary meets today: each test is named as the attack and
//! begins with the number of its line.

#[path = "../harness/mod.rs"]
mod harness;

mod network;
mod peers;
mod display;
mod machine;
mod tapes;
