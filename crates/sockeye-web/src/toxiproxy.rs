//! Toxiproxy's HTTP API over our relay: its clients find what they know, and what disturbs is
//! our faults. Sources: toxiproxy's `api.go`, `proxy.go` and `toxics/*.go`, version 2.12.

pub mod refusal;
pub mod toxic;
pub mod draft;
mod proxy;
pub mod proxies;
mod desk;
pub mod api;

/// The version of toxiproxy whose API this is.
pub const VERSION: &str = "2.12.0";
