//! `sockeye classic command-ascii` and `command-struct`.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use sockeye_classics::command::{Allowed, Client, Length, Server, command};
use sockeye_net::endpoint::Purpose;
use sockeye_workbench::led::Lead;
use tokio::sync::mpsc::{Receiver, channel};

use crate::args::classic_protocols::{CommandConnect, CommandServe, Commanding};
use crate::command::classic_protocols::standing::{self, House, Stdin};
use crate::failure::Failed;
use crate::stage::{self, Stage};

/// What a command may know of our environment: where programs, the home and temporary files
/// are, who one is, and which language and terminal is used.
const PASSED_ON: [&str; 10] =
    ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM"];

/// Runs the command.
pub(crate) async fn run(args: Commanding, length: Length) -> ExitCode {
    match args {
        Commanding::Serve(args) => serve(&args, length).await,
        Commanding::Connect(args) => connect(&args, length).await,
    }
}

fn name(length: Length) -> &'static str {
    match length {
        Length::Ascii => "command-ascii",
        Length::Struct => "command-struct",
    }
}

fn usual(length: Length) -> &'static str {
    match length {
        Length::Ascii => "127.0.0.1:8070",
        Length::Struct => "127.0.0.1:8080",
    }
}

async fn serve(args: &CommandServe, length: Length) -> ExitCode {
    let (endpoint, programs) = told_apart(args);
    let means = if args.allow_any {
        "can run any command here as you".to_owned()
    } else {
        format!("can run here, as you, with any arguments: {}", programs.join(", "))
    };
    let house = House {
        program: name(length),
        common: &args.common,
        endpoint: endpoint.as_deref(),
        usual: usual(length),
        access: args.access(),
        means,
    };
    standing::serve(house, Stdin::Unread, async |stage| {
        if args.allow_any {
            stage.journal.say(
                "warning: --allow-any gives every command to a shell: whoever can call may do all \
                 that you may",
            );
        } else if programs.is_empty() {
            return Err(Failed::usage("`--allow` names no program", "as in --allow ls date"));
        }
        let allowed = if args.allow_any { Allowed::Anything } else { Allowed::Programs(programs) };
        Ok(Arc::new(Server {
            length,
            allowed,
            environment: environment(),
            within: args.timeout,
            most: usize::try_from(args.max_output).unwrap_or(usize::MAX).min(MOST),
            settle: args.common.settle,
            encoding: args.common.encoding,
        }) as Arc<dyn Lead>)
    })
    .await
}

/// The most that 4 bytes can tell the length of.
const MOST: usize = 0x7FFF_FFFF;

/// `--allow` takes all words that follow it: one of them with a colon, or all digits, is no
/// program's name but the endpoint.
fn told_apart(args: &CommandServe) -> (Option<String>, Vec<String>) {
    let mut programs = args.allow.clone();
    let mut endpoint = args.endpoint.clone();
    if endpoint.is_none() {
        let is_endpoint = |word: &String| {
            word.contains(':') || (!word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()))
        };
        endpoint = programs.pop_if(|last| is_endpoint(last));
    }
    (endpoint, programs)
}

fn environment() -> Vec<(OsString, OsString)> {
    let passed = |name: &OsString| {
        name.to_str().is_some_and(|name| PASSED_ON.contains(&name) || name.starts_with("LC_"))
    };
    std::env::vars_os().filter(|(name, _)| passed(name)).collect()
}

async fn connect(args: &CommandConnect, length: Length) -> ExitCode {
    let common = &args.common;
    let (name, typed) = (name(length), args.endpoint.as_deref());
    let prepared = standing::endpoint(name, typed, usual(length), Purpose::Dial, common)
        .and_then(|endpoint| Ok((endpoint, given(args)?)));
    let (endpoint, given) = match prepared {
        Ok(prepared) => prepared,
        Err(failed) => return stage::fail(&failed, stage::json(&common.keep)),
    };
    let stdin = if given.is_some() { Stdin::Unread } else { Stdin::Typed };
    standing::call(common, &endpoint, stdin, async |led, stage: &mut Stage| {
        let client = Client {
            length,
            within: args.timeout,
            settle: common.settle,
            output: standing::output(common),
        };
        let commands = given.unwrap_or_else(|| standing::lines(stage, common));
        command(led, &client, commands).await
    })
    .await
}

/// The one command of the command line, where there is one.
fn given(args: &CommandConnect) -> Result<Option<Receiver<Vec<u8>>>, Failed> {
    if args.command.is_empty() {
        return Ok(None);
    }
    let encoded = args.common.encoding.encode(&args.command.join(" "));
    let encoded = encoded.map_err(|error| Failed::usage(error.to_string(), "see --encoding"))?;
    let (sender, receiver) = channel(1);
    // There is room for one.
    drop(sender.try_send(encoded));
    Ok(Some(receiver))
}
