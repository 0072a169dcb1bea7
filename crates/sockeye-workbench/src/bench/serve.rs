//! The server of `protocol.rs`: any number of benches at once, each told of once it is over.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sockeye_net::arrival::Arrival;
use sockeye_net::listen::Listener;
use sockeye_text::cause::plain;
use sockeye_text::safe::one_line;
use sockeye_text::units::{Grouped, Size, Span};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at, timeout};
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::bench::bulk::{Broken, Turns, drain, pour};
use crate::bench::hurry;
use crate::bench::line::Line;
use crate::bench::protocol::{Answer, FULL, Job, LONGEST};
use crate::fault::seed::drawn;
use crate::journal::{Journal, worth_telling};
use crate::server::Rests;

/// Who says or takes nothing for so long is closed.
const IDLE: Duration = Duration::from_secs(30);
/// How long a caller may take to say what it wants.
const OPENING: Duration = Duration::from_secs(10);
/// How long a caller that is refused is listened to, and how much at once.
const LINGER: Duration = Duration::from_secs(1);
const LINES: usize = 4096;
/// How many benches, and how many streams in bulk, there may be at once.
const BENCHES: usize = 1024;
/// How many benches of one address.
const OF_ONE: usize = 64;
const IN_BULK: usize = 256;
/// What an echo takes at once.
const ROOM: usize = 16 * 1024;

/// What a server of benches keeps to.
#[derive(Debug)]
pub struct Terms {
    /// Who may call.
    pub access: Access,
    /// Where it is told.
    pub journal: Arc<Journal>,
    /// Cancelled when it is to end.
    pub stop: CancellationToken,
}

/// What one bench did. Told once nobody is at it any more.
#[derive(Debug)]
struct Run {
    peer: String,
    ip: Option<IpAddr>,
    journal: Arc<Journal>,
    /// Benches that moved nothing: anybody's, and told as seldom as refusals are.
    empty: Arc<AtomicU64>,
    began: Duration,
    count: Count,
    /// Connections that work for it.
    busy: AtomicU64,
}

/// What is counted.
#[derive(Debug, Default)]
struct Count {
    up: AtomicU64,
    down: AtomicU64,
    turns: AtomicU64,
    pings: AtomicU64,
}

impl Count {
    fn all(&self) -> [&AtomicU64; 4] {
        [&self.up, &self.down, &self.turns, &self.pings]
    }

    /// Something that grows as long as anything is done.
    fn progress(&self) -> u64 {
        self.all().iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let [up, down, turns, pings] = self.count.all().map(|count| count.load(Ordering::Relaxed));
        let empty = self.count.progress() == 0;
        if empty && !worth_telling(self.empty.fetch_add(1, Ordering::Relaxed) + 1) {
            return;
        }
        let lasted = self.journal.clock().now().saturating_sub(self.began);
        self.journal.say(format!(
            "bench of {}: {} came, {} went, {} round trips, {} connections, {}",
            one_line(&self.peer),
            Size(up),
            Size(down),
            Grouped(turns),
            Grouped(pings),
            Span(lasted),
        ));
    }
}

/// One connection's work for a bench: added to it at its end, whichever that is.
struct Work {
    run: Arc<Run>,
    count: Count,
}

impl Work {
    fn of(run: Arc<Run>) -> Self {
        run.busy.fetch_add(1, Ordering::Relaxed);
        Self { run, count: Count::default() }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        for (all, own) in self.run.count.all().into_iter().zip(self.count.all()) {
            all.fetch_add(own.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        self.run.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct House {
    terms: Terms,
    /// The benches of now, by their numbers. Nothing is awaited under it.
    runs: Mutex<HashMap<u64, Arc<Run>>>,
    bulk: Semaphore,
    empty: Arc<AtomicU64>,
}

/// Why a caller is not served on.
#[derive(Debug)]
enum Gone {
    /// It closed, or was done.
    Over,
    /// It is told so.
    Refused(String),
    /// It broke, or sent what it should not.
    Broken(String),
}

impl From<Broken> for Gone {
    fn from(error: Broken) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<std::io::Error> for Gone {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(plain(&error))
    }
}

/// Serves benches until stopped.
pub async fn serve(listener: Listener, terms: Terms) {
    let house = Arc::new(House {
        terms,
        runs: Mutex::default(),
        bulk: Semaphore::new(IN_BULK),
        empty: Arc::default(),
    });
    let mut callers = JoinSet::new();
    let mut rests = Rests::default();
    let Terms { access, journal, stop } = &house.terms;
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(arrival) => match access.admit(arrival.facts().ip(), callers.len()) {
                    Ok(()) => drop(callers.spawn(Arc::clone(&house).attend(arrival))),
                    Err(why) => journal.refused(&arrival.facts().peer.to_string(), &why),
                },
                Err(error) => rests.rest(&error, journal).await,
            },
            Some(_) = callers.join_next(), if !callers.is_empty() => {}
            () = stop.cancelled() => break,
        }
    }
    drop(listener);
    callers.shutdown().await;
}

impl House {
    fn runs(&self) -> MutexGuard<'_, HashMap<u64, Arc<Run>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn attend(self: Arc<Self>, arrival: Arrival) {
        let journal = &self.terms.journal;
        let stream = match arrival.welcome().await {
            Ok(stream) => stream,
            Err(error) => {
                let hint = error.hint();
                return journal.turned_away(
                    &error.code().to_string(),
                    &error.to_string(),
                    hint.as_deref(),
                );
            }
        };
        let (peer, ip) = (stream.facts.peer.to_string(), stream.facts.ip());
        let mut line = Line::of((stream.reader, stream.writer));
        match self.serve(&mut line, &peer, ip).await {
            Ok(()) | Err(Gone::Over) => {}
            Err(Gone::Refused(why)) => {
                journal.refused(&peer, &why);
                let answer = Answer::Refused(why).to_string();
                // Who does not take the few bytes goes without.
                drop(timeout(LINGER, let_go(&mut line, &answer)).await);
            }
            Err(Gone::Broken(why)) => {
                journal.turned_away("E-io", &format!("a bench of `{peer}`: {why}"), None);
            }
        }
    }

    async fn serve(&self, line: &mut Line, peer: &str, ip: Option<IpAddr>) -> Result<(), Gone> {
        let Ok(said) = timeout(OPENING, line.incoming.line(LONGEST)).await else {
            return Err(Gone::Refused(format!("it said nothing within {OPENING:?}")));
        };
        let said = match said? {
            Ok(said) => said,
            Err(nothing) if nothing.is_empty() => return Err(Gone::Over),
            Err(other) => other,
        };
        let job = Job::read(&said).map_err(|unfit| Gone::Refused(unfit.to_string()))?;
        let run = match job {
            Job::Begin => return self.bench(line, peer, ip).await,
            Job::Ping(run)
            | Job::Turns(run)
            | Job::Up(run)
            | Job::Down(run, _)
            | Job::Both(run, _) => run,
        };
        let Some(run) = self.runs().get(&run).cloned() else {
            return Err(Gone::Refused(format!("there is no bench {run}")));
        };
        let work = Work::of(run);
        match job {
            Job::Begin => Ok(()),
            Job::Ping(_) => ping(line, &work).await,
            Job::Turns(_) => unless_idle(|| work.count.progress(), turns(line, &work)).await,
            Job::Up(_) | Job::Down(..) | Job::Both(..) => {
                let Ok(_place) = self.bulk.try_acquire() else {
                    return Err(Gone::Refused(format!("{IN_BULK} streams{FULL}")));
                };
                unless_idle(|| work.count.progress(), self.bulk(line, job, &work)).await
            }
        }
    }

    /// A bench from its begin to its end, which is that of the connection. What it says
    /// meanwhile is not heard.
    async fn bench(&self, line: &mut Line, peer: &str, ip: Option<IpAddr>) -> Result<(), Gone> {
        let journal = &self.terms.journal;
        let run = Arc::new(Run {
            peer: peer.to_owned(),
            ip: ip.map(|ip| ip.to_canonical()),
            journal: Arc::clone(journal),
            empty: Arc::clone(&self.empty),
            began: journal.clock().now(),
            count: Count::default(),
            busy: AtomicU64::new(0),
        });
        let entry = self.enter(Arc::clone(&run))?;
        answer(line, &Answer::Run(entry.number)).await?;
        let mut before = None;
        let mut unheard = [0; 64];
        // What comes on it is no work: it keeps nothing open.
        let mut looks = interval_at(Instant::now() + IDLE, IDLE);
        loop {
            tokio::select! {
                more = line.incoming.read(&mut unheard) => if more? == 0 { return Ok(()) },
                _ = looks.tick() => {
                    let now = run.count.progress();
                    if run.busy.load(Ordering::Relaxed) == 0 && before == Some(now) {
                        return Err(silent());
                    }
                    before = Some(now);
                }
            }
        }
    }

    /// Enters a bench under a number that no other has.
    fn enter(&self, run: Arc<Run>) -> Result<Entry<'_>, Gone> {
        let mut runs = self.runs();
        if runs.len() >= BENCHES {
            return Err(Gone::Refused(format!("{BENCHES} benches{FULL}")));
        }
        let own = runs.values().filter(|other| other.ip == run.ip).count();
        if run.ip.is_some() && own >= OF_ONE {
            return Err(Gone::Refused(format!("{OF_ONE} benches of its address{FULL}")));
        }
        let mut number = drawn();
        while runs.contains_key(&number) {
            number += 1;
        }
        runs.insert(number, run);
        Ok(Entry { house: self, number })
    }

    /// Blocks, as the job has it.
    async fn bulk(&self, line: &mut Line, job: Job, work: &Work) -> Result<(), Gone> {
        answer(line, &Answer::Fine).await?;
        let clock = self.terms.journal.clock();
        let (began, Line { incoming, outgoing }) = (clock.now(), &mut *line);
        let turns = match job {
            Job::Both(..) => Turns::Shared,
            _ => Turns::Alone,
        };
        let giving = async {
            if let Job::Down(_, time) | Job::Both(_, time) = job {
                pour(outgoing, (clock, began + time), turns, &work.count.down).await?;
            }
            Ok::<(), Gone>(())
        };
        let taking = async {
            Ok(match job {
                Job::Up(_) | Job::Both(..) => {
                    let bytes = drain(incoming, turns, &work.count.up).await?;
                    Some(Answer::Received(bytes, clock.now().saturating_sub(began)))
                }
                _ => None,
            })
        };
        let ((), received) = tokio::try_join!(giving, taking)?;
        if let Some(received) = received {
            answer(line, &received).await?;
        }
        closed(line).await
    }
}

/// A bench in the list; taken off by drop.
struct Entry<'h> {
    house: &'h House,
    number: u64,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        // It may be told by its drop, which is not for under the lock.
        let run = self.house.runs().remove(&self.number);
        drop(run);
    }
}

/// Says why, and reads to the caller's end: closed with something unread, the connection would
/// be reset and the answer lost.
async fn let_go(line: &mut Line, answer: &str) -> std::io::Result<()> {
    line.outgoing.send(answer.as_bytes()).await?;
    line.outgoing.finish().await?;
    let mut unheard = vec![0; LINES];
    while line.incoming.read(&mut unheard).await? > 0 {}
    Ok(())
}

async fn ping(line: &mut Line, work: &Work) -> Result<(), Gone> {
    answer(line, &Answer::Pong).await?;
    work.count.pings.fetch_add(1, Ordering::Relaxed);
    closed(line).await
}

/// What comes goes back.
async fn turns(line: &mut Line, work: &Work) -> Result<(), Gone> {
    answer(line, &Answer::Fine).await?;
    line.send_at_once()?;
    let mut buffer = vec![0; ROOM];
    loop {
        let count = line.incoming.read(&mut buffer).await?;
        if count == 0 {
            return Err(Gone::Over);
        }
        line.outgoing.send(buffer.get(..count).unwrap_or_default()).await?;
        work.count.turns.fetch_add(1, Ordering::Relaxed);
    }
}

async fn answer(line: &mut Line, answer: &Answer) -> Result<(), Gone> {
    Ok(line.outgoing.send(answer.to_string().as_bytes()).await?)
}

/// Waits for the caller to close: who closes first keeps the port for a while, and that is not
/// to be the server. What it says more is not heard.
async fn closed(line: &mut Line) -> Result<(), Gone> {
    drop(timeout(IDLE, line.incoming.read(&mut [0; 64])).await);
    Ok(())
}

/// The work, unless it makes no progress for [`IDLE`].
async fn unless_idle(
    progress: impl Fn() -> u64,
    work: impl Future<Output = Result<(), Gone>>,
) -> Result<(), Gone> {
    hurry::unless_idle(IDLE, progress, work).await.unwrap_or_else(|| Err(silent()))
}

fn silent() -> Gone {
    Gone::Broken(format!("nothing came or went for {IDLE:?}"))
}
