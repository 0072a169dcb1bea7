//! A stream conversation, from open to close: reads, writes, orders and time, in one
//! loop. What the bytes mean is `exchange`'s business.
//!
//! The ways to end come first: both sides' ends (each FIN is passed on its own), a word
//! or an answer that ends it, an order, silence, a RST, a frame that breaks its rule.

mod ending;
pub mod input;
mod mirror;
mod orders;
pub mod straight;
mod turns;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use sockeye_net::address::Address;
use sockeye_net::came::{Came, Kind};
use sockeye_net::stream::Stream;
use sockeye_tape::event::{By, Dir, How, Open, Role, What};
use sockeye_wire::opening::{Opening, opening};
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use self::input::Input;
use self::mirror::Mirrored;
use self::straight::Step;
use self::turns::typed;
use crate::closing::{Closing, Count, Failure, Fate};
use crate::exchange::{Act, Exchange};
use crate::inquiry::Attendant;
use crate::journal::Journal;
use crate::lines::MOST_WANTED;
use crate::plan::Plan;
use crate::roster::Addressed;

/// Above so many bytes waiting to be sent, neither orders nor a peer that is answered
/// automatically are listened to: the pressure goes back to them.
const FULL: usize = 256 * 1024;
/// How often a silent peer whose end has come is asked about.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// What a conversation needs beside its stream.
#[derive(Debug)]
pub struct Terms {
    /// Dialled or accepted.
    pub role: Role,
    /// Its number on the journal.
    pub number: u64,
    /// What to do in it.
    pub plan: Arc<Plan>,
    /// Where what we say comes from.
    pub input: Input,
    /// Cancelled when the run ends.
    pub stop: CancellationToken,
}

/// What is left when a conversation is over.
#[derive(Debug)]
pub struct Over {
    /// Whom it was with.
    pub peer: Address,
    /// How it ended.
    pub closing: Closing,
    /// What it did not take, for the next conversation.
    pub input: Input,
}

/// A conversation that has been opened and is still to be run. Its state lies on the heap
/// once, however deep the futures that run it are nested: an idle one stays small.
#[derive(Debug)]
pub struct Conversation<'j> {
    talk: Box<Talk<'j>>,
}

impl<'j> Conversation<'j> {
    /// Opens it on the journal.
    pub fn open(stream: Stream, terms: Terms, journal: &'j Journal) -> Self {
        let open = Open {
            role: terms.role,
            local: stream.facts.local.to_string(),
            peer: stream.facts.peer.to_string(),
            proto: stream.facts.proto.to_owned(),
            pair: None,
        };
        journal.record(terms.number, What::Open(open));
        if let Some(told) = &stream.facts.told {
            journal.record(terms.number, What::Note { text: told.clone() });
        }
        Self { talk: Box::new(Talk::new(stream, terms, journal)) }
    }

    /// Runs it to its end, and closes the stream.
    pub async fn run(mut self) -> Over {
        self.talk.journal.settle().await;
        self.talk.run().await;
        Box::pin(self.talk.part()).await;
        Box::pin(self.talk.deliver()).await;
        Box::pin(self.talk.over()).await
    }
}

#[derive(Debug)]
struct Talk<'j> {
    stream: Stream,
    terms: Terms,
    journal: &'j Journal,
    exchange: Exchange,
    /// Taken up and not yet written; the front one may have been written in part.
    outbox: VecDeque<(Vec<u8>, Option<Kind>)>,
    /// How much of the front one is written.
    written: usize,
    /// Bytes in the outbox.
    waiting: usize,
    reads: u64,
    count: Count,
    opened: Duration,
    /// Of the last byte, either way.
    last: Duration,
    /// Of the first end, either side's.
    ended: Option<Duration>,
    peer_ended: PeersEnd,
    our_end: OurEnd,
    /// Whether the FIN was given to the kernel.
    finished: bool,
    /// What becomes of bytes that are on their way when it is closed.
    fate: Fate,
    /// Hears when it is asked how things stand.
    attendant: Attendant<'j>,
    /// The first thing that ended it.
    first: Option<(By, How, Option<String>)>,
    /// Until when a peer that takes no more is listened to.
    last_words: Option<Duration>,
    failure: Option<Failure>,
    met: bool,
    done: bool,
    /// How many typed lines are wanted.
    wants: usize,
}

/// How far the peer's end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PeersEnd {
    /// It may still send.
    Open,
    /// Its end came; what came before may still be worked off.
    Came,
    /// Everything is taken.
    Taken,
}

/// How far our own end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OurEnd {
    /// We may still send.
    Open,
    /// Our input has ended: the FIN follows once the outbox is empty.
    Due,
    /// The FIN is sent, or can be no more.
    Sent,
}

impl OurEnd {
    fn due(self) -> Self {
        if self == Self::Sent { Self::Sent } else { Self::Due }
    }
}

/// Why the loop woke.
enum Wake {
    Read(io::Result<Came>),
    Wrote(io::Result<usize>),
    Order(Option<Addressed>),
    /// A line that was wanted; none: the input has ended.
    Typed(Option<Vec<u8>>),
    /// How do things stand?
    Asked,
    /// Bytes went straight.
    Step(Step),
    /// An echo has ended, or tells something.
    Mirrored(Mirrored),
    Time,
    Stop,
}

impl<'j> Talk<'j> {
    fn new(stream: Stream, mut terms: Terms, journal: &'j Journal) -> Self {
        terms.input.join(&stream, &terms.plan, journal);
        let now = journal.clock().now();
        Self {
            exchange: if stream.writer.keeps_messages() {
                Exchange::of_messages(Arc::clone(&terms.plan))
            } else {
                Exchange::new(Arc::clone(&terms.plan))
            },
            met: terms.plan.expect.is_none(),
            stream,
            terms,
            journal,
            outbox: VecDeque::new(),
            written: 0,
            waiting: 0,
            reads: 0,
            count: Count::default(),
            opened: now,
            last: now,
            ended: None,
            peer_ended: PeersEnd::Open,
            our_end: OurEnd::Open,
            finished: false,
            fate: Fate::Unknown,
            attendant: journal.inquiry().attend(),
            first: None,
            last_words: None,
            failure: None,
            done: false,
            wants: 0,
        }
    }

    async fn run(&mut self) {
        self.begin_turns();
        let mut acts = Vec::new();
        self.exchange.start(self.opened, &mut acts);
        self.act(acts);
        while !self.done {
            match self.wake().await {
                Wake::Read(Ok(came)) => self.came(came),
                Wake::Read(Err(error)) => self.broken("receive from", &error),
                Wake::Wrote(Ok(count)) => self.wrote(count),
                Wake::Wrote(Err(error)) => self.write_failed(&error),
                Wake::Order(order) => self.obey(order),
                Wake::Typed(line) => self.typed(line),
                Wake::Asked => self.answer(),
                Wake::Step(step) => self.stepped(step),
                Wake::Mirrored(mirrored) => self.mirrored(mirrored),
                Wake::Time => self.time_is_up(),
                Wake::Stop => self.end(By::Us, How::Fin, Some("stopped".to_owned())),
            }
            self.work_off();
            self.finish_if_due().await;
            self.journal.settle().await;
        }
    }

    /// Takes the messages that have come, one by one, as long as their answers find room;
    /// after the last one the peer's end.
    fn work_off(&mut self) {
        while !self.done && !self.holds_peer_up() {
            let mut acts = Vec::new();
            if self.exchange.step(&mut acts) {
                self.act(acts);
                continue;
            }
            if self.peer_ended == PeersEnd::Came {
                self.peer_ended = PeersEnd::Taken;
                self.exchange.ended(&mut acts);
                self.act(acts);
                self.after_peers_end();
            }
            return;
        }
    }

    async fn wake(&mut self) -> Wake {
        match self.terms.input {
            Input::Straight(_) => return self.wake_straight().await,
            Input::Mirror(_) => return self.wake_mirror().await,
            Input::Nothing | Input::Orders(_) => {}
        }
        let size = self.terms.plan.read_size(self.reads);
        // A peer that is answered by itself waits for us; one that a person or a pipe
        // talks to is always listened to, or two full pipes would wait for each other.
        let may_read =
            self.peer_ended == PeersEnd::Open && !self.holds_peer_up() && self.wants < MOST_WANTED;
        let may_obey = self.our_end == OurEnd::Open && self.waiting < FULL;
        let deadline = self.deadline().map(|at| self.journal.clock().instant(at));
        let kind = self.outbox.front().and_then(|(_, kind)| *kind);
        let front = self.outbox.front().and_then(|(front, _)| front.get(self.written..));
        // An answer that can go out goes out before the next is read: what comes next may be
        // the close of a transport that ends both ways.
        if let Some(front) = front.filter(|_| self.terms.plan.answers.any()) {
            let mut sending = pin!(self.stream.writer.send(front, kind));
            let now = poll_fn(|cx| Poll::Ready(sending.as_mut().poll(cx))).await;
            if let Poll::Ready(wrote) = now {
                return Wake::Wrote(wrote);
            }
        }
        let held = self.holds_peer_up();
        let input = &mut self.terms.input;
        let turns = self.terms.plan.turns.as_ref().filter(|_| self.wants > 0);
        let may_type = turns.is_some() && self.our_end == OurEnd::Open;
        tokio::select! {
            read = self.stream.reader.recv(size), if may_read => Wake::Read(read),
            wrote = self.stream.writer.send(front.unwrap_or_default(), kind), if front.is_some() => {
                Wake::Wrote(wrote)
            }
            order = input.next(), if may_obey => Wake::Order(order),
            line = typed(turns, self.terms.number), if may_type => Wake::Typed(line),
            () = async { sleep_until(deadline.unwrap_or_else(tokio::time::Instant::now)).await },
                if deadline.is_some() => Wake::Time,
            () = self.attendant.is_asked() => Wake::Asked,
            // On the heap once it is wanted: an idle conversation stays small.
            () = async { Box::pin(self.terms.plan.answers.none_left()).await }, if held => {
                Wake::Time
            }
            () = self.terms.stop.cancelled() => Wake::Stop,
        }
    }

    /// Whether the peer waits for us until the answers that it got find room.
    fn holds_peer_up(&self) -> bool {
        self.waiting >= FULL && self.terms.plan.answers.any()
    }

    /// The earliest of: silence, the wait after an end, a frame that ends by silence, the
    /// question whether the peer is gone.
    fn deadline(&self) -> Option<Duration> {
        let plan = &self.terms.plan;
        let idle = plan.idle_timeout.map(|limit| self.last + limit);
        let quit = plan.quit_after.zip(self.ended).map(|(limit, ended)| ended + limit);
        let ask = self.asks().then(|| self.journal.clock().now() + ASK_EVERY);
        [idle, quit, self.exchange.deadline(), ask, self.last_words].into_iter().flatten().min()
    }

    /// Whether it is unknown if the peer still reads: its end came, ours has not.
    fn asks(&self) -> bool {
        self.peer_ended == PeersEnd::Taken && self.our_end != OurEnd::Sent && self.outbox.is_empty()
    }

    fn came(&mut self, came: Came) {
        match came {
            Came::Bytes(bytes) => self.take(&bytes, None),
            Came::Message(bytes, kind) => self.take(&bytes, Some(kind)),
            Came::Told(text) => self.journal.tell(self.terms.number, text),
            Came::End(words) => self.peer_ends(words),
        }
    }

    /// One recv; of that kind if it is a whole message.
    fn take(&mut self, bytes: &[u8], kind: Option<Kind>) {
        self.count_in(bytes.len());
        let now = self.last;
        self.journal.record(self.terms.number, What::In { bytes: bytes.into(), from: None });
        self.journal.end_message(bytes, kind);
        if self.reads == 1 && matches!(self.stream.facts.proto, "tcp" | "unix") {
            self.recognise(bytes);
        }
        let mut acts = Vec::new();
        self.exchange.received(now, bytes, kind, &mut acts);
        self.act(acts);
    }

    fn count_in(&mut self, bytes: usize) {
        self.reads += 1;
        self.count.bytes_in += bytes as u64;
        self.journal.tally().came(bytes);
        self.last = self.journal.clock().now();
    }

    fn count_out(&mut self, bytes: usize) {
        self.count.bytes_out += bytes as u64;
        self.journal.tally().went(bytes);
        self.last = self.journal.clock().now();
    }

    /// A person who is shown noise is told what it is.
    fn recognise(&self, first: &[u8]) {
        let text = match opening(first) {
            Some(Opening::TlsHello) => "speaks TLS to a plain port: listen on tls:// for it",
            Some(Opening::TlsAlert) => "answers by a TLS alert: dial it with tls://",
            None => return,
        };
        let number = self.terms.number;
        self.journal.tell(number, format!("{} {text}", self.peer()));
    }

    fn wrote(&mut self, count: usize) {
        self.count_out(count);
        let now = self.last;
        self.waiting = self.waiting.saturating_sub(count);
        let Some((front, _)) = self.outbox.front() else {
            return;
        };
        let end = self.written + count;
        let bytes = front.get(self.written..end).unwrap_or_default();
        self.journal.record(self.terms.number, What::Out { bytes: bytes.into(), to: None });
        let mut acts = Vec::new();
        self.exchange.sent(now, bytes, &mut acts);
        if end >= front.len() {
            self.outbox.pop_front();
            self.written = 0;
        } else {
            self.written = end;
        }
        self.act(acts);
    }

    fn act(&mut self, acts: Vec<Act>) {
        let number = self.terms.number;
        for act in acts {
            // At parting only what still goes out counts.
            if self.done && !matches!(act, Act::Frame(Dir::Out, ..)) {
                continue;
            }
            match act {
                Act::Frame(dir, off, len) => {
                    match dir {
                        Dir::In => self.count.frames_in += 1,
                        Dir::Out => self.count.frames_out += 1,
                    }
                    self.journal.record(number, What::Frame { dir, off, len });
                }
                Act::Send(bytes, kind) => self.post(bytes, kind),
                Act::Message(bytes) => self.tell(&bytes),
                Act::Turn => self.want_line(),
                Act::Halt(why) => {
                    self.terms.plan.halt.cancel();
                    self.end(By::Us, How::Fin, Some(why.to_owned()));
                }
                Act::Note(text) => self.journal.record(number, What::Note { text }),
                Act::Tell(text) => self.journal.tell(number, text),
                Act::Finish | Act::Over | Act::Part => self.our_end = self.our_end.due(),
                Act::End(why) => self.end(By::Us, How::Fin, Some(why.to_owned())),
                Act::Met => {
                    self.met = true;
                    self.end(By::Us, How::Fin, Some("what was expected came".to_owned()));
                }
                Act::Fail(failure) => {
                    self.failure.get_or_insert(failure);
                    self.end(By::Us, How::Error, None);
                }
            }
        }
    }
}
