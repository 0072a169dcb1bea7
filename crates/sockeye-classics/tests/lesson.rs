//! The lessons, taken from the first step to the last: real sockets, in one process.

use std::sync::Arc;

use sockeye_classics::catalogue::{Program, ROWS};
use sockeye_classics::lesson::Lesson;
use sockeye_classics::lesson::error::LessonError;
use sockeye_classics::lesson::ground::Given;
use sockeye_classics::lesson::notes::Move;
use sockeye_classics::lesson::state::{Outcome, State};
use sockeye_classics::lesson::step::{Side, Tongue};
use sockeye_workbench::clock::Clock;
use sockeye_workbench::journal::{Journal, Outlets, Shown};
use sockeye_workbench::screen::screen;
use tempfile::TempDir;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

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
async fn ends_with_its_token() {
    let taken = open(Program::GreetingChat, Tongue::English);
    for _ in 0..4 {
        taken.lesson.next().await.unwrap();
    }
    taken.stop.cancel();
    assert!(matches!(taken.lesson.next().await, Err(LessonError::Over)));
    assert!(taken.lesson.state().ended);
}
