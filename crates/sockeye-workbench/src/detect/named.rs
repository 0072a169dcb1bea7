//! Protocols by name. Each has a reader that knows what may stand in a message; what it does
//! not know is the counter-example. A reader of one kind steps from message to message by
//! itself, one of the other looks at the frames that a framing finds.

pub(crate) mod steps;
mod framed;
mod http;
mod websocket;
mod redis;
mod mqtt;
mod greeting;

use crate::detect::candidate::{Candidate, Rank};
use crate::detect::subject::Subject;

/// The evidence that it takes to be put before all that is known by its frames alone.
const SURE: f64 = 24.0;

/// The share that it takes, in percent.
const MOSTLY: f64 = 90.0;

/// Every protocol that fits.
pub(crate) fn candidates(subject: &Subject<'_>) -> Vec<Candidate> {
    let mut found = framed::candidates(subject);
    let read = [
        http::candidate(subject),
        websocket::candidate(subject),
        redis::candidate(subject),
        mqtt::candidate(subject),
        greeting::ssh(subject),
    ];
    found.extend(read.into_iter().flatten());
    let sure = |one: Candidate| {
        let sure = one.bits >= SURE && one.share >= MOSTLY;
        if sure { one.ranked(Rank::Named) } else { one }
    };
    found.into_iter().map(sure).collect()
}
