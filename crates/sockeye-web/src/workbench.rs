//! The workbench in the browser: the page's files, the door before everything, the pass that
//! each request shows, and the API behind them.

pub mod refusal;
pub mod scope;
pub mod own;
mod secret;
mod page;
pub mod door;
mod tokens;
pub mod pass;
pub mod query;
pub mod body;
pub mod keepsakes;
pub mod files;
pub mod watch;
pub mod house;
mod gate;
mod enter;
pub mod api;
