//! The lessons, taken from the first step to the last: real sockets, in one process.

use std::sync::Arc;
use std::time::Duration;

use sockeye_classics::catalogue::{Program, ROWS, Transport};
use sockeye_classics::lesson::Lesson;
use sockeye_classics::lesson::error::LessonError;
use sockeye_classics::lesson::ground::Given;
use sockeye_classics::lesson::notes::{Line, Move};
use sockeye_classics::lesson::state::{Outcome, SideState, State};
use sockeye_classics::lesson::step::{Side, Tongue};
use sockeye_workbench::clock::Clock;
use sockeye_workbench::journal::{Journal, Outlets, Shown};
use sockeye_workbench::screen::screen;
use tempfile::TempDir;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// Longer than any line is behind its step.
const PATIENCE: Duration = Duration::from_secs(5);

/// A lesson, and what it was given.
struct Taken {
    lesson: Lesson,
    folder: TempDir,
    stop: CancellationToken,
}

fn journal() -> Arc<Journal> {
    let (screen, _nobody_reads) = screen(true);
    let outlets = Outlets { shown: Shown::Nothing, tape: None, reel: None, log: None, save: None };
    Arc::new(Journal::new(Clock::since(Instant::now()), screen, outlets))
}

fn open(program: Program, tongue: Tongue) -> Taken {
    let (folder, stop) = (tempfile::tempdir().expect("a folder"), CancellationToken::new());
    let given = Given {
        server: journal(),
        client: journal(),
        folder: folder.path().to_owned(),
        tongue,
        stop: stop.clone(),
    };
    Taken { lesson: Lesson::open(program, given).expect("a lesson"), folder, stop }
}

async fn to_the_end(lesson: &Lesson) -> State {
    loop {
        match lesson.next().await {
            Ok(()) => {}
            Err(LessonError::Over) => return lesson.state(),
            Err(error) => panic!("{error}"),
        }
    }
}

fn bytes(moves: &[Move], kind: &str) -> Vec<usize> {
    moves.iter().filter(|one| one.kind == kind).map(|one| one.len).collect()
}

#[tokio::test]
async fn each_lesson_can_be_taken_to_its_end_and_each_step_has_its_effect() {
    for tongue in [Tongue::English, Tongue::Chinese] {
        for row in &ROWS {
            let taken = open(row.program, tongue);
            let state = to_the_end(&taken.lesson).await;
            for step in &state.steps {
                assert_eq!(step.outcome, Some(Outcome::Done), "{} {}", row.name, step.text);
            }
            assert!(state.ended, "{}", row.name);
            assert_eq!(state.server.state, "over", "{}", row.name);
            assert!(!bytes(&state.server.moves, "in").is_empty(), "{}", row.name);
            assert!(!state.server.lines.is_empty() && !state.client.lines.is_empty());
        }
    }
}

#[tokio::test]
async fn two_sends_stick_together_and_one_is_cut() {
    let taken = open(Program::Sticky, Tongue::English);
    let state = to_the_end(&taken.lesson).await;
    assert_eq!(bytes(&state.client.moves, "out"), [5, 4]);
    assert_eq!(bytes(&state.server.moves, "in"), [2, 7]);
    let cuts: Vec<u64> =
        state.server.moves.iter().filter(|one| one.kind == "in").map(|one| one.off).collect();
    assert_eq!(cuts, [0, 2]);
}

#[tokio::test]
async fn an_own_text_stands_in_place_of_the_prepared_one_where_it_is_that_sides_turn() {
    let taken = open(Program::Chat, Tongue::English);
    for _ in 0..3 {
        taken.lesson.next().await.unwrap();
    }
    let before = taken.lesson.state();
    assert!(before.client.types && before.server.types);
    taken.lesson.say(Side::Client, "my own").await.unwrap();
    let after = taken.lesson.state();
    assert_eq!(after.at, before.at + 1);
    assert_eq!(bytes(&after.server.moves, "in"), ["my own".len()]);
}

#[tokio::test]
async fn who_says_bye_before_its_step_ends_the_talk_and_the_rest_is_left_out() {
    let taken = open(Program::Chat, Tongue::English);
    for _ in 0..3 {
        taken.lesson.next().await.unwrap();
    }
    taken.lesson.say(Side::Client, "bye").await.unwrap();
    let state = to_the_end(&taken.lesson).await;
    assert!(state.steps.iter().any(|step| step.outcome == Some(Outcome::Skipped)));
    assert!(state.steps.iter().all(|step| step.done));
}

#[tokio::test]
async fn a_side_that_nobody_types_at_says_so() {
    let taken = open(Program::Upper, Tongue::English);
    taken.lesson.next().await.unwrap();
    let said = taken.lesson.say(Side::Server, "hello").await;
    assert!(matches!(said, Err(LessonError::Unread(_))), "{said:?}");
    let said = taken.lesson.say(Side::Client, "hello").await;
    assert!(matches!(said, Err(LessonError::Unread(_))), "{said:?}");
}

#[tokio::test]
async fn commands_outside_the_fixed_list_are_not_run() {
    let taken = open(Program::CommandStruct, Tongue::English);
    for _ in 0..3 {
        taken.lesson.next().await.unwrap();
    }
    let outside = taken.folder.path().join("made-by-a-command");
    taken.lesson.say(Side::Client, &format!("touch {}", outside.display())).await.unwrap();
    let state = to_the_end(&taken.lesson).await;
    assert!(state.server.lines.iter().any(|line| line.text.contains("refused: `touch")));
    assert!(!outside.exists());
}

#[tokio::test]
async fn nothing_is_left_of_a_lessons_files_and_nothing_outside_is_given() {
    let taken = open(Program::Download, Tongue::English);
    let state = to_the_end(&taken.lesson).await;
    let came: usize = bytes(&state.client.moves, "in").iter().sum();
    assert_eq!(came, bytes(&state.server.moves, "out").iter().sum::<usize>());
    assert!(came > 1024, "one file, and nothing of the two others");
    let refused = state.server.lines.iter().filter(|line| line.text.contains("refused")).count();
    assert_eq!(refused, 2);
    let folder = taken.folder;
    drop(taken.lesson);
    // The programs hold their parts of it until they have seen the end.
    let gone = async {
        while std::fs::read_dir(folder.path()).unwrap().next().is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), gone).await.unwrap();
}

#[tokio::test]
async fn a_step_whose_asker_has_gone_is_not_taken_twice() {
    let taken = open(Program::UdpOnce, Tongue::English);
    for _ in 0..3 {
        taken.lesson.next().await.unwrap();
    }
    // The fourth waits for the client's time limit.
    let asked = tokio::time::timeout(std::time::Duration::from_millis(50), taken.lesson.next());
    assert!(asked.await.is_err());
    assert!(matches!(taken.lesson.next().await, Err(LessonError::Over)));
}

#[tokio::test]
async fn a_lesson_that_was_taken_to_its_end_is_over_and_cuts_nobody_off() {
    for row in &ROWS {
        let taken = open(row.program, Tongue::English);
        let state = to_the_end(&taken.lesson).await;
        let over = tokio::time::timeout(Duration::from_secs(10), taken.lesson.over());
        assert!(over.await.is_ok(), "{}", row.name);
        assert_eq!(state.client.state, "over", "{}", row.name);
        let opened = |side: &SideState| side.moves.iter().filter(|one| one.kind == "open").count();
        let closed = |side: &SideState| side.moves.iter().filter(|one| one.kind == "close").count();
        for side in [&state.server, &state.client] {
            assert_eq!(opened(side), closed(side), "{}", row.name);
        }
    }
}

#[tokio::test]
async fn ends_with_its_token() {
    let taken = open(Program::GreetingChat, Tongue::English);
    for _ in 0..4 {
        taken.lesson.next().await.unwrap();
    }
    taken.stop.cancel();
    assert!(matches!(taken.lesson.next().await, Err(LessonError::Over)));
    assert!(taken.lesson.state().ended);
}

/// A call as a line names it: its name, what it was given, and whether it only waits.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    name: String,
    given: String,
    waits: bool,
}

const NAMES: [&str; 12] = [
    "socket",
    "setsockopt",
    "bind",
    "listen",
    "accept",
    "connect",
    "connect_ex",
    "sendall",
    "sendto",
    "recv",
    "recvfrom",
    "shutdown",
];

/// The call that a line begins with, without the number of its conversation.
fn call(line: &str) -> Option<Call> {
    let line = match line.strip_prefix('#').and_then(|rest| rest.split_once(' ')) {
        Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => line,
    };
    let (name, rest) = line.split_once('(')?;
    if !NAMES.contains(&name) && name != "close" {
        return None;
    }
    let mut depth = 1;
    let end = rest.find(|letter| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        depth == 0
    })?;
    let (given, rest) = rest.split_at(end);
    let waits = rest.starts_with(") waits");
    Some(Call { name: name.to_owned(), given: given.to_owned(), waits })
}

/// Whether a call of the table is that one: a name of what is given stands for any value.
fn is(listed: &Call, made: &Call) -> bool {
    let any = listed.given.starts_with(|letter: char| letter.is_ascii_lowercase());
    listed.name == made.name && (any || made.given.is_empty() || listed.given == made.given)
}

/// Whether the calls that were made are those of the table, one by one. A call that waits is
/// begun and not over: it may be in the table, and need not.
fn are(listed: &[&str], lines: &[&str]) -> Result<(), String> {
    let made: Vec<Call> = lines.iter().filter_map(|line| call(line)).collect();
    let told = || format!("the table has {listed:#?}, the programs said {lines:#?}");
    let mut rest = made.as_slice();
    for text in listed {
        let (many, text) = match text.strip_prefix("while ").and_then(|text| text.split_once(": "))
        {
            Some((_, call)) => (true, call),
            None => (false, *text),
        };
        let wanted = call(text).ok_or_else(|| format!("`{text}` is no call"))?;
        let place = rest.iter().position(|one| is(&wanted, one)).ok_or_else(told)?;
        if rest.iter().take(place).any(|one| !one.waits) {
            return Err(told());
        }
        // One that waits and the same that then returned are one call.
        let waited = rest.get(place).is_some_and(|one| one.waits)
            && rest.get(place + 1).is_some_and(|one| is(&wanted, one));
        rest = rest.get(place + 1 + usize::from(waited)..).unwrap_or_default();
        while many && rest.first().is_some_and(|one| is(&wanted, one)) {
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    if rest.iter().any(|one| !one.waits) { Err(told()) } else { Ok(()) }
}

#[test]
fn calls_that_differ_are_seen() {
    let made = ["#1 recv(1024) waits for it", "#1 recv(1024) returned 3 bytes", "close(): done"];
    assert_eq!(are(&["recv(1024)", "close()"], &made), Ok(()));
    for other in [
        &["recv(1024)"][..],
        &["close()"],
        &["recv(10)", "close()"],
        &["close()", "recv(1024)"],
        &["recv(1024)", "recv(1024)", "close()"],
        &["recv(1024)", "shutdown(SHUT_WR)", "close()"],
    ] {
        assert!(are(other, &made).is_err(), "{other:?}");
    }
}

fn lines_at(side: &SideState, at: usize) -> Vec<&str> {
    let lines = side.lines.iter().filter(|line| line.at == at);
    lines.map(|line| line.text.as_str()).collect()
}

/// Whether what was said at the step is what the table has of it.
fn told(state: &State, at: usize) -> Result<(), String> {
    let step = state.steps.get(at).ok_or("there is no such step")?;
    let (doer, other) = match step.side {
        Side::Server => (&state.server, &state.client),
        Side::Client => (&state.client, &state.server),
    };
    are(step.calls, &lines_at(doer, at))?;
    are(step.sees, &lines_at(other, at))
}

/// What the table has of the step and what was said at it are the same; waits until they are: a
/// line may come a moment behind the sign by which a step is over.
async fn called_as_told(lesson: &Lesson, name: &str, at: usize) {
    let same = lesson.until(|state| told(state, at).is_ok());
    let came = timeout(PATIENCE, same).await.is_ok();
    assert!(came, "{name}, step {at}: {:?}", told(&lesson.state(), at));
}

#[tokio::test]
async fn the_calls_that_a_step_names_are_those_that_the_programs_make_at_it() {
    for row in &ROWS {
        let taken = open(row.program, Tongue::English);
        for at in 0..taken.lesson.state().steps.len() {
            taken.lesson.next().await.unwrap();
            called_as_told(&taken.lesson, row.name, at).await;
        }
    }
}

#[tokio::test]
async fn a_server_waits_from_the_step_on_at_which_it_is_told_to() {
    for row in &ROWS {
        let taken = open(row.program, Tongue::English);
        let state = to_the_end(&taken.lesson).await;
        let begun = |line: &&Line| {
            line.text.starts_with("accept() waits")
                || line.text.starts_with("recvfrom(65535) waits:")
        };
        let waits = state.server.lines.iter().find(begun).expect(row.name);
        let step = state.steps[waits.at].text.as_str();
        let served = ["accept", "accept-many", "recvfrom", "recv-sticky"];
        assert!(
            served.iter().any(|key| step == format!("lesson-steps.{key}")),
            "{}: {step}",
            row.name
        );
    }
}

#[tokio::test]
async fn a_long_file_comes_in_pieces_of_1024() {
    let taken = open(Program::Upload, Tongue::English);
    let state = to_the_end(&taken.lesson).await;
    let came = bytes(&state.server.moves, "in");
    assert!(came.iter().all(|len| *len <= 1024), "{came:?}");
    assert!(came.len() >= 2 + 1 + 2 + 5, "{came:?}");
}

#[tokio::test]
async fn a_chinese_lesson_says_nothing_in_english_but_calls_and_names() {
    let mut unsaid = Vec::new();
    for row in &ROWS {
        let taken = open(row.program, Tongue::Chinese);
        let state = to_the_end(&taken.lesson).await;
        for line in state.server.lines.iter().chain(&state.client.lines) {
            let chinese =
                line.text.chars().any(|letter| ('\u{4e00}'..'\u{9fff}').contains(&letter));
            let bare = call(&line.text).is_some() && line.text.ends_with(')');
            let english = [" the ", " is ", " a ", " of ", " it "]
                .iter()
                .any(|word| line.text.contains(word));
            if !(chinese || bare) || english {
                unsaid.push(format!("{}: {}", row.name, line.text));
            }
        }
    }
    assert!(unsaid.is_empty(), "{unsaid:#?}");
}

#[tokio::test]
async fn a_text_stands_beside_its_bytes() {
    for (program, bytes) in [
        (Program::Chat, r"b'\xe4\xbd\xa0\xe5\xa5\xbd' (你好)"),
        (Program::Thanks, r"\xc0\xf1\xce\xef' ("),
    ] {
        let taken = open(program, Tongue::Chinese);
        let state = to_the_end(&taken.lesson).await;
        assert!(state.server.lines.iter().any(|line| line.text.contains(bytes)), "{program:?}");
    }
}

#[tokio::test]
async fn no_datagram_lesson_speaks_of_an_end_that_goes_over() {
    for row in ROWS.iter().filter(|row| row.transport == Transport::Udp) {
        let taken = open(row.program, Tongue::English);
        let state = to_the_end(&taken.lesson).await;
        for line in state.server.lines.iter().chain(&state.client.lines) {
            assert!(
                !line.text.contains("FIN") && !line.text.contains("closed first"),
                "{}",
                line.text
            );
        }
    }
}

#[tokio::test]
async fn no_lesson_names_a_flag_or_counts_frames() {
    for row in &ROWS {
        let taken = open(row.program, Tongue::English);
        let state = to_the_end(&taken.lesson).await;
        for line in state.server.lines.iter().chain(&state.client.lines) {
            for wrong in ["`--", " frame", "(error)", " 1 bytes", "open: "] {
                assert!(!line.text.contains(wrong), "{}: {}", row.name, line.text);
            }
        }
    }
}
