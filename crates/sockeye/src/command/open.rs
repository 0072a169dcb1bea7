//! What the talking commands do alike: endpoints from words, plans from flags, input to
//! orders.

use std::sync::Arc;

use sockeye_net::endpoint::{Endpoint, Purpose, Target};
use sockeye_workbench::calling::warning;
use sockeye_workbench::conversation::input::Input;
use sockeye_workbench::conversation::straight::Straight;
use sockeye_workbench::input::feed;
use sockeye_workbench::message::Composer;
use sockeye_workbench::operator::Operator;
use sockeye_workbench::plan::{Plan, READ_SIZE};
use sockeye_workbench::roster::{Addressed, Order, Roster, To, orders};
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

use crate::args::shared::{Messages, Reach};
use crate::editor::Keyed;
use crate::failure::Failed;
use crate::stage::Stage;

/// The endpoint of one word, or of a host and a port.
pub(crate) fn endpoint(
    words: &[String],
    purpose: Purpose,
    reach: &Reach,
) -> Result<Endpoint, Failed> {
    Ok(match words {
        [host, port] => Endpoint::from_words(host, port, purpose, reach.bare())?,
        [one] => Endpoint::parse_with(one, purpose, reach.bare())?,
        _ => {
            return Err(Failed::usage("no endpoint is given", "as in 127.0.0.1:8888"));
        }
    })
}

/// Refuses `fd:N` where no socket of that number was passed on to us (`sd_listen_fds(3)`).
pub(crate) fn was_passed(endpoint: &Endpoint) -> Result<(), Failed> {
    let Target::Fd(number) = endpoint.target else {
        return Ok(());
    };
    let read = |name| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok());
    let for_us = read("LISTEN_PID") == Some(std::process::id());
    match read("LISTEN_FDS").filter(|_| for_us) {
        Some(count) if number < count.saturating_add(3) => Ok(()),
        Some(count) => Err(Failed::usage(
            format!("`fd:{number}` was not passed on: LISTEN_FDS says {count}"),
            "the first is fd:3, the next fd:4",
        )),
        None => Err(Failed::usage(
            format!("`fd:{number}` was not passed on: LISTEN_FDS and LISTEN_PID name no socket"),
            "it is for socket activation, see packaging/systemd",
        )),
    }
}

/// Names what is not checked, each time.
pub(crate) fn warn(endpoint: &Endpoint, stage: &Stage) {
    if let Some(warning) = warning(endpoint) {
        stage.journal.say(warning);
    }
}

/// The part of a plan that every talking command has.
pub(crate) fn plan(messages: &Messages) -> Plan {
    Plan {
        composer: messages.composer(),
        until: messages.until.clone(),
        idle_timeout: messages.idle_timeout,
        read_sizes: messages.read_size.clone(),
        ..Plan::default()
    }
}

/// Stdin for conversations over streams. Where nothing looks at what goes over, what the peers
/// say goes straight to stdout as well.
pub(crate) fn input(stage: &Stage, plan: &Plan) -> Input {
    let Some(straight) = Straight::of(plan, &stage.journal) else {
        detail_way(stage, Way::LookedAt);
        return Input::Orders(pipe_in(stage, &plan.composer, READ_SIZE));
    };
    detail_way(stage, Way::Straight);
    Input::Straight(straight)
}

/// How bytes go, in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Nothing looks at them.
    Straight,
    /// Something does.
    LookedAt,
}

impl Way {
    /// Of a server or a relay, which shows nothing on stdout unless that is asked for.
    pub(crate) fn of(plan: &Plan, stage: &Stage) -> Self {
        let looked_at = plan.looks_at_bytes() && !plan.echoes_alone();
        if looked_at || stage.journal.is_watched() { Self::LookedAt } else { Self::Straight }
    }
}

/// Says with `-v` how bytes go.
pub(crate) fn detail_way(stage: &Stage, way: Way) {
    stage.detail(match way {
        Way::Straight => {
            "nothing looks at the bytes: they go straight, by splice where much comes at once"
        }
        Way::LookedAt => "the bytes are looked at: they are copied, each read an event",
    });
}

/// Stdin as orders, on a task of its own. What cannot be sent is said, and ends it.
pub(crate) fn pipe_in(stage: &Stage, composer: &Composer, most: usize) -> Receiver<Addressed> {
    let (sender, receiver) = orders();
    let stop = stage.stop.clone();
    let composer = composer.clone();
    tokio::spawn(async move {
        let feeding = feed(tokio::io::stdin(), &composer, most, &sender);
        let result = tokio::select! {
            result = feeding => result,
            () = stop.cancelled() => return,
        };
        if let Err(error) = result {
            // The other side gets what was right, and then the end.
            drop(sender.send((0, Order::Broken { text: error.to_string() })).await);
        }
    });
    receiver
}

/// What to do when a person ends the input with Ctrl-D.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtEnd {
    /// Our end goes to the peer; what it says is still shown.
    Finish,
    /// The run ends.
    Quit,
}

/// Carries out what is typed, on a task of its own, until the input or the run ends.
pub(crate) fn operate(
    stage: &mut Stage,
    roster: &Arc<Roster>,
    composer: Composer,
    closed: CancellationToken,
    at_end: AtEnd,
) {
    let Some(mut typed) = stage.typed.take() else {
        return;
    };
    let mut operator = Operator {
        roster: Arc::clone(roster),
        journal: Arc::clone(&stage.journal),
        composer,
        closed,
        stop: stage.stop.clone(),
        repeating: None,
    };
    let interrupted = stage.interruption();
    tokio::spawn(async move {
        loop {
            let keyed = tokio::select! {
                keyed = typed.recv() => keyed,
                () = operator.stop.cancelled() => return,
            };
            match keyed {
                Some(Keyed::Line(line)) => operator.obey(&line),
                Some(Keyed::Interrupt) => return interrupted(),
                Some(Keyed::End) | None if at_end == AtEnd::Quit => return operator.stop.cancel(),
                Some(Keyed::End) | None => {
                    operator.roster.tell(To::All, &Order::Finish { empty: false }).await;
                    return;
                }
            }
        }
    });
}
