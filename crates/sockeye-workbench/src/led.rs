//! A conversation that a program leads: it knows at each step what must come next, how much
//! of it at most, and until when. Each recv and each write is an event on the journal; the
//! first thing that goes wrong is kept, and becomes the explained close.
//!
//! Not for conversations that are led by whoever types: those are `conversation`.

mod ending;

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::came::{Came, may_be_cut};
use sockeye_net::error::Code;
use sockeye_net::gone::{Asking, Gone};
use sockeye_net::stream::{Facts, Stream};
use sockeye_tape::event::{By, Dir, How, Open, Role, What};
use sockeye_text::safe::one_line;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use crate::closing::{Closing, Count, Failure};
use crate::journal::Journal;

/// How long a part of a protocol may take that a program sends at once.
pub const AT_ONCE: Duration = Duration::from_secs(10);
/// How long a transfer may stand still, either way.
pub const STALL: Duration = Duration::from_mins(1);
/// The most of one recv.
const READ: usize = 64 * 1024;
/// The most that is kept of what comes before its turn.
const EARLY: usize = 64 * 1024;

/// A protocol: what is done with each caller of a server.
pub trait Lead: fmt::Debug + Send + Sync {
    /// Leads the conversation to its end.
    fn lead(&self, led: Led) -> Pin<Box<dyn Future<Output = Closing> + Send + '_>>;
}

/// Whether each step is told as it is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Explain {
    /// It is not.
    #[default]
    Quiet,
    /// Each step is a line on stderr, by the name of its socket call.
    Steps,
}

/// What a conversation needs beside its stream and its journal.
#[derive(Clone, Debug)]
pub struct LedTerms {
    /// Dialled or accepted.
    pub role: Role,
    /// Its number on the journal.
    pub number: u64,
    /// Whether its steps are told.
    pub explain: Explain,
    /// Cancelled when the run ends.
    pub stop: CancellationToken,
}

/// The conversation cannot go on; why is kept in the [`Led`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended;

/// A part of a protocol that is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    what: &'static str,
    patience: Patience,
}

#[derive(Clone, Copy, Debug)]
enum Patience {
    Whole(Duration),
    Moving(Duration),
    Endless,
}

impl Part {
    /// Comes whole within [`AT_ONCE`].
    pub fn at_once(what: &'static str) -> Self {
        Self { what, patience: Patience::Whole(AT_ONCE) }
    }

    /// May take any time, as long as bytes come at least every [`STALL`].
    pub fn moving(what: &'static str) -> Self {
        Self { what, patience: Patience::Moving(STALL) }
    }

    /// Comes within so long: whoever sends it has work to do first.
    pub fn within(what: &'static str, limit: Duration) -> Self {
        Self { what, patience: Patience::Whole(limit) }
    }

    /// Comes when a person has thought of it.
    pub fn whenever(what: &'static str) -> Self {
        Self { what, patience: Patience::Endless }
    }
}

/// A conversation that a program leads.
#[derive(Debug)]
pub struct Led {
    stream: Stream,
    journal: Arc<Journal>,
    terms: LedTerms,
    /// The most of one recv.
    most: usize,
    /// Came, and its turn has not.
    held: Vec<u8>,
    count: Count,
    opened: Duration,
    peer_ended: bool,
    /// The transport's own end did not come with it.
    cut_off: bool,
    our_end: bool,
    /// The first thing that ended it.
    first: Option<(By, How, Option<String>)>,
    failure: Option<Failure>,
}

/// What waiting for the next recv came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pulled {
    Some,
    End,
    Quiet,
}

impl Led {
    /// Opens it on the journal.
    pub fn open(stream: Stream, journal: Arc<Journal>, terms: LedTerms) -> Self {
        let open = Open {
            role: terms.role,
            local: stream.facts.local.to_string(),
            peer: stream.facts.peer.to_string(),
            proto: stream.facts.proto.to_owned(),
            pair: None,
        };
        journal.record(terms.number, What::Open(open));
        let led = Self {
            opened: journal.clock().now(),
            stream,
            journal,
            terms,
            most: READ,
            held: Vec::new(),
            count: Count::default(),
            peer_ended: false,
            cut_off: false,
            our_end: false,
            first: None,
            failure: None,
        };
        if let Some(told) = &led.stream.facts.told {
            led.note(told.clone());
        }
        let peer = &led.stream.facts.peer;
        match led.terms.role {
            Role::Dial if led.stream.facts.proto == "tcp" => {
                led.step(|| "socket(AF_INET, SOCK_STREAM)".to_owned());
                led.step(|| format!("connect({peer})"));
            }
            Role::Dial => led.step(|| format!("socket(), connect({peer})")),
            Role::Accept => led.step(|| format!("accept() returned a new socket, to {peer}")),
        }
        led
    }

    /// From now on no recv takes more than this, at least 1.
    pub fn read_by(&mut self, most: usize) {
        self.most = most.clamp(1, READ);
    }

    /// Between whom it is.
    pub fn facts(&self) -> &Facts {
        &self.stream.facts
    }

    /// Its number on the journal.
    pub fn number(&self) -> u64 {
        self.terms.number
    }

    /// The journal of the run.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// Cancelled when the run ends.
    pub fn stop(&self) -> &CancellationToken {
        &self.terms.stop
    }

    /// A line on stderr that names the conversation.
    pub fn say(&self, text: impl fmt::Display) {
        self.journal.say(format!("#{} {}", self.terms.number, one_line(&text.to_string())));
    }

    /// A note on the tape.
    pub fn note(&self, text: impl Into<String>) {
        self.journal.record(self.terms.number, What::Note { text: text.into() });
    }

    /// A line that explains, where steps are told.
    pub fn step(&self, text: impl FnOnce() -> String) {
        if self.terms.explain == Explain::Steps {
            self.say(text());
        }
    }

    /// Where the next byte stands that is taken, from the stream's start.
    pub fn taken(&self) -> u64 {
        self.count.bytes_in - self.held.len() as u64
    }

    /// Where the next byte stands that is sent, from the stream's start.
    pub fn sent(&self) -> u64 {
        self.count.bytes_out
    }

    /// What was taken since `from` is one message.
    pub fn frame_in(&mut self, from: u64) {
        self.count.frames_in += 1;
        let len = self.taken().saturating_sub(from);
        self.journal.record(self.terms.number, What::Frame { dir: Dir::In, off: from, len });
    }

    /// What was sent since `from` is one message.
    pub fn frame_out(&mut self, from: u64) {
        self.count.frames_out += 1;
        let len = self.sent().saturating_sub(from);
        self.journal.record(self.terms.number, What::Frame { dir: Dir::Out, off: from, len });
    }

    /// Takes what has come, at most `limit` bytes; waits where nothing has. Empty at the
    /// peer's end. Cancel-safe.
    pub async fn read_some(&mut self, part: Part, limit: usize) -> Result<Vec<u8>, Ended> {
        let due = self.due(part);
        if self.held.is_empty() && !matches!(part.patience, Patience::Moving(_)) {
            let limit = limit.clamp(1, self.most);
            self.step(|| format!("recv({limit}) waits for {}", part.what));
        }
        while self.held.is_empty() && !self.peer_ended {
            if self.pull(limit, due).await? == Pulled::Quiet {
                return Err(self.late(part));
            }
        }
        Ok(self.take(limit))
    }

    /// Takes exactly so many bytes, whatever the cuts; memory grows as they come. A peer
    /// that ends before is a failure.
    pub async fn read_exact(&mut self, part: Part, count: usize) -> Result<Vec<u8>, Ended> {
        let mut due = self.due(part);
        let mut all = Vec::new();
        while all.len() < count {
            if self.held.is_empty() {
                match self.pull(count - all.len(), due).await? {
                    Pulled::Quiet => return Err(self.late(part)),
                    Pulled::End => return Err(self.cut(part, all.len(), count)),
                    Pulled::Some if matches!(part.patience, Patience::Moving(_)) => {
                        due = self.due(part);
                    }
                    Pulled::Some => {}
                }
            }
            let piece = self.take(count - all.len());
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }

    /// Takes one message of a protocol that marks no end: what comes before a silence of
    /// `settle` (zero: one recv of 1024 bytes, as a classic program). None at the peer's
    /// end. More than `limit` bytes are a failure.
    pub async fn read_settled(
        &mut self,
        part: Part,
        settle: Duration,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, Ended> {
        let from = self.taken();
        if settle.is_zero() {
            let message = self.read_some(part, 1024).await?;
            return Ok(self.message(message, from));
        }
        let mut message = self.read_some(part, limit + 1).await?;
        // Whoever sends a byte now and then is not waited for without end.
        let whole = self.journal.clock().now() + AT_ONCE;
        while !message.is_empty() && message.len() <= limit && !self.peer_ended {
            let now = self.journal.clock().now();
            if now >= whole {
                return Err(self.late(part));
            }
            if self.pull(READ, Some(now + settle)).await? == Pulled::Quiet {
                self.step(|| {
                    format!(
                        "silent for {settle:?}: that is one message, {}",
                        counted(message.len())
                    )
                });
                break;
            }
            message.append(&mut self.held);
        }
        if message.len() > limit {
            let peer = self.peer();
            let text = format!("`{peer}` sent {} of more than {limit} bytes", part.what);
            return Err(self.fail(Failure::new(Code::Limit, text)));
        }
        Ok(self.message(message, from))
    }

    fn message(&mut self, message: Vec<u8>, from: u64) -> Option<Vec<u8>> {
        if message.is_empty() {
            return None;
        }
        self.frame_in(from);
        Some(message)
    }

    /// Sends all of it. A peer that takes nothing for [`STALL`] is a failure.
    pub async fn write_all(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let due = self.journal.clock().instant(self.journal.clock().now() + STALL);
            let wrote = tokio::select! {
                biased;
                () = self.terms.stop.cancelled() => return Err(self.stopped()),
                wrote = self.stream.writer.send(rest, None) => wrote,
                () = sleep_until(due) => {
                    let text = format!("`{}` took nothing for {STALL:?}", self.peer());
                    self.mark(By::Us, How::Timer, None);
                    return Err(self.fail(Failure::new(Code::Timeout, text)));
                }
            };
            let count = match wrote {
                Ok(count) => count,
                Err(error) => return Err(self.broken("send to", &error)),
            };
            let (went, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            self.count.bytes_out += went.len() as u64;
            self.journal.tally().went(went.len());
            self.journal.record(self.terms.number, What::Out { bytes: went.into(), to: None });
            rest = later;
            self.journal.settle().await;
        }
        self.step(|| format!("sendall() of {}", counted(bytes.len())));
        Ok(())
    }

    /// Returns once the peer has ended or broken; what comes before that is kept for its
    /// turn. Cancel-safe.
    pub async fn until_ended(&mut self) {
        while !self.peer_ended {
            let room = EARLY.saturating_sub(self.held.len());
            if room == 0 {
                // It may say its end behind what is not read: nobody would hear it.
                return std::future::pending().await;
            }
            if self.pull(room, None).await.is_err() {
                return;
            }
        }
    }

    /// The same, where an answer is owed: a peer that has said all may wait for it. Returns
    /// once it is known that nobody does. Cancel-safe.
    pub async fn until_gone(&mut self) {
        self.until_ended().await;
        let mut asking = Asking::default();
        while self.failure.is_none() && self.stream.presence().gone() != Gone::Yes {
            tokio::select! {
                () = asking.rest() => {}
                () = self.terms.stop.cancelled() => return,
            }
        }
    }

    /// Whether what came last may have been cut off: the peer's end came without that of its
    /// transport.
    pub fn may_be_cut(&self) -> bool {
        self.cut_off
    }

    /// Whether the peer's end has come.
    pub fn peer_has_ended(&self) -> bool {
        self.peer_ended
    }

    /// One recv, put to what is held.
    async fn pull(&mut self, limit: usize, due: Option<Duration>) -> Result<Pulled, Ended> {
        let limit = limit.clamp(1, self.most);
        let at = due.map(|due| self.journal.clock().instant(due));
        let came = tokio::select! {
            biased;
            () = self.terms.stop.cancelled() => return Err(self.stopped()),
            came = self.stream.reader.recv(limit) => came,
            () = async { sleep_until(at.unwrap_or_else(tokio::time::Instant::now)).await },
                if at.is_some() => return Ok(Pulled::Quiet),
        };
        let pulled = match came {
            Ok(Came::Bytes(bytes) | Came::Message(bytes, _)) => {
                self.came(bytes, limit);
                Pulled::Some
            }
            Ok(Came::Told(text)) => {
                self.note(text);
                Pulled::Some
            }
            Ok(Came::End(words)) => {
                self.peer_ended = true;
                self.cut_off = words.as_deref().is_some_and(may_be_cut);
                self.mark(By::Peer, How::Fin, words);
                self.step(|| format!("recv({limit}) returned b'': the peer has closed its side"));
                Pulled::End
            }
            Err(error) => return Err(self.broken("receive from", &error)),
        };
        self.journal.settle().await;
        Ok(pulled)
    }

    fn came(&mut self, bytes: Vec<u8>, limit: usize) {
        self.step(|| format!("recv({limit}) returned {}", counted(bytes.len())));
        self.count.bytes_in += bytes.len() as u64;
        self.journal.tally().came(bytes.len());
        let what = What::In { bytes: bytes.as_slice().into(), from: None };
        self.journal.record(self.terms.number, what);
        if self.held.is_empty() {
            self.held = bytes;
        } else {
            self.held.extend_from_slice(&bytes);
        }
    }

    fn take(&mut self, limit: usize) -> Vec<u8> {
        if self.held.len() <= limit {
            return std::mem::take(&mut self.held);
        }
        let rest = self.held.split_off(limit);
        std::mem::replace(&mut self.held, rest)
    }

    fn due(&self, part: Part) -> Option<Duration> {
        match part.patience {
            Patience::Whole(limit) | Patience::Moving(limit) => {
                Some(self.journal.clock().now() + limit)
            }
            Patience::Endless => None,
        }
    }

    fn late(&mut self, part: Part) -> Ended {
        let limit = match part.patience {
            Patience::Whole(limit) | Patience::Moving(limit) => limit,
            Patience::Endless => AT_ONCE,
        };
        let text = format!("`{}` did not send {} within {limit:?}", self.peer(), part.what);
        self.mark(By::Us, How::Timer, None);
        self.fail(Failure::new(Code::Timeout, text))
    }

    fn cut(&mut self, part: Part, have: usize, count: usize) -> Ended {
        let text = format!(
            "`{}` closed in the middle of {}, at offset {}: {have} of {count} bytes had come",
            self.peer(),
            part.what,
            self.taken(),
        );
        self.fail(Failure::new(Code::Frame, text))
    }

    fn broken(&mut self, doing: &str, error: &io::Error) -> Ended {
        let failure = Failure::broken(doing, &self.peer(), error);
        let how = if failure.code == Code::Reset { How::Rst } else { How::Error };
        self.mark(By::Peer, how, None);
        self.fail(failure)
    }
}

fn counted(bytes: usize) -> String {
    let plural = if bytes == 1 { "" } else { "s" };
    format!("{bytes} byte{plural}")
}
