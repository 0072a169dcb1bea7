//! Which TCP ports of a host are open: a connect to each, a few at a time, nothing sent;
//! once, or until all of them are.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use sockeye_net::dial::{Dial, dial};
use sockeye_net::endpoint::{Endpoint, Target};
use sockeye_net::error::{NetError, Phase};
use sockeye_net::host::{Host, HostPort};
use sockeye_net::options::Options;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Connects under way at once.
const AT_ONCE: usize = 64;
/// How soon a port that was not open is asked again, at first and at most.
const SOONEST: Duration = Duration::from_millis(200);
const LATEST: Duration = Duration::from_secs(1);

/// The time one connect may take while scanning, unless `-w` says otherwise.
pub const WITHIN: Duration = Duration::from_secs(3);

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Of whom.
    pub host: Host,
    /// Which ports, each once.
    pub ports: Vec<u16>,
    /// How each is called.
    pub how: Dial,
    /// What is asked of each socket.
    pub options: Options,
}

/// What was heard of a port.
#[derive(Debug)]
pub enum Heard {
    /// It is open: the address that took the connection.
    Open(u16, String),
    /// It is not open at its first answer, and will be asked again: why.
    NotYet(u16, String),
    /// It is not open, and that is the last word: why.
    Closed(u16, NetError),
}

type Answer = (u16, Result<String, NetError>);

impl Question {
    fn endpoint(&self, port: u16) -> Endpoint {
        let at = HostPort { host: self.host.clone(), port };
        Endpoint { target: Target::Tcp(at), options: self.options.clone() }
    }

    fn ask(&self, port: u16, under_way: &mut JoinSet<Answer>) {
        let (endpoint, how) = (self.endpoint(port), self.how.clone());
        under_way.spawn(async move {
            let result = dial(&endpoint, how, None).await;
            (port, result.map(|stream| stream.facts.peer.to_string()))
        });
    }
}

/// Asks every port once, and tells each answer in the order of the ports.
pub async fn scan(question: &Question, mut told: impl FnMut(Heard)) {
    let mut waiting = question.ports.iter().copied();
    let mut under_way = JoinSet::new();
    let mut answers = BTreeMap::new();
    let mut next = question.ports.iter().copied().peekable();
    loop {
        while under_way.len() < AT_ONCE {
            let Some(port) = waiting.next() else { break };
            question.ask(port, &mut under_way);
        }
        let Some(answer) = under_way.join_next().await else {
            return;
        };
        if let Ok((port, result)) = answer {
            answers.insert(port, result);
        }
        while let Some(port) = next.peek().copied() {
            let Some(result) = answers.remove(&port) else {
                break;
            };
            told(match result {
                Ok(peer) => Heard::Open(port, peer),
                Err(error) => Heard::Closed(port, error),
            });
            next.next();
        }
    }
}

/// Asks the ports again and again until all are open or that time is over. An open one is
/// told at once, the others at the end, in the order of the ports.
pub async fn scan_until_open(question: &Question, patience: Duration, mut told: impl FnMut(Heard)) {
    let mut waiting: VecDeque<u16> = question.ports.iter().copied().collect();
    let mut closed: BTreeMap<u16, Closed> = BTreeMap::new();
    let mut under_way = JoinSet::new();
    let mut resting = JoinSet::new();
    let over = sleep(patience);
    tokio::pin!(over);
    let mut open = BTreeSet::new();
    loop {
        while under_way.len() < AT_ONCE
            && let Some(port) = waiting.pop_front()
        {
            question.ask(port, &mut under_way);
        }
        if under_way.is_empty() && resting.is_empty() {
            break;
        }
        tokio::select! {
            () = &mut over => break,
            Some(Ok((port, answer))) = under_way.join_next() => match answer {
                Ok(peer) => {
                    open.insert(port);
                    told(Heard::Open(port, peer));
                }
                Err(error) => {
                    let before = closed.get(&port).map(|closed| closed.pause);
                    if before.is_none() {
                        told(Heard::NotYet(port, error.to_string()));
                    }
                    let pause = before.map_or(SOONEST, |before| (before * 2).min(LATEST));
                    closed.insert(port, Closed { error, pause });
                    resting.spawn(async move {
                        sleep(pause).await;
                        port
                    });
                }
            },
            Some(Ok(port)) = resting.join_next() => waiting.push_back(port),
        }
    }
    for port in question.ports.iter().copied().filter(|port| !open.contains(port)) {
        let last = closed.remove(&port).map(|closed| closed.error);
        let error = last.unwrap_or_else(|| NetError::Timeout {
            phase: Phase::Connect,
            address: question.endpoint(port).to_string(),
            after: patience,
        });
        told(Heard::Closed(port, error));
    }
}

/// The last word of a port so far.
struct Closed {
    error: NetError,
    /// How long it rests before it is asked again.
    pause: Duration,
}
