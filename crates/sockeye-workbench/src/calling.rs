//! Calling an endpoint and talking there, once or again each time the peer has gone.

use std::sync::Arc;
use std::time::Duration;

use sockeye_net::datagram::Datagrams;
use sockeye_net::dial::{Dial, dial};
use sockeye_net::endpoint::Endpoint;
use sockeye_net::error::{Code, NetError};
use sockeye_tape::event::{By, Role};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::closing::Closing;
use crate::conversation::input::Input;
use crate::conversation::{Conversation, Terms};
use crate::datagrams::{DatagramTerms, converse_datagrams};
use crate::journal::Journal;
use crate::plan::Plan;
use crate::roster::{Addressed, Roster};

/// How much is said of a connection that came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Nothing.
    #[default]
    Little,
    /// With whom, and how it is carried (`-v`).
    More,
}

/// Our end of a line: what it takes to connect, once or again.
#[derive(Debug)]
pub struct Line {
    /// How the endpoint is dialled.
    pub how: Dial,
    /// What is done in each conversation.
    pub plan: Arc<Plan>,
    /// Where the conversations are entered.
    pub roster: Arc<Roster>,
    /// Given to the roster, so that they can be told things; its other end is `input`.
    pub door: Option<Sender<Addressed>>,
    /// Where what we say comes from; handed from one conversation to the next.
    pub input: Input,
    /// Where it is told.
    pub journal: Arc<Journal>,
    /// How much.
    pub detail: Detail,
    /// Cancelled when the run ends.
    pub stop: CancellationToken,
}

/// What there is to warn of before an endpoint is called: what is not checked, each time.
pub fn warning(endpoint: &Endpoint) -> Option<String> {
    endpoint.options.insecure.then(|| {
        format!(
            "warning: insecure: the certificate of `{endpoint}` is not checked, anybody could \
             be at the other end"
        )
    })
}

impl Line {
    /// Talks at the endpoint to the end; with `again`, connects anew that long after the peer
    /// has gone. Returns how the last conversation ended; none: stopped between two.
    pub async fn talk(
        &mut self,
        endpoint: &Endpoint,
        again: Option<Duration>,
    ) -> Result<Option<Closing>, NetError> {
        if endpoint.is_datagram() {
            return self.datagrams(endpoint).await.map(Some);
        }
        match again {
            None => self.stream(endpoint).await,
            Some(pause) => self.again_and_again(endpoint, pause).await,
        }
    }

    async fn datagrams(&mut self, endpoint: &Endpoint) -> Result<Closing, NetError> {
        let socket = Datagrams::dial(endpoint, self.how.clone()).await?;
        self.say(format!("sending to {}", socket.canonical()));
        let terms = DatagramTerms {
            role: Role::Dial,
            plan: Arc::clone(&self.plan),
            orders: std::mem::take(&mut self.input).orders(),
            door: self.door.clone(),
            access: Access::default(),
            first_alone: true,
            stop: self.stop.clone(),
        };
        Ok(converse_datagrams(socket, terms, &self.journal, &self.roster).await)
    }

    async fn stream(&mut self, endpoint: &Endpoint) -> Result<Option<Closing>, NetError> {
        let stream = tokio::select! {
            stream = dial(endpoint, self.how.clone(), None) => stream?,
            () = self.stop.cancelled() => return Ok(None),
        };
        let peer = &stream.facts.peer.to_string();
        self.say(format!("connected to {}", stream.facts.peer_endpoint()));
        if let Some(told) = &stream.facts.told {
            self.say(told.clone());
        }
        let number = self.journal.number();
        let stop = self.stop.child_token();
        let place = self.roster.enter(number, peer.clone(), self.door.clone(), stop.clone());
        let terms = Terms {
            role: Role::Dial,
            number,
            plan: Arc::clone(&self.plan),
            input: std::mem::take(&mut self.input),
            stop,
        };
        self.journal.tally().opened();
        let over = Conversation::open(stream, terms, &self.journal).run().await;
        self.journal.tally().closed();
        drop(place);
        self.input = over.input;
        Ok(Some(over.closing))
    }

    /// Connects anew each time the peer has gone, until stopped or until our own input has
    /// ended. The gap is said.
    async fn again_and_again(
        &mut self,
        endpoint: &Endpoint,
        pause: Duration,
    ) -> Result<Option<Closing>, NetError> {
        let mut waiting = false;
        loop {
            match self.stream(endpoint).await {
                Ok(None) => return Ok(None),
                Ok(Some(closing)) => {
                    waiting = false;
                    if self.stop.is_cancelled() || closing.by == By::Us {
                        return Ok(Some(closing));
                    }
                    self.journal.say(format!("{closing}; connecting again every {pause:?}"));
                }
                Err(error) if is_final(&error) => return Err(error),
                Err(error) if !waiting => {
                    waiting = true;
                    self.journal.say(format!("{error}; trying again every {pause:?}"));
                }
                Err(_) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => return Ok(None),
            }
        }
    }

    fn say(&self, line: String) {
        if self.detail == Detail::More {
            self.journal.say(line);
        }
    }
}

/// Whether it would fail in the same way for ever.
fn is_final(error: &NetError) -> bool {
    error.code() == Code::Usage || matches!(error, NetError::Circle { .. })
}
