//! A lane with faults: its datagrams wait in it, and go on when their time has come.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sockeye_net::datagram::batch::Parcel;
use sockeye_net::datagram::{Datagram, Datagrams, Ear, Sender};
use sockeye_tape::event::{How, What};
use tokio_util::sync::CancellationToken;

use crate::fault::Dir;
use crate::fault::datagram;
use crate::fault::read::Spec;
use crate::fault::unit::Act;
use crate::journal::Journal;
use crate::relay_datagrams::Lane;

impl Lane {
    /// Brings answers back, and carries out what the faults want, until the lane has been
    /// silent for `forget` and holds nothing; returns whose it was.
    pub(super) async fn bring_back_disturbed(
        self: Arc<Self>,
        faults: Arc<datagram::Lane>,
        left: Arc<Datagrams>,
        journal: Arc<Journal>,
        (forget, stop): (Duration, CancellationToken),
    ) -> (Sender, Ear) {
        let mut changes = faults.changes();
        let mut deadline = tokio::time::Instant::now() + forget;
        let how = loop {
            self.carry_out(&faults, &left, &journal).await;
            tokio::select! {
                came = self.right.recv() => match came {
                    Ok(Datagram { bytes, from, .. }) => {
                        let from = Some(from.to_string());
                        journal.tally().came(bytes.len());
                        journal.record(self.numbers.1, What::In { bytes: bytes.as_slice().into(), from });
                        self.disturb(&faults, Dir::Down, &bytes, &journal);
                    }
                    Err(error) => self.note(self.numbers.1, &error, &journal),
                },
                () = self.busy.notified() => {}
                Ok(()) = changes.changed() => {
                    let set = Spec(changes.borrow_and_update().to_vec());
                    let text = format!("from now on: {set}");
                    journal.record(self.numbers.0, What::Fault { text });
                }
                () = journal.clock().until(faults.deadline()) => {}
                () = tokio::time::sleep_until(deadline), if !faults.holds() => break How::Timer,
                () = stop.cancelled() => break How::Fin,
            }
            deadline = tokio::time::Instant::now() + forget;
        };
        self.closed(how, &journal);
        (self.from.clone(), self.ear)
    }

    /// Puts a datagram in; what is lost for want of room is told.
    pub(super) fn disturb(
        &self,
        faults: &datagram::Lane,
        dir: Dir,
        bytes: &[u8],
        journal: &Journal,
    ) {
        if let Some(text) = faults.take(journal.clock().now(), dir, bytes) {
            if !self.overflowed.swap(true, Ordering::Relaxed) {
                journal.say(format!("note: for {}: {text}, and maybe more after it", self.from));
            }
            journal.record(self.number(dir), What::Fault { text });
        }
    }

    async fn carry_out(&self, faults: &datagram::Lane, left: &Datagrams, journal: &Journal) {
        for (dir, act) in faults.due(journal.clock().now()) {
            let bytes = match act {
                Act::Told(text) => {
                    journal.record(self.number(dir), What::Fault { text });
                    continue;
                }
                Act::Write { bytes, .. } => bytes,
                _ => continue,
            };
            let (socket, to) = match dir {
                Dir::Up => (&self.right, None),
                Dir::Down => (left, Some(&self.from)),
            };
            self.send_all(dir, socket, &[Parcel { bytes: &bytes, to }], journal).await;
        }
        journal.settle().await;
    }

    fn number(&self, dir: Dir) -> u64 {
        match dir {
            Dir::Up => self.numbers.0,
            Dir::Down => self.numbers.1,
        }
    }
}
