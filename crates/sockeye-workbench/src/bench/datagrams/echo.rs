//! Round trips by datagrams: many clients, each with its own socket and one request in the
//! air. One that is not answered within a second is lost, and the next follows.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::datagram::Datagrams;
use sockeye_net::dial::Dial;
use sockeye_net::endpoint::Endpoint;
use sockeye_net::error::NetError;
use sockeye_text::cause::plain;
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::CancellationToken;

use crate::bench::crowd::{Crowd, Then};
use crate::bench::echo::{Load, Outcome};
use crate::bench::request::{Asker, Wrong};
use crate::journal::Journal;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a client rests whose datagram the network refused.
const REST: Duration = Duration::from_millis(1);
/// So many late answers are looked at in one go.
const MOST_LATE: usize = 64;
/// Room behind an answer, so that one that is too long is seen.
const SPARE: usize = 64;

/// Runs the load. An error is why not a single socket could be opened.
pub async fn run(
    endpoint: &Endpoint,
    how: Dial,
    load: Load,
    journal: &Journal,
    stop: &CancellationToken,
) -> Result<Outcome, NetError> {
    let crowd = Arc::new(Crowd::of(load.clients, journal.clock()));
    let mut outcome = Outcome::nothing(endpoint.to_string(), load);
    let mut sockets = Vec::new();
    for _ in 0..outcome.load.clients {
        let dialled = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(outcome),
            dialled = Datagrams::dial(endpoint, how.clone()) => dialled,
        };
        match dialled {
            Ok(socket) => sockets.push(socket),
            Err(error) if sockets.is_empty() => return Err(error),
            Err(error) => drop(crowd.failed(|| error.to_string())),
        }
    }
    crowd.begin(outcome.load.time);
    let mut clients = JoinSet::new();
    for (number, socket) in sockets.into_iter().enumerate() {
        let answer = outcome.load.request.answer_size();
        let client = Client {
            crowd: Arc::clone(&crowd),
            asker: outcome.load.request.asker(u32::try_from(number).unwrap_or(u32::MAX)),
            socket,
            buffer: vec![0; answer + SPARE],
            answer,
            number,
            late: 0,
        };
        clients.spawn(client.run());
    }
    // Each tells by itself what was lost, by then.
    outcome.fill(clients, &crowd, PATIENCE * 2, (journal, stop)).await;
    Ok(outcome)
}

/// One client.
struct Client {
    crowd: Arc<Crowd>,
    asker: Asker,
    socket: Datagrams,
    buffer: Vec<u8>,
    answer: usize,
    number: usize,
    /// Lost requests whose answers may still come.
    late: u64,
}

impl Client {
    async fn run(mut self) {
        let mut alarm = pin!(sleep(PATIENCE));
        let mut since = self.crowd.now();
        loop {
            self.asker.turn();
            let (now, then) = match self.socket.send(self.asker.bytes(), None).await {
                Ok(()) => self.hear(since, alarm.as_mut()).await,
                Err(error) => self.refused(&error).await,
            };
            if then == Then::End {
                return;
            }
            since = now;
        }
    }

    async fn refused(&self, error: &std::io::Error) -> (Duration, Then) {
        let then = self.crowd.failed(|| format!("the network says: {}", plain(error)));
        sleep(REST).await;
        (self.crowd.now(), then)
    }

    /// The answer to what was asked at `since`, and when it had come.
    async fn hear(&mut self, since: Duration, mut alarm: Pin<&mut Sleep>) -> (Duration, Then) {
        loop {
            tokio::select! {
                biased;
                came = self.socket.recv_alone(&mut self.buffer) => match came {
                    Ok(count) => {
                        if let Some(done) = self.came(since, count) {
                            return done;
                        }
                        // Who is sent more and more of the past never comes to the alarm.
                        if self.crowd.now().saturating_sub(since) >= PATIENCE {
                            return self.given_up();
                        }
                    }
                    Err(error) => return self.refused(&error).await,
                },
                // It is set anew once it rings: not for each request.
                () = alarm.as_mut() => {
                    let waited = self.crowd.now().saturating_sub(since);
                    let rest = Some(PATIENCE.saturating_sub(waited)).filter(|rest| !rest.is_zero());
                    alarm.as_mut().reset(Instant::now() + rest.unwrap_or(PATIENCE));
                    if rest.is_none() {
                        return self.overdue(since);
                    }
                }
            }
        }
    }

    /// Something came; none if it answers what was given up, or what was answered before.
    fn came(&mut self, since: Duration, mut count: usize) -> Option<(Duration, Then)> {
        for _ in 0..MOST_LATE {
            let judged = self.judged(count);
            let again = judged.is_err() && self.answers_the_past(count);
            if judged.is_ok() || (self.late == 0 && !again) {
                let now = self.crowd.now();
                return Some((now, self.crowd.answered(self.number, since, now, judged)));
            }
            if self.late == 0 {
                self.crowd.doubled();
            }
            self.late = self.late.saturating_sub(1);
            count = self.socket.left(&mut self.buffer)?;
        }
        None
    }

    fn overdue(&mut self, since: Duration) -> (Duration, Then) {
        // It may have come together with one that answered something before.
        if let Some(count) = self.socket.left(&mut self.buffer)
            && let Some(done) = self.came(since, count)
        {
            return done;
        }
        self.given_up()
    }

    fn given_up(&mut self) -> (Duration, Then) {
        self.late += 1;
        (self.crowd.now(), self.crowd.lost())
    }

    fn answers_the_past(&self, count: usize) -> bool {
        self.asker.asked_before(self.buffer.get(..count).unwrap_or_default())
    }

    fn judged(&self, count: usize) -> Result<(), Wrong> {
        if count < self.answer {
            return Err(Wrong::At(count));
        }
        self.asker.judge(self.buffer.get(..count).unwrap_or_default())
    }
}
