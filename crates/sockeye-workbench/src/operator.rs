//! What a person types while conversations run: text for all, `@n TEXT` for one, and the
//! commands that start with `/`.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::serial::settings::Level;
use sockeye_net::whole::Control;
use sockeye_text::hex;
use sockeye_text::units::{parse_duration, parse_size};
use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;

use crate::journal::Journal;
use crate::message::Composer;
use crate::roster::{Order, Roster, To};

/// The longest that a serial line is held at a break.
const LONGEST_BREAK: Duration = Duration::from_mins(1);
/// A file goes out in pieces of so many bytes unless `piece=` says otherwise.
const FILE_PIECE: usize = 64 * 1024;

/// The commands, as `/help` shows them.
pub const HELP: &str = "\
TEXT            to all            @n TEXT   to conversation n     //TEXT  a text that begins with /
/list           who is there      /kick n   close conversation n  /stop   accept no more
/info           addresses and socket options                      /stats  totals
/hex AA 55      bytes as they are (with @n before it: to one)
/file PATH [piece=1KiB] [gap=10ms]   a file, whole or in pieces
/dtr on  /rts off  /break 250ms      the lines of a serial port
/every 1s TEXT  again and again   /every off                      /quit   end";

/// A typed line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Nothing was typed.
    Nothing,
    /// A text to send.
    Text(To, String),
    /// Bytes to send as they are.
    Hex(To, Vec<u8>),
    /// A file to send.
    File {
        /// To whom.
        to: To,
        /// Which.
        path: PathBuf,
        /// In pieces of so many bytes; none: whole.
        piece: Option<usize>,
        /// With so long between two pieces.
        gap: Duration,
    },
    /// A text to send again and again; none stops it.
    Every(Option<(Duration, To, String)>),
    /// Who is there.
    List,
    /// Close one conversation.
    Kick(u64),
    /// Accept no more callers.
    Stop,
    /// Addresses and socket options.
    Info(To),
    /// Change the lines of a serial port.
    Control(To, Control),
    /// Totals.
    Stats,
    /// What can be typed.
    Help,
    /// End the run.
    Quit,
}

/// A typed command that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TypedError(String);

impl FromStr for Typed {
    type Err = TypedError;

    fn from_str(line: &str) -> Result<Self, TypedError> {
        let (to, rest) = addressee(line);
        if let Some(text) = rest.strip_prefix("//") {
            return Ok(Self::Text(to, format!("/{text}")));
        }
        let Some(command) = rest.strip_prefix('/') else {
            return Ok(if line.is_empty() { Self::Nothing } else { Self::Text(to, rest.into()) });
        };
        let (name, argument) = command.split_once(' ').unwrap_or((command, ""));
        let argument = argument.trim();
        match name {
            "list" => Ok(Self::List),
            "stop" => Ok(Self::Stop),
            "stats" => Ok(Self::Stats),
            "help" => Ok(Self::Help),
            "quit" => Ok(Self::Quit),
            "info" => Ok(Self::Info(number(argument).map_or(to, To::One))),
            "kick" => number(argument)
                .map(Self::Kick)
                .ok_or_else(|| TypedError("`/kick n` wants a conversation's number".into())),
            "hex" => match hex::decode(argument) {
                Ok(bytes) => Ok(Self::Hex(to, bytes)),
                Err(error) => Err(TypedError(error.to_string())),
            },
            "dtr" => level(argument).map(|level| Self::Control(to, Control::Dtr(level))),
            "rts" => level(argument).map(|level| Self::Control(to, Control::Rts(level))),
            "break" => held(argument).map(|time| Self::Control(to, Control::Break(time))),
            "file" => file(to, argument),
            "every" => every(to, argument),
            other => Err(unknown(other)),
        }
    }
}

/// Whom a line is for, and the rest of it: `@n TEXT` is for one.
pub fn addressee(line: &str) -> (To, &str) {
    let Some(rest) = line.strip_prefix('@') else {
        return (To::All, line);
    };
    let (digits, text) = rest.split_once(' ').unwrap_or((rest, ""));
    match digits.parse() {
        Ok(number) => (To::One(number), text),
        Err(_) => (To::All, line),
    }
}

fn number(text: &str) -> Option<u64> {
    text.trim_start_matches('#').parse().ok()
}

fn unknown(name: &str) -> TypedError {
    let names = [
        "list", "kick", "stop", "info", "hex", "file", "every", "dtr", "rts", "break", "stats",
        "help", "quit",
    ];
    let near = sockeye_text::nearest::nearest(name, names);
    let near = near.map_or_else(|| "see /help".to_owned(), |near| format!("did you mean /{near}?"));
    let name = sockeye_text::safe::one_line(name).into_owned();
    TypedError(format!("there is no /{name}: {near} (a text that begins with / is typed //…)"))
}

fn level(argument: &str) -> Result<Level, TypedError> {
    argument.parse().map_err(TypedError)
}

/// How long a break is held: a quarter of a second unless said.
fn held(argument: &str) -> Result<Duration, TypedError> {
    if argument.is_empty() {
        return Ok(Duration::from_millis(250));
    }
    match parse_duration(argument) {
        Ok(time) if time <= LONGEST_BREAK => Ok(time),
        Ok(_) => Err(TypedError(format!("a break is of {LONGEST_BREAK:?} at most"))),
        Err(error) => Err(TypedError(error.to_string())),
    }
}

fn file(to: To, argument: &str) -> Result<Typed, TypedError> {
    let mut words: Vec<&str> = argument.split(' ').collect();
    let (mut piece, mut gap) = (None, Duration::ZERO);
    while let Some(last) = words.last() {
        if let Some(size) = last.strip_prefix("piece=") {
            let size = parse_size(size).map_err(|error| TypedError(error.to_string()))?;
            piece = usize::try_from(size).ok().filter(|size| *size > 0);
        } else if let Some(time) = last.strip_prefix("gap=") {
            gap = parse_duration(time).map_err(|error| TypedError(error.to_string()))?;
        } else {
            break;
        }
        words.pop();
    }
    let path = PathBuf::from(words.join(" "));
    if path.as_os_str().is_empty() {
        return Err(TypedError("`/file PATH` wants a file".into()));
    }
    Ok(Typed::File { to, path, piece, gap })
}

fn every(to: To, argument: &str) -> Result<Typed, TypedError> {
    if argument == "off" {
        return Ok(Typed::Every(None));
    }
    let (time, text) = argument.split_once(' ').unwrap_or((argument, ""));
    let time = parse_duration(time).map_err(|error| TypedError(error.to_string()))?;
    if time < Duration::from_millis(1) {
        return Err(TypedError("`/every` wants at least 1ms".into()));
    }
    Ok(Typed::Every(Some((time, to, text.to_owned()))))
}

/// Carries out what is typed.
#[derive(Debug)]
pub struct Operator {
    /// Who can be told things.
    pub roster: Arc<Roster>,
    /// Where answers are shown.
    pub journal: Arc<Journal>,
    /// How text becomes bytes.
    pub composer: Composer,
    /// Cancelled by `/stop`.
    pub closed: CancellationToken,
    /// Cancelled by `/quit`.
    pub stop: CancellationToken,
    /// The repetition under way.
    pub repeating: Option<CancellationToken>,
}

impl Operator {
    /// Carries out one line. What fails is said; nothing ends by it but by `/quit`.
    pub fn obey(&mut self, line: &str) {
        let typed = match line.parse() {
            Ok(typed) => typed,
            Err(error) => return self.journal.say(format!("not done: {error}")),
        };
        match typed {
            Typed::Nothing => self.send(To::All, ""),
            Typed::Text(to, text) => self.send(to, &text),
            Typed::Hex(to, bytes) => self.tell(to, &Order::Raw(bytes)),
            Typed::File { to, path, piece, gap } => self.file(to, path, piece, gap),
            Typed::Every(what) => self.every(what),
            Typed::List => {
                for (number, peer) in self.roster.list() {
                    let peer = sockeye_text::safe::one_line(&peer).into_owned();
                    self.journal.say(format!("#{number} {peer}"));
                }
                self.journal.say(format!("{} open", self.roster.open()));
            }
            Typed::Kick(number) => self.kick(number),
            Typed::Stop => {
                self.closed.cancel();
                self.journal.say("no more callers are accepted");
            }
            Typed::Info(to) => self.tell(to, &Order::Info),
            Typed::Control(to, control) => self.tell(to, &Order::Control(control)),
            Typed::Stats => self.journal.report(),
            Typed::Help => self.journal.say(HELP),
            Typed::Quit => self.stop.cancel(),
        }
    }

    fn send(&self, to: To, text: &str) {
        match self.composer.typed(format!("{text}\n").as_bytes()) {
            Ok(payload) => self.tell(to, &Order::Send(payload)),
            Err(error) => self.journal.say(format!("not sent: {error}")),
        }
    }

    fn tell(&self, to: To, order: &Order) {
        let (told, busy) = self.roster.tell_now(to, order);
        for number in &busy {
            self.journal.say(format!("#{number} does not keep up: it did not get this"));
        }
        if told == 0 && busy.is_empty() {
            self.nobody(to);
        }
    }

    fn nobody(&self, to: To) {
        self.journal.say(match to {
            To::All => "nobody is there to take it".to_owned(),
            To::One(number) => format!("there is no #{number}: see /list"),
        });
    }

    fn kick(&self, number: u64) {
        if !self.roster.kick(number) {
            return self.nobody(To::One(number));
        }
        // A datagram conversation looks up when an order comes.
        self.roster.tell_now(To::One(number), &Order::Raw(Vec::new()));
    }

    /// Sends a file on a task of its own: a peer that reads slowly holds no keyboard up.
    fn file(&self, to: To, path: PathBuf, piece: Option<usize>, gap: Duration) {
        let (roster, journal) = (Arc::clone(&self.roster), Arc::clone(&self.journal));
        let stop = self.stop.clone();
        tokio::spawn(async move {
            let sending = send_file(&roster, to, &path, piece.unwrap_or(FILE_PIECE), gap);
            let sent = tokio::select! {
                sent = sending => sent,
                () = stop.cancelled() => return,
            };
            let path = path.display();
            journal.say(match sent {
                Ok(bytes) => format!("sent `{path}`, {bytes} bytes"),
                Err(error) => format!("not sent: `{path}`: {}", sockeye_text::cause::plain(&error)),
            });
        });
    }

    fn every(&mut self, what: Option<(Duration, To, String)>) {
        if let Some(running) = self.repeating.take() {
            running.cancel();
        }
        let Some((time, to, text)) = what else { return };
        let payload = match self.composer.typed(format!("{text}\n").as_bytes()) {
            Ok(payload) => payload,
            Err(error) => return self.journal.say(format!("not sent: {error}")),
        };
        let token = self.stop.child_token();
        self.repeating = Some(token.clone());
        let roster = Arc::clone(&self.roster);
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(time);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = ticks.tick() => {}
                    () = token.cancelled() => return,
                }
                // Who does not keep up gets the next one.
                let _told = roster.tell_now(to, &Order::Send(payload.clone()));
            }
        });
    }
}

/// Sends a file piece by piece, never more than one in memory; returns how much was sent.
async fn send_file(
    roster: &Roster,
    to: To,
    path: &Path,
    piece: usize,
    gap: Duration,
) -> io::Result<u64> {
    let mut file = tokio::fs::File::open(path).await?;
    let mut sent = 0;
    loop {
        let mut part = Vec::new();
        let most = u64::try_from(piece).unwrap_or(u64::MAX);
        (&mut file).take(most).read_to_end(&mut part).await?;
        if part.is_empty() {
            return Ok(sent);
        }
        if sent > 0 && !gap.is_zero() {
            tokio::time::sleep(gap).await;
        }
        let size = part.len() as u64;
        if roster.tell(to, &Order::Raw(part)).await == 0 {
            return Err(io::Error::new(io::ErrorKind::NotConnected, "nobody is there to take it"));
        }
        sent += size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn understands_what_is_typed() {
        assert_eq!("hi".parse(), Ok(Typed::Text(To::All, "hi".into())));
        assert_eq!("@2 hi there".parse(), Ok(Typed::Text(To::One(2), "hi there".into())));
        assert_eq!("@x hi".parse(), Ok(Typed::Text(To::All, "@x hi".into())));
        assert_eq!("//etc".parse(), Ok(Typed::Text(To::All, "/etc".into())));
        assert_eq!("@1 /hex AA 55".parse(), Ok(Typed::Hex(To::One(1), vec![0xAA, 0x55])));
        assert_eq!("/kick 3".parse(), Ok(Typed::Kick(3)));
        let every = Typed::Every(Some((Duration::from_secs(1), To::All, "ping".into())));
        assert_eq!("/every 1s ping".parse(), Ok(every));
        let file = Typed::File {
            to: To::All,
            path: "a b.bin".into(),
            piece: Some(1024),
            gap: Duration::from_millis(10),
        };
        assert_eq!("/file a b.bin piece=1KiB gap=10ms".parse(), Ok(file));
    }

    #[test]
    fn names_the_command_that_was_probably_meant() {
        let error = "/lst".parse::<Typed>().unwrap_err().to_string();
        assert!(error.contains("/list"), "{error}");
        assert!("/every 0s x".parse::<Typed>().is_err());
        assert!("/hex A".parse::<Typed>().is_err());
    }
}
