//! `sockeye connect`: open an endpoint and talk.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::datagram::{Datagrams, MOST_V4};
use sockeye_net::dial::{Dial, FileUse, dial};
use sockeye_net::endpoint::{Endpoint, Purpose, Target};
use sockeye_tape::event::{By, Role};
use sockeye_workbench::access::Access;
use sockeye_workbench::answers::Answers;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::conversation::{Conversation, Terms};
use sockeye_workbench::datagrams::{DatagramTerms, converse_datagrams};
use sockeye_workbench::plan::{AfterPeersEnd, Plan, READ_SIZE};
use sockeye_workbench::roster::{Addressed, Roster, orders};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio_util::sync::CancellationToken;

use crate::args::talk::Connect;
use crate::command::ask;
use crate::command::open::{self, AtEnd};
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// Runs the command.
pub(crate) async fn run(args: Connect) -> ExitCode {
    if args.zero {
        return ask::run(&args).await;
    }
    let json = stage::json(&args.keep);
    let endpoint = match open::endpoint(&args.endpoint, Purpose::Dial, &args.reach)
        .and_then(|mut endpoint| args.tls.apply(&mut endpoint).map(|()| endpoint))
    {
        Ok(endpoint) if endpoint.target == Target::Stdio => {
            let hint = "`relay --dial - …` joins them with something else";
            return stage::fail(
                &Failed::usage("`-` is what `connect` talks from already", hint),
                json,
            );
        }
        Ok(endpoint) => endpoint,
        Err(failed) => return stage::fail(&failed, json),
    };
    let needs = Needs { numbered: false, input: true, output: true };
    let stage = match Stage::set(&args.keep, &args.messages, needs, args.reach.verbose) {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, json),
    };
    let mut stage = stage;
    let result = talk(&args, &endpoint, &mut stage).await;
    stage.end(result).await
}

async fn talk(
    args: &Connect,
    endpoint: &Endpoint,
    stage: &mut Stage,
) -> Result<Option<Closing>, Failed> {
    open::warn(endpoint, stage);
    let mut plan = open::plan(&args.messages);
    open::fit(&mut plan, endpoint);
    plan.answers = Answers::new(args.answers.on.clone(), None);
    plan.quit_after = args.quit;
    let keyboard = stage.has_keyboard();
    plan.forgiving = keyboard;
    plan.after_peers_end = if keyboard { AfterPeersEnd::Close } else { AfterPeersEnd::SendOn };
    let mut line = Line {
        how: Dial { lookup: args.reach.lookup(), within: args.wait, file: FileUse::Source },
        roster: Arc::new(Roster::default()),
        door: None,
        queue: None,
        plan: Arc::new(plan),
    };
    let composer = line.plan.composer.clone();
    let datagrams = open::is_datagram(endpoint);
    if keyboard {
        let (door, queue) = orders();
        (line.door, line.queue) = (Some(door), Some(queue));
        open::operate(stage, &line.roster, composer, CancellationToken::new(), AtEnd::Finish);
    } else {
        let most = if datagrams { MOST_V4 } else { READ_SIZE };
        line.queue = Some(open::pipe_in(stage, &composer, most));
    }
    if datagrams {
        return line.datagrams(endpoint, stage).await.map(Some);
    }
    match args.reconnect {
        None => line.stream(endpoint, stage).await,
        Some(pause) => line.again_and_again(endpoint, stage, pause).await,
    }
}

/// One end of the line: what it takes to connect, once or again.
struct Line {
    how: Dial,
    plan: Arc<Plan>,
    roster: Arc<Roster>,
    /// Where the operator's orders are given in.
    door: Option<Sender<Addressed>>,
    /// Where orders come from; handed from one conversation to the next.
    queue: Option<Receiver<Addressed>>,
}

impl Line {
    async fn datagrams(&mut self, endpoint: &Endpoint, stage: &Stage) -> Result<Closing, Failed> {
        let socket = Datagrams::dial(endpoint, self.how).await?;
        stage.detail(format!("sending to {}", socket.canonical()));
        let terms = DatagramTerms {
            role: Role::Dial,
            plan: Arc::clone(&self.plan),
            orders: self.queue.take(),
            door: self.door.clone(),
            access: Access::default(),
            first_alone: true,
            stop: stage.stop.clone(),
        };
        Ok(converse_datagrams(socket, terms, &stage.journal, &self.roster).await)
    }

    async fn stream(
        &mut self,
        endpoint: &Endpoint,
        stage: &Stage,
    ) -> Result<Option<Closing>, Failed> {
        let stream = tokio::select! {
            stream = dial(endpoint, self.how, None) => stream?,
            () = stage.stop.cancelled() => return Ok(None),
        };
        let peer = &stream.facts.peer;
        stage.detail(format!("connected to {}", stream.facts.peer_endpoint()));
        if let Some(told) = &stream.facts.told {
            stage.detail(told);
        }
        let number = stage.journal.number();
        let stop = stage.stop.child_token();
        let place = self.roster.enter(number, peer.clone(), self.door.clone(), stop.clone());
        let terms = Terms {
            role: Role::Dial,
            number,
            plan: Arc::clone(&self.plan),
            orders: self.queue.take(),
            stop,
        };
        stage.journal.tally().opened();
        let over = Conversation::open(stream, terms, &stage.journal).run().await;
        stage.journal.tally().closed();
        drop(place);
        self.queue = over.orders;
        Ok(Some(over.closing))
    }

    /// Connects anew each time the peer has gone, until stopped or until our own input has
    /// ended. The gap is said.
    async fn again_and_again(
        &mut self,
        endpoint: &Endpoint,
        stage: &Stage,
        pause: Duration,
    ) -> Result<Option<Closing>, Failed> {
        let mut waiting = false;
        loop {
            match self.stream(endpoint, stage).await {
                Ok(None) => return Ok(None),
                Ok(Some(closing)) => {
                    waiting = false;
                    if stage.stop.is_cancelled() || closing.by == By::Us {
                        return Ok(Some(closing));
                    }
                    stage.journal.say(format!("{closing}; connecting again every {pause:?}"));
                }
                Err(failed) if failed.exit() == 2 => return Err(failed),
                Err(failed) if !waiting => {
                    waiting = true;
                    stage.journal.say(format!("{}; trying again every {pause:?}", failed.text));
                }
                Err(_) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stage.stop.cancelled() => return Ok(None),
            }
        }
    }
}
