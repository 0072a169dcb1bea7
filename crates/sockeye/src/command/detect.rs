//! `sockeye detect`: what a talk is framed by, from a tape or from an endpoint that is called.

mod live;

use std::path::Path;
use std::process::ExitCode;

use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_tape::reader::Tape;
use sockeye_workbench::detect::{Talk, detect, told};
use sockeye_workbench::script::{Gathering, ScriptError};

use crate::args::detect::Detect;
use crate::failure::Failed;
use crate::printer;
use crate::stage;

/// What was heard, and of whom.
struct Heard {
    talk: Talk,
    /// The conversation's number on the tape; none: it was live.
    number: Option<u64>,
    /// What there is to say besides.
    notes: Vec<String>,
}

/// Runs the command.
pub(crate) async fn run(args: Detect) -> ExitCode {
    let heard = match heard(&args).await {
        Ok(Some(heard)) => heard,
        Ok(None) => return ExitCode::from(130),
        Err(failed) => return stage::fail(&failed, args.json),
    };
    for note in &heard.notes {
        printer::say(note);
    }
    let report = detect(&heard.talk);
    let text = if args.json {
        format!("{}\n", told::json(heard.number, &report, args.most))
    } else {
        told::text(heard.number, &report, args.most)
    };
    printer::out(&text);
    if !report.is_unsure() {
        return ExitCode::SUCCESS;
    }
    if !args.json {
        printer::say("hint: a longer talk tells more, and one in which both sides take turns");
    }
    ExitCode::FAILURE
}

/// None: a signal ended it.
async fn heard(args: &Detect) -> Result<Option<Heard>, Failed> {
    if Path::new(&args.what).exists() && !args.what.contains("://") {
        return taped(args).map(Some);
    }
    if args.conversation.is_some() {
        return Err(Failed::usage("`--conversation` is for a tape", "an endpoint has one"));
    }
    let parsed = Endpoint::parse_with(&args.what, Purpose::Dial, args.reach.bare());
    let mut endpoint = parsed.map_err(|error| {
        let shown = sockeye_text::safe::one_line(&args.what).into_owned();
        Failed::usage(
            format!("`{shown}` is no tape that is there, and no endpoint: {error}"),
            "a tape is made with `--tape FILE`; an endpoint is as in 127.0.0.1:8888",
        )
    })?;
    args.tls.apply(&mut endpoint)?;
    if endpoint.is_datagram() {
        return Err(Failed::usage(
            format!("`{endpoint}` is for datagrams: each is a message already"),
            "record a tape with `--tape`, and look at its encoding and checksum",
        ));
    }
    live::listen(args, &endpoint).await
}

fn taped(args: &Detect) -> Result<Heard, Failed> {
    if args.long.is_some() || args.bytes.is_some() || !args.send.is_empty() {
        return Err(Failed::usage(
            "`--for`, `--bytes` and `--send` are for an endpoint",
            "a tape is read whole",
        ));
    }
    let mut tape = Tape::open(Path::new(&args.what))?;
    let mut gathering = Gathering::default();
    let mut notes = Vec::new();
    for event in &mut tape {
        match event {
            Ok(event) => {
                if let Err(error) = gathering.take(event) {
                    notes.push(format!("note: {error}: the rest is left out"));
                    break;
                }
            }
            Err(error) => notes.push(format!("warning: {error}")),
        }
    }
    if let Some(cut) = tape.torn() {
        notes.push(format!("note: the tape was cut in its last line ({cut} bytes left out)"));
    }
    let script = gathering.script(args.conversation).map_err(|error| of_script(&error))?;
    if script.others > 0 && args.conversation.is_none() {
        notes.push(format!(
            "note: conversation #{} is looked at; {} more are on the tape (`--conversation N`)",
            script.number, script.others
        ));
    }
    Ok(Heard { talk: Talk::of(&script), number: Some(script.number), notes })
}

fn of_script(error: &ScriptError) -> Failed {
    Failed::usage(error.to_string(), "`tape show` shows what is on it")
}
