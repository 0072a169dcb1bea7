//! How far a search for cuts that break a server has come, as a page sees it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

/// So many failing cases are told of.
const FAILS: usize = 200;

/// How it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Cases are tried.
    #[default]
    Running,
    /// A cut was found that breaks it.
    Found,
    /// None was.
    Nothing,
    /// The search could not go on.
    Failed,
}

/// A case that failed for sure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fail {
    /// As `--only` reads it.
    pub case: String,
    /// What it does.
    pub told: String,
    /// What came of it.
    pub why: String,
}

/// As a page sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Shown {
    /// How it stands.
    pub state: State,
    /// What kind of cases is tried.
    pub phase: Option<String>,
    /// Cases that were tried, once the search is over.
    pub tried: usize,
    /// Seconds that it has taken.
    pub seconds: f64,
    /// Cases that failed, each smaller than the one before.
    pub fails: Vec<Fail>,
    /// The report for programs.
    pub report: Option<Value>,
    /// The report for people.
    pub text: Option<String>,
}

/// A search under way.
#[derive(Debug, Default)]
pub struct Shaken {
    /// Guards the state alone; nothing is awaited under it.
    shown: Mutex<Shown>,
}

impl Shaken {
    /// Changes what is told.
    pub fn change(&self, change: impl FnOnce(&mut Shown)) {
        change(&mut self.shown());
    }

    /// A case failed.
    pub fn fails(&self, fail: Fail) {
        let mut shown = self.shown();
        if shown.fails.len() < FAILS {
            shown.fails.push(fail);
        }
    }

    /// As a page sees it, `seconds` after the beginning.
    pub fn told(&self, seconds: f64) -> Shown {
        let shown = self.shown().clone();
        match shown.state {
            State::Running => Shown { seconds, ..shown },
            _ => shown,
        }
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
