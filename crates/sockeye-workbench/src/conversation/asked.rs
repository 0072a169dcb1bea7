//! What calls a conversation away from its bytes: the stop of its run, and the question how
//! it fares.

use sockeye_net::tcp_info::TcpInfo;

use super::{Talk, Wake};
use crate::fares::Fares;

impl<'j> Talk<'j> {
    /// Waits for what may call it away from its bytes. Made once and not each turn, since
    /// each of its waits is entered in a list and taken out again.
    pub(super) fn called(&self) -> impl Future<Output = Wake> + use<'j> {
        let (stop, asked) = (self.terms.stop.clone(), self.attendant.is_asked());
        async move {
            tokio::select! {
                () = stop.cancelled() => Wake::Stop,
                () = asked => Wake::Asked,
            }
        }
    }

    /// How the connection fares, for whoever asked every conversation.
    pub(super) fn answer(&mut self) {
        let questions = self.attendant.questions();
        let line = questions.want_lines()
            && TcpInfo::of(&self.stream).is_some()
            && self.attendant.take_place();
        if !line && !questions.want_fares() {
            return;
        }
        let fares = Fares::of_stream(self.terms.number, &self.stream);
        if let Some(line) = fares.line().filter(|_| line) {
            self.journal.say(line);
        }
        questions.answer(&[fares]);
    }

    pub(super) fn inform(&self) {
        for line in Fares::of_stream(self.terms.number, &self.stream).lines() {
            self.journal.say(line);
        }
    }
}
