//! `sockeye shake`: the boundary tester.

mod junit;
mod report;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use sockeye_net::dial::FileUse;
use sockeye_net::endpoint::{Endpoint, Purpose, Target};
use sockeye_tape::draft::{Draft, Over};
use sockeye_text::shell::word;
use sockeye_wire::framing::{Framing, Rule};
use sockeye_workbench::message::Composer;
use sockeye_workbench::script::Side;
use sockeye_workbench::shake::answer::Compare;
use sockeye_workbench::shake::run::Terms;
use sockeye_workbench::shake::search::{News, Report, Search, ShakeError};
use sockeye_workbench::shake::subject::{Anew, Client, Server, Subject};
use sockeye_workbench::shake::talk::{Talk, TalkError};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::shake::Shake;
use crate::command::print::print;
use crate::command::recorded;
use crate::failure::Failed;
use crate::printer;
use crate::stage;

use report::Told;

/// A silence that makes an answer whole, while nobody knows its length.
const SETTLE: Duration = Duration::from_millis(100);
/// How long an answer may take at first, while nobody knows how long it takes.
const FIRST: Duration = Duration::from_secs(2);
/// How long a client may take beside the talk.
const CLIENT: Duration = Duration::from_secs(10);

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
    let (endpoint, talk) = prepared(args)?;
    // Begun before anything is tried, so that a name that is taken is told of at once; put in
    // its place at the end.
    let over = if args.overwrite { Over::Replaced } else { Over::Refused };
    let junit = args.junit.as_deref().map(|path| Draft::begin(path, over)).transpose()?;
    let seed = args.seed.unwrap_or_else(seed);
    let told = Told {
        talk: talk.clone(),
        seed,
        encoding: args.encoding,
        framed: framing(args).is_some(),
        alone: args.only.is_some(),
    };
    let search = Search {
        subject: subject(args, endpoint)?,
        terms: Terms {
            talk,
            pause: args.pause,
            patience: args.patience.unwrap_or(FIRST),
            settle: SETTLE,
            linger: args.pause,
            compare: Compare { framing: framing(args), rules: args.normalise.clone() },
        },
        patience: args.patience,
        jobs: usize::from(args.jobs),
        budget: args.budget,
        seed,
        only: args.only.clone(),
    };
    printer::say("running the talk as it was");
    let report = search.run(&mut |news| progress(&news, &told)).await.map_err(|e| failed(&e))?;
    if let Some(mut file) = junit {
        file.write_all(junit::xml(&report, &told).as_bytes())
            .map_err(|error| Failed::io("cannot write the report of `--junit`", &error))?;
        file.place()?;
    }
    print(text(args, &report, &told).as_bytes())?;
    let tried = args.only.is_some() || report.tried.iter().any(|tried| tried.cases > 0);
    if !tried && !report.tried.is_empty() {
        return Err(Failed {
            code: "E-timeout".to_owned(),
            text: format!("not one case was tried within {:?}", args.budget),
            hint: Some("a longer `--budget`".to_owned()),
        });
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

/// A line on stderr at each step.
fn progress(news: &News<'_>, told: &Told) {
    match news {
        News::Known(known) => {
            for line in report::known(known, told) {
                printer::say(&line);
            }
        }
        News::Begins(phase) => printer::say(&format!("trying {phase}")),
        News::Alone(case, why) => {
            let line = format!(
                "note: {} fails beside other runs and not alone ({why}): from here on each run is \
                 alone",
                case.told(&told.talk)
            );
            printer::say(&sockeye_text::safe::one_line(&line));
        }
        News::Fails(case, why) => {
            let line = format!("fails: {}: {why}", case.told(&told.talk));
            printer::say(&sockeye_text::safe::one_line(&line));
        }
    }
}

/// The endpoint that is tested, and what is said to it.
fn prepared(args: &Shake) -> Result<(Endpoint, Talk), Failed> {
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
    if matches!(args.frame.as_ref().map(Framing::rule), Some(Rule::Gap(_))) {
        return Err(Failed::usage(
            "`--frame gap:…` cuts by time, and shake changes the times",
            "leave it out: each answer is compared as a whole",
        ));
    }
    let mut endpoint = Endpoint::parse_with(word, purpose, args.reach.bare())?;
    args.tls.apply(&mut endpoint)?;
    suits(&endpoint, args.as_server)?;
    if args.as_server {
        // A client under test is on this machine.
        endpoint.narrow();
    }
    // The kernel would hold a small piece back until the one before is acknowledged.
    endpoint.options.nodelay = matches!(endpoint.target, Target::Tcp(_) | Target::Tls(_));
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
            let side = if args.as_server { Side::Acceptor } else { Side::Dialler };
            Talk::of_script(&script, side, framing(args).as_ref())
        }
        None => Talk::of_texts(texts(args)?),
    };
    let talk = talk.map_err(of_talk)?;
    if let Some(case) = &args.only {
        case.suits(&talk)
            .map_err(|error| Failed::usage(error.to_string(), "is it the same talk?"))?;
    }
    Ok((endpoint, talk))
}

/// The framing that tells messages apart; `raw` tells none.
fn framing(args: &Shake) -> Option<Framing> {
    args.frame.clone().filter(|framing| !matches!(framing.rule(), Rule::Raw))
}

/// What `--send` says, as it goes onto the wire.
fn texts(args: &Shake) -> Result<Vec<Vec<u8>>, Failed> {
    let composer =
        Composer { encoding: args.encoding, framing: framing(args), ..Composer::default() };
    let mut enframer = composer.framing.clone().map(sockeye_wire::enframe::Enframer::new);
    let sealed = args.send.iter().map(|data| {
        let payload = data.bytes(args.encoding)?;
        composer.seal(payload, enframer.as_mut(), None)
    });
    let sealed: Result<Vec<_>, _> = sealed.collect();
    sealed.map_err(|error| Failed::usage(error.to_string(), "see `--frame` and `--encoding`"))
}

/// Refuses what keeps messages whole, and what nobody answers on.
fn suits(endpoint: &Endpoint, as_server: bool) -> Result<(), Failed> {
    let why = match endpoint.target {
        Target::Udp(_) | Target::Unixgram(_) | Target::Ws(_) => {
            "keeps each message whole: there is nothing to cut"
        }
        Target::File(_) | Target::Stdio => "answers nothing",
        Target::Exec(_) | Target::Serial(_) if as_server => "cannot be called",
        _ => return Ok(()),
    };
    Err(Failed::usage(
        format!("`{endpoint}` {why}"),
        "shake tests streams: tcp, tls, unix, serial, exec",
    ))
}

fn subject(args: &Shake, endpoint: Endpoint) -> Result<Subject, Failed> {
    let words = |command: &Option<String>| -> Result<Vec<String>, Failed> {
        shell_words::split(command.as_deref().unwrap_or_default()).map_err(|_| {
            Failed::usage("a quote is left open in a command", "close it, or escape it")
        })
    };
    if args.as_server {
        return Ok(Subject::Client(Box::new(Client {
            endpoint,
            lookup: args.reach.lookup(),
            argv: words(&args.client)?,
            environment: std::env::vars_os().collect(),
            within: CLIENT,
        })));
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

/// A seed that is another one each time.
fn seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let nanos = now.unwrap_or_default().as_nanos();
    // Six digits are typed again more easily than twenty.
    u64::try_from(nanos / 1000 % 1_000_000).unwrap_or(0)
}

fn of_talk(error: TalkError) -> Failed {
    let hint = match error {
        TalkError::Silent => "the other side of the tape is played by `--as-server`",
        TalkError::Datagrams => "for datagrams there is `relay --fault`",
    };
    Failed::usage(error.to_string(), hint)
}

fn failed(error: &ShakeError) -> Failed {
    let code = match error {
        ShakeError::Net(error) => error.code().to_string(),
        ShakeError::Lost { error, .. } => error.code().to_string(),
        _ => "E-io".to_owned(),
    };
    Failed { code, text: error.to_string(), hint: error.hint() }
}
