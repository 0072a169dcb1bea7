//! A program's server: bound, talked to in turn, ended as its row says.

use std::process::ExitCode;
use std::sync::Arc;

use sockeye_classics::catalogue::Program;
use sockeye_classics::explain::Explainer;
use sockeye_classics::preset::{self, Takes};
use sockeye_net::datagram::Datagrams;
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::host::Host;
use sockeye_net::listen::Listener;
use sockeye_tape::event::Role;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::datagrams::{DatagramTerms, converse_datagrams};
use sockeye_workbench::lines::{Lines, Wanting};
use sockeye_workbench::plan::Plan;
use sockeye_workbench::roster::{Roster, orders};
use sockeye_workbench::rules::Reply;
use sockeye_workbench::server::{self, Server, Service, serve_in_turn};

use crate::args::classic::Serve;
use crate::command::classic::setting;
use crate::command::classic::typing::{self, Empty, Side, Typing};
use crate::command::classic::witness::Witness;
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// A server about to be started.
#[derive(Debug)]
pub(crate) struct Serving {
    pub(crate) program: Program,
    pub(crate) serve: Box<Serve>,
    /// Answers instead of typed lines.
    pub(crate) reply: Option<Reply>,
    /// Said first, by a program that speaks first.
    pub(crate) greeting: Option<String>,
    /// After one client the next, where the program usually ends.
    pub(crate) again: bool,
    /// The recvs, where the program shows those.
    pub(crate) read_size: Vec<usize>,
}

impl Serving {
    /// The program as it usually is.
    pub(crate) fn of(program: Program, serve: Box<Serve>) -> Self {
        let read_size = Vec::new();
        Self { program, serve, reply: None, greeting: None, again: false, read_size }
    }

    fn types(&self) -> bool {
        self.reply.is_none() && preset::types_answers(self.program)
    }
}

/// Runs it to its end.
pub(crate) async fn run(serving: Serving) -> ExitCode {
    let common = &serving.serve.common;
    let needs = Needs { numbered: true, input: serving.types(), output: true };
    let prepared = prepared(&serving)
        .and_then(|prepared| Ok((prepared, setting::stage(serving.program, common, needs)?)));
    let ((endpoint, plan, lines), mut stage) = match prepared {
        Ok(prepared) => prepared,
        Err(failed) => return stage::fail(&failed, stage::json(&common.keep)),
    };
    let result = if endpoint.is_datagram() {
        datagrams(&serving, &endpoint, plan, lines, &mut stage).await
    } else {
        streams(&serving, &endpoint, plan, lines, &mut stage).await
    };
    stage.end(result).await
}

/// The endpoint, narrow unless an address is given, and what is done at it.
fn prepared(serving: &Serving) -> Result<(Endpoint, Plan, Arc<Lines>), Failed> {
    let (program, common) = (serving.program, &serving.serve.common);
    let typed = serving.serve.endpoint.as_deref();
    let mut endpoint = setting::endpoint(program, typed, Purpose::Listen, common)?;
    if program == Program::Broadcast {
        endpoint.options.reuseaddr = true;
        if let Some(at) = endpoint.at_mut().filter(|at| at.host == Host::Any) {
            at.host = Host::V4(std::net::Ipv4Addr::UNSPECIFIED);
        }
    }
    endpoint.narrow();
    if let Some(reply) = &serving.reply {
        reply.check().map_err(|error| Failed::usage(error.to_string(), "is the path right?"))?;
    }
    let unsayable = |error: sockeye_workbench::message::MessageError| {
        Failed::usage(error.to_string(), "another text, or another --encoding")
    };
    let mut choice = setting::choice(common, serving.reply.as_ref());
    if let Some(greeting) = &serving.greeting {
        let text = common.encoding.encode(greeting);
        choice.greeting = Some(text.map_err(|error| unsayable(error.into()))?);
    }
    let lines = Arc::new(Lines::new(Wanting::EachTime));
    let mut plan = preset::serving(program, &choice, &lines);
    if !serving.read_size.is_empty() {
        plan.read_sizes.clone_from(&serving.read_size);
    }
    Ok((endpoint, plan, lines))
}

async fn streams(
    serving: &Serving,
    endpoint: &Endpoint,
    plan: Plan,
    lines: Arc<Lines>,
    stage: &mut Stage,
) -> Result<Option<Closing>, Failed> {
    let mut listener = Listener::bind(endpoint, serving.serve.common.reach.lookup()).await?;
    if plan.answers.gives_a_file() {
        listener.bar_browsers();
    }
    let wide = listener.address().is_some_and(|at| !at.ip().to_canonical().is_loopback());
    warn_if(wide, stage);
    stage.ready(listener.canonical(), listener.dialable()).await;
    explain(serving, listener.canonical(), stage);
    let port = listener.address().map(|at| at.port());
    let port = port.filter(|_| serving.serve.common.explain);
    let witness = port.and_then(|port| Witness::open(endpoint, port, &stage.journal));
    let telling = witness.map(|witness| witness.tell(None, &stage.journal));
    let server = Server {
        service: Service::Talk,
        access: serving.serve.callers.access(),
        serial: false,
        operated: stage.has_keyboard(),
        closed: plan.halt.clone(),
        stop: stage.stop.clone(),
        plan: Arc::new(plan),
    };
    let roster = Arc::new(Roster::default());
    type_in(serving, &server.plan, lines, &roster, stage);
    let closing = match preset::takes(serving.program) {
        Takes::Many => {
            server::serve(listener, Arc::new(server), Arc::clone(&stage.journal), roster).await;
            None
        }
        Takes::One if !serving.again => {
            serve_in_turn(listener, &server, false, None, &stage.journal).await
        }
        Takes::One | Takes::InTurn => {
            serve_in_turn(listener, &server, true, None, &stage.journal).await
        }
    };
    if let Some(telling) = telling {
        telling.end().await;
    }
    Ok(closing)
}

async fn datagrams(
    serving: &Serving,
    endpoint: &Endpoint,
    plan: Plan,
    lines: Arc<Lines>,
    stage: &mut Stage,
) -> Result<Option<Closing>, Failed> {
    let socket = Datagrams::bind(endpoint, serving.serve.common.reach.lookup()).await?;
    let wide = socket.address().is_some_and(|at| !at.ip().to_canonical().is_loopback());
    warn_if(wide, stage);
    stage.ready(socket.canonical(), socket.dialable()).await;
    explain(serving, socket.canonical(), stage);
    let mut terms = DatagramTerms {
        role: Role::Accept,
        plan: Arc::new(plan),
        orders: None,
        door: None,
        access: serving.serve.callers.access(),
        first_alone: serving.program == Program::UdpOnce,
        stop: stage.stop.clone(),
    };
    if stage.has_keyboard() {
        let (door, queue) = orders();
        (terms.door, terms.orders) = (Some(door), Some(queue));
    }
    let roster = Arc::new(Roster::default());
    type_in(serving, &terms.plan, lines, &roster, stage);
    let closing = converse_datagrams(socket, terms, &stage.journal, &roster).await;
    // What the last line says has been said where it was one among many.
    Ok(Some(closing).filter(|_| serving.program == Program::UdpOnce))
}

/// Stdin's lines answer, unless something else does.
fn type_in(
    serving: &Serving,
    plan: &Plan,
    lines: Arc<Lines>,
    roster: &Arc<Roster>,
    stage: &mut Stage,
) {
    if !serving.types() {
        return;
    }
    let empty = if serving.program == Program::UdpChat { Empty::Sent } else { Empty::Skipped };
    let typing = Typing {
        lines,
        composer: plan.composer.clone(),
        side: Side::Server,
        empty,
        closed: plan.halt.clone(),
    };
    // A server outlives a line that cannot be sent.
    drop(typing::start(stage, roster, typing));
}

fn warn_if(wide: bool, stage: &Stage) {
    if wide {
        stage.journal.say(
            "warning: bound wider than this machine: whoever can reach it can talk to it, nobody \
             is asked who they are, and everybody on the way can read along",
        );
    }
}

fn explain(serving: &Serving, canonical: &str, stage: &Stage) {
    let common = &serving.serve.common;
    if common.explain {
        let address = canonical.split_once("://").map_or(canonical, |(_, address)| address);
        for line in Explainer::standing(serving.program, address) {
            stage.journal.say(line);
        }
    }
}
