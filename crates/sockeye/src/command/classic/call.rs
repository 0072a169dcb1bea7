//! A program's client: connected, once or for each message, talked from, ended as its row
//! says.

use std::process::ExitCode;
use std::sync::Arc;

use sockeye_classics::catalogue::{Program, Transport};
use sockeye_classics::client::{CallError, Client, Farewell, Source};
use sockeye_classics::preset;
use sockeye_net::dial::{Dial, FileUse};
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::error::Code;
use sockeye_net::host::{Host, HostPort};
use sockeye_workbench::closing::Failure;
use sockeye_workbench::lines::{Lines, Wanting};
use sockeye_workbench::message::Composer;
use sockeye_workbench::plan::Plan;
use sockeye_workbench::roster::Roster;

use crate::args::classic::Connect;
use crate::command::classic::setting;
use crate::command::classic::typing::{self, Empty, Side, Trouble, Typing};
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// A client about to be started.
#[derive(Debug)]
pub(crate) struct Calling {
    pub(crate) program: Program,
    pub(crate) connect: Box<Connect>,
    pub(crate) input: Input,
    pub(crate) farewell: Farewell,
}

/// Where its messages come from.
#[derive(Debug)]
pub(crate) enum Input {
    /// Stdin's lines.
    Typed,
    /// The command line.
    Given(Vec<String>),
    /// The command line; and the port they are sent from, 0 any.
    From(u16, String),
}

impl Input {
    /// A text, or else stdin's lines.
    pub(crate) fn of(text: Option<String>) -> Self {
        text.map_or(Self::Typed, |text| Self::Given(vec![text]))
    }
}

/// Runs it to its end.
pub(crate) async fn run(calling: Calling) -> ExitCode {
    let common = &calling.connect.common;
    let input = matches!(calling.input, Input::Typed);
    let needs = Needs { numbered: false, input, output: true };
    let prepared = prepared(&calling).and_then(|(endpoint, given)| {
        Ok((endpoint, given, setting::stage(calling.program, common, needs)?))
    });
    let (endpoint, given, mut stage) = match prepared {
        Ok(prepared) => prepared,
        Err(failed) => return stage::fail(&failed, stage::json(&common.keep)),
    };
    let keyboard = stage.has_keyboard();
    let lines = Arc::new(Lines::new(Wanting::Once));
    let choice = setting::choice(common, None);
    let plan = Arc::new(preset::calling(calling.program, &choice, &lines));
    let roster = Arc::new(Roster::default());
    let (source, trouble) = if input {
        let trouble = type_in(&calling, &plan, &lines, &roster, &mut stage);
        (Source::Typed(Arc::clone(&lines)), trouble)
    } else {
        (Source::Given(given.into()), Trouble::default())
    };
    let client = Client {
        program: calling.program,
        endpoint,
        how: how(&calling),
        plan,
        roster,
        journal: Arc::clone(&stage.journal),
        stop: stage.stop.clone(),
        farewell: calling.farewell,
        keyboard,
        explains: common.explain,
        detailed: common.reach.verbose,
    };
    let mut result = client.talk(source).await.map_err(failed);
    if let Ok(Some(closing)) = &mut result {
        client.left_over(closing, &lines);
    }
    if let Some(why) = trouble.get() {
        let failure = Failure::new(Code::Usage, format!("not sent: {why}"));
        match &mut result {
            Ok(Some(closing)) => drop(closing.failure.get_or_insert(failure)),
            Ok(None) => result = Err(Failed::from(&failure)),
            Err(_) => {}
        }
    }
    stage.end(result).await
}

/// The endpoint, and what the command line says is sent.
fn prepared(calling: &Calling) -> Result<(Endpoint, Vec<Vec<u8>>), Failed> {
    let common = &calling.connect.common;
    let typed = calling.connect.endpoint.as_deref();
    let mut endpoint = setting::endpoint(calling.program, typed, Purpose::Dial, common)?;
    let texts = match &calling.input {
        Input::Typed => &[][..],
        Input::Given(texts) => texts.as_slice(),
        Input::From(port, text) => {
            if endpoint.options.bind.is_none() && *port != 0 && endpoint.at().is_some() {
                endpoint.options.bind = Some(HostPort { host: Host::Any, port: *port });
            }
            std::slice::from_ref(text)
        }
    };
    let given = texts.iter().map(|text| {
        let bytes = common.encoding.encode(text);
        bytes.map_err(|error| Failed::usage(error.to_string(), "another --encoding has it"))
    });
    Ok((endpoint, given.collect::<Result<_, _>>()?))
}

fn type_in(
    calling: &Calling,
    plan: &Plan,
    lines: &Arc<Lines>,
    roster: &Arc<Roster>,
    stage: &mut Stage,
) -> Trouble {
    let datagrams = calling.program.row().transport == Transport::Udp;
    let typing = Typing {
        lines: Arc::clone(lines),
        composer: Composer { encoding: plan.composer.encoding, ..Composer::default() },
        side: Side::Client,
        empty: if datagrams { Empty::Sent } else { Empty::Skipped },
        closed: plan.halt.clone(),
    };
    typing::start(stage, roster, typing)
}

fn how(calling: &Calling) -> Dial {
    let connect = &calling.connect;
    connect.common.reach.dial(connect.wait, FileUse::Source)
}

fn failed(error: CallError) -> Failed {
    match error {
        CallError::Net(error) => Failed::from(error),
        CallError::Nothing => Failed::usage(error.to_string(), "type a line, or a text"),
    }
}
