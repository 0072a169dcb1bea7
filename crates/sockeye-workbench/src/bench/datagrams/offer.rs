//! The sender of numbered datagrams, `protocol.rs`: as fast as it goes, or at a rate.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::time::Duration;

use serde_json::json;
use sockeye_net::datagram::straight::MOST_OF_A_RUN;
use sockeye_net::datagram::{Datagrams, MOST_V4};
use sockeye_net::dial::Dial;
use sockeye_net::endpoint::Endpoint;
use sockeye_net::error::{Code, NetError};
use sockeye_text::cause::plain;
use sockeye_text::safe::one_line;
use sockeye_text::units::{Grouped, Size};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::bench::datagrams::protocol::{Counted, LEAST, Said, write_data};
use crate::bench::figures::{per_second, rate};
use crate::closing::Failure;
use crate::journal::Journal;

/// How often something is said before nobody is there, and how long each is waited for.
const TIMES: usize = 10;
const PATIENCE: Duration = Duration::from_millis(300);
/// What is late may come for so long.
const LATE: Duration = Duration::from_millis(100);
/// How often it is told how it goes.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// Datagrams a call without runs, and runs a call.
const A_CALL: usize = 64;
const RUNS: usize = 8;
/// After so many calls other tasks have their turn.
const TURN: u64 = 16;

/// Whether the system may make datagrams of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// Where it can.
    IfItCan,
    /// No.
    Never,
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// The bytes of each datagram: 28 to 65,507.
    pub size: usize,
    /// How long.
    pub time: Duration,
    /// How many a second; as many as go.
    pub rate: Option<u64>,
    /// By runs.
    pub runs: Runs,
}

/// What it came to.
#[derive(Clone, Debug)]
pub struct Offered {
    endpoint: String,
    offer: Offer,
    /// How many datagrams a run, 1 without.
    run: usize,
    /// How many a call.
    call: usize,
    sent: u64,
    lasted: Duration,
    counted: Option<Counted>,
    interrupted: bool,
    /// What made it fail.
    pub failure: Option<Failure>,
}

impl Offer {
    /// Whether datagrams of that size can be numbered.
    pub fn fits(size: usize) -> bool {
        (LEAST..=MOST_V4).contains(&size)
    }
}

/// Sends to a `bench serve`, and asks it what came.
pub async fn offer(
    endpoint: &Endpoint,
    how: Dial,
    offer: Offer,
    journal: &Journal,
    stop: &CancellationToken,
) -> Result<Offered, NetError> {
    let mut offered = Offered {
        endpoint: endpoint.to_string(),
        offer,
        run: 1,
        call: A_CALL,
        sent: 0,
        lasted: Duration::ZERO,
        counted: None,
        interrupted: true,
        failure: None,
    };
    let socket = tokio::select! {
        biased;
        () = stop.cancelled() => return Ok(offered),
        socket = Datagrams::dial(endpoint, how) => socket?,
    };
    let talk = async {
        let cookie = match greet(&socket, offer.size).await {
            Ok(cookie) => cookie,
            Err(unheard) => return offered.fail(unheard),
        };
        let mut sending = Sending { socket: &socket, cookie, journal, stop };
        match sending.run(&mut offered).await {
            Ok(()) => sending.ask(&mut offered).await,
            Err(error) => offered.fail(Unheard::Broken(error)),
        }
    };
    tokio::select! {
        () = talk => {}
        // While it sends, it looks by itself.
        () = async { stop.cancelled().await; tokio::time::sleep(PATIENCE * 2).await } => {}
    }
    offered.interrupted = stop.is_cancelled();
    Ok(offered)
}

/// Why there is no answer.
enum Unheard {
    Nobody,
    Broken(io::Error),
}

/// Proves our address; returns the cookie.
async fn greet(socket: &Datagrams, size: usize) -> Result<u64, Unheard> {
    let own = RandomState::new().hash_one(size);
    let cookie = exchange(socket, Said::Hello(own), |said| match said {
        Said::Cookie(of, cookie) if of == own => Some(cookie),
        _ => None,
    })
    .await?;
    exchange(socket, Said::Begin(own, cookie, size as u64), |said| match said {
        Said::Started(of) if of == cookie => Some(cookie),
        _ => None,
    })
    .await
}

/// Says it until the answer comes.
async fn exchange<T>(
    socket: &Datagrams,
    say: Said,
    answer: impl Fn(Said) -> Option<T>,
) -> Result<T, Unheard> {
    for _ in 0..TIMES {
        socket.send(&say.bytes(), None).await.map_err(Unheard::Broken)?;
        let hearing = async {
            loop {
                let came = socket.recv().await?;
                if let Some(heard) = Said::read(&came.bytes).and_then(&answer) {
                    return Ok(heard);
                }
            }
        };
        if let Ok(heard) = timeout(PATIENCE, hearing).await {
            return heard.map_err(Unheard::Broken);
        }
    }
    Err(Unheard::Nobody)
}

struct Sending<'s> {
    socket: &'s Datagrams,
    cookie: u64,
    journal: &'s Journal,
    stop: &'s CancellationToken,
}

impl Sending<'_> {
    async fn run(&mut self, offered: &mut Offered) -> io::Result<()> {
        let Offer { size, time, rate, runs } = offered.offer;
        if runs == Runs::IfItCan && self.socket.cuts() {
            offered.run = (MOST_V4 / size).clamp(1, MOST_OF_A_RUN);
        }
        if offered.run > 1 {
            offered.call = offered.run * RUNS;
        }
        let clock = self.journal.clock();
        let mut space: Vec<u8> = (b'a'..=b'z').cycle().take(size * offered.call).collect();
        let began = clock.now();
        let (mut told, mut tell, mut turns) = (0, TELL_EVERY, 0_u64);
        loop {
            let now = clock.now().saturating_sub(began);
            offered.lasted = now.min(time);
            if now >= time || self.stop.is_cancelled() {
                return Ok(());
            }
            if now >= tell {
                self.tell(tell, offered.sent - told);
                told = offered.sent;
                tell += TELL_EVERY;
            }
            let due = rate.map_or(u64::MAX, |rate| due(rate, now).saturating_sub(offered.sent));
            let count = usize::try_from(due).unwrap_or(usize::MAX).min(offered.call);
            if count == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            }
            let part = space.get_mut(..count * size).unwrap_or_default();
            for (number, datagram) in (offered.sent..).zip(part.chunks_exact_mut(size)) {
                write_data(datagram, self.cookie, number, now);
            }
            match self.socket.send_cut(part, size, offered.run).await {
                Ok(bytes) => offered.sent += (bytes / size) as u64,
                // A network card that cannot (udp(7)).
                Err(error) if offered.run > 1 && error.kind() == io::ErrorKind::Unsupported => {
                    (offered.run, offered.call) = (1, A_CALL);
                }
                Err(error) => return Err(error),
            }
            turns += 1;
            if turns.is_multiple_of(TURN) {
                tokio::task::yield_now().await;
            }
        }
    }

    fn tell(&self, since: Duration, sent: u64) {
        let line = format!("{:>4} s  {:>11} sent", since.as_secs(), Grouped(sent).to_string());
        self.journal.screen().live(line);
    }

    /// What came; asked twice, as some of it may come late.
    async fn ask(&self, offered: &mut Offered) {
        let end = Said::End(self.cookie, offered.sent);
        for rest in [LATE, Duration::ZERO] {
            let report = exchange(self.socket, end, |said| match said {
                Said::Report(of, counted) if of == self.cookie => Some(counted),
                _ => None,
            });
            match report.await {
                Ok(counted) => offered.take(counted),
                Err(unheard) => return offered.fail(unheard),
            }
            tokio::time::sleep(rest).await;
        }
        // It ends by itself where this is lost.
        drop(self.socket.send(&Said::Done(self.cookie).bytes(), None).await);
    }
}

/// How many are to be sent by then.
fn due(rate: u64, now: Duration) -> u64 {
    let due = u128::from(rate) * now.as_nanos() / 1_000_000_000;
    u64::try_from(due).unwrap_or(u64::MAX).saturating_add(1)
}

impl Offered {
    fn fail(&mut self, unheard: Unheard) {
        let at = one_line(&self.endpoint);
        self.failure = Some(match unheard {
            Unheard::Nobody => Failure {
                code: Code::Timeout,
                text: format!("`{at}`: no `bench serve` answers there"),
                hint: Some(format!("start one there: sockeye bench serve {at}")),
            },
            Unheard::Broken(error) => {
                Failure::new(Code::of(&error), format!("`{at}`: {}", plain(&error)))
            }
        });
    }

    /// What the receiver says of it. What is lost is a figure; what cannot be is a failure.
    fn take(&mut self, counted: Counted) {
        self.counted = Some(counted);
        let (sent, Counted { received, wrong, .. }) = (self.sent, counted);
        let text = if received > sent {
            format!("{} datagrams came of {} that were sent", Grouped(received), Grouped(sent))
        } else if wrong > 0 {
            format!("{} datagrams came in another size than they were sent in", Grouped(wrong))
        } else {
            return;
        };
        let text = format!("`{}`: {text}", one_line(&self.endpoint));
        self.failure = Some(Failure::new(Code::Integrity, text));
    }

    /// For how long they came: from the first to the last, and no less than it took to send
    /// them. Those of one batch came in no time at all.
    fn coming(&self, counted: Counted) -> Duration {
        counted.lasted.max(self.lasted)
    }

    fn lost(&self) -> Option<u64> {
        self.counted.map(|counted| self.sent.saturating_sub(counted.received))
    }

    /// The table.
    pub fn text(&self) -> String {
        let Offer { size, .. } = self.offer;
        let way = match self.run {
            1 => format!("{} a call", self.call),
            run => format!("by GSO, {} a call in runs of {run}", self.call),
        };
        let mut lines = vec![
            format!(
                "{}: datagrams of {size} bytes, {way}, {:.3} s{}",
                one_line(&self.endpoint),
                self.lasted.as_secs_f64(),
                if self.interrupted { " (ended early)" } else { "" },
            ),
            row("sent", self.sent, self.lasted, size),
        ];
        if let (Some(counted), Some(lost)) = (self.counted, self.lost()) {
            let part = lost.saturating_mul(1_000_000).checked_div(self.sent).unwrap_or(0);
            lines.extend([
                row("received", counted.received, self.coming(counted), size),
                format!(
                    "lost           {} ({}.{:04} %)",
                    Grouped(lost),
                    part / 10_000,
                    part % 10_000
                ),
                format!("reordered      {}", Grouped(counted.reordered)),
                format!("doubled        {}", Grouped(counted.duplicated)),
            ]);
            if counted.wrong > 0 {
                lines.push(format!("of wrong size  {}", Grouped(counted.wrong)));
            }
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// The object for programs, on one line.
    pub fn json(&self) -> String {
        let counted = self.counted;
        let mut object = json!({
            "e": "bench",
            "what": "datagrams",
            "endpoint": self.endpoint,
            "datagram_bytes": self.offer.size,
            "gso": self.run > 1,
            "datagrams_a_call": self.call,
            "seconds": self.lasted.as_secs_f64(),
            "interrupted": self.interrupted,
            "sent": self.sent,
            "sent_per_second": per_second(self.sent, self.lasted),
            "received": counted.map(|counted| counted.received),
            "received_per_second":
                counted.and_then(|counted| per_second(counted.received, self.coming(counted))),
            "lost": self.lost(),
            "reordered": counted.map(|counted| counted.reordered),
            "duplicated": counted.map(|counted| counted.duplicated),
            "of_wrong_size": counted.map(|counted| counted.wrong),
        });
        if let (Some(failure), Some(fields)) = (&self.failure, object.as_object_mut()) {
            fields.insert("failed".to_owned(), failure.text.as_str().into());
        }
        format!("{object}\n")
    }
}

fn row(what: &str, count: u64, time: Duration, size: usize) -> String {
    let a_second = per_second(count, time);
    let bytes = a_second.map(|count| count.saturating_mul(size as u64));
    format!("{what:<15}{}, {}, {}", Grouped(count), rate(a_second, Grouped), rate(bytes, Size))
}
