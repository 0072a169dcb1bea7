//! A relay that listens: its left side bound, and what each who calls there gets.

use std::sync::Arc;

use sockeye_net::datagram::Datagrams;
use sockeye_net::dial::Dial;
use sockeye_net::endpoint::{Endpoint, Target};
use sockeye_net::listen::Listener;
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::closing::Failure;
use crate::journal::Journal;
use crate::plan::Plan;
use crate::relay::Guard;
use crate::relay::ends::{acts, refuse_itself};
use crate::relay_datagrams::{DatagramRelay, relay_datagrams};
use crate::roster::Roster;
use crate::server::{Server, Service, serve};

/// What a relay goes by.
#[derive(Debug)]
pub struct Terms {
    /// How the right side is called; names on the left are looked up alike.
    pub how: Dial,
    /// Who is let in.
    pub access: Access,
    /// Framing, limits, faults; its idle time is also that after which a sender of datagrams
    /// is forgotten.
    pub plan: Arc<Plan>,
    /// Cancelled when no more callers are wanted; those who are in stay.
    pub closed: CancellationToken,
    /// Cancelled when the run ends.
    pub stop: CancellationToken,
}

/// A relay that is bound, and has taken nobody in yet.
#[derive(Debug)]
pub enum Relaying {
    /// A conversation for each caller.
    Streams(Box<Listener>, Arc<Server>),
    /// A lane for each sender.
    Datagrams(Box<Datagrams>, Box<DatagramRelay>),
}

impl Relaying {
    /// Binds `left`. Fails if that cannot be bound, and if `right` is `left` itself.
    pub async fn bind(left: &Endpoint, right: Endpoint, terms: Terms) -> Result<Self, Failure> {
        let Terms { how, access, plan, closed, stop } = terms;
        if left.is_datagram() {
            let socket = Datagrams::bind(left, how.lookup).await?;
            refuse_itself(socket.address_for(&right), &right, how.lookup).await?;
            let (forget, faults) = (plan.idle_timeout, plan.faults.clone());
            let relay = DatagramRelay { target: right, how, access, forget, faults, stop };
            return Ok(Self::Datagrams(Box::new(socket), Box::new(relay)));
        }
        let mut listener = Listener::bind(left, how.lookup).await?;
        refuse_itself(listener.address_for(&right), &right, how.lookup).await?;
        let guard = if acts(&right) { Guard::NoBrowser } else { Guard::Open };
        if guard == Guard::NoBrowser {
            listener.bar_browsers();
        }
        // A serial port has one user at a time: the next caller waits for it.
        let serial = matches!(right.target, Target::Serial(_));
        let service = match right.target {
            Target::Exec(argv) => Service::Child(argv, guard),
            target => {
                Service::Relay(Box::new(Endpoint { target, options: right.options }), how, guard)
            }
        };
        let server = Server { service, plan, access, serial, operated: false, closed, stop };
        Ok(Self::Streams(Box::new(listener), Arc::new(server)))
    }

    /// The endpoint that is bound, in its canonical form.
    pub fn canonical(&self) -> &str {
        match self {
            Self::Streams(listener, _) => listener.canonical(),
            Self::Datagrams(socket, _) => socket.canonical(),
        }
    }

    /// The endpoints that other machines can reach, where every address is bound.
    pub fn dialable(&self) -> &[String] {
        match self {
            Self::Streams(listener, _) => listener.dialable(),
            Self::Datagrams(socket, _) => socket.dialable(),
        }
    }

    /// Relays until stopped, and until the last caller has left.
    pub async fn run(self, journal: Arc<Journal>, roster: Arc<Roster>) {
        match self {
            Self::Streams(listener, server) => serve(*listener, server, journal, roster).await,
            Self::Datagrams(socket, relay) => relay_datagrams(*socket, *relay, journal).await,
        }
    }
}
