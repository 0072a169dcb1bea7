//! The receiver of numbered datagrams, `protocol.rs`: any number of senders at once, each told
//! of once it is over.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use sockeye_net::datagram::batch::{Batch, Came};
use sockeye_net::datagram::{Datagrams, Sender};
use sockeye_text::cause::plain;
use sockeye_text::units::{Grouped, Span};
use tokio::time::timeout;

use crate::bench::datagrams::protocol::{Counted, Said, read_data};
use crate::bench::datagrams::sequence::Sequence;
use crate::bench::figures::{per_second, rate};
use crate::bench::protocol::FULL;
use crate::bench::serve::Terms;
use crate::journal::worth_telling;

/// Who sends nothing for so long is over.
const IDLE: Duration = Duration::from_secs(30);
/// How many senders at once.
const SENDERS: usize = 256;
/// How many of one address.
const OF_ONE: usize = 64;
/// How long an answer may wait for room.
const PATIENCE: Duration = Duration::from_millis(100);
/// After so many datagrams other tasks have their turn.
const TURN: usize = 4096;

/// A sender that proved its address.
#[derive(Debug)]
struct Stream {
    cookie: u64,
    from: Sender,
    size: usize,
    sequence: Sequence,
    wrong: u64,
    /// How many it says that it sent.
    sent: Option<u64>,
    first: Option<Duration>,
    last: Duration,
    /// When anything was heard of it.
    heard: Duration,
}

impl Stream {
    fn counted(&self) -> Counted {
        Counted {
            received: self.sequence.received,
            reordered: self.sequence.reordered,
            duplicated: self.sequence.duplicated,
            wrong: self.wrong,
            lasted: self.last.saturating_sub(self.first.unwrap_or(self.last)),
        }
    }
}

struct Receiver {
    socket: Datagrams,
    terms: Terms,
    /// The key of the cookies.
    key: RandomState,
    /// By their places, which the cookies lead to.
    streams: Vec<Stream>,
    places: HashMap<u64, usize>,
    /// The one that the last datagram was of.
    current: usize,
    /// Errors that the network told of.
    troubles: u64,
    /// Senders that are over: told as seldom as refusals are, as they are anybody.
    over: u64,
}

/// Receives until stopped.
pub async fn serve_datagrams(socket: Datagrams, terms: Terms) {
    // Where it cannot, runs come taken apart.
    socket.leave_together();
    let mut receiver = Receiver {
        socket,
        terms,
        key: RandomState::new(),
        streams: Vec::new(),
        places: HashMap::new(),
        current: 0,
        troubles: 0,
        over: 0,
    };
    receiver.run().await;
    while let Some(stream) = receiver.streams.pop() {
        receiver.tell(&stream);
    }
}

impl Receiver {
    async fn run(&mut self) {
        let clock = self.terms.journal.clock();
        let (mut sweep, mut taken) = (clock.now() + IDLE, 0);
        loop {
            let came = tokio::select! {
                biased;
                () = self.terms.stop.cancelled() => return,
                came = self.socket.recv_many() => Some(came),
                () = clock.until(Some(sweep)) => None,
            };
            let now = clock.now();
            match came {
                Some(Ok(batch)) => taken += self.take(&batch, now).await,
                Some(Err(error)) => self.trouble(&error),
                None => {}
            }
            if now >= sweep {
                sweep = now + IDLE;
                self.sweep(now);
            }
            if taken >= TURN {
                taken = 0;
                tokio::task::yield_now().await;
            }
        }
    }

    async fn take(&mut self, batch: &Batch, now: Duration) -> usize {
        let mut taken = 0;
        for came in batch.iter() {
            taken += 1;
            match read_data(came.bytes) {
                Some((cookie, number)) => self.count(cookie, number, came, now),
                None => {
                    if let Some(said) = Said::read(came.bytes) {
                        self.hear(said, came, now).await;
                    }
                }
            }
        }
        taken
    }

    fn count(&mut self, cookie: u64, number: u64, came: Came<'_>, now: Duration) {
        if let Some(stream) = self.stream(cookie, came.from) {
            if came.bytes.len() == stream.size {
                stream.sequence.came(number);
            } else {
                stream.wrong += 1;
            }
            stream.first.get_or_insert(now);
            stream.last = now;
            stream.heard = now;
        }
    }

    /// The stream of that cookie, if it is that sender's.
    fn stream(&mut self, cookie: u64, from: &Sender) -> Option<&mut Stream> {
        if self.streams.get(self.current).is_none_or(|stream| stream.cookie != cookie) {
            self.current = *self.places.get(&cookie)?;
        }
        self.streams.get_mut(self.current).filter(|stream| stream.from == *from)
    }

    async fn hear(&mut self, said: Said, came: Came<'_>, now: Duration) {
        let answer = match said {
            Said::Hello(own) => {
                if !self.admits(came.from) {
                    return;
                }
                Said::Cookie(own, self.cookie(own, came.from))
            }
            Said::Begin(own, cookie, size) if cookie == self.cookie(own, came.from) => {
                if !self.begin(cookie, size, came, now) {
                    return;
                }
                Said::Started(cookie)
            }
            Said::End(cookie, sent) => {
                let Some(stream) = self.stream(cookie, came.from) else { return };
                stream.sent = Some(sent);
                stream.heard = now;
                Said::Report(cookie, stream.counted())
            }
            Said::Done(cookie) => {
                if self.stream(cookie, came.from).is_some() {
                    self.end(self.current);
                }
                return;
            }
            _ => return,
        };
        // One that is lost is asked for again.
        drop(timeout(PATIENCE, self.socket.send(&answer.bytes(), Some(came.from))).await);
    }

    fn cookie(&self, own: u64, from: &Sender) -> u64 {
        self.key.hash_one((own, from))
    }

    /// Whether one more may send from there; who may not is not answered.
    fn admits(&self, from: &Sender) -> bool {
        let at = ip(from);
        let own = || self.streams.iter().filter(|stream| ip(&stream.from) == at).count();
        let admitted = match self.streams.len() {
            SENDERS.. => Err(format!("{SENDERS} senders{FULL}")),
            open => self.terms.access.admit(at, open),
        };
        let admitted = admitted.and_then(|()| match at {
            Some(_) if own() >= OF_ONE => Err(format!("{OF_ONE} senders of its address{FULL}")),
            _ => Ok(()),
        });
        if let Err(why) = &admitted {
            self.terms.journal.refused(&from.to_string(), why);
        }
        admitted.is_ok()
    }

    /// Lets a sender in; said again, it changes nothing.
    fn begin(&mut self, cookie: u64, size: u64, came: Came<'_>, now: Duration) -> bool {
        if self.places.contains_key(&cookie) {
            return true;
        }
        if !self.admits(came.from) {
            return false;
        }
        self.places.insert(cookie, self.streams.len());
        self.streams.push(Stream {
            cookie,
            from: came.from.clone(),
            size: usize::try_from(size).unwrap_or(usize::MAX),
            sequence: Sequence::new(),
            wrong: 0,
            sent: None,
            first: None,
            last: now,
            heard: now,
        });
        true
    }

    fn end(&mut self, place: usize) {
        if place >= self.streams.len() {
            return;
        }
        let stream = self.streams.swap_remove(place);
        self.places.remove(&stream.cookie);
        if let Some(moved) = self.streams.get(place) {
            self.places.insert(moved.cookie, place);
        }
        self.tell(&stream);
    }

    fn sweep(&mut self, now: Duration) {
        // From the end, as the last takes the place of one that goes.
        for place in (0..self.streams.len()).rev() {
            if self.streams.get(place).is_some_and(|stream| now >= stream.heard + IDLE) {
                self.end(place);
            }
        }
    }

    /// An ICMP error: told seldom, and the socket goes on.
    fn trouble(&mut self, error: &std::io::Error) {
        drop(self.socket.undelivered());
        self.troubles += 1;
        if worth_telling(self.troubles) {
            let text = plain(error);
            self.terms
                .journal
                .say(format!("note: the network says: {text} (time {})", self.troubles));
        }
    }

    fn tell(&mut self, stream: &Stream) {
        self.over += 1;
        if !worth_telling(self.over) {
            return;
        }
        let counted = stream.counted();
        let lost = stream.sent.map_or_else(
            || "it did not say how many it sent".to_owned(),
            |sent| format!("{} lost", Grouped(sent.saturating_sub(counted.received))),
        );
        self.terms.journal.say(format!(
            "bench of {} (bench {}): {} datagrams of {} bytes came, {}, {lost}, {} reordered, {} \
             doubled, {}",
            stream.from,
            self.over,
            Grouped(counted.received),
            stream.size,
            // From the first to the last there is one less.
            rate(per_second(counted.received.saturating_sub(1), counted.lasted), Grouped),
            Grouped(counted.reordered),
            Grouped(counted.duplicated),
            Span(counted.lasted),
        ));
    }
}

fn ip(sender: &Sender) -> Option<IpAddr> {
    match sender {
        Sender::Inet(address) => Some(address.ip().to_canonical()),
        _ => None,
    }
}
