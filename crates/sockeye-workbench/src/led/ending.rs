//! The ways in which a led conversation ends: in order, by a failure, by a cut that must
//! not look whole.

use std::time::Duration;

use sockeye_net::came::Came;
use sockeye_net::error::Code;
use sockeye_tape::event::{By, How, What};

use super::{Ended, Led};
use crate::closing::{Closing, Failure, Fate, LastLook, Parting};

/// How long a peer may take to end after us, and how long to take our end.
const FAREWELL: Duration = Duration::from_secs(1);
/// The most that is taken after our end.
const LAST_WORDS: u64 = 256 * 1024;

impl Led {
    /// The peer has closed, and this was still to be said.
    pub fn unsent(&mut self, line: &[u8]) -> Ended {
        let line = String::from_utf8_lossy(line).into_owned();
        let text = format!("`{}` closed before `{line}` was sent", self.peer());
        let hint = Some("it may have refused us, or been full: what does it say?".to_owned());
        self.fail(Failure { code: Code::Reset, text, hint })
    }

    /// The peer as an endpoint.
    pub fn peer(&self) -> String {
        self.stream.facts.peer_endpoint()
    }

    /// Keeps why it fails; the first failure stays.
    pub fn fail(&mut self, failure: Failure) -> Ended {
        if self.failure.is_none() {
            self.mark(By::Us, How::Error, None);
            self.failure = Some(failure);
        }
        Ended
    }

    /// The failure, where there was one.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    pub(super) fn stopped(&mut self) -> Ended {
        self.mark(By::Us, How::Fin, Some("stopped".to_owned()));
        Ended
    }

    pub(super) fn mark(&mut self, by: By, how: How, why: Option<String>) {
        self.first.get_or_insert((by, how, why));
    }

    /// Tells the peer that no more comes.
    pub async fn finish(&mut self) {
        if std::mem::replace(&mut self.our_end, true) {
            return;
        }
        self.mark(By::Us, How::Fin, None);
        // A peer that is gone has nobody to be told.
        let _gone = tokio::time::timeout(FAREWELL, self.stream.writer.finish()).await;
        self.step(|| "shutdown(SHUT_WR): our end".to_owned());
    }

    /// Cuts it by a RST (where TCP is underneath), so that what was cut does not look whole.
    pub fn abort(&mut self, why: impl Into<String>) {
        match &mut self.first {
            // What we had begun as an end in order has become none.
            Some((By::Us, how @ How::Fin, said)) => (*how, *said) = (How::Rst, Some(why.into())),
            _ => self.mark(By::Us, How::Rst, Some(why.into())),
        }
        self.our_end = true;
        self.peer_ended = true;
        self.stream.writer.abort();
        self.step(|| "SO_LINGER 0, close(): a RST".to_owned());
    }

    /// Our end, then what the peer still says, for a moment: closing with unread bytes would
    /// be a RST, and could cost the peer what it has not read yet. Returns how many bytes
    /// came.
    pub async fn farewell(&mut self) -> u64 {
        self.finish().await;
        let stop = self.terms.stop.clone();
        let before = self.taken();
        if !self.peer_ended && !stop.is_cancelled() {
            tokio::select! {
                () = self.last_words() => {}
                () = stop.cancelled() => {}
                () = tokio::time::sleep(FAREWELL) => {}
            }
        }
        self.held.clear();
        self.taken() - before
    }

    async fn last_words(&mut self) {
        let mut most = LAST_WORDS;
        while most > 0 {
            let bytes = match self.stream.reader.recv(super::READ).await {
                Ok(Came::Bytes(bytes) | Came::Message(bytes, _)) => bytes,
                Ok(Came::Told(_)) => continue,
                Ok(Came::End(_)) | Err(_) => break,
            };
            most = most.saturating_sub(bytes.len() as u64);
            self.count.bytes_in += bytes.len() as u64;
            let what = What::In { bytes: bytes.as_slice().into(), from: None };
            self.journal.record(self.terms.number, what);
        }
        self.peer_ended = true;
    }

    /// Closes it, and says how it went.
    pub async fn close(mut self) -> Closing {
        let cut = matches!(self.first, Some((_, How::Rst, _)));
        if !cut {
            self.farewell().await;
        }
        let aborted = matches!(self.first, Some((By::Us, How::Rst, _)));
        let fate = if aborted { Fate::Lost } else { Fate::Unknown };
        let parting = Parting { our_end: self.our_end, peers_end: self.peer_ended, fate };
        let last_look = LastLook::at(&self.stream, parting);
        let (by, how, why) = self.first.take().unwrap_or((By::Us, How::Fin, None));
        let closing = Closing {
            by,
            how,
            why,
            count: self.count,
            framed: self.count.frames_in + self.count.frames_out > 0,
            lasted: self.journal.clock().now().saturating_sub(self.opened),
            met: true,
            failure: self.failure.take(),
            last_look,
            moved: None,
        };
        self.step(|| "close()".to_owned());
        self.journal.record(self.terms.number, What::Close(closing.event()));
        self.journal.settle().await;
        closing
    }
}
