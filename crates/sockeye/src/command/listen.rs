//! `sockeye listen`: be called, by many.

use std::process::ExitCode;
use std::sync::Arc;

use sockeye_net::datagram::{Datagrams, MOST_V4};
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::listen::Listener;
use sockeye_tape::event::Role;
use sockeye_workbench::answers::Answers;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::datagrams::{DatagramTerms, converse_datagrams};
use sockeye_workbench::plan::{AfterPeersEnd, Plan};
use sockeye_workbench::relay::Guard;
use sockeye_workbench::roster::{Roster, orders};
use sockeye_workbench::server::{Server, Service, serve, serve_in_turn};
use tokio_util::sync::CancellationToken;

use crate::args::talk::Listen;
use crate::command::open::{self, AtEnd, Way};
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// Runs the command.
pub(crate) async fn run(args: Listen) -> ExitCode {
    let json = stage::json(&args.keep);
    let (endpoint, service) = match prepared(&args) {
        Ok(prepared) => prepared,
        Err(failed) => return stage::fail(&failed, json),
    };
    let by_itself = args.reply.is_some() || args.exec.is_some() || !args.answers.on.is_empty();
    let needs = Needs { numbered: true, input: args.exec.is_none(), output: args.exec.is_none() };
    let mut stage = match Stage::set(&args.keep, &args.messages, needs, args.reach.verbose) {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, json),
    };
    let many = by_itself || stage.has_keyboard();
    let result = if endpoint.is_datagram() {
        datagrams(&args, &endpoint, many, &mut stage).await
    } else {
        streams(&args, &endpoint, service, many, &mut stage).await
    };
    stage.end(result).await
}

/// The endpoint to bind and what its callers get; loopback where they could act here.
fn prepared(args: &Listen) -> Result<(Endpoint, Service), Failed> {
    let mut endpoint = open::endpoint(&args.endpoint, Purpose::Listen, &args.reach)?;
    args.tls.apply(&mut endpoint)?;
    open::was_passed(&endpoint)?;
    let replies = args.reply.iter().chain(args.answers.on.iter().map(|rule| &rule.reply));
    let mut gives_files = false;
    for reply in replies {
        gives_files |= reply.gives_a_file();
        reply.check().map_err(|error| Failed::usage(error.to_string(), "is the path right?"))?;
    }
    if gives_files || args.exec.is_some() {
        endpoint.narrow();
    }
    let Some(command) = &args.exec else {
        return Ok((endpoint, Service::Talk));
    };
    if endpoint.is_datagram() {
        return Err(Failed::usage("`--exec` serves streams", "listen on tcp or unix"));
    }
    let guard = if args.allow_http { Guard::Open } else { Guard::NoBrowser };
    let child = Endpoint::parse(&format!("exec:{command}"), Purpose::Dial)?;
    match child.target {
        sockeye_net::endpoint::Target::Exec(argv) => Ok((endpoint, Service::Child(argv, guard))),
        _ => Err(Failed::usage("`--exec` wants a command", "as in --exec 'cat -n'")),
    }
}

fn plan(args: &Listen, many: bool, keyboard: bool) -> Plan {
    let mut plan = open::plan(&args.messages);
    plan.forgiving = keyboard;
    plan.answers = Answers::new(args.answers.on.clone(), args.reply.clone());
    plan.close_after_reply = args.close_after_reply;
    plan.quit_after = args.quit;
    plan.keep_open = true;
    plan.after_peers_end = if many { AfterPeersEnd::Close } else { AfterPeersEnd::SendOn };
    plan
}

async fn streams(
    args: &Listen,
    endpoint: &Endpoint,
    service: Service,
    many: bool,
    stage: &mut Stage,
) -> Result<Option<Closing>, Failed> {
    let mut listener = Listener::bind(endpoint, args.reach.lookup()).await?;
    let mut plan = plan(args, many, stage.has_keyboard());
    plan.fit(endpoint);
    if plan.answers.gives_a_file() || matches!(service, Service::Child(_, Guard::NoBrowser)) {
        listener.bar_browsers();
    }
    stage.ready(listener.canonical(), listener.dialable()).await;
    let plan = Arc::new(plan);
    let composer = plan.composer.clone();
    let closed = CancellationToken::new();
    let server = Arc::new(Server {
        service,
        plan,
        access: args.callers.access(),
        serial: args.serial,
        operated: stage.has_keyboard(),
        closed: closed.clone(),
        stop: stage.stop.clone(),
    });
    if !many {
        let input = open::input(stage, &server.plan);
        return Ok(serve_in_turn(listener, &server, args.keep_open, input, &stage.journal).await);
    }
    open::detail_way(stage, Way::of(&server.plan, stage));
    let roster = Arc::new(Roster::default());
    open::operate(stage, &roster, composer, closed, AtEnd::Quit);
    serve(listener, server, Arc::clone(&stage.journal), roster).await;
    Ok(None)
}

async fn datagrams(
    args: &Listen,
    endpoint: &Endpoint,
    many: bool,
    stage: &mut Stage,
) -> Result<Option<Closing>, Failed> {
    let socket = Datagrams::bind(endpoint, args.reach.lookup()).await?;
    stage.ready(socket.canonical(), socket.dialable()).await;
    let plan = Arc::new(plan(args, many, stage.has_keyboard()));
    let composer = plan.composer.clone();
    let roster = Arc::new(Roster::default());
    let mut terms = DatagramTerms {
        role: Role::Accept,
        plan,
        orders: None,
        door: None,
        access: args.callers.access(),
        first_alone: !many,
        stop: stage.stop.clone(),
    };
    if stage.has_keyboard() {
        let (door, queue) = orders();
        (terms.door, terms.orders) = (Some(door), Some(queue));
        open::operate(stage, &roster, composer, CancellationToken::new(), AtEnd::Quit);
    } else if !many {
        terms.orders = Some(open::pipe_in(stage, &composer, MOST_V4));
    }
    converse_datagrams(socket, terms, &stage.journal, &roster).await;
    Ok(None)
}
