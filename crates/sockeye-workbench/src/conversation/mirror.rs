//! An echo that nobody looks into: what the peer says goes straight back.

use std::future::poll_fn;
use std::pin::pin;

use sockeye_net::mover::{Broken, Choice, Moved, Mover};
use sockeye_net::stream::Stream;

use super::input::Input;
use super::straight::{first, interrupted};
use super::{PeersEnd, Talk, Wake};
use crate::aside::aside;

impl Input {
    /// What the peer says is said back, where that is all that is wanted.
    pub(super) fn mirror(stream: &Stream) -> Self {
        Self::Mirror(Mover::between(&stream.reader, &stream.writer, Choice::Cheapest))
    }
}

/// What ended the echo, or has to be told of it.
pub(super) type Mirrored = Result<Moved, Broken>;

impl Talk<'_> {
    /// [`Talk::wake`] of an echo. It goes on for as long as there is nothing to tell, so that what
    /// is waited for beside it is waited for once, not for each answer.
    pub(super) async fn wake_mirror(&mut self) -> Wake {
        let deadline = self.deadline().map(|at| self.journal.clock().instant(at));
        let may_come = self.peer_ended == PeersEnd::Open;
        let Input::Mirror(mover) = &mut self.terms.input else {
            return Wake::Time;
        };
        let Stream { reader, writer, .. } = &mut self.stream;
        let (count, last, reads) = (&mut self.count, &mut self.last, &mut self.reads);
        let (clock, tally) = (self.journal.clock(), self.journal.tally());
        let echo = async {
            if *reads == 0 {
                *reads = 1;
                return Wake::Step(first(reader).await);
            }
            loop {
                match poll_fn(|cx| mover.poll(cx, reader, writer)).await {
                    Ok(Moved::Bytes { taken, given }) => {
                        count.bytes_in += taken as u64;
                        count.bytes_out += given as u64;
                        tally.came(taken);
                        tally.went(given);
                        *last = clock.now();
                    }
                    other => return Wake::Mirrored(other),
                }
            }
        };
        let beside = pin!(interrupted(deadline, &self.attendant, &self.terms.stop));
        tokio::select! {
            wake = echo, if may_come => wake,
            wake = aside(beside) => wake,
        }
    }

    pub(super) fn mirrored(&mut self, mirrored: Mirrored) {
        match mirrored {
            Ok(Moved::Bytes { .. }) => {}
            Ok(Moved::Told(text)) => self.journal.tell(self.terms.number, text),
            Ok(Moved::End(words)) => self.peer_ends(words),
            Err(Broken::Source(error)) => self.broken("receive from", &error),
            Err(Broken::Target(error)) => {
                self.waiting = self.terms.input.outward().map_or(0, |mover| mover.held());
                // What the peer still says is taken, and not answered.
                self.terms.input = Input::Nothing;
                self.write_failed(&error);
            }
        }
    }
}
