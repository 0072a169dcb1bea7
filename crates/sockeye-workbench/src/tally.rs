//! The run's running totals, for SIGUSR1 and the status line. Counters only go up.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use sockeye_text::units::Size;

/// Totals over all conversations of a run.
#[derive(Debug, Default)]
pub struct Tally {
    opened: AtomicU64,
    closed: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

impl Tally {
    /// A conversation was opened.
    pub fn opened(&self) {
        self.opened.fetch_add(1, Ordering::Relaxed);
    }

    /// A conversation was closed.
    pub fn closed(&self) {
        self.closed.fetch_add(1, Ordering::Relaxed);
    }

    /// A caller was not let in; returns how many that makes.
    pub fn refused(&self) -> u64 {
        self.refused.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A caller did not come as far as a conversation; returns how many that makes.
    pub fn failed(&self) -> u64 {
        self.failed.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Bytes came.
    pub fn came(&self, bytes: usize) {
        self.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Bytes went.
    pub fn went(&self, bytes: usize) {
        self.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (opened, closed) = (read(&self.opened), read(&self.closed));
        write!(
            f,
            "{} open, {opened} opened, {closed} closed, {} refused; {} in, {} out",
            opened.saturating_sub(closed),
            read(&self.refused),
            Size(read(&self.bytes_in)),
            Size(read(&self.bytes_out)),
        )
    }
}
