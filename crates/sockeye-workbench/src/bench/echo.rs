//! Round trips with any server that answers: many clients, each with one request in the air;
//! over a connection that stays, or over a new one for each request.

use std::sync::Arc;
use std::time::Duration;

use sockeye_net::calls::Calls;
use sockeye_net::dial::Dial;
use sockeye_net::endpoint::Endpoint;
use sockeye_net::error::NetError;
use sockeye_text::cause::plain;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::bench::crowd::{Count, Crowd, Then};
use crate::bench::figures;
use crate::bench::line::Line;
use crate::bench::request::{Asker, Request};
use crate::journal::Journal;

/// How many call at the same time before the measuring begins.
const CALLING: usize = 64;
/// How long an answer is waited for once the time is up.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is told how it goes.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// How long a client rests whose call failed.
const REST: Duration = Duration::from_millis(1);
/// Room behind an answer: a read that comes short tells the runtime that nothing is left, and
/// what a server says too much is seen.
const SPARE: usize = 64;

/// How often a client connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connect {
    /// Once.
    Once,
    /// For each request.
    Each,
}

/// Something said on each connection before the time begins, and its answer.
#[derive(Clone, Debug)]
pub struct Greeting {
    /// What is said.
    pub say: Vec<u8>,
    /// What must be answered.
    pub hear: Vec<u8>,
}

/// What is asked, by how many, and for how long.
#[derive(Clone, Debug)]
pub struct Load {
    /// Where each connection begins with something else.
    pub greeting: Option<Greeting>,
    /// What each asks.
    pub request: Request,
    /// How many.
    pub clients: usize,
    /// How often each connects.
    pub connect: Connect,
    /// How long, from the moment at which all are connected.
    pub time: Duration,
}

/// What it came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Whom it was asked of, and how it is carried.
    pub endpoint: String,
    /// The load.
    pub load: Load,
    /// How long it was, if it was ended early.
    pub lasted: Duration,
    /// What was counted.
    pub count: Count,
    /// Requests that no whole answer came to within a second of the end.
    pub unanswered: u64,
    /// The user ended it.
    pub interrupted: bool,
}

/// Runs the load. An error is why not a single client could connect.
pub async fn run(
    endpoint: &Endpoint,
    how: Dial,
    load: Load,
    journal: &Journal,
    stop: &CancellationToken,
) -> Result<Outcome, NetError> {
    let (calls, first) = tokio::select! {
        called = Calls::first(endpoint, how) => called?,
        () = stop.cancelled() => return Ok(Outcome::nothing(endpoint.to_string(), load)),
    };
    let first = match load.connect {
        Connect::Once => Some(Line::of((first.reader, first.writer))),
        Connect::Each => None,
    };
    let way = Way { calls: Arc::new(calls), endpoint: endpoint.to_string(), first };
    Ok(run_over(way, load, journal, stop).await)
}

/// The way to a server.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) calls: Arc<Calls>,
    pub(crate) endpoint: String,
    /// A connection that is there already.
    pub(crate) first: Option<Line>,
}

/// Runs the load over a way that is known.
pub(crate) async fn run_over(
    way: Way,
    load: Load,
    journal: &Journal,
    stop: &CancellationToken,
) -> Outcome {
    let crowd = Arc::new(Crowd::of(load.clients, journal.clock()));
    let calls = Arc::clone(&way.calls);
    let mut outcome = Outcome::nothing(way.endpoint, load);
    let lines = tokio::select! {
        lines = open(&calls, way.first, &outcome.load, &crowd) => lines,
        () = stop.cancelled() => return outcome,
    };
    crowd.begin(outcome.load.time);
    let clients = set_off(&calls, lines, &outcome.load, &crowd);
    outcome.fill(clients, &crowd, PATIENCE, (journal, stop)).await;
    outcome
}

impl Outcome {
    /// What was ended before it began.
    pub(crate) fn nothing(endpoint: String, load: Load) -> Self {
        Self {
            endpoint,
            load,
            lasted: Duration::ZERO,
            count: Count::default(),
            unanswered: 0,
            interrupted: true,
        }
    }

    /// Waits for the clients, told of as it goes: for the load's time, and so long for the last
    /// answers; who is left then is counted.
    pub(crate) async fn fill(
        &mut self,
        mut clients: JoinSet<()>,
        crowd: &Crowd,
        patience: Duration,
        (journal, stop): (&Journal, &CancellationToken),
    ) {
        self.interrupted = watch(&mut clients, &self.load, crowd, journal, stop).await;
        self.lasted = crowd.stop();
        if !self.interrupted {
            let all = async { while clients.join_next().await.is_some() {} };
            drop(timeout(patience, all).await);
            self.unanswered = clients.len() as u64;
        }
        clients.shutdown().await;
        self.count = crowd.taken();
    }
}

/// Connects those who stay, a few at a time. All of it takes no longer than a connect may.
async fn open(
    calls: &Arc<Calls>,
    first: Option<Line>,
    load: &Load,
    crowd: &Arc<Crowd>,
) -> Vec<Line> {
    if load.connect == Connect::Each {
        return Vec::new();
    }
    let mut opening = JoinSet::new();
    let mut lines = Vec::new();
    let mut left = load.clients;
    if let Some(line) = first {
        left -= 1;
        let greeting = load.greeting.clone();
        opening.spawn(async move { greeted(line, greeting).await });
    }
    let connecting = async {
        while left > 0 || !opening.is_empty() {
            while left > 0 && opening.len() < CALLING {
                left -= 1;
                let (calls, greeting) = (Arc::clone(calls), load.greeting.clone());
                opening.spawn(async move {
                    let halves = calls.again().await.map_err(|error| error.to_string())?;
                    greeted(Line::of(halves), greeting).await
                });
            }
            match opening.join_next().await {
                Some(Ok(Ok(line))) => lines.push(line),
                Some(Ok(Err(why))) => drop(crowd.failed(|| why)),
                Some(Err(_)) | None => {}
            }
        }
    };
    if timeout(calls.limit(), connecting).await.is_err() {
        let missing = left + opening.len();
        for _ in 0..missing {
            crowd.failed(|| format!("no connection within {:?}", calls.limit()));
        }
    }
    lines
}

/// A line on which the greeting has been said and answered.
async fn greeted(mut line: Line, greeting: Option<Greeting>) -> Result<Line, String> {
    if let Some(Greeting { say, hear }) = greeting {
        let mut buffer = vec![0; hear.len() + SPARE];
        let heard = line.ask(&say, &mut buffer, hear.len()).await;
        let heard = heard.map_err(|error| format!("the connection broke: {}", plain(&error)))?;
        let heard = buffer.get(..heard).unwrap_or_default();
        if heard != hear {
            return Err(format!("the server said {:?}", String::from_utf8_lossy(heard)));
        }
    }
    line.send_at_once().map_err(|error| plain(&error))?;
    Ok(line)
}

/// Starts the clients.
fn set_off(calls: &Arc<Calls>, lines: Vec<Line>, load: &Load, crowd: &Arc<Crowd>) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    let client = |number: usize| Client {
        crowd: Arc::clone(crowd),
        asker: load.request.asker(u32::try_from(number).unwrap_or(u32::MAX)),
        buffer: vec![0; load.request.answer_size() + SPARE],
        answer: load.request.answer_size(),
        number,
    };
    match load.connect {
        Connect::Once => {
            for (number, line) in lines.into_iter().enumerate() {
                clients.spawn(client(number).stay(line));
            }
        }
        Connect::Each => {
            for number in 0..load.clients {
                clients.spawn(client(number).come_and_go(Arc::clone(calls)));
            }
        }
    }
    clients
}

/// Tells each second how it goes, until the time is up or nobody is left; whether the user
/// ended it.
async fn watch(
    clients: &mut JoinSet<()>,
    load: &Load,
    crowd: &Crowd,
    journal: &Journal,
    stop: &CancellationToken,
) -> bool {
    let start = crowd.now();
    let (mut next, mut told) = (start + TELL_EVERY, 0);
    loop {
        tokio::select! {
            () = journal.clock().until(Some(start + load.time)) => return false,
            () = stop.cancelled() => return true,
            ended = clients.join_next() => if ended.is_none() { return false },
            () = journal.clock().until(Some(next)) => {
                let line = crowd.look(|count| figures::live(next.saturating_sub(start), count, told));
                journal.screen().live(line);
                told = crowd.look(|count| count.times.total());
                next += TELL_EVERY;
            }
        }
    }
}

/// One client.
struct Client {
    crowd: Arc<Crowd>,
    asker: Asker,
    buffer: Vec<u8>,
    answer: usize,
    number: usize,
}

impl Client {
    /// Asks over one connection until the time is up.
    async fn stay(mut self, mut line: Line) {
        let mut since = self.crowd.now();
        while let Some((now, Then::On)) = self.ask(&mut line, since).await {
            since = now;
        }
    }

    /// Asks over a new connection each time.
    async fn come_and_go(mut self, calls: Arc<Calls>) {
        loop {
            let since = self.crowd.now();
            let then = match calls.again().await {
                Ok(halves) => {
                    let mut line = Line::of(halves);
                    let asked = self.ask(&mut line, since).await;
                    line.hang_up();
                    asked.map(|(_, then)| then)
                }
                Err(error) => {
                    let then = self.crowd.failed(|| error.to_string());
                    sleep(REST).await;
                    Some(then)
                }
            };
            // A connection that broke is followed by the next one.
            if then == Some(Then::End) {
                return;
            }
        }
    }

    /// One request and its answer; none where the connection is at its end.
    async fn ask(&mut self, line: &mut Line, since: Duration) -> Option<(Duration, Then)> {
        self.asker.turn();
        let asked = line.ask(self.asker.bytes(), &mut self.buffer, self.answer).await;
        let why = match asked {
            Ok(count) if count >= self.answer => {
                let now = self.crowd.now();
                let judged = self.asker.judge(self.buffer.get(..count).unwrap_or_default());
                return Some((now, self.crowd.answered(self.number, since, now, judged)));
            }
            Ok(count) => format!("the server closed after {count} of {} bytes", self.answer),
            Err(error) => format!("the connection broke: {}", plain(&error)),
        };
        self.crowd.failed(|| why);
        None
    }
}
