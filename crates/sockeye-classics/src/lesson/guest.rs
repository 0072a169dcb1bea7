//! A client of a lesson: started by a step, typed at, and its end said.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sockeye_net::dial::Dial;
use sockeye_net::endpoint::Endpoint;
use sockeye_net::error::NetError;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::led::{Explain, Led};
use sockeye_workbench::lines::Wanting;
use sockeye_workbench::roster::Roster;
use tokio::sync::mpsc::Receiver;

use crate::catalogue::Program;
use crate::client::{CallError, Client, Farewell, LedCall, Source};
use crate::command::{self, Length};
use crate::download;
use crate::hmac_chat;
use crate::lesson::ground::{Ground, SETTLE, UPLOADS};
use crate::lesson::keyboard::Keyboard;
use crate::lesson::step::{Seat, Side};
use crate::name;
use crate::output::Output;
use crate::preset::{self, CLASSIC_RECV};
use crate::share::{self, Present, Share};
use crate::upload;

/// How long the server may take over a command.
const WITHIN: Duration = Duration::from_secs(10);
/// The longest file that is taken, in bytes.
const MOST: u64 = 1 << 20;

/// A client that was started.
#[derive(Debug)]
pub(super) struct Guest {
    pub(super) seat: Seat,
    pub(super) keyboard: Keyboard,
    over: Arc<AtomicBool>,
}

impl Guest {
    /// Starts the program's client.
    pub(super) fn start(ground: &Arc<Ground>, endpoint: &Endpoint, seat: Seat) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let ended = Ended { over: Arc::clone(&over), ground: Arc::clone(ground) };
        let (ground, endpoint) = (Arc::clone(ground), endpoint.clone());
        let led = matches!(
            ground.program,
            Program::CommandAscii
                | Program::CommandStruct
                | Program::Download
                | Program::Upload
                | Program::HmacChat
        );
        let keyboard = if led {
            let (keyboard, lines) = Keyboard::queue();
            let talk = Protocol { ground, endpoint, seat };
            tokio::spawn(async move { ended.told(talk.run(lines).await.map_err(CallError::Net)) });
            keyboard
        } else {
            let (keyboard, lines) = Keyboard::lines(Wanting::Once);
            let mut plan = preset::calling(ground.program, &ground.choice(), &lines);
            plan.read_sizes = vec![CLASSIC_RECV];
            let client = Client {
                program: ground.program,
                endpoint,
                how: Dial::default(),
                plan: Arc::new(plan),
                roster: Arc::new(Roster::default()),
                journal: Arc::clone(ground.journal(Side::Client)),
                stop: ground.stop.clone(),
                farewell: Farewell::Silent,
                keyboard: false,
                explains: false,
                detailed: false,
            };
            tokio::spawn(async move {
                let mut result = client.talk(Source::Typed(Arc::clone(&lines))).await;
                if let Ok(Some(closing)) = &mut result {
                    client.left_over(closing, &lines);
                }
                ended.told(result);
            });
            keyboard
        };
        Self { seat, keyboard, over }
    }

    /// Whether it has ended.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }
}

/// Marks a client's end, however it comes.
struct Ended {
    over: Arc<AtomicBool>,
    ground: Arc<Ground>,
}

impl Ended {
    fn told(self, result: Result<Option<Closing>, CallError>) {
        let journal = self.ground.journal(Side::Client);
        match result {
            Ok(Some(closing)) => {
                journal.say(closing.to_string());
                if let Some(failure) = &closing.failure {
                    let (code, hint) = (failure.code.to_string(), failure.hint.as_deref());
                    journal.error(&code, &failure.text, hint);
                }
            }
            Ok(None) => {}
            Err(CallError::Net(error)) => {
                let hint = error.hint();
                journal.error(&error.code().to_string(), &error.to_string(), hint.as_deref());
            }
            Err(error @ CallError::Nothing) => journal.say(error.to_string()),
        }
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        self.ground.notes.stir();
    }
}

/// A client that a protocol leads.
struct Protocol {
    ground: Arc<Ground>,
    endpoint: Endpoint,
    seat: Seat,
}

impl Protocol {
    async fn run(&self, mut lines: Receiver<Vec<u8>>) -> Result<Option<Closing>, NetError> {
        let length = match self.ground.program {
            Program::Download | Program::Upload => {
                while let Some(line) = self.next(&mut lines).await {
                    self.transfer(&line).await?;
                }
                return Ok(None);
            }
            Program::CommandAscii => Some(Length::Ascii),
            Program::CommandStruct => Some(Length::Struct),
            _ => None,
        };
        let secret = match self.seat {
            Seat::Second => Ground::guess(),
            _ => self.ground.secret(),
        };
        let (settle, output) = (SETTLE, Output::Nowhere);
        let Some(led) = self.call().await? else { return Ok(None) };
        let closing = match (length, secret) {
            (Some(length), _) => {
                let client = command::Client { length, within: WITHIN, settle, output };
                command::command(led, &client, lines).await
            }
            (None, Some(secret)) => {
                let client = hmac_chat::Client { secret, settle, output };
                hmac_chat::talk(led, &client, lines).await
            }
            (None, None) => return Ok(None),
        };
        self.ground.journal(Side::Client).tally().closed();
        Ok(Some(closing))
    }

    async fn next(&self, lines: &mut Receiver<Vec<u8>>) -> Option<String> {
        let line = tokio::select! {
            line = lines.recv() => line?,
            () = self.ground.stop.cancelled() => return None,
        };
        Some(String::from_utf8_lossy(&line).into_owned())
    }

    /// One file, in a connection of its own.
    async fn transfer(&self, line: &str) -> Result<(), NetError> {
        let journal = self.ground.journal(Side::Client);
        let folder = self.ground.folder(Side::Client);
        if self.ground.program == Program::Upload {
            if !UPLOADS.contains(&line) {
                journal.say(format!("there are only these files: {}", UPLOADS.join(", ")));
                return Ok(());
            }
            let source = match share::Source::ours(&folder.join(line)).await {
                Ok(source) => source,
                Err(error) => {
                    journal.say(format!("`{line}`: {error}"));
                    return Ok(());
                }
            };
            let Some(led) = self.call().await? else { return Ok(()) };
            self.ended(&upload::send(led, source, line).await);
            return Ok(());
        }
        let (name, out) = match (name::last(line), Share::open(&folder)) {
            (Ok(name), Ok(out)) => (name.to_owned(), out),
            (Err(error), _) => {
                journal.say(format!("no file can be kept here as that: {error}"));
                return Ok(());
            }
            (_, Err(error)) => {
                journal.say(format!("the folder is gone: {error}"));
                return Ok(());
            }
        };
        let asked = line.as_bytes().to_vec();
        let want = download::Want { asked, name, out, present: Present::Replaced, most: MOST };
        let Some(led) = self.call().await? else { return Ok(()) };
        self.ended(&download::fetch(led, &want).await);
        Ok(())
    }

    /// Each transfer's end is said by itself: another one may follow.
    fn ended(&self, closing: &Closing) {
        let journal = self.ground.journal(Side::Client);
        journal.tally().closed();
        journal.say(closing.to_string());
    }

    async fn call(&self) -> Result<Option<Led>, NetError> {
        let call = LedCall {
            endpoint: &self.endpoint,
            how: Dial::default(),
            journal: self.ground.journal(Side::Client),
            explain: Explain::Steps,
            stop: &self.ground.stop,
        };
        let led = call.open().await?;
        Ok(led.map(|mut led| {
            led.read_by(CLASSIC_RECV);
            led
        }))
    }
}
