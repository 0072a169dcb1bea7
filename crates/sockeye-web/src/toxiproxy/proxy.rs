//! One proxy: a relay that can be stopped and started, and the toxics on it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use sockeye_net::circle::calls_itself;
use sockeye_net::endpoint::Endpoint;
use sockeye_net::listen::Listener;
use sockeye_net::options::Options;
use sockeye_net::resolve::{Lookup, resolve};
use sockeye_workbench::fault::MOST;
use sockeye_workbench::fault::read::Spec;
use sockeye_workbench::fault::shared::Faults;
use sockeye_workbench::plan::Plan;
use sockeye_workbench::relay::Guard;
use sockeye_workbench::roster::Roster;
use sockeye_workbench::server::{Server, Service, serve};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::toxiproxy::draft;
use crate::toxiproxy::proxies::Setting;
use crate::toxiproxy::refusal::Refusal;
use crate::toxiproxy::toxic::{Stream, Toxic};

/// How long the resolver may think of a name while others wait to be answered.
const LOOKUP: Duration = Duration::from_secs(5);

/// How long the conversations of a proxy that is stopped are waited for: they end at once,
/// unless the tape or stdout holds them up.
const PARTING: Duration = Duration::from_secs(5);

/// A proxy.
#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) name: String,
    /// As the client wrote it; once it has listened, the address.
    pub(super) listen: String,
    pub(super) upstream: String,
    pub(super) toxics: Vec<Toxic>,
    /// What the toxics are to the relay.
    faults: Arc<Faults>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    reach: Reach,
    /// Ends it when dropped.
    stop: DropGuard,
    serving: JoinHandle<()>,
}

/// Where a proxy that runs listens, and what it calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    own: SocketAddr,
    targets: Vec<SocketAddr>,
}

/// A proxy as it is answered.
#[derive(Debug, Serialize)]
pub(super) struct Shown<'p> {
    name: &'p str,
    listen: &'p str,
    upstream: &'p str,
    enabled: bool,
    toxics: Vec<&'p Toxic>,
}

impl Proxy {
    /// A proxy that does not listen yet. What it is to open has been looked at; a name is
    /// looked up when it starts.
    pub(super) fn new(
        name: String,
        listen: String,
        upstream: String,
        seed: u64,
    ) -> Result<Self, Refusal> {
        draft::listen(&listen)?;
        draft::upstream(&upstream)?;
        let faults = Arc::new(Faults::new(Vec::new(), seed));
        Ok(Self { name, listen, upstream, toxics: Vec::new(), faults, running: None })
    }

    /// Whether it listens.
    pub(super) fn runs(&self) -> bool {
        self.running.is_some()
    }

    /// Whether a client that writes this means where it is, or was, listening.
    pub(super) async fn listens_at(&self, listen: &str, lookup: Lookup) -> bool {
        if self.listen == listen {
            return true;
        }
        let (Ok(own), Ok(meant)) = (self.listen.parse(), draft::listen(listen)) else {
            return false;
        };
        targets(&meant, lookup).await.contains(&own)
    }

    /// Where it listens and what it calls, while it runs.
    pub(super) fn reach(&self) -> Option<&Reach> {
        self.running.as_ref().map(|running| &running.reach)
    }

    /// As it is answered.
    pub(super) fn shown(&self) -> Shown<'_> {
        Shown {
            name: &self.name,
            listen: &self.listen,
            upstream: &self.upstream,
            enabled: self.runs(),
            toxics: self.toxics(),
        }
    }

    /// Its toxics in toxiproxy's order.
    pub(super) fn toxics(&self) -> Vec<&Toxic> {
        let (up, down): (Vec<_>, Vec<_>) =
            self.toxics.iter().partition(|toxic| toxic.stream == Stream::Up);
        up.into_iter().chain(down).collect()
    }

    /// Begins to listen, unless it does. `others` are the proxies that run.
    pub(super) async fn start(
        &mut self,
        setting: &Setting,
        others: &[Reach],
    ) -> Result<(), Refusal> {
        if self.runs() {
            return Ok(());
        }
        let lookup = setting.how.lookup;
        let upstream = draft::upstream(&self.upstream)?;
        let targets = targets(&upstream, lookup).await;
        let bound = Listener::bind(&draft::listen(&self.listen)?, lookup).await;
        let listener = bound.map_err(|error| Refusal::failed(&error))?;
        let Some(own) = listener.address() else {
            return Err(Refusal::denied("a proxy listens on TCP", "as in 127.0.0.1:0"));
        };
        let reach = Reach { own, targets };
        refuse_circles(&reach, setting.control, others).map_err(|why| {
            Refusal::denied(format!("`{}` {why}", self.upstream), "give another upstream")
        })?;
        self.listen = own.to_string();
        setting.journal.listening(listener.canonical());
        let name = sockeye_text::safe::one_line(&self.name);
        setting.journal.say(format!("  proxy `{name}` to {upstream}"));
        setting.journal.settle().await;
        let stop = setting.stop.child_token();
        let server = Arc::new(Server {
            service: Service::Relay(Box::new(upstream), setting.how.clone(), Guard::Open),
            plan: Arc::new(Plan { faults: Some(Arc::clone(&self.faults)), ..setting.plan.clone() }),
            access: setting.access.clone(),
            serial: false,
            operated: false,
            closed: CancellationToken::new(),
            stop: stop.clone(),
        });
        let roster = Arc::new(Roster::default());
        let serving = tokio::spawn(serve(listener, server, Arc::clone(&setting.journal), roster));
        self.running = Some(Running { reach, stop: stop.drop_guard(), serving });
        Ok(())
    }

    /// Stops listening and ends every conversation; returns when the port is free again.
    pub(super) async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            drop(running.stop);
            // Late conversations end by themselves: they have been told.
            drop(timeout(PARTING, running.serving).await);
        }
    }

    /// Puts other toxics on it, at once; what they held back is let go as toxiproxy does.
    pub(super) fn put(&mut self, toxics: Vec<Toxic>) -> Result<(), Refusal> {
        if toxics.len() > MOST {
            return Err(Refusal::too_many(format!("{MOST} toxics are the most on one proxy")));
        }
        let texts: Vec<String> = toxics.iter().map(Toxic::fault).collect();
        let Spec(faults) = texts.join(";").parse().map_err(Refusal::bad_body)?;
        self.faults.set(faults);
        self.toxics = toxics;
        Ok(())
    }
}

/// The addresses that an endpoint has now. A name without one may have one later; the relay
/// asks again for each client, and does not call itself.
async fn targets(endpoint: &Endpoint, lookup: Lookup) -> Vec<SocketAddr> {
    let beside = endpoint.options.sets_out_beside(&Options::default());
    let Some(at) = endpoint.at().filter(|_| beside) else {
        return Vec::new();
    };
    match timeout(LOOKUP, resolve(at, lookup)).await {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

/// Refuses a proxy that would reach itself, by others or not, or the port that this is asked
/// for on.
fn refuse_circles(new: &Reach, control: SocketAddr, others: &[Reach]) -> Result<(), &'static str> {
    let mut waiting = new.targets.clone();
    let mut passed = vec![false; others.len()];
    while let Some(target) = waiting.pop() {
        if calls_itself(control, target) {
            return Err("is the port of this API: a proxy's callers could change the proxies");
        }
        if calls_itself(new.own, target) {
            return Err("is the proxy itself: it would call itself for ever");
        }
        for (other, passed) in others.iter().zip(&mut passed) {
            if !*passed && calls_itself(other.own, target) {
                *passed = true;
                waiting.extend(&other.targets);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn reach(own: &str, target: &str) -> Reach {
        Reach { own: at(own), targets: vec![at(target)] }
    }

    #[test]
    fn a_proxy_that_would_reach_itself_or_the_api_is_refused() {
        let control = at("127.0.0.1:8474");
        let judge = |new: &Reach, others: &[Reach]| refuse_circles(new, control, others).is_ok();
        assert!(judge(&reach("127.0.0.1:1", "127.0.0.1:2"), &[]));
        assert!(!judge(&reach("127.0.0.1:1", "127.0.0.1:1"), &[]));
        assert!(!judge(&reach("[::]:1", "127.0.0.1:1"), &[]));
        assert!(!judge(&reach("127.0.0.1:1", "127.0.0.1:8474"), &[]));
        assert!(!judge(&reach("127.0.0.1:1", "[::ffff:127.0.0.1]:8474"), &[]));
    }

    #[test]
    fn a_chain_of_proxies_may_be_long_and_may_not_be_a_circle() {
        let control = at("127.0.0.1:8474");
        let others = [
            reach("127.0.0.1:2", "127.0.0.1:3"),
            reach("127.0.0.1:3", "127.0.0.1:4"),
            reach("127.0.0.1:9", "127.0.0.1:9"),
        ];
        let judge = |new: &Reach| refuse_circles(new, control, &others).is_ok();
        assert!(judge(&reach("127.0.0.1:1", "127.0.0.1:2")));
        assert!(!judge(&reach("127.0.0.1:4", "127.0.0.1:2")));
        assert!(judge(&reach("127.0.0.1:5", "127.0.0.1:9")), "another's circle ends the search");
    }
}
