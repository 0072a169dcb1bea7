//! `sockeye bench`: how fast it is.

mod connect;
mod datagrams;
mod echo;
mod serve;

use std::process::ExitCode;

use sockeye_net::endpoint::{Endpoint, Purpose, Target};
use sockeye_workbench::closing::Failure;

use crate::args::bench::Bench;
use crate::args::shared::{Keep, Messages, Reach, Tls};
use crate::command::block_on;
use crate::failure::Failed;
use crate::stage::{Needs, Stage};

/// The most memory that all clients' requests and answers may take, in bytes.
const IN_ALL: usize = 1 << 30;

/// Runs the command.
pub(crate) fn run(bench: Bench) -> ExitCode {
    match bench {
        Bench::Serve(args) => block_on(serve::run(*args)),
        Bench::Connect(args) => block_on(connect::run(*args)),
        Bench::Echo(args) => block_on(echo::run(*args)),
    }
}

/// The endpoint that is called: one that many streams can be opened to, or datagrams sent.
fn called(word: &str, tls: &Tls, reach: &Reach) -> Result<Endpoint, Failed> {
    let mut endpoint = Endpoint::parse_with(word, Purpose::Dial, reach.bare())?;
    tls.apply(&mut endpoint)?;
    if matches!(
        endpoint.target,
        Target::Stdio | Target::File(_) | Target::Serial(_) | Target::Unixgram(_)
    ) {
        return Err(Failed::usage(
            format!("`{endpoint}` is nothing that streams can be opened to, many at once"),
            "a tcp, tls, ws, wss, unix, exec or udp endpoint",
        ));
    }
    Ok(endpoint)
}

/// Refuses requests and answers that take too much memory: so many bytes for each client.
fn held(each: usize, clients: usize) -> Result<(), Failed> {
    if each.saturating_mul(clients) > IN_ALL {
        return Err(Failed::usage(
            "all clients' requests and answers take more than 1 GiB",
            "fewer `--clients`, or a smaller `--size`",
        ));
    }
    Ok(())
}

/// The stage of a bench: no talk is shown or kept.
fn stage(json: bool, verbose: bool) -> Result<Stage, Failed> {
    let keep = Keep { json, ..Keep::nothing() };
    let needs = Needs { numbered: true, input: false, output: false };
    Stage::set(&keep, &Messages::none(), needs, verbose)
}

/// What a bench came to once its result is printed: all was well, or what was wrong with it. An
/// error is why there is no result.
type Outcome = Result<Option<Failure>, Failed>;

/// Prints the result.
async fn tell(stage: &Stage, text: String) {
    // A stdout that is closed wants nothing.
    if let Some(room) = stage.journal.screen().room().await {
        room.print(text.into_bytes());
    }
}

/// Ends the run: for programs there is one object, which is the error's where there is no result.
async fn end(stage: Stage, outcome: Outcome, json: bool) -> ExitCode {
    let result = match outcome {
        Ok(failure) => failure.map_or(Ok(None), |failure| Err(failure.into())),
        Err(failed) => {
            if json {
                let mut line = Vec::new();
                let hint = failed.hint.as_deref();
                sockeye_tape::json::write_error(&failed.code, &failed.text, hint, &mut line);
                tell(&stage, String::from_utf8_lossy(&line).into_owned()).await;
            }
            Err(failed)
        }
    };
    stage.end(result).await
}

/// Lets this process have as many connections as its hard limit allows, where they are more
/// than the soft one.
fn make_room(connections: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // Stdio, the runtime's own, and a few to spare.
    let wanted = connections + 32;
    let now = getrlimit(Resource::Nofile);
    if now.current.is_some_and(|now| now < wanted) {
        let current = Some(now.maximum.map_or(wanted, |most| most.min(wanted)));
        // Where it is not allowed, whoever cannot connect is told of.
        let _refused = setrlimit(Resource::Nofile, Rlimit { current, maximum: now.maximum });
    }
}
