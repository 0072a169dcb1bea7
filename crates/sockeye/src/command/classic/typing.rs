//! Stdin's lines as messages: each without its line end, in the encoding in force, for
//! whoever wants the next one. In a terminal also the operator's commands.

use std::sync::{Arc, OnceLock};

use sockeye_workbench::lines::Lines;
use sockeye_workbench::message::{Composer, without_end};
use sockeye_workbench::operator::{Operator, Typed, addressee};
use sockeye_workbench::roster::{Roster, To};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

use crate::editor::Keyed;
use crate::stage::Stage;

/// A typed line is at most so long, in bytes.
const LONGEST_LINE: u64 = 1 << 20;

/// Whose lines they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// A server's: `@n TEXT` is for one client, and their end ends nothing.
    Server,
    /// A client's: their end ends the talk.
    Client,
}

/// What becomes of an empty line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Empty {
    /// An empty datagram.
    Sent,
    /// Nothing: it would send no byte, and both sides would wait.
    Skipped,
}

/// How typed lines become messages.
#[derive(Debug)]
pub(crate) struct Typing {
    pub(crate) lines: Arc<Lines>,
    pub(crate) composer: Composer,
    pub(crate) side: Side,
    pub(crate) empty: Empty,
    /// Cancelled by `/stop`.
    pub(crate) closed: CancellationToken,
}

/// The first line that could not be sent, and why.
pub(crate) type Trouble = Arc<OnceLock<String>>;

/// Starts to give the lines to whoever wants one, until the input or the run ends.
pub(crate) fn start(stage: &mut Stage, roster: &Arc<Roster>, typing: Typing) -> Trouble {
    let trouble = Trouble::default();
    let mut source = match stage.typed.take() {
        Some(typed) => Source::Keyboard(typed),
        None => Source::Pipe(BufReader::new(tokio::io::stdin())),
    };
    let operator = Operator {
        roster: Arc::clone(roster),
        journal: Arc::clone(&stage.journal),
        composer: typing.composer.clone(),
        closed: typing.closed.clone(),
        stop: stage.stop.clone(),
        repeating: None,
    };
    let mut giver = Giver { typing, operator, trouble: Arc::clone(&trouble) };
    let (stop, interrupted) = (stage.stop.clone(), stage.interruption());
    tokio::spawn(async move {
        loop {
            let next = tokio::select! {
                next = source.next() => next,
                () = stop.cancelled() => return,
            };
            let at_keyboard = matches!(source, Source::Keyboard(_));
            match next {
                Next::Line(line) if at_keyboard => giver.keyed(&line).await,
                Next::Line(line) => giver.piped(&line).await,
                Next::Interrupt => return interrupted(),
                Next::End => return giver.ended(),
                Next::Failed(text) => {
                    giver.fails(text);
                    return giver.ended();
                }
            }
        }
    });
    trouble
}

struct Giver {
    typing: Typing,
    operator: Operator,
    trouble: Trouble,
}

impl Giver {
    async fn keyed(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line).into_owned();
        match line.parse() {
            Ok(Typed::Nothing) => self.give(None, b"").await,
            Ok(Typed::Text(to, text)) => self.give(one(to), text.as_bytes()).await,
            _ => self.operator.obey(&line),
        }
    }

    async fn piped(&mut self, line: &[u8]) {
        let text = std::str::from_utf8(line).ok().filter(|_| self.typing.side == Side::Server);
        match text.map(addressee) {
            Some((to, text)) => self.give(one(to), text.as_bytes()).await,
            None => self.give(None, line).await,
        }
    }

    async fn give(&mut self, to: Option<u64>, line: &[u8]) {
        if line.is_empty() && self.typing.empty == Empty::Skipped {
            let why = "it has no byte, and both sides would wait";
            return self.operator.journal.say(format!("an empty line is not sent: {why}"));
        }
        match self.typing.composer.typed(line) {
            Ok(message) => {
                if let Err(left) = self.typing.lines.give(to, message).await {
                    self.operator.journal.say(format!("not sent: {left}"));
                }
            }
            Err(error) => self.fails(error.to_string()),
        }
    }

    fn fails(&self, why: String) {
        self.operator.journal.say(format!("not sent: {why}"));
        // The first one is told of at the end.
        let _first = self.trouble.set(why);
    }

    fn ended(&self) {
        if self.typing.side == Side::Client {
            return self.typing.lines.end();
        }
        self.operator.journal.say(
            "note: stdin has ended: once its lines are used up, requests wait for an answer that \
             nobody types (`--reply` answers by itself)",
        );
    }
}

fn one(to: To) -> Option<u64> {
    match to {
        To::All => None,
        To::One(number) => Some(number),
    }
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
        match pipe.take(LONGEST_LINE + 2).read_until(b'\n', &mut line).await {
            Err(error) => {
                Next::Failed(format!("cannot read stdin: {}", sockeye_text::cause::plain(&error)))
            }
            Ok(0) => Next::End,
            Ok(count) if count as u64 > LONGEST_LINE => {
                Next::Failed(format!("a line of stdin is longer than {LONGEST_LINE} bytes"))
            }
            Ok(_) => Next::Line(without_end(&line).to_vec()),
        }
    }
}
