//! Two conversations joined: what either peer says goes to the other, half-closes too.
//! Each byte is on the journal once, as what came from the side that said it.

mod disturbed;
pub mod ends;

use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sockeye_net::came::Kind;
use sockeye_net::error::Code;
use sockeye_net::gone::{Asking, Gone, Presence};
use sockeye_net::pump::{Pass, Stopped, Tap, Way};
use sockeye_net::stream::Stream;
use sockeye_tape::event::{By, Dir, How, Open, Role, What};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::aside::aside;
use crate::browser::judge;
use crate::closing::{Closing, Count, Failure, Fate, LastLook, Parting};
use crate::exchange::{Act, Exchange};
use crate::fault::pump::{Halt, part};
use crate::fault::shared::Subject;
use crate::journal::Journal;
use crate::plan::Plan;

/// Whether the first bytes of a caller are looked at before they go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guard {
    /// Everything passes.
    #[default]
    Open,
    /// A browser's request ends the conversation before the other side sees it.
    NoBrowser,
}

/// What a relay needs beside its two streams.
#[derive(Debug)]
pub struct Joined {
    /// How the left stream was opened.
    pub left_role: Role,
    /// Framing, read sizes and time limits; nothing is answered.
    pub plan: Arc<Plan>,
    /// What is looked at first.
    pub guard: Guard,
    /// The faults that this conversation meets.
    pub faults: Option<Subject>,
    /// Cancelled when the run ends.
    pub stop: CancellationToken,
}

/// Runs a relay to its end. The closing is the left conversation's.
pub async fn join(left: Stream, right: Stream, terms: Joined, journal: &Journal) -> Closing {
    let (mut left, mut right) = (left, right);
    join_there(&mut left, &mut right, &terms, journal).await
}

/// The same with streams that stay where they are, to be closed by their owner right after: moved
/// into a future, each would be in it twice.
pub(crate) async fn join_there(
    left: &mut Stream,
    right: &mut Stream,
    terms: &Joined,
    journal: &Journal,
) -> Closing {
    let joint = Joint::open(left, right, terms, journal);
    journal.settle().await;
    // A child may have work to finish after its caller has gone; a server hears of it.
    let present = match right.facts.proto {
        "exec" => (Presence::Unknown, Presence::Unknown),
        _ => (left.presence(), right.presence()),
    };
    let beside = pin!(async {
        let (how, why) = tokio::select! {
            () = joint.abandoned(&present) => return,
            why = joint.silence(terms.plan.idle_timeout) => (How::Timer, why),
            () = terms.stop.cancelled() => (How::Fin, "stopped".to_owned()),
        };
        joint.first_end(By::Us, how, Some(why));
    });
    let halt = tokio::select! {
        biased;
        halt = disturbed::pump_by(left, right, &joint, terms) => halt,
        () = aside(beside) => Halt::Stopped(Stopped::Ended),
    };
    let fates = match halt {
        Halt::Stopped(stopped) => joint.stopped(left, right, stopped),
        Halt::Closed(fault) => {
            joint.ended_by(How::Fin, &fault);
            Box::pin(part(left, right, &joint)).await;
            (Fate::Unknown, Fate::Unknown)
        }
        Halt::Reset(fault) => {
            joint.ended_by(How::Rst, &fault);
            left.writer.abort();
            right.writer.abort();
            (Fate::Lost, Fate::Lost)
        }
    };
    Box::pin(joint.end_children(left, right, &terms.stop)).await;
    let closing = joint.close(joint.last_looks(terms.left_role, (left, right), fates));
    journal.settle().await;
    closing
}

/// The relay as its pump's tap.
struct Joint<'j> {
    journal: &'j Journal,
    plan: Arc<Plan>,
    numbers: (u64, u64),
    opened: Duration,
    /// Guards what both ways change; never held while anything is awaited.
    state: Mutex<State>,
    /// Told at each end.
    end: Notify,
}

struct State {
    left: Side,
    right: Side,
    guard: Guard,
    /// What the caller has said while it was being judged: at most a few bytes and a read.
    first_words: Vec<u8>,
    last: Duration,
    first: Option<(By, How, Option<String>)>,
    failure: Option<Failure>,
    /// Whether the left, the right stream has ended.
    ended: (bool, bool),
    /// Whether a fault ended it: then it was our doing on both sides.
    struck: bool,
}

/// What came from one side.
struct Side {
    framer: Exchange,
    bytes: u64,
    /// So many of them have gone on.
    delivered: u64,
    frames: u64,
}

impl Side {
    fn new(plan: &Arc<Plan>, stream: &Stream) -> Self {
        let framer = if stream.writer.keeps_messages() {
            Exchange::of_messages(Arc::clone(plan))
        } else {
            Exchange::new(Arc::clone(plan))
        };
        Self { framer, bytes: 0, delivered: 0, frames: 0 }
    }
}

impl<'j> Joint<'j> {
    fn open(left: &Stream, right: &Stream, terms: &Joined, journal: &'j Journal) -> Self {
        let numbers = (journal.number(), journal.number());
        let event = |stream: &Stream, role, pair| {
            What::Open(Open {
                role,
                local: stream.facts.local.to_string(),
                peer: stream.facts.peer.to_string(),
                proto: stream.facts.proto.to_owned(),
                pair,
            })
        };
        if journal.is_watched() {
            journal.record(numbers.0, event(left, terms.left_role, None));
            journal.record(numbers.1, event(right, Role::Dial, Some(numbers.0)));
        }
        for (number, stream) in [(numbers.0, left), (numbers.1, right)] {
            if let Some(text) = stream.facts.told.clone() {
                journal.record(number, What::Note { text });
            }
        }
        let now = journal.clock().now();
        let state = State {
            left: Side::new(&terms.plan, left),
            right: Side::new(&terms.plan, right),
            guard: terms.guard,
            first_words: Vec::new(),
            last: now,
            first: None,
            failure: None,
            ended: (false, false),
            struck: false,
        };
        Self {
            journal,
            plan: Arc::clone(&terms.plan),
            numbers,
            opened: now,
            state: Mutex::new(state),
            end: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns once nothing has come for `limit`; never without one. Cancel-safe.
    async fn silence(&self, limit: Option<Duration>) -> String {
        let Some(limit) = limit else {
            return std::future::pending().await;
        };
        loop {
            let due = self.state().last + limit;
            if self.journal.clock().now() >= due {
                return format!("silent for {limit:?}");
            }
            tokio::time::sleep_until(self.journal.clock().instant(due)).await;
        }
    }

    /// Returns once a side that has ended is known to be gone altogether: then nobody reads
    /// what the other still says. Cancel-safe.
    async fn abandoned(&self, present: &(Presence, Presence)) {
        self.end.notified().await;
        let mut asking = Asking::default();
        loop {
            // Most ends are answered by the other side's: then nobody needs to ask.
            asking.rest().await;
            let (left, right) = self.state().ended;
            if left && present.0.gone() == Gone::Yes || right && present.1.gone() == Gone::Yes {
                return;
            }
        }
    }

    /// Children that have been talked to to their end may finish their work.
    async fn end_children(&self, left: &mut Stream, right: &mut Stream, stop: &CancellationToken) {
        let whole = self.state().ended == (true, true);
        for stream in [left, right] {
            if whole {
                let exit = tokio::select! {
                    exit = stream.reader.exit() => exit,
                    () = stop.cancelled() => None,
                };
                let failure =
                    exit.and_then(|exit| Failure::of_child(&stream.facts.peer.to_string(), &exit));
                if let Some(failure) = failure {
                    self.fail(failure);
                }
            }
            stream.reader.end_child().await;
        }
    }

    /// What a pump's stop means to the two streams, and to what they have not yet taken.
    fn stopped(&self, left: &mut Stream, right: &mut Stream, stopped: Stopped) -> (Fate, Fate) {
        let undelivered = self.undelivered();
        match stopped {
            Stopped::Ended if undelivered > 0 => {
                // A clean end would make what was cut look whole.
                left.writer.abort();
                right.writer.abort();
                let text =
                    format!("{undelivered} bytes that were read did not reach the other side");
                self.fail(Failure::new(Code::Reset, text));
                (Fate::Lost, Fate::Lost)
            }
            Stopped::Ended => (Fate::Unknown, Fate::Unknown),
            Stopped::Barred => {
                left.writer.abort();
                (Fate::Lost, Fate::Unknown)
            }
            Stopped::Broke { way, error } => {
                self.broke(way, &error, left, right);
                // A RST is passed on as a RST.
                match way {
                    Way::Right => {
                        right.writer.abort();
                        (Fate::Unknown, Fate::Lost)
                    }
                    Way::Left => {
                        left.writer.abort();
                        (Fate::Lost, Fate::Unknown)
                    }
                }
            }
        }
    }

    fn fail(&self, failure: Failure) {
        self.state().failure.get_or_insert(failure);
    }

    /// Bytes that were read from one side and have not gone on to the other.
    fn undelivered(&self) -> u64 {
        let state = self.state();
        let missing = |side: &Side| side.bytes.saturating_sub(side.delivered);
        missing(&state.left) + missing(&state.right)
    }

    fn first_end(&self, by: By, how: How, why: Option<String>) {
        self.state().first.get_or_insert((by, how, why));
    }

    fn broke(&self, way: Way, error: &io::Error, left: &Stream, right: &Stream) {
        let (side, by) = match way {
            Way::Right => (left, By::Peer),
            Way::Left => (right, By::Us),
        };
        let peer = side.facts.peer_endpoint();
        let failure = Failure::broken("receive from", &peer, error);
        let how = if failure.code == Code::Reset { How::Rst } else { How::Error };
        self.first_end(by, how, None);
        self.state().failure.get_or_insert(failure);
    }

    /// What the kernel knows of both connections; of a caller's alone what is worth a word,
    /// as there may be thousands a second. The end of one is given to the other.
    fn last_looks(
        &self,
        role: Role,
        (left, right): (&Stream, &Stream),
        fates: (Fate, Fate),
    ) -> (LastLook, LastLook) {
        let look = if role == Role::Dial { LastLook::at } else { LastLook::in_short };
        let (left_ended, right_ended) = self.state().ended;
        let at_left = Parting { our_end: right_ended, peers_end: left_ended, fate: fates.0 };
        let at_right = Parting { our_end: left_ended, peers_end: right_ended, fate: fates.1 };
        (look(left, at_left), look(right, at_right))
    }

    fn close(&self, (last_look, at_right): (LastLook, LastLook)) -> Closing {
        let mut state = self.state();
        let (by, how, why) = state.first.take().unwrap_or((By::Us, How::Fin, None));
        let closing = Closing {
            by,
            how,
            why,
            count: Count {
                bytes_in: state.left.bytes,
                bytes_out: state.right.bytes,
                frames_in: state.left.frames,
                frames_out: state.right.frames,
            },
            framed: state.left.framer.is_framed(),
            lasted: self.journal.clock().now().saturating_sub(self.opened),
            met: true,
            failure: state.failure.take(),
            last_look,
            moved: None,
        };
        // The same end, as the right conversation saw it.
        let by = match by {
            By::Us if !state.struck => By::Peer,
            By::Us | By::Peer => By::Us,
        };
        if self.journal.is_watched() {
            self.journal.record(self.numbers.0, What::Close(closing.event()));
        }
        if let Some(words) = at_right.words() {
            self.journal.say(format!("#{} {words}", self.numbers.1));
        }
        if self.journal.is_watched() {
            let right = Closing { by, last_look: at_right, ..closing.clone() };
            self.journal.record(self.numbers.1, What::Close(right.event()));
        }
        closing
    }
}

impl Tap for Joint<'_> {
    fn watches(&self, way: Way) -> bool {
        let judging = way == Way::Right && self.state().guard != Guard::Open;
        judging || self.journal.is_watched() || self.plan.looks_at_bytes()
    }

    fn passed(&self, way: Way, taken: usize, given: usize) {
        self.journal.tally().came(taken);
        self.journal.tally().went(taken);
        let mut state = self.state();
        if self.plan.idle_timeout.is_some() {
            state.last = self.journal.clock().now();
        }
        let side = match way {
            Way::Right => &mut state.left,
            Way::Left => &mut state.right,
        };
        side.bytes += taken as u64;
        side.delivered += given as u64;
    }

    fn moved(&self, way: Way, bytes: &[u8], kind: Option<Kind>) -> Pass {
        let now = self.journal.clock().now();
        self.journal.tally().came(bytes.len());
        self.journal.tally().went(bytes.len());
        let mut state = self.state();
        state.last = now;
        let (number, side) = match way {
            Way::Right => (self.numbers.0, &mut state.left),
            Way::Left => (self.numbers.1, &mut state.right),
        };
        side.bytes += bytes.len() as u64;
        self.journal.record(number, What::In { bytes: bytes.into(), from: None });
        let mut acts = Vec::new();
        side.framer.received(now, bytes, kind, &mut acts);
        while side.framer.step(&mut acts) {}
        for act in acts {
            match act {
                Act::Frame(_, off, len) => {
                    side.frames += 1;
                    self.journal.record(number, What::Frame { dir: Dir::In, off, len });
                }
                Act::Note(text) => self.journal.record(number, What::Note { text }),
                // A relay passes on what it cannot read; it only says so.
                Act::Fail(failure) => {
                    self.journal.record(number, What::Note { text: failure.text });
                }
                _ => {}
            }
        }
        if way == Way::Left || state.guard == Guard::Open {
            return Pass::Yes;
        }
        state.first_words.extend_from_slice(bytes);
        let pass = judge(&state.first_words);
        match pass {
            Pass::Hold => {}
            Pass::Yes => state.guard = Guard::Open,
            Pass::Never => {
                let why = "a browser's request is no command".to_owned();
                state.first.get_or_insert((By::Us, How::Rst, Some(why)));
            }
        }
        pass
    }

    fn delivered(&self, way: Way, bytes: usize) {
        let mut state = self.state();
        state.last = self.journal.clock().now();
        match way {
            Way::Right => state.left.delivered += bytes as u64,
            Way::Left => state.right.delivered += bytes as u64,
        }
    }

    fn told(&self, way: Way, text: String) {
        let number = match way {
            Way::Right => self.numbers.0,
            Way::Left => self.numbers.1,
        };
        self.journal.tell(number, text);
    }

    fn ended(&self, way: Way, words: Option<String>) {
        let by = match way {
            Way::Right => By::Peer,
            Way::Left => By::Us,
        };
        self.first_end(by, How::Fin, words);
        match way {
            Way::Right => self.state().ended.0 = true,
            Way::Left => self.state().ended.1 = true,
        }
        self.end.notify_one();
    }

    fn refused(&self, way: Way, error: &io::Error) {
        let number = match way {
            Way::Right => self.numbers.1,
            Way::Left => self.numbers.0,
        };
        let text = format!("takes no more: {}", sockeye_text::cause::plain(error));
        self.journal.record(number, What::Note { text });
        if !matches!(Code::of(error), Code::Reset) {
            let text =
                format!("the other side takes no more: {}", sockeye_text::cause::plain(error));
            self.fail(Failure::new(Code::of(error), text));
        }
    }

    async fn settled(&self) {
        self.journal.settle().await;
    }
}
