//! Datagram conversations over one socket: the peer that was dialled, or everyone who
//! sends to us, each kept apart. A datagram has no end on the wire: what ends such a
//! conversation is a word, an order, silence, or the run.

mod answers;
mod stale;
mod ending;
mod turns;

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::datagram::batch::{Batch, Came};
use sockeye_net::datagram::{Datagrams, Ear, Sender};
use sockeye_net::error::Code;
use sockeye_tape::event::{Dir, How, Open, Role, What};
use sockeye_text::cause::plain;
use tokio::sync::mpsc;
use tokio::sync::mpsc::Receiver;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use self::answers::Waiting;
use self::stale::Stale;
use self::turns::typed;
use crate::access::Access;
use crate::closing::{Closing, Count, Failure};
use crate::exchange::{Act, Exchange};
use crate::fares::Fares;
use crate::inquiry::{Attendant, MOST};
use crate::journal::Journal;
use crate::lines::Fetched;
use crate::patience::Patience;
use crate::plan::Plan;
use crate::roster::{Addressed, Order, Roster};
use crate::seldom::Seldom;

/// At most so many peers are kept apart at once; beyond, the longest silent one goes.
const MOST_PEERS: usize = 16_384;

/// After so many datagrams the other tasks of the thread have their turn, however many more
/// there are.
const TURN: usize = 256;

/// What datagram conversations need beside their socket.
#[derive(Debug)]
pub struct DatagramTerms {
    /// Dialled: one conversation, whoever answers. Accepted: one a sender.
    pub role: Role,
    /// What to do in them.
    pub plan: Arc<Plan>,
    /// Orders; number 0 is for the first peer, and waits until there is one.
    pub orders: Option<Receiver<Addressed>>,
    /// Given to the roster, so that each peer can be addressed.
    pub door: Option<mpsc::Sender<Addressed>>,
    /// Who may send to us.
    pub access: Access,
    /// Whether the end of the first conversation ends them all.
    pub first_alone: bool,
    /// Cancelled when the run ends.
    pub stop: CancellationToken,
}

/// Runs until stopped or, where one conversation is meant, until its end. Returns how
/// that one ended.
pub async fn converse_datagrams(
    socket: Datagrams,
    terms: DatagramTerms,
    journal: &Journal,
    roster: &Roster,
) -> Closing {
    let mut hall = Hall {
        opened: journal.clock().now(),
        socket,
        terms,
        journal,
        roster,
        peers: HashMap::new(),
        senders: HashMap::new(),
        stale: Stale::default(),
        finished: None,
        fresh: Vec::new(),
        waiting: Vec::new(),
        acts: Vec::new(),
        kicks: roster.kicks(),
        silence: None,
        taken: 0,
        result: None,
        dismissed: 0,
        bounced: Seldom::default(),
        unsent: Seldom::default(),
        attendant: journal.inquiry().attend(),
    };
    if hall.terms.role == Role::Dial {
        let peer = hall.socket.peer().cloned().unwrap_or(Sender::Unnamed);
        hall.welcome(peer, Ear::default());
        journal.settle().await;
    }
    hall.run().await;
    hall.close_all(How::Fin, "stopped");
    journal.settle().await;
    hall.result.unwrap_or_else(|| ending::hall_never_used(journal.clock().now(), hall.opened))
}

struct Hall<'j> {
    socket: Datagrams,
    terms: DatagramTerms,
    journal: &'j Journal,
    roster: &'j Roster,
    peers: HashMap<u64, Guest<'j>>,
    /// By where their datagrams come from and to.
    senders: HashMap<(Sender, Ear), u64>,
    /// By when they last spoke.
    stale: Stale,
    opened: Duration,
    /// When our own input ended.
    finished: Option<Duration>,
    /// What a script begins with, for those who have just come.
    fresh: Vec<(u64, Vec<Act>)>,
    /// Answers that go out together, when the batch that they answer has been seen.
    waiting: Vec<Waiting>,
    /// Empty, and not made anew for each datagram.
    acts: Vec<Act>,
    /// How often anybody was kicked, when it was last looked who.
    kicks: u64,
    /// No peer has been silent for too long before this. Not looked for yet: none.
    silence: Option<Duration>,
    /// How many datagrams came since other tasks had their turn.
    taken: usize,
    result: Option<Closing>,
    /// How many were dismissed to make room, what the network said of datagrams, and what could
    /// not be sent: as many lines as strangers want would be too many.
    dismissed: u64,
    bounced: Seldom,
    unsent: Seldom,
    /// Hears when it is asked how things stand.
    attendant: Attendant<'j>,
}

struct Guest<'j> {
    address: Sender,
    ear: Ear,
    exchange: Exchange,
    count: Count,
    patience: Arc<Patience>,
    opened: Duration,
    last: Duration,
    met: bool,
    failure: Option<Failure>,
    /// Cancelled when its operator wants it closed.
    kicked: CancellationToken,
    _place: crate::roster::Place<'j>,
}

enum Wake {
    Came(io::Result<Batch>),
    Order(Option<Addressed>),
    /// A line that was wanted, and by whom; none: the input has ended.
    Typed(Fetched),
    /// How do things stand?
    Asked,
    Time,
    Stop,
}

impl Hall<'_> {
    async fn run(&mut self) {
        self.start_fresh().await;
        while self.result.is_none() {
            match self.wake().await {
                Wake::Came(Ok(batch)) => self.came_together(&batch).await,
                Wake::Came(Err(error)) => self.trouble(&error),
                Wake::Order(Some((number, order))) => self.obey(number, order).await,
                Wake::Order(None) => self.input_ended(),
                Wake::Typed((number, line)) => self.typed(number, line).await,
                Wake::Asked => self.answer(),
                Wake::Time => self.time_is_up().await,
                Wake::Stop => return,
            }
            if !self.settle().await {
                return;
            }
        }
    }

    /// What is to be done after each thing that happened. False if the run has ended.
    async fn settle(&mut self) -> bool {
        self.start_fresh().await;
        if self.terms.stop.is_cancelled() {
            // It ends them all, and no operator does.
            return false;
        }
        self.close_kicked();
        self.journal.settle().await;
        true
    }

    /// A script begins with whoever has just come.
    async fn start_fresh(&mut self) {
        while let Some((number, mut acts)) = self.fresh.pop() {
            Box::pin(self.act(number, &mut acts, None)).await;
        }
    }

    async fn wake(&mut self) -> Wake {
        let deadline = self.deadline().map(|at| self.journal.clock().instant(at));
        let may_obey = !self.peers.is_empty() && self.terms.orders.is_some();
        let orders = &mut self.terms.orders;
        let turns = self.terms.plan.turns.as_ref();
        tokio::select! {
            came = self.socket.recv_many() => Wake::Came(came),
            order = async { match orders {
                Some(orders) => orders.recv().await,
                None => std::future::pending().await,
            }}, if may_obey => Wake::Order(order),
            fetched = typed(turns), if turns.is_some() => Wake::Typed(fetched),
            () = sleep_until(deadline.unwrap_or_else(tokio::time::Instant::now)),
                if deadline.is_some() => Wake::Time,
            () = self.attendant.is_asked() => Wake::Asked,
            () = self.terms.stop.cancelled() => Wake::Stop,
        }
    }

    fn welcome(&mut self, address: Sender, ear: Ear) -> u64 {
        if self.peers.len() >= MOST_PEERS {
            self.dismiss_stalest();
        }
        let number = self.journal.number();
        let now = self.journal.clock().now();
        self.journal.record(
            number,
            What::Open(Open {
                role: self.terms.role,
                local: self.socket.local(ear),
                peer: address.to_string(),
                proto: self.socket.proto().to_owned(),
                pair: None,
            }),
        );
        let kicked = self.terms.stop.child_token();
        let door = self.terms.door.clone();
        let place = self.roster.enter(number, address.to_string(), door, kicked.clone());
        self.senders.insert((address.clone(), ear), number);
        self.stale.enter(now, number);
        self.begin_turns(number);
        let mut exchange = Exchange::new(Arc::clone(&self.terms.plan));
        let mut acts = Vec::new();
        exchange.start(now, &mut acts);
        if !acts.is_empty() {
            self.fresh.push((number, acts));
        }
        self.peers.insert(
            number,
            Guest {
                address,
                ear,
                exchange,
                count: Count::default(),
                patience: Arc::default(),
                opened: now,
                last: now,
                met: self.terms.plan.expect.is_none(),
                failure: None,
                kicked,
                _place: place,
            },
        );
        number
    }

    /// Each as if it had come alone; only its answer may wait for those of the others.
    async fn came_together(&mut self, batch: &Batch) {
        let now = self.journal.clock().now();
        for came in batch.iter() {
            self.came(now, came).await;
            self.taken += 1;
            if self.result.is_some() || (self.must_settle() && !self.settle().await) {
                break;
            }
        }
        self.send_waiting().await;
        if self.taken >= TURN {
            self.taken = 0;
            tokio::task::yield_now().await;
        }
    }

    async fn came(&mut self, now: Duration, datagram: Came<'_>) {
        let Some(number) = self.number_of(datagram) else {
            return;
        };
        let Came { bytes, from, .. } = datagram;
        if self.journal.is_watched() {
            let what = What::In { bytes: bytes.into(), from: Some(from.to_string()) };
            self.journal.record(number, what);
        }
        self.journal.tally().came(bytes.len());
        let mut acts = std::mem::take(&mut self.acts);
        if let Some(guest) = self.peers.get_mut(&number) {
            guest.last = now;
            guest.count.bytes_in += bytes.len() as u64;
            guest.exchange.datagram(now, bytes, &mut acts);
        }
        self.act(number, &mut acts, Some(from)).await;
        self.acts = acts;
    }

    /// The conversation that a datagram belongs to; none where its sender is not let in.
    fn number_of(&mut self, datagram: Came<'_>) -> Option<u64> {
        let Came { from, ear, .. } = datagram;
        if self.terms.role == Role::Dial {
            return self.peers.keys().next().copied();
        }
        if let Some(number) = self.senders.get(&(from.clone(), ear)) {
            return Some(*number);
        }
        let ip: Option<IpAddr> = match from {
            Sender::Inet(address) => Some(address.ip()),
            _ => None,
        };
        match self.terms.access.admit(ip, self.peers.len()) {
            Ok(()) => Some(self.welcome(from.clone(), ear)),
            Err(why) => {
                self.journal.refused(&from.to_string(), &why);
                None
            }
        }
    }

    async fn act(&mut self, number: u64, acts: &mut Vec<Act>, answer_to: Option<&Sender>) {
        for act in acts.drain(..) {
            if self.comes_after_answers(&act) {
                // What was to be answered before is.
                Box::pin(self.send_waiting()).await;
            }
            match act {
                Act::Frame(dir, off, len) => {
                    if let Some(guest) = self.peers.get_mut(&number) {
                        match dir {
                            Dir::In => guest.count.frames_in += 1,
                            Dir::Out => guest.count.frames_out += 1,
                        }
                    }
                    self.journal.record(number, What::Frame { dir, off, len });
                }
                Act::Send(bytes, _) if self.may_wait() => self.let_wait(number, bytes, answer_to),
                Act::Send(bytes, _) => {
                    let ends = Box::pin(self.send(number, &bytes, answer_to)).await;
                    if let Some(why) = ends {
                        self.close(number, How::Fin, why);
                    }
                }
                Act::Message(bytes) => self.tell(number, &bytes),
                Act::Turn => self.want_line(number),
                Act::Note(text) => self.journal.record(number, What::Note { text }),
                Act::Part => self.close(number, How::Fin, "all is said"),
                Act::Halt(why) => {
                    self.terms.plan.halt.cancel();
                    self.close(number, How::Fin, why);
                }
                Act::Tell(text) => self.journal.tell(number, text),
                Act::Finish => {}
                Act::Over => self.close(number, How::Fin, "the script is over"),
                Act::End(why) => self.close(number, How::Fin, why),
                Act::Met => {
                    if let Some(guest) = self.peers.get_mut(&number) {
                        guest.met = true;
                    }
                    self.close(number, How::Fin, "what was expected came");
                }
                Act::Fail(failure) => {
                    self.journal.record(number, What::Note { text: failure.text });
                }
            }
        }
    }

    /// An ICMP "unreachable" and the like: told, and the socket goes on.
    fn trouble(&mut self, error: &io::Error) {
        let text = format!("the network says: {}", plain(error));
        let mut numbers: Vec<u64> = self
            .socket
            .undelivered()
            .iter()
            .flat_map(|receiver| self.socket.ears().map(|ear| (receiver.clone(), ear)))
            .filter_map(|whose| self.senders.get(&whose).copied())
            .collect();
        if numbers.is_empty() && self.terms.role == Role::Dial {
            numbers.extend(self.first());
        }
        if self.terms.role == Role::Dial && self.awaits_answer() {
            // What is waited for will not come.
            for number in &numbers {
                self.fail(*number, Code::of(error), text.clone());
                self.close(*number, How::Error, "the network refused");
            }
            return;
        }
        for number in &numbers {
            self.journal.record(*number, What::Note { text: text.clone() });
            self.bounced(&format!("note: #{number}: {text}"));
        }
        if numbers.is_empty() {
            self.bounced(&format!("note: {text}"));
        }
    }

    fn bounced(&self, line: &str) {
        if let Some(line) = self.bounced.told(line) {
            self.journal.say(line);
        }
    }

    async fn obey(&mut self, number: u64, order: Order) {
        let number = if number == 0 { self.first().unwrap_or_default() } else { number };
        let bytes = match order {
            Order::Finish { .. } => return self.input_ended(),
            Order::Broken { text } => {
                self.fail(number, Code::Usage, format!("not sent: {text}"));
                return self.input_ended();
            }
            Order::Info => return self.inform(number),
            Order::Control(_) => {
                return self.journal.say("not sent: only a serial port has lines");
            }
            // Nothing to send: it only woke us up.
            Order::Raw(bytes) if bytes.is_empty() => return,
            Order::Raw(bytes) => bytes,
            Order::Send(payload) => {
                let Some(guest) = self.peers.get_mut(&number) else {
                    return;
                };
                match guest.exchange.seal(payload) {
                    Ok(bytes) => bytes,
                    Err(error) => {
                        return self.fail(number, Code::Usage, format!("not sent: {error}"));
                    }
                }
            }
        };
        // What an operator wants is told of, whatever strangers did before.
        self.unsent.begin_anew();
        if let Some(why) = self.send(number, &bytes, None).await {
            self.close(number, How::Fin, why);
        }
    }

    /// Something could not be sent: said, and the conversation that was dialled fails by it.
    fn fail(&mut self, number: u64, code: Code, text: String) {
        if self.terms.role == Role::Accept || self.terms.plan.forgiving {
            return self.journal.error(&code.to_string(), &text, None);
        }
        if let Some(guest) = self.peers.get_mut(&number) {
            guest.failure.get_or_insert(Failure::new(code, text));
        }
    }

    fn first(&self) -> Option<u64> {
        self.peers.keys().min().copied()
    }

    fn input_ended(&mut self) {
        self.terms.orders = None;
        self.finished = Some(self.journal.clock().now());
    }

    /// How its conversations stand, for whoever gathers answers: no line tells of datagrams.
    fn answer(&mut self) {
        let questions = self.attendant.questions();
        if questions.want_fares() {
            let numbers = self.peers.keys().take(MOST);
            let fares: Vec<_> = numbers.filter_map(|number| self.fares(*number)).collect();
            questions.answer(&fares);
        }
    }

    fn inform(&self, number: u64) {
        for line in self.fares(number).iter().flat_map(Fares::lines) {
            self.journal.say(line);
        }
    }

    fn fares(&self, number: u64) -> Option<Fares> {
        let guest = self.peers.get(&number)?;
        Some(Fares::of_datagrams(number, &self.socket, guest.ear, &guest.address))
    }
}
