//! The workbench in the browser: the page's files, the door before everything, the pass that
//! each request shows, and the API behind them.

pub mod lesson;
