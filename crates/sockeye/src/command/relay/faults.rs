//! `sockeye relay --fault`: the faults in force, and the lines that change them.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;
use sockeye_net::endpoint::{Endpoint, Target};
use sockeye_workbench::fault::seed::drawn;
use sockeye_workbench::fault::shared::Faults;
use sockeye_workbench::fault::typed::{Answer, in_force, misfit, obey};
use sockeye_workbench::fault::{Carrier, Fault, MOST};
use sockeye_workbench::journal::Journal;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio_util::sync::CancellationToken;

use crate::args::talk::Relay;
use crate::editor::Keyed;
use crate::failure::Failed;
use crate::stage::Stage;

/// A line that is longer, in bytes, is no command.
const LONGEST_LINE: u64 = 64 * 1024;

/// Whether a person can type at this relay: at a terminal that is ours, unless stdin is
/// relayed. In the background a read from it would stop us.
pub(super) fn has_keyboard((left, right): &(Endpoint, Endpoint)) -> bool {
    let relayed = [left, right].iter().any(|end| matches!(end.target, Target::Stdio));
    !relayed && io::stdin().is_terminal() && tcgetpgrp(io::stdin()).is_ok_and(|p| p == getpgrp())
}

/// The faults of the command line, if there are any or a person can set some.
pub(super) fn of(args: &Relay, left: &Endpoint, keyboard: bool) -> Result<Option<Faults>, Failed> {
    let faults: Vec<Fault> = args.fault.iter().flat_map(|spec| spec.0.clone()).collect();
    if faults.len() > MOST {
        let text = format!("{} faults are more than {MOST}", faults.len());
        return Err(Failed::usage(text, "fewer: some of them may say the same"));
    }
    if let Some(why) = misfit(&faults, carrier(left)) {
        let text = format!("{why}, and `{left}` is another sort");
        return Err(Failed::usage(text, "`sockeye relay --help` names the faults"));
    }
    if args.fault.is_empty() && !keyboard {
        return Ok(None);
    }
    Ok(Some(Faults::new(faults, args.seed.unwrap_or_else(drawn))))
}

/// Says which faults are in force, and begins to take lines that change them.
pub(super) fn begin(
    args: &Relay,
    ends: &(Endpoint, Endpoint),
    faults: &Arc<Faults>,
    stage: &mut Stage,
) {
    if !args.fault.is_empty() {
        stage.journal.say(format!("note: {}", in_force(faults)));
    }
    let desk = Desk {
        faults: Arc::clone(faults),
        carrier: carrier(&ends.0),
        journal: Arc::clone(&stage.journal),
        stop: stage.stop.clone(),
    };
    let relayed = [&ends.0, &ends.1].iter().any(|end| matches!(end.target, Target::Stdio));
    match stage.typed.take() {
        Some(mut typed) => {
            let interrupted = stage.interruption();
            tokio::spawn(async move {
                while let Some(keyed) = typed.recv().await {
                    match keyed {
                        Keyed::Line(line) => desk.obey(&line),
                        Keyed::Interrupt => return interrupted(),
                        Keyed::End => return,
                    }
                }
            });
        }
        None if relayed || io::stdin().is_terminal() => {}
        None => drop(tokio::spawn(desk.lines())),
    }
}

fn carrier(left: &Endpoint) -> Carrier {
    if left.is_datagram() { Carrier::Datagrams } else { Carrier::Streams }
}

/// Where lines are carried out.
struct Desk {
    faults: Arc<Faults>,
    carrier: Carrier,
    journal: Arc<Journal>,
    stop: CancellationToken,
}

impl Desk {
    /// Takes the lines of a stdin that is no terminal. Its end ends nothing.
    async fn lines(self) {
        let mut input = BufReader::new(tokio::io::stdin());
        loop {
            let mut line = Vec::new();
            let reading = (&mut input).take(LONGEST_LINE);
            match { reading }.read_until(b'\n', &mut line).await {
                Ok(1..) => self.obey(&String::from_utf8_lossy(&line)),
                Ok(0) | Err(_) => return,
            }
        }
    }

    fn obey(&self, line: &str) {
        match obey(line, &self.faults, self.carrier) {
            Answer::Nothing => {}
            Answer::Say(text) => self.journal.say(text),
            Answer::Quit => self.stop.cancel(),
        }
    }
}
