//! `sockeye send`: one shot, and the answer.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::datagram::Datagrams;
use sockeye_net::dial::{FileUse, dial};
use sockeye_net::endpoint::{Endpoint, Purpose, Target};
use sockeye_net::error::Code;
use sockeye_tape::event::Role;
use sockeye_workbench::access::Access;
use sockeye_workbench::closing::{Closing, Failure};
use sockeye_workbench::conversation::input::Input;
use sockeye_workbench::conversation::{Conversation, Terms};
use sockeye_workbench::datagrams::{DatagramTerms, converse_datagrams};
use sockeye_workbench::plan::{AfterOurEnd, AfterPeersEnd};
use sockeye_workbench::roster::{Addressed, Order, Roster, orders};
use tokio::sync::mpsc::Sender;

use crate::args::talk::Send;
use crate::command::open;
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// How long `--expect` waits where no end of the peer's follows ours, unless `-q` says other.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs the command.
pub(crate) async fn run(args: Send) -> ExitCode {
    let json = stage::json(&args.keep);
    let (endpoint, payloads) = match prepared(&args) {
        Ok(prepared) => prepared,
        Err(failed) => return stage::fail(&failed, json),
    };
    let needs = Needs { numbered: false, input: false, output: true };
    let stage = match Stage::set(&args.keep, &args.messages, needs, args.reach.verbose) {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, json),
    };
    let mut result = shoot(&args, &endpoint, payloads, &stage).await;
    if let Ok(Some(closing)) = &mut result
        && !closing.met
        && !stage.stop.is_cancelled()
    {
        closing.failure.get_or_insert(Failure {
            code: Code::Timeout,
            text: format!("`{endpoint}` did not send what was expected"),
            hint: Some("`--view both` shows what came; `-q SECS` waits longer".to_owned()),
        });
    }
    stage.end(result).await
}

fn prepared(args: &Send) -> Result<(Endpoint, Vec<Vec<u8>>), Failed> {
    let mut endpoint = Endpoint::parse_with(&args.endpoint, Purpose::Dial, args.reach.bare())?;
    args.tls.apply(&mut endpoint)?;
    Ok((endpoint, payloads(args)?))
}

/// What is sent: each DATA one message, `-` read whole from stdin.
fn payloads(args: &Send) -> Result<Vec<Vec<u8>>, Failed> {
    let mut payloads = Vec::new();
    for data in &args.data {
        let bytes = data.bytes(args.messages.encoding);
        payloads.push(bytes.map_err(|error| Failed::usage(error.to_string(), "see send --help"))?);
    }
    // What no frame can carry is refused before anybody is called.
    let composer = args.messages.composer();
    for payload in &payloads {
        let sealed = composer.seal(payload.clone(), composer.enframer().as_mut(), None);
        sealed.map_err(|error| Failed::usage(error.to_string(), "see send --help"))?;
    }
    Ok(payloads)
}

async fn shoot(
    args: &Send,
    endpoint: &Endpoint,
    payloads: Vec<Vec<u8>>,
    stage: &Stage,
) -> Result<Option<Closing>, Failed> {
    open::warn(endpoint, stage);
    let mut plan = open::plan(&args.messages);
    plan.quit_after = args.quit;
    if args.expect.is_some() && plan.idle_timeout.is_none() && has_no_end(endpoint) {
        plan.quit_after = Some(args.quit.unwrap_or(PATIENCE));
    }
    let waits = args.expect.is_some() || args.quit.is_some() || plan.idle_timeout.is_some();
    plan.after_our_end = if waits { AfterOurEnd::Listen } else { AfterOurEnd::Part };
    plan.after_peers_end = AfterPeersEnd::SendOn;
    if let Some(expect) = &args.expect {
        let bytes = expect.bytes(args.messages.encoding);
        let bytes = bytes.map_err(|error| Failed::usage(error.to_string(), "see send --help"))?;
        plan.expect = Some(bytes);
    }
    let how = args.reach.dial(args.wait, FileUse::Target);
    let (door, queue) = orders();
    let (repeat, every) = (args.repeat, args.every);
    if endpoint.is_datagram() {
        if plan.expect.is_none() && plan.idle_timeout.is_none() {
            plan.quit_after = Some(args.quit.unwrap_or(Duration::ZERO));
        }
        let socket = Datagrams::dial(endpoint, how).await?;
        let terms = DatagramTerms {
            role: Role::Dial,
            plan: Arc::new(plan),
            orders: Some(queue),
            door: None,
            access: Access::default(),
            first_alone: true,
            stop: stage.stop.clone(),
        };
        tokio::spawn(give(payloads, repeat, every, door));
        let roster = Roster::default();
        return Ok(Some(converse_datagrams(socket, terms, &stage.journal, &roster).await));
    }
    let stream = tokio::select! {
        stream = dial(endpoint, how, None) => stream?,
        () = stage.stop.cancelled() => return Ok(None),
    };
    stage.detail(format!("connected to {}", stream.facts.peer_endpoint()));
    if let Some(told) = &stream.facts.told {
        stage.detail(told);
    }
    let terms = Terms {
        role: Role::Dial,
        number: stage.journal.number(),
        plan: Arc::new(plan),
        input: Input::Orders(queue),
        stop: stage.stop.clone(),
    };
    tokio::spawn(give(payloads, repeat, every, door));
    Ok(Some(Conversation::open(stream, terms, &stage.journal).run().await.closing))
}

/// Whether our end cannot be told there without the peer's: it then waits for nothing.
fn has_no_end(endpoint: &Endpoint) -> bool {
    endpoint.is_datagram() || matches!(endpoint.target, Target::Ws(_) | Target::Serial(_))
}

/// Gives the messages in, as often as asked, then the end.
async fn give(
    payloads: Vec<Vec<u8>>,
    repeat: u64,
    every: Option<Duration>,
    door: Sender<Addressed>,
) {
    for time in 0..repeat {
        if let Some(every) = every.filter(|_| time > 0) {
            tokio::time::sleep(every).await;
        }
        for payload in &payloads {
            if door.send((0, Order::Send(payload.clone()))).await.is_err() {
                return;
            }
        }
    }
    // The conversation may have ended already: nothing is left to say then.
    drop(door.send((0, Order::Finish { empty: false })).await);
}
