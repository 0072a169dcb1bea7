//! Who watches, and what they are told: lines of JSON, each given to everybody. Nobody is
//! waited for: who does not keep up is told so, and begins anew.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::sync::broadcast::Receiver;

use crate::workbench::run::Run;
use crate::workbench::seconds::Second;

/// So many messages may wait for somebody who watches.
const WAITING: usize = 512;

/// The hub.
#[derive(Clone, Debug)]
pub struct Hub {
    messages: broadcast::Sender<Arc<str>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { messages: broadcast::Sender::new(WAITING) }
    }
}

impl Hub {
    /// What is told from now on.
    pub fn listen(&self) -> Receiver<Arc<str>> {
        self.messages.subscribe()
    }

    /// Whether anybody watches.
    pub fn is_watched(&self) -> bool {
        self.messages.receiver_count() > 0
    }

    /// A run is new, or something of it has changed.
    pub fn run(&self, run: &Run) {
        if self.is_watched() {
            self.tell(&json!({"e": "run", "run": run.shown()}));
        }
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
        // Nobody watches: nothing is to be told.
        drop(self.messages.send(message.to_string().into()));
    }
}
