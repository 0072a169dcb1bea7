//! TLS against the programs that others use (openssl, curl, ncat, Python's `ssl`), and under
//! attack: FAULTS.md, the lines that mean something here. Certificates are made by openssl
//! when a test wants them.

#[path = "../harness/mod.rs"]
mod harness;

mod papers;
mod python;
mod talk;
mod relays;
mod judged;
mod shown;
mod attacked;
mod callers;
