//! Tapes that a stranger may hand over.

#![no_main]

#[path = "../bodies/tape.rs"]
mod tape;

libfuzzer_sys::fuzz_target!(|data: &[u8]| tape::check(data));
