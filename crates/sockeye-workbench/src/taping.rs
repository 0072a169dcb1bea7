//! The way onto the tape: waited for, or lossy on a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use sockeye_tape::error::TapeError;
use sockeye_tape::event::{Event, What};
use sockeye_tape::recorder::Recorder;

/// Events that may wait for a lossy tape.
const WAITING: usize = 1024;
/// Bytes in them, at most.
const BYTES: usize = 64 << 20;

/// A tape being recorded.
#[derive(Debug)]
pub enum Taping {
    /// The talk waits for the tape: nothing is lost.
    Waited(Recorder),
    /// The tape never holds the talk up; what it missed is noted on it.
    Lossy(Lossy),
}

/// A tape behind a queue.
#[derive(Debug)]
pub struct Lossy {
    path: PathBuf,
    queue: Option<SyncSender<Event<'static>>>,
    /// Bytes in what waits; taken off once they are written.
    waiting: Arc<AtomicUsize>,
    writer: Option<JoinHandle<Result<(), TapeError>>>,
    missed: u64,
}

impl Taping {
    /// A tape that the talk does not wait for.
    pub fn lossy(recorder: Recorder) -> Self {
        let path = recorder.path().to_owned();
        let (queue, events) = sync_channel(WAITING);
        let waiting = Arc::new(AtomicUsize::new(0));
        let written = Arc::clone(&waiting);
        let writer = std::thread::spawn(move || write_all(recorder, &events, &written));
        Self::Lossy(Lossy { path, queue: Some(queue), waiting, writer: Some(writer), missed: 0 })
    }

    /// Where the tape lies.
    pub fn path(&self) -> &Path {
        match self {
            Self::Waited(recorder) => recorder.path(),
            Self::Lossy(lossy) => &lossy.path,
        }
    }

    /// Takes an event.
    pub(crate) fn record(&mut self, event: &Event<'_>) -> Result<(), TapeError> {
        match self {
            Self::Waited(recorder) => recorder.record(event),
            Self::Lossy(lossy) => lossy.record(event),
        }
    }

    /// Writes out what waits; a lossy tape does so by itself.
    pub(crate) fn flush(&mut self) -> Result<(), TapeError> {
        match self {
            Self::Waited(recorder) => recorder.flush(),
            Self::Lossy(_) => Ok(()),
        }
    }

    /// Ends the tape: what was taken is written. Returns how many events were missed.
    pub(crate) fn finish(self) -> Result<u64, TapeError> {
        match self {
            Self::Waited(mut recorder) => recorder.flush().map(|()| 0),
            Self::Lossy(mut lossy) => lossy.end().map(|()| lossy.missed),
        }
    }
}

impl Lossy {
    fn record(&mut self, event: &Event<'_>) -> Result<(), TapeError> {
        let Some(queue) = &self.queue else { return Ok(()) };
        if self.missed > 0 {
            let text = format!("{} events were missed so far", self.missed);
            let note = Event { t: event.t, c: event.c, what: What::Note { text } };
            if let Err(TrySendError::Full(_)) = queue.try_send(note) {
                self.missed += 1;
                return Ok(());
            }
        }
        let size = size(&event.what);
        if self.waiting.fetch_add(size, Ordering::Relaxed) + size > BYTES {
            self.waiting.fetch_sub(size, Ordering::Relaxed);
            self.missed += 1;
            return Ok(());
        }
        match queue.try_send(Event {
            t: event.t,
            c: event.c,
            what: event.what.clone().into_owned(),
        }) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => {
                self.waiting.fetch_sub(size, Ordering::Relaxed);
                self.missed += 1;
                Ok(())
            }
            // The writer has ended: its error is the tape's.
            Err(TrySendError::Disconnected(_)) => self.end(),
        }
    }

    fn end(&mut self) -> Result<(), TapeError> {
        self.queue = None;
        match self.writer.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) | None => Ok(()),
        }
    }
}

/// The bytes that an event holds.
fn size(what: &What<'_>) -> usize {
    match what {
        What::In { bytes, .. } | What::Out { bytes, .. } => bytes.len(),
        _ => 0,
    }
}

fn write_all(
    mut recorder: Recorder,
    events: &Receiver<Event<'static>>,
    waiting: &AtomicUsize,
) -> Result<(), TapeError> {
    let record = |recorder: &mut Recorder, event: &Event<'static>| {
        waiting.fetch_sub(size(&event.what), Ordering::Relaxed);
        recorder.record(event)
    };
    while let Ok(event) = events.recv() {
        record(&mut recorder, &event)?;
        // Nothing waits: a crash from here on loses nothing that was taken.
        let mut next = events.try_recv();
        while let Ok(event) = next {
            record(&mut recorder, &event)?;
            next = events.try_recv();
        }
        recorder.flush()?;
    }
    recorder.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sockeye_tape::header::Header;
    use sockeye_tape::reader::Tape;
    use std::time::Duration;

    #[test]
    fn a_lossy_tape_keeps_what_it_took_and_counts_what_it_missed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.tape");
        let header = Header { start: String::new(), argv: Vec::new(), sockeye: "0".into() };
        let header = Header { start: "2026-01-01T00:00:00Z".into(), ..header };
        let mut tape = Taping::lossy(Recorder::create(&path, &header, false).unwrap());
        let given = 50_100_u64;
        for number in 0..given {
            // The last ones are more than may wait at once.
            let size = if number < 50_000 { 8 } else { 1 << 20 };
            let what = What::In { bytes: vec![b'.'; size].into(), from: None };
            tape.record(&Event { t: Duration::from_nanos(number), c: 1, what }).unwrap();
        }
        let missed = tape.finish().unwrap();
        let events: Vec<_> = Tape::open(&path).unwrap().map(Result::unwrap).collect();
        let kept = events.iter().filter(|event| matches!(event.what, What::In { .. })).count();
        assert_eq!(kept as u64 + missed, given);
    }
}
