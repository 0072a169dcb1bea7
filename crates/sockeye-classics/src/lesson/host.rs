//! The server's side of a lesson: on a port of this machine that the kernel chooses, with what
//! its program needs, and no more.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::endpoint::{Bare, Endpoint, Purpose};
use sockeye_net::resolve::Lookup;
use sockeye_text::encoding::Encoding;
use sockeye_workbench::access::Access;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::led::{Explain, Lead, Led};
use sockeye_workbench::lines::Wanting;
use sockeye_workbench::plan::Plan;
use sockeye_workbench::roster::Roster;
use sockeye_workbench::server::Service;
use tokio_util::sync::CancellationToken;

use crate::catalogue::Program;
use crate::command::{self, Allowed, Length};
use crate::desk::Desk;
use crate::download;
use crate::explain::{After, Explainer};
use crate::hmac_chat::{self, Answerer};
use crate::lesson::error::LessonError;
use crate::lesson::ground::{COMMANDS, Ground, SETTLE, environment};
use crate::lesson::keyboard::Keyboard;
use crate::lesson::step::Side;
use crate::output::Output;
use crate::preset::{self, CLASSIC_RECV};
use crate::server::{Server, Socket};
use crate::share::{Present, Share};
use crate::upload;

/// How many callers a lesson's server has at once.
const CALLERS: usize = 8;
/// How long a command of the fixed list may take.
const WITHIN: Duration = Duration::from_secs(5);
/// The most that a command may say, and that a file may have, in bytes.
const MOST: usize = 1 << 20;

/// The server of a lesson.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) keyboard: Keyboard,
    /// As it is dialled; none before it is bound.
    pub(super) endpoint: Option<Endpoint>,
    pub(super) stop: CancellationToken,
    /// Bound, and not serving yet.
    bound: Option<(Server, Socket)>,
    /// Where a conversation begins by what is typed here.
    started: bool,
}

impl Host {
    /// Before its first step.
    pub(super) fn new(ground: &Ground) -> Self {
        let stop = ground.stop.child_token();
        let keyboard = Keyboard::Nobody;
        Self { keyboard, endpoint: None, stop, bound: None, started: false }
    }

    /// What it is doing.
    pub(super) fn state(&self) -> &'static str {
        match (&self.endpoint, self.started) {
            (None, _) => "absent",
            (Some(_), false) => "bound",
            (Some(_), true) => "open",
        }
    }

    /// Binds its socket.
    pub(super) async fn bind(&mut self, ground: &Ground) -> Result<(), LessonError> {
        let program = ground.program;
        let endpoint = anywhere(program)?;
        let transport = program.row().transport;
        let mut socket = Socket::bind(transport, &endpoint, Lookup::default()).await?;
        let journal = Arc::clone(ground.journal(Side::Server));
        self.endpoint = Some(dialled(socket.canonical())?);
        let (plan, service) = self.furnish(ground)?;
        if matches!(service, Service::Led(..)) {
            // Commands and files are no page's business.
            socket.bar_browsers();
        }
        let talks = matches!(service, Service::Talk);
        let after = if preset::types_answers(program) { After::Typed } else { After::Nobody };
        let explainer = Explainer::new(program, SETTLE, after)
            .reading_by(&plan.read_sizes)
            .of_texts_in(ground.encoding());
        let explainer = talks.then_some(explainer);
        ground.notes.follow(Side::Server, &journal, explainer);
        let server = Server {
            program,
            endpoint,
            service,
            plan: Arc::new(plan),
            access: Access { most: Some(CALLERS), ..Access::default() },
            roster: Arc::new(Roster::default()),
            journal,
            stop: self.stop.clone(),
            again: false,
            operated: false,
            explains: false,
        };
        server.journal.listening(socket.canonical());
        server.explain(&socket);
        self.bound = Some((server, socket));
        Ok(())
    }

    /// Takes callers from now on, until its own end or the lesson's.
    pub(super) fn serve(&mut self, ground: &Ground) {
        let Some((server, socket)) = self.bound.take() else { return };
        self.started = true;
        server.explain_waiting();
        let (notes, journal) = (Arc::clone(&ground.notes), Arc::clone(&server.journal));
        tokio::spawn(async move {
            let datagrams = matches!(socket, Socket::Datagrams(_));
            // Of datagrams it has been said.
            if let Some(closing) = server.run(socket).await.filter(|_| !datagrams) {
                journal.say(closing.to_string());
            }
            journal.say("close(): the server has ended, the port is free");
            journal.settle().await;
            notes.over();
        });
    }

    /// Ends it, also where it has not begun to serve.
    pub(super) fn end(&mut self, ground: &Ground) {
        self.stop.cancel();
        if let Some((server, socket)) = self.bound.take() {
            drop(socket);
            server.journal.say("close(): the server has ended, the port is free");
        }
        if !self.started {
            ground.notes.over();
        }
    }

    /// What it does with its callers, and who types.
    fn furnish(&mut self, ground: &Ground) -> Result<(Plan, Service), LessonError> {
        let length = match ground.program {
            Program::CommandAscii => Length::Ascii,
            Program::CommandStruct => Length::Struct,
            Program::Download => {
                let share = Share::open(&ground.folder(Side::Server))?;
                let (settle, encoding) = (SETTLE, Encoding::Auto);
                return Ok(led(download::Server { share, settle, encoding }));
            }
            Program::Upload => {
                let share = Share::open(&ground.folder(Side::Server))?;
                let (present, most, encoding) = (Present::Replaced, MOST as u64, Encoding::Auto);
                return Ok(led(upload::Server { share, present, most, encoding }));
            }
            Program::HmacChat => return self.proving(ground),
            program => {
                let (keyboard, lines) = Keyboard::lines(Wanting::EachTime);
                if preset::types_answers(program) {
                    self.keyboard = keyboard;
                }
                let mut choice = ground.choice();
                choice.reply = (program == Program::Thanks).then(preset::thanks);
                choice.idle_timeout = None;
                let mut plan = preset::serving(program, &choice, &lines);
                plan.read_sizes = match program {
                    Program::Sticky => vec![2, 10],
                    _ => vec![CLASSIC_RECV],
                };
                return Ok((plan, Service::Talk));
            }
        };
        Ok(led(command::Server {
            length,
            allowed: Allowed::Lines(COMMANDS.map(str::to_owned).into()),
            environment: environment(),
            within: WITHIN,
            most: MOST,
            settle: SETTLE,
            encoding: Encoding::Auto,
        }))
    }

    fn proving(&mut self, ground: &Ground) -> Result<(Plan, Service), LessonError> {
        let (keyboard, lines) = Keyboard::queue();
        self.keyboard = keyboard;
        let secret = ground.secret().ok_or(LessonError::Over)?;
        let answerer = Answerer::Typed(Desk::new(lines, Arc::clone(ground.journal(Side::Server))));
        let (settle, encoding, output) = (SETTLE, Encoding::Auto, Output::Nowhere);
        Ok(led(hmac_chat::Server { secret, answerer, settle, encoding, output }))
    }
}

fn led(lead: impl Lead + 'static) -> (Plan, Service) {
    (Plan::default(), Service::Led(Arc::new(ByPieces(lead)), Explain::Steps))
}

/// A protocol whose recvs are as small as a classic program's.
#[derive(Debug)]
struct ByPieces<L>(L);

impl<L: Lead> Lead for ByPieces<L> {
    fn lead(&self, mut led: Led) -> Pin<Box<dyn Future<Output = Closing> + Send + '_>> {
        led.read_by(CLASSIC_RECV);
        self.0.lead(led)
    }
}

/// A port of this machine that the kernel chooses. A broadcast stays in this machine as well.
fn anywhere(program: Program) -> Result<Endpoint, LessonError> {
    let transport = program.row().transport;
    let host = if program == Program::Broadcast { "127.255.255.255" } else { "127.0.0.1" };
    let text = format!("{transport}://{host}:0");
    Ok(Endpoint::parse_with(&text, Purpose::Listen, Bare::Tcp)?)
}

fn dialled(canonical: &str) -> Result<Endpoint, LessonError> {
    Ok(Endpoint::parse_with(canonical, Purpose::Dial, Bare::Tcp)?)
}
