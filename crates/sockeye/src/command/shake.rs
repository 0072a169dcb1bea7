//! `sockeye shake`: the boundary tester.

mod junit;

use std::io::Write as _;
use std::process::ExitCode;

use sockeye_net::dial::FileUse;
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_tape::draft::{Draft, Over};
use sockeye_text::shell::word;
use sockeye_workbench::fault::seed::drawn;
use sockeye_workbench::script::Side;
use sockeye_workbench::shake::report::{self, Told};
use sockeye_workbench::shake::search::{News, Report};
use sockeye_workbench::shake::setting::{Setting, client, failure, prepare};
use sockeye_workbench::shake::subject::{Anew, Server, Subject};
use sockeye_workbench::shake::talk::Talk;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::shake::Shake;
use crate::command::print::print;
use crate::command::recorded;
use crate::failure::Failed;
use crate::printer;
use crate::stage;

/// Runs the command.
pub(crate) async fn run(args: Shake) -> ExitCode {
    let signals = signal(SignalKind::interrupt())
        .and_then(|interrupt| Ok((interrupt, signal(SignalKind::terminate())?)));
    let (mut interrupt, mut terminate) = match signals {
        Ok(signals) => signals,
        Err(error) => return stage::fail(&Failed::io("cannot take signals", &error), args.json),
    };
    tokio::select! {
        result = shake(&args) => match result {
            Ok(found) => ExitCode::from(u8::from(found)),
            Err(failed) => stage::fail(&failed, args.json),
        },
        _ = interrupt.recv() => ExitCode::from(130),
        _ = terminate.recv() => ExitCode::from(143),
    }
}

/// Searches and reports; whether something was found.
async fn shake(args: &Shake) -> Result<bool, Failed> {
    let setting = setting(args);
    let (endpoint, talk) = prepared(args, &setting)?;
    // Begun before anything is tried, so that a name that is taken is told of at once; put in
    // its place at the end.
    let over = if args.overwrite { Over::Replaced } else { Over::Refused };
    let junit = args.junit.as_deref().map(|path| Draft::begin(path, over)).transpose()?;
    let told = setting.told(talk.clone());
    let search = setting.search(subject(args, endpoint)?, talk);
    printer::say("running the talk as it was");
    let mut progress =
        |news: News<'_>| report::news(&news, &told).iter().for_each(|line| printer::say(line));
    let report = search.run(&mut progress).await.map_err(|error| failure(&error))?;
    if let Some(mut file) = junit {
        file.write_all(junit::xml(&report, &told).as_bytes())
            .map_err(|error| Failed::io("cannot write the report of `--junit`", &error))?;
        file.place()?;
    }
    print(text(args, &report, &told).as_bytes())?;
    if let Some(failure) = setting.untried(&report) {
        return Err(failure.into());
    }
    Ok(report.found.is_some())
}

fn text(args: &Shake, report: &Report, told: &Told) -> String {
    if args.json {
        return format!("{}\n", report::json(report, told));
    }
    let again = report.found.as_ref().map(|found| {
        let mut flags = vec![("--only", found.case.to_string())];
        // A pause that is longer than the one that was asked for is told.
        if found.pause != args.pause {
            flags.push(("--pause", format!("{:?}", found.pause)));
        }
        again(&flags)
    });
    report::text(report, told, again.as_deref())
}

fn setting(args: &Shake) -> Setting {
    Setting {
        frame: args.frame.clone(),
        encoding: args.encoding,
        normalise: args.normalise.clone(),
        only: args.only.clone(),
        budget: args.budget,
        pause: args.pause,
        patience: args.patience,
        jobs: usize::from(args.jobs),
        seed: args.seed.unwrap_or_else(drawn),
    }
}

/// The endpoint that is tested, and what is said to it.
fn prepared(args: &Shake, setting: &Setting) -> Result<(Endpoint, Talk), Failed> {
    let purpose = if args.as_server { Purpose::Listen } else { Purpose::Dial };
    let (tape, word) = match (args.words.as_slice(), args.send.is_empty()) {
        ([tape, endpoint], true) => (Some(tape), endpoint),
        ([endpoint], false) => (None, endpoint),
        ([_], true) => {
            return Err(Failed::usage(
                "nothing is said: neither a tape nor `--send` is given",
                "as in `shake talk.tape 127.0.0.1:8888` or `shake 127.0.0.1:8888 --send hello`",
            ));
        }
        _ => {
            return Err(Failed::usage(
                "a tape and `--send` do not go together",
                "leave one of them out",
            ));
        }
    };
    setting.check()?;
    let mut endpoint = Endpoint::parse_with(word, purpose, args.reach.bare())?;
    args.tls.apply(&mut endpoint)?;
    let side = if args.as_server { Side::Acceptor } else { Side::Dialler };
    prepare(&mut endpoint, side)?;
    let talk = match tape {
        Some(tape) => {
            let mut told = Vec::new();
            if args.junit.as_ref().is_some_and(|path| recorded::same(path, tape.as_ref())) {
                let why = format!("`--junit` names the tape that is played: `{tape}`");
                return Err(Failed::usage(why, "give it another name"));
            }
            let script = recorded::script(tape.as_ref(), args.conversation, &mut told)?;
            for line in told {
                printer::say(&line);
            }
            setting.taped(&script, side)?
        }
        None => setting.said(&args.send)?,
    };
    Ok((endpoint, talk))
}

fn subject(args: &Shake, endpoint: Endpoint) -> Result<Subject, Failed> {
    let words = |command: &Option<String>| -> Result<Vec<String>, Failed> {
        shell_words::split(command.as_deref().unwrap_or_default()).map_err(|_| {
            Failed::usage("a quote is left open in a command", "close it, or escape it")
        })
    };
    if args.as_server {
        let environment = std::env::vars_os().collect();
        return Ok(client(endpoint, args.reach.lookup(), words(&args.client)?, environment));
    }
    let how = args.reach.dial(args.wait, FileUse::Source);
    let anew = if args.fresh { Anew::EachRun } else { Anew::Never };
    Ok(Subject::Server(Box::new(Server::new(endpoint, how, words(&args.server)?, anew))))
}

/// The command line that runs a case again: this one, with these flags.
fn again(flags: &[(&str, String)]) -> String {
    let mut words = vec!["sockeye".to_owned()];
    let mut skip = false;
    for word in std::env::args().skip(1) {
        let name = word.split_once('=').map_or(word.as_str(), |(name, _)| name);
        let is_new = flags.iter().any(|(flag, _)| *flag == name);
        if !skip && !is_new {
            words.push(word.clone());
        }
        skip = is_new && !word.contains('=');
    }
    let words = words.iter().map(|text| word(text));
    let flags = flags.iter().map(|(flag, value)| format!("{flag} {value}"));
    words.chain(flags).collect::<Vec<_>>().join(" ")
}
