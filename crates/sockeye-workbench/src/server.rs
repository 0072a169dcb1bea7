//! Being called by many: the accept loop, who is let in, and what each caller gets.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::arrival::Arrival;
use sockeye_net::child;
use sockeye_net::circle::calls_itself;
use sockeye_net::dial::{Dial, dial};
use sockeye_net::endpoint::Endpoint;
use sockeye_net::error::NetError;
use sockeye_net::listen::Listener;
use sockeye_net::stream::Stream;
use sockeye_tape::event::Role;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::closing::Closing;
use crate::conversation::input::Input;
use crate::conversation::{Conversation, Terms};
use crate::fault::shared::{Faults, Subject};
use crate::journal::Journal;
use crate::led::{Explain, Lead, Led, LedTerms};
use crate::plan::Plan;
use crate::relay::{Guard, Joined, join_there};
use crate::roster::{Roster, orders};

/// How long accepting rests when this machine has no descriptor left.
const REST: Duration = Duration::from_millis(100);
/// How often that is told of.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// What a caller gets.
#[derive(Clone, Debug)]
pub enum Service {
    /// A conversation with us.
    Talk,
    /// A child process of its own.
    Child(Vec<String>, Guard),
    /// A connection to another endpoint.
    Relay(Box<Endpoint>, Dial, Guard),
    /// A conversation that a protocol leads.
    Led(Arc<dyn Lead>, Explain),
}

/// A server's settings.
#[derive(Debug)]
pub struct Server {
    /// What each caller gets.
    pub service: Service,
    /// What is done in each conversation.
    pub plan: Arc<Plan>,
    /// Who is let in.
    pub access: Access,
    /// One caller at a time; the next waits.
    pub serial: bool,
    /// Whether callers can be told things by an operator.
    pub operated: bool,
    /// Cancelled when no more callers are wanted; those who are in stay.
    pub closed: CancellationToken,
    /// Cancelled when the run ends.
    pub stop: CancellationToken,
}

/// Serves callers, many at once, until stopped and the last one has left.
pub async fn serve(
    listener: Listener,
    server: Arc<Server>,
    journal: Arc<Journal>,
    roster: Arc<Roster>,
) {
    let mut callers = JoinSet::new();
    let mut rests = Rests::default();
    let mut ended = pin!(async {
        tokio::select! {
            () = server.closed.cancelled() => {}
            () = server.stop.cancelled() => {}
        }
    });
    loop {
        let busy = server.serial && !callers.is_empty();
        tokio::select! {
            accepted = listener.accept(), if !busy => match accepted {
                Ok(arrival) => {
                    // Nobody is woken for those who leave: they are counted off here.
                    while callers.try_join_next().is_some() {}
                    if admit(&arrival, &server, &journal, callers.len()) {
                        let caller = Caller {
                            server: Arc::clone(&server),
                            faults: server.plan.faults.as_ref().map(Faults::subject),
                            journal: Arc::clone(&journal),
                            roster: Arc::clone(&roster),
                            own: match &server.service {
                                Service::Relay(target, ..) => listener.address_for(target),
                                Service::Talk | Service::Child(..) | Service::Led(..) => None,
                            },
                        };
                        caller.attend(arrival, &mut callers);
                    }
                }
                Err(error) => rests.rest(&error, &journal).await,
            },
            Some(_) = callers.join_next(), if busy => {}
            () = &mut ended => break,
        }
    }
    drop(listener);
    while callers.join_next().await.is_some() {}
}

/// Talks to one caller; with `again`, to one after the other until stopped. Our own
/// input goes to the caller of the moment. Returns how the only one ended.
pub async fn serve_in_turn(
    listener: Listener,
    server: &Server,
    again: bool,
    mut input: Input,
    journal: &Journal,
) -> Option<Closing> {
    let mut rests = Rests::default();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = server.closed.cancelled() => return None,
            () = server.stop.cancelled() => return None,
        };
        let arrival = match accepted {
            Ok(arrival) => arrival,
            Err(error) => {
                rests.rest(&error, journal).await;
                continue;
            }
        };
        if !admit(&arrival, server, journal, 0) {
            continue;
        }
        let welcomed = tokio::select! {
            welcomed = arrival.welcome() => welcomed,
            () = server.stop.cancelled() => return None,
        };
        let stream = match welcomed {
            Ok(stream) => stream,
            Err(error) => {
                turned_away(&error, journal).await;
                continue;
            }
        };
        let number = journal.number();
        let terms = Terms {
            role: Role::Accept,
            number,
            plan: Arc::clone(&server.plan),
            input: std::mem::take(&mut input),
            stop: server.stop.clone(),
        };
        journal.tally().opened();
        let over = Conversation::open(stream, terms, journal).run().await;
        journal.tally().closed();
        if !again || server.closed.is_cancelled() {
            return Some(over.closing);
        }
        journal.say(format!("#{number} {} {}", over.peer, over.closing));
        input = over.input;
    }
}

/// Whether the caller is let in; one who is not is told of on the journal and cut off.
fn admit(arrival: &Arrival, server: &Server, journal: &Journal, open: usize) -> bool {
    let facts = arrival.facts();
    match server.access.admit(facts.ip(), open) {
        Ok(()) => true,
        Err(why) => {
            journal.refused(&facts.peer.to_string(), &why);
            false
        }
    }
}

/// A caller whose handshake failed: told, and nobody else is bothered.
async fn turned_away(error: &NetError, journal: &Journal) {
    journal.turned_away(&error.code().to_string(), &error.to_string(), error.hint().as_deref());
    journal.settle().await;
}

/// When a failed accept was last told of.
#[derive(Debug, Default)]
pub(crate) struct Rests {
    told: Option<Duration>,
}

impl Rests {
    /// An accept that failed. Without descriptors left it would fail again at once, so
    /// accepting rests for a moment; that is said once a minute, not each time.
    pub(crate) async fn rest(&mut self, error: &io::Error, journal: &Journal) {
        let now = journal.clock().now();
        if self.told.is_none_or(|told| now >= told + TOLD_EVERY) {
            journal.say(format!(
                "warning: cannot accept: {}; trying again every {REST:?}",
                sockeye_text::cause::plain(error)
            ));
            self.told = Some(now);
        }
        tokio::time::sleep(REST).await;
    }
}

struct Caller {
    server: Arc<Server>,
    faults: Option<Subject>,
    journal: Arc<Journal>,
    roster: Arc<Roster>,
    own: Option<SocketAddr>,
}

impl Caller {
    /// Starts to serve the caller. Who only talks or is relayed is the common case, and waits in
    /// a small future; the rest is on the heap.
    fn attend(self, arrival: Arrival, callers: &mut JoinSet<()>) {
        self.journal.tally().opened();
        match (arrival, &self.server.service) {
            (Arrival::Ready(stream), Service::Talk) => callers.spawn(self.talk(stream)),
            (Arrival::Ready(stream), Service::Relay(..)) => callers.spawn(self.join(stream)),
            (arrival, _) => callers.spawn(Box::pin(self.welcome(arrival))),
        };
    }

    async fn welcome(self, arrival: Arrival) {
        let welcomed = tokio::select! {
            welcomed = arrival.welcome() => welcomed,
            () = self.server.stop.cancelled() => return self.journal.tally().closed(),
        };
        match (welcomed, &self.server.service) {
            (Ok(stream), Service::Talk) => Box::pin(self.talk(stream)).await,
            (Ok(stream), Service::Led(lead, explain)) => {
                Box::pin(self.led(stream, lead.as_ref(), *explain)).await;
            }
            (Ok(stream), Service::Child(..) | Service::Relay(..)) => {
                Box::pin(self.join(stream)).await;
            }
            (Err(error), _) => {
                turned_away(&error, &self.journal).await;
                self.journal.tally().closed();
            }
        }
    }

    async fn talk(self, stream: Stream) {
        let number = self.journal.number();
        let (door, queue) = if self.server.operated {
            let (door, queue) = orders();
            (Some(door), Input::Orders(queue))
        } else {
            (None, Input::Nothing)
        };
        let stop = match door {
            Some(_) => self.server.stop.child_token(),
            None => self.server.stop.clone(),
        };
        let peer = stream.facts.peer.to_string();
        let place = self.roster.enter(number, peer, door, stop.clone());
        let terms = Terms {
            role: Role::Accept,
            number,
            plan: Arc::clone(&self.server.plan),
            input: queue,
            stop,
        };
        let over = Conversation::open(stream, terms, &self.journal).run().await;
        drop(place);
        self.journal.say(format!("#{number} {} {}", over.peer, over.closing));
        self.journal.tally().closed();
    }

    async fn led(&self, stream: Stream, lead: &dyn Lead, explain: Explain) {
        let terms = LedTerms {
            role: Role::Accept,
            number: self.journal.number(),
            explain,
            stop: self.server.stop.clone(),
        };
        let (number, peer) = (terms.number, stream.facts.peer.to_string());
        let led = Led::open(stream, Arc::clone(&self.journal), terms);
        let closing = lead.lead(led).await;
        self.journal.say(format!("#{number} {peer} {closing}"));
        self.journal.tally().closed();
    }

    async fn join(self, mut left: Stream) {
        let right = match &self.server.service {
            Service::Talk | Service::Led(..) => return,
            Service::Child(argv, guard) => (child::start(argv, Some(&left.facts)), *guard),
            Service::Relay(endpoint, how, guard) => tokio::select! {
                target = dial(endpoint, how.clone(), Some(&left.facts)) => (target, *guard),
                () = self.server.stop.cancelled() => return,
            },
        };
        match right {
            (Ok(mut right), guard) if !self.is_self(&right) => {
                let terms = Joined {
                    left_role: Role::Accept,
                    plan: Arc::clone(&self.server.plan),
                    guard,
                    faults: self.faults.clone(),
                    stop: self.server.stop.clone(),
                };
                let closing = join_there(&mut left, &mut right, &terms, &self.journal).await;
                // Room for all of a usual line at once.
                let mut line = String::with_capacity(160);
                let (peer, target) = (&left.facts.peer, &right.facts.peer);
                let _infallible = write!(line, "{peer} ⇄ {target} {closing}");
                drop((left, right));
                self.journal.say(line);
            }
            (right, _) => Box::pin(self.unjoined(left, right)).await,
        }
        self.journal.tally().closed();
    }

    /// A caller whom nobody answers is cut off.
    async fn unjoined(&self, mut left: Stream, right: Result<Stream, NetError>) {
        let peer = left.facts.peer.to_string();
        match right {
            Ok(_) => self.journal.refused(&peer, "the relay would call itself"),
            Err(error) => {
                let text = format!("for {peer}: {error}");
                let hint = error.hint();
                self.journal.error(&error.code().to_string(), &text, hint.as_deref());
                self.journal.settle().await;
            }
        }
        left.writer.abort();
    }

    fn is_self(&self, right: &Stream) -> bool {
        let target = right.facts.peer.inet();
        matches!((self.own, target), (Some(own), Some(target))
            if right.facts.proto != "udp" && calls_itself(own, target))
    }
}
