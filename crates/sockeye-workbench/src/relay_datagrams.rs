//! A relay of datagrams: for each sender a socket of its own to the other side, so that
//! the answers find their way back.

mod disturbed;

use std::collections::HashMap;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sockeye_net::circle::calls_itself;
use sockeye_net::datagram::batch::{Batch, Came, Parcel};
use sockeye_net::datagram::{Datagrams, Ear, Sender};
use sockeye_net::dial::Dial;
use sockeye_net::endpoint::Endpoint;
use sockeye_net::error::NetError;
use sockeye_tape::event::{By, Close, How, Open, Role, What};
use sockeye_text::cause::plain;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::fault::Dir;
use crate::fault::datagram;
use crate::fault::shared::Faults;
use crate::journal::Journal;
use crate::patience::Patience;
use crate::seldom::Seldom;

/// A sender's socket goes after so long a silence, unless `--idle-timeout` says other.
const FORGET: Duration = Duration::from_mins(1);
/// At most so many senders at once.
const MOST_SENDERS: usize = 4096;

/// A datagram relay's settings.
#[derive(Debug)]
pub struct DatagramRelay {
    /// Where each sender's datagrams go.
    pub target: Endpoint,
    /// How names are looked up.
    pub how: Dial,
    /// Who is let in.
    pub access: Access,
    /// Silence after which a sender is forgotten.
    pub forget: Option<Duration>,
    /// What is disturbed on purpose.
    pub faults: Option<Arc<Faults>>,
    /// Cancelled when the run ends.
    pub stop: CancellationToken,
}

/// Relays until stopped.
pub async fn relay_datagrams(left: Datagrams, terms: DatagramRelay, journal: Arc<Journal>) {
    let mut lanes = Lanes {
        left: Arc::new(left),
        terms,
        journal,
        open: HashMap::new(),
        returning: JoinSet::new(),
        troubles: Arc::default(),
        target: Arc::default(),
    };
    loop {
        let batch = tokio::select! {
            came = lanes.left.recv_many() => match came {
                Ok(batch) => batch,
                Err(error) => {
                    lanes.trouble(&error);
                    continue;
                }
            },
            Some(Ok(gone)) = lanes.returning.join_next(), if !lanes.returning.is_empty() => {
                lanes.open.remove(&gone);
                continue;
            }
            () = lanes.terms.stop.cancelled() => return,
        };
        let mut rest = batch.iter().peekable();
        while let Some(first) = rest.next() {
            let mut run = vec![first.bytes];
            let of_the_same = |next: &Came<'_>| (next.from, next.ear) == (first.from, first.ear);
            run.extend(std::iter::from_fn(|| rest.next_if(of_the_same)).map(|came| came.bytes));
            if let Some(lane) = lanes.of(first.from, first.ear).await {
                lane.forward(&run, &lanes.journal).await;
            }
        }
        lanes.journal.settle().await;
    }
}

/// Every sender's lane.
struct Lanes {
    left: Arc<Datagrams>,
    terms: DatagramRelay,
    journal: Arc<Journal>,
    open: HashMap<(Sender, Ear), Arc<Lane>>,
    /// The other direction of each; returns whose it was.
    returning: JoinSet<(Sender, Ear)>,
    /// What the network said: of all lanes together.
    troubles: Arc<Seldom>,
    /// Whether the target takes what is sent there.
    target: Arc<Patience>,
}

impl Lanes {
    fn trouble(&self, error: &std::io::Error) {
        // Nobody else takes them from the kernel's queue.
        let whose: Vec<String> = self.left.undelivered().iter().map(ToString::to_string).collect();
        let text = match whose.as_slice() {
            [] => format!("note: the network says: {}", plain(error)),
            _ => format!("note: for {}: the network says: {}", whose.join(", "), plain(error)),
        };
        if let Some(line) = self.troubles.told(&text) {
            self.journal.say(line);
        }
    }

    /// The lane of a sender; none where it is not let in, or there is no way to the target.
    async fn of(&mut self, from: &Sender, ear: Ear) -> Option<Arc<Lane>> {
        let whose = (from.clone(), ear);
        if let Some(lane) = self.open.get(&whose) {
            return Some(Arc::clone(lane));
        }
        let opened = self.begin(&whose).await;
        let lane = match opened {
            Ok(lane) => lane?,
            Err(error) => {
                // This datagram is lost, as datagrams may be; the others' lanes live.
                self.journal.refused(&from.to_string(), &error.to_string());
                return None;
            }
        };
        let until = (self.terms.forget.unwrap_or(FORGET), self.terms.stop.child_token());
        let (own, left, journal) =
            (Arc::clone(&lane), Arc::clone(&self.left), Arc::clone(&self.journal));
        match lane.faults.clone() {
            Some(faults) => {
                self.returning.spawn(own.bring_back_disturbed(faults, left, journal, until))
            }
            None => self.returning.spawn(own.bring_back(left, journal, until)),
        };
        self.open.insert(whose, Arc::clone(&lane));
        Some(lane)
    }
}

/// One sender's way to the target and back.
#[derive(Debug)]
struct Lane {
    from: Sender,
    ear: Ear,
    right: Datagrams,
    numbers: (u64, u64),
    /// Told each time a datagram goes out, so that the lane is not forgotten.
    busy: tokio::sync::Notify,
    /// Where its datagrams wait, if they are disturbed.
    faults: Option<Arc<datagram::Lane>>,
    /// It has been told that there was no room for one.
    overflowed: AtomicBool,
    /// Shared by all lanes.
    troubles: Arc<Seldom>,
    /// With the sender and, shared by all lanes, with the target: neither holds others up.
    patience: (Patience, Arc<Patience>),
}

impl Lanes {
    async fn begin(&self, whose: &(Sender, Ear)) -> Result<Option<Arc<Lane>>, NetError> {
        let (from, ear) = whose;
        let (left, terms, journal, open) =
            (&self.left, &self.terms, &self.journal, self.open.len());
        let ip = match from {
            Sender::Inet(address) => Some(address.ip()),
            _ => None,
        };
        let admitted = terms.access.admit(ip, open).and_then(|()| match open {
            MOST_SENDERS.. => Err(format!("{open} senders are relayed already")),
            _ => Ok(()),
        });
        if let Err(why) = admitted {
            journal.refused(&from.to_string(), &why);
            return Ok(None);
        }
        let right = Datagrams::dial(&terms.target, terms.how.clone()).await?;
        if let (Some(own), Some(Sender::Inet(target))) =
            (left.address_for(&terms.target), right.peer())
            && calls_itself(own, *target)
        {
            journal.refused(&from.to_string(), "the relay would call itself");
            return Ok(None);
        }
        let numbers = (journal.number(), journal.number());
        let what = |role, (socket, ear): (&Datagrams, Ear), peer: String, pair| {
            What::Open(Open {
                role,
                local: socket.local(ear),
                peer,
                proto: socket.proto().to_owned(),
                pair,
            })
        };
        journal.tally().opened();
        journal.record(numbers.0, what(Role::Accept, (left, *ear), from.to_string(), None));
        let target = right.peer().map(ToString::to_string).unwrap_or_default();
        journal
            .record(numbers.1, what(Role::Dial, (&right, Ear::default()), target, Some(numbers.0)));
        let ((from, ear), busy) = (whose.clone(), tokio::sync::Notify::new());
        let faults = terms.faults.as_ref().map(|all| Arc::new(datagram::Lane::new(&all.subject())));
        Ok(Some(Arc::new(Lane {
            from,
            ear,
            right,
            numbers,
            busy,
            faults,
            overflowed: AtomicBool::new(false),
            troubles: Arc::clone(&self.troubles),
            patience: (Patience::default(), Arc::clone(&self.target)),
        })))
    }
}

impl Lane {
    /// Sends on what one sender sent, in order.
    async fn forward(&self, run: &[&[u8]], journal: &Journal) {
        for bytes in run {
            journal.tally().came(bytes.len());
            if journal.is_watched() {
                let what = What::In { bytes: (*bytes).into(), from: Some(self.from.to_string()) };
                journal.record(self.numbers.0, what);
            }
            if let Some(faults) = &self.faults {
                self.disturb(faults, Dir::Up, bytes, journal);
            }
        }
        self.busy.notify_one();
        if self.faults.is_some() {
            return;
        }
        let parcels: Vec<_> = run.iter().map(|bytes| Parcel { bytes, to: None }).collect();
        self.send_all(Dir::Up, &self.right, &parcels, journal).await;
    }

    /// What one of them meets is noted, and the next goes on. What is told of an earlier one may
    /// come in place of this one's sending: then this one is tried once more.
    async fn send_all(
        &self,
        dir: Dir,
        socket: &Datagrams,
        parcels: &[Parcel<'_>],
        journal: &Journal,
    ) {
        let (number, patience) = self.beyond(dir);
        let mut rest = parcels;
        let mut again = false;
        while !rest.is_empty() {
            let done = match patience.send(socket, rest).await {
                Ok(count) => {
                    let went = rest.iter().take(count).map(|parcel| parcel.bytes.len());
                    journal.tally().went(went.sum());
                    count.max(1)
                }
                Err(error) => {
                    self.note(number, &error, journal);
                    usize::from(again || !may_be_of_earlier(&error) || socket.proto() != "udp")
                }
            };
            again = done == 0;
            rest = rest.get(done..).unwrap_or_default();
        }
    }

    /// The conversation that datagrams of a direction go out by, and the patience with whom they
    /// are for.
    fn beyond(&self, dir: Dir) -> (u64, &Patience) {
        match dir {
            Dir::Up => (self.numbers.1, &self.patience.1),
            Dir::Down => (self.numbers.0, &self.patience.0),
        }
    }

    /// Brings answers back until the lane has been silent for `forget`; returns whose it
    /// was.
    async fn bring_back(
        self: Arc<Self>,
        left: Arc<Datagrams>,
        journal: Arc<Journal>,
        (forget, stop): (Duration, CancellationToken),
    ) -> (Sender, Ear) {
        let mut deadline = tokio::time::Instant::now() + forget;
        let how = loop {
            tokio::select! {
                came = self.right.recv_many() => match came {
                    Ok(batch) => self.answer(&batch, &left, &journal).await,
                    Err(error) => self.note(self.numbers.1, &error, &journal),
                },
                () = self.busy.notified() => {}
                () = tokio::time::sleep_until(deadline) => break How::Timer,
                () = stop.cancelled() => break How::Fin,
            }
            deadline = tokio::time::Instant::now() + forget;
        };
        self.closed(how, &journal);
        (self.from.clone(), self.ear)
    }

    /// Sends what the target answered back to the sender.
    async fn answer(&self, batch: &Batch, left: &Datagrams, journal: &Journal) {
        for Came { bytes, from, .. } in batch.iter() {
            journal.tally().came(bytes.len());
            if journal.is_watched() {
                let from = Some(from.to_string());
                journal.record(self.numbers.1, What::In { bytes: bytes.into(), from });
            }
        }
        let to = Some(&self.from);
        let parcels: Vec<_> = batch.iter().map(|Came { bytes, .. }| Parcel { bytes, to }).collect();
        self.send_all(Dir::Down, left, &parcels, journal).await;
        journal.settle().await;
    }

    fn closed(&self, how: How, journal: &Journal) {
        for number in [self.numbers.0, self.numbers.1] {
            let close = Close { by: By::Us, how, why: None };
            journal.record(number, What::Close(close));
        }
        journal.tally().closed();
    }

    fn note(&self, number: u64, error: &std::io::Error, journal: &Journal) {
        let text = match error.kind() {
            ErrorKind::TimedOut => format!("a datagram was dropped: {}", plain(error)),
            _ => format!("the network says: {}", plain(error)),
        };
        if let Some(line) = self.troubles.told(&format!("note: for {}: {text}", self.from)) {
            journal.say(line);
        }
        journal.record(number, What::Note { text });
    }
}

/// Whether it can be what an ICMP message says of a datagram that went before.
fn may_be_of_earlier(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable
    )
}
