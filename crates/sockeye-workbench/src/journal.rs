//! The journal of a run: every event passes here once, gets its time, and goes on to
//! the tape (which is waited for), the log, the saved bytes and the screen.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use sockeye_net::came::Kind;
use sockeye_tape::event::{Event, What};
use sockeye_tape::view::View;

use crate::clock::Clock;
use crate::inquiry::Inquiry;
use crate::reeled::Reeled;
use crate::screen::{PIECE, Screen};
use crate::spoken::{Spoken, Tells};
use crate::tally::Tally;
use crate::taping::Taping;

/// What the screen shows of the events.
#[derive(Debug)]
pub enum Shown {
    /// Nothing.
    Nothing,
    /// Received bytes as they came.
    Raw,
    /// The tape's own lines.
    Json,
    /// The boundary view.
    View(Box<View>),
    /// Messages, each a line of text.
    Lines(Spoken),
}

/// Tells of an event in lines for stderr.
pub type Teller = Box<dyn FnMut(&Event<'_>) -> Vec<String> + Send>;

/// Hears each line for stderr as it is said.
pub type Hearer = Box<dyn Fn(&str) + Send + Sync>;

/// Where events go.
#[derive(Debug)]
pub struct Outlets {
    /// The screen's part.
    pub shown: Shown,
    /// `--tape`.
    pub tape: Option<Taping>,
    /// What the browser workbench looks at, recorded as a tape is.
    pub reel: Option<Reeled>,
    /// `--log`: text with the time.
    pub log: Option<(View, File)>,
    /// `--save`: received bytes.
    pub save: Option<File>,
}

/// The journal. One a run, shared by every conversation.
#[derive(Debug)]
pub struct Journal {
    clock: Clock,
    screen: Screen,
    watched: AtomicBool,
    next: AtomicU64,
    tally: Tally,
    inquiry: Inquiry,
    overheard: Overheard,
    /// Guards the order of events: a time is taken and the event written under one lock.
    desk: Mutex<Desk>,
}

#[derive(Default)]
struct Overheard(OnceLock<Hearer>);

struct Desk {
    outlets: Outlets,
    /// Explains, beside what is shown.
    teller: Option<Teller>,
    /// Shown and not yet handed to the screen.
    waiting: Vec<u8>,
    /// Bytes that a stopped terminal did not take.
    missed: usize,
}

impl Journal {
    /// A journal that writes to `outlets` and shows on `screen`.
    pub fn new(clock: Clock, screen: Screen, outlets: Outlets) -> Self {
        let watched = !matches!(outlets.shown, Shown::Nothing)
            || outlets.tape.is_some()
            || outlets.reel.is_some()
            || outlets.log.is_some()
            || outlets.save.is_some();
        let desk = Desk { outlets, teller: None, waiting: Vec::new(), missed: 0 };
        Self {
            clock,
            screen,
            watched: AtomicBool::new(watched),
            next: AtomicU64::new(1),
            tally: Tally::default(),
            inquiry: Inquiry::default(),
            overheard: Overheard::default(),
            desk: Mutex::new(desk),
        }
    }

    /// The run's clock.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The run's totals.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The question to all conversations.
    pub fn inquiry(&self) -> &Inquiry {
        &self.inquiry
    }

    /// Says the totals, and asks the open conversations how they fare.
    pub fn report(&self) {
        self.say(self.tally.to_string());
        self.inquiry.ask();
    }

    /// The screen, for lines that are no events.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The number of the next conversation, from 1.
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether events go anywhere: where they do not, none needs to be made.
    pub fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Relaxed)
    }

    /// Takes an event. What it makes the screen show waits until [`Journal::settle`].
    pub fn record(&self, conversation: u64, what: What<'_>) {
        if !self.is_watched() {
            return;
        }
        let mut desk = self.desk();
        let event = Event { t: self.clock.now(), c: conversation, what };
        for lost in desk.keep(&event) {
            self.screen.say(lost);
        }
        desk.show(&event);
        for line in desk.teller.as_mut().map(|tell| tell(&event)).unwrap_or_default() {
            self.say(line);
        }
    }

    /// From now on every line that is said is heard as well, by one hearer: the first. It is
    /// called where the line is said, and must not use the journal.
    pub fn overhear(&self, hearer: Hearer) {
        // Who comes second hears nothing.
        drop(self.overheard.0.set(hearer));
    }

    /// From now on every event is told of as well.
    pub fn explain(&self, teller: Teller) {
        self.watched.store(true, Ordering::Relaxed);
        self.desk().teller = Some(teller);
    }

    /// From now on messages are shown, each as a line.
    pub fn show_lines(&self, spoken: Spoken) {
        self.watched.store(true, Ordering::Relaxed);
        self.desk().outlets.shown = Shown::Lines(spoken);
    }

    /// A message that came: where messages are shown as lines, one on stdout and, before it,
    /// one on stderr that says whom it is from.
    pub fn message(&self, conversation: u64, from: Option<&str>, bytes: &[u8], tells: Tells) {
        let mut desk = self.desk();
        let Shown::Lines(spoken) = &mut desk.outlets.shown else {
            return;
        };
        let Some(line) = spoken.line(conversation, bytes, tells) else {
            return;
        };
        if let Some(from) = from {
            let from = sockeye_text::safe::one_line(from);
            self.screen.say(format!("from #{conversation} {from}:"));
        }
        desk.waiting.extend_from_slice(line.as_bytes());
    }

    /// Something that a transport tells: an event, and where no view draws events a line.
    pub fn tell(&self, conversation: u64, text: String) {
        if matches!(self.desk().outlets.shown, Shown::Raw | Shown::Nothing) {
            self.say(format!("note: #{conversation} {text}"));
        }
        self.record(conversation, What::Note { text });
    }

    /// A message was shown: where the screen shows the bytes alone, a text's line ends, so
    /// that the next one stands by itself.
    pub fn end_message(&self, message: &[u8], kind: Option<Kind>) {
        if kind != Some(Kind::Text) || message.ends_with(b"\n") {
            return;
        }
        let mut desk = self.desk();
        if matches!(desk.outlets.shown, Shown::Raw) {
            desk.waiting.push(b'\n');
        }
    }

    /// A line on stderr, after everything shown so far.
    pub fn say(&self, line: impl Into<String>) {
        let line = line.into();
        if let Some(hear) = self.overheard.0.get() {
            hear(&line);
        }
        self.screen.say(line);
    }

    /// Writes the tape out and hands what is shown to the screen; waits for the screen
    /// where it is a pipe or a file. Cancel-safe.
    pub async fn settle(&self) {
        if !self.is_watched() {
            return;
        }
        let lost = self.desk().flush();
        for line in lost {
            self.screen.say(line);
        }
        while !self.desk().waiting.is_empty() {
            // The piece is taken once there is room, in one step: whoever is cancelled while
            // waiting leaves it to the next.
            let room = self.screen.room().await;
            let mut desk = self.desk();
            match (desk.piece(), room) {
                (Some(piece), Some(room)) => room.print(piece),
                (Some(piece), None) => desk.missed += piece.len(),
                (None, _) => return,
            }
        }
    }

    /// Something that failed: on stderr and, where the screen shows JSON, on stdout.
    pub fn error(&self, code: &str, text: &str, hint: Option<&str>) {
        for line in error_lines(code, text, hint) {
            self.say(line);
        }
        let mut desk = self.desk();
        if matches!(desk.outlets.shown, Shown::Json) {
            sockeye_tape::json::write_error(code, text, hint, &mut desk.waiting);
        }
    }

    /// A caller was not let in. The first few are told one by one, then one in a thousand: a
    /// flood must not fill the log.
    pub fn refused(&self, peer: &str, why: &str) {
        let times = self.tally.refused();
        if worth_telling(times) {
            self.say(format!("refused {peer} (refusal {times}): {why}"));
        }
    }

    /// A caller did not come as far as a conversation. Told as an error is, and as seldom as
    /// of those who are refused.
    pub fn turned_away(&self, code: &str, text: &str, hint: Option<&str>) {
        let times = self.tally.failed();
        if times <= TOLD {
            self.error(code, text, hint);
        } else if worth_telling(times) {
            self.error(code, &format!("{text} (failure {times})"), hint);
        }
    }

    /// A server is ready: on stderr and, where the screen shows JSON, on stdout.
    pub fn listening(&self, endpoint: &str) {
        self.say(format!("listening on {endpoint}"));
        let mut desk = self.desk();
        if matches!(desk.outlets.shown, Shown::Json) {
            sockeye_tape::json::write_listening(endpoint, &mut desk.waiting);
        }
    }

    /// What a browser is to open: on stderr and, where the screen shows JSON, on stdout.
    pub fn link(&self, url: &str) {
        self.say(format!("open {url}"));
        let mut desk = self.desk();
        if matches!(desk.outlets.shown, Shown::Json) {
            sockeye_tape::json::write_link(url, &mut desk.waiting);
        }
    }

    /// Ends the tape, the log and the saved bytes: everything is on disk afterwards.
    /// Returns what could not be written.
    pub fn finish(&self) -> Vec<String> {
        let mut desk = self.desk();
        let mut lines = desk.flush();
        let missed = desk.missed;
        match desk.outlets.tape.take().map(Taping::finish) {
            Some(Ok(missed)) if missed > 0 => {
                lines.push(format!("note: the tape missed {missed} events (`--tape-lossy`)"));
            }
            Some(Err(error)) => lines.push(format!("warning: the tape has ended: {error}")),
            Some(Ok(_)) | None => {}
        }
        // A closed stdout is a quiet end.
        if missed > 0 && !self.screen.closed().is_cancelled() {
            lines.push(format!("the terminal did not take {missed} bytes: they were not shown"));
        }
        lines
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Overheard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.get().is_some() { "Overheard" } else { "Unheard" })
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("outlets", &self.outlets).finish_non_exhaustive()
    }
}

impl Desk {
    /// Tape, reel, log and saved bytes; a sentence for each outlet that was lost.
    fn keep(&mut self, event: &Event<'_>) -> Vec<String> {
        let mut lost = Vec::new();
        if let Some(tape) = &mut self.outlets.tape
            && let Err(error) = tape.record(event)
        {
            lost.push(self.end_tape(&error.to_string()));
        }
        if let Some(Err(error)) = self.outlets.reel.as_ref().map(|reel| reel.record(event)) {
            lost.push(self.end_reel(&error.to_string()));
        }
        if let (Some(save), What::In { bytes, .. }) = (&mut self.outlets.save, &event.what)
            && let Err(error) = save.write_all(bytes)
        {
            self.outlets.save = None;
            lost.push(outlet_lost("--save", &error));
        }
        if let Some((view, file)) = &mut self.outlets.log {
            let mut text = String::new();
            view.event(event, &mut text);
            if let Err(error) = file.write_all(text.as_bytes()) {
                self.outlets.log = None;
                lost.push(outlet_lost("--log", &error));
            }
        }
        lost
    }

    fn show(&mut self, event: &Event<'_>) {
        match &mut self.outlets.shown {
            Shown::Nothing => {}
            Shown::Raw => {
                if let What::In { bytes, .. } = &event.what {
                    self.waiting.extend_from_slice(bytes);
                }
            }
            Shown::Json => sockeye_tape::json::write(event, &mut self.waiting),
            Shown::View(view) => {
                let mut text = String::new();
                view.event(event, &mut text);
                self.waiting.extend_from_slice(text.as_bytes());
            }
            Shown::Lines(spoken) => {
                if let What::Close(_) = &event.what {
                    let rest = spoken.end(event.c).unwrap_or_default();
                    self.waiting.extend_from_slice(rest.as_bytes());
                }
            }
        }
    }

    /// What the view held back, and the tape's buffer, go out.
    fn flush(&mut self) -> Vec<String> {
        if let Shown::View(view) = &mut self.outlets.shown {
            let mut text = String::new();
            view.settle(&mut text);
            self.waiting.extend_from_slice(text.as_bytes());
        }
        let mut lost = Vec::new();
        if let Some((view, file)) = &mut self.outlets.log {
            let mut text = String::new();
            view.settle(&mut text);
            if let Err(error) = file.write_all(text.as_bytes()) {
                self.outlets.log = None;
                lost.push(outlet_lost("--log", &error));
            }
        }
        if let Some(Err(error)) = self.outlets.tape.as_mut().map(Taping::flush) {
            lost.push(self.end_tape(&error.to_string()));
        }
        if let Some(Err(error)) = self.outlets.reel.as_ref().map(Reeled::flush) {
            lost.push(self.end_reel(&error.to_string()));
        }
        lost
    }

    fn end_tape(&mut self, why: &str) -> String {
        let path = self.outlets.tape.take().map(|tape| tape.path().to_owned());
        ended(&path.unwrap_or_else(|| Path::new("?").to_owned()), why)
    }

    /// Nothing more is recorded; what was can be looked at as before.
    fn end_reel(&mut self, why: &str) -> String {
        let path = self.outlets.reel.take().map(|reel| reel.reel().path().to_owned());
        ended(&path.unwrap_or_else(|| Path::new("?").to_owned()), why)
    }

    fn piece(&mut self) -> Option<Vec<u8>> {
        if self.waiting.is_empty() {
            return None;
        }
        if self.waiting.len() <= PIECE {
            return Some(std::mem::take(&mut self.waiting));
        }
        let rest = self.waiting.split_off(PIECE);
        Some(std::mem::replace(&mut self.waiting, rest))
    }
}

/// How many callers that were not let in are told of one by one.
pub(crate) const TOLD: u64 = 10;

/// Whether one more of many is still worth a line: one in a thousand is.
pub(crate) fn worth_telling(times: u64) -> bool {
    times <= TOLD || times.is_multiple_of(1000)
}

/// How a failure is written for people: what, where and why, then the next step.
pub fn error_lines(code: &str, text: &str, hint: Option<&str>) -> Vec<String> {
    let text = sockeye_text::safe::one_line(text);
    let mut lines = vec![format!("error[{code}]: {text}")];
    lines.extend(hint.map(|hint| format!("hint: {}", sockeye_text::safe::one_line(hint))));
    lines
}

fn ended(tape: &Path, why: &str) -> String {
    format!(
        "warning: the tape `{}` has ended, whole to its last line: {why}; the talk goes on",
        tape.display()
    )
}

fn outlet_lost(flag: &str, error: &std::io::Error) -> String {
    let why = sockeye_text::cause::plain(error);
    format!("warning: `{flag}` has ended: {why}; the talk goes on")
}
