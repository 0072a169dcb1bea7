//! Endpoints as they may be written.

#![no_main]

#[path = "../bodies/endpoint.rs"]
mod endpoint;

libfuzzer_sys::fuzz_target!(|text: &str| endpoint::check(text));
