//! Which TCP ports of a host are open: a connect to each, a few at a time, nothing sent.

use std::time::Duration;

use sockeye_net::dial::{Dial, dial};
use sockeye_net::endpoint::{Endpoint, Target};
use sockeye_net::error::NetError;
use sockeye_net::host::HostPort;
use sockeye_net::options::Options;
use tokio::task::JoinSet;

/// Connects under way at once.
const AT_ONCE: usize = 64;

/// What a port answered: the address that took the connection, or why not.
pub type Answer = (u16, Result<String, NetError>);

/// Tries every port, and gives each answer to `told` in the order of the ports.
pub async fn scan(
    host: &HostPort,
    ports: &[u16],
    how: Dial,
    options: &Options,
    mut told: impl FnMut(Answer),
) {
    let mut waiting = ports.iter().copied();
    let mut under_way = JoinSet::new();
    let mut answers = std::collections::BTreeMap::new();
    let mut next = ports.iter().copied().peekable();
    loop {
        while under_way.len() < AT_ONCE {
            let Some(port) = waiting.next() else { break };
            let at = HostPort { host: host.host.clone(), port };
            let endpoint = Endpoint { target: Target::Tcp(at), options: options.clone() };
            under_way.spawn(async move { (port, dial(&endpoint, how, None).await) });
        }
        let Some(answer) = under_way.join_next().await else {
            return;
        };
        if let Ok((port, result)) = answer {
            answers.insert(port, result.map(|stream| stream.facts.peer));
        }
        while let Some(port) = next.peek().copied() {
            let Some(result) = answers.remove(&port) else {
                break;
            };
            told((port, result));
            next.next();
        }
    }
}

/// The time one connect may take while scanning, unless `-w` says otherwise.
pub const WITHIN: Duration = Duration::from_secs(3);
