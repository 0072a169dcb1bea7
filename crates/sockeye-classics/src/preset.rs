//! The programs that take turns, as settings of the workbench: what each side sends when,
//! what ends it, and how a server takes its callers. No socket is in here.

use std::sync::Arc;
use std::time::Duration;

use sockeye_tape::event::By;
use sockeye_text::encoding::Encoding;
use sockeye_wire::framing::{Framing, Rule};
use sockeye_workbench::answers::Answers;
use sockeye_workbench::lines::Lines;
use sockeye_workbench::message::{Composer, Data};
use sockeye_workbench::plan::{Plan, Then, Turns, Word};
use sockeye_workbench::rules::Reply;
use sockeye_workbench::spoken::Tells;

use crate::catalogue::{Program, Transport};

/// One recv of a classic program.
pub const CLASSIC_RECV: usize = 1024;
/// The longest message that is taken together by silence, in bytes.
const LONGEST: usize = 1 << 20;
/// How long a server may take to answer the client's last word.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long one answer to one datagram is waited for.
const ONE_ANSWER: Duration = Duration::from_secs(5);

/// What the person who starts a program chooses.
#[derive(Clone, Debug)]
pub struct Choice {
    /// How text is written and read.
    pub encoding: Encoding,
    /// The silence that ends a message which marks no end; zero: one recv.
    pub settle: Duration,
    /// Answers instead of typed lines.
    pub reply: Option<Reply>,
    /// What a server that speaks first says, instead of a typed line.
    pub greeting: Option<Vec<u8>>,
    /// Silence longer than this ends a conversation.
    pub idle_timeout: Option<Duration>,
}

/// How a server takes its callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One, unless told to go on with the next.
    One,
    /// One after the other.
    InTurn,
    /// All, at the same time.
    Many,
}

/// How the program's server takes its callers.
pub fn takes(program: Program) -> Takes {
    match program {
        Program::GreetingChat | Program::Chat | Program::UntilClose => Takes::One,
        Program::QueueChat | Program::OpenClose => Takes::InTurn,
        _ => Takes::Many,
    }
}

/// The server's side. Typed lines come from `lines`, unless a reply answers.
pub fn serving(program: Program, choice: &Choice, lines: &Arc<Lines>) -> Plan {
    let mut plan = base(program, choice);
    plan.keep_open = true;
    let greets = program == Program::GreetingChat;
    plan.greeting = choice.greeting.clone().filter(|_| greets);
    let first = if greets && plan.greeting.is_none() { By::Us } else { By::Peer };
    let turns = || Turns { lines: Arc::clone(lines), first, farewell: None };
    match program {
        Program::GreetingChat | Program::UdpChat => {
            plan.words = vec![word("bye", By::Peer, Then::Close)];
        }
        Program::Chat => {
            plan.words = vec![word("bye", By::Peer, Then::Close), word("bye", By::Us, Then::Close)];
        }
        Program::QueueChat => {
            plan.words = vec![word("bye", By::Peer, Then::Halt)];
            plan.close_after_reply = true;
        }
        Program::Thanks => plan.close_after_reply = true,
        Program::Threaded => plan.words = vec![word("q", By::Peer, Then::Answer)],
        Program::UdpOnce => plan.ends_after = Some(1),
        _ => {}
    }
    let reply = match program {
        Program::Upper => Some(Reply::Upper),
        Program::OpenClose => choice.reply.clone().or(Some(Reply::Echo)),
        _ => choice.reply.clone(),
    };
    if reply.is_none() && types_answers(program) {
        plan.turns = Some(turns());
    }
    plan.answers = Answers::new(Vec::new(), reply);
    plan
}

/// Whether the program's server answers by what is typed.
pub fn types_answers(program: Program) -> bool {
    matches!(
        program,
        Program::GreetingChat
            | Program::Chat
            | Program::QueueChat
            | Program::UdpChat
            | Program::Threaded
    )
}

/// The client's side.
pub fn calling(program: Program, choice: &Choice, lines: &Arc<Lines>) -> Plan {
    let mut plan = base(program, choice);
    let turns = |first, farewell: Option<&str>| {
        let farewell = farewell.map(str::to_owned);
        Some(Turns { lines: Arc::clone(lines), first, farewell })
    };
    match program {
        Program::GreetingChat => {
            plan.turns = turns(By::Peer, Some("bye"));
            plan.words = vec![word("bye", By::Us, Then::Close)];
        }
        Program::Chat => {
            plan.turns = turns(By::Us, Some("bye"));
            plan.words = vec![word("bye", By::Us, Then::Close), word("bye", By::Peer, Then::Close)];
        }
        Program::UdpChat => {
            plan.turns = turns(By::Us, Some("bye"));
            plan.words = vec![word("bye", By::Us, Then::Close)];
        }
        Program::Threaded => {
            plan.turns = turns(By::Us, Some("q"));
            plan.words = vec![word("q", By::Us, Then::Await)];
            plan.quit_after = Some(FAREWELL);
        }
        Program::Upper => plan.turns = turns(By::Us, None),
        Program::QueueChat | Program::Thanks | Program::OpenClose => {
            plan.ends_after = Some(1);
            plan.keep_open = true;
        }
        Program::UdpOnce => {
            plan.ends_after = Some(1);
            plan.idle_timeout = plan.idle_timeout.or(Some(ONE_ANSWER));
        }
        Program::Broadcast => plan.quit_after = Some(Duration::ZERO),
        _ => {}
    }
    plan
}

/// What `thanks` answers unless told otherwise.
pub fn thanks() -> Reply {
    Reply::Given(Data::Text("thank you !".to_owned()))
}

/// How messages are told apart: by silence where nothing marks their end, by the recv where
/// that is what the program shows, by the datagram.
fn base(program: Program, choice: &Choice) -> Plan {
    let stream = program.row().transport == Transport::Tcp;
    let by_recv = matches!(program, Program::UntilClose | Program::Sticky | Program::OpenClose)
        || choice.settle.is_zero();
    let framing = if stream && !by_recv { settled(choice.settle) } else { None };
    let tells = if stream && by_recv { Tells::Reads } else { Tells::Messages };
    let read_sizes = if stream && by_recv { vec![CLASSIC_RECV] } else { Vec::new() };
    Plan {
        composer: Composer { encoding: choice.encoding, framing, ..Composer::default() },
        tells,
        read_sizes,
        idle_timeout: choice.idle_timeout,
        ..Plan::default()
    }
}

fn settled(silence: Duration) -> Option<Framing> {
    // A silence below a microsecond is none.
    Framing::new(Rule::Gap(silence)).and_then(|gap| gap.with_max(LONGEST)).ok()
}

fn word(text: &str, by: By, then: Then) -> Word {
    Word { text: text.to_owned(), by, then }
}

#[cfg(test)]
mod tests {
    use sockeye_workbench::lines::Wanting;

    use super::*;

    fn lines() -> Arc<Lines> {
        Arc::new(Lines::new(Wanting::EachTime))
    }

    fn choice(settle: Duration) -> Choice {
        Choice { encoding: Encoding::Auto, settle, reply: None, greeting: None, idle_timeout: None }
    }

    #[test]
    fn a_message_without_a_boundary_ends_by_silence_or_by_one_recv() {
        let plan = serving(Program::Chat, &choice(Duration::from_millis(50)), &lines());
        let framing = plan.composer.framing.map(|framing| framing.to_string());
        assert_eq!(framing.as_deref(), Some("gap:50ms,max=1MiB"));
        let plan = serving(Program::Chat, &choice(Duration::ZERO), &lines());
        assert_eq!((plan.composer.framing, plan.read_sizes), (None, vec![CLASSIC_RECV]));
    }

    #[test]
    fn a_datagram_is_a_message_by_itself() {
        let plan = serving(Program::UdpChat, &choice(Duration::from_millis(50)), &lines());
        assert_eq!((plan.composer.framing, plan.tells), (None, Tells::Messages));
    }

    #[test]
    fn a_reply_takes_the_place_of_the_keyboard() {
        let mut choice = choice(Duration::ZERO);
        assert!(serving(Program::Threaded, &choice, &lines()).turns.is_some());
        choice.reply = Some(Reply::Echo);
        assert!(serving(Program::Threaded, &choice, &lines()).turns.is_none());
    }
}
