//! Plays one side of a script: says what it said, when it is due, and compares what comes
//! with what came then. A state machine: no socket, no clock; time comes in.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::script::{Script, Side, Step};

/// How many bytes around the first difference are shown.
const SHOWN: usize = 16;

/// How a script is played.
#[derive(Clone, Debug)]
pub struct Playing {
    /// What.
    pub script: Arc<Script>,
    /// Whose part is ours.
    pub side: Side,
    /// So many times as fast; none: no pauses at all.
    pub speed: Option<f64>,
    /// How long what came then is waited for before going on without.
    pub patience: Duration,
    /// Whether a difference is a failure.
    pub strict: bool,
}

/// How fast; none: without pauses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed(pub Option<f64>);

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<f64>() {
            _ if text == "max" => Ok(Self(None)),
            Ok(speed) if speed.is_finite() && speed > 0.0 => Ok(Self(Some(speed))),
            _ => Err("a speed is `max` or a number above 0, as in 10 or 0.5".to_owned()),
        }
    }
}

/// What is to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Do {
    /// Say this, in one go.
    Say(Vec<u8>),
    /// Tell our end.
    Finish,
    /// Something to tell.
    Note(String),
    /// All has been said, and all has come or will not.
    Over,
}

/// One run of a script.
#[derive(Debug)]
pub struct Player {
    playing: Playing,
    /// The next step.
    next: usize,
    /// When the step before it was done.
    done_at: Duration,
    /// How much of the other side's had come on the tape by now, and how much has come: bytes,
    /// or datagrams.
    wanted: u64,
    came: u64,
    /// Since when more than has come is waited for.
    waiting: Option<Duration>,
    /// How many bytes came, all in all, and where they first differ.
    bytes: u64,
    difference: Option<Difference>,
    /// The step that is compared next, and how many of its bytes have been.
    compared: (usize, usize),
    /// The other side has ended: no more will come.
    no_more: bool,
    over: bool,
}

#[derive(Debug)]
struct Difference {
    at: u64,
    came: Vec<u8>,
    then: Vec<u8>,
}

impl Player {
    /// A run that begins at `now`.
    pub fn new(playing: Playing, now: Duration) -> Self {
        Self {
            playing,
            next: 0,
            done_at: now,
            wanted: 0,
            came: 0,
            waiting: None,
            bytes: 0,
            difference: None,
            compared: (0, 0),
            no_more: false,
            over: false,
        }
    }

    /// Bytes came: one recv, or one datagram.
    pub fn came(&mut self, bytes: &[u8]) {
        self.came += if self.playing.script.datagrams { 1 } else { bytes.len() as u64 };
        self.compare(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// The other side has ended: nothing more is waited for.
    pub fn ended(&mut self) {
        self.no_more = true;
    }

    /// Whether there is more to say.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// What is due at `now`, in order.
    pub fn due(&mut self, now: Duration) -> Vec<Do> {
        let script = Arc::clone(&self.playing.script);
        let mut todo = Vec::new();
        while let Some(step) = script.steps.get(self.next) {
            if step.side != self.playing.side {
                if !self.heard(step, now, &mut todo) {
                    return todo;
                }
            } else if now >= self.done_at + self.pause(step) {
                todo.push(step.said.clone().map_or(Do::Finish, Do::Say));
            } else {
                return todo;
            }
            self.next += 1;
            self.done_at = now;
        }
        if !self.over {
            self.over = true;
            todo.push(Do::Over);
        }
        todo
    }

    /// When [`Player::due`] is to be asked again, if nothing comes before.
    pub fn deadline(&self) -> Option<Duration> {
        let step = self.playing.script.steps.get(self.next)?;
        if step.side == self.playing.side {
            return Some(self.done_at + self.pause(step));
        }
        self.waiting.map(|since| since + self.patience())
    }

    fn patience(&self) -> Duration {
        if self.no_more { Duration::ZERO } else { self.playing.patience }
    }

    /// Whether what the other side said has come by now, or is waited for no longer.
    fn heard(&mut self, step: &Step, now: Duration, todo: &mut Vec<Do>) -> bool {
        let Some(said) = &step.said else {
            // Its end is its own business.
            return true;
        };
        let more = if self.playing.script.datagrams { 1 } else { said.len() as u64 };
        let wanted = self.wanted + more;
        if self.came < wanted {
            let since = *self.waiting.get_or_insert(now);
            if now < since + self.patience() {
                return false;
            }
            let what = if self.playing.script.datagrams { "datagrams" } else { "bytes" };
            let when = if self.no_more {
                "at the other side's end".to_owned()
            } else {
                format!("after {:?}", self.playing.patience)
            };
            todo.push(Do::Note(format!(
                "{} of {wanted} {what} had come {when}: going on",
                self.came
            )));
        }
        self.waiting = None;
        self.wanted = wanted;
        true
    }

    fn pause(&self, step: &Step) -> Duration {
        match self.playing.speed {
            None => Duration::ZERO,
            Some(speed) => Duration::try_from_secs_f64(step.after.as_secs_f64() / speed)
                .unwrap_or(Duration::MAX / 4),
        }
    }

    fn compare(&mut self, mut bytes: &[u8]) {
        let script = Arc::clone(&self.playing.script);
        let mut at = self.bytes;
        while self.difference.is_none() && !bytes.is_empty() {
            let (step, done) = self.compared;
            let then = match script.steps.get(step) {
                Some(Step { side, said: Some(said), .. }) if *side != self.playing.side => {
                    said.get(done..).unwrap_or_default()
                }
                Some(_) => &[],
                None => {
                    self.differs(at, bytes, &[]);
                    return;
                }
            };
            let len = then.len().min(bytes.len());
            let (now, rest) = bytes.split_at(len);
            if let Some(place) = now.iter().zip(then).position(|(a, b)| a != b) {
                let came = bytes.get(place..).unwrap_or_default();
                let then = then.get(place..).unwrap_or_default();
                self.differs(at + place as u64, came, then);
                return;
            }
            bytes = rest;
            at += len as u64;
            self.compared = if len == then.len() { (step + 1, 0) } else { (step, done + len) };
        }
    }

    fn differs(&mut self, at: u64, came: &[u8], then: &[u8]) {
        let cut = |bytes: &[u8]| bytes.get(..SHOWN).unwrap_or(bytes).to_vec();
        self.difference = Some(Difference { at, came: cut(came), then: cut(then) });
    }

    /// Whether what came is what came then, and a line that says so.
    pub fn verdict(&self) -> (bool, String) {
        let side = self.playing.side.other();
        let then: usize = self
            .playing
            .script
            .steps
            .iter()
            .filter(|step| step.side == side)
            .filter_map(|step| step.said.as_ref())
            .map(Vec::len)
            .sum();
        let then = then as u64;
        match &self.difference {
            None if self.bytes == then => {
                (true, format!("the answers are those of the tape ({then} bytes)"))
            }
            None => (false, format!("{} bytes came, the tape has {then}", self.bytes)),
            Some(difference) => (
                false,
                format!(
                    "the answers differ from the tape at byte {}: `{}` instead of `{}` ({} bytes \
                     came, the tape has {then})",
                    difference.at,
                    difference.came.escape_ascii(),
                    difference.then.escape_ascii(),
                    self.bytes
                ),
            ),
        }
    }

    /// Whether a difference is a failure.
    pub fn is_strict(&self) -> bool {
        self.playing.strict
    }
}

#[cfg(test)]
#[path = "player/tests.rs"]
mod tests;
