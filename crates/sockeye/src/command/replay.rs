//! `sockeye replay`: one side of a tape again.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::datagram::Datagrams;
use sockeye_net::dial::{Dial, FileUse, dial};
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::listen::Listener;
use sockeye_tape::event::Role;
use sockeye_workbench::access::Access;
use sockeye_workbench::answers::Answers;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::conversation::input::Input;
use sockeye_workbench::conversation::{Conversation, Terms};
use sockeye_workbench::datagrams::{DatagramTerms, converse_datagrams};
use sockeye_workbench::plan::{AfterOurEnd, Plan};
use sockeye_workbench::player::Playing;
use sockeye_workbench::roster::Roster;
use sockeye_workbench::script::{Script, Side};
use sockeye_workbench::server::{Server, Service, serve};
use tokio_util::sync::CancellationToken;

use crate::args::replay::Replay;
use crate::command::{open, recorded};
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// How long what had come is waited for, unless said otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs the command.
pub(crate) async fn run(args: Replay) -> ExitCode {
    let json = stage::json(&args.keep);
    let (endpoint, script, told) = match prepared(&args) {
        Ok(prepared) => prepared,
        Err(failed) => return stage::fail(&failed, json),
    };
    let needs = Needs { numbered: args.as_server, input: false, output: true };
    let stage = match Stage::set(&args.keep, &args.messages, needs, args.reach.verbose) {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, json),
    };
    for line in told {
        stage.journal.say(line);
    }
    open::warn(&endpoint, &stage);
    let plan = Arc::new(plan(&args, &endpoint, script));
    let result = match (args.as_server, endpoint.is_datagram()) {
        (false, false) => call(&args, &endpoint, plan, &stage).await.map(Some),
        (false, true) => send(&args, &endpoint, plan, &stage).await.map(Some),
        (true, false) => be_called(&args, &endpoint, plan, &stage).await.map(|()| None),
        (true, true) => receive(&args, &endpoint, plan, &stage).await.map(|()| None),
    };
    stage.end(result).await
}

/// The endpoint, the script, and what there is to say of the tape.
fn prepared(args: &Replay) -> Result<(Endpoint, Script, Vec<String>), Failed> {
    let purpose = if args.as_server { Purpose::Listen } else { Purpose::Dial };
    let mut endpoint = Endpoint::parse_with(&args.endpoint, purpose, args.reach.bare())?;
    args.tls.apply(&mut endpoint)?;
    open::was_passed(&endpoint)?;
    spare(args)?;
    let mut told = Vec::new();
    let script = recorded::script(&args.file, args.conversation, &mut told)?;
    if script.datagrams != endpoint.is_datagram() {
        let (has, is) =
            if script.datagrams { ("datagrams", "none") } else { ("a stream", "datagrams") };
        return Err(Failed::usage(
            format!("the tape has {has}, and `{endpoint}` is for {is}"),
            "play datagrams with udp:// or unixgram:, streams with the others",
        ));
    }
    Ok((endpoint, script, told))
}

/// What is kept of this run must not go into the tape that it plays.
fn spare(args: &Replay) -> Result<(), Failed> {
    let keep = &args.keep;
    let kept = [("--tape", &keep.tape), ("--save", &keep.save), ("--log", &keep.log)];
    for (flag, path) in kept {
        if path.as_ref().is_some_and(|path| recorded::same(path, &args.file)) {
            return Err(Failed::usage(
                format!("`{flag}` names the tape that is played: `{}`", args.file.display()),
                "give it another name",
            ));
        }
    }
    Ok(())
}

fn plan(args: &Replay, endpoint: &Endpoint, script: Script) -> Plan {
    let mut plan = open::plan(&args.messages);
    plan.fit(endpoint);
    plan.answers = Answers::new(args.answers.on.clone(), None);
    plan.quit_after = args.quit;
    // Once all has been said and has come, nothing is waited for.
    plan.after_our_end = AfterOurEnd::Part;
    plan.playing = Some(Playing {
        script: Arc::new(script),
        side: if args.as_server { Side::Acceptor } else { Side::Dialler },
        speed: args.speed.0,
        patience: args.patience.unwrap_or(PATIENCE),
        strict: args.strict,
    });
    plan
}

fn how(args: &Replay) -> Dial {
    args.reach.dial(args.wait, FileUse::Target)
}

async fn call(
    args: &Replay,
    endpoint: &Endpoint,
    plan: Arc<Plan>,
    stage: &Stage,
) -> Result<Closing, Failed> {
    let stream = dial(endpoint, how(args), None).await?;
    let number = stage.journal.number();
    let stop = stage.stop.clone();
    let terms = Terms { role: Role::Dial, number, plan, input: Input::Nothing, stop };
    Ok(Conversation::open(stream, terms, &stage.journal).run().await.closing)
}

async fn send(
    args: &Replay,
    endpoint: &Endpoint,
    plan: Arc<Plan>,
    stage: &Stage,
) -> Result<Closing, Failed> {
    let socket = Datagrams::dial(endpoint, how(args)).await?;
    let terms = datagram_terms(Role::Dial, plan, Access::default(), stage);
    Ok(converse_datagrams(socket, terms, &stage.journal, &Roster::default()).await)
}

async fn be_called(
    args: &Replay,
    endpoint: &Endpoint,
    plan: Arc<Plan>,
    stage: &Stage,
) -> Result<(), Failed> {
    let mut listener = Listener::bind(endpoint, args.reach.lookup()).await?;
    if plan.answers.gives_a_file() {
        listener.bar_browsers();
    }
    stage.ready(listener.canonical(), listener.dialable()).await;
    let server = Arc::new(Server {
        service: Service::Talk,
        plan,
        access: args.callers.access(),
        serial: false,
        operated: false,
        closed: CancellationToken::new(),
        stop: stage.stop.clone(),
    });
    serve(listener, server, Arc::clone(&stage.journal), Arc::new(Roster::default())).await;
    Ok(())
}

async fn receive(
    args: &Replay,
    endpoint: &Endpoint,
    plan: Arc<Plan>,
    stage: &Stage,
) -> Result<(), Failed> {
    let socket = Datagrams::bind(endpoint, args.reach.lookup()).await?;
    stage.ready(socket.canonical(), socket.dialable()).await;
    let terms = datagram_terms(Role::Accept, plan, args.callers.access(), stage);
    converse_datagrams(socket, terms, &stage.journal, &Roster::default()).await;
    Ok(())
}

fn datagram_terms(role: Role, plan: Arc<Plan>, access: Access, stage: &Stage) -> DatagramTerms {
    DatagramTerms {
        role,
        plan,
        orders: None,
        door: None,
        access,
        first_alone: role == Role::Dial,
        stop: stage.stop.clone(),
    }
}
