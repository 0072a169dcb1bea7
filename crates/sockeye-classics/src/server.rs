//! A program's server: bound, talked to as its row says, until its own end or that of the
//! run. Bound and served are two steps: between them callers wait in the backlog.

use std::net::SocketAddr;
use std::sync::Arc;

use sockeye_net::datagram::Datagrams;
use sockeye_net::endpoint::Endpoint;
use sockeye_net::error::NetError;
use sockeye_net::listen::Listener;
use sockeye_net::resolve::Lookup;
use sockeye_tape::event::Role;
use sockeye_workbench::access::Access;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::conversation::input::Input;
use sockeye_workbench::datagrams::{DatagramTerms, converse_datagrams};
use sockeye_workbench::journal::Journal;
use sockeye_workbench::plan::Plan;
use sockeye_workbench::roster::{Roster, orders};
use sockeye_workbench::server::{self, Service, serve_in_turn};
use tokio_util::sync::CancellationToken;

use crate::catalogue::{Program, Transport};
use crate::explain::Explainer;
use crate::preset::{self, Takes};
use crate::witness::Witness;

/// Where a program's server stands.
#[derive(Debug)]
pub enum Socket {
    /// Callers connect.
    Stream(Box<Listener>),
    /// Datagrams come.
    Datagrams(Box<Datagrams>),
}

impl Socket {
    /// Binds what the program's transport wants.
    pub async fn bind(
        transport: Transport,
        endpoint: &Endpoint,
        lookup: Lookup,
    ) -> Result<Self, NetError> {
        Ok(match transport {
            Transport::Tcp => Self::Stream(Box::new(Listener::bind(endpoint, lookup).await?)),
            Transport::Udp => Self::Datagrams(Box::new(Datagrams::bind(endpoint, lookup).await?)),
        })
    }

    /// The endpoint that is bound, with the port that was chosen.
    pub fn canonical(&self) -> &str {
        match self {
            Self::Stream(listener) => listener.canonical(),
            Self::Datagrams(socket) => socket.canonical(),
        }
    }

    /// What others can dial.
    pub fn dialable(&self) -> &[String] {
        match self {
            Self::Stream(listener) => listener.dialable(),
            Self::Datagrams(socket) => socket.dialable(),
        }
    }

    /// Whether other machines may reach it.
    pub fn is_wide(&self) -> bool {
        self.address().is_some_and(|at| !at.ip().to_canonical().is_loopback())
    }

    /// Cuts browsers off, where there are callers.
    pub fn bar_browsers(&mut self) {
        if let Self::Stream(listener) = self {
            listener.bar_browsers();
        }
    }

    fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Stream(listener) => listener.address(),
            Self::Datagrams(socket) => socket.address(),
        }
    }
}

/// A program's server about to serve.
#[derive(Debug)]
pub struct Server {
    /// Which program.
    pub program: Program,
    /// What it was bound to.
    pub endpoint: Endpoint,
    /// Talk by the plan, or a protocol.
    pub service: Service,
    /// What is done in each conversation.
    pub plan: Arc<Plan>,
    /// Who is let in.
    pub access: Access,
    /// Where its conversations can be told things.
    pub roster: Arc<Roster>,
    /// Where everything that happens goes.
    pub journal: Arc<Journal>,
    /// Cancelled when the run ends.
    pub stop: CancellationToken,
    /// After one client the next, where the program usually ends.
    pub again: bool,
    /// Whether an operator tells conversations things.
    pub operated: bool,
    /// Whether the handshakes and closes on the wire are told.
    pub explains: bool,
}

impl Server {
    /// The calls by which it came to stand.
    pub fn explain(&self, socket: &Socket) {
        let canonical = socket.canonical();
        let address = canonical.split_once("://").map_or(canonical, |(_, address)| address);
        // Port 0 is what was asked for, and another one what was bound.
        let asked = match (self.endpoint.at().map(|at| at.port), address.rsplit_once(':')) {
            (Some(0), Some((host, _))) => format!("{host}:0"),
            _ => address.to_owned(),
        };
        for line in Explainer::standing(self.program, &asked, address) {
            self.journal.say(line);
        }
    }

    /// The call by which it takes whoever comes.
    pub fn explain_waiting(&self) {
        self.journal.say(Explainer::waiting(self.program));
    }

    /// Serves to its end. Returns how the one conversation ended that was meant.
    pub async fn run(self, socket: Socket) -> Option<Closing> {
        match socket {
            Socket::Stream(listener) => self.streams(*listener).await,
            Socket::Datagrams(socket) => self.datagrams(*socket).await,
        }
    }

    async fn streams(self, listener: Listener) -> Option<Closing> {
        let port = listener.address().map(|at| at.port()).filter(|_| self.explains);
        let witness = port.and_then(|port| Witness::open(&self.endpoint, port, &self.journal));
        let telling = witness.map(|witness| witness.tell(None, &self.journal));
        let server = server::Server {
            service: self.service,
            access: self.access,
            serial: false,
            operated: self.operated,
            closed: self.plan.halt.clone(),
            stop: self.stop,
            plan: self.plan,
        };
        let journal = &self.journal;
        let closing = match preset::takes(self.program) {
            Takes::Many => {
                let server = Arc::new(server);
                server::serve(listener, server, Arc::clone(journal), self.roster).await;
                None
            }
            Takes::One if !self.again => {
                serve_in_turn(listener, &server, false, Input::Nothing, journal).await
            }
            Takes::One | Takes::InTurn => {
                serve_in_turn(listener, &server, true, Input::Nothing, journal).await
            }
        };
        if let Some(telling) = telling {
            telling.end().await;
        }
        closing
    }

    async fn datagrams(self, socket: Datagrams) -> Option<Closing> {
        let (door, orders) = if self.operated {
            let (door, queue) = orders();
            (Some(door), Some(queue))
        } else {
            (None, None)
        };
        let once = self.program == Program::UdpOnce;
        let terms = DatagramTerms {
            role: Role::Accept,
            plan: self.plan,
            orders,
            door,
            access: self.access,
            first_alone: once,
            stop: self.stop,
        };
        let closing = converse_datagrams(socket, terms, &self.journal, &self.roster).await;
        // What the last line says has been said where it was one among many.
        Some(closing).filter(|_| once)
    }
}
