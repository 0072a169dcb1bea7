//! An echo that nobody looks into: what the peer says goes straight back.

use std::future::poll_fn;
use std::io;

use sockeye_net::mover::{Broken, Choice, Moved, Mover};
use sockeye_net::stream::Stream;
use tokio::time::sleep_until;

use super::input::Input;
use super::straight::first;
use super::{PeersEnd, Talk, Wake};

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
        tokio::select! {
            wake = echo, if may_come => wake,
            () = async { sleep_until(deadline.unwrap_or_else(tokio::time::Instant::now)).await },
                if deadline.is_some() => Wake::Time,
            () = self.attendant.is_asked() => Wake::Asked,
            () = self.terms.stop.cancelled() => Wake::Stop,
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

    /// Whether a peer that takes nothing keeps stdin from its end.
    pub(super) fn is_not_taking(&mut self) -> bool {
        let stopped =
            self.terms.stop.is_cancelled() || self.journal.screen().closed().is_cancelled();
        let held_up = self.terms.input.straight().is_some_and(|way| way.is_held_up());
        held_up && !stopped && self.peer_ended == PeersEnd::Open
    }

    /// What was taken to be sent, and has not gone, goes out.
    pub(super) async fn send_rest(&mut self) -> io::Result<()> {
        while let Some(mover) = self.terms.input.outward().filter(|mover| mover.held() > 0) {
            let writer = &mut self.stream.writer;
            match poll_fn(|cx| mover.poll_give(cx, writer)).await {
                Ok(Moved::Bytes { given, .. }) => self.count_out(given),
                Ok(Moved::Told(_) | Moved::End(_)) => {}
                Err(Broken::Source(error) | Broken::Target(error)) => return Err(error),
            }
        }
        Ok(())
    }
}
