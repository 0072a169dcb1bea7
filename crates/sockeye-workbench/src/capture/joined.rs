//! A capture joined with a tape of the same talk: which conversation of the tape has the
//! ends of one that was captured, and where its reads, writes and frames lie.

use std::net::SocketAddr;
use std::time::Duration;

use sockeye_tape::event::{Dir, Event, What};

use crate::capture::rulers::Row;
use crate::capture::summary::Summary;

/// The most conversations of a tape that are kept.
const MOST: usize = 4096;

/// What a tape knows of where bytes were cut.
#[derive(Debug, Default)]
pub struct Tape {
    talks: Vec<Talk>,
    left_out: u64,
}

/// One conversation of a tape.
#[derive(Debug)]
pub struct Talk {
    number: u64,
    local: SocketAddr,
    peer: SocketAddr,
    at: Duration,
    /// Of what came, and of what went.
    came: Cuts,
    went: Cuts,
}

#[derive(Debug)]
struct Cuts {
    end: u64,
    calls: Row,
    frames: Row,
}

impl Tape {
    /// Takes the tape's next event.
    pub fn take(&mut self, event: &Event<'_>) {
        if let What::Open(open) = &event.what {
            self.open(event, &open.local, &open.peer);
            return;
        }
        let Some(talk) = self.talks.iter_mut().rfind(|talk| talk.number == event.c) else {
            return;
        };
        match &event.what {
            What::In { bytes, .. } => talk.came.call(bytes.len()),
            What::Out { bytes, .. } => talk.went.call(bytes.len()),
            What::Frame { dir: Dir::In, off, len } => talk.came.frames.add(*off, *len),
            What::Frame { dir: Dir::Out, off, len } => talk.went.frames.add(*off, *len),
            _ => {}
        }
    }

    /// How many conversations were too many, or without addresses.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The conversation between the same ends: of several, the one that began nearest to
    /// `at`, since the start of the tape.
    pub fn talk(&self, summary: &Summary, at: Duration) -> Option<&Talk> {
        let ends = [summary.caller, summary.called];
        let same = |talk: &&Talk| ends.contains(&talk.local) && ends.contains(&talk.peer);
        self.talks.iter().filter(same).min_by_key(|talk| talk.at.abs_diff(at))
    }

    fn open(&mut self, event: &Event<'_>, local: &str, peer: &str) {
        let (Ok(local), Ok(peer)) = (local.parse::<SocketAddr>(), peer.parse::<SocketAddr>())
        else {
            self.left_out += 1;
            return;
        };
        if self.talks.len() >= MOST {
            self.left_out += 1;
            return;
        }
        self.talks.push(Talk {
            number: event.c,
            local: plain(local),
            peer: plain(peer),
            at: event.t,
            came: Cuts::new("reads"),
            went: Cuts::new("writes"),
        });
    }
}

impl Talk {
    /// Its rows over a direction of what was captured: reads where it was the receiver,
    /// writes where it was the sender, and frames if there are any.
    pub fn rows(&self, summary: &Summary, dir: Dir) -> Vec<Row> {
        let sender = if dir == Dir::Out { summary.caller } else { summary.called };
        let cuts = if self.local == sender { &self.went } else { &self.came };
        let rows = [&cuts.calls, &cuts.frames].into_iter();
        rows.filter(|row| !row.is_empty()).cloned().collect()
    }
}

impl Cuts {
    fn new(name: &'static str) -> Self {
        Self { end: 0, calls: Row::new(name), frames: Row::new("frames") }
    }

    fn call(&mut self, len: usize) {
        self.calls.add(self.end, len as u64);
        self.end += len as u64;
    }
}

/// As packets have it: no scope, and IPv4 as itself.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
