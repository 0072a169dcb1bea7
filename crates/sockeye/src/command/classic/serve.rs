//! A program's server: bound, talked to in turn, ended as its row says.

use std::process::ExitCode;
use std::sync::Arc;

use sockeye_classics::catalogue::Program;
use sockeye_classics::preset;
use sockeye_classics::server::{Server, Socket};
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::host::Host;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::lines::{Lines, Wanting};
use sockeye_workbench::plan::Plan;
use sockeye_workbench::roster::Roster;
use sockeye_workbench::rules::Reply;
use sockeye_workbench::server::Service;

use crate::args::classic::Serve;
use crate::command::classic::setting;
use crate::command::classic::typing::{self, Empty, Side, Typing};
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
    let result = serve(&serving, endpoint, plan, lines, &mut stage).await;
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

async fn serve(
    serving: &Serving,
    endpoint: Endpoint,
    plan: Plan,
    lines: Arc<Lines>,
    stage: &mut Stage,
) -> Result<Option<Closing>, Failed> {
    let common = &serving.serve.common;
    let transport = serving.program.row().transport;
    let mut socket = Socket::bind(transport, &endpoint, common.reach.lookup()).await?;
    if plan.answers.gives_a_file() {
        socket.bar_browsers();
    }
    warn_if(socket.is_wide(), stage);
    stage.ready(socket.canonical(), socket.dialable()).await;
    let server = Server {
        program: serving.program,
        endpoint,
        service: Service::Talk,
        plan: Arc::new(plan),
        access: serving.serve.callers.access(),
        roster: Arc::new(Roster::default()),
        journal: Arc::clone(&stage.journal),
        stop: stage.stop.clone(),
        again: serving.again,
        operated: stage.has_keyboard(),
        explains: common.explain,
    };
    if common.explain {
        server.explain(&socket);
        server.explain_waiting();
    }
    type_in(serving, &server.plan, lines, &server.roster, stage);
    Ok(server.run(socket).await)
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
