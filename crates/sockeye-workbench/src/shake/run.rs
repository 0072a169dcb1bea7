//! One run of a talk over an open stream: says what a case makes of it, waits for what is to
//! come in between, and notes all that happens.

use std::time::Duration;

use sockeye_net::came::Came;
use sockeye_net::error::Code;
use sockeye_net::stream::Stream;
use sockeye_tape::event::{By, Close, Dir, Event, How, Open, Role, What};
use sockeye_wire::deframe::Deframer;
use tokio::time::{Instant, sleep_until};

use crate::script::Side;
use crate::shake::answer::{Compare, Count, Counter, Unit};
use crate::shake::case::{Before, Case};
use crate::shake::talk::Talk;

/// The most bytes that are taken of the other side, in one run.
const MOST: usize = 64 * 1024 * 1024;
/// A silence after an answer as long as the recorded one.
const SOON: Duration = Duration::from_millis(5);
/// What keeps two messages apart that were apart, however busy the other side is.
const APART: Duration = Duration::from_millis(20);
/// The largest recv.
const READ_SIZE: usize = 64 * 1024;

/// What holds for every run.
#[derive(Clone, Debug)]
pub struct Terms {
    /// What is said.
    pub talk: Talk,
    /// Between two pieces.
    pub pause: Duration,
    /// How long something that came before is waited for.
    pub patience: Duration,
    /// How long a silence makes an answer whole, where nobody knows its length yet.
    pub settle: Duration,
    /// How long more is listened for, once all has come that came before.
    pub linger: Duration,
    /// How answers are told apart and compared.
    pub compare: Compare,
}

/// What the other side has said by when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// What it is waited for in.
    pub unit: Unit,
    /// Before each message.
    pub before: Vec<Count>,
    /// Before our end.
    pub last: Count,
    /// In all.
    pub whole: Count,
    /// Whether it ended, once we had.
    pub ends: bool,
}

/// How long an answer is waited for.
#[derive(Clone, Copy, Debug)]
pub enum Until<'m> {
    /// Until as much has come as then.
    Marks(&'m Marks),
    /// Until it is quiet.
    Quiet,
}

/// What went wrong in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Less came than then, within our patience, before that message (or after the last).
    Silent(usize, String),
    /// The other side ended before it had said all.
    Ended(usize, String),
    /// It did not end, as it had then.
    Stays,
    /// It says more than anybody could hold.
    TooMuch,
    /// Nobody could be talked to.
    NotThere(String),
}

/// A run.
#[derive(Debug, Default)]
pub struct Run {
    /// All that happened, for the boundary view.
    pub events: Vec<Event<'static>>,
    /// What came, in one piece.
    pub answers: Vec<u8>,
    /// What came by when.
    pub marks: Marks,
    /// The longest wait for an answer's first byte.
    pub slowest: Duration,
    /// What went wrong.
    pub trouble: Option<Trouble>,
    /// What else there is to compare: its name, and bytes.
    pub beside: Vec<(&'static str, Vec<u8>)>,
    /// The end of what a client said on stderr.
    pub said: String,
}

/// Says a talk as the case has it.
pub async fn run(stream: Stream, terms: &Terms, case: &Case, until: Until<'_>) -> Run {
    let mut play = Play::begin(stream, terms);
    let said = terms.talk.bytes();
    for piece in case.pieces(&terms.talk) {
        match piece.before {
            Before::Nothing => {}
            Before::Pause => play.listen(Instant::now() + terms.pause).await,
            Before::Wait(place) => {
                let wanted = match until {
                    Until::Marks(marks) => {
                        let count = marks.before.get(place).copied().unwrap_or_default();
                        Some((marks.unit, count))
                    }
                    Until::Quiet => None,
                };
                play.hear(place, wanted).await;
                play.run.marks.before.resize(place, play.counter.count());
                play.run.marks.before.push(play.counter.count());
            }
        }
        if play.over {
            break;
        }
        play.say(said.get(piece.range).unwrap_or_default()).await;
    }
    play.part(until).await
}

struct Play<'t> {
    stream: Stream,
    terms: &'t Terms,
    start: Instant,
    counter: Counter,
    /// Finds the frames of both ways, for the boundary view.
    framers: Option<Box<(Deframer, Deframer)>>,
    run: Run,
    /// The other side has ended, how it did.
    ended: Option<How>,
    /// There is no use in going on.
    over: bool,
}

impl<'t> Play<'t> {
    fn begin(stream: Stream, terms: &'t Terms) -> Self {
        let framers = terms.compare.framing.clone();
        let mut play = Self {
            start: Instant::now(),
            counter: terms.compare.counter(),
            framers: framers.map(|f| Box::new((Deframer::new(f.clone()), Deframer::new(f)))),
            run: Run::default(),
            ended: None,
            over: false,
            stream,
            terms,
        };
        let facts = &play.stream.facts;
        let open = Open {
            role: if terms.talk.side == Side::Dialler { Role::Dial } else { Role::Accept },
            local: facts.local.to_string(),
            peer: facts.peer.to_string(),
            proto: facts.proto.to_owned(),
            pair: None,
        };
        play.note(What::Open(open));
        play
    }

    fn note(&mut self, what: What<'static>) {
        self.run.events.push(Event { t: self.start.elapsed(), c: 1, what });
    }

    /// Writes it, and takes what comes meanwhile: who answers while it is being talked to
    /// must not be held up.
    async fn say(&mut self, bytes: &[u8]) {
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let listens = self.ended.is_none();
            tokio::select! {
                sent = self.stream.writer.send(rest, None) => match sent {
                    Ok(count) => done += count,
                    Err(error) => {
                        self.broke(&error);
                        break;
                    }
                },
                came = self.stream.reader.recv(READ_SIZE), if listens => self.came(came),
            }
        }
        let gone = bytes.get(..done).unwrap_or_default().to_vec();
        if !gone.is_empty() {
            self.frames(Dir::Out, &gone);
        }
    }

    /// Takes what comes until then.
    async fn listen(&mut self, until: Instant) {
        while self.ended.is_none() && !self.over {
            tokio::select! {
                came = self.stream.reader.recv(READ_SIZE) => self.came(came),
                () = sleep_until(until) => return,
            }
        }
        // A pause lasts, whether anybody is there or not.
        sleep_until(until).await;
    }

    /// Takes what comes until as much has come as is wanted, or until it is quiet.
    async fn hear(&mut self, place: usize, wanted: Option<(Unit, Count)>) {
        let began = Instant::now();
        let (unit, wanted) = match wanted {
            Some((unit, count)) => (unit, Some(count.of(unit))),
            None => (Unit::Bytes, None),
        };
        let noun = if unit == Unit::Bytes { "bytes" } else { "answers" };
        let before = self.counter.count().of(unit);
        let mut last = began;
        if wanted.is_some_and(|wanted| before >= wanted) {
            // Nothing had come between: the kernel is not to join what was apart.
            return self.listen(began + self.terms.pause.max(APART)).await;
        }
        loop {
            let count = self.counter.count().of(unit);
            if wanted.is_some_and(|wanted| count >= wanted) || self.over {
                return;
            }
            if self.ended.is_some() {
                if let Some(wanted) = wanted {
                    let how = if self.ended == Some(How::Rst) { "RST" } else { "FIN" };
                    let text = format!("it closed ({how}): {count} of {wanted} {noun} had come");
                    self.trouble(Trouble::Ended(place, text));
                }
                return;
            }
            let recorded = self.terms.talk.heard.get(place);
            let limit = match wanted {
                // As much as was recorded: hardly more will come.
                None if recorded.is_some_and(|all| self.run.answers.len() as u64 >= *all) => {
                    last + self.terms.settle.min(SOON)
                }
                None if last > began => last + self.terms.settle,
                _ => began + self.terms.patience,
            };
            tokio::select! {
                came = self.stream.reader.recv(READ_SIZE) => {
                    if last == began {
                        self.run.slowest = self.run.slowest.max(began.elapsed());
                    }
                    last = Instant::now();
                    self.came(came);
                }
                () = sleep_until(limit) => {
                    if let Some(wanted) = wanted {
                        let more = count - before;
                        let of = wanted - before;
                        let text = format!(
                            "no answer within {:?}: {more} of {of} {noun} came",
                            self.terms.patience
                        );
                        self.trouble(Trouble::Silent(place, text));
                    }
                    return;
                }
            }
        }
    }

    fn came(&mut self, came: std::io::Result<Came>) {
        match came {
            Ok(Came::Bytes(bytes) | Came::Message(bytes, _)) => {
                if self.run.answers.len() + bytes.len() > MOST {
                    self.trouble(Trouble::TooMuch);
                    return;
                }
                self.counter.push(self.start.elapsed(), &bytes);
                self.run.answers.extend_from_slice(&bytes);
                self.frames(Dir::In, &bytes);
            }
            Ok(Came::Told(_)) => {}
            Ok(Came::End(_)) => self.ended = Some(How::Fin),
            Err(error) => self.broke(&error),
        }
    }

    /// Notes bytes that passed, and the frames that end in them.
    fn frames(&mut self, dir: Dir, bytes: &[u8]) {
        let owned = bytes.to_vec().into();
        self.note(match dir {
            Dir::In => What::In { bytes: owned, from: None },
            Dir::Out => What::Out { bytes: owned, to: None },
        });
        let mut found = Vec::new();
        if let Some(framers) = &mut self.framers {
            let framer = if dir == Dir::In { &mut framers.0 } else { &mut framers.1 };
            framer.push(self.start.elapsed(), bytes);
            while let Ok(Some(frame)) = framer.next_frame() {
                found.push(What::Frame { dir, off: frame.off, len: frame.len });
            }
        }
        for frame in found {
            self.note(frame);
        }
    }

    fn broke(&mut self, error: &std::io::Error) {
        let how = if Code::of(error) == Code::Reset { How::Rst } else { How::Error };
        self.ended.get_or_insert(how);
    }

    fn trouble(&mut self, trouble: Trouble) {
        self.run.trouble.get_or_insert(trouble);
        self.over = true;
    }

    /// The last answers, our end, and what the other side says to that.
    async fn part(mut self, until: Until<'_>) -> Run {
        let talk = &self.terms.talk;
        let count = talk.messages.len();
        if talk.listens && !self.over {
            let wanted = match until {
                Until::Marks(marks) => Some((marks.unit, marks.last)),
                Until::Quiet => None,
            };
            self.hear(count, wanted).await;
        }
        self.run.marks.before.resize(count, self.counter.count());
        self.run.marks.last = self.counter.count();
        // A server that has closed first is not told: see below. A client waits for our end.
        let is_told = self.ended.is_none() || talk.side == Side::Acceptor;
        if is_told && !self.over {
            if self.stream.writer.finish().await.is_ok() {
                self.note(What::Note { text: "our end (FIN)".to_owned() });
            }
            match until {
                Until::Marks(marks) => self.last_words(marks).await,
                Until::Quiet => self.last_until_quiet().await,
            }
        }
        self.run.marks.whole = self.counter.count();
        self.run.marks.ends = self.ended.is_some();
        if self.ended.is_some() && talk.side == Side::Dialler {
            // Our FIN after its own would keep its port in TIME_WAIT, and a server that is
            // started again from it.
            self.stream.writer.abort();
        }
        let close = match self.ended {
            Some(how) => Close { by: By::Peer, how, why: None },
            None => Close { by: By::Us, how: How::Fin, why: None },
        };
        self.note(What::Close(close));
        self.run
    }

    /// After our end: what came then, the other side's end if it came then, and what else it
    /// may say.
    async fn last_words(&mut self, marks: &Marks) {
        let count = self.terms.talk.messages.len();
        if self.counter.count().of(marks.unit) < marks.whole.of(marks.unit) {
            self.hear(count, Some((marks.unit, marks.whole))).await;
        }
        if self.over {
            return;
        }
        let wait = if marks.ends { self.terms.patience } else { self.terms.linger };
        let limit = Instant::now() + wait;
        while self.ended.is_none() && !self.over {
            tokio::select! {
                came = self.stream.reader.recv(READ_SIZE) => self.came(came),
                () = sleep_until(limit) => break,
            }
        }
        if marks.ends && self.ended.is_none() {
            self.trouble(Trouble::Stays);
        }
    }

    /// The same while nobody knows what is to come. Who has not answered yet may do so now.
    async fn last_until_quiet(&mut self) {
        let silent = self.run.answers.is_empty();
        let first = if silent { self.terms.patience } else { self.terms.settle };
        let mut limit = Instant::now() + first;
        while self.ended.is_none() && !self.over {
            tokio::select! {
                came = self.stream.reader.recv(READ_SIZE) => {
                    limit = Instant::now() + self.terms.settle;
                    self.came(came);
                }
                () = sleep_until(limit) => return,
            }
        }
    }
}
