//! How the events of a run are looked at: a view is one choice of them, in order, each with a
//! number of its own. Views are kept and follow the tape, so that a page that scrolls asks for
//! numbers, and gets the same ones again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sockeye_tape::error::TapeError;
use sockeye_tape::reel::reading::Reading;
use sockeye_wire::framing::Framing;
use sockeye_workbench::hits::Hit;
use sockeye_workbench::lens::Lens;
use sockeye_workbench::sieve::Sieve;
use sockeye_workbench::sifted::Sifted;
use tokio::time::Instant;

use crate::workbench::refusal::Refusal;

/// So many views are kept of all runs together, which may have tens of megabytes each; the one
/// that was not asked for longest goes.
const KEPT: usize = 12;

/// How long a view may follow the tape in one go: then what there is is given.
const GO: Duration = Duration::from_millis(150);

/// So long an event may be on its way to the tape.
const UNDER_WAY: Duration = Duration::from_millis(100);

/// What a row is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// One recv or write of ours.
    #[default]
    Reads,
    /// One message.
    Frames,
}

/// Which view: the same choice finds the same view again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What a row is.
    pub by: By,
    /// The framing, as it is written; none: that of the tape.
    pub frame: Option<String>,
    /// What is let through, as it was asked for.
    pub sought: String,
}

/// What a choice means.
#[derive(Debug)]
pub struct Meant {
    /// What is let through.
    pub sieve: Sieve,
    /// What frames are found by; none: those that the tape tells of.
    pub framing: Option<Framing>,
    /// Whether there are frames to be marked in reads.
    pub marked: bool,
}

/// One view.
#[derive(Debug)]
pub struct View {
    rows: Sifted,
    /// Finds the frames that are marked in reads.
    marks: Option<Marks>,
}

/// Frames among the reads, found on the side.
#[derive(Debug)]
struct Marks {
    lens: Lens,
    next: u64,
}

/// A view, for one at a time.
pub type Shared = Arc<Mutex<View>>;

/// The views of all runs.
#[derive(Debug, Default)]
pub struct Views {
    /// Guards the list alone, the one last asked for at the end.
    list: Mutex<Vec<Kept>>,
}

/// Whose, which, and the view.
type Kept = (u64, Choice, Shared);

impl Views {
    /// The view of a run by that choice; `read` reads what it means where it is new.
    pub fn view(
        &self,
        run: u64,
        choice: Choice,
        read: impl FnOnce() -> Result<Meant, Refusal>,
    ) -> Result<Shared, Refusal> {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = list.iter().position(|(of, kept, _)| *of == run && *kept == choice) {
            let found = list.remove(at);
            let view = Arc::clone(&found.2);
            list.push(found);
            return Ok(view);
        }
        let view = Arc::new(Mutex::new(View::new(choice.by, read()?)));
        if list.len() >= KEPT {
            list.remove(0);
        }
        list.push((run, choice, Arc::clone(&view)));
        Ok(view)
    }

    /// A run is no more.
    pub fn forget(&self, run: u64) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|(of, ..)| *of != run);
    }
}

impl View {
    fn new(by: By, meant: Meant) -> Self {
        let lens = Lens::new(meant.framing);
        match by {
            By::Frames => Self { rows: Sifted::by_frames(meant.sieve, lens), marks: None },
            By::Reads => Self {
                rows: Sifted::by_reads(meant.sieve),
                marks: meant.marked.then_some(Marks { lens, next: 0 }),
            },
        }
    }

    /// Follows the tape for a while; asked again, it goes on. A silence ends messages
    /// too: `now` is the time of a run that goes on, taken before its tape; one that is over
    /// has none, and is silent for good. Blocks.
    pub fn follow(&mut self, reading: &Reading, now: Option<Duration>) -> Result<(), TapeError> {
        let end = Instant::now() + GO;
        while Instant::now() < end {
            let mut more = self.rows.advance(reading)?;
            if let Some(marks) = &mut self.marks {
                more |= marks.advance(reading)?;
            }
            if !more {
                let quiet = now.map_or(Duration::MAX, |now| now.saturating_sub(UNDER_WAY));
                self.tick(quiet, reading);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Nothing more comes of before `quiet`.
    fn tick(&mut self, quiet: Duration, reading: &Reading) {
        self.rows.tick(quiet, reading);
        if let Some(marks) = &mut self.marks {
            marks.lens.tick(quiet, &mut |_, _| {});
        }
    }

    /// How many events were looked at.
    pub fn searched(&self) -> u64 {
        self.marks.as_ref().map_or(u64::MAX, |marks| marks.next).min(self.rows.searched())
    }

    /// How many rows there were, those that are gone included.
    pub fn total(&self) -> u64 {
        self.rows.total()
    }

    /// How many rows are gone, because their events are forgotten or there were too many.
    pub fn gone(&self) -> u64 {
        self.rows.first()
    }

    /// The rows from number `from` on, at most so many, with their numbers.
    pub fn rows(&self, from: u64, count: usize) -> Vec<(u64, Hit)> {
        let from = from.max(self.gone());
        self.rows.hits(from..from.saturating_add(count as u64)).collect()
    }

    /// The frames in the bytes of reads.
    pub fn marks(&self) -> Option<&Lens> {
        self.marks.as_ref().map(|marks| &marks.lens)
    }
}

impl Marks {
    /// Goes on with the next events. Whether there may be more.
    fn advance(&mut self, reading: &Reading) -> Result<bool, TapeError> {
        let (first, entries) = reading.entries(self.next..reading.len());
        if entries.is_empty() {
            return Ok(false);
        }
        if reading.first() > 0 {
            self.lens.forget(reading.first());
        }
        let events = match reading.events(first..first + entries.len() as u64) {
            // Gone meanwhile: the next call goes on with what is kept.
            Err(TapeError::Forgotten { .. }) => return Ok(true),
            events => events?,
        };
        for ((number, entry), event) in (first..).zip(&entries).zip(&events) {
            self.lens.take(number, entry, event, &mut |_, _| {});
            self.next = number + 1;
        }
        Ok(true)
    }
}
