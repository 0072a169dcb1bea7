//! Telling the conversations of a run something: a message, a file in pieces, an end.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sockeye_net::datagram::MOST_V4;
use sockeye_net::whole::Control;
use sockeye_text::units::{parse_duration, parse_size};
use sockeye_workbench::roster::{self, Order};
use tokio::task::spawn_blocking;

use crate::workbench::errands::{State, Ticket, What};
use crate::workbench::files::Handed;
use crate::workbench::refusal::Refusal;
use crate::workbench::run::Run;
use crate::workbench::told::{Message, Sealed, To};

/// A file goes out in pieces of so many bytes unless it is said otherwise.
const PIECE: usize = 64 * 1024;

/// The longest that a serial line is held at a break.
const LONGEST_BREAK: Duration = Duration::from_mins(1);

/// Who was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// So many took it.
    pub told: usize,
    /// Those who have so much waiting that they did not.
    pub busy: Vec<u64>,
}

/// What is to become of a serial port's lines.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    to: To,
    dtr: Option<String>,
    rts: Option<String>,
    #[serde(rename = "break")]
    held: Option<String>,
}

/// A message, ready for the conversations of a run.
pub fn sealed(run: &Run, message: &Message) -> Result<Sealed, Refusal> {
    let sealed = message.seal(&run.parts.composer)?;
    let endpoint = run.endpoint().unwrap_or_default();
    if endpoint.starts_with("udp:") && sealed.bytes.len() > MOST_V4 {
        let text =
            format!("a message of {} bytes: a datagram has {MOST_V4} at most", sealed.bytes.len());
        return Err(Refusal::too_large(text).hint("send it in pieces, or over a stream"));
    }
    Ok(sealed)
}

/// Gives everybody the order, and waits for nobody.
pub fn tell(run: &Run, to: &To, order: &Order) -> Result<Heard, Refusal> {
    let mut heard = Heard::default();
    for to in doors(to) {
        let (told, busy) = run.roster.tell_now(to, order);
        heard.told += told;
        heard.busy.extend(busy);
    }
    if heard.told == 0 && heard.busy.is_empty() {
        return Err(nobody());
    }
    Ok(heard)
}

/// Ends conversations, whatever they are doing.
pub fn kick(run: &Run, to: &To) -> Result<(), Refusal> {
    let numbers = match to {
        To::All(_) => run.roster.list().into_iter().map(|(number, _)| number).collect(),
        To::These(numbers) => numbers.clone(),
    };
    let mut any = false;
    for number in numbers {
        if run.roster.kick(number) {
            any = true;
            // A datagram conversation looks up when an order comes.
            run.roster.tell_now(roster::To::One(number), &Order::Raw(Vec::new()));
        }
    }
    if any { Ok(()) } else { Err(nobody()) }
}

/// What the lines of a serial port are told.
pub fn control(lines: &Lines) -> Result<(To, Order), Refusal> {
    let level = |field: &'static str, text: &String| {
        text.parse().map_err(|why: String| Refusal::usage(why).hint("on or off").field(field))
    };
    let control = match (&lines.dtr, &lines.rts, &lines.held) {
        (Some(dtr), None, None) => Control::Dtr(level("dtr", dtr)?),
        (None, Some(rts), None) => Control::Rts(level("rts", rts)?),
        (None, None, Some(held)) => match parse_duration(held) {
            Ok(time) if time <= LONGEST_BREAK => Control::Break(time),
            Ok(_) => {
                let text = format!("a break is of {LONGEST_BREAK:?} at most");
                return Err(Refusal::usage(text).hint("as in 250ms").field("break"));
            }
            Err(error) => {
                return Err(Refusal::usage(error.to_string()).hint("as in 250ms").field("break"));
            }
        },
        _ => {
            return Err(Refusal::usage("one of dtr, rts and break is wanted").hint("one at a time"));
        }
    };
    Ok((lines.to.clone(), Order::Control(control)))
}

/// How a file is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    piece: usize,
    gap: Duration,
}

impl Cut {
    /// Pieces of so many bytes, with so long between two.
    pub fn read(piece: Option<&str>, gap: Option<&str>) -> Result<Self, Refusal> {
        let piece = match piece.filter(|text| !text.is_empty()) {
            None => PIECE,
            Some(text) => {
                let size = parse_size(text).ok().and_then(|size| usize::try_from(size).ok());
                size.filter(|size| (1..=super::told::LONGEST).contains(size)).ok_or_else(|| {
                    Refusal::usage("a piece is of 1 byte to 1 MiB")
                        .hint("as in 1KiB")
                        .field("piece")
                })?
            }
        };
        let gap = match gap.filter(|text| !text.is_empty()) {
            None => Duration::ZERO,
            Some(text) => parse_duration(text).map_err(|error| {
                Refusal::usage(error.to_string()).hint("as in 10ms").field("gap")
            })?,
        };
        Ok(Self { piece, gap })
    }
}

/// Sends a file piece by piece, never more than one in memory; who reads slowly is waited for.
pub fn send_file(run: &Arc<Run>, to: To, file: Handed, cut: Cut) -> Result<u64, Refusal> {
    run.goes_on()?;
    let stop = run.parts.stop.child_token();
    let ticket = run.errands.begin(What::File, Some(file.size), stop)?;
    let number = ticket.number;
    let run = Arc::clone(run);
    tokio::spawn(async move {
        let stop = ticket.stop.clone();
        let sent = tokio::select! {
            sent = pieces(&run, &to, file, cut, &ticket) => sent,
            () = stop.cancelled() => return,
        };
        match sent {
            Ok(()) => ticket.end(State::Done, None),
            Err(why) => ticket.end(State::Failed, Some(why)),
        }
    });
    Ok(number)
}

async fn pieces(run: &Run, to: &To, file: Handed, cut: Cut, ticket: &Ticket) -> Result<(), String> {
    let mut sent: u64 = 0;
    loop {
        let from = file.clone();
        let piece = spawn_blocking(move || from.piece(sent, cut.piece)).await;
        let piece = piece.map_err(std::io::Error::other).flatten();
        let piece = piece.map_err(|error| sockeye_text::cause::plain(&error))?;
        if piece.is_empty() {
            return Ok(());
        }
        if sent > 0 && !cut.gap.is_zero() {
            tokio::time::sleep(cut.gap).await;
        }
        sent += piece.len() as u64;
        let order = Order::Raw(piece);
        let mut told = 0;
        for to in doors(to) {
            told += run.roster.tell(to, &order).await;
        }
        if told == 0 {
            return Err("nobody is there to take it".to_owned());
        }
        ticket.tell(|errand| errand.done = sent);
    }
}

fn doors(to: &To) -> Vec<roster::To> {
    match to {
        To::All(_) => vec![roster::To::All],
        To::These(numbers) => numbers.iter().map(|number| roster::To::One(*number)).collect(),
    }
}

fn nobody() -> Refusal {
    Refusal::conflict("nobody is there to take it").hint("is the conversation still open?")
}
