//! Framings and streams of any kind.

#![no_main]

#[path = "../bodies/framing.rs"]
mod framing;

libfuzzer_sys::fuzz_target!(|data: &[u8]| framing::check(data));
