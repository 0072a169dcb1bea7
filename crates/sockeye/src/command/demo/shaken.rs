//! The last act of the demo: the boundary tester against the broken server and its twin.

use std::sync::Arc;
use std::time::Duration;

use sockeye_net::dial::Dial;
use sockeye_net::endpoint::{Bare, Endpoint, Purpose};
use sockeye_net::listen::Listener;
use sockeye_net::resolve::Lookup;
use sockeye_wire::framing::Framing;
use sockeye_workbench::access::Access;
use sockeye_workbench::answers::Answers;
use sockeye_workbench::clock::Clock;
use sockeye_workbench::journal::{Journal, Outlets, Shown};
use sockeye_workbench::message::{Composer, Data};
use sockeye_workbench::plan::Plan;
use sockeye_workbench::roster::Roster;
use sockeye_workbench::rules::Reply;
use sockeye_workbench::screen::screen;
use sockeye_workbench::server::{Server, Service, serve};
use sockeye_workbench::shake::answer::Compare;
use sockeye_workbench::shake::run::Terms;
use sockeye_workbench::shake::search::{Report, Search};
use sockeye_workbench::shake::setting::failure;
use sockeye_workbench::shake::subject::{Anew, Subject};
use sockeye_workbench::shake::talk::Talk;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::failure::Failed;

/// How long the twin is shaken.
const BUDGET: Duration = Duration::from_secs(1);

/// Shakes a server that answers each message with `ok`, and says what came of it.
pub(super) async fn shaken(
    messages: &[Vec<u8>],
    framing: Option<&Framing>,
) -> Result<String, Failed> {
    let talk = Talk::of_texts(messages.to_vec())
        .map_err(|error| Failed::usage(error.to_string(), "a talk says something"))?;
    let anywhere = Endpoint::parse_with("tcp://127.0.0.1:0", Purpose::Listen, Bare::default())?;
    let listener = Listener::bind(&anywhere, Lookup::default()).await?;
    let mut target = Endpoint::parse_with(listener.canonical(), Purpose::Dial, Bare::default())?;
    target.options.nodelay = true;
    let stop = CancellationToken::new();
    let server = served(listener, framing, &stop);
    let search = Search {
        subject: Subject::Server(Box::new(sockeye_workbench::shake::subject::Server::new(
            target,
            Dial::default(),
            Vec::new(),
            Anew::Never,
        ))),
        terms: Terms {
            talk: talk.clone(),
            pause: Duration::from_millis(2),
            patience: BUDGET,
            settle: Duration::from_millis(50),
            linger: Duration::from_millis(2),
            compare: Compare { framing: framing.cloned(), rules: Vec::new() },
        },
        patience: None,
        jobs: 8,
        budget: BUDGET,
        seed: 1,
        only: None,
    };
    let report = search.run(&mut |_| {}).await;
    stop.cancel();
    server.await.map_err(|error| Failed::usage(error.to_string(), "try it again"))?;
    let report = report.map_err(|error| failure(&error))?;
    Ok(told(&report, &talk))
}

/// The server, on a task of its own.
fn served(
    listener: Listener,
    framing: Option<&Framing>,
    stop: &CancellationToken,
) -> tokio::task::JoinHandle<()> {
    let composer = Composer { framing: framing.cloned(), ..Composer::default() };
    let reply = Reply::Given(Data::Text("ok ".to_owned()));
    let answers = Answers::new(Vec::new(), Some(reply));
    let server = Server {
        service: Service::Talk,
        plan: Arc::new(Plan { composer, answers, ..Plan::default() }),
        access: Access::default(),
        serial: false,
        operated: false,
        closed: CancellationToken::new(),
        stop: stop.clone(),
    };
    let outlets = Outlets { shown: Shown::Nothing, tape: None, reel: None, log: None, save: None };
    // Its lines go nowhere: hundreds of callers would drown the one that matters.
    let (unseen, _unread) = screen(true);
    let journal = Journal::new(Clock::since(Instant::now()), unseen, outlets);
    tokio::spawn(serve(listener, Arc::new(server), Arc::new(journal), Arc::new(Roster::default())))
}

fn told(report: &Report, talk: &Talk) -> String {
    if let Some(found) = &report.found {
        return format!("   found: {}: {}\n", found.case.told(talk), found.why);
    }
    let cases: usize = report.tried.iter().map(|tried| tried.cases).sum();
    format!("   nothing found in {cases} cases\n")
}
