//! A relay of datagrams: for each sender a socket of its own to the other side, so that
//! the answers find their way back.

mod disturbed;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sockeye_net::circle::calls_itself;
use sockeye_net::datagram::{Datagram, Datagrams, Ear, Sender};
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
    let left = Arc::new(left);
    let mut lanes: HashMap<(Sender, Ear), Arc<Lane>> = HashMap::new();
    let mut returning = JoinSet::new();
    loop {
        let datagram = tokio::select! {
            came = left.recv() => match came {
                Ok(came) => came,
                Err(error) => {
                    // Nobody else takes them from the kernel's queue.
                    let whose: Vec<String> =
                        left.undelivered().iter().map(ToString::to_string).collect();
                    let whose = whose.join(", ");
                    journal.say(format!("note: for {whose}: the network says: {}", plain(&error)));
                    continue;
                }
            },
            Some(Ok(gone)) = returning.join_next(), if !returning.is_empty() => {
                lanes.remove(&gone);
                continue;
            }
            () = terms.stop.cancelled() => return,
        };
        let Datagram { bytes, from, ear } = datagram;
        let whose = (from, ear);
        let lane = match lanes.get(&whose) {
            Some(lane) => Arc::clone(lane),
            None => match open(&left, &whose, &terms, &journal, lanes.len()).await {
                Ok(None) => continue,
                Err(error) => {
                    // This datagram is lost, as datagrams may be; the others' lanes live.
                    journal.refused(&whose.0.to_string(), &error.to_string());
                    continue;
                }
                Ok(Some(lane)) => {
                    let until = (terms.forget.unwrap_or(FORGET), terms.stop.child_token());
                    let (own, left, journal) =
                        (Arc::clone(&lane), Arc::clone(&left), Arc::clone(&journal));
                    match lane.faults.clone() {
                        Some(faults) => {
                            returning.spawn(own.bring_back_disturbed(faults, left, journal, until))
                        }
                        None => returning.spawn(own.bring_back(left, journal, until)),
                    };
                    lanes.insert(whose, Arc::clone(&lane));
                    lane
                }
            },
        };
        lane.forward(&bytes, &journal).await;
        journal.settle().await;
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
}

async fn open(
    left: &Datagrams,
    whose: &(Sender, Ear),
    terms: &DatagramRelay,
    journal: &Journal,
    open: usize,
) -> Result<Option<Arc<Lane>>, NetError> {
    let (from, ear) = whose;
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
    if let (Some(own), Some(Sender::Inet(target))) = (left.address_for(&terms.target), right.peer())
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
    journal.record(numbers.1, what(Role::Dial, (&right, Ear::default()), target, Some(numbers.0)));
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
    })))
}

impl Lane {
    async fn forward(&self, bytes: &[u8], journal: &Journal) {
        journal.tally().came(bytes.len());
        let what = What::In { bytes: bytes.into(), from: Some(self.from.to_string()) };
        journal.record(self.numbers.0, what);
        if let Some(faults) = &self.faults {
            self.disturb(faults, Dir::Up, bytes, journal);
        }
        self.busy.notify_one();
        if self.faults.is_some() {
            return;
        }
        match self.right.send(bytes, None).await {
            Ok(()) => journal.tally().went(bytes.len()),
            Err(error) => self.note(self.numbers.1, &error, journal),
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
                came = self.right.recv() => match came {
                    Ok(Datagram { bytes, from, .. }) => {
                        journal.tally().came(bytes.len());
                        let from = Some(from.to_string());
                        journal.record(self.numbers.1, What::In { bytes: bytes.as_slice().into(), from });
                        match left.send(&bytes, Some(&self.from)).await {
                            Ok(()) => journal.tally().went(bytes.len()),
                            Err(error) => self.note(self.numbers.0, &error, &journal),
                        }
                        journal.settle().await;
                    }
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

    fn closed(&self, how: How, journal: &Journal) {
        for number in [self.numbers.0, self.numbers.1] {
            let close = Close { by: By::Us, how, why: None };
            journal.record(number, What::Close(close));
        }
        journal.tally().closed();
    }

    fn note(&self, number: u64, error: &std::io::Error, journal: &Journal) {
        let text = format!("the network says: {}", plain(error));
        journal.say(format!("note: for {}: {text}", self.from));
        journal.record(number, What::Note { text });
    }
}
