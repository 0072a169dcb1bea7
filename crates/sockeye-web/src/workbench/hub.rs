//! What pages that watch are told of runs: each message is a line of JSON. Nobody is waited for:
//! who does not keep up is cut off, comes again, and begins with `hello`.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use crate::workbench::run::Run;
use crate::workbench::seconds::Second;
use crate::workbench::watch::Board;

/// The hub.
#[derive(Clone, Debug)]
pub struct Hub {
    board: Arc<Board>,
}

impl Hub {
    /// Tells the pages of that board.
    pub fn new(board: Arc<Board>) -> Self {
        Self { board }
    }

    /// Whether anybody watches.
    pub fn is_watched(&self) -> bool {
        self.board.is_watched()
    }

    /// A run is new.
    pub fn run(&self, run: &Run) {
        if self.is_watched() {
            self.tell(&json!({"e": "run", "run": run.shown()}));
        }
    }

    /// Something of a run has changed, see [`Run::news`].
    pub fn changed(&self, message: String) {
        self.board.tell(message);
    }

    /// A run has more events, or has said more.
    pub fn grew(&self, id: u64, events: u64, said: u64) {
        self.tell(&json!({"e": "grew", "id": id, "events": events, "said": said}));
    }

    /// What went over in a second.
    pub fn rates(&self, id: u64, second: u64, rate: &Second) {
        #[derive(Serialize)]
        struct Told<'r> {
            e: &'static str,
            id: u64,
            second: u64,
            rate: &'r Second,
        }
        let told = serde_json::to_value(Told { e: "rates", id, second, rate });
        self.tell(&told.unwrap_or(Value::Null));
    }

    /// The search of a run has come further.
    pub fn shake(&self, id: u64) {
        self.tell(&json!({"e": "shake", "id": id}));
    }

    /// A run is forgotten.
    pub fn gone(&self, id: u64) {
        self.tell(&json!({"e": "gone", "id": id}));
    }

    fn tell(&self, message: &Value) {
        self.board.tell(message.to_string());
    }
}
