//! How a lesson stands, as JSON for a page.

use serde::Serialize;

use crate::catalogue::Program;
use crate::lesson::ground::{COMMANDS, Ground, UPLOADS};
use crate::lesson::notes::{Line, Move};
use crate::lesson::step::{Deed, Side, Step};

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Done, and its effect was seen.
    Done,
    /// Done, and its effect was not seen in time.
    Late,
    /// Left out: who would have done it has ended.
    Skipped,
}

/// How far it has come, and what the programs are doing.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    pub(super) at: usize,
    pub(super) outcomes: Vec<Option<Outcome>>,
    pub(super) endpoint: Option<String>,
    pub(super) server: &'static str,
    pub(super) server_types: bool,
    pub(super) server_waiting: usize,
    pub(super) client: &'static str,
    pub(super) client_types: bool,
    pub(super) client_waiting: usize,
}

/// A step as a page shows it.
#[derive(Clone, Debug, Serialize)]
pub struct StepState {
    /// Whose doing it is.
    pub side: Side,
    /// Its calls.
    pub calls: &'static [&'static str],
    /// The calls that return by it on the other side.
    pub sees: &'static [&'static str],
    /// The key of its text.
    pub text: String,
    /// The prepared text, where something is typed.
    pub types: Option<&'static str>,
    /// Whether one's own text can stand in its place.
    pub free: bool,
    /// Keys of what is told wrong at this point.
    pub wrong: &'static [&'static str],
    /// Whether it has been taken.
    pub done: bool,
    /// What became of it.
    pub outcome: Option<Outcome>,
}

/// A side as a page shows it.
#[derive(Clone, Debug, Serialize)]
pub struct SideState {
    /// The run that its events are recorded in; the page's own number for it.
    pub run: Option<u64>,
    /// `absent`, `bound`, `open` or `over`.
    pub state: &'static str,
    /// Where it stands, of a server that is bound.
    pub endpoint: Option<String>,
    /// Whether something can be typed there now.
    pub types: bool,
    /// What can be typed, where not everything makes sense.
    pub choices: &'static [&'static str],
    /// Lines that wait for their turn.
    pub waiting: usize,
    /// What it said.
    pub lines: Vec<Line>,
    /// What it received and sent.
    pub moves: Vec<Move>,
}

/// The command lines that do the same in a terminal.
#[derive(Clone, Debug, Serialize)]
pub struct Commands {
    /// In the first one.
    pub server: String,
    /// In the second one.
    pub client: String,
}

/// How a lesson stands.
#[derive(Clone, Debug, Serialize)]
pub struct State {
    /// The program's name.
    pub program: &'static str,
    /// The key of its title.
    pub title: String,
    /// `tcp` or `udp`.
    pub transport: String,
    /// Its steps.
    pub steps: Vec<StepState>,
    /// The step that comes next, by its place; beyond the last: none.
    pub at: usize,
    /// The server.
    pub server: SideState,
    /// The client, or both of them.
    pub client: SideState,
    /// The same in a terminal.
    pub commands: Commands,
    /// Whether nothing more can be done.
    pub ended: bool,
}

impl State {
    pub(super) fn of(ground: &Ground, steps: &[Step], progress: &Progress, ended: bool) -> Self {
        let (program, tongue) = (ground.program, ground.given.tongue);
        let row = program.row();
        let shown = steps.iter().enumerate().map(|(place, step)| {
            let outcome = progress.outcomes.get(place).copied().flatten();
            StepState {
                side: step.deed.seat().side(),
                calls: step.calls,
                sees: step.sees,
                text: format!("lesson-steps.{}", step.key),
                types: step.deed.typed(tongue),
                free: matches!(step.deed, Deed::Type(..)),
                wrong: step.wrong,
                done: outcome.is_some(),
                outcome,
            }
        });
        let (moves, lines) = ground.notes.of(Side::Server);
        let server = SideState {
            run: None,
            state: named(progress.server),
            endpoint: progress.endpoint.clone(),
            types: progress.server_types && progress.server != "over" && !ended,
            choices: &[],
            waiting: progress.server_waiting,
            lines,
            moves,
        };
        let (moves, lines) = ground.notes.of(Side::Client);
        let client = SideState {
            run: None,
            state: named(progress.client),
            endpoint: None,
            types: progress.client_types && !ended,
            choices: choices(program),
            waiting: progress.client_waiting,
            lines,
            moves,
        };
        Self {
            program: row.name,
            title: format!("lessons.{}.title", row.name),
            transport: row.transport.to_string(),
            steps: shown.collect(),
            at: progress.at,
            server,
            client,
            commands: commands(program),
            ended: ended || progress.at >= steps.len(),
        }
    }
}

fn named(state: &'static str) -> &'static str {
    if state.is_empty() { "absent" } else { state }
}

fn choices(program: Program) -> &'static [&'static str] {
    match program {
        Program::CommandAscii | Program::CommandStruct => &COMMANDS,
        Program::Upload => &UPLOADS,
        Program::Download => &["poem.txt", "missing.txt", "../secret.txt"],
        _ => &[],
    }
}

/// The same in two terminals.
pub fn commands(program: Program) -> Commands {
    let name = program.row().name;
    let (serve, connect) = match program {
        Program::Thanks => (" --encoding gbk", " --encoding gbk"),
        Program::Sticky => (" --read-size 2,10", ""),
        Program::CommandAscii | Program::CommandStruct => (" --allow echo date uname ls", ""),
        Program::Download => (" --root .", " poem.txt"),
        Program::Upload => (" --root .", " letter.txt"),
        Program::HmacChat => (" --secret-file secret", " --secret-file secret"),
        Program::Broadcast => ("", " xiaocy"),
        _ => ("", ""),
    };
    Commands {
        server: format!("sockeye classic {name} serve{serve} --explain"),
        client: format!("sockeye classic {name} connect{connect} --explain"),
    }
}
