//! A server or a client that leads its conversations by a protocol: opened, run, ended.

use std::io::{ErrorKind, IsTerminal};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use sockeye_classics::client::LedCall;
use sockeye_classics::output::Output;
use sockeye_classics::share::Share;
use sockeye_net::dial::FileUse;
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::listen::Listener;
use sockeye_workbench::access::Access;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::led::{Lead, Led};
use sockeye_workbench::message::Composer;
use sockeye_workbench::plan::Plan;
use sockeye_workbench::roster::Roster;
use sockeye_workbench::server::{self, Server, Service};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::sync::mpsc::{Receiver, channel};
use tokio_util::sync::CancellationToken;

use crate::args::classic_protocols::Common;
use crate::args::values::ViewArg;
use crate::command::open;
use crate::editor::Keyed;
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// A typed line is at most so long, in bytes.
const LONGEST_LINE: u64 = 64 * 1024;

/// Where a program listens, and whom it lets in.
#[derive(Debug)]
pub(crate) struct House<'a> {
    /// The program's name.
    pub(crate) program: &'static str,
    pub(crate) common: &'a Common,
    /// As typed.
    pub(crate) endpoint: Option<&'a str>,
    /// Where the classic program listens.
    pub(crate) usual: &'a str,
    pub(crate) access: Access,
    /// What it means that a caller gets in.
    pub(crate) means: String,
}

/// Whether stdin is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stdin {
    Typed,
    Unread,
}

/// The endpoint that is meant: a stream, whatever carries it.
pub(crate) fn endpoint(
    program: &str,
    typed: Option<&str>,
    usual: &str,
    purpose: Purpose,
    common: &Common,
) -> Result<Endpoint, Failed> {
    let text = typed.unwrap_or(usual);
    let endpoint = Endpoint::parse_with(text, purpose, common.reach.bare())?;
    if endpoint.is_datagram() {
        return Err(Failed::usage(
            format!("`{program}` does not go over `{endpoint}`"),
            format!("it wants tcp, as in tcp://{usual}, or what behaves like tcp"),
        ));
    }
    Ok(endpoint)
}

/// A folder of this machine.
pub(crate) fn folder(path: &Path, flag: &str) -> Result<Share, Failed> {
    Share::open(path).map_err(|error| Failed {
        hint: Some(match error.kind() {
            ErrorKind::NotFound => {
                let quoted = shell_words::quote(&path.to_string_lossy()).into_owned();
                format!("`mkdir -p {quoted}` makes it")
            }
            _ => "is it a folder, and may you read it?".to_owned(),
        }),
        ..Failed::io(format!("cannot open `{}` ({flag})", path.display()), &error)
    })
}

/// Where what was received is printed: unless a view shows it.
pub(crate) fn output(common: &Common) -> Output {
    match common.keep.view {
        _ if stage::json(&common.keep) => Output::Nowhere,
        ViewArg::Auto if std::io::stdout().is_terminal() => Output::Terminal(common.encoding),
        ViewArg::Auto => Output::Plain(common.encoding),
        _ => Output::Nowhere,
    }
}

/// Serves callers until a signal.
pub(crate) async fn serve(
    house: House<'_>,
    stdin: Stdin,
    lead: impl AsyncFnOnce(&mut Stage) -> Result<Arc<dyn Lead>, Failed>,
) -> ExitCode {
    let common = house.common;
    let needs = Needs { numbered: true, input: stdin == Stdin::Typed, output: false };
    let mut stage = match Stage::set(&common.keep, &common.messages(), needs, common.reach.verbose)
    {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, stage::json(&common.keep)),
    };
    let result = served(house, &mut stage, lead).await;
    stage.end(result.map(|()| None)).await
}

async fn served(
    house: House<'_>,
    stage: &mut Stage,
    lead: impl AsyncFnOnce(&mut Stage) -> Result<Arc<dyn Lead>, Failed>,
) -> Result<(), Failed> {
    let House { program, endpoint: typed, usual, common, .. } = house;
    let mut endpoint = endpoint(program, typed, usual, Purpose::Listen, common)?;
    open::was_passed(&endpoint)?;
    endpoint.narrow();
    let lead = lead(stage).await?;
    let mut listener = Listener::bind(&endpoint, common.reach.lookup()).await?;
    // Commands, files and words to whoever has the secret are no page's business.
    listener.bar_browsers();
    if listener.address().is_some_and(|address| !address.ip().to_canonical().is_loopback()) {
        stage.journal.say(format!("warning: whoever can reach this machine {}", house.means));
    }
    stage.ready(listener.canonical(), listener.dialable()).await;
    let server = Server {
        service: Service::Led(lead, house.common.explain()),
        plan: Arc::new(Plan::default()),
        access: house.access,
        serial: false,
        operated: false,
        closed: CancellationToken::new(),
        stop: stage.stop.clone(),
    };
    let roster = Arc::new(Roster::default());
    server::serve(listener, Arc::new(server), Arc::clone(&stage.journal), roster).await;
    Ok(())
}

/// Calls a server and leads the conversation to its end.
pub(crate) async fn call(
    common: &Common,
    endpoint: &Endpoint,
    stdin: Stdin,
    talk: impl AsyncFnOnce(Led, &mut Stage) -> Closing,
) -> ExitCode {
    let needs = Needs { numbered: false, input: stdin == Stdin::Typed, output: false };
    let mut stage = match Stage::set(&common.keep, &common.messages(), needs, common.reach.verbose)
    {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, stage::json(&common.keep)),
    };
    let result = called(common, endpoint, &mut stage, talk).await;
    stage.end(result).await
}

async fn called(
    common: &Common,
    endpoint: &Endpoint,
    stage: &mut Stage,
    talk: impl AsyncFnOnce(Led, &mut Stage) -> Closing,
) -> Result<Option<Closing>, Failed> {
    open::warn(endpoint, stage);
    let how = common.reach.dial(None, FileUse::Target);
    let journal = Arc::clone(&stage.journal);
    let stop = stage.stop.clone();
    let call = LedCall { endpoint, how, journal: &journal, explain: common.explain(), stop: &stop };
    let Some(led) = call.open().await? else { return Ok(None) };
    let closing = talk(led, stage).await;
    journal.tally().closed();
    Ok(Some(closing))
}

/// Stdin's lines as messages, each without its line end and in the encoding in force. The
/// next one is read once the last one is taken.
pub(crate) fn lines(stage: &mut Stage, common: &Common) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel(1);
    let composer = Composer { encoding: common.encoding, ..Composer::default() };
    let (stop, journal) = (stage.stop.clone(), Arc::clone(&stage.journal));
    let interrupted = stage.interruption();
    let mut source = match stage.typed.take() {
        Some(typed) => Source::Keyboard(typed),
        None => Source::Pipe(BufReader::new(tokio::io::stdin())),
    };
    tokio::spawn(async move {
        loop {
            let line = tokio::select! {
                line = source.next() => line,
                () = stop.cancelled() => return,
            };
            let line = match line {
                Next::Line(line) => line,
                Next::Interrupt => return interrupted(),
                Next::End => return,
                Next::Failed(text) => return journal.say(text),
            };
            match composer.typed(&line) {
                Ok(message) if message.is_empty() => {
                    journal.say("an empty line is not sent: both sides would wait");
                }
                Ok(message) => {
                    if sender.send(message).await.is_err() {
                        return;
                    }
                }
                Err(error) => journal.say(format!("not sent: {error}")),
            }
        }
    });
    receiver
}

enum Source<R> {
    Keyboard(Receiver<Keyed>),
    Pipe(R),
}

enum Next {
    Line(Vec<u8>),
    End,
    Interrupt,
    Failed(String),
}

impl<R: AsyncBufRead + Unpin> Source<R> {
    async fn next(&mut self) -> Next {
        let pipe = match self {
            Self::Keyboard(typed) => {
                return match typed.recv().await {
                    Some(Keyed::Line(line)) => Next::Line(line.into_bytes()),
                    Some(Keyed::Interrupt) => Next::Interrupt,
                    Some(Keyed::End) | None => Next::End,
                };
            }
            Self::Pipe(pipe) => pipe,
        };
        let mut line = Vec::new();
        match pipe.take(LONGEST_LINE + 1).read_until(b'\n', &mut line).await {
            Err(error) => {
                let why = sockeye_text::cause::plain(&error);
                Next::Failed(format!("cannot read stdin: {why}"))
            }
            Ok(0) => Next::End,
            Ok(count) if count as u64 > LONGEST_LINE => {
                Next::Failed(format!("a line of stdin is longer than {LONGEST_LINE} bytes"))
            }
            Ok(_) => Next::Line(sockeye_workbench::message::without_end(&line).to_vec()),
        }
    }
}
