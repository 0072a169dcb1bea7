//! How much goes over streams: up, down, or both ways at once. What counts is what the receiver
//! has compared, and its own clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sockeye_net::error::Code;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::bench::bulk::{Broken, Turns, drain, pour};
use crate::bench::figures;
use crate::bench::hurry::unless_idle;
use crate::bench::line::Line;
use crate::bench::protocol::{Answer, Job};
use crate::bench::visit::{Visit, broken};
use crate::clock::Clock;
use crate::closing::Failure;
use crate::journal::Journal;

/// How often it is told how it goes.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// What stands still for so long is given up.
const IDLE: Duration = Duration::from_secs(10);
/// How long after the asked time the last of it may come: buffers on the way are emptied.
const GRACE: Duration = Duration::from_secs(10);

/// Which way the bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the server.
    Up,
    /// From the server.
    Down,
    /// Both at once.
    Both,
}

/// What went one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Bytes that came and were right.
    pub bytes: u64,
    /// From the receiver's beginning to the last of them.
    pub time: Duration,
}

/// What went over all streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// To the server.
    pub up: Option<Flow>,
    /// From the server.
    pub down: Option<Flow>,
}

impl Moved {
    /// Takes another stream's in. They run side by side: the longest time is that of all.
    fn join(&mut self, other: Self) {
        for (all, one) in [(&mut self.up, other.up), (&mut self.down, other.down)] {
            let Some(one) = one else { continue };
            let all = all.get_or_insert_default();
            all.bytes += one.bytes;
            all.time = all.time.max(one.time);
        }
    }
}

/// What has gone over by now.
#[derive(Debug, Default)]
struct Gone {
    up: AtomicU64,
    down: AtomicU64,
}

impl Gone {
    fn all(&self) -> u64 {
        self.up.load(Ordering::Relaxed) + self.down.load(Ordering::Relaxed)
    }
}

/// What is to be moved.
#[derive(Clone, Copy, Debug)]
pub struct Haul {
    /// Which way.
    pub way: Way,
    /// Over how many streams side by side.
    pub streams: usize,
    /// For how long.
    pub time: Duration,
}

/// Moves bytes. Stopped, or failing on any stream, it tells what had gone by then.
pub async fn run(
    visit: &Arc<Visit>,
    haul: Haul,
    journal: &Journal,
    stop: &CancellationToken,
) -> (Moved, Option<Failure>) {
    let gone = Arc::new(Gone::default());
    let clock = journal.clock();
    let mut streams = JoinSet::new();
    for _ in 0..haul.streams {
        streams.spawn(stream(Arc::clone(visit), haul, clock, Arc::clone(&gone)));
    }
    let start = clock.now();
    let (mut next, mut told) = (start + TELL_EVERY, 0);
    let mut moved = Moved::default();
    let by_now = || by_now(&gone, haul.way, clock.now().saturating_sub(start));
    loop {
        tokio::select! {
            ended = streams.join_next() => match ended {
                Some(Ok(Ok(one))) => moved.join(one),
                Some(Ok(Err(failure))) => return (by_now(), Some(failure)),
                Some(Err(_)) => {}
                None => return (moved, None),
            },
            () = stop.cancelled() => return (by_now(), None),
            () = clock.until(Some(next)) => {
                let all = gone.all();
                let line = figures::live_bytes(next.saturating_sub(start), all - told);
                journal.screen().live(line);
                (next, told) = (next + TELL_EVERY, all);
            }
        }
    }
}

/// What had gone over when it ended before its end; a way that nothing went is left out.
fn by_now(gone: &Gone, way: Way, time: Duration) -> Moved {
    let flow = |bytes: &AtomicU64| {
        let bytes = bytes.load(Ordering::Relaxed);
        (bytes > 0).then_some(Flow { bytes, time })
    };
    Moved {
        up: flow(&gone.up).filter(|_| way != Way::Down),
        down: flow(&gone.down).filter(|_| way != Way::Up),
    }
}

/// One stream, from its call to its end.
async fn stream(
    visit: Arc<Visit>,
    haul: Haul,
    clock: Clock,
    gone: Arc<Gone>,
) -> Result<Moved, Failure> {
    let run = visit.run();
    let job = match haul.way {
        Way::Up => Job::Up(run),
        Way::Down => Job::Down(run, haul.time),
        Way::Both => Job::Both(run, haul.time),
    };
    let mut line = visit.start(job).await?;
    let endpoint = visit.endpoint();
    let moving = unless_idle(IDLE, || gone.all(), moved(&mut line, (haul, clock), &gone));
    let (sent, down) = match timeout(haul.time + GRACE, moving).await {
        Ok(Some(moved)) => moved.map_err(|error| told(endpoint, &error))?,
        Ok(None) => return Err(late(endpoint, &format!("nothing moved for {IDLE:?}"))),
        Err(_) => return Err(late(endpoint, &format!("goes on {GRACE:?} after its time"))),
    };
    let up = match sent {
        Some(sent) => Some(confirmed(&visit, &mut line, sent).await?),
        None => None,
    };
    line.hang_up();
    Ok(Moved { up, down })
}

/// What stood still, or went on and on.
fn late(endpoint: &str, what: &str) -> Failure {
    Failure {
        code: Code::Timeout,
        text: format!("the bench at `{endpoint}`: {what}"),
        hint: Some("the server or something on the way hangs, or holds too much".to_owned()),
    }
}

/// What goes over a stream on which the server goes along: what was sent, and what came.
async fn moved(
    line: &mut Line,
    (haul, clock): (Haul, Clock),
    gone: &Gone,
) -> Result<(Option<u64>, Option<Flow>), Broken> {
    let turns = if haul.way == Way::Both { Turns::Shared } else { Turns::Alone };
    let began = clock.now();
    let Line { incoming, outgoing } = line;
    let up = async {
        if haul.way == Way::Down {
            return Ok(None);
        }
        Ok(Some(pour(outgoing, (clock, began + haul.time), turns, &gone.up).await?))
    };
    let down = async {
        if haul.way == Way::Up {
            return Ok(None);
        }
        let bytes = drain(incoming, turns, &gone.down).await?;
        let time = clock.now().saturating_sub(began);
        if bytes == 0 && time < haul.time {
            return Err(Broken::Nothing);
        }
        Ok(Some(Flow { bytes, time }))
    };
    tokio::try_join!(up, down)
}

/// What the server says of what we sent: all of it, or it is a failure.
async fn confirmed(visit: &Visit, line: &mut Line, sent: u64) -> Result<Flow, Failure> {
    match visit.hear(line).await? {
        Answer::Received(bytes, time) if bytes == sent => Ok(Flow { bytes, time }),
        Answer::Received(bytes, _) => Err(Failure {
            code: Code::Integrity,
            text: format!("`{}` got {bytes} of {sent} bytes", visit.endpoint()),
            hint: Some("something on the way loses bytes".to_owned()),
        }),
        other => Err(broken(visit.endpoint(), other.to_string().trim_end())),
    }
}

/// Blocks that did not come as they were sent.
fn told(endpoint: &str, error: &Broken) -> Failure {
    match error {
        Broken::Io(_) | Broken::Closed => broken(endpoint, &error.to_string()),
        _ => Failure {
            code: Code::Integrity,
            text: format!("what came from `{endpoint}` is not what it sent: {error}"),
            hint: Some("something on the way changes bytes".to_owned()),
        },
    }
}
