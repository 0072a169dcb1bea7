//! `sockeye relay --toxiproxy`: the relay that toxiproxy's clients make and disturb.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use sockeye_net::circle::Forbidden;
use sockeye_net::dial::{Dial, FileUse};
use sockeye_net::endpoint::{Endpoint, Purpose, Target};
use sockeye_net::host::Host;
use sockeye_net::listen::Listener;
use sockeye_net::resolve::resolve;
use sockeye_web::toxiproxy::api;
use sockeye_web::toxiproxy::draft::ProxyDraft;
use sockeye_web::toxiproxy::proxies::{Proxies, Setting};
use sockeye_web::toxiproxy::refusal::Refusal;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::fault::seed::drawn;

use crate::args::talk::Relay;
use crate::command::open;
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// Runs the command with the API at `place`.
pub(super) async fn run(args: &Relay, place: &str) -> ExitCode {
    let json = stage::json(&args.keep);
    let control = match control(place) {
        Ok(control) => control,
        Err(failed) => return stage::fail(&failed, json),
    };
    let needs = Needs { numbered: true, input: false, output: false };
    let stage = match Stage::set(&args.keep, &args.messages, needs, args.reach.verbose) {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, json),
    };
    let result = serve(args, &control, &stage).await;
    stage.end(result).await
}

/// Where the API is to be: a port alone is loopback's.
fn control(place: &str) -> Result<Endpoint, Failed> {
    let control = Endpoint::parse(place, Purpose::Dial)?;
    match control.target {
        Target::Tcp(_) => Ok(control),
        _ => Err(Failed::usage(
            format!("`{control}` cannot carry the API: it is HTTP over TCP"),
            "as in `--toxiproxy 127.0.0.1:8474`",
        )),
    }
}

async fn serve(args: &Relay, control: &Endpoint, stage: &Stage) -> Result<Option<Closing>, Failed> {
    let lookup = args.reach.lookup();
    if let Some(at) = control.at() {
        let all = resolve(at, lookup).await?;
        if at.host == Host::Any || !all.iter().all(is_loopback) {
            return Err(open_to_others(control));
        }
    }
    let listener = Listener::bind(control, lookup).await?;
    let Some(own) = listener.address() else {
        return Err(open_to_others(control));
    };
    // A name may have been another's by then.
    if !is_loopback(&own) {
        return Err(open_to_others(control));
    }
    let mut proxies = Proxies::new(Setting {
        journal: Arc::clone(&stage.journal),
        plan: open::plan(&args.messages),
        how: Dial {
            forbidden: Forbidden::new([own]),
            ..args.reach.dial(args.wait, FileUse::Target)
        },
        access: args.callers.access(),
        control: own,
        seed: drawn(),
        stop: stage.stop.clone(),
    });
    if args.left.is_some() {
        let draft = ProxyDraft {
            name: Some("relay".to_owned()),
            listen: args.left.clone(),
            upstream: args.right.clone(),
            enabled: None,
        };
        proxies.create(draft).await.map_err(failed)?;
    }
    stage.ready(&format!("http://{own}"), &[]).await;
    api::serve(listener, own, proxies, Arc::clone(&stage.journal), stage.stop.clone()).await;
    Ok(None)
}

fn is_loopback(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

fn open_to_others(control: &Endpoint) -> Failed {
    Failed {
        code: "E-denied".to_owned(),
        text: format!(
            "`{control}` is not loopback: whoever reaches the API can open ports of this machine \
             and reach what it reaches, unasked"
        ),
        hint: Some("as in `--toxiproxy 127.0.0.1:8474`, with an ssh tunnel to it".to_owned()),
    }
}

fn failed(refusal: Refusal) -> Failed {
    Failed { code: refusal.code.to_string(), text: refusal.error, hint: refusal.hint }
}
