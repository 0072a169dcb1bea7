//! `sockeye bench echo`: round trips with any server that answers.

use std::process::ExitCode;

use sockeye_net::datagram::MOST_V4;
use sockeye_net::dial::FileUse;
use sockeye_net::endpoint::Endpoint;
use sockeye_text::encoding::Encoding;
use sockeye_workbench::bench::datagrams;
use sockeye_workbench::bench::echo::{self, Connect, Load};
use sockeye_workbench::bench::report;
use sockeye_workbench::bench::request::{Expected, MOST, Request};

use crate::args::bench::{Echo, Said};
use crate::command::bench::{Outcome, called, end, held, make_room, stage, tell};
use crate::command::open;
use crate::failure::Failed;
use crate::stage::{self, Stage};

/// Runs the command.
pub(crate) async fn run(args: Echo) -> ExitCode {
    let (endpoint, load) = match prepared(&args) {
        Ok(prepared) => prepared,
        Err(failed) => return stage::fail(&failed, args.json),
    };
    let stage = match stage(false, args.reach.verbose) {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, args.json),
    };
    let result = bench(&args, &endpoint, load, &stage).await;
    end(stage, result, args.json).await
}

async fn bench(args: &Echo, endpoint: &Endpoint, load: Load, stage: &Stage) -> Outcome {
    open::warn(endpoint, stage);
    make_room(u64::from(args.clients));
    let how = args.reach.dial(args.wait, FileUse::Target);
    let outcome = if endpoint.is_datagram() {
        datagrams::echo::run(endpoint, how, load, &stage.journal, &stage.stop).await?
    } else {
        echo::run(endpoint, how, load, &stage.journal, &stage.stop).await?
    };
    let text = if args.json { report::json(&outcome) } else { report::text(&outcome) };
    tell(stage, text).await;
    Ok(report::failure(&outcome))
}

fn prepared(args: &Echo) -> Result<(Endpoint, Load), Failed> {
    let endpoint = called(&args.endpoint, &args.tls, &args.reach)?;
    let request = match &args.send {
        None => Request::line(args.size),
        Some(sent) => Request::said(bytes(sent)?, expected(args.answer.as_ref())?),
    };
    let (size, answer) = (request.size(), request.answer_size());
    if !(1..=MOST).contains(&size) || !(1..=MOST).contains(&answer) {
        return Err(Failed::usage(
            "a request and its answer are of 1 byte to 16 MiB each",
            "give `--send` and `--answer` something of that size",
        ));
    }
    if endpoint.is_datagram() && (args.connect_each || size.max(answer) > MOST_V4) {
        return Err(Failed::usage(
            "datagrams have no connections, and hold 65,507 bytes at most",
            "leave `--connect-each` out, and make `--size` smaller",
        ));
    }
    let clients = args.clients as usize;
    held(size + answer, clients)?;
    let connect = if args.connect_each { Connect::Each } else { Connect::Once };
    Ok((endpoint, Load { greeting: None, request, clients, connect, time: args.time }))
}

fn expected(answer: Option<&Said>) -> Result<Expected, Failed> {
    Ok(match answer {
        None => Expected::Same,
        Some(Said::Number(digits)) => {
            let number = digits.parse().ok().filter(|number| *number <= MOST);
            let number = number.ok_or_else(|| {
                let why = format!("`--answer {digits}` is more than 16 MiB");
                Failed::usage(why, "write `text:…` for digits that come back")
            });
            Expected::Any(number?)
        }
        Some(said) => Expected::Bytes(bytes(said)?),
    })
}

fn bytes(said: &Said) -> Result<Vec<u8>, Failed> {
    match said {
        Said::Number(digits) => Ok(digits.clone().into_bytes()),
        Said::Data(data) => data
            .bytes(Encoding::default())
            .map_err(|error| Failed::usage(error.to_string(), "see bench echo --help")),
    }
}
