//! Packets as a run captures them: their events on its tape, and where a run's writes, the
//! segments and the reads lie over the same bytes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use sockeye_tape::capture::Captured as Packet;
use sockeye_tape::error::TapeError;
use sockeye_workbench::capture::joined::Tape;
use sockeye_workbench::capture::live::Sink;
use sockeye_workbench::capture::scope::{Found, Ruled, Scope, Terms};

use crate::workbench::refusal::Refusal;
use crate::workbench::run::Run;
use crate::workbench::save::each;

/// So many packets are taken before others get their turn.
const TURN: u32 = 512;

/// A capture.
#[derive(Debug)]
pub struct Captured {
    /// Guards the scope; nothing is awaited under it.
    scope: Mutex<Scope>,
    /// The run that is captured.
    of: Option<Arc<Run>>,
}

impl Captured {
    /// Before the first packet.
    pub fn new(terms: Terms, of: Option<Arc<Run>>) -> Self {
        Self { scope: Mutex::new(Scope::new(terms)), of }
    }

    /// What the conversations came to, in lines.
    pub fn end(&self) -> Vec<String> {
        let joined = self.joined();
        let mut scope = self.scope();
        let found = scope.end(joined.as_ref().map(|(tape, start)| (tape, *start)));
        found.lines.into_iter().chain(scope.left_out()).collect()
    }

    /// The rulers, as far as packets have come. Blocks.
    pub fn rulers(&self) -> Value {
        let joined = self.joined();
        let ruled = self.scope().ruled(joined.as_ref().map(|(tape, start)| (tape, *start)));
        let text: Vec<String> = ruled.iter().flat_map(Ruled::lines).collect();
        let rows = ruled.iter().map(|ruled| {
            let rulers = ruled.rows.iter().map(|row| {
                let pieces: Vec<[u64; 2]> =
                    row.pieces().iter().map(|piece| [piece.start, piece.end]).collect();
                json!({ "name": row.name, "pieces": pieces })
            });
            json!({ "title": ruled.title, "rulers": rulers.collect::<Vec<_>>() })
        });
        json!({ "text": text.join("\n"), "rows": rows.collect::<Vec<_>>() })
    }

    /// What the run's tape knows of where bytes were cut, and when it began.
    fn joined(&self) -> Option<(Tape, Duration)> {
        let run = self.of.as_ref()?;
        let mut tape = Tape::default();
        let taken: Result<(), Refusal> = each(&run.parts.reel.reading(), |event| {
            tape.take(event);
            Ok(())
        });
        // What is forgotten has no rulers.
        drop(taken);
        Some((tape, Duration::from_millis(run.parts.began)))
    }

    fn scope(&self) -> MutexGuard<'_, Scope> {
        self.scope.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a run's packets go.
#[derive(Debug)]
pub struct Catch {
    /// The run.
    pub run: Arc<Run>,
    /// Its scope.
    pub captured: Arc<Captured>,
    /// Packets since others had their turn.
    pub taken: u32,
}

impl Sink for Catch {
    type Error = TapeError;

    fn take(&mut self, packet: &Packet) -> Result<(), TapeError> {
        self.taken += 1;
        let found = self.captured.scope().take(packet);
        let Some(Found { events, .. }) = found else { return Ok(()) };
        for event in &events {
            self.run.parts.reel.record(event)?;
        }
        Ok(())
    }

    fn has_enough(&self) -> bool {
        false
    }

    fn is_idle(&self) -> bool {
        self.taken == 0
    }

    fn is_full(&self) -> bool {
        self.taken >= TURN
    }

    async fn settle(&mut self) -> Result<(), TapeError> {
        self.taken = 0;
        self.run.parts.reel.flush()?;
        tokio::task::yield_now().await;
        Ok(())
    }
}
