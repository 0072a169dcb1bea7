//! The boundary tester, on a run's tape or on what the page says.

use std::sync::Arc;
use std::time::Duration;

use sockeye_net::dial::Dial;
use sockeye_net::endpoint::Endpoint;
use sockeye_text::units::parse_duration;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::fault::seed::drawn;
use sockeye_workbench::message::Data;
use sockeye_workbench::script::Side;
use sockeye_workbench::shake::report::{self, Told};
use sockeye_workbench::shake::search::News;
use sockeye_workbench::shake::setting::{Setting, failure, prepare};
use sockeye_workbench::shake::subject::{Anew, Server, Subject};
use sockeye_workbench::shake::talk::Talk;

use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::workbench::desk::Desk;
use crate::workbench::draft::{BUDGET, Draft};
use crate::workbench::hub::Hub;
use crate::workbench::meaning::{self, Reach};
use crate::workbench::opening::replaying::script;
use crate::workbench::refusal::Refusal;
use crate::workbench::run::Run;
use crate::workbench::shaken::{Fail, Shaken, State};

/// What is shaken, and how.
#[derive(Debug)]
pub(super) struct Shaking {
    setting: Setting,
    endpoint: Endpoint,
    talk: Talk,
}

/// Reads all of it before anything is tried.
pub(super) fn read(desk: &Desk, draft: &Draft, endpoint: Endpoint) -> Result<Shaking, Refusal> {
    let mut endpoint = endpoint;
    prepare(&mut endpoint, Side::Dialler).map_err(|why| usage(&why).field("endpoint"))?;
    let seed = match draft.seed.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        None => drawn(),
        Some(text) => text
            .parse()
            .map_err(|_| Refusal::usage("a seed is a number").hint("as in 7").field("seed"))?,
    };
    let usual = Setting::usual(seed);
    let setting = Setting {
        frame: meaning::framing("frame", draft.frame.as_deref())?,
        encoding: meaning::composer(draft)?.encoding,
        budget: time("budget", draft.budget.as_deref(), BUDGET)?,
        pause: time("pause", draft.pause.as_deref(), usual.pause)?,
        ..usual
    };
    setting.check().map_err(|why| usage(&why).field("frame"))?;
    let talk = match (draft.tape, draft.send.is_empty()) {
        (Some(tape), true) => {
            let script = script(&*desk.run(tape)?, draft.conversation)?;
            setting.taped(&script, Side::Dialler)
        }
        (None, false) => setting.said(&said(draft, desk.setting.reach)?),
        _ => {
            return Err(Refusal::usage(
                "a run's tape is shaken, or what is to be said: one of them",
            )
            .field("tape"));
        }
    };
    let talk = talk.map_err(|why| usage(&why).field("tape"))?;
    Ok(Shaking { setting, endpoint, talk })
}

fn said(draft: &Draft, reach: Reach) -> Result<Vec<Data>, Refusal> {
    let each = draft.send.iter().map(|text| match text.parse() {
        Ok(Data::Stdin) => Ok(Data::Text(text.clone())),
        Ok(Data::File(_)) if reach == Reach::Network => {
            Err(meaning::not_here("`file:`").field("send"))
        }
        Ok(data) => Ok(data),
        Err(error) => {
            let error: sockeye_text::hex::HexError = error;
            Err(Refusal::usage(error.to_string()).hint("text:… or hex:…").field("send"))
        }
    });
    each.collect()
}

fn time(field: &'static str, text: Option<&str>, usual: Duration) -> Result<Duration, Refusal> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(usual),
        Some(text) => parse_duration(text)
            .map_err(|error| Refusal::usage(error.to_string()).hint("as in 20s").field(field)),
    }
}

fn usage(why: &sockeye_workbench::closing::Failure) -> Refusal {
    let hint = why.hint.clone();
    Refusal { hint, ..Refusal::usage(why.text.clone()) }
}

/// Searches, and tells the page how far it has come.
pub(super) async fn shake(
    desk: Arc<Desk>,
    run: Arc<Run>,
    shaken: Arc<Shaken>,
    shaking: Shaking,
) -> Result<Option<Closing>, Refusal> {
    let Shaking { setting, endpoint, talk } = shaking;
    run.ready(&endpoint.to_string(), &[]);
    let how = desk.setting.dialled(&Dial::default());
    let server = Server::new(endpoint, how, Vec::new(), Anew::Never);
    let told = Arc::new(setting.told(talk.clone()));
    let search = setting.search(Subject::Server(Box::new(server)), talk);
    let teller = Teller {
        run: Arc::clone(&run),
        shaken: Arc::clone(&shaken),
        told: Arc::clone(&told),
        hub: desk.hub.clone(),
    };
    let mut news = move |news: News<'_>| teller.tell(&news);
    let stop = run.parts.stop.clone();
    // The search borrows across its waits what no other thread may see: it has one of its own.
    let searching = spawn_blocking(move || {
        Handle::current().block_on(async {
            tokio::select! {
                result = search.run(&mut news) => Some(result),
                () = stop.cancelled() => None,
            }
        })
    });
    let Ok(Some(result)) = searching.await else {
        shaken.change(|shown| shown.state = State::Failed);
        desk.hub.shake(run.id());
        return Ok(None);
    };
    let report = match result {
        Ok(report) => report,
        Err(error) => {
            shaken.change(|shown| shown.state = State::Failed);
            desk.hub.shake(run.id());
            return Err(Refusal::from(&failure(&error)));
        }
    };
    let again = report.found.as_ref().map(|found| {
        let command = run.parts.draft.command();
        format!("{command} --only {}", sockeye_text::shell::word(&found.case.to_string()))
    });
    let text = report::text(&report, &told, again.as_deref());
    shaken.change(|shown| {
        shown.state = if report.found.is_some() { State::Found } else { State::Nothing };
        shown.tried = report.tried.iter().map(|tried| tried.cases).sum();
        shown.seconds = report.lasted.as_secs_f64();
        shown.report = Some(report::json(&report, &told));
        shown.text = Some(text);
    });
    desk.hub.shake(run.id());
    match setting.untried(&report) {
        Some(failure) => Err(Refusal::from(&failure)),
        None => Ok(None),
    }
}

/// Tells what happens in the search.
struct Teller {
    run: Arc<Run>,
    shaken: Arc<Shaken>,
    told: Arc<Told>,
    hub: Hub,
}

impl Teller {
    fn tell(&self, news: &News<'_>) {
        match news {
            News::Begins(phase) => {
                self.shaken.change(|shown| shown.phase = Some(phase.to_string()));
            }
            News::Fails(case, why) => self.shaken.fails(Fail {
                case: case.to_string(),
                told: case.told(&self.told.talk),
                why: sockeye_text::safe::one_line(why).into_owned(),
            }),
            News::Known(_) | News::Alone(..) => {}
        }
        for line in report::news(news, &self.told) {
            self.run.parts.journal.say(line);
        }
        self.hub.shake(self.run.id());
    }
}
